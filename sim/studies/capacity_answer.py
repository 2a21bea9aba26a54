"""What a capacity search says: sentences, and the capacity curve as a table."""

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
from sim.studies.answer import Note, Table

ANSWER_AND_BRACKET = 3
"""Sentences for a reader in haste."""
ON_TIME = "inspections_on_time"
CURVE, LOAD = "curve.csv", "offered_load.csv"
"""Files of the capacity curve and of the offered load."""
HEADS = {
    "inspections_on_time": "on time",
    "inspections_late": "late a year",
    "judgements_older_than_3_5_years": "old judgements",
    "staff_cost_pounds": "staff, £m a year",
}


def of_one(found: SearchResult) -> list[str]:
    """The answer, the most important sentence first."""
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
    """What today's people and the round numbers beside the answer do, and the answer, for a reader in haste."""
    today = found.lever.people(found.scenario)
    meets = found.bracket.meets
    every = {*round_levels(today, found.levels, found.bracket), *([] if meets is None else [meets])}
    shown = every & found.runs.keys()
    others = [f" {level}: {_shown(found, level)}." for level in sorted(shown - {today})]
    now = f"{today} {found.lever.unit} today: {_shown(found, today)} {_shown_words(found)}." if today in shown else ""
    return f"{now}{''.join(others)} Enough for the level you asked: {_enough(found)}.".strip()


def first_line_of_two(pair: Pair, today: SearchResult) -> str:
    """The same of two roles together."""
    (people,), (other, others) = today.runs, today.given or (today.lever, 0)
    now = f"{people} {today.lever.unit} and {others} {other.unit} today: {_shown(today, people)} {_shown_words(today)}."
    if pair.answer is None or pair.second is None:
        return f"{now} {enough_of_two(pair)}"
    of_one, of_other = pair.answer
    both, level = (pair.second, of_other) if of_other in pair.second.runs else (pair.first, of_one)
    return f"{now} {of_one} and {of_other}: {_shown(both, level)}. {enough_of_two(pair)}"


def enough_of_two(pair: Pair) -> str:
    """The head-counts that are enough together, in a few words."""
    found = "no pair was found" if pair.answer is None else f"{pair.answer[0]} and {pair.answer[1]} together"
    return f"Enough for the level you asked: {found}."


def _enough(found: SearchResult) -> str:
    """Say which number is enough, and which is not: one between them that is not decided is no advice."""
    meets, fails, first, last = found.bracket.meets, found.bracket.fails, found.levels[0], found.levels[-1]
    if meets is None:
        return f"none found from {first} to {last}" + (f"; {fails} is not" if fails is not None else "")
    if fails is None:
        return f"{meets}; no smaller number was shown to be too few" if meets > first else f"{meets}"
    return f"{meets}" if fails + 1 == meets else f"{meets}; {fails} is not, and those between were not decided"


def _shown(found: SearchResult, level: int) -> str:
    """What a head-count does, in the measure that people ask for: inspections late, unless another one was asked."""
    measure = _shown_measure(found)
    mean = mean_of(found.column(level, measure)[found.is_shown(level)]).mean
    return few(mean) if measure == LATE else value(mean, unit_of(measure))


def _shown_measure(found: SearchResult) -> str:
    return LATE if found.service.measure == ON_TIME else found.service.measure


def _shown_words(found: SearchResult) -> str:
    measure = _shown_measure(found)
    return "late a year" if measure == LATE else plain_words(measure)


def in_inspections(found: SearchResult) -> str:
    """What a share of inspections on time means in inspections: how many may be late in a year."""
    if found.service.measure != ON_TIME or not found.service.at_least:
        return ""
    runs = found.runs[level_shown(found)][:, [found.years.index(year) for year in found.counted]]
    begun = runs[~np.isnan(runs).all(axis=(1, 2)), :, found.names.index("inspections_started")]
    if not begun.size:
        return ""
    years = [round(each) for each in (begun.mean(axis=0).min(), begun.mean(axis=0).max())]
    least, most = (each - begun_on_time(found.service, each) for each in years)
    of = f"About {years[0]} to {years[1]}" if years[0] < years[1] else f"About {years[0]}"
    late = f"{least} to {most}" if least < most else f"{most or 'none'}"
    when = f"in every one of these {len(found.counted)} years" if len(found.counted) > 1 else f"in {found.counted[0]}"
    return f" {of} inspections begin in a year; {late} of them may be late, {when}."


def head_counts(found: SearchResult) -> Table:
    """What today's head-count, round numbers, a few fewer and the answer do, all on the same luck."""
    today, meets, rule = found.lever.people(found.scenario), found.bracket.meets, found.rule
    called = {} if meets is None else {meets - rule.fewer: f"{rule.fewer} fewer", meets - 1: "1 fewer", meets: "enough"}
    called[today] = ", ".join(filter(None, ["today" if found.given is None else "as today", called.get(today, "")]))
    cells = tuple(
        (
            str(level),
            called.get(level, ""),
            value(float(found.kept(level)[shown].mean()), "share"),
            value(mean_of(found.column(level, LATE)[shown]).mean, unit_of(LATE)),
            _cell(mean_of(found.column(level, COST)[shown]).mean, COST),
        )
        for level in sorted(found.runs)
        if (shown := found.is_shown(level)).any()
    )
    head = ("people", "", "runs that keep the level", HEADS[LATE], HEADS[COST])
    who = f"{found.lever.unit}{found.beside}"
    caption = (
        f"What each head-count does in {rule.shown_runs} runs, the same luck for all; they show differences, and the "
        f"tests above decide: {who}"
    )
    return Table(caption, head, cells, words=2, file=CURVE)


def _answer(found: SearchResult) -> str:
    bracket, unit = found.bracket, found.lever.unit
    if bracket.meets is None:
        best = level_shown(found)
        kept = found.kept(best)
        return (
            f"No number from {found.levels[0]} to {found.levels[-1]} {unit}{found.beside} was found to be enough for "
            f"{found.asked}. The best found is {best}: {value(float(kept.mean()), 'share')} of {len(kept)} runs keep "
            "it."
        )
    note = least_of_range(found)
    return f"{bracket.meets} {unit}{found.beside} are enough for {found.asked}.{note}"


def least_of_range(found: SearchResult) -> str:
    """What is to be said where the answer is the least of the range: nobody looked below it."""
    if found.bracket.meets != found.levels[0]:
        return ""
    return " That is the least of the range, so fewer may do; search a lower one."


def guarantee(found: SearchResult) -> str:
    """The bracket of a search, what it promises, and the runs that it took."""
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
        words.append(f"{levels} not decided" + (f" ({'; '.join(told)})" if told else " (not tested)"))
    if bracket.meets is not None:
        words.append(f"{bracket.meets} meets ({_test(bracket.tested[bracket.meets])})")
    return (
        f"The bracket: {', '.join(words)}. Exact sequential tests decide. The chance that any head-count is wrongly "
        f"called enough is at most {value(1 - rule.confidence, 'share')}, and so is the chance that any is wrongly "
        f"called too few. It took {count(found.made)} runs, "
        f"{value(found.made / found.full_grid, 'share')} of the {count(found.full_grid)} of a full grid of "
        f"{rule.most} at each of {len(found.levels)} head-counts."
    )


def own_people(found: SearchResult) -> Iterator[str]:
    """What the scenario itself does to the people of the role, beside what is looked for."""
    role, words = found.lever.role, []
    for name, shock in found.scenario.shocks.items():
        match shock:
            case Recruitment() if shock.role == role:
                until = "" if shock.ends_on is None else f" until {shock.ends_on}"
                first = found.scenario.days_in_post(shock)[0]
                what = "whom the numbers above do not count" if first > found.scenario.start else "too early to join"
                where = "" if shock.region is None else f" in {shock.region}"
                words.append(f"recruits {shock.people}{where} from {shock.begins_on} on{until}, {what} ({name})")
            case HiringFreeze() if role in shock.roles:
                words.append(f"hires nobody from {shock.begins_on} to {shock.ends_on} ({name})")
            case Duty() if shock.role == role:
                until = "on" if shock.ends_on is None else f"to {shock.ends_on}"
                words.append(f"takes {shock.days_a_year:g} days a year of each from {shock.begins_on} {until} ({name})")
            case Departures() if shock.role == role:
                many = shock.people if shock.people_share is None else value(shock.people_share, "share")
                where = "" if shock.region is None else f" of {shock.region}"
                after = "who are replaced as leavers are" if shock.replaced else "whom nobody follows"
                words.append(f"loses {many}{where} on {shock.begins_on}, {after} ({name})")
    if words:
        yield f"Of {people_of(role)} the scenario itself {'; it '.join(words)}."


def _test(tested: Tested) -> str:
    words = f"{value(tested.successes / tested.runs, 'share')} of {tested.runs} runs"
    if tested.verdict != "undecided":
        return words
    return f"{words}; a test of whether it {tested.sought} did not decide"


def _fewer(found: SearchResult) -> Iterator[str]:
    """What fewer people would cost, on the same luck."""
    meets = found.bracket.meets
    for fewer in sorted({1, found.rule.fewer}):
        if not fewer or meets is None or meets - fewer not in found.runs:
            continue
        level = meets - fewer
        both = np.intersect1d(found.numbers[level], found.numbers[meets])
        if len(both) < 2:  # noqa: PLR2004 - one pair shows no spread
            continue
        people = "One fewer" if fewer == 1 else f"{fewer} fewer"
        cost = [paired_difference(found, level, meets, measure) for measure in COSTS]
        yield f"{people} ({level}): {in_words([kept_difference(found, level, meets), *cost], len(both))}"


def in_words(differences: Iterable[Mean], pairs: int) -> str:
    """Differences of keeping the service level and then of :data:`COSTS`, on the same luck, in words."""
    kept, late, old, cost = differences
    return (
        f"the share of runs that keep the service level is {more_or_less(kept, 'share', 'higher', 'lower')}, a year "
        f"has {more_or_less(late, 'inspections', 'more late inspections', 'fewer late inspections')}, the share of old "
        f"judgements is {more_or_less(old, 'share', 'higher', 'lower')}, and the programme's staff cost "
        f"{more_or_less(cost, '', 'pounds more', 'pounds less')} a year; {pairs} pairs of runs on the same luck."
    )


def _monotone(found: SearchResult) -> str:
    told = reversals(found)
    if not told.pairs:
        return "No two head-counts were run on the same luck, so it is not known whether more people always do better."
    if not told.reversed_:
        return f"In none of {count(told.pairs)} pairs of runs on the same luck did more people do worse."
    part = f"{told.reversed_} of {count(told.pairs)} pairs of runs on the same luck"
    if told.least_p_value < 1 - CONFIDENCE:
        return (
            f"MORE PEOPLE DO NOT ALWAYS DO BETTER HERE: in {part} the service level was kept with fewer and "
            f"missed with more, which chance does not explain. The guarantee holds all the same, but a larger "
            "number may fail."
        )
    return (
        f"More people do not always do better, by chance: in {part} the service level was kept with fewer and missed "
        "with more."
    )


def not_in_it(found: SearchResult) -> str:
    """What the probability holds of what is not known, and what it does not."""
    return (
        f"Inside the probability: {what_runs_hold(found.scenario.draws)}. Not inside: the other assumptions of low "
        "confidence, such as the inspector-days of a visit and the people of other roles (vary them over the ranges "
        "of the assumption book)."
    )


def curve_table(found: SearchResult) -> Table:
    """Capacity curve as a table."""
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
    caption = f"{found.lever.unit}{found.beside}, all runs that were made of each, on different luck"
    return Table(caption, head, rows, words=2, file=CURVE)


def _cell(mean: float, measure: str) -> str:
    return f"{mean / MILLION:,.2f}" if measure == COST else value(mean, unit_of(measure))


def of_two(pair: Pair, today: SearchResult) -> list[str]:
    """Sentences of a joint answer for two roles."""
    first, second = pair.first, pair.second
    if second is None or pair.answer is None:
        told, other = first.given if first.given is not None else (first.lever, 0)
        then = (
            f"So {told.unit} were not looked for with fewer than {other}."
            if second is None
            else f"{_answer(second)} {guarantee(second)} One of the two is wrong, as few are; more runs tell."
        )
        return [
            first_line_of_two(pair, today),
            f"No pair of head-counts was found to be enough for {first.asked}.",
            f"{_answer(first)} {guarantee(first)} {then}",
            *own_people(first),
        ]
    of_one, of_other = pair.answer
    return [
        first_line_of_two(pair, today),
        f"{of_one} {first.lever.unit} and {of_other} {second.lever.unit} together are enough for {first.asked}. Fewer "
        f"{first.lever.unit} were not found to be{first.beside}, nor fewer {second.lever.unit}{second.beside}; another "
        f"pair, with more of the one and fewer of the other, may be.{in_inspections(second)}",
        f"{first.lever.unit[0].upper()}{first.lever.unit[1:]}{first.beside}: {guarantee(first)}",
        f"{second.lever.unit[0].upper()}{second.lever.unit[1:]}{second.beside}: {guarantee(second)}",
        *own_people(first),
        *own_people(second),
        "Each of the two searches has half of the error allowed and luck of its own, so that the pair is wrongly said "
        f"to meet has a probability of at most {value(2 * (1 - first.rule.confidence), 'share')}.",
        not_in_it(first),
    ]


def load_sentences(load: OfferedLoad, found: SearchResult) -> list[str]:
    """What the offered load and the work with the staff that was found say of each other."""
    years = load.table[load.table["financial_year"].isin(found.counted)]
    offered, due, worked = (float(years[column].mean()) for column in ("offered", "due", "worked"))
    late = value(load.late.mean, unit_of(LATE))
    words = [
        f"Offered load: {count(offered)} inspector-days of all roles fall due in a year if no visit waits for people; "
        f"that is the mean of {RUNS} runs with ample staff ({_people(load)}; nobody leaves, and any number of "
        f"inspections may be on site in a week), in which {late} inspections a year begin late. With {load.level} "
        f"{found.lever.unit}{found.beside} {count(due)} fall due{_in_percent(due, offered)}. Part of the "
        "difference is chance. The rest is queueing: a visit that begins late moves everything that follows from it. "
        f"People work {count(worked)}: this includes travel between regions, leaves out what nobody does, and counts "
        "some work in another year than it fell due in."
    ]
    if load.busy is not None and load.level:
        words.append(
            f"That load would keep {_busy(load.busy)} {people_of(found.lever.role)} busy all the time, "
            f"{share(load.busy.mean / load.level)} of {load.level}. The others are there because teams cannot be "
            "divided and work does not come evenly: whole teams of a lead and others are wanted in the same weeks, "
            "outside closed weeks and leave, rested, and not the last lead again."
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
    """Offered load, and the days due and worked with the staff that was found, as a table."""
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
    caption = f"{unit_of(DUE)} of all roles: offered load, and with {load.level} {found.lever.unit}{found.beside}"
    return Table(caption, head, rows, file=LOAD)


def _days(row: Mapping[Hashable, Any], name: str) -> str:
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    return count(row[name]) if isnan(low) else f"{count(row[name])} ({count(low)} to {count(high)})"


def how_to_read(found: SearchResult) -> Note:
    """What the shares of a curve are of, and which years and seed."""
    return Note(
        "Level kept: share of all runs made (those of the test, of the pilot and of pairs), with its 95% interval as "
        f"if their number had been fixed. Figures of a year are means over {span(found.counted)}; seed "
        f"{found.scenario.seed}."
    )
