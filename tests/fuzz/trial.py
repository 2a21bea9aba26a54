"""One command in a process of its own, and what is wrong with how it ended."""

from __future__ import annotations

import faulthandler
import hashlib
import os
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from sim.base.visible import LAYOUT, is_unseen
from sim.cli.main import COMMANDS, main

LIBRARIES = (
    "jinja2", "joblib", "matplotlib.figure", "openpyxl", "pandas", "pyarrow.parquet", "python_calamine", "scipy.stats",
    "xlsxwriter",
)  # fmt: skip
SECONDS = 10
"""Of a processor, in which a command has to end."""
PATIENCE = 300.0
"""Seconds in which it has to end whatever else the machine does."""
RAISED = 70
"""Exit status of a process whose command raised."""
OF_PYTHON = (
    "Traceback",
    "dictionary",
    "NoneType",
    "validation error",
    "instance of",
    "datetime.",
    "found True",
)
"""Words that a planner who knows no Python cannot be expected to read."""
MINE, OUT = "mine", "out"
"""Folder of the files that a command is given, and how the names begin there of what it may write."""


@dataclass(frozen=True)
class Ended:
    """How a command ended, and the seconds of a processor that it took; no status if it did not within its time."""

    status: int | None
    out: str
    err: str
    seconds: float


def load_all() -> None:
    """Load every command and the libraries behind them, once and not in each child."""
    for name in (*(f"sim.cli.{command}" for command in COMMANDS), *LIBRARIES):
        import_module(name)


def tried(home: Path, command: Sequence[str]) -> tuple[Ended, list[str]]:
    """Give a command what is in a folder; how it ended, and in words what it should not have done."""
    before = contents(home)
    ended = _in_a_child(home / MINE, command)
    return ended, [*_wrong_with(ended), *_wrongly_changed(before, contents(home), ended.status)]


def contents(home: Path) -> dict[str, str]:
    """What is in a folder, however deep: of each file its hash."""
    found = {}
    for path in sorted(home.rglob("*")):
        name = path.relative_to(home).as_posix()
        found[name] = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "no file"
    return found


def _wrong_with(ended: Ended) -> list[str]:
    if ended.status is None:
        return [f"it had not ended after {SECONDS} seconds of a processor, or {PATIENCE:g} in all"]
    found = [] if ended.status in (0, 2) else [f"it ended with {ended.status}"]
    found += [f"it says {word!r}" for word in OF_PYTHON if word in ended.err + ended.out]
    if any(is_unseen(letter) and letter not in LAYOUT for letter in ended.err + ended.out):
        found.append("it prints what a terminal obeys")
    if ended.status == 2 and not ended.err.strip():
        found.append("it says nothing of what is wrong")
    if max(map(len, ended.err.splitlines()), default=0) > 5000:
        found.append("it says too much in one line")
    return found


def _wrongly_changed(before: dict[str, str], after: dict[str, str], status: int | None) -> list[str]:
    changed = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    if status in (0, None):
        changed = [name for name in changed if not name.startswith(f"{MINE}/{OUT}")]
    return [f"it changed {name}" for name in changed]


def _in_a_child(folder: Path, command: Sequence[str]) -> Ended:
    """Run a command in a child that begins where this process is, with every library loaded."""
    outputs = [folder.parent.parent / f"{folder.parent.name}.{end}" for end in ("out", "err")]
    begun = time.monotonic()
    child = os.fork()
    if not child:
        _be_the_child(folder, command, outputs)
    ended = 0
    while not ended and time.monotonic() - begun < PATIENCE:
        time.sleep(0.003)
        ended, code, used = os.wait4(child, os.WNOHANG)
    if not ended:
        os.kill(child, signal.SIGUSR1)  # it says where it is
        time.sleep(0.5)
        os.killpg(child, signal.SIGKILL)
        _, code, used = os.wait4(child, 0)
    status = os.waitstatus_to_exitcode(code)
    out, err = (path.read_text(encoding="utf-8", errors="replace") for path in outputs)
    for path in outputs:
        path.unlink()
    return Ended(
        None if status in (-signal.SIGKILL, -signal.SIGXCPU) else status, out, err, used.ru_utime + used.ru_stime
    )


def _be_the_child(folder: Path, command: Sequence[str], outputs: Sequence[Path]) -> None:
    """Run the command and end the process, whatever happens."""
    status = RAISED
    try:
        os.setsid()
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
        for number, path in zip((1, 2), outputs, strict=True):
            os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
        os.chdir(folder)
        os.environ |= {"HOME": str(folder.parent), "TMPDIR": str(folder.parent)}
        tempfile.tempdir = None
        faulthandler.register(signal.SIGUSR1, file=2)
        sys.stdout, sys.stderr = (os.fdopen(number, "w", encoding="utf-8", closefd=False) for number in (1, 2))
        try:
            status = main(list(command))
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else RAISED
        except BaseException:
            traceback.print_exc()
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(status)
