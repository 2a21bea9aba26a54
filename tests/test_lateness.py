"""Every late inspection says why: what it waited for adds up to its dates, and each reason is told from the others."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from unittest.mock import patch

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.analysis.lateness import Lateness
from sim.charts import alternative, figure_of, late_reasons
from sim.inputs.framework import INSPECTIONS
from sim.inputs.reasons import GROUPS, MEANING, REASONS
from sim.inputs.scenario import Scenario, load
from sim.record.rows import VisitRow
from sim.runs.frame import Frame
from sim.runs.measures import NAMES, Years, measure
from sim.runs.model import Model
from sim.runs.outcomes import Outcomes
from sim.studies import ensemble_answer
from sim.studies.lateness_answer import late_sentence, late_table
from sim.world.entities import Assignment, Visit
from sim.world.fieldwork import Fieldwork, Span
from sim.world.inspectors import Inspector
from sim.world.obstacles import Obstacle
from sim.world.planner import Planner
from tests.oracle.best_match import can_take
from tests.test_invariants import few
from tests.worlds import WEEK, Run, runs, scenarios

ROOT = Path(__file__).parents[1]


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
def test_the_planner_says_of_every_monday_on_which_it_tried_in_vain_what_kept_the_visit(run: Run) -> None:
    """So a reason that is said of a week after the planned one is the planner's own, and not made up afterwards."""
    for visit in run.world.visits:
        if visit.status == "waiting" or visit.fieldwork_start is None:
            continue
        notice = WEEK * visit.rules.notice_weeks
        if visit.window == visit.window_asked:  # no other framework's notice
            tried = range(visit.planned, visit.fieldwork_start, WEEK)
            assert set(tried) <= set(visit.waited), f"{visit.serial}: planned {visit.planned}, notice {notice}"


@few
@given(scenarios(), st.integers(0, 3))
def test_where_a_lead_is_the_reason_no_lead_could_have_come(scenario: Scenario, replication: int) -> None:
    form = Planner._form_team

    def noted(planner: Planner, visit: Visit, fieldwork: Fieldwork) -> list[Assignment] | Obstacle:
        found = form(planner, visit, fieldwork)
        if isinstance(found, Obstacle) and found.reason.startswith("lead_"):
            seat = next(seat for seat in fieldwork.seats(visit.authority.size) if seat.lead)
            elsewhere = planner._span_elsewhere(seat, visit, fieldwork)
            people = planner._workforce.in_post[seat.role]
            spans = [seat.here if each.region == visit.authority.region else elsewhere for each in people]
            assert not any(
                can_take(person, span, seat.lead, visit, planner._clock.today)
                for person, span in zip(people, spans, strict=True)
                if span is not None
            )
        return found

    with patch.object(Planner, "_form_team", noted):
        Model(scenario, replication).run()


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
    glossary = (ROOT / "sim" / "docs" / "glossary.md").read_text(encoding="utf-8")
    for reason, meaning in MEANING.items():
        assert f"| `{reason}` | {meaning[0].upper()}{meaning[1:]}. |" in glossary
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


# ---------------------------------------------------------------- in words, in a table and in a chart

YEARS = ("2018-19", "2019-20")
FRAME = Frame(YEARS, frozenset(), date(2020, 3, 31), 12)


def summary(**late: tuple[float, float]) -> pd.DataFrame:
    """Summary of two years in which so many inspections are late by group."""
    by_group = {group: late.get(group, (0.0, 0.0)) for group in GROUPS}
    everything = {f"inspections_late_{group}": of_year for group, of_year in by_group.items()}
    everything["inspections_late"] = (
        sum(each[0] for each in by_group.values()),
        sum(each[1] for each in by_group.values()),
    )
    everything["inspections_on_time"] = (0.9, 0.4)
    rows = [
        (year, measure, "inspections", *[figure] * 6)
        for measure, of_year in everything.items()
        for year, figure in zip(YEARS, of_year, strict=True)
    ]
    columns = ["financial_year", "measure", "unit", "mean", "ci_low", "ci_high", "p10", "p50", "p90"]
    return pd.DataFrame(rows, columns=columns)


def lateness(**late: tuple[float, float]) -> Lateness:
    found = Lateness.of(summary(**late), YEARS)
    assert found is not None
    return found


YEARS_SAID = "from 2018-19 to 2019-20"
WHEN = f"late {YEARS_SAID}"
TURN = (
    "waited for their turn in the backlog, which more people would not change (planning.backlog_months sets the pace)"
)
ALL_RUNS = "Of the late inspections of all runs together,"
HINT = " Before you recruit, see what planning.programme = levelled does."


@pytest.mark.parametrize(
    ("late", "words"),
    [
        ({}, f"No inspection starts {WHEN}."),
        ({"lead_week": (0.0, 0.1)}, f"Almost no inspection starts {WHEN} (0.1 a run)."),
        (
            {"backlog": (9.0, 0.0), "team": (0.5, 0.0)},
            f"9.5 inspections start {WHEN}, in every run. Almost all late inspections {TURN}.",
        ),
        (
            {"limit": (1.0, 0.0)},
            f"1 inspection starts {WHEN}, in every run. Almost all late inspections waited because no more were "
            "allowed on site.",
        ),
        (
            {"backlog": (9.0, 0.0), "lead_week": (1.0, 3.0), "team": (1.0, 0.0)},
            f"14 inspections start {WHEN}, in every run. {ALL_RUNS} 64% {TURN}. Another 29% waited because no lead was "
            f"free in that week and 7% had other reasons.{HINT}",
        ),
        (
            {"backlog": (9.0, 0.0), "lead_time": (3.6, 0.0), "lead_week": (2.8, 0.0), "team": (0.8, 0.0)},
            f"16 inspections start {WHEN}, in every run. {ALL_RUNS} 56% {TURN}. Another 22% waited because no lead in "
            "post had days left in that term, 17% waited because no lead was free in that week and 5% had other "
            f"reasons.{HINT}",
        ),
        (
            {"pause": (40.0, 10.0), "lead_time": (0.0, 30.0), "other": (0.0, 5.0)},
            f"85 inspections start {WHEN}, in every run. {ALL_RUNS} 59% waited for a pause to end, 35% waited because "
            "no lead in post had days left in that term and 6% had other reasons.",
        ),
        (
            {"backlog": (2.0, 0.0), "pause": (2.0, 0.0), "limit": (2.0, 0.0)},
            f"6 inspections start {WHEN}, in every run. {ALL_RUNS} 33% {TURN}. Another 33% waited for a pause to end "
            "and 33% waited because no more were allowed on site.",
        ),
        (
            {"backlog": (2.0, 0.0), "other": (3.0, 0.0)},
            f"5 inspections start {WHEN}, in every run. {ALL_RUNS} 40% {TURN}. Another 60% had other reasons.",
        ),
        ({"other": (3.0, 0.0)}, f"3 inspections start {WHEN}, in every run. {ALL_RUNS} 100% had other reasons."),
        (
            dict.fromkeys(("pause", "limit", "lead_time", "lead_week", "team", "other"), (2.0, 0.0)),
            f"12 inspections start {WHEN}, in every run. {ALL_RUNS} 17% waited for a pause to end and 83% had other "
            f"reasons.{HINT}",
        ),
    ],
)  # fmt: skip
def test_the_sentence_tells_the_backlog_from_want_of_people(late: dict[str, tuple[float, float]], words: str) -> None:
    found = lateness(**late)
    of_runs = np.full(20, found.all_years)
    assert late_sentence(found, of_runs, drawn=True) == words
    assert late_sentence(found, of_runs, drawn=False) == words.removesuffix(HINT)


@pytest.mark.parametrize(
    ("of_runs", "words"),
    [
        ([1], f"1 inspection starts {WHEN}."),
        ([1, 1], f"1 inspection starts {WHEN}, in every run."),
        ([3, 0, 7], f"The 3 runs have 0 to 7 late inspections {YEARS_SAID}."),
        (
            range(11),
            f"55% of the runs have at most 5 late inspections {YEARS_SAID}, and eight runs in ten have 1 to 9.",
        ),
        (
            [0, 0, *[5] * 8],
            f"100% of the runs have at most 5 late inspections {YEARS_SAID}, and eight runs in ten have 0 to 5.",
        ),
        (
            [0] * 5 + [1] * 4 + [2, 2],
            f"82% of the runs have at most 1 late inspection {YEARS_SAID}, and eight runs in ten have 0 to 2.",
        ),
        (
            [0] * 6 + [1] * 5,
            f"55% of the runs have no late inspection {YEARS_SAID}, and eight runs in ten have 0 to 1.",
        ),
        (
            [*range(10), 120],
            f"55% of the runs have at most 5 late inspections {YEARS_SAID}, and eight runs in ten have 1 to 9. The "
            "worst runs have up to 120, so the mean is 15.",
        ),
        (
            [*range(18), 120, 150],
            f"50% of the runs have at most 9 late inspections {YEARS_SAID}, and eight runs in ten have 1.9 to 27. The "
            "worst runs have up to 150, so the mean is 21.",
        ),
        (
            [0] * 10 + [7],
            f"Eight runs in ten have no late inspection {YEARS_SAID}. The worst runs have up to 7, so the mean is 0.6.",
        ),
        ([1] * 12 + [2], f"Eight runs in ten have 1 late inspection {YEARS_SAID}."),
    ],
)  # fmt: skip
def test_the_sentence_gives_the_median_the_range_and_the_worst_runs_if_they_lift_the_mean(
    of_runs: list[float], words: str
) -> None:
    said = late_sentence(lateness(team=(3.0, 4.0)), np.array([*of_runs], dtype=float), drawn=False)
    assert said == f"{words} Almost all late inspections waited for team members other than the lead."


@pytest.mark.parametrize(("programme", "times"), [("inferred", 1), ("drawn", 1), ("levelled", 0)])
def test_the_advice_to_level_is_given_once(programme: str, times: int) -> None:
    """An inferred programme draws weeks in some runs, and the headline advises against it already."""
    scenario = load("ilacs_launch", {"planning.programme": programme})
    found = summary(lead_week=(3.0, 3.0))
    runs = Outcomes(np.arange(2), YEARS, np.ones((2, len(YEARS), len(NAMES))))
    said = ensemble_answer._planned(scenario) + ensemble_answer._late(found, runs, YEARS, scenario)
    assert said.count("planning.programme = levelled") - (programme == "levelled") == times


def test_the_range_is_that_of_the_late_inspections_of_all_years_in_a_run() -> None:
    """It does not add up the ranges of years: a run with many in one year may have few in the next."""
    values = np.zeros((11, len(YEARS), len(NAMES)))
    values[:, :, NAMES.index("inspections_late")] = [(number, 20 - 2 * number) for number in range(11)]
    scenario = load("ilacs_launch")
    said = ensemble_answer._late(summary(team=(5.0, 10.0)), Outcomes(np.arange(11), YEARS, values), YEARS, scenario)
    assert said.startswith(
        f"55% of the runs have at most 15 late inspections {YEARS_SAID}, and eight runs in ten have 11 to 19. Almost"
    )


def test_the_table_has_what_is_late_in_each_year_and_marks_parts() -> None:
    table = late_table(lateness(backlog=(9.0, 0.0), lead_time=(0.25, 12.0)), ["2018-19"])
    assert table.rows == (
        ("2018-19", "9.2", "9", "0", "0", "0.2", "0", "0", "0"),
        ("2019-20*", "12", "0", "0", "0", "12", "0", "0", "0"),
    )


def test_the_chart_names_each_reason_and_its_number_and_leaves_out_those_that_are_none() -> None:
    axes = late_reasons(summary(backlog=(9.0, 0.0), lead_time=(0.25, 12.0)), FRAME)
    plt.close(figure_of(axes))
    assert [label.get_text().replace("\n", " ") for label in axes.get_yticklabels()] == [
        "Begun on time", "All late inspections", "No lead in post had time left",
        "Waited for their turn in the backlog",
    ]  # fmt: skip
    assert [text.get_text() for text in axes.texts] == ["90%", "40%", "9.2", "12", "0.2", "12", "9"]
    assert alternative(axes).splitlines()[0] == (
        "Of the late inspections from 2018-19 to 2019-20, 58% waited because no lead in post had days left in that "
        "term and 42% waited for their turn in the backlog."
    )


def test_the_chart_of_years_in_which_none_is_late_says_so() -> None:
    axes = late_reasons(summary(), FRAME)
    plt.close(figure_of(axes))
    assert alternative(axes).startswith("Almost no inspection starts late from 2018-19 to 2019-20.")


def test_a_summary_of_a_version_that_did_not_tell_reasons_apart_has_no_sentence_and_no_table() -> None:
    older = summary().query("measure == 'inspections_late'")
    assert Lateness.of(older, YEARS) is None
