"""The sequential rule: what it asks, when it ends, and that its end does not depend on who ran what when."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from sim.base.faults import InputError
from sim.cli.main import main
from sim.inputs.scenario import Scenario, load
from sim.runs.executors import Executor, here, processes
from sim.runs.manifest import MANIFEST
from sim.runs.measures import NAMES, whole_years
from sim.runs.outcomes import Outcomes
from sim.runs.precision import CORRECTION, LEAST_GROUPS, LOOK_AHEAD, Precision, Target, Watch, look
from sim.runs.results import read
from sim.studies import ensemble_study
from sim.studies.answer import ANSWER, ANSWER_TEXT, Sentence
from sim.studies.answer import read as read_answer

TIMES = {"started": "", "finished": ""}
YEARS = ("2018-19", "2019-20")


pytestmark = pytest.mark.usefixtures("no_charts")


@pytest.fixture(scope="module")
def study() -> Scenario:
    everybody = load("ilacs_launch", {"years": 2, "replications": 4, "runs_per_draw": 1})
    return everybody.with_changes({"authorities": everybody.authorities[::5]})


@pytest.fixture(scope="module")
def wanted() -> Precision:
    return Precision((Target("utilisation", 0.012), Target("inspections_started", 1.0)), 60)


def outcomes(
    columns: dict[str, list[float]], years: tuple[str, ...] = ("2018-19",), runs_per_draw: int = 1
) -> Outcomes:
    """Outcomes that have some columns, the same in every year, and nothing else."""
    count = len(next(iter(columns.values())))
    values = np.full((count, len(years), len(NAMES)), np.nan)
    for name, column in columns.items():
        values[:, :, NAMES.index(name)] = np.array(column)[:, None]
    return Outcomes(np.arange(count), years, values, runs_per_draw)


def test_the_half_width_looked_at_is_students_with_the_correction() -> None:
    values = [0.5, 0.52, 0.49, 0.55, 0.51, 0.5, 0.47, 0.53, 0.5, 0.52, 0.48, 0.51]
    (found,) = look(outcomes({"utilisation": values}), Precision((Target("utilisation", 0.01),), 99), ["2018-19"])
    student = stats.t.ppf(0.975, 11) * np.std(values, ddof=1) / 12**0.5
    assert found.widest[1] == pytest.approx(student * (1 + CORRECTION / 12))
    assert found.intervals["2018-19"][0] == pytest.approx(np.mean(values))
    assert found.reached is False


def test_runs_that_share_a_draw_count_as_one_group() -> None:
    values = list(np.random.default_rng(1).normal(size=2 * LEAST_GROUPS))
    precision = Precision((Target("utilisation", 10.0),), 99)
    (apart,) = look(outcomes({"utilisation": values}), precision, ["2018-19"])
    (shared,) = look(outcomes({"utilisation": values}, runs_per_draw=2), precision, ["2018-19"])
    (fewer,) = look(outcomes({"utilisation": values}, runs_per_draw=4), precision, ["2018-19"])
    assert apart.widest[1] < shared.widest[1]
    assert fewer.widest[1] == float("inf"), "of so few groups no spread can be estimated"


def test_the_widest_year_decides_and_what_is_never_measured_is_never_reached() -> None:
    found = outcomes({"utilisation": [0.4, 0.6] * 10}, YEARS)
    found.values[:, 1] *= 3
    precision = Precision((Target("utilisation", 0.1), Target("monitoring_on_time", 0.1)), 99)
    widest, nothing = look(found, precision, YEARS)
    assert widest.widest[0] == "2019-20"
    assert (nothing.intervals, nothing.reached) == ({}, False)


def test_targets_must_be_reached_at_looks_running() -> None:
    precision = Precision((Target("utilisation", 0.2),), 99)
    narrow, wide = ([0.5 + spread * (-1) ** number for number in range(20)] for spread in (0.01, 1.0))
    watch = Watch(precision, ["2018-19"])
    for values in (narrow, narrow, wide, *[narrow] * LOOK_AHEAD):
        watch.look(outcomes({"utilisation": values}))
        assert not watch.over
    watch.look(outcomes({"utilisation": narrow}))
    assert watch.over


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("utilization<=0.01", "did you mean 'utilisation'"),
        ("utilisation", "write a measure and a half-width"),
        ("utilisation<0.01", "write a measure and a half-width"),
        ("utilisation<=", "write a measure and a half-width"),
        ("utilisation<=1%", "write a measure and a half-width"),
        ("utilisation<=0", "above 0"),
        ("utilisation<=-1", "above 0"),
        ("utilisation<=nan", "above 0"),
        ("utilisation<=inf", "above 0"),
    ],
)
def test_a_target_that_cannot_be_meant_is_refused(text: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        Precision.parse([text], 100)


def test_every_fault_of_the_request_is_said_at_once(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    flags = ["--until", "utilization<=0.01", "--until", "peak", "--until", "cost_pounds<=-4", "--budget", "3"]
    assert main(["run", "ilacs_launch", *flags, "--out", str(tmp_path / "out")]) == 2
    said = capsys.readouterr().err
    assert said.startswith("4 things to put right")
    assert all(word in said for word in ("utilization", "peak", "-4", "needs at least 108"))
    assert list(tmp_path.iterdir()) == []


def test_a_budget_with_which_the_rule_cannot_end_is_refused(study: Scenario, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="needs at least 20 replications"):
        ensemble_study.run(study, tmp_path / "study", until=Precision((Target("utilisation", 0.5),), 19))
    assert list(tmp_path.iterdir()) == []


def test_values_that_are_all_the_same_tell_of_no_spread() -> None:
    (found,) = look(
        outcomes({"joint_started": [0.0] * 40}), Precision((Target("joint_started", 1.0),), 99), ["2018-19"]
    )
    assert (found.widest[1], found.reached) == (float("inf"), False)


def test_a_measure_asked_for_twice_or_a_budget_for_nothing_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(InputError, match="more than one half-width"):
        Precision.parse(["utilisation<=0.1", "utilisation<=0.2"], 100)
    with pytest.raises(InputError, match="at least one"):
        Precision((), 100)
    assert main(["run", "ilacs_launch", "--budget", "100"]) == 2
    assert "it needs --until" in capsys.readouterr().err


@pytest.mark.slow
def test_it_ends_where_the_intervals_are_reached_whoever_ran_what_when(
    study: Scenario, wanted: Precision, tmp_path: Path
) -> None:
    def backwards_in_fours(task: Callable[[Any], Any], inputs: Iterable[Any]) -> Iterator[Any]:
        waiting: list[Any] = []
        for each in inputs:
            waiting.append(each)
            if len(waiting) == 4:
                yield from (task(waiting.pop()) for _ in range(4))
        yield from map(task, waiting)

    executors: list[Executor] = [here, processes(2), backwards_in_fours]
    found = [
        ensemble_study.run(study, tmp_path / str(number), executor=executor, until=wanted)
        for number, executor in enumerate(executors)
    ]
    first = found[0]
    assert study.replications < first.replications < wanted.budget
    assert first.manifest["until"]["reached"] is True
    for other in found[1:]:
        assert other.manifest | TIMES == first.manifest | TIMES
        assert files(other.folder) == files(first.folder)
    summary = first.summary.set_index(["measure", "financial_year"])
    for target in wanted.targets:
        for year in whole_years(study):
            widths = (summary["ci_high"] - summary["ci_low"]).to_dict()
            assert widths[target.measure, year] <= 2 * target.half_width


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != MANIFEST}


def test_its_results_are_those_of_as_many_replications_asked_for_at_once(
    study: Scenario, wanted: Precision, tmp_path: Path
) -> None:
    found = ensemble_study.run(study, tmp_path / "until", until=wanted)
    assert main(["run", str(found.folder / "scenario.toml"), "--jobs", "1", "--out", str(tmp_path / "fixed")]) == 0
    same, alike = files(tmp_path / "fixed"), files(found.folder)
    for name in (ANSWER, ANSWER_TEXT):
        assert same.pop(name) != alike.pop(name)
    assert same == alike
    fixed, until = (read_answer(folder).blocks for folder in (tmp_path / "fixed", found.folder))
    (reached,) = (block for block in until if block not in fixed)  # which nobody asked of the fixed number
    assert isinstance(reached, Sentence) and reached.text.startswith("The runs reached the precision asked for after ")
    assert tuple(block for block in until if block != reached) == fixed
    assert read(tmp_path / "fixed").replications == found.replications


@pytest.mark.slow
def test_an_interrupted_search_goes_on_to_the_same_end(study: Scenario, wanted: Precision, tmp_path: Path) -> None:
    def stopped(task: Any, inputs: Any) -> Iterator[Any]:
        for number, each in enumerate(inputs):
            if number == 2:
                raise KeyboardInterrupt
            yield task(each)

    undisturbed = ensemble_study.run(study, tmp_path / "undisturbed", until=wanted)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            ensemble_study.run(study, tmp_path / "stopped", until=wanted, executor=stopped)
    with pytest.raises(
        InputError, match=r"until is utilisation<=0\.012, inspections_started<=1 by 60 there and nothing here"
    ):
        ensemble_study.run(study, tmp_path / "stopped")
    again = ensemble_study.run(study, tmp_path / "stopped", until=wanted)
    assert again.manifest | TIMES == undisturbed.manifest | TIMES
    assert files(again.folder) == files(undisturbed.folder)
    assert ensemble_study.run(study, tmp_path / "stopped", until=wanted).repeated


def test_a_budget_that_is_spent_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    flags = ["--set", "years=1", "--set", "runs_per_draw=1", "--replications", "4", "--budget", "22", "--jobs", "1"]
    assert main(["run", "ilacs_launch", *flags, "--until", "cost_pounds<=1", "--out", "out"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "did NOT reach the precision asked for within 22 replications: cost_pounds within 1 (" in said
    manifest = json.loads((tmp_path / "out" / MANIFEST).read_text(encoding="utf-8"))
    assert (manifest["replications"], manifest["until"]["reached"]) == (22, False)
    assert set(read("out").table("measures")["replication"]) == set(range(22))


def test_intervals_reached_are_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flags = ["--set", "years=1", "--set", "runs_per_draw=1", "--replications", "4", "--jobs", "1"]
    out = ["--out", str(tmp_path / "out")]
    assert main(["run", "ilacs_launch", *flags, "--until", "utilisation<=0.5", *out]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert (
        f"precision asked for after {4 * -(-LEAST_GROUPS // 4) + 4 * LOOK_AHEAD} replications: utilisation within 0.5"
        in said
    )
