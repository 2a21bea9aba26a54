"""Every late inspection says why: what it waited for adds up to its dates, and each reason is told from the others."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from unittest.mock import patch

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.inputs.framework import INSPECTIONS
from sim.inputs.scenario import Scenario
from sim.record.rows import VisitRow
from sim.runs.measures import Years, measure
from sim.runs.model import Model
from sim.world.fieldwork import Span
from sim.world.inspectors import Inspector
from sim.world.obstacles import GROUPS, MEANING, REASONS
from tests.test_invariants import few
from tests.worlds import WEEK, Run, runs, scenarios


def late(run: Run) -> Iterator[VisitRow]:
    """Inspections that begin after their latest date, or have not by the end though it has passed."""
    for row in run.record.visits:
        if row.kind in INSPECTIONS and not row.replaced:
            known = row.fieldwork_start is not None or row.latest <= run.record.horizon
            if known and (row.fieldwork_start is None or row.fieldwork_start > row.latest):
                yield row


def weeks_to_account_for(run: Run, row: VisitRow) -> int:
    """Mondays from the one planned, or the last in time, to the first day on site or the last that was looked at."""
    visit = run.world.visits[row.visit]
    in_time = run.monday(row.latest)
    if row.fieldwork_start is None:
        looked = [run.monday(day) for day in run.workdays(0, run.record.horizon)]
        last_call = max((monday for monday in looked if monday >= 0), default=in_time)
        end = max(last_call + WEEK * visit.rules.notice_weeks, in_time) + WEEK
    else:
        end = row.fieldwork_start
    return (end - min(visit.planned, in_time)) // WEEK


@few
@given(runs())
def test_the_weeks_of_every_late_inspection_add_up_to_its_dates_with_one_reason_a_week(run: Run) -> None:
    weeks: Counter[int] = Counter()
    of_reason: dict[int, Counter[str]] = defaultdict(Counter)
    for wait in run.record.waits:
        assert wait.weeks > 0
        assert (wait.role is not None) == wait.reason.startswith(("lead_", "team_"))
        weeks[wait.visit] += wait.weeks
        of_reason[wait.visit][wait.reason] += wait.weeks
    assert weeks == {row.visit: weeks_to_account_for(run, row) for row in late(run)}
    for row in run.record.visits:
        if row.visit not in weeks:
            assert row.late_because is None
            continue
        counted = of_reason[row.visit]
        if set(counted) != {"closed_weeks"}:
            del counted["closed_weeks"]
        assert counted[str(row.late_because)] == max(counted.values())


@few
@given(runs())
def test_late_inspections_by_what_they_waited_for_add_up_to_all_of_them_in_every_year(run: Run) -> None:
    years = Years.of(run.world.calendar)
    values = measure(run.record, run.scenario, years)
    by_group = [values[f"inspections_late_{group}"] for group in GROUPS]
    np.testing.assert_array_equal(np.sum(by_group, axis=0), values["inspections_late"])


@few
@given(runs())
def test_only_inspections_due_before_the_start_are_late_from_the_backlog(run: Run) -> None:
    for row in run.record.visits:
        if row.late_because == "backlog":
            assert run.world.visits[row.visit].window_asked.due < 0


def test_every_reason_has_a_meaning_and_a_group() -> None:
    assert tuple(MEANING) == REASONS
    assert sorted(reason for reasons in GROUPS.values() for reason in reasons) == sorted(REASONS)


ROUNDING = 1e-6


def overdrawn(person: Inspector, span: Span) -> Iterator[tuple[int, int]]:
    """Stretches of terms, up to one from that of a seat on, in which a person has more work than the terms allow.

    They allow what they offer, as it stands when the seat is given, what may be brought from before, and what may be
    lent by the next: for a stretch from the first term on, nothing can be brought.
    """
    offered = np.add(person.given, person.left)
    ahead = np.cumsum(np.subtract(person.given, offered))  # how far the person has run ahead since the first term
    for last in range(span.term, len(ahead)):
        for first in range(span.term + 1):
            before = ahead[first - 1] + person.carry_over if first else 0.0
            if ahead[last] - before > person.carry_over + ROUNDING:
                yield first, last


@few
@given(scenarios(), st.integers(0, 3), st.sampled_from([(1, 4, 9), tuple(range(1, 13))]))
def test_nobody_is_given_more_than_is_offered_by_the_end_of_a_term_and_what_may_be_carried_over(
    scenario: Scenario, replication: int, term_months: tuple[int, ...]
) -> None:
    engage = Inspector.engage

    def noted(person: Inspector, span: Span) -> None:
        engage(person, span)
        assert not list(overdrawn(person, span)), f"{person.name} in {list(overdrawn(person, span))}"

    with patch.object(Inspector, "engage", noted):
        Model(scenario.with_changes({"calendar.term_months": term_months}), replication).run()
