"""Finds the smallest workforce that keeps a service level, with its guarantee.

A service level is a chance constraint: in every financial year from a given one on, a measure is at least (or at most)
a bound, with a given probability. A run keeps it or does not. Each run has its own parameter draw, so the probability
includes uncertainty about drift and judgement. :mod:`sim.statistics.search` finds the head-count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.analysis.levers import Lever
from sim.base.calendar import APRIL
from sim.base.faults import Argument, Fault, InputError, nearest, refuse_any
from sim.base.figures import value
from sim.inputs.scenario import Scenario
from sim.runs.measures import UNITS, most_of, names_for, possible, unit_of, unknown, whole_years
from sim.runs.outcomes import QUANTILES, mean_of_years
from sim.runs.variants import Runs, Variant
from sim.statistics.search import Bracket, Course, Rule, RuleError, RunRequest, Search, Tested
from sim.statistics.sequential import Verdict

MEASURE, BOUND, FROM_YEAR = map(Argument, ("measure", "bound", "from_year"))
LEAST_SHARE, MOST_SHARE = 0.5, 2.0
"""Default range of head-counts to search, as shares of the people in post. Half is less than a spending review leaves;
twice as many would be a different inspectorate.
"""
MOST_LEVELS_SHOWN = 6
"""Today's head-count, two round numbers, the answer, one fewer and a few fewer."""
ROUND_SHARE = 0.1
"""Round numbers are multiples of 1, 2, 5, 10 and so on: the largest of these that is at most this share of the answer.
"""


OF_THE_START = ("inspections_overdue_at_start",)
"""Measures that no workforce can change."""


@dataclass(frozen=True)
class ServiceLevel:
    """Describe the service level required.

    Attributes
    ----------
    measure : str
        Name of the measure.
    bound : float
        Limit that the measure must reach or stay within, in its own unit.
    at_least : bool
        Whether the measure must be at least the bound, or at most.
    from_year : int
        First whole financial year that counts, from 1.

    Raises
    ------
    InputError
        With every fault at once.
    """

    measure: str = "inspections_on_time"
    bound: float = 0.95
    at_least: bool = True
    from_year: int = 3

    def __post_init__(self) -> None:
        faults = []
        if not possible(self.measure):
            faults.append(Fault(MEASURE, "", self.measure, nearest(self.measure, UNITS)))
        if not np.isfinite(self.bound):
            faults.append(Fault(BOUND, "", self.bound, "give a number"))
        elif self.bound < 0:
            faults.append(Fault(BOUND, "", self.bound, "give 0 or more; no measure is negative"))
        elif self.bound > most_of(self.measure):
            faults.append(Fault(BOUND, "", self.bound, "a share lies between 0 and 1, such as 0.95"))
        if self.measure in OF_THE_START:
            faults.append(Fault(MEASURE, "", self.measure, "it describes the start, not a year; choose another one"))
        if self._of_utilisation and self.at_least:
            words = "utilisation falls as people are added; set an upper limit, with `at_least=False`"
            faults.append(Fault(MEASURE, "", self.measure, words))
        if self.from_year < 1:
            faults.append(Fault(FROM_YEAR, "", self.from_year, "must be 1 or more"))
        if faults:
            raise InputError(faults)

    @property
    def _of_utilisation(self) -> bool:
        """Return whether the measure is a utilisation, which falls with more people and exceeds 1 if there is too much
        desk work.
        """
        return self.measure.startswith("utilisation")

    def years(self, scenario: Scenario) -> list[str]:
        """Return the financial years that count.

        Raises
        ------
        InputError
            If the scenario has no such years, or no such measure.
        """
        faults = []
        if words := unknown(self.measure, scenario):
            faults.append(Fault(MEASURE, "", self.measure, words))
        whole = whole_years(scenario)
        if len(whole) < self.from_year:
            words = f"{scenario.name} simulates {len(whole)} whole financial years; lengthen it, or count earlier ones"
            faults.append(Fault(FROM_YEAR, "", self.from_year, words))
        refuse_any(faults)
        return whole[self.from_year - 1 :]

    def ends_on(self, scenario: Scenario) -> date:
        """Return the last day of the years that count."""
        return date(int(self.years(scenario)[-1][:4]) + 1, APRIL, 1) - timedelta(days=1)

    def kept(self, values: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return which runs keep the service level, given the measure in each year, shape (runs, years).

        Years with nothing due count as met.
        """
        reached = values >= self.bound if self.at_least else values <= self.bound
        return np.asarray((reached | np.isnan(values)).all(axis=1), dtype=np.bool_)


Given = tuple[Lever, int]
"""A lever, and its level."""


@dataclass(frozen=True)
class SearchResult:
    """Hold the result of a search.

    Attributes
    ----------
    scenario : Scenario
        Scenario that was varied. Each run has its own draw of the parameters.
    service : ServiceLevel
        Service level required.
    lever : Staff or other Lever
        What was made larger.
    levels : range
        Range searched.
    rule : Rule
        Guarantee, and limit on the cost of the answer.
    bracket : Bracket
        The answer.
    runs : dict of int to ndarray
        Every measure of the runs at each level, shape (runs, years, measures), in the order of their numbers.
    numbers : dict of int to ndarray
        Numbers of these runs. Runs with the same number have the same luck.
    years : tuple of str
        Financial years of the arrays.
    given : tuple of Lever and int, or None
        Another lever, and the level at which it was held.
    """

    scenario: Scenario
    service: ServiceLevel
    lever: Lever
    levels: range
    rule: Rule
    bracket: Bracket
    runs: Mapping[int, NDArray[np.float64]]
    numbers: Mapping[int, NDArray[np.int64]]
    years: tuple[str, ...]
    given: Given | None = None

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Return the measures of the arrays, in order."""
        return names_for(self.scenario)

    @property
    def beside(self) -> str:
        """Describe the head-count at which another role was held, as words that follow others."""
        return "" if self.given is None else f" beside {self.given[1]} {self.given[0].unit}"

    @property
    def asked(self) -> str:
        """Describe the requirement, as words that follow others."""
        limit = "at least" if self.service.at_least else "at most"
        unit, years = unit_of(self.service.measure), self.counted
        bound = value(self.service.bound, unit) if unit == "share" else f"{self.service.bound:,g} {unit}"
        when = f"in every financial year from {years[0]} to {years[-1]}" if len(years) > 1 else f"in {years[0]}"
        return (
            f"{self.service.measure} {limit} {bound} {when}, with {value(self.rule.probability, 'share')} probability"
        )

    @property
    def counted(self) -> list[str]:
        """Return the financial years in which the service level counts."""
        return self.service.years(self.scenario)

    def column(self, level: int, measure: str) -> NDArray[np.float64]:
        """Return a measure of the runs at a level, averaged over the years that count, shape (runs,); NaN if it has no
        value.
        """
        return mean_of_years(self._counted(level)[:, :, self.names.index(measure)])

    def is_shown(self, level: int) -> NDArray[np.bool_]:
        """Return which runs illustrate a level: they have the same luck at every level shown, shape (runs,)."""
        shown = self.bracket.shown
        numbers = self.numbers[level]
        return (numbers >= shown.start) & (numbers < shown.stop)

    def quantiles(self, level: int, measure: str) -> tuple[float, float, float]:
        """Return a measure of the runs that illustrate a level: its 10% quantile, its median and its 90% quantile; NaN
        if it has no value in any of them.
        """
        values = self.column(level, measure)[self.is_shown(level)]
        values = values[~np.isnan(values)]
        if not values.size:
            return float("nan"), float("nan"), float("nan")
        low, median, high = np.quantile(values, QUANTILES).tolist()
        return low, median, high

    def kept(self, level: int, years: Sequence[str] | None = None) -> NDArray[np.bool_]:
        """Return which runs of a level keep the service level in some years (by default all that count), shape (runs,).

        A run that raised an error does not keep it.
        """
        values = self._counted(level, years)
        raised = np.isnan(self.runs[level]).all(axis=(1, 2))
        return self.service.kept(values[:, :, self.names.index(self.service.measure)]) & ~raised

    def _counted(self, level: int, years: Sequence[str] | None = None) -> NDArray[np.float64]:
        return self.runs[level][:, [self.years.index(year) for year in (self.counted if years is None else years)]]

    @property
    def made(self) -> int:
        """Return the number of runs made in total."""
        return sum(len(numbers) for numbers in self.numbers.values())

    @property
    def full_grid(self) -> int:
        """Return the number of runs of a full grid, which tests every level of the range to the end."""
        return len(self.levels) * self.rule.most


def levels_about(people: int) -> range:
    """Return the default range of head-counts to search around the number in post."""
    return range(max(1, int(people * LEAST_SHARE)), max(2, int(people * MOST_SHARE + 0.5)) + 1)


def round_levels(today: int, levels: range, bracket: Bracket) -> list[int]:
    """List today's head-count and the round numbers next to the answer; without an answer, the end of the range."""
    if bracket.meets is None:
        return [today, levels[-1]]
    low = levels[0] if bracket.fails is None else bracket.fails + 1
    units = (unit * 10**power for power in range(5) for unit in (1, 2, 5))
    step = max((each for each in units if each <= ROUND_SHARE * bracket.meets), default=1)
    round_ = ((low - 1) // step * step, (bracket.meets // step + 1) * step)
    return [today, *(level for level in round_ if level in levels)]


def shown_levels(today: int, levels: range, bracket: Bracket, rule: Rule) -> list[int]:
    """List the levels to illustrate: those of :func:`round_levels`, the answer, and one and a few fewer."""
    meets = bracket.meets
    fewer = () if meets is None else (meets, *(meets - each for each in {1, rule.fewer} if rule.fewer))
    return sorted({*round_levels(today, levels, bracket), *(level for level in fewer if level in levels)})


SO_FAR: dict[Verdict, str] = {"meets": "enough", "fails": "too few", "undecided": "not decided"}
"""What a verdict says to a reader while a search goes on."""


def so_far(tested: Mapping[int, Tested]) -> str:
    """Describe in words what the tests have shown so far."""
    said: dict[Verdict, list[str]] = {verdict: [] for verdict in SO_FAR}
    for level, each in sorted(tested.items()):
        kept = f"{value(each.successes / each.runs, 'share')} of {each.runs} runs keep the level"
        said[each.verdict].append(f"{level} ({kept})")
    words = (f"{SO_FAR[verdict]}: {', '.join(each)}" for verdict, each in said.items() if each)
    return "; ".join(words) or "nothing decided yet"


@contextmanager
def told_if_stopped(words: Callable[[], str]) -> Iterator[None]:
    """Add a note of what is known to any error that ends the block early."""
    try:
        yield
    except BaseException as error:
        error.add_note(words())
        raise


def of_one_draw_each(scenario: Scenario) -> Scenario:
    """Return the scenario with a separate parameter draw for each run, so that runs are independent."""
    return scenario if scenario.runs_sharing_a_draw == 1 else scenario.with_changes({"runs_per_draw": 1})


def look_for(
    scenario: Scenario,
    service: ServiceLevel,
    lever: Lever,
    levels: range,
    rule: Rule,
    runs: Runs,
    given: Given | None = None,
    first: int = 0,
) -> SearchResult:
    """Find the smallest level of a lever that keeps a service level.

    Parameters
    ----------
    scenario : Scenario
        Scenario to vary. Each run must have its own draw, see :func:`of_one_draw_each`.
    service : ServiceLevel
        Service level required.
    lever : Lever
        What to make larger.
    levels : range
        Range to search.
    rule : Rule
        Guarantee, and limit on the cost of the answer.
    runs : Runs
        Source of the runs.
    given : tuple of Lever and int, optional
        Another lever, and the level at which to hold it.
    first : int, optional
        Number of the first run.

    Returns
    -------
    SearchResult
        The bracket, and all runs requested.

    Raises
    ------
    ValueError
        If runs of the scenario share draws.
    """
    if scenario.runs_sharing_a_draw != 1:
        raise ValueError("runs of a search must be independent: give each its own draw (of_one_draw_each)")
    places = [runs.years.index(year) for year in service.years(scenario)]
    measure = runs.names.index(service.measure)

    def variant(level: int) -> Variant:
        return _variant(scenario, (lever, level), given)

    def word(level: int) -> str:
        return _word((lever, level), given)

    search = Search(levels, rule, first)

    def course() -> Course:
        """Search, then request runs that only illustrate head-counts, all on the same luck."""
        bracket = yield from search.course()
        for level in shown_levels(lever.people(scenario), levels, bracket, rule):
            yield RunRequest(level, bracket.shown, range(0))
        return bracket

    def known() -> str:
        return so_far(search.tested)

    with told_if_stopped(lambda: f"So far, of {lever.unit}: {known()}."):
        bracket = runs.follow(course(), variant, lambda values: service.kept(values[:, places, measure]), known)
    numbers = {  # earlier numbers belong to a previous search
        level: np.array(
            [number for number in sorted(runs.asked.get(word(level), ())) if number >= first], dtype=np.int64
        )
        for level in sorted({*levels, lever.people(scenario)})
    }
    numbers = {level: each for level, each in numbers.items() if len(each)}
    return SearchResult(
        scenario=scenario,
        service=service,
        lever=lever,
        levels=levels,
        rule=rule,
        bracket=bracket,
        runs={level: runs.values(word(level), each.tolist()) for level, each in numbers.items()},
        numbers=numbers,
        years=runs.years,
        given=given,
    )


def _variant(scenario: Scenario, at: Given, given: Given | None) -> Variant:
    """Return the scenario with a lever at a level, and perhaps another lever at its own."""
    changes = [lever.changes(scenario, level) for lever, level in (*([given] if given else []), at)]
    return Variant(_word(at, given), scenario.with_changes({key: each[key] for each in changes for key in each}))


def _word(at: Given, given: Given | None) -> str:
    """Name the variant so that the same head-counts have the same word, whichever role is searched."""
    return "+".join(sorted(f"{lever.word}.{level}" for lever, level in (at, *([given] if given else []))))


def runs_at(
    scenario: Scenario,
    service: ServiceLevel,
    lever: Lever,
    level: int,
    rule: Rule,
    runs: Runs,
    numbers: range,
    given: Given | None = None,
) -> SearchResult:
    """Make runs of these numbers at one level, as a search that decides nothing.

    The parameters are those of :func:`look_for`, plus the level and the numbers of the runs.
    """
    values = runs.of(_variant(scenario, (lever, level), given), numbers)
    return SearchResult(
        scenario=scenario,
        service=service,
        lever=lever,
        levels=range(level, level + 1),
        rule=rule,
        bracket=Bracket(None, None, {}, numbers),
        runs={level: values},
        numbers={level: np.arange(numbers.start, numbers.stop)},
        years=runs.years,
        given=given,
    )


@dataclass(frozen=True)
class Pair:
    """Hold a joint answer for two roles.

    Attributes
    ----------
    first : SearchResult
        Search of the first role, with the second at the end of its range.
    second : SearchResult or None
        Search of the second role, with the first at the head-count that met. None if none did.
    """

    first: SearchResult
    second: SearchResult | None

    @property
    def answer(self) -> tuple[int, int] | None:
        """Return the head-counts that meet together; None if no pair was found."""
        if self.second is None or self.first.bracket.meets is None or self.second.bracket.meets is None:
            return None
        return self.first.bracket.meets, self.second.bracket.meets


def _with_plenty(second: SearchResult, first: SearchResult, plenty: int) -> SearchResult:
    """Return the second of two searches, adding what the first one found about the end of its range."""
    meets = first.bracket.meets
    assert meets is not None
    found = replace(second.bracket, meets=plenty, tested=second.bracket.tested | {plenty: first.bracket.tested[meets]})
    numbers, runs = ([kept[plenty]] if plenty in kept else [] for kept in (second.numbers, second.runs))
    return replace(
        second,
        bracket=found,
        numbers={**second.numbers, plenty: np.concatenate([first.numbers[meets], *numbers])},
        runs={**second.runs, plenty: np.concatenate([first.runs[meets], *runs])},
    )


def rule_of_each(rule: Rule) -> Rule:
    """Return the rule for each of two searches, with half of the error allowed, so that the pair keeps one promise.

    Raises
    ------
    InputError
        If the rule allows too few runs for this.
    """
    return rule_of(**asdict(replace(rule, fewer=0)) | {"confidence": 1 - (1 - rule.confidence) / 2})


def rule_of(**fields: Any) -> Rule:
    """Build the rule of a search from these fields; an InputError names each invalid one."""
    try:
        return Rule(**fields)
    except RuleError as error:
        raise InputError(Fault(Argument(field), "", given, words) for field, given, words in error.faults) from None


def look_for_two(
    scenario: Scenario,
    service: ServiceLevel,
    levers: Sequence[Lever],
    ranges: Sequence[range],
    rule: Rule,
    runs: Runs,
) -> Pair:
    """Find the smallest head-counts of two roles: of the first with plenty of the second, then of the second with that.

    The parameters are those of :func:`look_for`, with two levers and two ranges. "Plenty" is the end of the second
    range. The head-count of the first role depends on the luck of its runs. So the second search uses runs with other
    numbers: it errs with at most half of the error allowed, whatever head-count it is given. The same is true of the
    first search. If the second search finds no head-count, the end of its range stands, which the first search has
    found to meet.
    """
    (one, other), (of_one, of_other) = levers, ranges
    rule, plenty = rule_of_each(rule), of_other[-1]
    first = look_for(scenario, service, one, of_one, rule, runs, (other, plenty))
    meets = first.bracket.meets
    if meets is None:
        return Pair(first, None)
    luck = 1 + max(int(numbers[-1]) for numbers in first.numbers.values())
    with told_if_stopped(lambda: f"{meets} {one.unit} are enough{first.beside}."):
        second = look_for(scenario, service, other, of_other, rule, runs, (one, meets), first=luck)
    if second.bracket.meets is None and second.bracket.fails != plenty:
        second = _with_plenty(second, first, plenty)
    return Pair(first, second)
