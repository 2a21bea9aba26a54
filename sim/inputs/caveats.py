"""Lists what readers of a scenario's results should know before trusting them."""

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
from sim.inputs.assumptions import as_it_ships, shipped_beside
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
    """List what readers of the results should know before trusting them."""
    found = list(scenario.understood)
    found += _notes_of_rows(scenario)
    found += people_for_another_table(scenario)
    found += table_of_another_day(scenario)
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
    """Yield the notes in the table of authorities, each with its number of rows; only the commonest if there are
    many.
    """
    notes = Counter(row.note for row in scenario.authorities if row.note)
    if not notes:
        return
    told = notes.most_common(MOST_NOTES if len(notes) <= MOST_NOTES else MOST_NOTES - 1)
    rows = len(scenario.authorities)
    yield from (f"{count} of {rows} authorities have a note: {note}" for note, count in told)
    others = notes.total() - sum(count for _, count in told)
    if others:
        yield f"{others} of {rows} authorities have one of {len(notes) - len(told)} other notes"


MOST_NOTES = 3
"""Most lines about notes in the table."""


def people_for_another_table(scenario: Scenario) -> Iterator[str]:
    """Warn if the head-counts belong to a table with far more or fewer authorities than the user's."""
    base = as_it_ships(scenario.extended) if scenario.extended else shipped_beside(scenario)
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
            f"there are {here} authorities, but the {sum(meant.values())} people ({people}) are meant for the {there} "
            f"of {base.name}; to use your own head-counts, set {keys}"
        )


SAME_TABLE = 0.1
"""Share by which a table's length may differ before its head-counts are questioned."""


def table_of_another_day(scenario: Scenario) -> Iterator[str]:
    """Warn if the start has moved away from the day that a built-in table describes."""
    base = as_it_ships(scenario.extended) if scenario.extended else shipped_beside(scenario)
    if scenario.start > base.start and scenario.authorities == base.authorities:
        yield (
            f"the run starts on {scenario.start}, but the table of authorities is that of {base.start}: inspections "
            "between the two days are missing, so too many are overdue; to start later, use a table of that day"
        )


def _of_one_framework(scenario: Scenario) -> Iterator[str]:
    """Warn about rules changed in only one of several frameworks, and say in which part of the time they apply."""
    names = [name for name in scenario.framework if _part_of(scenario, name) is not None]
    if len(names) < 2:  # noqa: PLR2004 - changes in the only framework always apply
        return
    changed = {name: set(_changed_rules(scenario, name)) for name in names}
    for name in names:
        others = [other for other in names if other != name]
        alone = sorted(key for key in changed[name] if any(key not in changed[other] for other in others))
        if alone:
            others_of_it = len(alone) - 1
            more = (
                f" and {others_of_it} more key{'s' if others_of_it > 1 else ''} apply" if others_of_it else " applies"
            )
            yield (
                f"frameworks.{name}.{alone[0]}{more} only {_part_of(scenario, name)}: for the rest of the time "
                f"{', '.join(others)} {'is' if len(others) == 1 else 'are'} unchanged"
            )


def _changed_rules(scenario: Scenario, name: str) -> Iterator[str]:
    """Yield the keys of a framework that the user has changed, with or without a source."""
    prefix = f"frameworks.{name}."
    ships = framework_that_ships(name).notes if name in by_name("frameworks") else None
    for path, note in scenario.notes.items():
        key = path.removeprefix(prefix)
        as_shipped = ships is None or note == ships.get(key) or (path, note) in _notes_that_ship()
        if key != path and (note == UNSOURCED or not as_shipped):
            yield key


@cache
def _notes_that_ship() -> frozenset[tuple[str, Note]]:
    """Return the notes of the built-in scenarios, with their paths."""
    sheets = (split_notes(parse(text, name), name) for name, text in by_name("scenarios").items())
    return frozenset(each for sheet in sheets for each in sheet.notes.items())


def _part_of(scenario: Scenario, name: str) -> str | None:
    """Say in which part of the simulated time a framework applies; None if it never does."""
    names = list(scenario.framework)
    place = names.index(name)
    days = [scenario.start, *(scenario.frameworks[each].in_force_from for each in names[1:]), scenario.end]
    first = max(days[place], scenario.start)
    before = min(*days[place + 1 :], scenario.end)
    return f"from {first} to {before - datetime.timedelta(days=1)}" if first < before else None


def _people_left_out(scenario: Scenario) -> Iterator[str]:
    """Warn about rows of the table of people in post that the run does not use."""
    workforce = scenario.workforce
    for role, rules in workforce.roles.items():
        rows = len(of_role(workforce.in_post or (), role))
        if rows > rules.people:
            yield (
                f"{KEY} has {rows} rows of {role}, but workforce.roles.{role}.people is {rules.people}: the run leaves "
                f"out {rows - rules.people} of them, those who joined last in their regions"
            )
    days = [row.start for role in workforce.roles for row in workforce.people_in_post(role) if row.start is not None]
    late = [day for day in days if day >= scenario.end]
    if late:
        yield f"{KEY}: people who join only after the run has ended: {len(late)}, on {min(late)} or later"


def _progress_never_found(name: str, framework: Framework) -> Iterator[str]:
    for judgement, pathway in framework.pathways.items():
        monitoring = None if pathway.monitoring is None else pathway.monitoring.rules
        progress = None if monitoring is None else monitoring.enough_progress
        if monitoring is not None and progress is not None and progress.from_visit >= monitoring.visits["high"]:
            yield (
                f"{name}: monitoring of {judgement} authorities never ends early: only visit {progress.from_visit} or "
                f"later may find enough progress, but there are at most {monitoring.visits['high']} visits"
            )


def _contacts_not_reached(name: str, framework: Framework) -> Iterator[str]:
    """Warn about visits between inspections whose windows never open before the inspection's."""
    for judgement, pathway in framework.pathways.items():
        opens = pathway.interval_months - pathway.window_before_months
        for contact in pathway.between:
            rules = contact.rules
            due = [rules.months_to(number, pathway.interval_months) for number in range(1, rules.most + 1)]
            late = [str(months) for months in due if months - rules.window_months >= opens]
            if late:
                yield (
                    f"{name}: pathways.{judgement}.contacts.{contact.name} never takes place after {', '.join(late)} "
                    f"months: the window of the inspection opens first, after {opens} months"
                )


def _draws_off_centre(scenario: Scenario) -> Iterator[str]:
    """Warn if only the spread of a column of draws is used, not its level."""
    if scenario.draws is None:
        return
    for column, middle, value in off_centre(scenario.draws, scenario.own):
        yield (
            f"draws.{column} has the median {middle:g}, but the scenario's value is {value:g}: a run uses the "
            "scenario's value times the ratio of its draw to that median"
        )
    if len(next(iter(scenario.draws.values()))) == 1:
        yield "draws has only one draw, so every run uses the values given"


def _settings_without_effect(scenario: Scenario) -> Iterator[str]:
    """Warn about settings of the planning that have no effect beside the others.

    Built-in scenarios have the numbers of a levelled programme whatever their own programme is. So for these numbers
    only those that the user has set are reported.
    """
    rules, policies = scenario.planning, shares_of_policies(scenario.draws, scenario.planning)
    for column, shares in policies.items():
        if column not in (scenario.draws or {}):
            yield f"{column} is {INFERRED}, but no draws give it: every run uses {next(iter(shares))}"
    usual = {name: field.default for name, field in type(rules).model_fields.items()}
    idle = [name for name in ONLY_OPTIMISED if getattr(rules, name) != usual[name] or _set_by_user(scenario, name)]
    if idle and rules.programme != "optimised":
        yield f"{_idle(idle)}: planning.programme is {rules.programme}, and only optimised replans"
    runs = policies.get("planning.programme", {rules.programme: 1.0})
    idle = [name for name in NOT_DRAWN if _set_by_user(scenario, name)]
    if idle and runs.get("drawn") == 1:
        yield f"{_idle(idle)}: planning.programme draws every week at random"
    if rules.plan is not None and rules.programme == "optimised":
        yield (
            f"planning.plan keeps its weeks: planning.programme = {rules.programme} replans only visits without a "
            "row in the plan"
        )


ONLY_OPTIMISED = ("frozen_weeks", "most_moved_share", "change_price", "gap")
NOT_DRAWN = ("margin_weeks", "monitoring_weeks")
"""Planning numbers with an effect only if the programme is optimised, and those with an effect unless it is drawn."""


def _set_by_user(scenario: Scenario, name: str) -> bool:
    return scenario.notes.get(f"planning.{name}") == UNSOURCED


def _idle(names: Sequence[str]) -> str:
    keys = ", ".join(f"planning.{name}" for name in names)
    return f"{keys} {'has' if len(names) == 1 else 'have'} no effect"


def _assumed_effects(scenario: Scenario) -> Iterator[str]:
    contact, intervention = scenario.ratings.contact, scenario.ratings.intervention
    for name, better, worse in (
        ("contact", contact.improvement, contact.decline),
        ("intervention", intervention.improvement, intervention.decline),
    ):
        if better or worse:
            yield (
                f"ratings.{name} changes the drift (improvement {better:+.0%}, decline {worse:+.0%}): this is "
                "an assumption, and the fitted drift already includes any effect of visits from 2013 to 2022"
            )


def _timetable(scenario: Scenario) -> Iterator[str]:
    """Warn about how the frameworks' dates are used: the first applies from the start, whatever its date."""
    begins = {name: scenario.frameworks[name].in_force_from for name in scenario.framework}
    first, *later = begins
    if begins[first] > scenario.start:
        yield (
            f"{first} applies from the start, {scenario.start}, because framework names it first, "
            f"although it came into force on {begins[first]}"
        )
    for name, successor in pairwise(begins):
        if begins[successor] <= scenario.start:
            yield f"{name} is never used: {successor}, in force from {begins[successor]}, already applies at the start"
    for name in later:
        if begins[name] >= scenario.end:
            yield f"{name} is never used: it comes into force on {begins[name]}, but the run ends before {scenario.end}"


def _shocks_never_felt(scenario: Scenario) -> Iterator[str]:
    """Warn about shocks that have no effect within the run."""
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
            yield f"shocks.{name} has no effect: it ends on {last}, before the run begins on {scenario.start}"
        if shock.begins_on >= scenario.end:
            begins, end = shock.begins_on, scenario.end
            yield f"shocks.{name} has no effect: it begins on {begins}, but the run ends before {end}"


def _more_than_there_are(scenario: Scenario, name: str, shock: Departures) -> Iterator[str]:
    """Warn if more people are to leave than are in post at the start, or if a share of them rounds to nobody."""
    posts = posts_of(shock.role, scenario.workforce, scenario.authorities_by_region)
    there = sum((post.may_lead or not shock.leads) and shock.region in (None, post.region) for post in posts)
    who = f"{shock.role}{' who may lead' if shock.leads else ''}{f' of {shock.region}' if shock.region else ''}"
    if shock.people is not None and shock.people > there:
        yield f"shocks.{name}: {shock.people} {who} are to leave, but {there} are in post at the start"
    if shock.people_share is not None and not round(shock.people_share * there):
        yield f"shocks.{name}: {shock.people_share:g} of {there} {who} rounds to nobody"


def _more_than_they_give(scenario: Scenario, name: str, shock: Duty) -> Iterator[str]:
    """Warn if a duty takes more days than people have for visits."""
    rules = scenario.workforce
    at_work = _workdays_a_year() - rules.leave_days - rules.training_days - rules.sick_days
    gives = rules.roles[shock.role].programme_share * at_work
    if shock.days_a_year >= gives:
        yield (
            f"shocks.{name}: a duty of {shock.days_a_year:g} days a year leaves {shock.role} no time for visits: a "
            f"full-timer has {gives:.0f} days a year for them"
        )


@cache
def _workdays_a_year() -> float:
    """Return the mean number of working days in a year, over the years in the built-in table of bank holidays."""
    years, holidays = holiday_years(), sorted(bank_holidays())
    first, after = (np.datetime64(f"{year}-01-01") for year in (years.start, years.stop))
    return float(np.busday_count(first, after, holidays=np.array(holidays, dtype="datetime64[D]"))) / len(years)


def _campaign_never_felt(scenario: Scenario, name: str, shock: Recruitment) -> Iterator[str]:
    joins, leaves = scenario.days_in_post(shock)
    said = f"shocks.{name} has no effect: its people would join on {joins}"
    if joins <= scenario.start:
        yield f"{said}, before the run begins on {scenario.start}"
    elif joins >= scenario.end:
        yield f"{said}, but the run ends before {scenario.end}"
    elif leaves is not None and joins > leaves:
        yield f"{said}, after the end of their term on {leaves}"


def _without_lead(scenario: Scenario, name: str, framework: Framework) -> Iterator[str]:
    """Warn about kinds of visit that can never begin, because nobody may lead them or leads have no time."""
    for key in ("may_lead_share", "programme_share"):
        idle = {role: why for role in scenario.workforce.roles if (why := _why_idle(scenario.workforce, role, key))}
        kinds: dict[str, list[str]] = {}
        for kind, rules in framework.visits.items():
            kinds.setdefault(rules.team["lead"].role, []).append(kind)
        for role in set(idle) & set(kinds):
            yield (
                f"{name}: visits of the kind {', '.join(kinds[role])} can never begin: their lead is a {role}, "
                f"but {idle[role]}"
            )


def _why_idle(workforce: WorkforceRules, role: Role, key: str) -> str:
    """Say why the people of a role can lead no visit: none may lead, or they have no time; empty if they can."""
    rules = workforce.roles[role]
    table = workforce.people_in_post(role) if key == "may_lead_share" else []
    drawn = rules.people - len(table)
    if not rules.people or any(person.may_lead for person in table) or (drawn and getattr(rules, key)):
        return ""
    of_table, of_share = f"nobody in {KEY} may lead", f"workforce.roles.{role}.{key} is 0"
    return " and ".join([of_table] * bool(table) + [of_share] * bool(drawn))


def _impossible_teams(scenario: Scenario, name: str, framework: Framework) -> Iterator[str]:
    sizes = {row.size for row in scenario.authorities}
    short: dict[Role, dict[str, int]] = {}
    for kind, rules in framework.visits.items():
        needed: Counter[str] = Counter()
        for seat in rules.team.values():
            needed[seat.role] += max(seat.people[size] for size in sizes)
        for role, people in needed.items():
            there = scenario.workforce.roles[role].people  # validation ensures that every role of a seat exists
            if people > there:
                short.setdefault(role, {})[kind] = people
    for role, kinds in short.items():
        visits = ", ".join(f"{kind} needs {people}" for kind, people in kinds.items())
        there = scenario.workforce.roles[role].people
        yield f"{name}: some visits need more {people_of(role)} than the {there} in post, so some never begin: {visits}"
