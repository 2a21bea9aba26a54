"""The offered load is what a simulation in which nobody waits finds due, on the mean; and by hand where a hand can."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from math import exp, sqrt
from typing import Any, cast

import numpy as np
import pytest

from sim.analysis.load import ample_staff, with_ample_staff
from sim.base.calendar import financial_year
from sim.inputs.framework import KINDS, Role
from sim.inputs.grades import JUDGEMENTS
from sim.inputs.parameter_draws import Draws, factors, varied
from sim.inputs.pathways import Pathway, VisitName
from sim.inputs.scenario import Scenario, load
from sim.runs.executors import here
from sim.runs.measures import NAMES, Years, whole_years
from sim.runs.model import Model
from sim.runs.variants import Runs, Variant
from sim.statistics.intervals import mean_of
from sim.world.context import ScenarioContext
from tests.oracle.days_of_a_person import days_of_a_person
from tests.oracle.expected_dates import thinned
from tests.oracle.expected_life import Lives
from tests.oracle.expected_programme import JointChance
from tests.oracle.expected_quality import Numbers, implied_shares
from tests.oracle.offered_load import DRAWS_TAKEN, days_due, offered_load, ratings_taken
from tests.oracle.steady_cycle import steady_cycle
from tests.worlds import authority, nothing_held_back, quiet, run, without_focused

Load = dict[tuple[str, str, str], float]
"""Inspector-days by financial year, kind and role."""
PLENTY: dict[str, object] = {
    "runs_per_draw": 1,
    "planning.programme": "drawn",  # the calculation spreads visits over the weeks from which one is drawn
    "planning.most_inspections": None,  # nothing waits for a week with room, either,
    "workforce.roles.social_care_hmi.programme_share": 1.0,  # nor for a term in which its lead has the days
    **{
        f"workforce.roles.{role}.people": people
        for role, people in [
            ("social_care_hmi", 400), ("schools_hmi", 100), ("regulatory_inspector", 100), ("senior_hmi", 100),
        ]
    },
}  # fmt: skip
"""So many people that one visit in five hundred waits."""


def offered(scenario: Scenario) -> Load:
    rows = offered_load(scenario).days.itertuples(index=False, name=None)
    return {(year, kind, role): days for year, kind, role, days in rows}


def simulated(scenario: Scenario) -> Load:
    """What a run finds due, from its visits one by one."""
    seen, found = run(scenario), defaultdict[tuple[str, str, str], float](float)

    def year(day: int) -> str:
        return financial_year(seen.date(max(0, seen.monday(day))))

    for visit in seen.world.visits:
        if visit.window.due <= seen.record.horizon and not visit.replaced:
            for seat in visit.rules.team.values():
                place = (year(visit.window.due), visit.kind, seat.role)
                found[place] += seat.people[visit.authority.size] * seat.days
            desk = seen.framework(max(0, visit.window.opens)).desk_work
            found[year(visit.window.due), "desk_work", desk.oversight_role] += visit.rules.oversight_days
    due = seen.record.workload.due.sum()
    assert sum(found.values()) == pytest.approx(due), "the run counts otherwise, or there is intelligence to read"
    return {place: days for place, days in found.items() if days}


# ---------------------------------------------------------------- worlds that a hand works out

GOOD = authority("A", "North", "good", "2015-06-19")
"""Due on 19 June 2018, inspected in the week of the 18th, and due again on 22 June 2021."""
SHORT = {("short", "social_care_hmi"): 18.0, ("desk_work", "senior_hmi"): 2.0}
STANDARD = {("standard", "social_care_hmi"): 30.0, ("desk_work", "senior_hmi"): 3.0}
"""A lead of 2 + 5 + 4 days and one inspector of 2 + 5; of 4 + 10 + 4 and 2 + 10 with a standard inspection."""


def of_year(year: str, *parts: tuple[float, Mapping[tuple[str, str], float]]) -> Load:
    """Days of a year: so many times each of some visits."""
    found = defaultdict[tuple[str, str, str], float](float)
    for times, visit in parts:
        for (kind, role), days in visit.items():
            found[year, kind, role] += times * days
    return dict(found)


def one_good_authority(
    changes: Mapping[str, object] | None = None, years: int = 4, name: str = "ilacs_2017"
) -> Scenario:
    return quiet([GOOD], {"North": 30}, without_focused(name) | dict(changes or {}), (name,), years)


def test_an_authority_that_stays_good_has_a_short_inspection_every_three_years() -> None:
    expected = of_year("2018-19", (1, SHORT)) | of_year("2021-22", (1, SHORT))
    assert offered(one_good_authority(years=4)) == pytest.approx(expected)


def test_what_is_overdue_at_the_start_is_due_in_the_first_week() -> None:
    overdue = authority("A", "North", "good", "2014-12-12")
    scenario = quiet([overdue], {"North": 30}, without_focused())
    assert offered(scenario) == pytest.approx(of_year("2017-18", (1, SHORT)))


def test_quality_that_may_have_declined_is_judged_with_the_probability_of_the_exponential() -> None:
    # Good on 19 June 2015; 1099 days later, on 22 June 2018, an inspection finds whether it still is.
    rate = 0.2
    still = exp(-rate * 1099 / 365.25)
    scenario = one_good_authority({"ratings.drift.good.requires_improvement": rate})
    expected = of_year("2018-19", (1, SHORT)) | of_year("2021-22", (still, SHORT), (1 - still, STANDARD))
    assert offered(scenario) == pytest.approx(expected)


def test_quality_drifts_faster_while_a_wave_of_decline_lasts() -> None:
    # For the 31 days of March 2018 the rate is ten times what it is.
    rate = 0.2
    still = exp(-rate * (1099 + 9 * 31) / 365.25)
    wave: dict[str, object] = {
        "name": "wave", "kind": "drift", "begins_on": date(2018, 3, 1), "ends_on": date(2018, 3, 31),
        "improvement": 0.0, "decline": 9.0,
    }  # fmt: skip
    scenario = one_good_authority({"ratings.drift.good.requires_improvement": rate, "shocks": (wave,)})
    expected = of_year("2018-19", (1, SHORT)) | of_year("2021-22", (still, SHORT), (1 - still, STANDARD))
    assert offered(scenario) == pytest.approx(expected)


def test_quality_improves_faster_while_it_is_monitored() -> None:
    # One monitoring visit, and an inspection: inadequate still with the probability of the days of both, those from the
    # start to the visit (it is published by then) counted double. Only then is there another monitoring visit.
    rate = 0.5
    changes: dict[str, object] = {
        f"frameworks.ilacs_2017.pathways.inadequate.contacts.monitoring.visits.{corner}": 1
        for corner in ("low", "mode", "high")
    }
    changes |= {"ratings.intervention.improvement": 1.0, "ratings.drift.inadequate.requires_improvement": rate}
    rows = [authority("A", "North", "inadequate", "2017-12-01")]
    scenario = quiet(rows, {"North": 30}, without_focused() | changes, years=2)
    still_there = scenario.with_changes({"ratings.drift.inadequate.requires_improvement": 0.0})
    visit, inspection = (row.fieldwork_end for row in Model(still_there).run().visits[:2])
    assert visit is not None and inspection is not None
    days = inspection - (date(2017, 12, 1) - scenario.start).days + visit
    found = sum(days for (_, kind, _), days in offered(scenario).items() if kind == "monitoring")
    assert found == pytest.approx((1 + exp(-rate * days / 365.25)) * 8)


def test_a_judgement_errs_with_its_probability() -> None:
    # Of the authorities judged good all are (nothing else is judged so), and a tenth of these is misjudged next time.
    scenario = one_good_authority({
        "ratings.judging.good.good": 0.9, "ratings.judging.good.requires_improvement": 0.1,
    })  # fmt: skip
    expected = of_year("2018-19", (1, SHORT)) | of_year("2021-22", (0.9, SHORT), (0.1, STANDARD))
    assert offered(scenario) == pytest.approx(expected)


SIGNS = 0.25


def with_longer_inspections() -> Scenario:
    key = "frameworks.ilacs_2018.pathways.good.longer.share"
    return one_good_authority({f"{key}.{true}": SIGNS for true in JUDGEMENTS}, years=1, name="ilacs_2018")


def test_some_inspections_are_longer_where_there_are_signs() -> None:
    expected = of_year("2018-19", (1 - SIGNS, SHORT), (SIGNS, STANDARD))
    assert offered(with_longer_inspections()) == pytest.approx(expected)


def none_is_longer(_: Lives, pathway: Pathway, numbers: Numbers) -> Iterator[tuple[VisitName, Numbers]]:
    """A fault: longer inspections are forgotten."""
    yield pathway.inspection, numbers


def test_longer_inspections_that_are_forgotten_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Lives, "_by_length", none_is_longer)
    assert offered(with_longer_inspections()) == pytest.approx(of_year("2018-19", (1, SHORT)))


def test_priority_action_brings_the_next_inspection_into_an_earlier_year() -> None:
    # A focused visit in the middle of the interval finds priority action for sure, and half of it brings the inspection
    # due on 2 November 2020 forward by 9 months, to 2 February.
    key = "frameworks.ilacs_2018.pathways.good"
    changes: dict[str, object] = {f"{key}.contacts.focused.priority_action_share.{seen}": 1.0 for seen in JUDGEMENTS}
    changes[f"{key}.contacts.focused.brings_forward_share"] = 0.5
    changes[f"{key}.longer"] = None
    changes |= {f"{key}.contacts.focused.brings_forward_months.{end}": 9 for end in ("low", "high")}
    rows = [authority("A", "North", "good", "2017-11-02")]
    found = offered(quiet(rows, {"North": 30}, changes, ("ilacs_2018",), 3))
    short = {year: days for (year, kind, _), days in found.items() if kind == "short"}
    assert short == pytest.approx({"2019-20": 0.5 * 18, "2020-21": 0.5 * 18})


def test_a_joint_inspection_replaces_each_focused_visit_with_the_probability_that_there_is_one_to_spare() -> None:
    scenario = changed()
    context, rules = ScenarioContext(scenario), scenario.frameworks["ilacs_2018"].visits["joint"]
    first, second = 0.2, 0.3
    chance = JointChance(context, [(100, rules, 152 * first), (500, rules, 152 * second)])
    assert chance.replaces(0, [200], 1) == pytest.approx(first)
    assert chance.replaces(150, [200], 1) == 0
    # Only one may be replaced: the second is if the first was not and there has been one since.
    assert chance.replaces(0, [200, 600], 1) == pytest.approx((1 - first) * second)
    # Two may be: the second is if there has been one since the first, or none has been needed.
    assert chance.replaces(0, [200, 600], 2) == pytest.approx(second)
    assert chance.replaces(0, [50, 600], 2) == pytest.approx(1 - (1 - first) * (1 - second))


def test_four_judgements_imply_the_overall_one_as_often_as_they_agree() -> None:
    rules = load("rule_at_odds").frameworks["ilacs_2026"].four_judgements
    assert rules is not None
    shares = np.array(implied_shares(rules))
    assert shares.sum(axis=1) == pytest.approx(np.ones(4))
    assert np.diag(shares) == pytest.approx(np.full(4, 0.979))


# ---------------------------------------------------------------- worlds without chance, run and worked out

BOTH = ("ilacs_2017", "ilacs_2018")
FIXED: dict[str, object] = {
    **{
        f"frameworks.{name}.pathways.{judgement}.contacts.focused.brings_forward_share": 0.0
        for name in BOTH
        for judgement in ("outstanding", "good", "requires_improvement")
    },
    **{f"frameworks.ilacs_2018.pathways.{judgement}.longer": None for judgement in ("outstanding", "good")},
    **{
        f"frameworks.{name}.pathways.inadequate.contacts.monitoring.visits.{corner}": 3
        for name in BOTH
        for corner in ("low", "mode", "high")
    },
}
"""Nothing brings an inspection forward or makes it longer, and there are three monitoring visits."""
ROWS = [
    authority("A", "North", "outstanding", "2015-02-06", "small"),
    authority("B", "North", "good", "2015-09-11", "large"),
    authority("C", "South", "requires_improvement", "2017-12-01"),
    authority("D", "South", "inadequate", "2017-12-08"),
    authority("E", "South", "inadequate", "2016-03-04"),
    authority("F", "South", "requires_improvement", "2013-11-22", "large"),
]
SHOCKS: dict[str, dict[str, object]] = {
    "a pause": {
        "kind": "pause", "begins_on": date(2020, 3, 17), "ends_on": date(2021, 4, 30),
        "visits": ("short", "standard", "focused", "monitoring"),
    },
    "a gap in publication": {
        "kind": "publication_gap", "begins_on": date(2018, 12, 1), "ends_on": date(2019, 2, 28),
    },
    "a split": {
        "kind": "reorganisation", "begins_on": date(2021, 4, 1), "abolished": ("C",),
        "created": [
            {"authority": "C1", "region": "South", "size": "small"},
            {"authority": "C2", "region": "South", "size": "large"},
        ],
    },
}  # fmt: skip
WORLDS: dict[str, dict[str, object]] = {
    "nothing from outside": {},
    **{name: {"shocks": ({"name": name, **shock},)} for name, shock in SHOCKS.items()},
    "an interval that changes": {
        f"frameworks.ilacs_2018.pathways.{judgement}.interval_months": 24
        for judgement in ("good", "requires_improvement")
    },
    "teams by size": {
        f"frameworks.ilacs_2018.visits.{kind}.team.inspectors.people.{size}": people
        for kind in ("short", "standard")
        for size, people in (("small", 1), ("medium", 2), ("large", 3))
    },
    "monitoring that begins later": {
        "frameworks.ilacs_2017.pathways.inadequate.contacts.monitoring.begins_on": date(2018, 8, 1),
        "frameworks.ilacs_2018.pathways.inadequate.contacts.monitoring.begins_on": date(2018, 8, 1),
    },
}


@pytest.mark.parametrize("world", WORLDS)
def test_without_chance_it_is_what_a_run_finds_due_to_the_day(world: str) -> None:
    scenario = quiet(ROWS, {"North": 30, "South": 30}, FIXED | WORLDS[world], BOTH, 8)
    assert offered(scenario) == pytest.approx(simulated(scenario))


# ---------------------------------------------------------------- what must hold of any


def changed(changes: Mapping[str, object] | None = None, years: int = 3) -> Scenario:
    return load("ilacs_launch", {"draws": "none", "years": years, **nothing_held_back(), **(changes or {})})


def by_year(load: Load) -> dict[str, float]:
    found = defaultdict[str, float](float)
    for (year, _, _), days in load.items():
        found[year] += days
    return dict(found)


@pytest.mark.slow
def test_twice_the_authorities_have_twice_the_load() -> None:
    once = changed()
    rows = [
        row.model_copy(update={"authority": f"{row.authority} {number}"})
        for row in once.authorities
        for number in (1, 2)
    ]
    twice = changed({"authorities": tuple(rows)})
    assert offered(twice) == pytest.approx({place: 2 * days for place, days in offered(once).items()})


def test_people_make_no_difference() -> None:
    assert offered(changed({"workforce.roles.social_care_hmi.people": 20})) == offered(changed())


@pytest.mark.slow
def test_a_longer_interval_means_less_load_and_a_shorter_one_more() -> None:
    def total(months: int) -> float:
        changes = {
            f"frameworks.{name}.pathways.{judgement}.interval_months": months
            for name in BOTH
            for judgement in ("good", "requires_improvement")
        }
        return sum(offered(changed(changes, years=6)).values())

    assert total(48) < 0.95 * total(36) < 0.9 * total(24)


def test_kinds_and_roles_add_up_to_the_load_of_the_draws_taken() -> None:
    scenario = load("ilacs_launch", {"years": 2})
    draws = offered_load(scenario)
    context = ScenarioContext(scenario)
    places = [place for place, _ in thinned(range(400), DRAWS_TAKEN)]
    assert len(places) == DRAWS_TAKEN
    years, days = days_due(scenario, context, ratings_taken(scenario))
    assert draws.years == years == tuple(Years.of(context.calendar).names)
    assert days.shape == (len(years), len(KINDS) + 1, len(scenario.workforce.roles), DRAWS_TAKEN)
    expected = dict(zip(years, days.mean(axis=3).sum(axis=(1, 2)), strict=True))
    assert draws.days.groupby("financial_year")["days"].sum().to_dict() == pytest.approx(expected)
    assert set(draws.days["role"]) == set(scenario.workforce.roles)
    assert set(draws.days["kind"]) == {*KINDS, "desk_work"}


def test_meetings_and_intelligence_are_what_the_rules_say() -> None:
    days = offered(changed(years=5))
    # 152 meetings of two people in a whole year; a few lie in the week of the other side of its end.
    assert days["2019-20", "engagement", "social_care_hmi"] == pytest.approx(304, abs=5)
    reading = 152 * 1.5
    assert days["2019-20", "desk_work", "social_care_hmi"] == pytest.approx(reading, rel=0.02)


SAID: dict[str, Mapping[str, object]] = {
    "only the first": {},
    "ratings.contact": {"ratings.contact.improvement": 0.2},
    "most_inspections": {"planning.most_inspections": 5},
    "monitoring visits there are": {"frameworks.ilacs_2018.pathways.inadequate.contacts.monitoring.visits.high": 9},
    "reorganisation": {
        "shocks": ({
            "name": "split", "kind": "reorganisation", "begins_on": date(2019, 4, 1), "abolished": ("London 01",),
            "created": [{"authority": "London A", "region": "London"}, {"authority": "London B", "region": "London"}],
        },)
    },
    "by video": {
        "shocks": ({
            "name": "pause", "kind": "pause", "begins_on": date(2018, 9, 1), "ends_on": date(2018, 12, 31),
            "visits": ("focused",),
            "virtual": {
                "begins_on": date(2018, 9, 3), "ends_on": date(2018, 11, 30), "visits": 20, "inadequate_share": 0.5,
            },
        },)
    },
}  # fmt: skip
"""Words of what is left out, and what makes it so."""


@pytest.mark.parametrize("words", SAID)
def test_what_is_left_out_is_said_and_nothing_else(words: str) -> None:
    said = offered_load(changed(SAID[words], years=1)).leaves_out
    assert sum(words in sentence for sentence in said) == 1
    others = [other for other in SAID if other not in ("only the first", words)]
    assert not any(other in sentence for other in others for sentence in said)


def test_visits_by_video_are_counted_as_many_as_there_are() -> None:
    without = {key: value for key, value in SAID["by video"]["shocks"][0].items() if key != "virtual"}  # type: ignore[index]
    more, fewer = offered(changed(SAID["by video"], years=1)), offered(changed({"shocks": (without,)}, years=1))
    differs = {place: days - fewer[place] for place, days in more.items() if abs(days - fewer[place]) > 1e-9}
    assert differs == pytest.approx({
        ("2018-19", "monitoring", "social_care_hmi"): 10 * 8, ("2018-19", "focused", "social_care_hmi"): 10 * 8,
        ("2018-19", "desk_work", "senior_hmi"): 20 * 0.5,
    })  # fmt: skip


# ---------------------------------------------------------------- the back of an envelope


def test_the_envelope_multiplies_authorities_by_days_and_divides_by_the_interval() -> None:
    table = steady_cycle(load("ilacs_launch", {"framework": "ilacs_2018"}))
    rows: dict[tuple[str, str], Any] = {(row["judgement"], row["kind"]): row for row in table.to_dict("records")}
    good = rows["good", "short"]
    assert good["authorities"] == 55
    assert good["visits_a_year"] == pytest.approx(55 / 3)
    # A lead of 11 days, inspectors of 7 (2 of them in 14 small, 3 in 26 medium, 4 in 15 large authorities), others of 2
    # and 1.
    assert good["days_a_visit"] == pytest.approx(11 + 7 * (14 * 2 + 26 * 3 + 15 * 4) / 55 + 3)
    assert good["days_a_year"] == pytest.approx(good["visits_a_year"] * good["days_a_visit"])
    assert rows["requires_improvement", "focused"]["visits_a_year"] == pytest.approx(71 * 2 / 3)
    # Six visits, the first 90 working days after publication and the others 13 weeks apart, and three months.
    years = 90 / (365.25 * 5 / 7) + 5 * 13 * 7 / 365.25 + 0.25
    assert rows["inadequate", "monitoring"]["visits_a_year"] == pytest.approx(23 * 6 / years)


# ---------------------------------------------------------------- the promise


RUNS = 200
CLOSE = 0.01
"""What is promised, as a share of the simulated mean."""
SURE = 2.58
"""Standard errors of a 99% interval."""


@pytest.fixture(scope="module")
def launch() -> tuple[Scenario, np.ndarray, np.ndarray]:
    """With plenty of people: the launch, days due by run and year, and expected under each run's own draw."""
    scenario = load("ilacs_launch", PLENTY)
    context = ScenarioContext(scenario)
    years = Years.of(context.calendar)
    found = []
    for number in range(RUNS):
        due = Model(scenario, number, context).run().workload
        weekly, year = due.due.sum(axis=(1, 2)), years.of_day[np.maximum(due.weeks, 0)]
        found.append(np.bincount(year, weights=weekly, minlength=len(years.names))[years.whole])
    _, expected = days_due(scenario, context, [scenario.drawn(number).ratings for number in range(RUNS)])
    return scenario, np.array(found), expected.sum(axis=(1, 2))[years.whole].T


@pytest.mark.slow
def test_with_plenty_of_people_it_is_within_one_per_cent_of_what_is_simulated(
    launch: tuple[Scenario, np.ndarray, np.ndarray],
) -> None:
    # Each run is held against the load expected under the draw of parameters that it takes, which leaves chance alone:
    # the standard error of two hundred runs is about a fifth of a per cent of the load of the whole years. All of
    # the 99% interval of the difference has to lie within one per cent.
    _, found, expected = launch
    difference = (expected - found).sum(axis=1)
    error = difference.std(ddof=1) / sqrt(RUNS)
    assert error < 0.003 * found.sum(axis=1).mean()
    assert abs(difference.mean()) + SURE * error < CLOSE * found.sum(axis=1).mean()


@pytest.mark.slow
def test_in_no_year_does_it_differ_by_more_than_one_per_cent_and_chance(
    launch: tuple[Scenario, np.ndarray, np.ndarray],
) -> None:
    # Nine years, each with an error of about 0.7%: of nine 99.9% intervals around no difference at all one in a hundred
    # studies misses.
    _, found, expected = launch
    difference = expected - found
    error = difference.std(axis=0, ddof=1) / sqrt(RUNS)
    assert (abs(difference.mean(axis=0)) < CLOSE * found.mean(axis=0) + 3.29 * error).all()
    assert (error < CLOSE * found.mean(axis=0)).all()


@pytest.mark.slow
def test_the_runs_with_ample_staff_beside_a_capacity_answer_have_the_load_of_theory() -> None:
    # Days due in the whole years, and people kept busy, of thirty runs; the standard error is about half a per cent.
    scenario = load("ilacs_launch", {"runs_per_draw": 1})
    runs = Runs(scenario, here)
    role: Role = "social_care_hmi"
    ample = runs.of(Variant("ample", with_ample_staff(scenario)), range(30))
    whole, days = whole_years(scenario), offered_load(scenario).days
    places = [runs.years.index(year) for year in whole]
    due = mean_of(ample[:, places, NAMES.index("inspector_days_due")].sum(axis=1))
    expected = days[days["financial_year"].isin(whole)]["days"].sum()
    assert abs(due.mean - expected) < CLOSE * expected + SURE * due.error
    people = ample_staff(scenario)[role] * ample[:, places, NAMES.index(f"utilisation_{role}")].mean(axis=1)
    of_role = days[days["financial_year"].isin(whole) & (days["role"] == role)]["days"].sum() / len(whole)
    expected = of_role / days_of_a_person(scenario, role, whole)
    busy = mean_of(people)
    assert abs(busy.mean - expected) < 0.05 * expected + SURE * busy.error, "travel is worked, and is not due"


@pytest.mark.slow
def test_forgetting_longer_inspections_breaks_the_promise(
    launch: tuple[Scenario, np.ndarray, np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario, found, _ = launch
    monkeypatch.setattr(Lives, "_by_length", none_is_longer)
    years, context = slice(1, -1), ScenarioContext(scenario)
    _, expected = days_due(scenario, context, [scenario.drawn(number).ratings for number in range(RUNS)])
    assert abs(expected.sum(axis=(1, 2))[years].T.sum(axis=1).mean() / found.sum(axis=1).mean() - 1) > CLOSE


@pytest.mark.slow
def test_the_draws_taken_stand_for_all_of_them() -> None:
    # The mean over a hundred of four hundred draws; the load of a draw has a standard deviation of 2.7%.
    scenario = load("ilacs_launch")
    every = [varied(scenario.ratings, factors(cast(Draws, scenario.draws), place)) for place in range(400)]
    _, days = days_due(scenario, ScenarioContext(scenario), every)
    assert sum(offered(scenario).values()) == pytest.approx(days.sum(axis=(0, 1, 2)).mean(), rel=0.003)
