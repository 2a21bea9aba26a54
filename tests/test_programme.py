"""Figures of a programme: of a handful of inspections by hand, and of history as its sources count it."""

from __future__ import annotations

import csv
from datetime import date

import pytest

from sim.analysis.programme_figures import (
    FEWEST,
    MEASURES,
    Done,
    Figure,
    Span,
    abolished,
    figures,
    of_history,
    of_position,
    of_record,
)
from sim.base.package_data import table
from sim.inputs.framework import Kind
from sim.inputs.grades import Judgement
from sim.inputs.history import shipped_history
from sim.inputs.scenario import load
from sim.runs.model import Model
from sim.world.context import ScenarioContext

YEARS = Span(date(2018, 4, 1), date(2020, 3, 31))
WHOLE = "2018-04-01 to 2020-03-31"


def done(
    name: str,
    began: str,
    ended: str,
    published: str,
    region: str = "North",
    kind: Kind = "short",
    judgement: Judgement = "good",
) -> Done:
    first, last, told = (date.fromisoformat(day) for day in (began, ended, published))
    return Done(name, region, kind, first, last, told, judgement)


BEFORE = [
    Done("A", "North", None, None, date(2014, 9, 1), date(2014, 10, 1), "good"),
    Done("B", "South", None, None, date(2016, 5, 2), date(2016, 7, 1), "inadequate"),
]
"""A's judgement is 3.5 years old on 3 March 2018, B's on 1 November 2019."""
SMALL = [
    *BEFORE,
    done("A", "2018-06-04", "2018-06-08", "2018-07-13"),
    done("B", "2019-01-14", "2019-01-25", "2019-02-15", region="South", kind="standard", judgement="good"),
    done("C", "2019-01-21", "2019-02-01", "2019-04-02", kind="standard", judgement="inadequate"),
    done("D", "2019-06-03", "2019-06-07", "2019-07-01"),
]


def test_a_handful_of_inspections_has_the_figures_counted_by_hand() -> None:
    found = figures(SMALL, YEARS, ("North", "South"))
    expected = {
        Figure("inspections_started", "all", "2018-19"): 3,
        Figure("inspections_started", "short", "2018-19"): 1,
        Figure("inspections_started", "standard", "2018-19"): 2,
        Figure("inspections_started", "single_inspection", "2018-19"): 0,
        Figure("inspections_started", "all", "2019-20"): 1,
        Figure("inspections_started", "short", "2019-20"): 1,
        Figure("inspections_started", "standard", "2019-20"): 0,
        Figure("inspections_started", "single_inspection", "2019-20"): 0,
        Figure("authorities_judged", "all", "2019-03-31"): 2,  # C is published two days later
        Figure("judgement_mix", "outstanding", "2019-03-31"): 0,
        Figure("judgement_mix", "good", "2019-03-31"): 1,
        Figure("judgement_mix", "requires_improvement", "2019-03-31"): 0,
        Figure("judgement_mix", "inadequate", "2019-03-31"): 0,
        Figure("judgements_older_than_3_5_years", "all", "2019-03-31"): 0,
        Figure("authorities_judged", "all", "2020-03-31"): 4,
        Figure("judgement_mix", "outstanding", "2020-03-31"): 0,
        Figure("judgement_mix", "good", "2020-03-31"): 0.75,
        Figure("judgement_mix", "requires_improvement", "2020-03-31"): 0,
        Figure("judgement_mix", "inadequate", "2020-03-31"): 0.25,
        Figure("judgements_older_than_3_5_years", "all", "2020-03-31"): 0,
        Figure("most_on_site", "all", "2018-19"): 2,  # B and C in the week of 21 January
        Figure("most_on_site", "all", "2019-20"): 1,
        Figure("regional_share", "North", WHOLE): 0.75,
        Figure("regional_share", "South", WHOLE): 0.25,
    }
    assert found == expected


def test_medians_are_of_five_or_more() -> None:
    many = [done(f"{name}", "2018-06-04", "2018-06-08", "2018-07-13") for name in range(FEWEST)]
    lag = Figure("working_days_to_publication", "short", "2018-19")
    assert figures(many, YEARS, ())[lag] == 25  # 8 June to 13 July, five weeks without a bank holiday
    assert lag not in figures(many[1:], YEARS, ())


def test_the_interval_goes_from_the_end_of_one_to_the_start_of_the_next() -> None:
    earlier = [Done(f"{n}", "North", None, None, date(2015, 6, 3), date(2015, 8, 1), "good") for n in range(FEWEST)]
    later = [done(f"{n}", "2018-06-04", "2018-06-08", "2018-07-13") for n in range(FEWEST)]
    found = figures([*later, *earlier], YEARS, ())
    for of, period in (("all", "2018-19"), ("good", WHOLE)):
        assert found[Figure("months_between_inspections", of, period)] == pytest.approx(36.05, abs=0.01)


def test_a_judgement_counts_from_its_publication_and_grows_old_from_its_inspection() -> None:
    span = Span(date(2018, 1, 1), date(2018, 3, 31))
    found = figures(BEFORE, span, ())
    assert found[Figure("judgements_older_than_3_5_years", "all", "2018-03-31")] == 0.5


def test_history_has_the_figures_that_its_source_counts() -> None:
    span = Span(date(2013, 11, 1), date(2022, 3, 31))
    found = figures(of_history(shipped_history(), span), span, ())
    for row in csv.DictReader(table("judgement_mix_2014_2022.csv").splitlines()):
        day, judged = row["as_at"], int(row["judged"])
        assert found[Figure("authorities_judged", "all", day)] == judged
        for judgement in ("outstanding", "good", "requires_improvement", "inadequate"):
            assert found[Figure("judgement_mix", judgement, day)] * judged == pytest.approx(int(row[judgement]))
        old = found[Figure("judgements_older_than_3_5_years", "all", day)]
        assert old == pytest.approx(float(row["share_older_than_3_5_years"]), abs=0.0071)  # one authority at most
    years = [found[Figure("inspections_started", "all", f"{year}-{year - 1999}")] for year in range(2014, 2022)]
    assert years == [38, 36, 41, 32, 50, 54, 0, 33]


def test_a_run_has_every_figure_that_history_has_but_for_medians_of_few() -> None:
    scenario = load("pandemic", {"years": 4, "draws": "none"})
    context = ScenarioContext(scenario)
    span = Span(scenario.start, date(2022, 1, 29))
    position = of_position(scenario, context.calendar)
    regions = scenario.workforce.regions
    run = figures([*position, *of_record(Model(scenario, 0, context).run(), context.calendar)], span, regions)
    happened = figures([*position, *of_history(shipped_history(), span)], span, regions)
    medians = ("months_between_inspections", "working_days_to_publication")
    assert {name for name in run if name.measure not in medians} == {
        name for name in happened if name.measure not in medians
    }
    assert {name.measure for name in run} == set(MEASURES)


def test_the_judgement_of_an_authority_that_is_no_more_counts_for_nothing() -> None:
    span = Span(date(2018, 1, 1), date(2020, 3, 31))
    gone = {"B": date(2018, 4, 1)}
    found = figures(BEFORE, span, (), gone)
    judged = {name.period: value for name, value in found.items() if name.measure == "authorities_judged"}
    assert judged == {"2018-03-31": 2, "2019-03-31": 1, "2020-03-31": 1}
    assert found[Figure("judgement_mix", "inadequate", "2019-03-31")] == 0


def test_authorities_are_abolished_by_the_reorganisations_of_the_scenario() -> None:
    assert abolished(load("ilacs_launch")) == {}
    assert abolished(load("pandemic"))["South West filled 1"] == date(2019, 4, 1)
