"""The benchmark (`python -m tests.benchmark`) measures what it says it measures. No test here asserts a time."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest
import simpy

from sim.inputs.framework import SIZES, Kind
from sim.inputs.grades import JUDGEMENTS
from sim.inputs.scenario import Scenario, load
from sim.world.context import ScenarioContext
from tests.benchmark import __main__ as command
from tests.benchmark import full, growth, kernel, minimal, parts, questions, report
from tests.benchmark.sector import Sector, sector_of
from tests.benchmark.timing import Spread, Timed, by_turns

OF_ALL_VISITS, OF_A_KIND = 0.1, 0.35
"""How far the minimal model's visits may lie from the full one's: it has no joint inspections, no priority action, no
early end of monitoring, and one set of rates where the full one takes draws of them."""


@pytest.fixture(scope="module")
def launch() -> Scenario:
    return full.scenario()


@pytest.fixture(scope="module")
def sector(launch: Scenario) -> Sector:
    return sector_of(launch)


def counted(sector: Sector, runs: int) -> Counter[Kind]:
    return sum((minimal.run(sector, seed) for seed in range(runs)), Counter[Kind]())


# ---------------------------------------------------------------- the minimal model


@pytest.mark.slow
def test_the_minimal_model_begins_about_as_many_visits_of_each_kind_as_the_full_one(
    launch: Scenario, sector: Sector
) -> None:
    runs = 12
    whole = full.visits_of(launch, range(runs))
    small = counted(sector, runs)
    assert small.total() == pytest.approx(whole.total(), rel=OF_ALL_VISITS)
    whole["standard"] += whole["single_inspection"]  # of the framework before, which the minimal model does not know
    for kind in ("short", "standard", "focused", "monitoring", "engagement"):
        assert small[kind] == pytest.approx(whole[kind], rel=OF_A_KIND), kind
    assert set(small) <= {"short", "standard", "focused", "monitoring", "engagement"}


def test_the_minimal_model_leaves_out_nothing_but_the_meetings_if_it_has_none(sector: Sector) -> None:
    without = counted(replace(sector, meeting=None), 4)
    assert not without["engagement"]
    assert without.total() == pytest.approx(counted(sector, 4).total() - counted(sector, 4)["engagement"], rel=0.05)


def test_a_minimal_run_is_the_same_for_the_same_seed_and_another_for_another(sector: Sector) -> None:
    assert minimal.run(sector, 1) == minimal.run(sector, 1) != minimal.run(sector, 2)


def test_the_minimal_model_takes_its_teams_from_the_framework() -> None:
    key = "frameworks.ilacs_2018.visits.focused.team.inspectors.people"
    larger = sector_of(load(full.SCENARIO, {key: dict.fromkeys(SIZES, 3)}))
    requests = [events_of(each) for each in (sector_of(full.scenario()), larger)]
    assert requests[1] > requests[0]


def test_the_minimal_model_takes_its_intervals_from_the_framework() -> None:
    changes = {
        f"frameworks.ilacs_2018.pathways.{judgement}.interval_months": 72 for judgement in ("good", "outstanding")
    }
    rarer = sector_of(load(full.SCENARIO, changes))
    assert counted(rarer, 2)["short"] < counted(sector_of(full.scenario()), 2)["short"]


def events_of(sector: Sector) -> int:
    """Events of a minimal run, counted as it steps through them."""
    steps = 0
    step = simpy.Environment.step

    def counting(env: simpy.Environment) -> None:
        nonlocal steps
        steps += 1
        step(env)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(simpy.Environment, "step", counting)
        minimal.run(sector, 1)
    return steps


def test_the_sector_of_a_scenario_has_its_authorities_and_chances_that_add_up(launch: Scenario, sector: Sector) -> None:
    assert [(each.size, each.judgement) for each in sector.authorities] == [
        (row.size, row.judgement) for row in launch.authorities
    ]
    for judgement in JUDGEMENTS:
        assert sum(sector.courses[judgement].outcome) == pytest.approx(1)
    teams = {plan.kind: plan.team for course in sector.courses.values() for plan in (course.inspection, course.longer)}
    rules = launch.frameworks["ilacs_2018"].visits
    assert {name for name in rules if name in teams} == {"short", "standard"}
    for name in ("short", "standard"):
        assert teams[name] == {size: sum(seat.people[size] for seat in rules[name].team.values()) for size in SIZES}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["salabim", "ciw"])
def test_another_engine_runs_the_same_minimal_model(name: str, sector: Sector) -> None:
    pytest.importorskip(name)
    engine = import_module(f"tests.benchmark.engine_{name}")
    runs = 3
    found = sum((engine.run(sector, seed) for seed in range(runs)), Counter[Kind]())
    expected = counted(sector, runs)
    for kind in expected:
        assert found[kind] == pytest.approx(expected[kind], rel=OF_A_KIND), kind


# ---------------------------------------------------------------- the kernel, and the full run


def test_the_bare_kernel_processes_the_events_asked_for_and_all_of_them_are_timeouts() -> None:
    env = kernel.waiting(20)
    seen: list[simpy.Event] = []
    step = env.step

    def noted() -> None:
        seen.append(env._queue[0][-1])
        step()

    env.step = noted  # type: ignore[method-assign]
    assert kernel.process(env, 500) == 500 == len(seen)
    assert {type(event) for event in seen} == {simpy.Timeout}
    assert len(env._queue) == 20  # every process waits


def test_the_load_of_a_run_counts_every_event_and_a_process_for_each_life() -> None:
    short = load(full.SCENARIO, {"years": 1})
    found = full.load_of(short, 0)
    lives = 2 * len(short.authorities) + sum(len(posts) for posts in ScenarioContext(short).posts.values())
    assert found.processes == pytest.approx(lives, rel=0.1)
    assert found.events > found.processes


def test_a_run_that_raises_ends_the_benchmark(monkeypatch: pytest.MonkeyPatch, launch: Scenario) -> None:
    monkeypatch.setattr("sim.runs.ensemble.Model", None)
    with pytest.raises(RuntimeError, match="TypeError"):
        full.visits_of(launch, range(1))


# ---------------------------------------------------------------- growth


def test_the_grown_sector_has_so_many_times_everything_that_is_national(launch: Scenario) -> None:
    larger = growth.grown(launch, 3)
    assert len(larger.authorities) == 3 * len(launch.authorities)
    assert larger.authorities_by_region == {region: 3 * n for region, n in launch.authorities_by_region.items()}
    assert Counter(row.judgement for row in larger.authorities) == Counter(
        {judgement: 3 * n for judgement, n in Counter(row.judgement for row in launch.authorities).items()}
    )
    for role, rules in launch.workforce.roles.items():
        assert larger.workforce.roles[role].people == 3 * rules.people
    assert larger.planning.most_inspections == 3 * (launch.planning.most_inspections or 0)


def test_the_sector_grown_once_is_the_sector_with_the_values_of_its_scenario(launch: Scenario) -> None:
    assert growth.grown(launch, 1).digest == launch.with_changes({"draws": "none"}).digest


def test_a_size_is_measured_with_memory_of_its_own() -> None:
    ballast = b"." * (300 * 2**20)  # of this process, and none of the other one's
    found = growth.in_its_own_process(1, 1)
    assert found.authorities == 152 and found.visits > 1000 and found.seconds > 0
    assert 0 < found.base <= found.peak < len(ballast)


# ---------------------------------------------------------------- times and the table


def test_things_are_timed_by_turns() -> None:
    order: list[str] = []

    def taking(name: str) -> Timed:
        order.append(name)
        return Timed(1.0, 2.0)

    first, second = by_turns(3, lambda _: taking("A"), lambda _: taking("B"))
    assert order == ["A", "B"] * 3
    assert len(first) == len(second) == 3


def test_a_figure_meets_its_bar_by_its_median() -> None:
    spread = Spread.of([1.0, 2.0, 9.0])
    assert report.Figure("f", spread, bar=1.5, aim=3.0, at_least=True).cells()[-2:] == ["yes", "**no**"]
    assert report.Figure("f", spread, bar=3.0, aim=1.5).cells()[-2:] == ["yes", "**no**"]
    assert report.Figure("f", spread).cells()[-2:] == ["", ""]
    assert report.Figure("f", spread, " s").cells()[3:5] == ["2.00 s", "1.00 to 9.00"]


def test_the_table_is_printed_and_written_with_every_time_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "QUICK", replace(parts.QUICK, starts=1))
    out = tmp_path / "new" / "table.md"
    assert command.main(["--quick", "--only", "start-up", "--out", str(out)]) == 0
    text = out.read_text(encoding="utf-8")
    assert capsys.readouterr().out.strip() == text.strip()
    assert "| python -m sim list | ≤ 1.00 s |" in text and "simpy 4" in text and "cores: " in text
    raw = json.loads(out.with_suffix(".json").read_text(encoding="utf-8"))
    assert len(raw["parts"]["start-up"]["list"]) == 1 and raw["heading"]["repeats"] == "few (--quick)"


@pytest.mark.slow
def test_a_question_is_asked_as_a_command_and_its_runs_are_those_of_its_manifest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    few = ("--points", "140", "--replications", "2", "--set", "years=2", "--set", "planning.programme=drawn")
    monkeypatch.setitem(questions.SMALLER, questions.SENSITIVITY, (*few, "--from-year", "1"))
    assert questions.asked(questions.SENSITIVITY, 1, small=True).amount == 141 * 2


def test_other_engines_that_are_not_installed_are_a_line_that_says_how_to_get_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for package in ("salabim", "ciw"):
        monkeypatch.setitem(sys.modules, package, None)
        monkeypatch.delitem(sys.modules, f"tests.benchmark.engine_{package}", raising=False)
    part = parts.other_engines(parts.QUICK)
    assert part.figures == []
    assert part.notes == [
        "Not installed here: salabim, ciw; python -m pip install --editable '.[benchmark]' brings them."
    ]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--only", "speed"], "start-up"),
        (["--only"], "expected at least one argument"),
        (["--fast"], "unrecognized arguments: --fast"),
        (["--out", "."], "is a folder; give the name of a file"),
        (["--out", "times.json"], "give another one"),
        (["--out", "file/below/table.md"], "is a file, and not a folder"),
        (["--out", ".json"], "give another one"),
        (["--out", "file"], "holds something else, which would be lost"),
        (["--out", "notes.md"], "notes.json holds something else"),
        (["--out", "n" * 300], "cannot be written"),
    ],
)
def test_a_wrong_option_is_said_in_words_and_nothing_is_run_or_written(
    options: list[str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    there = {"file": "there before", "notes.json": '{"of": "somebody else"}'}
    for name, text in there.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    for name in parts.PARTS:
        monkeypatch.setitem(parts.PARTS, name, lambda _: pytest.fail("it was run"))
    with pytest.raises(SystemExit) as ended:
        command.main(options)
    assert ended.value.code == 2
    said = capsys.readouterr()
    assert words in said.err and "Traceback" not in said.err and said.out == ""
    assert {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()} == there


def test_what_is_stopped_keeps_the_parts_that_were_finished_and_may_be_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped(_: parts.Effort) -> report.Part:
        raise KeyboardInterrupt

    monkeypatch.setitem(parts.PARTS, "kernel", lambda _: report.Part("Of the kernel", []))
    monkeypatch.setitem(parts.PARTS, "growth", stopped)
    out = tmp_path / "table.md"
    for _ in range(2):
        assert command.main(["--only", "kernel", "growth", "start-up", "--out", str(out)]) == 1
        assert "Of the kernel" in out.read_text(encoding="utf-8")
        assert "Stopped. 1 parts were finished before." in capsys.readouterr().err


def test_it_is_run_as_a_module_and_pytest_collects_none_of_it() -> None:
    root = Path(__file__).parent.parent
    answer = subprocess.run(
        [sys.executable, "-m", "tests.benchmark", "--help"], cwd=root, capture_output=True, text=True, check=True
    )
    assert all(name in answer.stdout for name in ("--quick", "--only", "--out", *parts.PARTS))
    assert not list((root / "tests" / "benchmark").glob("test_*.py"))
