"""What a reader of a scenario's results should know before trusting them."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise

import numpy as np

from sim.base.calendar import bank_holidays, holiday_years
from sim.base.figures import people_of
from sim.base.package_data import by_name
from sim.inputs.assumptions import as_it_ships
from sim.inputs.framework import Framework, Role
from sim.inputs.parameter_draws import INFERRED, off_centre, shares_of_policies
from sim.inputs.people_in_post import KEY, of_role
from sim.inputs.posts import posts_of
from sim.inputs.scenario import Scenario
from sim.inputs.scenario_files import framework_that_ships
from sim.inputs.shocks import Departures, Duty, Recruitment
from sim.inputs.toml_tree import UNSOURCED, Note, parse, split_notes
from sim.inputs.workforce_rules import WorkforceRules


def warnings(scenario: Scenario) -> list[str]:
    """What a reader of the results should know before trusting them."""
    found = list(scenario.understood)
    found += _notes_of_rows(scenario)
    found += people_for_another_table(scenario)
    found += _people_left_out(scenario)
    found += _assumed_effects(scenario)
    found += _draws_off_centre(scenario)
    found += _settings_without_effect(scenario)
    found += _timetable(scenario)
    found += _of_one_framework(scenario)
    found += _shocks_never_felt(scenario)
    for name in scenario.framework:
        found += _without_lead(scenario, name, scenario.frameworks[name])
        found += _impossible_teams(scenario, name, scenario.frameworks[name])
        found += _progress_never_found(name, scenario.frameworks[name])
        found += _contacts_not_reached(name, scenario.frameworks[name])
    return found


def _notes_of_rows(scenario: Scenario) -> Iterator[str]:
    """Notes that rows of the table of authorities carry, with how many do; the commonest, where there are many."""
    notes = Counter(row.note for row in scenario.authorities if row.note)
    if not notes:
        return
    told = notes.most_common(MOST_NOTES if len(notes) <= MOST_NOTES else MOST_NOTES - 1)
    rows = len(scenario.authorities)
    yield from (f"{count} of {rows} authorities carry a note: {note}" for note, count in told)
    others = notes.total() - sum(count for _, count in told)
    if others:
        yield f"{others} of {rows} authorities carry one of {len(notes) - len(told)} other notes"


MOST_NOTES = 3
"""Lines about the notes of rows."""


def people_for_another_table(scenario: Scenario) -> Iterator[str]:
    """Tell of people who are meant for a table of far more or fewer authorities than that of the user."""
    if not scenario.extended:
        return
    base = as_it_ships(scenario.extended)
    here, there = len(scenario.authorities), len(base.authorities)
    if abs(here - there) <= SAME_TABLE * there:
        return
    roles = scenario.workforce.roles
    meant = {
        role: rules.people
        for role, rules in roles.items()
        if base.workforce.roles.get(role) is not None
        and rules.people == base.workforce.roles[role].people
        and not scenario.workforce.people_in_post(role)
        and scenario.notes.get(f"workforce.roles.{role}.people") == base.notes.get(f"workforce.roles.{role}.people")
    }
    if any(meant.values()):
        meant = {role: count for role, count in meant.items() if count}
        people = ", ".join(f"{count} {role}" for role, count in meant.items())
        keys = ", ".join(f"workforce.roles.{role}.people" for role in meant)
        yield (
            f"there are {here} authorities, and {sum(meant.values())} people ({people}) who are meant for the {there} "
            f"of {scenario.extended}; if they are not yours, set {keys}"
        )


SAME_TABLE = 0.1
"""Share by which a table may be larger or smaller than another for which people are meant."""


def _of_one_framework(scenario: Scenario) -> Iterator[str]:
    """Rules that were changed in one framework of several, and in which part of the time they hold."""
    names = [name for name in scenario.framework if _part_of(scenario, name) is not None]
    if len(names) < 2:  # noqa: PLR2004 - what is changed in the only one holds all the time
        return
    changed = {name: set(_changed_rules(scenario, name)) for name in names}
    for name in names:
        others = [other for other in names if other != name]
        alone = sorted(key for key in changed[name] if any(key not in changed[other] for other in others))
        if alone:
            others_of_it = len(alone) - 1
            more = f" and {others_of_it} more key{'s' if others_of_it > 1 else ''} hold" if others_of_it else " holds"
            yield (
                f"frameworks.{name}.{alone[0]}{more} {_part_of(scenario, name)} alone: for the rest of the time "
                f"{', '.join(others)} {'is as it was' if len(others) == 1 else 'are as they were'}"
            )


def _changed_rules(scenario: Scenario, name: str) -> Iterator[str]:
    """Keys of a framework that the user has changed, with a source or without."""
    prefix = f"frameworks.{name}."
    ships = framework_that_ships(name).notes if name in by_name("frameworks") else None
    for path, note in scenario.notes.items():
        key = path.removeprefix(prefix)
        as_shipped = ships is None or note == ships.get(key) or (path, note) in _notes_that_ship()
        if key != path and (note == UNSOURCED or not as_shipped):
            yield key


@cache
def _notes_that_ship() -> frozenset[tuple[str, Note]]:
    """Notes of the scenarios that ship, with their paths."""
    sheets = (split_notes(parse(text, name), name) for name, text in by_name("scenarios").items())
    return frozenset(each for sheet in sheets for each in sheet.notes.items())


def _part_of(scenario: Scenario, name: str) -> str | None:
    """Part of the time simulated in which a framework holds, in words; None if it never does."""
    names = list(scenario.framework)
    place = names.index(name)
    days = [scenario.start, *(scenario.frameworks[each].in_force_from for each in names[1:]), scenario.end]
    first = max(days[place], scenario.start)
    before = min(*days[place + 1 :], scenario.end)
    return f"from {first} to {before - datetime.timedelta(days=1)}" if first < before else None


def _people_left_out(scenario: Scenario) -> Iterator[str]:
    """Rows of the table of people in post that the run does not have."""
    workforce = scenario.workforce
    for role, rules in workforce.roles.items():
        rows = len(of_role(workforce.in_post or (), role))
        if rows > rules.people:
            yield (
                f"{KEY} has {rows} rows of {role}, and workforce.roles.{role}.people is {rules.people}: "
                f"{rows - rules.people} of them who joined last in their regions are left out"
            )
    days = [row.start for role in workforce.roles for row in workforce.people_in_post(role) if row.start is not None]
    late = [day for day in days if day >= scenario.end]
    if late:
        yield f"{KEY}: {len(late)} join after the run has ended, on {min(late)} or later, and are never there"


def _progress_never_found(name: str, framework: Framework) -> Iterator[str]:
    for judgement, pathway in framework.pathways.items():
        monitoring = None if pathway.monitoring is None else pathway.monitoring.rules
        progress = None if monitoring is None else monitoring.enough_progress
        if monitoring is not None and progress is not None and progress.from_visit >= monitoring.visits["high"]:
            yield (
                f"{name}: monitoring of {judgement} authorities never ends early: enough progress may be found from "
                f"visit {progress.from_visit} on, and there are {monitoring.visits['high']} at most"
            )


def _contacts_not_reached(name: str, framework: Framework) -> Iterator[str]:
    """Visits between inspections whose windows never open before that of the inspection does."""
    for judgement, pathway in framework.pathways.items():
        opens = pathway.interval_months - pathway.window_before_months
        for contact in pathway.between:
            rules = contact.rules
            due = [rules.months_to(number, pathway.interval_months) for number in range(1, rules.most + 1)]
            late = [str(months) for months in due if months - rules.window_months >= opens]
            if late:
                yield (
                    f"{name}: pathways.{judgement}.contacts.{contact.name} is not asked for after {', '.join(late)} "
                    f"months: the window of the inspection opens first, after {opens} months"
                )


def _draws_off_centre(scenario: Scenario) -> Iterator[str]:
    """What is not taken from a table of draws, though its reader may think so."""
    if scenario.draws is None:
        return
    for column, middle, value in off_centre(scenario.draws, scenario.own):
        yield (
            f"draws.{column} has its middle at {middle:g}, and the scenario's own value is {value:g}: a run takes the "
            "scenario's value, times the draw over that middle"
        )
    if len(next(iter(scenario.draws.values()))) == 1:
        yield "draws holds one draw, so every run has the values given"


def _settings_without_effect(scenario: Scenario) -> Iterator[str]:
    """Settings of the planning that cannot act beside the others.

    Scenarios that ship hold the numbers of a levelled programme whatever their own is. So of these a caveat names only
    what the user has set.
    """
    rules, policies = scenario.planning, shares_of_policies(scenario.draws, scenario.planning)
    for column, shares in policies.items():
        if column not in (scenario.draws or {}):
            yield f"{column} is {INFERRED}, and no draws say it: every run takes {next(iter(shares))}"
    usual = {name: field.default for name, field in type(rules).model_fields.items()}
    idle = [name for name in ONLY_OPTIMISED if getattr(rules, name) != usual[name] or _set_by_user(scenario, name)]
    if idle and rules.programme != "optimised":
        yield f"{_idle(idle)}: planning.programme is {rules.programme}, and only optimised plans anew"
    runs = policies.get("planning.programme", {rules.programme: 1.0})
    idle = [name for name in NOT_DRAWN if _set_by_user(scenario, name)]
    if idle and runs.get("drawn") == 1:
        yield f"{_idle(idle)}: planning.programme draws every week at random"
    if rules.plan is not None and rules.programme == "optimised":
        yield (
            f"planning.plan keeps its weeks: planning.programme = {rules.programme} plans anew only the visits for "
            "which the plan has no row"
        )


ONLY_OPTIMISED = ("frozen_weeks", "most_moved_share", "change_price", "gap")
NOT_DRAWN = ("margin_weeks", "monitoring_weeks")
"""Numbers of the planning that act only if the programme is optimised, or if it is not drawn."""


def _set_by_user(scenario: Scenario, name: str) -> bool:
    return scenario.notes.get(f"planning.{name}") == UNSOURCED


def _idle(names: Sequence[str]) -> str:
    keys = ", ".join(f"planning.{name}" for name in names)
    return f"{keys} {'changes' if len(names) == 1 else 'change'} nothing"


def _assumed_effects(scenario: Scenario) -> Iterator[str]:
    contact, intervention = scenario.ratings.contact, scenario.ratings.intervention
    for name, better, worse in (
        ("contact", contact.improvement, contact.decline),
        ("intervention", intervention.improvement, intervention.decline),
    ):
        if better or worse:
            yield (
                f"ratings.{name} changes the drift (improvement {better:+.0%}, decline {worse:+.0%}): that "
                "is an assumption, and the drift fitted already holds whatever visits did from 2013 to 2022"
            )


def _timetable(scenario: Scenario) -> Iterator[str]:
    """What the dates of the frameworks make of the timetable: the first one holds from the start, whatever its date."""
    begins = {name: scenario.frameworks[name].in_force_from for name in scenario.framework}
    first, *later = begins
    if begins[first] > scenario.start:
        yield (
            f"{first} holds from the start, {scenario.start}, as it is the first that framework names, "
            f"although it came into force on {begins[first]}"
        )
    for name, successor in pairwise(begins):
        if begins[successor] <= scenario.start:
            yield f"{name} is never used: {successor}, in force from {begins[successor]}, holds at the start already"
    for name in later:
        if begins[name] >= scenario.end:
            yield f"{name} is never used: it comes into force on {begins[name]}, and the run ends before {scenario.end}"


def _shocks_never_felt(scenario: Scenario) -> Iterator[str]:
    """Shocks of which no day is simulated."""
    for name, shock in scenario.shocks.items():
        if isinstance(shock, Departures):
            yield from _more_than_there_are(scenario, name, shock)
        if isinstance(shock, Duty):
            yield from _more_than_they_give(scenario, name, shock)
        if isinstance(shock, Recruitment):
            yield from _campaign_never_felt(scenario, name, shock)
            continue
        stays = isinstance(shock, Duty) and shock.ends_on is None
        last = getattr(shock, "ends_on", None) or shock.begins_on
        if last < scenario.start and not stays:
            yield f"shocks.{name} changes nothing: it is over on {last}, and the run begins on {scenario.start}"
        if shock.begins_on >= scenario.end:
            begins, end = shock.begins_on, scenario.end
            yield f"shocks.{name} changes nothing: it begins on {begins}, and the run ends before {end}"


def _more_than_there_are(scenario: Scenario, name: str, shock: Departures) -> Iterator[str]:
    """People who are to leave, where the start has fewer, or where a share of them is nobody."""
    posts = posts_of(shock.role, scenario.workforce, scenario.authorities_by_region)
    there = sum((post.may_lead or not shock.leads) and shock.region in (None, post.region) for post in posts)
    who = f"{shock.role}{' who may lead' if shock.leads else ''}{f' of {shock.region}' if shock.region else ''}"
    if shock.people is not None and shock.people > there:
        yield f"shocks.{name}: {shock.people} {who} are to leave, and {there} are in post at the start"
    if shock.people_share is not None and not round(shock.people_share * there):
        yield f"shocks.{name}: {shock.people_share:g} of {there} {who} is nobody, in whole people"


def _more_than_they_give(scenario: Scenario, name: str, shock: Duty) -> Iterator[str]:
    """A duty of more days than people give to visits."""
    rules = scenario.workforce
    at_work = _workdays_a_year() - rules.leave_days - rules.training_days - rules.sick_days
    gives = rules.roles[shock.role].programme_share * at_work
    if shock.days_a_year >= gives:
        yield (
            f"shocks.{name}: a duty of {shock.days_a_year:g} days a year leaves {shock.role} no time for visits: a "
            f"full-timer gives them {gives:.0f} days"
        )


@cache
def _workdays_a_year() -> float:
    """Weekdays of a year without its bank holidays, mean of the years that the table that ships covers."""
    years, holidays = holiday_years(), sorted(bank_holidays())
    first, after = (np.datetime64(f"{year}-01-01") for year in (years.start, years.stop))
    return float(np.busday_count(first, after, holidays=np.array(holidays, dtype="datetime64[D]"))) / len(years)


def _campaign_never_felt(scenario: Scenario, name: str, shock: Recruitment) -> Iterator[str]:
    joins, leaves = scenario.days_in_post(shock)
    said = f"shocks.{name} changes nothing: its people would join on {joins}"
    if joins <= scenario.start:
        yield f"{said}, before the run begins on {scenario.start}"
    elif joins >= scenario.end:
        yield f"{said}, and the run ends before {scenario.end}"
    elif leaves is not None and joins > leaves:
        yield f"{said}, after the end of their term on {leaves}"


def _without_lead(scenario: Scenario, name: str, framework: Framework) -> Iterator[str]:
    """Kinds of visit that can never begin, since nobody may lead them or their lead gives no time."""
    for key in ("may_lead_share", "programme_share"):
        idle = {role: why for role in scenario.workforce.roles if (why := _why_idle(scenario.workforce, role, key))}
        kinds: dict[str, list[str]] = {}
        for kind, rules in framework.visits.items():
            kinds.setdefault(rules.team["lead"].role, []).append(kind)
        for role in set(idle) & set(kinds):
            yield (
                f"{name}: visits of the kind {', '.join(kinds[role])} can never begin: their lead is a {role}, "
                f"and {idle[role]}"
            )


def _why_idle(workforce: WorkforceRules, role: Role, key: str) -> str:
    """Why the people of a role can lead no visit, by their share who may or their share of time; empty if they can."""
    rules = workforce.roles[role]
    table = workforce.people_in_post(role) if key == "may_lead_share" else []
    drawn = rules.people - len(table)
    if not rules.people or any(person.may_lead for person in table) or (drawn and getattr(rules, key)):
        return ""
    of_table, of_share = f"nobody of {KEY} may lead", f"workforce.roles.{role}.{key} is 0"
    return " and ".join([of_table] * bool(table) + [of_share] * bool(drawn))


def _impossible_teams(scenario: Scenario, name: str, framework: Framework) -> Iterator[str]:
    sizes = {row.size for row in scenario.authorities}
    short: dict[Role, dict[str, int]] = {}
    for kind, rules in framework.visits.items():
        needed: Counter[str] = Counter()
        for seat in rules.team.values():
            needed[seat.role] += max(seat.people[size] for size in sizes)
        for role, people in needed.items():
            there = scenario.workforce.roles[role].people  # validated: every role of a seat is there
            if people > there:
                short.setdefault(role, {})[kind] = people
    for role, kinds in short.items():
        visits = ", ".join(f"{kind} {people}" for kind, people in kinds.items())
        there = scenario.workforce.roles[role].people
        yield f"{name}: of {people_of(role)} visits need more than the {there} in post, so some never begin: {visits}"
