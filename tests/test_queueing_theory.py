"""What theory says of queues, renewals and long runs, held against the model's own planner, people and authorities.

Nothing here is simulated beside the model: visits are the inspections of authorities whose last ones are spread so that
the next ones fall due as a Poisson process, servers are inspectors, and what is counted is read off the record. Regions
whose people stay at home, or groups of authorities, are independent of one another, so each is one observation and
nothing has to be allowed for autocorrelation. Intervals come from the exact law of a total over them, by convolution,
at the stated rate of false alarms. A companion beside each test plants a fault of a size that would matter, and shows
that the test catches it.

The planner works by the week. With visits of a week the queue on Mondays is M/D/c (Crommelin, 1932: what is in the
system a service time later is what could not be served, and who came meanwhile); with visits that go on for another
week with one probability it is that queue's relative with geometric visits, and Erlang's M/M/c but for the grid of
weeks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from math import factorial, inf
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy import stats
from scipy.linalg import expm, null_space

from sim.base import calendar as workdays
from sim.base.calendar import DAYS_A_YEAR, add_months
from sim.inputs.authorities import Authority
from sim.inputs.framework import INSPECTIONS, Publication, VisitRules
from sim.inputs.grades import JUDGEMENTS, Judgement
from sim.inputs.pathways import VisitName
from sim.inputs.ratings import Ratings
from sim.inputs.scenario import Scenario, load
from sim.inputs.windows import Window
from sim.record.rows import Record
from sim.runs.model import Model
from sim.world import visits as visit_module
from sim.world.context import ScenarioContext
from sim.world.entities import Assignment, AuthorityState, Visit
from sim.world.fieldwork import Fieldwork
from sim.world.obstacles import LIMIT, Obstacle
from sim.world.planner import Planner
from tests.worlds import WEEK, all_sizes, authority, posts, quiet, without_focused

FALSE_ALARM = 1e-4
Numbers = NDArray[np.float64]
Counts = NDArray[np.int64]


# ---------------------------------------------------------------- exact laws of totals


def law_of_sum(law: Numbers, count: int) -> Numbers:
    """Law of the sum of independent whole numbers that all have one law, from 0 on."""
    size = count * (len(law) - 1) + 1
    return np.clip(np.fft.irfft(np.fft.rfft(law, 2 * size) ** count, 2 * size)[:size], 0.0, None)


def exact_interval(law: Numbers, alarm: float) -> tuple[int, int]:
    """Whole numbers outside of which a draw from a law falls with at most a probability."""
    below = np.cumsum(law)
    return int(np.searchsorted(below, alarm / 2)), int(np.searchsorted(below, 1 - alarm / 2))


def agrees(total: int, law_of_each: Numbers, count: int, alarm: float = FALSE_ALARM) -> bool:
    """Whether a total over independent observations lies in its exact interval."""
    low, high = exact_interval(law_of_sum(law_of_each, count), alarm)
    return low <= total <= high


def law_of_square(law: Numbers) -> Numbers:
    squares = np.zeros((len(law) - 1) ** 2 + 1)
    squares[np.arange(len(law)) ** 2] = law
    return squares


def agrees_in_mean_and_spread(observed: Counts, law: Numbers) -> bool:
    """Whether independent counts agree with a law in their sum, and in the sum of their squares."""
    alarm = FALSE_ALARM / 2
    in_mean = agrees(int(observed.sum()), law, len(observed), alarm)
    return in_mean and agrees(int((observed**2).sum()), law_of_square(law), len(observed), alarm)


def poisson(mean: float, largest: int) -> Numbers:
    return np.asarray(stats.poisson(mean).pmf(np.arange(largest + 1)), dtype=np.float64)


# ---------------------------------------------------------------- worlds in which visits are customers

START = date(2018, 1, 1)
"""A Monday."""
FIRST = 2 * WEEK
"""First Monday on which a visit may be due: what is asked for on day 0 can begin then."""
KINDS: dict[Judgement, VisitName] = {
    "outstanding": "short", "good": "short", "requires_improvement": "standard", "inadequate": "single_inspection",
}  # fmt: skip
RULES = "frameworks.ilacs_2017"


def one_after_another(interval_months: int, planned_to_months: int = 0) -> dict[str, object]:
    """One kind of inspection after each judgement, every so many months, and nothing in between."""
    changes: dict[str, object] = {**without_focused(), "calendar.closed_weeks": ()}
    for judgement, kind in KINDS.items():
        changes |= {
            f"{RULES}.pathways.{judgement}.{key}": value
            for key, value in {
                "interval_months": interval_months,
                "window_before_months": 1,
                "window_after_months": 6,
                "planned_to_months": planned_to_months,
                "monitoring": None,
                "inspection": kind,
            }.items()
        }
    return changes


def one_inspector_on_site() -> dict[str, object]:
    """Every inspection is carried out by a single inspector, who has nothing to do before or after it."""
    changes: dict[str, object] = {}
    for kind in ("short", "standard", "single_inspection"):
        visit = f"{RULES}.visits.{kind}"
        changes |= {
            f"{visit}.team.inspectors.people": all_sizes(0),
            f"{visit}.team.lead.preparation_days": 0,
            f"{visit}.team.lead.writing_up_days": 0,
            f"{visit}.rest_weeks": 0,
        }
    return changes


def in_regions(people: dict[str, int]) -> dict[str, object]:
    nobody = dict.fromkeys(people, 0)
    changes = {"workforce.regions": tuple(people), **posts("social_care_hmi", people)}
    return changes | posts("schools_hmi", nobody) | posts("regulatory_inspector", nobody) | posts("senior_hmi", nobody)


YEARS_BEFORE = 5
"""From the last inspection to the next one."""


def poisson_table(
    regions: Iterable[str], weeks: int, rate: float, judgements: Sequence[Judgement], years_before: int = YEARS_BEFORE
) -> list[Authority]:
    """Authorities that fall due as a Poisson process in each region: so many a week, on its Monday."""
    random = np.random.default_rng(1909)
    rows = []
    for region in regions:
        for week, due in enumerate(random.poisson(rate, weeks)):
            for number in range(due):
                inspected_on = add_months(START + timedelta(days=FIRST + WEEK * week), -12 * years_before)
                judgement = judgements[int(random.integers(len(judgements)))]
                rows.append(authority(f"{region} {week:03d} {number}", region, judgement, str(inspected_on)))
    return rows


@contextmanager
def without_bank_holidays() -> Iterator[None]:
    """Every week is open: a queue in which nobody is served in some weeks is another one."""
    with patch.object(workdays, "bank_holidays", frozenset):
        yield


def run_of(scenario: Scenario, lengths: Callable[[VisitRules], VisitRules] | None = None) -> Record:
    """Record of a world without bank holidays whose people give it all their time, in every term.

    ``lengths`` gives each visit rules of its own, when it is asked for.
    """
    with without_bank_holidays():
        context = ScenarioContext(scenario)
    model = Model(scenario, 0, context)
    world, ask = model.world, model.world.ask
    for person in world.workforce.everybody:
        person.left = [inf] * len(person.left)
        person.balance(0, len(person.left) - 1)

    def of_a_length(*arguments: Any, **named: Any) -> Visit:
        visit = ask(*arguments, **named)
        if lengths is not None:
            visit.follow(visit.name, visit.of_kind, lengths(visit.rules), visit.window, None, None)
        return visit

    with patch.object(world, "ask", of_a_length):
        return model.run()


def seen_in_weeks(record: Record, regions: Sequence[str], weeks: int) -> tuple[Counts, Counts, Counts]:
    """Visits due, begun and over by the end of each week, running totals of shape (region, week)."""
    place = {region: number for number, region in enumerate(regions)}
    due, begun, over = (np.zeros((len(regions), weeks + 1), dtype=np.int64) for _ in range(3))
    for row in record.visits:
        moments = (due, row.due), (begun, row.fieldwork_start), (over, row.fieldwork_end)
        for table, day in moments:
            if day is not None:
                table[place[row.region], min(weeks, (day - FIRST) // WEEK)] += 1
    return due.cumsum(axis=1)[:, :weeks], begun.cumsum(axis=1)[:, :weeks], over.cumsum(axis=1)[:, :weeks]


# ---------------------------------------------------------------- queues for the people of a region

MOST = 60
"""Visits in the system that the theory reckons with; more are beyond all probability."""
NEGLIGIBLE = 1e-15


@dataclass(frozen=True)
class Queue:
    """A queue by the week: visits fall due by a Poisson law, and each that is served ends with the week by a chance.

    Attributes
    ----------
    rate : float
        Visits that fall due in a week.
    servers : int
        Inspectors, each on one visit at a time.
    ends : float
        Probability that a visit that is served in a week is over with it: 1 for visits of a week, or one over the mean
        number of weeks.
    """

    rate: float
    servers: int
    ends: float = 1.0

    @property
    def arrivals(self) -> Numbers:
        """Probability of each state after a week's arrivals, by the state before."""
        law = poisson(self.rate, MOST)
        return np.array([[law[to - state] if to >= state else 0.0 for to in range(MOST)] for state in range(MOST)])

    @property
    def departures(self) -> Numbers:
        """Probability of each state at a week's end, by the state after its arrivals."""
        moves = np.zeros((MOST, MOST))
        for state in range(MOST):
            served = min(state, self.servers)
            law = stats.binom(served, self.ends).pmf(np.arange(served + 1))
            moves[state, state - served : state + 1] = law[::-1]
        return moves

    def stationary(self) -> Numbers:
        """Law of the state before a week's arrivals, in the long run."""
        (law,) = null_space((self.arrivals @ self.departures).T - np.eye(MOST), rcond=1e-9).T
        return np.asarray(law / law.sum(), dtype=np.float64)

    def law_of_total(self, weeks: int, before: Counts, after: Counts) -> Numbers:
        """Exact law of a total over the weeks, from an empty start.

        ``before`` and ``after`` say what a week adds by the state before its arrivals, and after them.
        """
        arrivals, departures = self.arrivals, self.departures
        joint = np.zeros((MOST, 1))
        joint[0, 0] = 1.0
        for _ in range(weeks):
            joint = departures.T @ _with_added(arrivals.T @ _with_added(joint, before), after)
            joint = joint[:, : int(np.nonzero(joint.sum(axis=0) > NEGLIGIBLE)[0].max()) + 1]
        return np.asarray(joint.sum(axis=0), dtype=np.float64)

    def law_of_waiting(self, weeks: int) -> Numbers:
        """Weeks that visits wait, all of them together."""
        return self.law_of_total(weeks, NOTHING, np.maximum(STATES - self.servers, 0))

    def law_of_work(self, weeks: int) -> Numbers:
        """Weeks that inspectors are out, all of them together."""
        return self.law_of_total(weeks, NOTHING, np.minimum(STATES, self.servers))

    def law_of_full_weeks(self, weeks: int) -> Numbers:
        """Weeks in which nobody is free for the first visit that falls due."""
        return self.law_of_total(weeks, (self.servers <= STATES).astype(np.int64), NOTHING)


STATES: Counts = np.arange(MOST)
NOTHING: Counts = np.zeros(MOST, dtype=np.int64)


def _with_added(joint: Numbers, adds: Counts) -> Numbers:
    """Law of state and total after each state has added to the total."""
    size = joint.shape[1]
    grown = np.zeros((MOST, size + int(adds.max())))
    for state, added in enumerate(adds):
        grown[state, added : added + size] = joint[state]
    return grown


def erlang_c(servers: int, load: float) -> float:
    """Probability of waiting in M/M/c, for a load in servers (Erlang, 1917)."""
    full = load**servers / factorial(servers) * servers / (servers - load)
    return full / (sum(load**busy / factorial(busy) for busy in range(servers)) + full)


def crommelins_mean(rate: float, servers: int) -> float:
    """Mean number in an M/D/c system with visits of one unit of time, from the roots of Crommelin's equation.

    Those of z^c = exp(rate (z - 1)) in the unit circle but for z = 1, each found by iteration from a root of unity
    (Tijms, Stochastic Models, 1994, section 4.5).
    """
    units = np.exp(2j * np.pi * np.arange(1, servers) / servers)
    roots = 0.5 * units
    for _ in range(2000):
        roots = units * np.exp(rate * (roots - 1) / servers)
    free = servers - rate
    return float((rate - free * (free - 1)) / (2 * free) + np.real(np.sum(1 / (1 - roots))))


@pytest.mark.parametrize(("rate", "servers"), [(0.5, 1), (1.4, 2), (2.4, 3), (6.5, 8)])
def test_the_theory_of_visits_of_a_week_is_crommelins(rate: float, servers: int) -> None:
    queue = Queue(rate, servers)
    assert queue.stationary() @ queue.arrivals @ STATES == pytest.approx(crommelins_mean(rate, servers))
    if servers == 1:  # Pollaczek and Khinchine
        assert crommelins_mean(rate, servers) == pytest.approx(rate + rate**2 / (2 * (1 - rate)))


@pytest.mark.parametrize(("load", "servers"), [(0.7, 1), (1.0, 2), (2.1, 3)])
def test_the_theory_of_long_visits_tends_to_erlangs_as_the_weeks_become_short(load: float, servers: int) -> None:
    def full(weeks: int) -> float:
        return float(Queue(load / weeks, servers, 1 / weeks).stationary()[servers:].sum())

    errors = [full(weeks) - erlang_c(servers, load) for weeks in (16, 32, 64, 128)]
    assert errors[-1] == pytest.approx(0.0, abs=0.005)
    # Half the step, half the error.
    assert [later / earlier for earlier, later in pairwise(errors)] == pytest.approx([0.5] * 3, abs=0.02)


HANDS = Queue(rate=1.0, servers=2)
"""Two inspectors a region, half of whose weeks are taken by visits of one week."""
POOLS, WEEKS = 110, 30
"""Regions, and weeks in which visits fall due in them."""


def names_of(count: int) -> tuple[str, ...]:
    return tuple(f"R{number:03d}" for number in range(count))


@cache
def hands_at_work() -> Scenario:
    """Regions in which visits of one week fall due, for people who go nowhere else."""
    regions = names_of(POOLS)
    changes: dict[str, object] = {
        "start": START,
        "planning.stay_in_region": ("social_care_hmi",),
        **in_regions(dict.fromkeys(regions, HANDS.servers)),
        **one_after_another(12 * YEARS_BEFORE),
        **one_inspector_on_site(),
    }
    return quiet(poisson_table(regions, WEEKS, HANDS.rate, ["good"]), {}, changes)


@cache
def hands_record() -> Record:
    return run_of(hands_at_work())


def weeks_waited(record: Record) -> int:
    """Weeks that the visits of all regions wait, week after week those that are due and have not begun."""
    due, begun, _ = seen_in_weeks(record, names_of(POOLS), WEEKS)
    return int((due - begun).sum())


def weeks_at_work(record: Record) -> int:
    """Weeks with an inspector on site, as the table of those on site counts them."""
    load = record.workload
    (weeks,) = np.nonzero(np.isin(load.weeks, FIRST + WEEK * np.arange(WEEKS)))
    return int(np.isin(load.on_site[:, 0], weeks).sum())


def test_visits_of_a_week_wait_as_in_crommelins_queue() -> None:
    assert agrees(weeks_waited(hands_record()), HANDS.law_of_waiting(WEEKS), POOLS)


def test_people_are_out_as_often_as_the_load_says_they_are() -> None:
    assert agrees(weeks_at_work(hands_record()), HANDS.law_of_work(WEEKS), POOLS)


def test_a_planner_that_overlooks_one_visit_in_eight_each_week_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    form, random = Planner._form_team, np.random.default_rng(8)

    def absent_minded(planner: Planner, visit: Visit, fieldwork: Fieldwork) -> list[Assignment] | Obstacle:
        return LIMIT if random.random() < 1 / 8 else form(planner, visit, fieldwork)

    monkeypatch.setattr(Planner, "_form_team", absent_minded)
    assert not agrees(weeks_waited(run_of(hands_at_work())), HANDS.law_of_waiting(WEEKS), POOLS)


def lasting(weeks: int, rules: VisitRules) -> VisitRules:
    """The rules of a visit of one inspector with so many weeks on site, more than a scenario may say if need be."""
    lead = rules.team["lead"]
    longer = type(lead).model_construct(**{**dict(lead), "on_site_days": (5,) * weeks})
    return VisitRules.model_construct(**{**dict(rules), "fieldwork_days": 5 * weeks, "team": {"lead": longer}})


def test_one_visit_in_eight_of_two_weeks_instead_of_one_is_caught_by_those_who_are_out() -> None:
    random = np.random.default_rng(9)
    record = run_of(hands_at_work(), lambda rules: lasting(2, rules) if random.random() < 1 / 8 else rules)
    assert not agrees(weeks_at_work(record), HANDS.law_of_work(WEEKS), POOLS)


# ---------------------------------------------------------------- Erlang's queue

MEAN_WEEKS = 10
LONG = Queue(rate=1 / MEAN_WEEKS, servers=2, ends=1 / MEAN_WEEKS)
"""Two inspectors a region, half of whose time is taken by visits of ten weeks on average."""
LONG_POOLS, LONG_WEEKS = 48, 500
LONG_YEARS = 12
"""More than two of them after the last visit has fallen due, in which long ones can end."""


@cache
def long_visits() -> Scenario:
    regions = names_of(LONG_POOLS)
    changes: dict[str, object] = {
        "start": START,
        "years": LONG_YEARS,
        "planning.stay_in_region": ("social_care_hmi",),
        **in_regions(dict.fromkeys(regions, LONG.servers)),
        **one_after_another(12 * LONG_YEARS),
        **one_inspector_on_site(),
    }
    return quiet(poisson_table(regions, LONG_WEEKS, LONG.rate, ["good"], LONG_YEARS), {}, changes)


def full_weeks(mean_weeks: float) -> int:
    """Weeks in which no inspector of a region is free for the first visit that falls due, over all regions."""
    random = np.random.default_rng(16)
    known: dict[int, VisitRules] = {}

    def of_some_weeks(rules: VisitRules) -> VisitRules:
        weeks = int(random.geometric(1 / mean_weeks))
        return known.setdefault(weeks, lasting(weeks, rules))

    due, _, over = seen_in_weeks(run_of(long_visits(), of_some_weeks), names_of(LONG_POOLS), LONG_WEEKS)
    nobody = np.zeros((LONG_POOLS, 1), dtype=np.int64)
    before, gone = np.hstack([nobody, due[:, :-1]]), np.hstack([nobody, over[:, :-1]])
    return int((before - gone >= LONG.servers).sum())


@pytest.mark.slow
def test_visits_of_many_weeks_find_everybody_out_as_often_as_erlangs_formula_says() -> None:
    law = LONG.law_of_full_weeks(LONG_WEEKS)
    seen = full_weeks(MEAN_WEEKS)
    assert agrees(seen, law, LONG_POOLS)
    # What the grid of weeks and the empty start take off Erlang's probability, a third, is less than chance may.
    low, high = exact_interval(law_of_sum(law, LONG_POOLS), FALSE_ALARM)
    assert low <= erlang_c(LONG.servers, LONG.rate / LONG.ends) * LONG_WEEKS * LONG_POOLS <= high


@pytest.mark.slow
def test_visits_that_take_a_quarter_longer_find_everybody_out_too_often_for_erlangs_formula() -> None:
    assert not agrees(full_weeks(1.25 * MEAN_WEEKS), LONG.law_of_full_weeks(LONG_WEEKS), LONG_POOLS)


# ---------------------------------------------------------------- as many people as anybody asks for

GROUPS, PEOPLE = 130, 600
ASKED, SINCE = 0.8, 26
"""Visits that fall due in each group of authorities in a week, and weeks of it."""
WEEKS_ON_SITE: dict[Judgement, int] = {
    "outstanding": 1, "good": 1, "requires_improvement": 2, "inadequate": 4,
}  # fmt: skip
REPORTS: dict[VisitName, tuple[float, float]] = {
    "short": (25.0, 34.0), "standard": (21.0, 32.0), "single_inspection": (36.0, 48.0),
}  # fmt: skip
"""Working days to publication: median, and exceeded by one in ten. An inadequate judgement takes five more."""


def unlimited(people: int = PEOPLE, at_home: bool = False) -> Scenario:
    """Groups of authorities for whom there are people without end, all of one region; or some of each group's own."""
    groups = names_of(GROUPS)
    in_each = dict.fromkeys(groups, people) if at_home else dict.fromkeys(groups, 0) | {groups[0]: people}
    changes: dict[str, object] = {
        "start": START,
        "planning.travel_days_elsewhere": 0,
        "planning.stay_in_region": ("social_care_hmi",) if at_home else (),
        **in_regions(in_each),
        **one_after_another(12 * YEARS_BEFORE),
        **one_inspector_on_site(),
    }
    for kind, (median, exceeded) in REPORTS.items():
        publication = f"{RULES}.visits.{kind}.publication"
        changes |= {f"{publication}.median_days": median, f"{publication}.p90_days": exceeded}
        changes[f"{publication}.inadequate_extra_days"] = 5
    return quiet(poisson_table(groups, SINCE, ASKED, JUDGEMENTS), {}, changes)


@cache
def unlimited_record() -> Record:
    return run_of(unlimited())


def on_site(record: Record) -> Counts:
    """Visits on site, by group, in weeks so far apart that no visit is there in two of them."""
    longest = max(WEEKS_ON_SITE.values())
    _, begun, over = seen_in_weeks(record, names_of(GROUPS), SINCE)
    return np.asarray((begun[:, 1:] - over[:, :-1])[:, longest::longest], dtype=np.int64).ravel()


def in_hand(record: Record) -> Counts:
    """Visits begun and not yet published at the end of the last Monday, by group."""
    monday, place = FIRST + WEEK * (SINCE - 1), {name: number for number, name in enumerate(names_of(GROUPS))}
    count = np.zeros(GROUPS, dtype=np.int64)
    for row in record.visits:
        begun = row.fieldwork_start is not None and row.fieldwork_start <= monday
        if begun and (row.published is None or row.published > monday):
            count[place[row.region]] += 1
    return count


def law_on_site() -> Numbers:
    """M/G/infinity: a Poisson law, whose mean is the rate times the mean length, whatever the lengths are."""
    return poisson(ASKED * float(np.mean(list(WEEKS_ON_SITE.values()))), MOST)


def law_in_hand() -> Numbers:
    """The same, of the time to publication; what began in each week is there still with the lognormal's probability."""
    mean = 0.0
    for judgement, weeks in WEEKS_ON_SITE.items():
        median, exceeded = REPORTS[KINDS[judgement]]
        deviation = np.log(exceeded / median) / stats.norm.ppf(0.9)
        for ago in range(SINCE):
            working_days = 5 * (ago - weeks) + 1 - (5 if judgement == "inadequate" else 0)  # none on the last Friday
            out = stats.norm.cdf((np.log(working_days + 0.5) - np.log(median)) / deviation) if working_days > 0 else 0.0
            mean += ASKED / len(WEEKS_ON_SITE) * (1 - float(out))
    return poisson(mean, MOST)


def test_visits_on_site_are_poisson_where_there_are_people_without_end() -> None:
    assert agrees_in_mean_and_spread(on_site(unlimited_record()), law_on_site())


def test_visits_in_hand_until_their_reports_are_poisson_where_there_are_people_without_end() -> None:
    assert all(row.fieldwork_start == row.due for row in unlimited_record().visits)
    assert agrees_in_mean_and_spread(in_hand(unlimited_record()), law_in_hand())


@pytest.mark.slow
def test_two_people_for_each_group_are_caught_not_to_be_without_end() -> None:
    assert not agrees_in_mean_and_spread(on_site(run_of(unlimited(people=2, at_home=True))), law_on_site())


def test_reports_that_take_a_quarter_longer_are_caught_by_the_visits_in_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    lag = visit_module.publication_lag

    def slower(rules: Publication | None, u: float, inadequate: bool) -> int:
        return round(1.25 * lag(rules, u, inadequate))

    monkeypatch.setattr(visit_module, "publication_lag", slower)
    assert not agrees_in_mean_and_spread(in_hand(run_of(unlimited())), law_in_hand())


# ---------------------------------------------------------------- renewals

LIVES, DECADES_YEARS = 120, 12
INTERVAL, STRETCH = 3, 12
"""Months from an inspection to the first day for which the next one is planned, and from that to the last."""
INSPECTED = date(2017, 11, 3)


def renewing() -> Scenario:
    """Authorities that are alike at the start, and inspected again and again whenever their plan says."""
    rows = [authority(f"A{number:03d}", "North", "good", str(INSPECTED)) for number in range(LIVES)]
    changes: dict[str, object] = {
        "start": START,
        **one_after_another(INTERVAL, STRETCH),
        **one_inspector_on_site(),
        **{f"{RULES}.pathways.{judgement}.window_after_months": STRETCH for judgement in JUDGEMENTS},
    }
    return quiet(rows, {"North": 60}, changes, years=DECADES_YEARS)


@cache
def planned_after(ended: date) -> tuple[date, ...]:
    """Mondays for which the inspection after one that ended on a day may be planned, each as likely as another."""
    first = (pd.Timestamp(ended) + pd.DateOffset(months=INTERVAL)).date()
    last = (pd.Timestamp(first) + pd.DateOffset(months=STRETCH)).date()
    mondays = (first + timedelta(days=day) for day in range((last - first).days + 1))
    return tuple(
        monday
        for monday in mondays
        if monday.weekday() == 0
        and not any(monday + timedelta(days=day) in workdays.bank_holidays() for day in range(5))
    )


@cache
def law_of_count() -> Numbers:
    """Exact law of the inspections that one authority has seen begin by the end, from inspection to inspection."""
    end = add_months(START, 12 * DECADES_YEARS)
    law = np.zeros(MOST)
    waiting: dict[date, Numbers] = {INSPECTED: np.eye(MOST)[0]}
    while waiting:
        ended = min(waiting)
        count = waiting.pop(ended)
        choices = planned_after(ended)
        for monday in choices:
            if monday >= end:
                law += count / len(choices)
            else:
                friday = monday + timedelta(days=4)
                waiting[friday] = waiting.get(friday, np.zeros(MOST)) + np.roll(count, 1) / len(choices)
    return law


def inspections_seen(record: Record) -> Counts:
    count = Counter(row.authority for row in record.visits if row.fieldwork_start is not None)
    return np.array([count[f"A{number:03d}"] for number in range(LIVES)])


def test_an_authority_is_inspected_as_often_as_its_renewals_say() -> None:
    assert agrees_in_mean_and_spread(inspections_seen(Model(renewing()).run()), law_of_count())


def test_the_theory_of_an_authority_s_inspections_is_that_of_renewals() -> None:
    # Intervals that are alike: mean T / m - 1/2 + s^2 / 2 m^2, and variance T s^2 / m^3 and a constant (Cox, Renewal
    # Theory, 1962, section 4); T runs from the first inspection's end. The months of a calendar are no more than nearly
    # alike, nor are its weeks.
    fridays = [date(2020, 1, 3) + timedelta(days=WEEK * week) for week in range(104)]
    days = np.array([float((monday - friday).days + 4) for friday in fridays for monday in planned_after(friday)])
    time, mean, variance = float((add_months(START, 12 * DECADES_YEARS) - INSPECTED).days), np.mean(days), np.var(days)
    third = float(np.mean((days - mean) ** 3))
    law, counts = law_of_count(), np.arange(MOST)
    assert law @ counts == pytest.approx(time / mean - 0.5 + variance / (2 * mean**2), abs=0.1)
    constant = 1 / 12 + 5 * variance**2 / (4 * mean**4) - 2 * third / (3 * mean**3)
    spread = law @ counts**2 - (law @ counts) ** 2
    assert spread == pytest.approx(time * variance / mean**3 + constant, rel=0.05)


def test_an_interval_that_counts_from_the_report_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    publish = AuthorityState.publish

    def from_the_report(authority: AuthorityState, visit: Visit) -> None:
        publish(authority, visit)
        authority.inspected = authority.publication_day

    monkeypatch.setattr(AuthorityState, "publish", from_the_report)
    assert not agrees_in_mean_and_spread(inspections_seen(Model(renewing()).run()), law_of_count())


def test_a_plan_that_always_takes_the_middle_of_the_window_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    planned = Window.planned_monday

    def in_the_middle(
        window: Window, calendar: workdays.Calendar, weeks: tuple[int, ...], earliest: int, _: float
    ) -> int:
        return planned(window, calendar, weeks, earliest, 0.5)

    monkeypatch.setattr(Window, "planned_monday", in_the_middle)
    counts = inspections_seen(Model(renewing()).run())
    assert not agrees_in_mean_and_spread(counts, law_of_count())


# ---------------------------------------------------------------- quality in the long run

PATHS, LONG_RUN, SETTLED = 500, 30, 12
"""Authorities, years of the run, and those after which the position of the start is forgotten."""
FASTER = 5.0
"""The shipped rates of drift times this, so that it is."""


def drifting(factor: float = 1.0) -> Scenario:
    """Authorities inspected three times in thirty years; ``factor`` multiplies the rate at which the good decline."""
    shipped = load("ilacs_launch").ratings
    rates = {(row, to): FASTER * rate for row, moves in shipped.drift.items() for to, rate in moves.items()}
    rates["good", "requires_improvement"] *= factor
    rows = [authority(f"A{number:03d}", "North", "good", str(INSPECTED)) for number in range(PATHS)]
    changes: dict[str, object] = {"start": START, **one_after_another(120, 6), **one_inspector_on_site()}
    changes |= {f"ratings.drift.{row}.{to}": rate for (row, to), rate in rates.items()}
    changes |= {
        f"ratings.judging.{true}.{judgement}": shipped.judging[true].get(judgement, 0.0)
        for true in JUDGEMENTS
        for judgement in JUDGEMENTS
    }
    return quiet(rows, {"North": 60}, changes, years=LONG_RUN)


def rates_of(scenario: Scenario) -> Numbers:
    """Generator matrix of the drift, from the scenario's rates."""
    drift = scenario.ratings.drift
    rates = np.array([[drift[row].get(to, 0.0) for to in JUDGEMENTS] for row in JUDGEMENTS])
    return np.asarray(rates - np.diag(rates.sum(axis=1)))


def long_run_mix(scenario: Scenario) -> Numbers:
    """Share of each grade in the long run: the null vector of the generator."""
    (mix,) = null_space(rates_of(scenario).T).T
    return np.asarray(mix / mix.sum(), dtype=np.float64)


def time_in_grades(model: Model) -> Numbers:
    """Share of the years after the start is forgotten that each authority spends in each grade, a row each."""
    first, last = SETTLED * DAYS_A_YEAR, float(model.world.scenario.horizon)
    shares = np.zeros((PATHS, len(JUDGEMENTS)))
    for place, life in enumerate(model.world.authorities):
        life.quality.extend_to(last)
        days = np.clip([*life.quality.days, inf], first, last)
        np.add.at(shares[place], life.quality.grades, np.diff(days))
    return shares / (last - first)


def hotelling_p_value(rows: Numbers, mean: Numbers) -> float:
    """Hotelling's test of the mean of independent rows that each add up to 1."""
    count, width = len(rows), rows.shape[1] - 1
    off = (rows.mean(axis=0) - mean)[:width]
    squared = count * off @ np.linalg.solve(np.cov(rows[:, :width].T), off)
    return float(stats.f.sf(squared * (count - width) / (width * (count - 1)), width, count - width))


def judgement_p_value(record: Record, scenario: Scenario) -> float:
    """Chi-square test of the last judgement of each authority, read as inspections read the mix of the long run."""
    last = {row.authority: row.judgement for row in record.judgements}
    seen = Counter(last.values())
    judging = np.array([[scenario.ratings.judging[true].get(each, 0.0) for each in JUDGEMENTS] for true in JUDGEMENTS])
    expected = PATHS * long_run_mix(scenario) @ judging
    return float(stats.chisquare([seen[each] for each in JUDGEMENTS], expected).pvalue)


def test_after_twelve_years_nothing_is_left_of_the_start() -> None:
    matrix = expm(SETTLED * rates_of(drifting()))
    assert np.abs(matrix - long_run_mix(drifting())).max() < 1e-3


@cache
def long_run(factor: float = 1.0) -> tuple[Numbers, Record]:
    """Time in each grade of each authority, and the record, of thirty years."""
    model = Model(drifting(factor))
    record = model.run()
    return time_in_grades(model), record


def test_quality_spends_its_time_in_the_grades_as_the_null_vector_says() -> None:
    shares, _ = long_run()
    assert hotelling_p_value(shares, long_run_mix(drifting())) > FALSE_ALARM


def test_a_decline_of_the_good_that_is_a_fifth_too_fast_is_caught_in_the_long_run() -> None:
    shares, _ = long_run(1.2)
    assert hotelling_p_value(shares, long_run_mix(drifting())) < FALSE_ALARM


def test_judgements_in_the_long_run_are_the_null_vector_as_inspections_read_it() -> None:
    _, record = long_run()
    assert judgement_p_value(record, drifting()) > FALSE_ALARM


def test_inspections_that_are_a_grade_too_kind_one_time_in_three_are_caught(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    judge, random = Ratings.judge, np.random.default_rng(3)

    def kind(ratings: Ratings, grade: int, u: float) -> Judgement:
        return judge(ratings, max(0, grade - (random.random() < 1 / 3)), u)

    monkeypatch.setattr(Ratings, "judge", kind)
    assert judgement_p_value(Model(drifting()).run(), drifting()) < FALSE_ALARM


# ---------------------------------------------------------------- Little's law


def queue_and_waits() -> tuple[int, int]:
    """Inspections in the queue, Monday after Monday, as the planner is asked and answers; and their waits, by the rows.

    Both in weeks. England's authorities, and too few people. An inspection that has no team at the end has waited until
    the last Monday.
    """
    model = Model(load("ilacs_launch", {"years": 3, "workforce.roles.social_care_hmi.people": 40}))
    world, planner = model.world, model.world.planner
    request, match = planner.request, planner.match
    calls: list[int] = []
    in_queue: list[int] = []
    mondays: list[int] = []

    def asked(visit: Visit) -> None:
        if visit.kind in INSPECTIONS:
            calls.append(visit.planned - WEEK * visit.rules.notice_weeks)
        request(visit)

    def matched(monday: int) -> list[Visit]:
        begun = match(monday)
        mondays.append(monday)
        found.extend(visit for visit in begun if visit.kind in INSPECTIONS)
        in_queue.append(sum(call <= monday for call in calls) - len(found))
        return begun

    found: list[Visit] = []
    with patch.object(planner, "request", asked), patch.object(planner, "match", matched):
        record = model.run()
    waits = 0
    for row, visit in zip(record.visits, world.visits, strict=True):
        if row.kind in INSPECTIONS:
            assert row.status != "cancelled"
            notice = WEEK * visit.rules.notice_weeks
            until = mondays[-1] + WEEK if row.fieldwork_start is None else row.fieldwork_start - notice
            waits += max(0, until - (visit.planned - notice)) // WEEK
    return sum(in_queue), waits


def test_the_mean_queue_is_the_rate_times_the_mean_wait() -> None:
    # Little (1961): over a closed period L T = sum of the waits, with no tolerance at all.
    queue, waits = queue_and_waits()
    assert queue == waits > 0


def test_a_row_that_is_a_week_off_for_one_inspection_is_caught_by_littles_law(monkeypatch: pytest.MonkeyPatch) -> None:
    begin, begun = Visit.begin, Counter[bool]()

    def a_week_late(visit: Visit, notified: int, first: int, last: int, team: list[Assignment]) -> None:
        begun[visit.kind in INSPECTIONS] += 1
        late = visit.kind in INSPECTIONS and begun[True] == 60
        begin(visit, notified, first + WEEK * late, last, team)

    monkeypatch.setattr(Visit, "begin", a_week_late)
    queue, waits = queue_and_waits()
    assert queue != waits
