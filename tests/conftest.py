"""Provide the fixtures that several test files share, and set up each process of the tests."""

from __future__ import annotations

import os

# One thread for each process: the processes share the processors, and threads inside of them would only wait for one
# another. Set before numpy is first loaded, and inherited by what a test starts.
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"
os.environ["COLUMNS"] = "118"  # what a process of the tests prints is not folded for a terminal that it may be under

import gc  # noqa: E402 - after the environment is set
import struct  # noqa: E402
import zlib  # noqa: E402
from collections.abc import Callable, Iterator  # noqa: E402
from contextlib import redirect_stdout  # noqa: E402
from io import StringIO  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

import pytest  # noqa: E402
from filelock import FileLock  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402

from tests import folders  # noqa: E402

PAINT = Figure.savefig
LONGEST = (
    "report", "studies", "capacity", "interruptions", "notebooks", "examples", "cluster", "cli", "every_key", "results",
    "backtest", "plan", "calibration", "sensitivity", "benchmark", "bad_input",
)  # fmt: skip
"""Files of tests that take longest, the longest first."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest, so that processes end at about the same time."""
    place = {f"test_{name}.py": number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.name, len(place)))


SELDOM = (100_000, 20, 10)
"""Thresholds of the garbage collector. With those of Python, it took a seventh of the time (30 November 2026)."""


def pytest_collection_finish() -> None:
    """Collect garbage seldom, and never look at the tests themselves."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*SELDOM)


def blank(figure: Figure, path: Path, *, dpi: float, **_: Any) -> None:
    """Save a white picture of a figure's size: a chart takes a moment to set up, and half a second to paint."""
    wide, high = (round(inches * dpi) for inches in figure.get_size_inches())
    head = struct.pack(">2I5B", wide, high, 1, 0, 0, 0, 0)  # a bit for each dot, in grey
    rows = zlib.compress((b"\0" + b"\xff" * ((wide + 7) // 8)) * high)
    chunks = ((b"IHDR", head), (b"IDAT", rows), (b"IEND", b""))
    written = [
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    ]
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(written))


@pytest.fixture(scope="session", autouse=True)
def _unpainted() -> Iterator[None]:
    """Set up every chart and write its text, but paint none; see :func:`painted`."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Figure, "savefig", blank)
        yield


@pytest.fixture
def painted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Paint charts, for a test of what is painted."""
    monkeypatch.setattr(Figure, "savefig", PAINT)


@pytest.fixture(scope="module")
def painted_throughout() -> Iterator[None]:
    """Paint the charts of a whole module."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Figure, "savefig", PAINT)
        yield


@pytest.fixture(scope="module")
def no_charts() -> Iterator[None]:
    """The charts of a study take seconds, and have tests of their own."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("sim.studies.ensemble_study.save_all", lambda *_: None)
        yield


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Write a small made-up world once for all processes; see :mod:`tests.folders`."""
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent
    home = shared / "home"
    with FileLock(shared / "home.lock"):
        if not home.exists():
            home.mkdir()
            folders.write_world(home)
    return home


@pytest.fixture(scope="session")
def folder_of(home: Path) -> Callable[[str], Path]:
    """Make a study of a kind, with its charts, when a process first asks for it. A test that changes one copies it."""

    def made(kind: str) -> Path:
        folder, mark = home / "results" / kind, home / f"{kind}.made"
        with FileLock(home / f"{kind}.lock"):
            if not mark.exists():
                with folders.smaller(), pytest.MonkeyPatch.context() as patched, redirect_stdout(StringIO()):
                    patched.setattr(Figure, "savefig", PAINT)
                    assert folders.MAKERS[kind](home, folder) == 0
                mark.touch()
        return folder

    return made


@pytest.fixture(scope="module")
def smaller() -> Iterator[None]:
    """Make studies of a small world smaller throughout a module."""
    with folders.smaller():
        yield
