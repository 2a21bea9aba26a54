"""Scripts that ask a question answer it: in miniature, with the figures of the tables beside them."""

from __future__ import annotations

import re
import runpy
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import pytest

from sim import charts
from sim.base.figures import more_or_less
from sim.base.package_data import authority_tables, shipped
from sim.cli import answer_script
from sim.cli.backtest import BLIND, WITH_EVERYTHING
from sim.inputs.scenario import load
from sim.runs.measures import whole_years, years_of
from sim.runs.results import read
from sim.statistics.intervals import Mean
from sim.statistics.paired import paired
from sim.studies.question import Question
from sim.studies.scenario_study import FILES
from tests.folders import undescribed

ROOT = Path(__file__).parent.parent
SCRIPTS = {path.stem: path for path in sorted((ROOT / "scenarios").glob("*.py"))}
STUDIES = {name: path for name, path in SCRIPTS.items() if name != "ilacs_launch"}
SECONDS = 10
LONG = (
    "early_warning", "how_to_plan", "improving_or_declining", "no_overall_judgement", "pandemic_pause", "peaks",
    "sharing_between_regions", "staff_turnover", "what_if_grid", "which_role_binds",
)  # fmt: skip
"""Scripts that are run weekly: they have many scenarios, or do what a quicker one does."""
AGAIN = ("sif_or_ilacs", "new_interval")
"""Scripts that the quick tests ask twice."""


@pytest.fixture(scope="module")
def miniature(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Flags of a run of an eighth of the authorities, and those that reorganisations name, over two years."""
    head, *rows = authority_tables()["authorities_2018-01-31.csv"].splitlines()
    few = [row for number, row in enumerate(rows) if number % 8 == 0 or "filled" in row]
    table = tmp_path_factory.mktemp("table") / "few.csv"
    table.write_text("\n".join([head, *few]) + "\n", encoding="utf-8")
    return ["--replications", "3", "--set", "years=2", "--set", f"authorities={table}", "--jobs", "1"]


@dataclass(frozen=True)
class Done:
    """A script that was run in miniature."""

    name: str
    question: Question
    words: str
    printed: str
    folder: Path
    seconds: float

    @property
    def names(self) -> list[str]:
        return [self.question.base, *self.question.others, *self.question.policies]

    @property
    def table(self) -> pd.DataFrame:
        return pd.read_csv(self.folder / "answer.csv")


def test_the_scripts_named_here_are_there() -> None:
    assert {*LONG, *AGAIN} <= set(STUDIES)


def content_of(name: str) -> dict[str, Any]:
    return runpy.run_path(str(SCRIPTS[name]))


@pytest.fixture(
    scope="module", params=[pytest.param(name, marks=[pytest.mark.slow] * (name in LONG)) for name in STUDIES]
)
def done(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    miniature: list[str],
    painted_throughout: None,
) -> Done:
    name = request.param
    content = content_of(name)
    folder = tmp_path_factory.mktemp(name) / "out"
    printed: list[str] = []
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("builtins.print", lambda *words, **where: printed.append(" ".join(map(str, words))))
        began = time.thread_time()
        status = answer_script(name, content["QUESTION"], content["__doc__"], [*miniature, "--out", str(folder)])
        seconds = time.thread_time() - began
    assert status == 0
    return Done(name, content["QUESTION"], content["__doc__"], "\n".join(printed), folder, seconds)


def test_a_script_runs_in_miniature_in_under_ten_seconds(done: Done) -> None:
    assert done.seconds < SECONDS


def test_it_answers_in_sentences_a_table_and_a_picture(done: Done) -> None:
    text = (done.folder / "answer.txt").read_text(encoding="utf-8")
    assert text.strip() in done.printed and done.words.splitlines()[0] in done.printed
    assert {path.name for path in done.folder.iterdir()} >= FILES
    assert [path.name for path in done.folder.rglob("*.png")] == ["picture.png"]
    assert all(name in text for name in done.names)
    assert "nan" not in re.sub(r"financ\w+", "", text) and "inf " not in text
    assert (done.folder / "picture.png").read_bytes().startswith(b"\x89PNG")
    title, what, *figures = (done.folder / "picture.txt").read_text(encoding="utf-8").splitlines()
    assert title.endswith(".") and what and len(figures) >= len(done.names)


def test_its_docstring_says_the_question_the_method_and_what_the_answer_leaves_out(done: Done) -> None:
    first, *rest = done.words.splitlines()
    assert first.endswith("?")
    assert [line for line in rest if line and not line.startswith(" ")] == [
        "Question", "Method", "What the answer leaves out",
    ]  # fmt: skip


def test_its_table_holds_the_means_and_paired_differences_of_the_results(done: Done) -> None:
    results = {name: read(done.folder / name).outcomes for name in done.names}
    scenario = load(done.folder / done.question.base / "scenario.toml")
    years = whole_years(scenario) or years_of(scenario)

    def of_runs(name: str, measure: str) -> pd.Series:
        return pd.DataFrame([results[name].column(year, measure) for year in years]).mean()  # without what is missing

    for row in done.table.to_dict("records"):
        mine, theirs = (of_runs(name, row["measure"]) for name in (row["scenario"], done.question.base))
        assert row["mean"] == pytest.approx(mine.mean(), rel=1e-4, nan_ok=True)
        if row["scenario"] != done.question.base:
            difference = paired(mine, theirs, np.arange(3) // 2).difference
            ends = (row["difference_low"], row["difference_high"])
            assert row["difference"] == pytest.approx(difference.mean, rel=1e-3, abs=1e-5, nan_ok=True)
            assert ends == pytest.approx(difference.interval(), rel=1e-3, abs=1e-5, nan_ok=True)


def test_its_folder_says_what_each_column_of_its_tables_holds(done: Done) -> None:
    assert undescribed(done.folder) == []


def test_the_scenario_of_each_of_its_folders_runs_again(done: Done) -> None:
    for name in done.names:
        again = load(done.folder / name / "scenario.toml")
        held = read(done.folder / name)
        assert (again.digest, again.seed, again.replications) == (held.manifest["scenario"], 1, 3)


@pytest.mark.parametrize(
    "done", [pytest.param(name, marks=[pytest.mark.slow] * (name not in AGAIN)) for name in STUDIES], indirect=True
)
def test_a_folder_is_answered_again_without_a_run(
    done: Done, miniature: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.runs.ensemble.run_batch", None)
    before = (done.folder / "answer.txt").read_bytes()
    assert answer_script(done.name, done.question, done.words, [*miniature, "--out", str(done.folder)]) == 0
    assert (done.folder / "answer.txt").read_bytes() == before


def test_every_shipped_scenario_is_asked_by_a_script_and_says_its_question() -> None:
    asked = {"ilacs_launch"}
    for name in STUDIES:
        question: Question = content_of(name)["QUESTION"]
        asked |= {question.base, *question.others}
    assert asked | {*BLIND, WITH_EVERYTHING} == set(shipped("scenarios"))
    assert all(load(name).question.endswith("?") for name in asked)


def test_a_setting_reaches_every_scenario_of_a_study(
    tmp_path: Path, miniature: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    content = content_of("launch_backlog")
    settings = [*miniature, "--set", "workforce.roles.social_care_hmi.people=50", "--out", str(tmp_path / "out")]
    assert answer_script("launch_backlog", content["QUESTION"], content["__doc__"], settings) == 0
    for name in ("ilacs_launch", "launch_at_once"):
        assert load(tmp_path / "out" / name / "scenario.toml").workforce.roles["social_care_hmi"].people == 50
    capsys.readouterr()


def test_at_the_break_even_days_of_a_visit_both_frameworks_take_the_same(done: Done) -> None:
    if done.name != "sif_or_ilacs":
        pytest.skip("it is about the two frameworks")
    even = pd.read_csv(done.folder / "break_even.csv")
    rows = done.table[done.table["measure"] == "inspector_days_worked"].set_index("scenario")["mean"]
    assert {"single_inspection", "single_reinspection", "short", "standard", "focused"} <= set(even["kind"])
    for row in even.to_dict("records"):
        with_these_days = rows["ilacs_launch"] + row["more_visits_a_year"] * (row["break_even"] - row["days_each"])
        assert with_these_days == pytest.approx(rows["sif_kept"], rel=1e-4)
    visits = {name: read(done.folder / name).table("visits") for name in done.names}
    ours = {name: table[table["fieldwork_start"].between("2018-04-01", "2019-03-31")] for name, table in visits.items()}
    for kind in ("short", "standard", "focused"):
        counts = {name: (table["kind"] == kind).sum() / 3 for name, table in ours.items()}
        told = even.set_index("kind").loc[kind, "more_visits_a_year"]
        assert told == pytest.approx(counts["ilacs_launch"] - counts["sif_kept"], rel=1e-5)  # of six figures


def test_the_peaks_told_are_those_of_who_is_on_site_and_add_up(done: Done) -> None:
    if done.name != "peaks":
        pytest.skip("it is about who is on site")
    told = pd.read_csv(done.folder / "peaks.csv").set_index(["scenario", "group", "name", "measure"])["mean"]
    weeks = pd.read_csv(done.folder / "inspectors_by_week.csv", parse_dates=["week"])
    reasons = pd.read_csv(done.folder / "busiest_weeks.csv", parse_dates=["week"])
    for name in done.names:
        table = read(done.folder / name).table("on_site")
        runs = table.groupby(["replication", "week"])["inspectors"].sum()
        assert told[name, "all", "all", "busiest"] == pytest.approx(runs.groupby("replication").max().mean(), rel=1e-5)
        mine = weeks[weeks["scenario"] == name].pivot_table(index="week", columns=["group", "name"], values="mean")
        everybody = mine["all"]["all"]
        assert everybody.sum() == pytest.approx(runs.sum() / 3, rel=1e-4)
        for group in ("role", "region"):
            np.testing.assert_allclose(mine[group].to_numpy().sum(axis=1), everybody, rtol=1e-4, atol=1e-4)
        named = reasons[reasons["scenario"] == name].set_index("week")
        np.testing.assert_allclose(named["mean"], everybody[named.index], rtol=1e-4)
        assert named["mean"].max() == pytest.approx(everybody.max(), rel=1e-4)
        assert named["reason"].str.endswith(".").all()
    text = (done.folder / "answer.txt").read_text(encoding="utf-8")
    words = " ".join(text.split())
    assert all(reason in words for reason in reasons.loc[reasons["scenario"] == done.question.base, "reason"])


def test_the_late_inspections_of_the_regions_add_up_to_those_of_the_measure(done: Done) -> None:
    if done.name != "sharing_between_regions":
        pytest.skip("it is about regions")
    regions = pd.read_csv(done.folder / "by_region.csv")
    late = done.table[done.table["measure"] == "inspections_late"].set_index("scenario")["mean"]
    for name in done.names:
        assert regions[f"{name}_late"].sum() == pytest.approx(late[name], rel=1e-4)
        assert (regions[f"{name}_late"] <= regions[f"{name}_due"]).all()


def test_the_people_of_a_policy_are_reckoned_from_those_that_the_command_sets() -> None:
    base = load("ilacs_launch", {"workforce.roles.social_care_hmi.people": 40})
    key = "workforce.roles.social_care_hmi.people"
    fewer, more = (
        content_of("which_role_binds")["POLICIES"][f"{each}_social_care_hmi"](base) for each in ("fewer", "more")
    )
    assert (fewer[key], more[key]) == (30, 50)
    assert content_of("sharing_between_regions")["POLICIES"]["social_care_stays_16_more"](base)[key] == 56


def test_fewer_people_do_as_well_only_beyond_chance() -> None:
    content = content_of("how_to_plan")
    launch = load("ilacs_launch")
    chance, sure = Mean(0.01, 0.02, 60), Mean(0.02, 0.001, 60)

    class Told:
        """A study in which nine in ten people do as well by chance, and all of them surely."""

        base = "ilacs_launch"
        scenarios: ClassVar = {
            base: launch,
            **{name: launch.with_changes(dict(policy(launch))) for name, policy in content["POLICIES"].items()},
        }

        def difference(self, name: str, measure: str, years: list[str], base: str) -> Mean:
            return chance if name.endswith("percent") else sure

    people = launch.workforce.roles["social_care_hmi"].people
    assert chance.mean > 0 and f": {people} are enough, of the numbers tried (" in content["saved_words"](Told(), [])


def test_the_picture_of_plans_shows_the_years_of_its_title() -> None:
    """And says in its title what levelling is worth with the same people."""
    content = content_of("how_to_plan")
    asked: list[object] = []

    class Known:
        def mean(self, name: str, _: str, years: list[str] | None = None) -> Mean:
            asked.append(years)
            return Mean(2.0 if name == "levelled" else 7.0, 0.1, 20)

        base = "ilacs_launch"
        scenarios: ClassVar = dict.fromkeys([base, *content["POLICIES"]], load(base))

    known: Any = Known()
    drawn = content["picture_of"](known, ["2021-22"])
    assert asked and all(years == ["2021-22"] for years in asked)
    text = charts.alternative(drawn)
    assert "7.0 inspections a year are late if weeks are drawn at random, and 2.0 if they are levelled" in text
    assert [axes.get_title(loc="left").split()[0] for axes in drawn] == ["Late", "Inspectors", "Cost"]


def test_a_role_binds_or_could_spare_people_only_beyond_chance() -> None:
    verdict = content_of("which_role_binds")["verdict"]
    clear, none, unclear = 0.01, Mean(0.0, 0.01, 60), Mean(0.0, 1.0, 60)
    assert verdict(Mean(1.0, clear, 60), Mean(-1.0, clear, 60)) == "are a bottleneck"
    assert verdict(Mean(1.0, clear, 60), none) == "would become a bottleneck with a quarter fewer people"
    assert verdict(none, none) == "could spare a quarter"
    assert verdict(unclear, unclear) == "are not shown to be a bottleneck"


def test_the_published_shares_are_those_of_the_table_that_ships() -> None:
    shares = content_of("pandemic_pause")["published"]()
    assert list(shares) == ["2017-18", "2018-19", "2019-20", "2020-21", "2021-22"]
    assert shares["2021-22"] == 0.309


def test_nobody_beats_those_on_the_frontier_in_both() -> None:
    best_of = content_of("early_warning")["best_of"]

    class Known:
        names = ("a", "b", "c", "d")
        points: ClassVar = {"a": (1.0, 9.0), "b": (2.0, 9.0), "c": (3.0, 1.0), "d": (0.5, 20.0)}

        def mean(self, name: str, measure: str) -> Any:
            return type("Mean", (), {"mean": self.points[name][measure == "days_to_detect_decline"]})

    assert best_of(Known()) == ["d", "a", "c"]


@pytest.mark.parametrize(
    ("mean", "error", "unit", "words"),
    [
        (120.4, 10.0, "", "120 more (95% interval "),
        (-0.5, 0.01, "share", "50.0 percentage points fewer (95% interval "),
        (-3.0, 4.0, "", "3.0 fewer (95% interval -"),
        (0.0, 0.0, "", "no more and no fewer"),
        (2.0, float("nan"), "", "2.0 more"),
    ],
)
def test_a_difference_is_said_with_its_interval_and_whether_it_may_be_chance(
    mean: float, error: float, unit: str, words: str
) -> None:
    said = more_or_less(Mean(mean, error, 20), unit)
    assert said.startswith(words)
    assert ("chance" in said) == (0 < abs(mean) < 2 * error)
