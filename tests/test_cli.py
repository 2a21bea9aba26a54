"""The command line does what its help says: list, describe, check, run, and the script over the shipped scenario."""

from __future__ import annotations

import datetime
import errno
import math
import os
import re
import runpy
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from contextlib import suppress
from pathlib import Path

import pandas as pd
import pytest
from scipy.stats import gamma

from sim.analysis.fitting import PRIOR
from sim.base.faults import InputError
from sim.base.package_data import SAMPLES, authority_tables, people_tables, shipped
from sim.cli import script
from sim.cli.main import main
from sim.inputs.assumptions import differences, entries, shipped_beside
from sim.inputs.caveats import warnings
from sim.inputs.scenario import load
from sim.inputs.unknowns import shipped_unknowns
from sim.runs import executors
from sim.runs.measures import MEASURES
from sim.runs.results import read
from sim.runs.tables import WORDS
from sim.studies import ensemble_study
from sim.studies.provenance import outside_scenarios

ROOT = Path(__file__).parent.parent
SCRIPTS = sorted((ROOT / "scenarios").glob("*.py"))
CHARTS = ("late_reasons", "time_by_role", "workload", "weekly_peak", "judgements")
SMALL = ["--replications", "2", "--jobs", "1", "--set", "years=2"]
AUTHORITIES = (
    "authority,region,judgement,inspected_on,size\n"
    "Alpha,London,good,2015-05-07,small\n"
    "Beta,North West,requires_improvement,2015-06-11,large\n"
    "Gamma,South East,inadequate,2016-10-06,medium\n"
    "Delta,London,outstanding,2014-11-12,\n"
)


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What a command that must succeed prints."""
    assert main(arguments) == 0
    return capsys.readouterr().out


def shown(text: str) -> list[tuple[str, str]]:
    """Keys of the book as printed, under the heading of their table, with their confidence."""
    found, table = [], ""
    for line in text.splitlines():
        if re.fullmatch(r"[\w.]+", line):
            table = "" if line == "scenario" else f"{line}."
        elif head := re.fullmatch(r"  (\S+) = .*\[(high|medium|low|none)\b.*\]", line):
            found.append((table + head[1], head[2]))
    return found


def test_list_shows_every_scenario_with_its_question_every_framework_and_every_table(
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = said(capsys, "list")
    for name in shipped("scenarios"):
        assert re.search(rf"{name} +{re.escape(load(name).question)}", text)
    for name, content in shipped("frameworks").items():
        assert re.search(rf"{name} +{re.escape(tomllib.loads(content)['title']['value'])}", text)
    for name, content in authority_tables().items():
        assert re.search(rf"{name} +{len(content.splitlines()) - 1} authorities", text)
    for name, content in people_tables().items():
        assert re.search(rf"{name} +{len(content.splitlines()) - 1} made-up people", text)
    assert all(re.search(rf"{name} +made-up", text) for name in SAMPLES)


def test_list_shows_every_measure_with_unit_and_formula_and_the_words_of_every_column(
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = said(capsys, "list")
    flat = " ".join(text.split())
    for definition in MEASURES:
        assert re.search(rf"^  {definition.name} +{definition.unit}$", text, re.MULTILINE)
        assert " ".join(f"{definition.name} {definition.unit} {definition.formula}".split()) in flat
    for column, words in WORDS.items():
        assert f"{column} {', '.join(words)}" in flat


def test_the_page_of_results_names_every_word_that_a_column_may_hold() -> None:
    text = " ".join((ROOT / "sim" / "docs" / "results.md").read_text(encoding="utf-8").split())
    for column, words in WORDS.items():
        assert f"| `{column}` | {', '.join(f'`{word}`' for word in words)} |" in text


@pytest.mark.parametrize("name", shipped("scenarios"))
def test_no_shipped_value_is_without_a_source(name: str) -> None:
    assert [entry.key for entry in entries(load(name)) if entry.note.confidence not in {"high", "medium", "low"}] == []
    assert [entry.key for entry in entries(load(name)) if not entry.note.source.strip()] == []


@pytest.mark.parametrize("name", shipped("scenarios"))
def test_describe_prints_every_value_once_with_its_confidence_and_its_sources(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = said(capsys, "describe", name)
    book = entries(load(name))
    every = [*book, *outside_scenarios()]
    assert shown(text) == [(entry.key, entry.note.confidence) for entry in every]
    words = " ".join(text.split())
    assert [entry.key for entry in every if " ".join(entry.note.source.split()) not in words] == []
    assert f"{len(book)} assumptions" in text and f"Another {len(outside_scenarios())} that no scenario sets" in text


def test_the_book_holds_every_prior_and_what_is_assumed_beside_a_scenario_has_a_source_and_a_confidence() -> None:
    outside = {entry.key: entry for entry in outside_scenarios()}
    assert len(outside) == len(outside_scenarios())
    assert all(
        each.note.source.strip() and each.note.confidence in {"high", "medium", "low"} for each in outside_scenarios()
    )
    for unknown in shipped_unknowns():
        note = outside[f"calibration.prior.{unknown.name}"].note
        assert (note.low, note.high) == (unknown.values[0], unknown.values[-1])
    rate = outside["fit.prior.rate"]
    assert f"{PRIOR.rate_mean:g}" in str(rate.value)
    assert rate.note.low == pytest.approx(
        gamma.ppf(0.1, PRIOR.rate_shape, scale=PRIOR.rate_mean / PRIOR.rate_shape), abs=5e-4
    )
    assert f"beta ({PRIOR.error[0]:g}, {PRIOR.error[1]:g})" in str(outside["fit.prior.error"].value)


def test_describe_says_what_each_column_of_the_draws_does_to_a_value(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    share, error = "workforce.roles.social_care_hmi.programme_share", "judging.error"
    draws = tmp_path / "draws.csv"
    rows = "".join(f"{0.23 * place},{0.05 * place}\n" for place in (1, 2, 3))
    draws.write_text(f"{share},{error}\n{rows}", encoding="utf-8")
    text = said(capsys, "describe", "ilacs_launch", "--set", f"draws={draws}")
    assert "3 draws of 2 numbers" in text
    assert f"  {share}: times 0.6 to 1.4, and at most 1 as a result\n  {error}: times 0.6 to 1.4\n" in text
    assert "\ndraws:" not in said(capsys, "describe", "ilacs_launch", "--set", "draws=none")


def test_describe_shows_a_value_of_the_users_as_one_without_a_source(capsys: pytest.CaptureFixture[str]) -> None:
    key = "workforce.roles.social_care_hmi.people"
    text = said(capsys, "describe", "ilacs_launch", "--set", f"{key}=54")
    assert [row for row in shown(text) if row[1] == "none"] == [(key, "none")]
    assert re.search(r"people = 54 people  \[none\]\n.*no source given", text)
    assert "1 set without a source" in text


def test_describe_shows_the_source_that_a_user_gives(capsys: pytest.CaptureFixture[str]) -> None:
    setting = 'workforce.leave_days={value=31, source="our own payroll", confidence="high"}'
    text = said(capsys, "describe", "ilacs_launch", "--set", setting)
    assert re.search(r"leave_days = 31 working days a year  \[high\]\n.*our own payroll", text)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"workforce.roles.social_care_hmi.may_lead_share": 0.0}, "can never begin social_care_hmi may_lead_share"),
        ({"workforce.roles.social_care_hmi.programme_share": 0.0}, "can never begin social_care_hmi programme_share"),
        ({"workforce.roles.social_care_hmi.people": 0}, "short visits need 0 in post some never begin"),
        ({"framework": "ilacs_2018"}, "ilacs_2018 applies from the start 2018-01-31 although 2018-09-17"),
        ({"start": datetime.date(2022, 4, 1)}, "ilacs_2017 is never used ilacs_2018 2018-09-17"),
        (
            {"years": 1, "frameworks.ilacs_2018.in_force_from": datetime.date(2019, 1, 31)},
            "ilacs_2018 is never used 2019-01-31",
        ),
    ],
    ids=["nobody leads", "no time", "nobody", "one before its date", "one outdated", "one after the end"],
)
def test_a_scenario_in_which_something_can_never_happen_is_warned_of(changes: dict[str, object], words: str) -> None:
    before = warnings(load("ilacs_launch"))
    found = [warning for warning in warnings(load("ilacs_launch", changes)) if warning not in before]
    assert [warning for warning in found if all(word in warning for word in words.split())]


@pytest.mark.parametrize("name", shipped("scenarios"))
def test_no_shipped_scenario_is_warned_of_but_for_what_its_table_notes(name: str) -> None:
    # The share is for the days of single inspections, or by what was done before 2018, beside the draws' middle.
    other_share = name in ("sif_launch", "sif_kept", "launch_as_known")
    allowed = ["have a note", *(["programme_share has the median"] if other_share else [])]
    found = warnings(load(name))
    assert [warning for warning in found if not any(words in warning for words in allowed)] == []


@pytest.mark.parametrize(
    ("folder", "name", "says"),
    [
        *(("scenarios", f"{name}.toml", "a scenario") for name in shipped("scenarios")),
        *(("frameworks", f"{name}.toml", "a framework") for name in shipped("frameworks")),
        *(("data", name, "authorities") for name in (*authority_tables(), *SAMPLES)),
        *(("data", name, "people in post") for name in people_tables()),
    ],
)
def test_check_finds_no_fault_in_any_shipped_file(
    folder: str, name: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(ROOT / "sim" / folder / name, tmp_path / name)
    text = said(capsys, "check", str(tmp_path / name))
    assert says in text
    assert "No faults." in text


@pytest.mark.parametrize(
    "name", [*shipped("scenarios"), *shipped("frameworks"), *authority_tables(), *SAMPLES, *people_tables()]
)
def test_check_takes_the_name_of_all_that_ships(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    text = said(capsys, "check", name)
    assert text.startswith(f"{name}: ")
    assert "No faults." in text


def test_an_ending_in_capitals_is_as_good_as_a_small_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "MINE.CSV").write_text(AUTHORITIES, encoding="utf-8")
    (tmp_path / "RULES.TOML").write_text('extends = "ilacs_2018"\n', encoding="utf-8")
    own = 'extends = "ilacs_launch"\nauthorities = "MINE.CSV"\nframework = "RULES.TOML"\n'
    (tmp_path / "MINE.TOML").write_text(own, encoding="utf-8")
    assert "4 authorities" in said(capsys, "check", str(tmp_path / "MINE.CSV"))
    assert "4 authorities" in said(capsys, "check", str(tmp_path / "MINE.TOML"))
    assert "a framework" in said(capsys, "check", str(tmp_path / "RULES.TOML"))


def test_check_knows_a_framework_of_differences(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.toml").write_text('extends = "ilacs_2018"\n[joint]\nlow_a_year = 6\n', encoding="utf-8")
    assert "a framework" in said(capsys, "check", str(tmp_path / "mine.toml"))


def test_check_knows_a_framework_of_differences_from_one_of_ones_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {
        "base/ours.toml": 'extends = "ilacs_2018"\n[joint]\nlow_a_year = 6\n',
        "next.toml": 'extends = "base/ours.toml"\ntitle = "Ours, amended"\n',
        "last.toml": 'extends = "next.toml"\n[joint]\nhigh_a_year = 8\n',
        "one.toml": 'extends = "ilacs_launch"\nyears = 2\n',
        "two.toml": 'extends = "one.toml"\n[costs]\ntravel_day_pounds = 1.0\n',
    }
    (tmp_path / "base").mkdir()
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert "a framework, 'Ours, amended'" in said(capsys, "check", str(tmp_path / "last.toml"))
    assert "a scenario, 'two'" in said(capsys, "check", str(tmp_path / "two.toml"))


def test_a_file_of_ones_own_gives_only_differences_and_its_paths_start_from_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "studies" / "first"
    home.mkdir(parents=True)
    (home / "mine.csv").write_text(AUTHORITIES, encoding="utf-8")
    own = 'extends = "ilacs_launch"\nauthorities = "mine.csv"\nframework = "rules.toml"\nyears = 4\n'
    (home / "mine.toml").write_text(own, encoding="utf-8")
    rules = 'extends = "ilacs_2018"\nin_force_from = 2017-01-01\n[joint]\nlow_a_year = 0\nhigh_a_year = 0\n'
    (home / "rules.toml").write_text(rules, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    text = said(capsys, "run", "studies/first/mine.toml", "--replications", "2", "--jobs", "1")
    assert "4 authorities" in text
    results = read("results/mine")
    visits = results.table("visits")
    assert set(visits["authority"]) == {"Alpha", "Beta", "Gamma", "Delta"}
    assert "joint" not in set(visits["kind"])
    assert results.manifest["replications"] == 2


def test_a_file_may_extend_a_file_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "mine.csv").write_text(AUTHORITIES, encoding="utf-8")
    base = 'extends = "ilacs_launch"\nauthorities = "mine.csv"\n[workforce]\nleave_days = 30\n'
    (tmp_path / "base.toml").write_text(base, encoding="utf-8")
    (tmp_path / "deep" / "more.toml").write_text('extends = "../base.toml"\nyears = 3\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path / "deep")
    scenario = load("more.toml")
    assert (scenario.name, scenario.years, len(scenario.authorities)) == ("more", 3, 4)
    assert scenario.workforce.leave_days == 30


def test_run_prints_the_headline_and_where_the_results_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "run", "ilacs_launch", *SMALL, "--seed", "7", "--out", str(tmp_path / "out"))
    assert load("ilacs_launch").question in text
    assert "2 runs with seed 7" in " ".join(text.split())
    assert f"Written: {tmp_path / 'out'}/" in text
    again = said(capsys, "run", "ilacs_launch", *SMALL, "--seed", "7", "--out", str(tmp_path / "out"))
    assert "Already there, nothing run" in again
    assert again.split("\nAlready there")[0] == text.split("\nWritten")[0]


def test_what_a_run_has_of_its_own_is_said_by_its_headline_and_its_scenario_wherever_it_was_changed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = 'extends = "ilacs_launch"\nname = "ilacs_launch"\nyears = 1\n[workforce]\nleave_days = 31\n'
    (tmp_path / "mine.toml").write_text(own, encoding="utf-8")
    flags = ["--replications", "1", "--jobs", "1", "--detail", "measures"]
    setting = ["--set", "workforce.roles.social_care_hmi.people=54", "--set", "framework=ilacs_2018"]
    text = said(capsys, "run", str(tmp_path / "mine.toml"), *flags, *setting, "--out", str(tmp_path / "one"))
    again = said(capsys, "run", str(tmp_path / "one" / "scenario.toml"), *flags, "--out", str(tmp_path / "two"))
    changes = (
        "years: 10 -> 1",
        "workforce.leave_days: 29 -> 31",
        "workforce.roles.social_care_hmi.people: 63 -> 54",
        "framework: ilacs_2017 ilacs_2018 -> ilacs_2018",
    )
    head = (tmp_path / "one" / "scenario.toml").read_text(encoding="utf-8").split("\n\n")[0].splitlines()
    assert head[0] == "# Changes from the built-in scenario ilacs_launch:"
    assert sorted(head[1:5]) == sorted(f"#   {change}" for change in changes)
    for words in (text, again):
        assert all(
            change in " ".join(words.split())
            for change in ("Changes from the built-in scenario ilacs_launch:", *changes)
        )


def test_a_scenario_as_it_ships_is_said_to_differ_in_nothing() -> None:
    for name in shipped("scenarios"):
        assert shipped_beside(load(name)).name == name
        assert differences(load(name), load(name)) == []
    assert differences(load("ilacs_launch", {"seed": 2, "replications": 3}), load("ilacs_launch")) == []


def test_a_setting_given_twice_or_beside_a_flag_does_what_the_later_one_says(tmp_path: Path) -> None:
    flags = ["--jobs", "1", "--detail", "measures", "--set", "years=5", "--set", "years=1", "--set", "replications=9"]
    assert main(["run", "ilacs_launch", *flags, "--replications", "1", "--out", str(tmp_path / "out")]) == 0
    written = load(tmp_path / "out" / "scenario.toml")
    assert (written.years, written.replications) == (1, 1)


@pytest.mark.usefixtures("painted")
def test_every_chart_has_a_text_alternative_that_says_its_message(tmp_path: Path) -> None:
    flags = [*SMALL, "--set", "years=4", "--detail", "measures", "--out", str(tmp_path)]
    assert main(["run", "ilacs_launch", *flags]) == 0
    assert sorted(path.stem for path in tmp_path.glob("*.png")) == sorted(CHARTS)
    summary = pd.read_csv(tmp_path / "summary.csv").set_index(["measure", "financial_year"])
    for name in CHARTS:
        picture = tmp_path / f"{name}.png"
        assert picture.read_bytes()[1:4].decode() == "PNG"
        lines = (tmp_path / f"{name}.txt").read_text(encoding="utf-8").splitlines()
        assert lines[0].endswith(".")
        assert len(lines[0]) > 20
        assert all(any(year in line for line in lines[2:]) for year in ("2018-19", "2019-20", "2020-21"))
    peak = float(summary["mean"]["peak_week_inspectors", "2019-20"])
    assert f"2019-20: {math.floor(peak + 0.5)} (" in (tmp_path / "weekly_peak.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "command",
    [
        "", "list", "run", "compare", "capacity", "plan", "programme", "sensitivity", "backtest", "calibrate", "report",
        "check", "describe", "fit",
    ],
)  # fmt: skip
def test_help_with_examples_is_there_for_every_command(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main([*command.split(), "--help"])
    assert end.value.code == 0
    text = capsys.readouterr().out
    assert "usage: python -m sim" in text
    assert re.search(rf"examples:\n  python -m sim {command}", text)


def test_help_gives_examples_that_are_right(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    text = capsys.readouterr().out
    (setting,) = re.findall(r"--set (\S+)=54", text)
    assert setting in {entry.key for entry in entries(load("ilacs_launch"))}
    assert "examples:" in text


@pytest.mark.parametrize(
    ("name", "folder"),
    [("ilacs_launch", "."), ("launch_backlog", "launch_at_once")],
)
@pytest.mark.slow
def test_a_scenario_script_runs_in_miniature_where_it_is_called(name: str, folder: str, tmp_path: Path) -> None:
    flags = ["--replications", "3", "--seed", "3", "--jobs", "1", "--out", "mine", "--set", "years=2"]
    command = [sys.executable, str(ROOT / "scenarios" / f"{name}.py"), *flags]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert "Traceback" not in ended.stderr
    assert "Written: mine/" in ended.stdout
    assert [entry.name for entry in tmp_path.iterdir()] == ["mine"]
    assert read(tmp_path / "mine" / folder).manifest["seed"] == 3


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_says_its_question_and_what_it_leaves_out(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", [str(path), "--help"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(path), run_name="__main__")
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert all(word in said for word in ("Question", "Method", "leaves out"))
    assert all(flag in said for flag in ("--replications", "--seed", "--jobs", "--out"))


def test_a_script_gives_the_same_results_as_the_command(tmp_path: Path) -> None:
    flags = [*SMALL, "--detail", "measures", "--out"]
    assert main(["run", "ilacs_launch", *flags, str(tmp_path / "command")]) == 0
    assert script("ilacs_launch", "?", [*flags, str(tmp_path / "script")]) == 0
    tables = [(tmp_path / way / "measures.parquet").read_bytes() for way in ("command", "script")]
    assert tables[0] == tables[1]


def test_output_that_is_not_read_to_its_end_is_no_failure() -> None:
    command = f"{sys.executable} -m sim describe ilacs_launch | head -1"
    ended = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("command", ["list", "describe ilacs_launch", "check ilacs_launch"])
def test_output_that_finds_no_room_ends_in_plain_words(command: str) -> None:
    words = [sys.executable, "-m", "sim", *command.split()]
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        ended = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stderr == "The command could not finish: No space left on device.\n"


def test_a_disk_that_is_full_ends_a_run_in_plain_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("sim.studies.ensemble_study.save_all", full)
    assert main(["run", "ilacs_launch", *SMALL, "--out", str(tmp_path / "out")]) == 1
    kept = (
        f"2 finished replications are kept in {tmp_path / 'out' / 'unfinished'}; the same command continues from there."
    )
    assert capsys.readouterr().err.endswith(f"The command could not finish: No space left on device. {kept}\n")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["unfinished"]


def test_a_terminal_that_knows_ascii_alone_is_shown_what_it_can_show(tmp_path: Path) -> None:
    (tmp_path / "zoe.toml").write_text('extends = "ilacs_launch"\nquestion = "Zo\u00eb\u2019s?"\n', encoding="utf-8")
    command = [sys.executable, "-m", "sim", "describe", "zoe.toml"]
    ascii_alone = os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(command, cwd=tmp_path, env=ascii_alone, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith("zoe: Zo??s?\n")


@pytest.mark.parametrize("place", ["a_file/results", "x" * 300])
def test_a_place_that_cannot_be_written_is_refused_in_plain_words(
    place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a_file").write_text("", encoding="utf-8")
    assert main(["run", "ilacs_launch", *SMALL, "--out", str(tmp_path / place)]) == 2
    assert "nothing can be written there" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["a_file"]


def test_a_fault_names_arguments_to_who_calls_a_function_and_flags_to_who_types_a_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    held = tmp_path / "out"
    study = load("ilacs_launch", {"replications": 2, "years": 2})
    ensemble_study.run(study, held, executor=executors.here, detail="measures")
    with pytest.raises(InputError) as refused:
        ensemble_study.run(study.with_changes({"seed": 9}), held, executor=executors.here, detail="measures")
    (fault,) = refused.value.faults
    assert (fault.where, fault.key) == ("out", str(held))
    assert str(fault).endswith("choose another folder with `out`, or replace it with `overwrite=True`")
    flags = [*SMALL, "--seed", "9", "--detail", "measures", "--out", str(held), "--until", "cost<=1", "--budget", "1"]
    assert main(["run", "ilacs_launch", *flags[:-4]]) == 2
    said = capsys.readouterr().err
    assert f"  --out: {held}: it holds another study: " in said
    assert "; choose another folder with --out, or replace it with --overwrite\n" in said
    assert main(["run", "ilacs_launch", *flags]) == 2
    said = capsys.readouterr().err
    assert "  --until: cost<=1: found 'cost'; there is no such measure" in said
    assert "  --budget: N: found 1; the rule needs at least" in said


@pytest.mark.parametrize("place", ["a_file/fit", "x" * 300, "a_file", "theirs"])
def test_a_fit_that_could_not_be_written_is_refused_before_the_work_begins(
    place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a_file").write_text("", encoding="utf-8")
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "thesis").write_text("", encoding="utf-8")
    monkeypatch.setattr("sim.analysis.fitting.fit", lambda *_: pytest.fail("the work began"))
    assert main(["fit", "inspections_2013_2022.csv", "--out", str(tmp_path / place)]) == 2
    assert "--out: " in capsys.readouterr().err
    assert [path.name for path in sorted(tmp_path.rglob("*"))] == ["a_file", "theirs", "thesis"]


def test_a_name_as_long_as_a_file_system_takes_is_taken(tmp_path: Path) -> None:
    assert main(["run", "ilacs_launch", *SMALL, "--out", str(tmp_path / ("x" * 250))]) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["x" * 250]


def test_a_run_that_is_stopped_says_so_and_keeps_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sim.runs.ensemble.run_batch", stopped)
    assert main(["run", "ilacs_launch", *SMALL, "--jobs", "1", "--out", str(tmp_path / "out")]) == 1
    assert "Stopped. Nothing was kept." in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_is_terminated_leaves_no_process_and_keeps_what_is_finished(tmp_path: Path) -> None:
    flags = ["--replications", "400", "--jobs", "2", "--out", "out", "--set", "years=1"]
    command = [sys.executable, "-m", "sim", "run", "ilacs_launch", *flags]
    where = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, cwd=tmp_path, env=where, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as run:
        try:
            while not list(tmp_path.glob("out/unfinished/*.zip")):
                assert run.poll() is None, "it ended before anything was finished"
                time.sleep(0.05)
            run.terminate()
            assert run.wait(timeout=30) == 1
            with pytest.raises(ProcessLookupError):
                for _ in range(100):
                    os.killpg(run.pid, 0)
                    time.sleep(0.1)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(run.pid, signal.SIGKILL)
        assert run.stderr is not None
        said = run.stderr.read()
    batches = list(tmp_path.glob("out/unfinished/*.zip"))
    assert f"\nStopped. {4 * len(batches)} finished replications are kept in out/unfinished; " in said
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["unfinished"]
