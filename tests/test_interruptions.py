"""Whatever ends a run before its time, no finished batch is lost, and the same command ends with the same bytes."""

from __future__ import annotations

import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from sim.base.faults import InputError
from sim.charts.folder import FAN, PICTURES
from sim.cli.main import main
from sim.inputs.scenario import Scenario, load
from sim.runs import unfinished
from sim.runs.executors import Executor, here, processes
from sim.runs.manifest import MANIFEST
from sim.runs.results import read
from sim.runs.unfinished import UNFINISHED
from sim.studies import ensemble_study, keeper
from tests.worlds import few_of

ROOT = Path(__file__).parent.parent
TIMES = {"started": "", "finished": ""}
Outcome = tuple[dict[str, bytes], dict[str, Any]]


@pytest.fixture(scope="module")
def study() -> Scenario:
    """Four batches of runs that are soon over."""
    return few_of(load("ilacs_launch", {"years": 1, "replications": 14}))


@pytest.fixture(scope="module", autouse=True)
def _quick_charts() -> Iterator[None]:
    """Stand-ins for the charts, which take seconds each time; only other processes draw the real ones."""

    def save_all(folder: Path, *_: object) -> None:
        for name in sorted(PICTURES - {f"{FAN}.png", f"{FAN}.txt"}):
            (folder / name).write_text("a picture", encoding="utf-8")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("sim.studies.ensemble_study.save_all", save_all)
        yield


@pytest.fixture(scope="module")
def uninterrupted(study: Scenario, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return outcome(ensemble_study.run(study, tmp_path_factory.mktemp("whole") / "study").folder)


def outcome(folder: Path) -> Outcome:
    """Bytes of every file, and the manifest without its times."""
    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file() and path.name != MANIFEST}
    return files, read(folder).manifest | TIMES


def broken_after(batches: int, error: BaseException) -> Executor:
    """Executor that finishes some batches and then raises."""

    def execute(task: Callable[[Any], Any], inputs: Iterable[Any]) -> Iterator[Any]:
        for number, each in enumerate(inputs):
            if number == batches:
                raise error
            yield task(each)

    return execute


class Counting:
    """Executor that counts the batches it runs."""

    def __init__(self) -> None:
        self.batches: list[range] = []

    def __call__(self, task: Callable[[Any], Any], inputs: Iterable[Any]) -> Iterator[Any]:
        for each in inputs:
            self.batches.append(each)
            yield task(each)


@pytest.mark.parametrize(
    "error",
    [
        OSError("no space left"),
        *(pytest.param(each, marks=pytest.mark.slow) for each in (KeyboardInterrupt(), MemoryError())),
    ],
    ids=repr,
)
def test_what_was_finished_is_not_run_again_and_the_rest_ends_with_the_same_bytes(
    error: BaseException, study: Scenario, uninterrupted: Outcome, tmp_path: Path
) -> None:
    with pytest.raises(type(error)) as stopped:
        ensemble_study.run(study, tmp_path / "study", executor=broken_after(2, error))
    assert "8 finished replications are kept" in stopped.value.__notes__[-1]
    assert {path.name for path in (tmp_path / "study").iterdir()} == {UNFINISHED}
    with pytest.raises(InputError, match="not a result folder"):
        read(tmp_path / "study")
    rest = Counting()
    ensemble_study.run(study, tmp_path / "study", executor=rest)
    assert rest.batches == [range(8, 12), range(12, 14)]
    assert outcome(tmp_path / "study") == uninterrupted


def test_a_run_that_finished_nothing_leaves_nothing(study: Scenario, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt) as stopped:
        ensemble_study.run(study, tmp_path / "new" / "study", executor=broken_after(0, KeyboardInterrupt()))
    assert stopped.value.__notes__ == ["Nothing was kept."]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_stopped_at_every_file_that_is_put_in_its_place_it_goes_on_to_the_same_bytes(
    study: Scenario, uninterrupted: Outcome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    healthy, left = Path.replace, 0

    def replace(path: Path, target: Path) -> Path:
        nonlocal left
        if not left:
            raise KeyboardInterrupt
        left -= 1
        return healthy(path, target)

    monkeypatch.setattr(Path, "replace", replace)
    finished, stops = False, 0
    while not finished:
        left = stops
        try:
            ensemble_study.run(study, tmp_path / "study")
            finished = True
        except KeyboardInterrupt:
            stops += 1
            with pytest.raises(InputError):
                read(tmp_path / "study")
    assert stops > len(uninterrupted[0])
    assert outcome(tmp_path / "study") == uninterrupted


def test_batches_of_a_study_that_was_to_replace_another_stay_when_that_one_is_shown(
    study: Scenario, uninterrupted: Outcome, tmp_path: Path
) -> None:
    other = study.with_changes({"seed": 2, "replications": 2})
    ensemble_study.run(other, tmp_path / "study", detail="measures")
    with pytest.raises(KeyboardInterrupt):
        ensemble_study.run(study, tmp_path / "study", overwrite=True, executor=broken_after(2, KeyboardInterrupt()))
    assert ensemble_study.run(other, tmp_path / "study", detail="measures").repeated
    rest = Counting()
    ensemble_study.run(study, tmp_path / "study", overwrite=True, executor=rest)
    assert len(rest.batches) == 2
    assert outcome(tmp_path / "study") == uninterrupted


def test_a_study_that_another_process_finished_meanwhile_is_not_replaced(
    study: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small, healthy = study.with_changes({"replications": 2}), unfinished.held

    def slowly(folder: Path) -> Any:
        monkeypatch.setattr(keeper, "held", healthy)
        ensemble_study.run(small.with_changes({"seed": 2}), folder, detail="measures")
        return healthy(folder)

    monkeypatch.setattr(keeper, "held", slowly)
    with pytest.raises(InputError, match="seed is 2 there and 1 here"):
        ensemble_study.run(small, tmp_path / "study", detail="measures")
    assert read(tmp_path / "study").manifest["seed"] == 2
    assert not (tmp_path / "study" / UNFINISHED).exists()


@pytest.mark.parametrize(
    "harm", ["changed", *(pytest.param(each, marks=pytest.mark.slow) for each in ("cut", "empty"))]
)
def test_a_batch_that_is_not_whole_is_run_again(
    harm: str, study: Scenario, uninterrupted: Outcome, tmp_path: Path
) -> None:
    with pytest.raises(KeyboardInterrupt):
        ensemble_study.run(study, tmp_path / "study", executor=broken_after(2, KeyboardInterrupt()))
    (first,) = (tmp_path / "study" / UNFINISHED).glob("000000-000003 *.zip")
    content = first.read_bytes()
    middle = len(content) // 2
    first.write_bytes(
        {"cut": content[:middle], "empty": b""}.get(harm, content[:middle] + b"?" + content[middle + 1 :])
    )
    rest = Counting()
    ensemble_study.run(study, tmp_path / "study", executor=rest)
    assert rest.batches[0] == range(4)
    assert len(rest.batches) == 3
    assert outcome(tmp_path / "study") == uninterrupted


@pytest.mark.parametrize(
    ("change", "says"),
    [
        pytest.param({"seed": 2}, "seed is 1 there and 2 here", marks=pytest.mark.slow),
        pytest.param({"replications": 18}, "replications is 14 there and 18 here", marks=pytest.mark.slow),
        ({"workforce.leave_days": 30}, r"workforce\.leave_days: \d+ -> 30"),
    ],
    ids=["seed", "replications", "scenario"],
)
def test_an_unfinished_study_is_not_continued_as_another_one(
    change: dict[str, object], says: str, study: Scenario, uninterrupted: Outcome, tmp_path: Path
) -> None:
    with pytest.raises(KeyboardInterrupt):
        ensemble_study.run(study, tmp_path / "study", executor=broken_after(2, KeyboardInterrupt()))
    before = contents(tmp_path)
    with pytest.raises(InputError, match=says):
        ensemble_study.run(study.with_changes(change), tmp_path / "study")
    with pytest.raises(InputError, match="detail is full there and visits here"):
        ensemble_study.run(study, tmp_path / "study", detail="visits")
    assert contents(tmp_path) == before
    ensemble_study.run(study, tmp_path / "study")
    assert outcome(tmp_path / "study") == uninterrupted


@pytest.mark.parametrize(
    ("what", "found", "says"),
    [
        ("code_digest", "0123", "code is 0123 there and [0-9a-f]{16} here"),
        pytest.param(
            "versions",
            {"python": "3.11.0", "packages": {"numpy": "1.0"}},
            "numpy is 1.0 there and .* here",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_an_unfinished_study_is_not_continued_by_another_program(
    what: str, found: object, says: str, study: Scenario, uninterrupted: Outcome, tmp_path: Path
) -> None:
    with pytest.MonkeyPatch.context() as other, pytest.raises(KeyboardInterrupt):
        other.setattr(keeper, what, lambda: found)
        ensemble_study.run(study, tmp_path / "study", executor=broken_after(2, KeyboardInterrupt()))
    before = contents(tmp_path)
    with pytest.raises(InputError, match=says):
        ensemble_study.run(study, tmp_path / "study")
    assert contents(tmp_path) == before
    anew = Counting()
    ensemble_study.run(study, tmp_path / "study", executor=anew, overwrite=True)
    assert len(anew.batches) == 4
    assert outcome(tmp_path / "study") == uninterrupted


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name != "lock"}


def test_what_a_folder_holds_stays_until_the_study_that_replaces_it_is_whole(
    study: Scenario, uninterrupted: Outcome, tmp_path: Path
) -> None:
    other = ensemble_study.run(
        study.with_changes({"seed": 2, "replications": 2}), tmp_path / "study", detail="measures"
    )
    held = outcome(other.folder)
    with pytest.raises(KeyboardInterrupt):
        ensemble_study.run(study, other.folder, overwrite=True, executor=broken_after(2, KeyboardInterrupt()))
    assert read(other.folder).manifest == other.manifest
    assert {name: (other.folder / name).read_bytes() for name in held[0]} == held[0]
    rest = Counting()
    ensemble_study.run(study, other.folder, overwrite=True, executor=rest)
    assert len(rest.batches) == 2
    assert outcome(other.folder) == uninterrupted


def test_batches_left_beside_their_own_results_are_removed(
    study: Scenario, uninterrupted: Outcome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(_: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as late, pytest.raises(KeyboardInterrupt):
        late.setattr(keeper, "discard", killed)
        ensemble_study.run(study, tmp_path / "study")
    assert (tmp_path / "study" / UNFINISHED).is_dir()
    assert ensemble_study.run(study, tmp_path / "study", executor=Counting()).repeated
    assert not (tmp_path / "study" / UNFINISHED).exists()
    assert outcome(tmp_path / "study") == uninterrupted


def test_two_processes_do_not_write_in_one_folder(study: Scenario, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        ensemble_study.run(study, tmp_path / "study", executor=broken_after(1, KeyboardInterrupt()))
    before = contents(tmp_path)
    with FileLock(tmp_path / "study" / UNFINISHED / "lock"), pytest.raises(InputError, match="another process"):
        ensemble_study.run(study, tmp_path / "study")
    assert contents(tmp_path) == before


class Deadly:
    """Task whose worker is killed by a batch, the first time that it comes up."""

    def __init__(self, task: Callable[[range], Any], batch: range, mark: Path) -> None:
        self.task, self.batch, self.mark = task, batch, mark

    def __call__(self, replications: range) -> Any:
        if replications == self.batch and not self.mark.exists():
            time.sleep(3)  # others come first
            self.mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return self.task(replications)


@pytest.mark.slow
def test_a_worker_that_is_killed_costs_no_finished_batch(
    study: Scenario, uninterrupted: Outcome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    @contextmanager
    def deadly(jobs: int) -> Iterator[Executor]:
        yield lambda task, inputs: processes(jobs)(Deadly(task, range(8, 12), tmp_path / "killed"), inputs)

    monkeypatch.setattr("sim.runs.executors.kept_ready", deadly)
    assert main(arguments_of(study, tmp_path / "study")) == 1
    kept = len(list((tmp_path / "study" / UNFINISHED).glob("*.zip")))
    said = capsys.readouterr().err
    assert "The command could not finish: a process that ran replications was stopped" in said
    assert kept
    assert re.search(r"\d+ finished replications are kept", said)
    assert main(arguments_of(study, tmp_path / "study", jobs=1)) == 0
    assert outcome(tmp_path / "study") == uninterrupted


def arguments_of(study: Scenario, out: Path, jobs: int = 2) -> list[str]:
    """Arguments that run a study into a folder, its scenario in a file beside that."""
    file = out.with_suffix(".toml")
    file.write_text(study.to_toml(), encoding="utf-8")
    return ["run", str(file), "--jobs", str(jobs), "--out", str(out)]


def command_of(study: Scenario, out: Path, jobs: int = 2) -> list[str]:
    return [sys.executable, "-m", "sim", *arguments_of(study, out, jobs)]


ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT)}


@pytest.mark.slow
def test_a_disk_that_is_full_at_the_end_loses_no_finished_batch(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study = load("ilacs_launch", {"years": 1, "draws": "none", "replications": 24})  # whole: its visits fill a disk
    undisturbed = outcome(ensemble_study.run(study, tmp_path / "undisturbed").folder)
    largest = max(len(content) for content in undisturbed[0].values())
    assert largest == len(undisturbed[0]["visits.parquet"]), "the last file to be found too large is one of results"
    command = arguments_of(study, tmp_path / "study", jobs=1)
    with no_file_is_longer_than(largest - 1):
        assert main(command) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "The command could not finish: " in said.err
    assert "24 finished replications are kept" in said.err
    assert {path.name for path in (tmp_path / "study").iterdir()} == {UNFINISHED}
    assert main(command) == 0
    assert outcome(tmp_path / "study") == undisturbed


@contextmanager
def no_file_is_longer_than(length: int) -> Iterator[None]:
    """As on a disk that is full, a write of this process beyond a length fails."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (length, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.slow
def test_killed_whenever_some_batches_are_finished_it_ends_with_the_same_bytes(study: Scenario, tmp_path: Path) -> None:
    """Killed as a process, once with workers of its own; it begins and ends in this one, which has started already."""
    study = study.with_changes({"replications": 20})
    undisturbed, disturbed = tmp_path / "undisturbed", tmp_path / "study"
    assert main(arguments_of(study, undisturbed, jobs=1)) == 0
    for finished, jobs in ((1, 1), (3, 2), (5, 1)):
        with subprocess.Popen(
            command_of(study, disturbed, jobs), env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        ) as run:  # fmt: skip
            while len(list((disturbed / UNFINISHED).glob("*.zip"))) < finished and run.poll() is None:
                time.sleep(0.01)
            kill(run)
        with pytest.raises(InputError, match="not a result folder"):
            read(disturbed)
    assert main(arguments_of(study, disturbed, jobs=1)) == 0
    assert outcome(disturbed) == outcome(undisturbed)


def kill(run: subprocess.Popen[bytes]) -> None:
    """Kill a process, and then the workers that it leaves behind."""
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    with suppress(ProcessLookupError):
        os.killpg(run.pid, signal.SIGKILL)


@pytest.mark.slow
def test_killed_at_twenty_random_moments_and_continued_each_time_it_ends_with_the_same_bytes(
    study: Scenario, tmp_path: Path
) -> None:
    study = study.with_changes({"replications": 160})
    undisturbed, disturbed = tmp_path / "undisturbed", tmp_path / "study"
    subprocess.run(command_of(study, undisturbed), env=ENVIRONMENT, capture_output=True, check=True)
    moments = random.Random(4)
    kills, finished, stages = 0, 0, set()
    while kills < 20:
        batches = finished + moments.randrange(6)
        if killed_after(batches, moments.uniform(0, 2), command_of(study, disturbed), disturbed):
            kills += 1
            finished = batches_in(disturbed)
            stages.add(finished)
            with suppress(InputError, FileNotFoundError):  # killed before there was a folder
                assert outcome(disturbed) == outcome(undisturbed), "what reads as results is whole"
            if finished < 40:  # not all batches
                continue
            subprocess.run(command_of(study, disturbed), env=ENVIRONMENT, capture_output=True, check=True)
        assert outcome(disturbed) == outcome(undisturbed)
        shutil.rmtree(disturbed)
        finished = 0
    subprocess.run(command_of(study, disturbed), env=ENVIRONMENT, capture_output=True, check=True)
    assert outcome(disturbed) == outcome(undisturbed)
    assert not (disturbed / UNFINISHED).exists()
    print(f"20 kills, with {sorted(stages)} batches finished")
    assert len(stages) > 5


def batches_in(folder: Path) -> int:
    """How many batches of an unfinished study are finished."""
    return len(list((folder / UNFINISHED).glob("*.zip")))


def killed_after(batches: int, seconds: float, command: list[str], folder: Path) -> bool:
    """Start a command, wait for some finished batches and some seconds, and kill it; whether it was still running."""
    with subprocess.Popen(
        command, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    ) as run:
        while batches_in(folder) < batches and run.poll() is None:
            time.sleep(0.01)
        try:
            run.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            kill(run)
            return True
    assert run.returncode == 0
    return False


@pytest.mark.parametrize("order", [list, lambda inputs: reversed(list(inputs))], ids=["in order", "reversed"])
def test_the_order_in_which_batches_are_finished_changes_nothing(
    order: Callable[[Iterable[range]], Iterable[range]], study: Scenario, uninterrupted: Outcome, tmp_path: Path
) -> None:
    results = ensemble_study.run(study, tmp_path / "study", executor=lambda task, inputs: here(task, order(inputs)))
    assert outcome(results.folder) == uninterrupted
