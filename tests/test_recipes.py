"""Every recipe of the page "How do I ...?" runs as it stands there, as small as its fence says."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import matplotlib as mpl
import pytest

from sim.cli.main import main

PAGE = files("sim").joinpath("docs", "how_do_i.md").read_text(encoding="utf-8")
FENCE = re.compile(r"^```(?P<language>\w+)(?P<said>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = ".venv/bin/python -m sim "
FLAGS = {
    "replications": "--replications {}",
    "years": "--set years={}",
    "between": "--between {}",
    "from": "--from-year {}",
    "authorities": "--set authorities={}",
}
"""What the fence of a recipe may say, and the flags that its commands are given for it."""


@dataclass(frozen=True)
class Block:
    """One fenced block: its language, what its fence says, and its text."""

    language: str
    said: dict[str, str]
    text: str


def recipes() -> dict[str, list[Block]]:
    """Blocks of each recipe, by its heading."""
    found = {}
    for recipe in PAGE.split("\n## ")[1:]:
        heading, _, text = recipe.partition("\n")
        found[heading] = [
            Block(match["language"], dict(each.split("=") for each in match["said"].split()), match["text"])
            for match in FENCE.finditer(text)
        ]
    return found


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the recipes are tried one after the other, as a reader would."""
    mpl.use("Agg")
    return tmp_path_factory.mktemp("recipes")


def test_they_are_numbered_and_each_has_something_to_run() -> None:
    assert [heading.partition(" ")[0] for heading in recipes()] == [
        str(number) for number in range(1, len(recipes()) + 1)
    ]
    assert all(any(block.language in ("sh", "python") for block in blocks) for blocks in recipes().values())


@pytest.mark.parametrize("heading", recipes())
def test_the_recipe_works(
    heading: str, place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(place)
    for block in recipes()[heading]:
        if "run" in block.said and not Path("results", block.said["run"]).exists():
            assert main(["run", block.said["run"], "--replications", "2", "--set", "years=2"]) == 0
        if "file" in block.said:
            Path(block.said["file"]).write_text(block.text, encoding="utf-8")
        elif block.language == "python":
            exec(compile(block.text, heading, "exec"), {})  # as a reader would type it
        else:
            follow(block, capsys)


def follow(block: Block, capsys: pytest.CaptureFixture[str]) -> None:
    """Run the commands of a block, each with exit status 0."""
    for line in block.text.splitlines():
        assert line.startswith(COMMAND)
        flags = [FLAGS[key].format(*[value]).replace(",", " ") for key, value in block.said.items() if key in FLAGS]
        assert main(shlex.split(" ".join([line.removeprefix(COMMAND), *flags]))) == 0
        assert capsys.readouterr().out


def test_what_was_repeated_is_the_same_byte_for_byte(place: Path) -> None:
    """After all recipes, which the tests above have followed."""
    first, again = place / "results" / "ilacs_launch", place / "results" / "again"
    kept = sorted(again.glob("*.parquet"))
    assert kept
    assert all(path.read_bytes() == (first / path.name).read_bytes() for path in kept)
