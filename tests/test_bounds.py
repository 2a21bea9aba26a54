"""Whatever is too large, too deep or no file at all ends soon and in plain words, and a terminal obeys none of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date, time
from importlib.resources import files
from pathlib import Path

import pytest

from sim.base import bounds
from sim.base.faults import Fault, InputError
from sim.base.files import content_of
from sim.base.visible import LAYOUT, is_unseen, visible
from sim.cli.main import main
from sim.inputs.scenario import load
from sim.studies.answer import Answer, Sentence

SECONDS = 10
HEAD = 'extends = "ilacs_launch"\n'
DEEP = 5000
Refused = Callable[..., str]


@pytest.fixture
def refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Refused]:
    """Give a command that must soon be refused, and words that its message must hold; get the message."""
    monkeypatch.chdir(tmp_path)

    def late(*_: object) -> None:
        raise TimeoutError("it takes too long")

    def refuse(*arguments: str, says: str = "") -> str:
        status = main(arguments)
        message = capsys.readouterr().err
        assert status == 2, message
        assert [word for word in says.split() if word not in message] == [], message
        assert "Traceback" not in message and max(map(len, message.splitlines())) < 2000
        return message

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(SECONDS)
    yield refuse
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


SCENARIOS = {
    "lists in each other": (f"years = {'[' * DEEP}{']' * DEEP}\n", "32 deep"),
    "tables in each other": (f"years = {'{a = ' * 40}1{'}' * 40}\n", "years.a 32 deep"),
    "a number without an end": (f"years = {'9' * DEEP}\n", "40 digits"),
    "a number in sixteens": (f"seed = 0x{'f' * 40}\n", "seed 40 digits"),
    "a key of 20,000 parts": (f"{'.'.join('a' * 20_000)} = 1\n", "line 2 32 parts"),
    "a key of quoted parts": ('"a.b".' * 32 + "a = 1\n", "line 2 32 parts"),
    "a heading of 20,000 parts": (f"[{' . '.join('a' * 20_000)}]\n", "line 2 32 parts"),
    "20,000 unknown keys": ("".join(f"k{number} = 1\n" for number in range(20_000)), "k0 k400 19500 more"),
    "200,001 keys": ("".join(f"k{number} = 1\n" for number in range(200_000)), "200,001 200,000"),
    "a key without an end": (f"{'a' * DEEP} = 1\n", "aaa..."),
    "a thousand million people": ("[workforce.roles.social_care_hmi]\npeople = 1000000000\n", "people 10000"),
    "a number for a framework": ("[frameworks]\nilacs_2018 = 3\n", "frameworks.ilacs_2018 found 3 table"),
    "a number for all frameworks": ("frameworks = 3\n", "frameworks found 3 table"),
    "a table for a name": ("name = {}\n", "name table text"),
    "a value at the top": ("value = 1\n", "value found 1 no such key"),
    "a range for a number": ("years = { low = 1, high = 2 }\n", "years table whole number"),
    "a number for the workforce": ("workforce = 3\n", "workforce found 3 table"),
}  # fmt: skip
"""What stands in a scenario file, and what its fault must say."""


@pytest.mark.parametrize("case", SCENARIOS)
@pytest.mark.parametrize("command", ["check", "run"])
def test_a_scenario_beyond_a_bound_or_of_another_shape_is_refused_soon(
    case: str, command: str, refused: Refused
) -> None:
    text, says = SCENARIOS[case]
    Path("mine.toml").write_text(HEAD + text, encoding="utf-8")
    refused(command, "mine.toml", says=f"mine.toml {says}")


@pytest.mark.parametrize("setting", [f"years={'9' * 4000}", f"years={'[' * DEEP}", ".".join("a" * 20_000) + "=1"])
def test_a_setting_beyond_a_bound_is_refused_soon(setting: str, refused: Refused) -> None:
    refused("run", "ilacs_launch", "--set", setting, says="--set")


BASES = {"a table": ("{ a = 1 }", "name or path"), "a NUL": (r'"a\u0000b"', "path"), "a list": ("[]", "name or path")}


@pytest.mark.parametrize("case", BASES)
@pytest.mark.parametrize("command", ["check", "run", "describe"])
def test_what_no_file_can_extend_is_refused(case: str, command: str, refused: Refused) -> None:
    base, says = BASES[case]
    Path("mine.toml").write_text(f"extends = {base}\n", encoding="utf-8")
    refused(command, "mine.toml", says=f"mine.toml {says}")


@pytest.mark.parametrize("command", ["check", "run"])
def test_a_chain_of_a_thousand_files_and_one_through_a_link_to_itself_are_refused_soon(
    command: str, refused: Refused
) -> None:
    for number in range(1000):
        Path(f"{number}.toml").write_text(f'extends = "{number + 1}.toml"\n', encoding="utf-8")
    refused(command, "0.toml", says="extends at most 32 files")
    Path("loop").symlink_to(".")
    Path("mine.toml").write_text('extends = "loop/mine.toml"\n', encoding="utf-8")
    refused(command, "mine.toml", says="mine.toml extends circle")
    Path("itself.toml").symlink_to("itself.toml")
    Path("other.toml").write_text('extends = "itself.toml"\n', encoding="utf-8")
    refused(command, "other.toml", says="itself.toml cannot be read")


PLACES = {
    "a scenario": ("run {}", ""),
    "what it extends": ("run mine.toml", 'extends = "{}"\n'),
    "authorities": ("run mine.toml", HEAD + 'authorities = "{}"\n'),
    "people": ("run mine.toml", HEAD + 'workforce.in_post = "{}"\n'),
    "a plan": ("run mine.toml", HEAD + 'planning.plan = "{}"\n'),
    "draws": ("run mine.toml", HEAD + 'draws = "{}"\n'),
    "a framework": ("run mine.toml", HEAD + 'framework = "{}"\n'),
    "a file to check": ("check {}", ""),
    "a plan to try": ("programme {}", ""),
    "a history": ("fit {}", ""),
    "what was done": ("backtest --history {}", ""),
}  # fmt: skip
"""Commands, and what names the file in them."""


@pytest.mark.parametrize("case", PLACES)
@pytest.mark.parametrize("name", ["pipe.toml", "pipe.csv", "endless.toml", "endless.csv"])
def test_a_pipe_or_a_device_in_place_of_a_file_is_refused_and_not_read(case: str, name: str, refused: Refused) -> None:
    for ending in ("toml", "csv"):
        os.mkfifo(f"pipe.{ending}")
        Path(f"endless.{ending}").symlink_to("/dev/zero")
    command, text = PLACES[case]
    Path("mine.toml").write_text(text.format(name), encoding="utf-8")
    refused(*command.format(name).split(), says=name)


@pytest.mark.parametrize("command", ["report", "workbook"])
def test_a_folder_whose_manifest_is_a_pipe_is_refused_and_not_read(command: str, refused: Refused) -> None:
    Path("study").mkdir()
    os.mkfifo("study/manifest.json")
    refused(command, "study", says="study")


def test_a_file_is_read_up_to_its_bound_and_no_further(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.base.files.MOST_MEGABYTES", 1)
    place = tmp_path / "mine.csv"
    place.write_bytes(b"a" * bounds.MEGABYTE)
    assert len(content_of(place)) == bounds.MEGABYTE
    place.write_bytes(b"a" * (bounds.MEGABYTE + 1))
    with pytest.raises(InputError, match="larger than"):
        content_of(place)


def test_the_page_on_tables_states_every_bound() -> None:
    page = files("sim").joinpath("docs", "data.md").read_text(encoding="utf-8")
    _, _, section = page.partition("## Limits on size")
    numbers = {value for name, value in vars(bounds).items() if name.isupper()} - {bounds.MEGABYTE}
    assert [number for number in sorted(numbers) if f" {number:,} " not in section] == []


def test_a_value_is_told_as_a_scenario_file_has_it() -> None:
    value = [date(2018, 1, 31), time(8), True, None, {"a": "b", "c": 1.5}]
    assert "found [2018-01-31, 08:00:00, true, nothing, {a = 'b', c = 1.5}]; " in str(Fault("a.toml", "k", value, "no"))


def test_of_very_many_faults_the_first_are_told_and_how_many_more_there_are() -> None:
    *told, last = InputError(Fault("a.csv", f"k{number}", 1, "no") for number in range(bounds.MOST_FAULTS + 7)).faults
    assert [fault.key for fault in told] == [f"k{number}" for number in range(bounds.MOST_FAULTS)]
    assert "7 more faults are not shown" in str(last)


# ---- the terminal --------------------------------------------------------------------------------------------------


HARM = "\x1b[31mred\x1b[0m\x9b2J\u202eback\u200bzero\x07"


def harmless(text: str) -> bool:
    return not any(is_unseen(letter) and letter not in LAYOUT for letter in text)


def test_signs_that_a_terminal_obeys_are_written_out_and_all_others_stay() -> None:
    assert visible("\x1b[31m\u202e\u200b\x9b") == r"\x1b[31m\u202e\u200b\x9b"
    plain = "Zo\u00eb\u2019s caf\u00e9\u2026\n\t\u20ac 5 \u2013 \u4f60\u597d \U0001f600"
    assert visible(plain) == plain


def test_a_fault_is_one_line_of_signs_that_are_seen() -> None:
    said = str(Fault(f"{HARM}.toml\nanother line", f"key{HARM}", HARM, f"allowed: {HARM}"))
    assert harmless(said) and "\n" not in said and r"\x1b[31mred" in said


def test_an_answer_is_kept_and_printed_without_signs_that_a_terminal_obeys() -> None:
    assert harmless(Answer("run", (Sentence(HARM),)).text())


def test_no_name_key_question_or_cell_reaches_the_terminal_as_a_command_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    name = f"{HARM}.toml".replace("\0", "")
    escaped = HARM.encode("unicode_escape").decode().replace("\\x", "\\u00")
    Path("mine.csv").write_text(
        f'authority,region,judgement,inspected_on,{HARM}\n"A{HARM}",London,good,2016-05-05,\n', encoding="utf-8"
    )
    Path(name).write_text(f'{HEAD}name = "mine"\nquestion = "{escaped}"\nauthorities = "mine.csv"\n', encoding="utf-8")
    Path("wrong.toml").write_text(f'{HEAD}"{escaped}" = 3\nyears = "{escaped}"\n', encoding="utf-8")
    for command, status in ((["check", name], 0), (["describe", name], 0), (["check", "mine.csv"], 0),
                            (["check", "wrong.toml"], 2), (["run", name, "--set", f"{HARM}=3"], 2),
                            (["check", f"{HARM}.csv"], 2), (["report", HARM], 2)):  # fmt: skip
        assert main(command) == status
        said = "".join(capsys.readouterr())
        assert harmless(said) and r"\x1b[31mred" in said, said
    with pytest.raises(SystemExit):
        main(["check", "mine.csv", HARM])
    assert harmless(capsys.readouterr().err)


# ---- outputs and memory --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["list", "run ilacs_launch --replications 1", "report nowhere"])
def test_a_closed_output_is_said_before_anything_is_run(command: str, tmp_path: Path) -> None:
    shell = f"{sys.executable} -m sim {command} >&-"
    ended = subprocess.run(["bash", "-c", shell], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (ended.returncode, list(tmp_path.iterdir())) == (2, [])
    assert ended.stderr == "Standard output is closed, so the answer cannot be printed; nothing was run or written.\n"


def test_with_no_output_of_errors_the_answer_is_the_same(tmp_path: Path) -> None:
    for command, status in (("check ilacs_launch", 0), ("check nowhere.toml", 2)):
        shell = f"{sys.executable} -m sim {command} 2>&-"
        ended = subprocess.run(["bash", "-c", shell], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert (ended.returncode, "put right" in ended.stdout) == (status, False)


@pytest.mark.parametrize("error", [MemoryError(), ImportError("failed to map segment")], ids=repr)
def test_want_of_memory_ends_in_plain_words(
    error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("sim.cli.describe.load", fail)
    assert main(["describe", "ilacs_launch"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("The command could not finish: ") and "memory" in said and said.count("\n") == 1


def test_a_seed_of_128_bits_and_numbers_at_their_bounds_are_taken() -> None:
    changes = {"seed": 2**128 - 1, "years": bounds.MOST_YEARS, "replications": bounds.MOST_REPLICATIONS}
    taken = load("ilacs_launch", changes | {"workforce.roles.social_care_hmi.people": bounds.MOST_AT_ONCE})
    assert (taken.seed, taken.years) == (2**128 - 1, bounds.MOST_YEARS)
