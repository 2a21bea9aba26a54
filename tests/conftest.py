"""What tests of several rooms share, and how a process of the tests is set up."""

from __future__ import annotations

import os

# One thread for each process: the processes share the processors, and threads inside of them would only wait for one
# another. Set before numpy is first loaded, and inherited by what a test starts.
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"
os.environ["COLUMNS"] = "118"  # what a process of the tests prints is not folded for a terminal that it may be under

import struct  # noqa: E402 - after the environment is set
import zlib  # noqa: E402
from collections.abc import Iterator  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

import pytest  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402

PAINT = Figure.savefig
LONGEST = (
    "report", "studies", "capacity", "interruptions", "notebooks", "recipes", "cluster", "cli", "every_key", "results",
    "backtest", "plan", "calibration", "sensitivity", "benchmark", "bad_input",
)  # fmt: skip
"""Files of tests that take longest, the longest first."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest, so that processes end at about the same time."""
    place = {f"test_{name}.py": number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.name, len(place)))


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


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a small made-up world, whose studies are made in it; see :mod:`tests.folders`."""
    from tests.folders import write_world

    home = tmp_path_factory.mktemp("home")
    write_world(home)
    return home


@pytest.fixture(scope="module")
def smaller() -> Iterator[None]:
    """Studies of a small world are smaller throughout a module."""
    from tests import folders

    with folders.smaller():
        yield
