"""Settings of Matplotlib in the folder, the environment or a script change no picture and end no study."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest

from sim import charts
from sim.charts.folder import save_all
from sim.cli.main import main
from sim.inputs.scenario import load
from sim.runs.results import read
from tests.worlds import few_of

ROOT = Path(charts.__file__).parents[2]
HOSTILE: dict[Any, Any] = {
    "figure.figsize": (3.0, 3.0), "figure.dpi": 30, "figure.facecolor": "black", "savefig.dpi": 20, "font.size": 30,
    "savefig.bbox": "tight", "axes.facecolor": "red", "axes.grid": True, "lines.linewidth": 9, "timezone": "Asia/Tokyo",
    "text.color": "yellow", "axes.prop_cycle": "cycler('color', ['red'])", "font.family": "monospace",
    "figure.constrained_layout.use": False, "axes.unicode_minus": False, "image.cmap": "gray", "hatch.color": "red",
}  # fmt: skip


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """File of a study that is soon over."""
    file = tmp_path_factory.mktemp("study") / "study.toml"
    file.write_text(few_of(load("ilacs_launch", {"years": 2, "replications": 4})).to_toml(), encoding="utf-8")
    return file


@pytest.fixture
def calm(study: Path, tmp_path: Path, painted: None) -> Iterator[dict[str, bytes]]:
    """Pictures of the study where nothing is set."""
    assert main(["run", str(study), "--jobs", "1", "--out", str(tmp_path / "calm")]) == 0
    yield pictures(tmp_path / "calm")
    plt.close("all")


def pictures(folder: Path) -> dict[str, bytes]:
    found = {path.name: path.read_bytes() for path in folder.glob("*.png")}
    assert found
    return found


@pytest.mark.slow
def test_settings_of_a_script_change_no_picture(calm: dict[str, bytes], tmp_path: Path) -> None:
    results = read(tmp_path / "calm")
    (tmp_path / "again").mkdir()
    with mpl.rc_context(HOSTILE):
        save_all(tmp_path / "again", results.summary, results.frame)
        assert mpl.rcParams["font.size"] == 30, "what the script has set stays set"
    again = pictures(tmp_path / "again")
    assert again == {name: calm[name] for name in again}


RC = "\n".join(f"{key}: {value}" for key, value in HOSTILE.items()).replace("(3.0, 3.0)", "3, 3").encode()


@pytest.mark.parametrize(
    ("content", "backend"),
    [(RC, "nonsense"), (b"font.family: \xff\xfe", "module://no_such_backend")],
    ids=["other settings", "no settings at all"],
)
@pytest.mark.slow
def test_settings_of_the_folder_and_the_environment_change_no_picture_of_a_command(
    content: bytes, backend: str, calm: dict[str, bytes], study: Path, tmp_path: Path
) -> None:
    (tmp_path / "matplotlibrc").write_bytes(content)
    settings = {"MPLBACKEND": backend, "MATPLOTLIBRC": str(tmp_path / "matplotlibrc"), "PYTHONPATH": str(ROOT)}
    command = ["run", str(study), "--jobs", "1", "--quiet", "--out", "hostile"]
    run = subprocess.run(
        [sys.executable, "-m", "sim", *command], cwd=tmp_path, env=os.environ | settings, check=False,
        capture_output=True, text=True,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert "Traceback" not in run.stderr
    assert pictures(tmp_path / "hostile") == calm


def test_every_chart_is_drawn_in_the_style_of_the_program() -> None:
    drawing = [
        getattr(charts, name) for name in charts.__all__ if name not in ("Drawn", "Frame", "alternative", "figure_of")
    ]
    assert [each.__name__ for each in drawing if not hasattr(each, "__wrapped__")] == []
