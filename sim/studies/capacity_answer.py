"""Write the answer of a capacity search: sentences, and the capacity curve as a table."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from math import isnan
from typing import Any

import numpy as np

from sim.analysis.capacity import Pair, SearchResult, round_levels
from sim.analysis.capacity_curve import (
    COST,
    COSTS,
    MILLION,
    curve,
    kept_difference,
    level_shown,
    measures_of,
    paired_difference,
    reversals,
    utilisation_of,
)
from sim.analysis.load import DUE, LATE, RUNS, OfferedLoad
from sim.analysis.people_bound import begun_on_time
from sim.base.figures import count, few, listed, more_or_less, people_of, plain_words, share, span, value
from sim.inputs.parameter_draws import what_runs_hold
from sim.inputs.shocks import Departures, Duty, HiringFreeze, Recruitment
from sim.runs.measures import unit_of
from sim.statistics.intervals import CONFIDENCE, Mean, mean_of
from sim.statistics.search import Tested
from sim.statistics.search_cost import LIKELY, chance_to_meet
from sim.studies.answer import Note, Table

ANSWER_AND_BRACKET = 3
"""Number of sentences that lead the answer."""
ON_TIME = "inspections_on_time"
SAYS_NOTHING = (
    "No inspection has its latest date in the years that count. So this search says nothing about how many people are "
    "enough."
)
FOR_YOUR_LEVEL = "For the service level that you asked for"
CURVE, LOAD = "curve.csv", "offered_load.csv"
"""Files that hold the capacity curve and the offered load."""
HEADS = {
    "inspections_on_time": "on time",
    "inspections_late": "late a year",
    "judgements_older_than_3_5_years": "old judgements",
    "staff_cost_pounds": "staff, £m a year",
}


def of_one(found: SearchResult) -> list[str]:
    """Return the answer, the most important sentence first."""
    if nothing_due(found):
        return [SAYS_NOTHING, *own_people(found)]
    return [
        first_line(found),
        f"{_answer(found)}{in_inspections(found)}",
        guarantee(found),
        *own_people(found),
        *_fewer(found),
        _monotone(found),
        not_in_it(found),
    ]


def first_line(found: SearchResult) -> str:
    """Say what today's head-count and round numbers do, and which number is enough, in a few words."""
    if nothing_due(found):
        return SAYS_NOTHING
    today = found.lever.people(found.scenario)
    meets = found.bracket.meets
    every = {*round_levels(today, found.levels, found.bracket), *([] if meets is None else [meets])}
    there = (level for level in every & found.runs.keys() if found.is_shown(level).any())
    shown = sorted(there, key=lambda level: (level != today, level))
    said: list[str] = []
    for level in shown:
        who = f"today's {level}" if level == today else f"{level}"
        one = f" {found.lever.unit}: {_shown(found, level)}" if not said else f": {_shown_beside(found, level)}"
        said.append(f"With {who}{one}.")
    return " ".join([*said, f"{FOR_YOUR_LEVEL}, {_enough(found)}."])


def first_line_of_two(pair: Pair, today: SearchResult) -> str:
    """Say the same for two roles together."""
    (people,), (other, others) = today.runs, today.given or (today.lever, 0)
    now = f"With today's {people} {today.lever.unit} and {others} {other.unit}: {_shown(today, people)}."
    if pair.answer is None or pair.second is None:
        return f"{now} {enough_of_two(pair)}"
    of_one, of_other = pair.answer
    both, level = (pair.second, of_other) if of_other in pair.second.runs else (pair.first, of_one)
    return f"{now} With {of_one} and {of_other}: {_shown_beside(both, level)}. {enough_of_two(pair)}"


def nothing_due(found: SearchResult) -> bool:
    """Return whether the level asks for inspections on time and no run has one that could be late."""
    if found.service.measure != ON_TIME and not found.service.measure.startswith(LATE):
        return False
    at = found.names.index(ON_TIME)
    years = [found.years.index(year) for year in found.counted]
    return all(np.isnan(runs[:, years, at]).all() for runs in found.runs.values()) and any(
        not np.isnan(runs).all() for runs in found.runs.values()
    )


def enough_of_two(pair: Pair) -> str:
    """Say which two head-counts are enough together, in a few words."""
    none = "no pair was shown to be enough"
    found = none if pair.answer is None else f"{pair.answer[0]} and {pair.answer[1]} together are enough"
    return f"{FOR_YOUR_LEVEL}, {found}."


def _enough(found: SearchResult) -> str:
    """Say which number is enough and which is too few; the numbers between that are undecided are no advice."""
    meets, fails, first, last = found.bracket.meets, found.bracket.fails, found.levels[0], found.levels[-1]
    if meets is None:
        too_few = "" if fails is None else f"; {fails} {'is' if fails == 1 else 'are'} too few"
        hard = fails != last and chance_to_meet(found.rule, found.rule.most) < LIKELY
        few_runs = f", and {found.rule.most} runs each could hardly have shown it" if hard else ""
        return f"no number from {first} to {last} was shown to be enough{few_runs}{too_few}"
    enough = f"{meets} {'is' if meets == 1 else 'are'} enough"
    if fails is None:
        return f"{enough}; no smaller number was shown to be too few" if meets > first else enough
    enough = f"{enough} and {fails} {'is' if fails == 1 else 'are'} not"
    return enough if fails + 1 == meets else f"{enough}; the numbers between were not decided"


def _shown(found: SearchResult, level: int) -> str:
    """Say what a head-count does: how many runs keep the service level, and how many inspections a year are late."""
    runs = len(found.kept(level)[found.is_shown(level)])
    late = _median_late(found, level)
    words = f"{_share_kept(found, level)} of {runs} runs keep the service level"
    noun = "inspection" if late == "1" else "inspections"
    return f"{words}, and the median run has {late} late {noun} a year" if late else words


def _shown_beside(found: SearchResult, level: int) -> str:
    """Say the same in figures alone, for a head-count that stands beside another."""
    return " and ".join(filter(None, [_share_kept(found, level), _median_late(found, level)]))


def _share_kept(found: SearchResult, level: int) -> str:
    return share(float(found.kept(level)[found.is_shown(level)].mean()))


def _median_late(found: SearchResult, level: int) -> str:
    """Return the late inspections a year of the median run; empty if the level is about others, or every run failed."""
    median = found.quantiles(level, LATE)[1]
    return "" if found.service.measure not in (ON_TIME, LATE) or isnan(median) else few(median)


def in_inspections(found: SearchResult) -> str:
    """Say what a share of inspections on time means in inspections: how many may be late in a year."""
    if found.service.measure != ON_TIME or not found.service.at_least:
        return ""
    runs = found.runs[level_shown(found)][:, [found.years.index(year) for year in found.counted]]
    started = runs[~np.isnan(runs).all(axis=(1, 2)), :, found.names.index("inspections_started")]
    if not started.size:
        return ""
    years = [round(each) for each in (started.mean(axis=0).min(), started.mean(axis=0).max())]
    least, most = (each - begun_on_time(found.service, each) for each in years)
    of = f"About {years[0]} to {years[1]}" if years[0] < years[1] else f"About {years[0]}"
    late = f"at most {least} to {most}" if least < most else f"at most {most}" if most else "none"
    when = f"in each of these {len(found.counted)} years" if len(found.counted) > 1 else f"in {found.counted[0]}"
    due = f"{of} inspections begin in a year. If as many have their latest date in it"
    return f" {due}, {late} can be late {when} without missing the service level."


def head_counts(found: SearchResult) -> Table:
    """Return a table of what today's head-count, round numbers, a few fewer people and the answer do."""
    today, meets, rule = found.lever.people(found.scenario), found.bracket.meets, found.rule
    called = {} if meets is None else {meets - rule.fewer: f"{rule.fewer} fewer", meets - 1: "1 fewer", meets: "enough"}
    called[today] = ", ".join(filter(None, ["today" if found.given is None else "as today", called.get(today, "")]))
    cells = tuple(
        (
            str(level),
            called.get(level, ""),
            value(float(found.kept(level)[shown].mean()), "share"),
            _late_of(found, level),
            _cell(mean_of(found.column(level, COST)[shown]).mean, COST),
        )
        for level in sorted(found.runs)
        if (shown := found.is_shown(level)).any()
    )
    head = ("people", "", "runs that keep the level", "late a year, median", HEADS[COST])
    who = f"{found.lever.unit}{found.beside}"
    caption = (
        f"Head-counts of {who}, in the same {rule.illustrating_runs} runs (brackets: eight runs in ten). These runs "
        "show differences; the tests above decide what is enough"
    )
    return Table(caption, head, cells, words=2, file=CURVE)


def _late_of(found: SearchResult, level: int) -> str:
    low, median, high = map(few, found.quantiles(level, LATE))
    return median if low == high else f"{median} ({low} to {high})"


def _answer(found: SearchResult) -> str:
    bracket, unit = found.bracket, found.lever.unit
    if bracket.meets is None:
        best = level_shown(found)
        kept = found.kept(best)
        return (
            f"No number from {found.levels[0]} to {found.levels[-1]} {unit}{found.beside} was shown to be enough for "
            f"this service level: {asked_in_words(found)}. The best number tried is {best}: "
            f"{value(float(kept.mean()), 'share')} of {len(kept)} runs keep the level."
        )
    note = least_of_range(found)
    return f"{bracket.meets} {unit}{found.beside} are enough for this service level: {asked_in_words(found)}.{note}"


def asked_in_words(found: SearchResult) -> str:
    """Return the service level that was asked for, with its measure in plain words."""
    return found.asked.replace(found.service.measure, plain_words(found.service.measure))


def least_of_range(found: SearchResult) -> str:
    """Warn where the answer is the lowest number searched: the search did not look below it."""
    if found.bracket.meets != found.levels[0]:
        return ""
    return " This is the lowest number searched, so fewer may be enough. Search a lower range."


def guarantee(found: SearchResult) -> str:
    """Say what the exact tests found, what they guarantee, and how many runs the search made."""
    bracket, rule = found.bracket, found.rule
    words = []
    if bracket.fails is not None:
        words.append(f"{bracket.fails} fails ({_test(bracket.tested[bracket.fails])})")
    low = found.levels[0] if bracket.fails is None else bracket.fails + 1
    high = found.levels[-1] + 1 if bracket.meets is None else bracket.meets
    between = range(low, high)
    if between:
        told = [f"{level}: {_test(bracket.tested[level])}" for level in between if level in bracket.tested]
        levels = f"{between[0]} to {between[-1]}" if len(between) > 1 else f"{between[0]}"
        verb = "are" if len(between) > 1 else "is"
        words.append(f"{levels} {verb} not decided" + (f" ({'; '.join(told)})" if told else " (not tested)"))
    if bracket.meets is not None:
        words.append(f"{bracket.meets} meets ({_test(bracket.tested[bracket.meets])})")
    return (
        f"Exact sequential tests found: {', '.join(words)}. The chance that any head-count is wrongly called enough is "
        f"at most {value(1 - rule.confidence, 'share')}. So is the chance that any is wrongly called too few. The "
        f"search made {count(found.made)} runs. That is {value(found.made / found.full_grid, 'share')} of the "
        f"{count(found.full_grid)} runs that a full grid would take, {rule.most} at each of {len(found.levels)} "
        "head-counts."
    )


def own_people(found: SearchResult) -> Iterator[str]:
    """Say how the scenario itself changes the number of people of the role."""
    role, words = found.lever.role, []
    for name, shock in found.scenario.shocks.items():
        match shock:
            case Recruitment() if shock.role == role:
                until = "" if shock.ends_on is None else f" until {shock.ends_on}"
                first = found.scenario.days_in_post(shock)[0]
                what = "but the numbers above leave them out"
                if first <= found.scenario.start:
                    what = "but too early: they would join before the run begins, so they never do"
                where = "" if shock.region is None else f" in {shock.region}"
                words.append(f"recruits {shock.people}{where} from {shock.begins_on}{until}, {what} ({name})")
            case HiringFreeze() if role in shock.roles:
                words.append(f"hires nobody from {shock.begins_on} to {shock.ends_on} ({name})")
            case Duty() if shock.role == role:
                until = "" if shock.ends_on is None else f" to {shock.ends_on}"
                days = f"{shock.days_a_year:g} days a year"
                words.append(f"gives each of them other duties for {days} from {shock.begins_on}{until} ({name})")
            case Departures() if shock.role == role:
                many = shock.people if shock.people_share is None else value(shock.people_share, "share")
                where = "" if shock.region is None else f" of {shock.region}"
                after = "and replaces them as it replaces leavers" if shock.replaced else "and does not replace them"
                words.append(f"loses {many}{where} on {shock.begins_on}, {after} ({name})")
    if words:
        yield f"The scenario itself changes the number or the time of {people_of(role)}: it {'; it '.join(words)}."


def _test(tested: Tested) -> str:
    words = f"{value(tested.successes / tested.runs, 'share')} of {tested.runs} runs"
    if tested.verdict != "undecided":
        return words
    return f"{words}; the test of whether it {tested.sought} was undecided"


def _fewer(found: SearchResult) -> Iterator[str]:
    """Say what fewer people would cost, from pairs of runs with the same random events."""
    meets = found.bracket.meets
    for fewer in sorted({1, found.rule.fewer}):
        if not fewer or meets is None or meets - fewer not in found.runs:
            continue
        level = meets - fewer
        both = np.intersect1d(found.numbers[level], found.numbers[meets])
        if len(both) < 2:  # noqa: PLR2004 - one pair shows no spread
            continue
        people = "With one fewer" if fewer == 1 else f"With {fewer} fewer"
        cost = [paired_difference(found, level, meets, measure) for measure in COSTS]
        yield f"{people} ({level}), {in_words([kept_difference(found, level, meets), *cost], len(both))}"


def in_words(differences: Iterable[Mean], pairs: int) -> str:
    """Put into words the differences in keeping the service level and then in :data:`COSTS`, from paired runs."""
    kept, late, old, cost = differences
    return (
        f"the share of runs that keep the service level is {more_or_less(kept, 'share', 'higher', 'lower')}, a year "
        f"has {more_or_less(late, 'inspections', 'more late inspections', 'fewer late inspections')}, the share of old "
        f"judgements is {more_or_less(old, 'share', 'higher', 'lower')}, and the programme's staff cost "
        f"{more_or_less(cost, '', 'pounds more', 'pounds less')} a year. This comes from {pairs} pairs of runs with "
        "the same random events."
    )


def _monotone(found: SearchResult) -> str:
    told = reversals(found)
    if not told.pairs:
        return "No two head-counts share the same random events, so we cannot say whether more people always do better."
    if not told.reversed_:
        return f"In none of {count(told.pairs)} pairs of runs with the same random events did more people do worse."
    part = f"{told.reversed_} of {count(told.pairs)} pairs of runs with the same random events"
    if told.least_p_value < 1 - CONFIDENCE:
        return (
            f"MORE PEOPLE DO NOT ALWAYS DO BETTER HERE: in {part}, fewer people kept the service level and more people "
            "missed it. This is more than chance explains. The guarantee still holds, but a larger number may fail."
        )
    return (
        f"More people do not do better in every run: in {part}, fewer people kept the service level and more people "
        "missed it. Chance may explain this."
    )


def not_in_it(found: SearchResult) -> str:
    """Say which uncertainty the probability covers, and which it leaves out."""
    return (
        f"The probability covers {what_runs_hold(found.scenario.draws)}. It leaves out the other assumptions of low "
        "confidence, such as the inspector-days of a visit and the number of people in other roles. Vary these over "
        "the ranges in the assumption book."
    )


def curve_table(found: SearchResult) -> Table:
    """Return the capacity curve as a table."""
    columns = {name: HEADS.get(name, plain_words(name)) for name in measures_of(found)}
    columns |= {utilisation_of(found): f"utilisation of {people_of(found.lever.role)}"}
    rows = tuple(
        (
            str(row["level"]),
            str(row["verdict"]),
            str(row["runs"]),
            f"{value(row['share_kept'], 'share')} "
            f"({value(row['kept_low'], 'share')} to {value(row['kept_high'], 'share')})",
            *(_cell(row[name], name) for name in columns),
        )
        for row in curve(found).to_dict("records")
    )
    head = ("people", "verdict", "runs", "level kept", *columns.values())
    caption = (
        f"Capacity curve of {found.lever.unit}{found.beside}, means of all runs made (with different random events)"
    )
    return Table(caption, head, rows, words=2, file=CURVE)


def _cell(mean: float, measure: str) -> str:
    return f"{mean / MILLION:,.2f}" if measure == COST else value(mean, unit_of(measure))


def of_two(pair: Pair, today: SearchResult) -> list[str]:
    """Return the sentences of a joint answer for two roles."""
    if nothing_due(today):
        return [SAYS_NOTHING, *own_people(pair.first)]
    first, second = pair.first, pair.second
    if second is None or pair.answer is None:
        told, other = first.given if first.given is not None else (first.lever, 0)
        then = (
            f"So the search did not try fewer than {other} {told.unit}."
            if second is None
            else f"{_answer(second)} {guarantee(second)} The two searches contradict each other, so one of them is "
            "wrong, which is rare. More runs would settle it."
        )
        return [
            first_line_of_two(pair, today),
            f"No pair of head-counts was shown to be enough for this service level: {asked_in_words(first)}.",
            f"{_answer(first)} {guarantee(first)} {then}",
            *own_people(first),
        ]
    of_one, of_other = pair.answer
    return [
        first_line_of_two(pair, today),
        f"{of_one} {first.lever.unit} and {of_other} {second.lever.unit} together are enough for this service level: "
        f"{asked_in_words(first)}. No smaller number of {first.lever.unit}{first.beside} was shown to be enough, and "
        f"no smaller number of {second.lever.unit}{second.beside}. Another pair, with more of one and fewer of the "
        f"other, may also be enough.{in_inspections(second)}",
        f"{first.lever.unit[0].upper()}{first.lever.unit[1:]}{first.beside}: {guarantee(first)}",
        f"{second.lever.unit[0].upper()}{second.lever.unit[1:]}{second.beside}: {guarantee(second)}",
        *own_people(first),
        *own_people(second),
        "Each of the two searches uses half of the allowed error and its own random events, so the chance that the "
        f"pair is wrongly called enough is at most {value(2 * (1 - first.rule.confidence), 'share')}.",
        not_in_it(first),
    ]


def load_sentences(load: OfferedLoad, found: SearchResult) -> list[str]:
    """Compare the offered load with the work of the staff that the search found."""
    years = load.table[load.table["financial_year"].isin(found.counted)]
    offered, due, worked = (float(years[column].mean()) for column in ("offered", "due", "worked"))
    late = value(load.late.mean, unit_of(LATE))
    words = [
        f"Offered load: {count(offered)} inspector-days of all roles would fall due in a year if no visit waited for "
        f"people. This is the mean of {RUNS} runs with ample staff ({_people(load)}; nobody leaves, and any number of "
        f"inspections may be on site in a week). In those runs {late} inspections a year begin late. With {load.level} "
        f"{found.lever.unit}{found.beside}, {count(due)} inspector-days fall due{_in_percent(due, offered)}. Part of "
        "the difference is chance. The rest is queueing: a visit that begins late moves everything that follows it. "
        f"People work {count(worked)} inspector-days. These include travel between regions and leave out work that "
        "nobody does. Some of them count in a different year from the one in which the work fell due."
    ]
    if load.busy is not None and load.level:
        words.append(
            f"That load would keep {_busy(load.busy)} {people_of(found.lever.role)} busy all the time, which is "
            f"{share(load.busy.mean / load.level)} of {load.level}. The others are needed because teams cannot be "
            "divided and work does not come evenly. A visit needs a lead and a whole team in the same weeks, rested "
            "and outside closed weeks and leave. Its lead must not have led the last inspection there."
        )
    return words


def _people(load: OfferedLoad) -> str:
    return listed([f"{people} {people_of(role)}" for role, people in load.staff.items()])


def _busy(busy: Mean) -> str:
    low, high = busy.interval()
    return f"{busy.mean:.1f}" + ("" if isnan(low) else f" (95% interval {low:.1f} to {high:.1f})")


def _in_percent(due: float, offered: float) -> str:
    return f" ({100 * (due / offered - 1):+.1f}%)" if offered else ""


def load_table(load: OfferedLoad, found: SearchResult) -> Table:
    """Return a table of the offered load, and of the days due and worked with the staff that the search found."""
    rows = tuple(
        (
            str(row["financial_year"]),
            _days(row, "offered"),
            _days(row, "due"),
            _in_percent(row["due"], row["offered"]).strip(" ()") or "-",
            count(row["worked"]),
        )
        for row in load.table.to_dict("records")
    )
    head = ("financial year", "offered load (95% interval)", "due (95% interval)", "difference", "worked")
    staff = f"{load.level} {found.lever.unit}{found.beside}"
    caption = f"Offered load, and {unit_of(DUE)} due and worked with {staff} (all roles)"
    return Table(caption, head, rows, file=LOAD)


def _days(row: Mapping[Hashable, Any], name: str) -> str:
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    return count(row[name]) if isnan(low) else f"{count(row[name])} ({count(low)} to {count(high)})"


def how_to_read(found: SearchResult) -> Note:
    """Explain the shares of a capacity curve, and say which years and seed they have."""
    return Note(
        "Level kept: the share of runs that keep the service level, of all runs made (for the test, the pilot and the "
        "pairs). Its 95% interval treats the number of runs as fixed in advance. Yearly figures are means over "
        f"{span(found.counted)}. The seed is {found.scenario.seed}."
    )
