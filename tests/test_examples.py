"""Run every example of every page in the order of the page, with fewer runs where its fence says so.

The first line of a fenced block says its language and then, in words, how it is tried:

- ``shown``: it is not run, but the command line must understand its commands;
- ``file=NAME``: it is written to this file;
- ``run=SCENARIO``: a small study of this scenario is there first, in ``results/SCENARIO``;
- ``replications=2 years=1``, or another flag: its commands are given ``--replications 2 --set years=1``, as far as they
  take such flags.
"""

from __future__ import annotations

import argparse
import re
import runpy
import shlex
import shutil
import sys
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import matplotlib as mpl
import pytest

from sim.cli.main import COMMANDS, main
from tests.test_schema import is_valid

pytestmark = pytest.mark.usefixtures("no_charts")

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "sim" / "docs"
FENCE = re.compile(r"^ *```(?P<language>[\w-]*)(?P<words>[^\n]*)\n(?P<text>.*?)^ *```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^## +(?P<heading>[^\n]+)$", re.MULTILINE)
PYTHON = ".venv/bin/python"
RUN = ("sh", "python")
"""Languages whose blocks are run."""
ONLY_SHOWN = ("text", "csv", "json", "")
"""Languages whose blocks are output, or files of which a part is shown."""
FLAGS = {"years": "--set years={}", "authorities": "--set authorities={}", "from": "--from-year {}"}
"""Flags that stand for a word of a fence, where it is not the flag of its own name."""
SMALL = ("--replications", "2", "--set", "years=2")
"""What the study of a block with ``run=`` is given."""
FEW = 2
"""Most runs of an example that is tried with the quick tests."""


@dataclass(frozen=True)
class Block:
    """One fenced block: where it stands, its language, the words of its fence, and its text."""

    place: str
    language: str
    words: tuple[str, ...]
    text: str

    @property
    def is_shown(self) -> bool:
        return "shown" in self.words

    def value(self, key: str) -> str:
        """What a word of the fence says; empty if there is no such word."""
        return next((word.partition("=")[2] for word in self.words if word.startswith(f"{key}=")), "")

    @property
    def flags(self) -> list[list[str]]:
        """Flags that its commands are given, each with its values."""
        pairs = [word.partition("=")[::2] for word in self.words if "=" in word]
        return [
            FLAGS.get(key, f"--{key} {{}}").format(value.replace(",", " ")).split()
            for key, value in pairs
            if key not in ("run", "file")
        ]

    @property
    def commands(self) -> list[list[str]]:
        """Its commands, each as a list of words: without comments, and up to a pipe."""
        lines = [line for line in self.text.replace("\\\n", " ").splitlines() if line.strip()]
        found = [shlex.split(line, comments=True) for line in lines]
        return [list(_before_a_pipe(words)) for words in found if words]


def _before_a_pipe(words: Sequence[str]) -> Iterator[str]:
    for word in words:
        if word in ("|", ">", "&&", ";"):
            return
        yield word


def sections(page: Path) -> dict[str, list[Block]]:
    """Blocks of each section of a page that has any, by its heading."""
    text = page.read_text(encoding="utf-8")
    found: dict[str, list[Block]] = {}
    for match in FENCE.finditer(text):
        before = text[: match.start()]
        headings = HEADING.findall(FENCE.sub("", before))
        place = f"{page.name}, line {before.count(chr(10)) + 1}"
        block = Block(place, match["language"], tuple(match["words"].split()), match["text"])
        found.setdefault(headings[-1] if headings else "(top)", []).append(block)
    return found


PAGES = sorted(DOCS.glob("*.md"))
BLOCKS = [block for page in PAGES for blocks in sections(page).values() for block in blocks]
LONG = {
    (page.name, heading)
    for page in PAGES
    for heading, blocks in sections(page).items()
    if any(int(block.value(runs) or 0) > FEW for block in blocks for runs in ("replications", "points"))
} | {("run.md", "Make enough runs"), ("run.md", "Run from Python")}
"""Sections that take long, since they make many runs or look for a precision: they are tried weekly. In between, the
command line must understand their commands.
"""
SECTIONS = [
    pytest.param(page.name, heading, marks=[pytest.mark.slow] * ((page.name, heading) in LONG))
    for page in PAGES
    for heading in sections(page)
]


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A folder for each page, in which its blocks are tried one after the other, as a reader would."""
    mpl.use("Agg")
    return {page.name: tmp_path_factory.mktemp(page.stem) for page in PAGES}


@pytest.fixture(scope="module")
def studies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the small studies that blocks with ``run=`` start from, each made once."""
    return tmp_path_factory.mktemp("studies")


@pytest.mark.parametrize(("page", "heading"), SECTIONS)
def test_the_examples_of_a_section_work(
    page: str,
    heading: str,
    places: dict[str, Path],
    studies: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(places[page])
    _write_earlier_files(page, heading)
    for block in sections(DOCS / page)[heading]:
        if block.is_shown:
            continue
        _have_study(block.value("run"), studies)
        if block.value("file"):
            Path(block.value("file")).write_text(block.text, encoding="utf-8")
        elif block.language == "python":
            exec(compile(block.text, block.place, "exec"), {})  # as a reader would type it
        elif block.language == "sh":
            _follow(block, monkeypatch, capsys)


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.place)
def test_the_command_line_understands_the_commands_of_a_block(
    block: Block, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert misunderstood(block, monkeypatch, capsys) == []


def _write_earlier_files(page: str, heading: str) -> None:
    """Write the files of the sections above, which may not have been tried in this session."""
    for above, blocks in sections(DOCS / page).items():
        if above == heading:
            return
        for block in blocks:
            if block.value("file"):
                Path(block.value("file")).write_text(block.text, encoding="utf-8")


def _have_study(scenario: str, studies: Path) -> None:
    """Lay the small study of a scenario where a block expects it, if one is asked for and none is there."""
    there = Path("results", scenario)
    if not scenario or there.exists():
        return
    if not (studies / scenario).exists():
        assert main(["run", scenario, *SMALL, "--out", str(studies / scenario)]) == 0
    shutil.copytree(studies / scenario, there)


def _follow(block: Block, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Run the commands of a block, each with exit status 0 and something to say."""
    for python, *words in block.commands:
        assert python == PYTHON, f"{block.place}: mark the block `shown`, or begin its commands with {PYTHON}"
        capsys.readouterr()
        if words[:2] == ["-m", "sim"]:
            assert main([*words[2:], *_taken(block, words[2])]) == 0, block.place
        else:
            script = ROOT / words[0] if words[0].startswith("scenarios/") else Path(words[0])
            monkeypatch.setattr(sys, "argv", [words[0], *words[1:], *(flag for flags in block.flags for flag in flags)])
            with pytest.raises(SystemExit) as end:
                runpy.run_path(str(script), run_name="__main__")
                raise SystemExit(0)
            assert not end.value.code, block.place
        said = capsys.readouterr()
        assert said.out, block.place
        assert "has no effect" not in said.out + said.err, block.place


def _taken(block: Block, command: str) -> list[str]:
    """Flags of a block that a command takes."""
    parser = argparse.ArgumentParser()
    import_module(f"sim.cli.{command}").add_flags(parser)
    known = {option for action in parser._actions for option in action.option_strings}
    return [word for flags in block.flags if flags[0] in known for word in flags]


def misunderstood(block: Block, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> list[list[str]]:
    """Commands of a block of the shell that begin as one of the program and are none."""
    if block.language != "sh":
        return []
    own = [words[3:] for words in block.commands if words[:3] == [PYTHON, "-m", "sim"]]
    return [words for words in own if not understood(words, monkeypatch, capsys)]


def understood(words: Sequence[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> bool:
    """Whether the command line understands a command; nothing is done."""
    with monkeypatch.context() as patched:
        if words and words[0] in COMMANDS:
            patched.setattr(import_module(f"sim.cli.{words[0]}"), "action", lambda _: 0)
        try:
            return main(list(words)) == 0
        except SystemExit as end:
            return not end.code
        finally:
            capsys.readouterr()


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.place)
def test_a_block_is_of_a_known_kind_and_every_word_of_its_fence_is_of_use(block: Block) -> None:
    assert block.language in (*RUN, *ONLY_SHOWN, "toml")
    assert [word for word in block.words if "=" not in word and word != "shown"] == []
    assert not (block.is_shown and len(block.words) > 1)
    if block.language != "sh":
        assert block.flags == []
        return
    commands = [words[3] for words in block.commands if words[:3] == [PYTHON, "-m", "sim"]]
    taken = [word for command in commands for word in _taken(block, command)]
    scripts = len(commands) < len(block.commands)
    assert [flags for flags in block.flags if flags[0] not in taken and not scripts] == []


@pytest.mark.parametrize(
    "block", [block for block in BLOCKS if block.language == "toml"], ids=lambda block: block.place
)
def test_toml_is_a_part_of_a_scenario_or_of_a_framework(block: Block) -> None:
    extends = "" if "extends" in tomllib.loads(block.text) else 'extends = "it"\n'
    assert any(is_valid(kind, extends + block.text) for kind in ("scenario", "framework"))


@pytest.mark.parametrize("page", ["README.md", ".github/CONTRIBUTING.md"])
def test_commands_of_the_pages_for_newcomers_are_understood(
    page: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    blocks = [block for each in sections(ROOT / page).values() for block in each]
    assert [words for block in blocks for words in misunderstood(block, monkeypatch, capsys)] == []


def test_a_command_with_a_wrong_flag_is_not_understood(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert understood(["run", "mine.toml", "--replications", "20"], monkeypatch, capsys)
    assert not understood(["run", "mine.toml", "--runs", "20"], monkeypatch, capsys)
    assert not understood(["walk", "mine.toml"], monkeypatch, capsys)


def test_recipes_are_numbered_and_each_has_something_to_run() -> None:
    page = DOCS / "how_do_i.md"
    headings = HEADING.findall(FENCE.sub("", page.read_text(encoding="utf-8")))
    assert [heading.partition(" ")[0] for heading in headings] == [str(n) for n in range(1, len(headings) + 1)]
    assert list(sections(page)) == headings
    assert all(any(block.language in RUN for block in blocks) for blocks in sections(page).values())


def test_what_was_repeated_is_the_same_byte_for_byte(places: dict[str, Path]) -> None:
    """After all recipes, which the tests above have followed."""
    first, again = (places["how_do_i.md"] / "results" / name for name in ("ilacs_launch", "again"))
    kept = sorted(again.glob("*.parquet"))
    assert kept
    assert all(path.read_bytes() == (first / path.name).read_bytes() for path in kept)
