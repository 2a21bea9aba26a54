"""Processes of this machine: how many are started, of whose code, and that none of them outlives its study."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from sim.runs import executors
from sim.runs.executors import kept_ready, processes

ROOT = Path(executors.__file__).parents[2]
SLEEPING = """
import time
from sim.executors import processes

if __name__ == "__main__":
    list(processes(2, {backend!r})(time.sleep, [120, 120]))
"""
STUDY = """
import multiprocessing
from sim import ensemble
from sim.executors import processes
from sim.scenario import load

{guard}
    multiprocessing.set_start_method("spawn")
    scenario = load("ilacs_launch", {{"years": 1, "replications": 8, "name": "spawned"}})
    ensemble.run(scenario, "out", executor=processes(2, "multiprocessing"), detail="measures")
"""


@contextmanager
def script(folder: Path, text: str) -> Iterator[subprocess.Popen[str]]:
    """A script that runs in a session of its own, all of which is killed at the end."""
    (folder / "script.py").write_text(text, encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, "script.py"], cwd=folder, env=os.environ | {"PYTHONPATH": str(ROOT)}, text=True,
        stderr=subprocess.PIPE, start_new_session=True,
    ) as run:  # fmt: skip
        try:
            yield run
        finally:
            for left in of_session(run.pid):
                os.kill(left, signal.SIGKILL)


def of_session(session: int) -> list[int]:
    """Processes of a session that are still running."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, its_session = stat.read_text(encoding="utf-8").rpartition(")")[2].split()[:4]
        except OSError:  # it has just ended
            continue
        if int(its_session) == session and state != "Z":
            found.append(int(stat.parent.name))
    return found


def eventually(seconds: float, session: int, count: int, at_least: bool) -> list[int]:
    """Processes of a session as soon as there are so many of them."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = of_session(session)
        if len(found) >= count if at_least else len(found) <= count:
            return found
        time.sleep(0.1)
    return of_session(session)


@pytest.mark.parametrize(
    ("backend", "all_of_them"), [(None, 4), pytest.param("multiprocessing", 3, marks=pytest.mark.slow)]
)
def test_processes_end_within_seconds_when_what_started_them_is_killed(
    backend: str | None, all_of_them: int, tmp_path: Path
) -> None:
    with script(tmp_path, SLEEPING.format(backend=backend)) as run:
        assert len(eventually(60, run.pid, all_of_them, at_least=True)) >= all_of_them
        time.sleep(3)  # until each of them knows what it is for
        run.kill()
        assert eventually(10, run.pid, 0, at_least=False) == []


def test_a_script_without_a_guard_is_told_of_it_once_and_ends(tmp_path: Path) -> None:
    with script(tmp_path, STUDY.format(guard="if True:")) as run:
        _, said = run.communicate(timeout=300)
    assert run.returncode == 1
    assert said.splitlines()[-2].startswith("RuntimeError: each process that this script starts runs the script")
    assert said.count('put the code that starts the study under `if __name__ == "__main__":`') == 1
    assert "another process" not in said
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_a_script_with_a_guard_runs_its_study_in_processes_that_are_spawned(tmp_path: Path) -> None:
    with script(tmp_path, STUDY.format(guard='if __name__ == "__main__":')) as run:
        _, said = run.communicate(timeout=300)
    assert run.returncode == 0, said
    assert (tmp_path / "out" / "manifest.json").exists()


@pytest.mark.slow
def test_no_more_processes_are_started_than_there_are_batches() -> None:
    with kept_ready(16) as executor:
        assert max(executor(siblings, range(2))) <= 2
        assert max(processes(16)(siblings, range(3))) <= 3


def siblings(_: int) -> int:
    """Processes that the process that started this one has for joblib's work."""
    time.sleep(1)
    others = Path(f"/proc/{os.getppid()}/task").glob("*/children")
    numbers = [number for each in others for number in each.read_text(encoding="utf-8").split()]
    commands = [Path(f"/proc/{number}/cmdline").read_text(encoding="utf-8") for number in numbers]
    return sum("LokyProcess" in command for command in commands)


def test_what_another_program_made_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executors, "code_digest", lambda: "0123")  # in this process, and not in those that it starts
    with pytest.raises(BrokenExecutor, match=r"has code [0-9a-f]{16} instead of 0123"):
        list(processes(2)(abs, [-1, -2]))
