"""The measures are what their definitions say: each worked out again from the tables beside it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.base.figures import count, people_of, share
from sim.cli.main import main
from sim.inputs.reasons import GROUPS
from sim.inputs.scenario import Scenario, load
from sim.runs.measures import MEASURES, whole_years
from sim.runs.model import Model
from sim.runs.results import Results
from sim.studies import ensemble_study
from sim.studies.ensemble_answer import headline
from sim.world.context import ScenarioContext

KINDS = ("short", "standard", "focused", "monitoring", "single_inspection", "joint", "engagement")
INSPECTIONS = ("short", "standard", "single_inspection")
JUDGEMENTS = ("outstanding", "good", "requires_improvement", "inadequate")
BY = ["replication", "financial_year"]


@pytest.fixture(scope="module")
def study() -> Scenario:
    return load("ilacs_launch", {"years": 3, "replications": 3})


@pytest.fixture(scope="module")
def results(study: Scenario, tmp_path_factory: pytest.TempPathFactory) -> Results:
    return ensemble_study.run(study, tmp_path_factory.mktemp("results") / "mini")


@pytest.fixture(scope="module")
def measured(results: Results) -> pd.DataFrame:
    return results.table("measures").pivot(index=BY, columns="measure", values="value")


@pytest.fixture(scope="module")
def visits(results: Results) -> pd.DataFrame:
    return results.table("visits")


def with_year(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """Rows that have a date, with its financial year."""
    dated = table.dropna(subset=[column])
    first = dated[column].dt.year - (dated[column].dt.month < 4)
    return dated.assign(financial_year=[f"{year}-{(year + 1) % 100:02d}" for year in first])


def agree(ours: pd.Series[float] | pd.Series[int], measured: pd.DataFrame, name: str, empty: float = np.nan) -> None:
    """Hold figures by replication and year against the measure of that name."""
    np.testing.assert_allclose(ours.reindex(measured.index, fill_value=empty), measured[name], rtol=1e-9, err_msg=name)


def test_visits_begun_are_counted_in_the_year_of_their_first_day(
    visits: pd.DataFrame, measured: pd.DataFrame, study: Scenario
) -> None:
    begun = with_year(visits[visits["fieldwork_start"] < pd.Timestamp(study.end)], "fieldwork_start")
    for kind in KINDS:
        agree(begun[begun["kind"] == kind].groupby(BY).size(), measured, f"{kind}_started", 0)
    agree(begun[begun["kind"].isin(INSPECTIONS)].groupby(BY).size(), measured, "inspections_started", 0)
    contacts = begun[begun["kind"] != "engagement"].groupby(BY).size() / len(study.authorities)
    agree(contacts, measured, "contacts_per_authority", 0)


@pytest.mark.parametrize(
    ("name", "kinds"), [("inspections_on_time", INSPECTIONS), ("monitoring_on_time", ("monitoring",))]
)
def test_on_time_is_the_share_begun_by_the_latest_date_of_those_it_fell_in_the_year(
    name: str, kinds: tuple[str, ...], visits: pd.DataFrame, measured: pd.DataFrame, study: Scenario
) -> None:
    during = visits["latest"].between(pd.Timestamp(study.start), pd.Timestamp(study.end), inclusive="left")
    fell = with_year(visits[during & visits["kind"].isin(kinds)], "latest")
    agree(fell.assign(kept=fell["fieldwork_start"] <= fell["latest"]).groupby(BY)["kept"].mean(), measured, name)


def test_inspections_whose_latest_date_lies_before_the_start_are_counted_apart_and_in_no_years_share(
    results: Results, visits: pd.DataFrame, measured: pd.DataFrame, study: Scenario
) -> None:
    late = visits[visits["kind"].isin(INSPECTIONS) & (visits["latest"] < pd.Timestamp(study.start))]
    assert len(late)
    agree(late.assign(financial_year="2017-18").groupby(BY).size(), measured, "inspections_overdue_at_start", 0)
    overdue = late.groupby("replication").size().mean()
    text = " ".join(headline(results, study, whole_years(study)).split())
    assert f"{count(overdue)} inspections had a latest date before the start, so they count in no year" in text
    (formula,) = (definition.formula for definition in MEASURES if definition.name == "inspections_on_time")
    assert "no year includes inspections_overdue_at_start" in formula


def test_late_inspections_count_under_what_they_waited_for_in_most_weeks(
    results: Results, visits: pd.DataFrame, measured: pd.DataFrame, study: Scenario
) -> None:
    during = visits["latest"].between(pd.Timestamp(study.start), pd.Timestamp(study.end), inclusive="left")
    late = with_year(visits[during & visits["late_because"].notna()], "latest")
    agree(late.groupby(BY).size(), measured, "inspections_late", 0)
    for group, reasons in GROUPS.items():
        of_group = late[late["late_because"].isin(reasons)]
        agree(of_group.groupby(BY).size(), measured, f"inspections_late_{group}", 0)
    key = ["replication", "visit"]
    told = set(map(tuple, results.table("waits")[key].to_numpy()))
    assert told == set(map(tuple, visits.loc[visits["late_because"].notna(), key].to_numpy()))


def test_the_headline_names_the_role_that_is_busiest_with_its_own_figure(
    results: Results, measured: pd.DataFrame, study: Scenario
) -> None:
    means = {
        (role, year): measured[f"utilisation_{role}"].xs(year, level="financial_year").mean()
        for role in study.workforce.roles
        for year in whole_years(study)
    }
    role, year = max(means, key=lambda place: means[place])
    text = " ".join(headline(results, study, whole_years(study)).split())
    who = people_of(role)
    assert f"{who[0].upper()}{who[1:]} are the busiest role: the work takes {share(means[role, year])} (" in text
    assert means[role, year] > measured["utilisation"].xs(year, level="financial_year").mean()


def test_published_judgements_at_the_years_end_are_counted_and_aged(
    results: Results, visits: pd.DataFrame, measured: pd.DataFrame, study: Scenario
) -> None:
    keys = ["replication", "authority", "published"]
    ended = visits.dropna(subset=["judgement_after", "published"])[[*keys, "fieldwork_end"]]
    rows = results.table("judgements").merge(ended, how="left", on=keys)
    rows["inspected"] = rows["fieldwork_end"].fillna(rows["published"])
    for year in ("2017-18", "2018-19", "2019-20", "2020-21"):
        last = min(pd.Timestamp(int(year[:4]) + 1, 3, 31), pd.Timestamp(study.end) - pd.Timedelta(days=1))
        known = rows[rows["published"] <= last].sort_values("published", kind="stable")
        standing = known.groupby(["replication", "authority"], as_index=False).last()
        at_end = measured.xs(year, level="financial_year")
        for judgement in JUDGEMENTS:
            ours = (standing["judgement"] == judgement).groupby(standing["replication"]).sum()
            assert ours.tolist() == at_end[f"authorities_{judgement}"].tolist()
        age = (last - standing["inspected"]).dt.days / 365.25
        old = (age > 3.5).groupby(standing["replication"]).mean()
        np.testing.assert_allclose(old, at_end["judgements_older_than_3_5_years"])


def test_days_and_utilisation_are_those_of_the_weeks_that_begin_in_the_year(
    results: Results, measured: pd.DataFrame, study: Scenario
) -> None:
    weeks = results.table("workload")
    weeks["week"] = weeks["week"].where(weeks["week"] >= pd.Timestamp(study.start), pd.Timestamp(study.start))
    weeks = with_year(weeks, "week")
    days = weeks.groupby(BY)[["days_due", "days_worked", "days_available"]].sum()
    for column in days:
        agree(days[column], measured, f"inspector_{column}")
    agree(days["days_worked"] / days["days_available"], measured, "utilisation")
    for role in study.workforce.roles:
        own = weeks[weeks["role"] == role].groupby(BY)[["days_worked", "days_available"]].sum()
        agree(own["days_worked"] / own["days_available"], measured, f"utilisation_{role}")


def test_it_costs_the_days_worked_and_the_days_on_site_at_their_prices(
    results: Results, visits: pd.DataFrame, measured: pd.DataFrame, study: Scenario
) -> None:
    days_worked = measured["inspector_days_worked"] * study.costs.inspector_day_pounds
    on_site = (measured["cost_pounds"] - days_worked) / study.costs.travel_day_pounds
    rules = study.frameworks["ilacs_2017"].visits  # days on site of a lead are the same under both frameworks
    begun = with_year(visits[visits["fieldwork_start"] < pd.Timestamp(study.end)], "fieldwork_start")
    leads = begun.assign(days=[sum(rules[kind].team["lead"].on_site_days) for kind in begun["kind"]])
    in_all, of_leads = on_site.groupby("replication").sum(), leads.groupby("replication")["days"].sum()
    given = results.table("assignments").groupby("replication")["days"].sum()
    np.testing.assert_allclose(in_all, in_all.round(), atol=1e-6)
    assert (in_all > of_leads).all()
    assert (in_all < given).all()


def test_most_inspectors_on_site_in_a_week_are_at_least_the_teams_that_begin_in_it(
    visits: pd.DataFrame, measured: pd.DataFrame, study: Scenario
) -> None:
    kinds = ["short", "standard", "focused", "monitoring", "joint"]  # all of their team is there in the first week
    here = visits[visits["kind"].isin(kinds) & (visits["fieldwork_start"] < pd.Timestamp(study.end))]
    begun = with_year(here, "fieldwork_start")
    teams = begun.groupby([*BY, "fieldwork_start"])["team_size"].sum().groupby(BY).max()
    people = sum(rules.people for rules in study.workforce.roles.values())
    assert (measured["peak_week_inspectors"] >= teams.reindex(measured.index, fill_value=0)).all()
    assert (measured["peak_week_inspectors"] <= people).all()


def test_parts_of_the_days_worked_add_up_to_them(measured: pd.DataFrame) -> None:
    parts = measured[[f"inspector_days_{part}" for part in (*KINDS, "desk_work")]].sum(axis=1)
    np.testing.assert_allclose(parts, measured["inspector_days_worked"])


def test_assignments_add_up_to_their_visits(results: Results, visits: pd.DataFrame) -> None:
    by_visit = results.table("assignments").groupby(["replication", "visit"])
    taken = visits[visits["team_size"] > 0]
    assert by_visit["days"].sum().tolist() == taken["inspector_days"].tolist()
    assert by_visit.size().tolist() == taken["team_size"].tolist()
    assert (by_visit["lead"].sum() == 1).all()


@pytest.mark.parametrize("who", ["one authority", "nobody at work"])
def test_a_study_in_which_there_is_little_to_measure_can_be_finished(who: str, tmp_path: Path) -> None:
    world = load("ilacs_launch", {"years": 2, "replications": 1})
    one = {"authorities": (world.authorities[0].model_dump(),)}
    none = {f"workforce.roles.{role}.people": 0 for role in world.workforce.roles}
    changed = world.with_changes(one if who == "one authority" else none)
    (tmp_path / "mine.toml").write_text(changed.to_toml(), encoding="utf-8")
    assert main(["run", str(tmp_path / "mine.toml"), "--jobs", "1", "--out", str(tmp_path / "results")]) == 0


def test_those_on_site_add_up_to_the_inspectors_out_and_their_most_to_the_peak(
    results: Results, measured: pd.DataFrame, study: Scenario
) -> None:
    table = results.table("on_site")
    assert (table["inspectors"] > 0).all() and (table["kind"] != "engagement").all()
    for part in ("begun_late", "due_before_start"):
        assert table[part].between(0, table["inspectors"]).all() and table[part].any()
    assert not table.duplicated(["replication", "week", "kind", "role", "region"]).any()
    weekly = pd.DataFrame(table.groupby(["replication", "week"])["inspectors"].sum()).reset_index()
    agree(with_year(weekly, "week").groupby(BY)["inspectors"].max(), measured, "peak_week_inspectors", empty=0)
    context = ScenarioContext(study)
    for number, ours in weekly.groupby("replication"):
        load = Model(study, int(str(number)), context).run().workload
        weeks = pd.Timestamp(study.start) + pd.to_timedelta(load.weeks, unit="D")
        np.testing.assert_array_equal(
            ours.set_index("week")["inspectors"].reindex(weeks, fill_value=0), load.inspectors_out
        )


def test_those_on_site_are_those_whom_the_visits_and_their_teams_have_out(
    results: Results, visits: pd.DataFrame, study: Scenario
) -> None:
    # Short and focused visits keep the whole team for their one week.
    table = results.table("on_site")
    one_week, cells = ["short", "focused"], ["replication", "week", "kind"]
    begun = visits[visits["kind"].isin(one_week) & (visits["fieldwork_start"] < pd.Timestamp(study.end))]
    theirs = begun.assign(
        week=begun["fieldwork_start"],
        inspectors=begun["team_size"],
        begun_late=begun["team_size"] * (begun["fieldwork_start"] > begun["latest"]),
        due_before_start=begun["team_size"] * (begun["due"] < pd.Timestamp(study.start)),
    )
    for column in ("inspectors", "begun_late", "due_before_start"):
        expected = theirs.groupby(cells)[column].sum()
        found = table[table["kind"].isin(one_week)].groupby(cells)[column].sum()
        pd.testing.assert_series_equal(found, expected, check_dtype=False)


def test_a_decline_by_drift_begins_with_a_move_of_quality_below_the_judgement(
    results: Results, study: Scenario
) -> None:
    moves, judgements = results.table("quality"), results.table("judgements")
    grade = {judgement: place for place, judgement in enumerate(JUDGEMENTS)}
    declines = results.table("declines").query("cause == 'drift'")
    declines = declines[declines["began"] >= pd.Timestamp(study.start)]
    told = declines.merge(  # quality had moved between the inspection and the publication that says otherwise
        judgements, left_on=["replication", "authority", "began"], right_on=["replication", "authority", "published"]
    )
    declines = declines[~declines["began"].isin(told["began"])]
    found = declines.merge(
        moves, left_on=["replication", "authority", "began"], right_on=["replication", "authority", "since"]
    )
    assert len(declines) > 50
    below = found[found["quality"].map(grade) > found["judgement"].map(grade)]
    assert len(below.drop_duplicates(["replication", "authority", "began"])) == len(declines)


def test_quality_moves_by_a_grade_at_a_time_and_is_known_of_every_authority_at_the_start(
    results: Results, study: Scenario
) -> None:
    moves = results.table("quality")
    assert set(moves["authority"]) == {row.authority for row in study.authorities}
    for _, path in moves.groupby(["replication", "authority"]):
        assert path["since"].is_monotonic_increasing
        assert path["since"].iloc[0] <= pd.Timestamp(study.start)
        assert path["quality"].map(JUDGEMENTS.index).diff().dropna().abs().eq(1).all()
