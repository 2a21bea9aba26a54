"""What a capacity search says: sentences, and the capacity curve as a table."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.analysis.capacity import Found, Pair, ServiceLevel
from sim.base.figures import aligned, count, more_or_less, people_of, value
from sim.inputs.parameter_draws import what_runs_hold
from sim.inputs.shocks import Departures, HiringFreeze, Recruitment
from sim.runs.measures import UNITS
from sim.statistics.intervals import CONFIDENCE, Mean, binomial_interval, mean_of, sign_test
from sim.statistics.search import Tested

if TYPE_CHECKING:
    import pandas as pd

WIDTH = 118
SHOWN = ("inspections_on_time", "inspections_late", "judgements_older_than_3_5_years", "staff_cost_pounds")
"""Measures of the capacity curve, beside the one asked for and the utilisation of the role."""
HEADS = {
    "inspections_on_time": "on time",
    "inspections_late": "late a year",
    "judgements_older_than_3_5_years": "old judgements",
    "staff_cost_pounds": "staff, £m a year",
}
MILLION = 1e6
COST = "staff_cost_pounds"


def curve(found: Found) -> pd.DataFrame:
    """Capacity curve: a row for each level at which there were runs.

    Columns
    -------
    level, unit
        Head-count, and of whom, beside how many of another role.
    runs, kept, share_kept, kept_low, kept_high
        Runs of the test and all others, those that kept the service level, their share, and its 95% interval (Clopper
        and Pearson) as if the number of runs had been fixed.
    verdict
        Of the exact test: ``meets``, ``fails``, ``undecided``; ``not tested`` where only other runs were made.
    <measure>, <measure>_low, <measure>_high
        Mean of a year over the years that count, and its 95% interval.
    """
    import pandas as pd

    rows = []
    for level in sorted(found.runs):
        kept = found.kept(level)
        low, high = binomial_interval(int(kept.sum()), len(kept), CONFIDENCE)
        tested = found.bracket.tested.get(level)
        row: dict[str, object] = {
            "level": level,
            "unit": f"{found.lever.unit}{found.beside}",
            "runs": len(kept),
            "kept": int(kept.sum()),
            "share_kept": kept.mean(),
            "kept_low": low,
            "kept_high": high,
            "verdict": "not tested" if tested is None else tested.verdict,
        }
        for measure in measures_of(found):
            mean = mean_of(found.column(level, measure))
            row |= dict(zip((measure, f"{measure}_low", f"{measure}_high"), (mean.mean, *mean.interval()), strict=True))
        rows.append(row)
    return pd.DataFrame(rows)


def measures_of(found: Found) -> list[str]:
    """Measures of the capacity curve of a search."""
    utilisation = f"utilisation_{found.lever.role}"
    return list(dict.fromkeys([found.service.measure, *SHOWN[:-1], utilisation, *SHOWN[-1:]]))


@dataclass(frozen=True)
class Reversals:
    """How often more people did worse on the same luck.

    Attributes
    ----------
    pairs, reversed_ : int
        Pairs of runs of the same number at two levels, and those in which the lower level kept the service level and
        the higher one did not.
    least_p_value : float
        Of the sign test, for each two levels, that more people do no worse; the least of them times their number.
    """

    pairs: int
    reversed_: int
    least_p_value: float


def reversals(found: Found) -> Reversals:
    """Whether more people always did at least as well, on the same luck: found out and not assumed."""
    levels = sorted(found.runs)
    kept = {
        level: dict(zip(found.numbers[level].tolist(), found.kept(level).tolist(), strict=True)) for level in levels
    }
    pairs, backward, p_values = 0, 0, []
    for place, fewer in enumerate(levels):
        for more in levels[place + 1 :]:
            both = kept[fewer].keys() & kept[more].keys()
            worse = sum(kept[fewer][number] and not kept[more][number] for number in both)
            better = sum(kept[more][number] and not kept[fewer][number] for number in both)
            pairs, backward = pairs + len(both), backward + worse
            if both:
                p_values.append(sign_test(worse, worse + better))
    return Reversals(pairs, backward, min(1.0, len(p_values) * min(p_values)) if p_values else float("nan"))


def level_shown(found: Found) -> int:
    """The answer; if nothing met, the level tested whose share of runs has the highest lower end of its interval."""

    def surely(level: int) -> tuple[float, int]:
        kept = found.kept(level)
        return binomial_interval(int(kept.sum()), len(kept), CONFIDENCE)[0], level

    meets = found.bracket.meets
    return max(found.bracket.tested or found.runs, key=surely) if meets is None else meets


def asked(found: Found) -> str:
    """What was asked, in a sentence."""
    return _asked(found.service, found.counted, found.rule.probability)


def _asked(service: ServiceLevel, years: Sequence[str], probability: float) -> str:
    limit = "at least" if service.at_least else "at most"
    when = f"in every financial year from {years[0]} to {years[-1]}" if len(years) > 1 else f"in {years[0]}"
    return (
        f"{service.measure} {limit} {_figure(service.bound, service.measure)} {when}, "
        f"with {value(probability, 'share')} probability"
    )


def _figure(number: float, measure: str) -> str:
    unit = UNITS[measure]
    return value(number, unit) if unit == "share" else f"{number:,g} {unit}"


def sentences(found: Found) -> list[str]:
    """The answer, the most important sentence first."""
    return [_answer(found), guarantee(found), *own_people(found), *_fewer(found), _monotone(found), not_in_it(found)]


def _answer(found: Found) -> str:
    bracket, unit = found.bracket, found.lever.unit
    present = f" In post at the start: {found.lever.people(found.scenario)}."
    if bracket.meets is None:
        best = level_shown(found)
        kept = found.kept(best)
        return (
            f"No number from {found.levels[0]} to {found.levels[-1]} {unit}{found.beside} was found to be enough for "
            f"{asked(found)}. The best found is {best}: {value(float(kept.mean()), 'share')} of {len(kept)} runs keep "
            f"it.{present}"
        )
    note = least_of_range(found)
    return f"{bracket.meets} {unit}{found.beside} are enough for {asked(found)}.{note}{present}"


def least_of_range(found: Found) -> str:
    """What is to be said where the answer is the least of the range: nobody looked below it."""
    if found.bracket.meets != found.levels[0]:
        return ""
    return " That is the least of the range, so fewer may do; search a lower one with --between."


def guarantee(found: Found) -> str:
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
        span = f"{between[0]} to {between[-1]}" if len(between) > 1 else f"{between[0]}"
        words.append(f"{span} not decided" + (f" ({'; '.join(told)})" if told else " (not tested)"))
    if bracket.meets is not None:
        words.append(f"{bracket.meets} meets ({_test(bracket.tested[bracket.meets])})")
    return (
        f"The bracket: {', '.join(words)}. A head-count is said to meet, or to fail, by exact sequential tests; "
        f"that any is wrongly said to meet has a probability of at most {value(1 - rule.confidence, 'share')}, and as "
        f"little that any is wrongly said to fail. It took {count(found.made)} runs, "
        f"{value(found.made / found.full_grid, 'share')} of the {count(found.full_grid)} of a full grid of "
        f"{rule.most} at each of {len(found.levels)} head-counts."
    )


def own_people(found: Found) -> Iterator[str]:
    """What the scenario itself does to the people of the role, beside what is looked for."""
    role, words = found.lever.role, []
    for name, shock in found.scenario.shocks.items():
        match shock:
            case Recruitment() if shock.role == role:
                until = "" if shock.ends_on is None else f" until {shock.ends_on}"
                first = found.scenario.days_in_post(shock)[0]
                what = "whom the numbers above do not count" if first > found.scenario.start else "too early to join"
                words.append(f"recruits {shock.people} from {shock.begins_on} on{until}, {what} ({name})")
            case HiringFreeze() if role in shock.roles:
                words.append(f"hires nobody from {shock.begins_on} to {shock.ends_on} ({name})")
            case Departures() if shock.role == role:
                words.append(f"loses {shock.people} on {shock.begins_on}, who are replaced as leavers are ({name})")
    if words:
        yield f"Of {people_of(role)} the scenario itself {'; it '.join(words)}."


def _test(tested: Tested) -> str:
    return f"{value(tested.successes / tested.runs, 'share')} of {tested.runs} runs"


def _fewer(found: Found) -> Iterator[str]:
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
        yield f"{people} ({level}): {in_words([_kept_difference(found, level, meets), *cost], len(both))}"


COSTS = ("inspections_late", "judgements_older_than_3_5_years", COST)
"""What is told of fewer people, beside whether they keep the service level."""


def in_words(differences: Iterable[Mean], pairs: int) -> str:
    """Differences of keeping the service level and then of :data:`COSTS`, on the same luck, in words."""
    kept, late, old, cost = differences
    return (
        f"the share of runs that keep the service level is {more_or_less(kept, 'share', 'higher', 'lower')}, a year "
        f"has {more_or_less(late, 'inspections', 'more late inspections', 'fewer late inspections')}, the share of old "
        f"judgements is {more_or_less(old, 'share', 'higher', 'lower')}, and the programme's staff cost "
        f"{more_or_less(cost, '', 'pounds more', 'pounds less')} a year; {pairs} pairs of runs on the same luck."
    )


def paired_difference(found: Found, level: int, base: int, measure: str) -> Mean:
    """Mean difference of a measure between two levels, on the same luck."""
    _, own, other = np.intersect1d(found.numbers[level], found.numbers[base], return_indices=True)
    return mean_of(found.column(level, measure)[own] - found.column(base, measure)[other])


def _kept_difference(found: Found, level: int, base: int) -> Mean:
    _, own, other = np.intersect1d(found.numbers[level], found.numbers[base], return_indices=True)
    return mean_of(found.kept(level)[own].astype(float) - found.kept(base)[other])


def _monotone(found: Found) -> str:
    told = reversals(found)
    if not told.pairs:
        return "No two head-counts were run on the same luck, so it is not known whether more people always do better."
    if not told.reversed_:
        return f"In none of {count(told.pairs)} pairs of runs on the same luck did more people do worse."
    share = f"{told.reversed_} of {count(told.pairs)} pairs of runs on the same luck"
    if told.least_p_value < 1 - CONFIDENCE:
        return (
            f"MORE PEOPLE DO NOT ALWAYS DO BETTER HERE: in {share} the service level was kept with fewer and "
            f"missed with more, which chance does not explain. The guarantee holds all the same, but a larger "
            "number may fail."
        )
    return (
        f"More people do not always do better, by chance: in {share} the service level was kept with fewer and missed "
        "with more."
    )


def not_in_it(found: Found) -> str:
    """What the probability holds of what is not known, and what it does not."""
    return (
        f"Inside the probability: {what_runs_hold(found.scenario.draws)}. Not inside: the other assumptions of low "
        "confidence, such as the inspector-days of a visit and the people of other roles (try --set over the ranges "
        "that describe shows)."
    )


def shown(found: Found) -> str:
    """Capacity curve as text."""
    columns = {name: HEADS.get(name, name.replace("_", " ")) for name in measures_of(found)}
    columns |= {f"utilisation_{found.lever.role}": f"utilisation of {people_of(found.lever.role)}"}
    head = ["people", "verdict", "runs", "level kept", *columns.values()]
    rows = [
        [
            str(row["level"]),
            str(row["verdict"]),
            str(row["runs"]),
            f"{value(row['share_kept'], 'share')} "
            f"({value(row['kept_low'], 'share')} to {value(row['kept_high'], 'share')})",
            *(_cell(row[name], name) for name in columns),
        ]
        for row in curve(found).to_dict("records")
    ]
    return aligned([head, *rows], words=2)


def _cell(mean: float, measure: str) -> str:
    return f"{mean / MILLION:,.2f}" if measure == COST else value(mean, UNITS[measure])


def of_two(pair: Pair) -> list[str]:
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
            f"No pair of head-counts was found to be enough for {asked(first)}.",
            f"{_answer(first)} {guarantee(first)} {then}",
            *own_people(first),
        ]
    of_one, of_other = pair.answer
    return [
        f"{of_one} {first.lever.unit} and {of_other} {second.lever.unit} together are enough for {asked(first)}. Fewer "
        f"{first.lever.unit} were not found to be{first.beside}, nor fewer {second.lever.unit}{second.beside}; another "
        "pair, with more of the one and fewer of the other, may be.",
        f"{first.lever.unit[0].upper()}{first.lever.unit[1:]}{first.beside}: {guarantee(first)}",
        f"{second.lever.unit[0].upper()}{second.lever.unit[1:]}{second.beside}: {guarantee(second)}",
        *own_people(first),
        *own_people(second),
        "Each of the two searches has half of the error allowed and luck of its own, so that the pair is wrongly said "
        f"to meet has a probability of at most {value(2 * (1 - first.rule.confidence), 'share')}.",
        not_in_it(first),
    ]


def filled(words: str) -> str:
    """A sentence in lines."""
    return "\n".join(textwrap.wrap(words, WIDTH))
