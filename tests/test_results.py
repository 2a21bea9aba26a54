"""The result folder keeps its contract: its files, columns and words, what is repeated, and what is never lost."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import struct
import sys
import termios
from pathlib import Path
from typing import TextIO

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from sim.base.faults import InputError
from sim.cli.main import main
from sim.inputs.scenario import Scenario, load
from sim.record.rows import Record
from sim.runs import ensemble
from sim.runs.ensemble import Detail
from sim.runs.executors import here, processes
from sim.runs.manifest import hash_of
from sim.runs.model import Model
from sim.runs.results import Results, read
from sim.studies import ensemble_study
from sim.studies.answer import read as read_answer

COLUMNS = {
    "visits": "replication visit authority region kind judgement_before opens due latest notified fieldwork_start "
    "fieldwork_end published judgement_after status lead team_size inspector_days late_because",
    "waits": "replication visit reason role weeks",
    "assignments": "replication visit inspector role lead first_day last_day days",
    "judgements": "replication authority published judgement "
    "inspected leaders help_and_protection in_care care_leavers",
    "declines": "replication authority judgement cause began seen seen_by published ended",
    "quality": "replication authority since quality",
    "inspectors": "replication inspector role region may_lead hours successor joined full_use last_day",
    "workload": "replication week role region days_due days_worked days_available",
    "on_site": "replication week kind role region inspectors begun_late due_before_start",
    "measures": "replication financial_year measure value",
    "summary": "financial_year measure unit mean ci_low ci_high p10 p50 p90",
}
DATES = {"opens", "due", "latest", "notified", "fieldwork_start", "fieldwork_end", "published", "week"}
DATES |= {"first_day", "last_day", "inspected", "joined", "full_use", "since"}
KINDS = {"short", "standard", "focused", "monitoring", "single_inspection", "joint", "engagement"}
JUDGEMENTS = {"outstanding", "good", "requires_improvement", "inadequate"}
STATUSES = {"published", "in_progress", "waiting", "cancelled"}
MEASURES = {
    "inspections_started", *(f"{kind}_started" for kind in KINDS), "inspector_days_worked", "inspector_days_due",
    "inspector_days_available", "utilisation", "inspections_on_time", "monitoring_on_time", "peak_week_inspectors",
    "judgements_older_than_3_5_years", *(f"authorities_{judgement}" for judgement in JUDGEMENTS),
    "contacts_per_authority", "days_to_detect_decline", "cost_pounds",
}  # fmt: skip
MINIATURE = {"years": 2, "replications": 6}
TIMES = {"started": "", "finished": ""}


@pytest.fixture(scope="module")
def study() -> Scenario:
    return load("ilacs_launch", MINIATURE)


@pytest.fixture(scope="module")
def smallest() -> Scenario:
    return load("ilacs_launch", {"years": 1, "replications": 1})


@pytest.fixture(scope="module")
def results(study: Scenario, tmp_path_factory: pytest.TempPathFactory) -> Results:
    return ensemble_study.run(study, tmp_path_factory.mktemp("results") / "mini")


@pytest.fixture(scope="module")
def whole_smallest(smallest: Scenario, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the smallest study, for tests that spoil a copy of it."""
    return ensemble_study.run(smallest, tmp_path_factory.mktemp("smallest") / "study").folder


def bytes_of(folder: Path) -> dict[str, bytes]:
    """Files of a folder, the manifest apart: it holds the times."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "manifest.json"}


@pytest.mark.parametrize("name", COLUMNS)
def test_every_table_has_exactly_the_columns_of_the_contract_in_their_order(name: str, results: Results) -> None:
    table = results.summary if name == "summary" else results.table(name)
    assert list(table.columns) == COLUMNS[name].split()
    assert len(table)


@pytest.mark.parametrize("name", sorted(COLUMNS.keys() - {"measures", "summary", "waits"}))
def test_dates_are_dates(name: str, results: Results) -> None:
    table = results.table(name)
    dates = [column for column in table.columns if column in DATES]
    assert dates
    for column in dates:
        assert pd.api.types.is_datetime64_any_dtype(table[column]), column
        assert (table[column].dropna() == table[column].dropna().dt.normalize()).all(), column


def test_words_are_those_of_the_contract(results: Results) -> None:
    visits = results.table("visits")
    assert set(visits["kind"]) <= KINDS
    assert set(visits["status"]) <= STATUSES
    assert set(visits["judgement_before"]) | set(visits["judgement_after"].dropna()) <= JUDGEMENTS
    assert set(results.table("judgements")["judgement"]) <= JUDGEMENTS
    assert results.table("assignments")["lead"].dtype == bool


def test_every_table_carries_every_replication(results: Results) -> None:
    for name in set(COLUMNS) - {"summary"}:
        assert set(results.table(name)["replication"]) == set(range(6)), name


def test_types_can_be_told_from_the_file_alone(results: Results) -> None:
    schema = pq.read_schema(results.folder / "visits.parquet")
    assert str(schema.field("due").type).startswith(("date", "timestamp"))
    assert str(schema.field("inspector_days").type).startswith("int")


def test_visits_hold_what_was_never_done_as_well(smallest: Scenario, tmp_path: Path) -> None:
    few = smallest.with_changes({"workforce.roles.social_care_hmi.people": 6})
    table = ensemble_study.run(few, tmp_path / "few", detail="visits").table("visits")
    never = table[table["fieldwork_start"].isna()]
    assert set(never["status"]) == {"waiting", "cancelled"}
    assert not never["team_size"].any()
    assert never["lead"].isna().all()
    assert table.loc[table["status"] == "published", "published"].notna().all()


def test_financial_years_run_from_april_and_are_written_2018_19(results: Results) -> None:
    years = set(results.table("measures")["financial_year"]) | set(results.summary["financial_year"])
    assert years == {"2017-18", "2018-19", "2019-20"}
    assert all(re.fullmatch(r"\d{4}-\d{2}", year) for year in years)


def test_every_measure_of_the_contract_is_there_for_every_year_with_a_unit(results: Results) -> None:
    wide = results.table("measures").pivot(index=["replication", "financial_year"], columns="measure", values="value")
    summary = results.summary
    assert set(wide.columns) >= MEASURES
    assert len(wide) == 6 * 3
    assert (summary["unit"].str.len() > 0).all()
    assert len(summary) == 3 * wide.shape[1] == len(summary[["financial_year", "measure"]].drop_duplicates())


def test_the_summary_is_the_mean_its_interval_and_the_quantiles_of_the_measures(results: Results) -> None:
    from scipy.stats import t

    wide = results.table("measures").pivot(index="replication", columns=["financial_year", "measure"], values="value")
    wide = wide.loc[:, wide.notna().all()]
    summary = results.summary.set_index(["financial_year", "measure"])
    draws = wide.groupby(wide.index // 2).mean()  # two runs share a draw of the parameters
    half = draws.std(ddof=1) / np.sqrt(len(draws)) * t.ppf(0.975, len(draws) - 1)
    expected = {"mean": wide.mean(), "ci_low": wide.mean() - half, "ci_high": wide.mean() + half}
    expected |= {f"p{percent}": wide.quantile(percent / 100) for percent in (10, 50, 90)}
    for column, values in expected.items():
        shown = summary[column].reindex(values.index)
        np.testing.assert_allclose(shown, values, rtol=2e-5, atol=1e-9, err_msg=column)


def test_the_manifest_says_how_the_results_were_made(results: Results, study: Scenario) -> None:
    manifest = json.loads((results.folder / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["seed"], manifest["replications"], manifest["failures"]) == (study.seed, 6, [])
    assert manifest["scenario"] == study.digest
    assert {"version", "commit", "started", "finished", "python"} <= set(manifest)
    assert manifest["started"] <= manifest["finished"]
    assert {"simpy", "numpy", "pandas", "pyarrow"} <= set(manifest["packages"])


@pytest.mark.parametrize("jobs", [pytest.param(1, marks=pytest.mark.slow), 2])
def test_the_same_seed_gives_the_same_bytes_in_one_process_or_two(
    jobs: int, results: Results, study: Scenario, tmp_path: Path
) -> None:
    again = ensemble_study.run(study, tmp_path / "again", executor=here if jobs == 1 else processes(jobs))
    assert bytes_of(again.folder) == bytes_of(results.folder)
    assert again.manifest | TIMES == results.manifest | TIMES


def test_another_seed_gives_other_results(results: Results, study: Scenario, tmp_path: Path) -> None:
    other = ensemble_study.run(study.with_changes({"seed": 2}), tmp_path / "other", detail="measures")
    assert not other.table("measures").equals(results.table("measures"))


def test_the_resolved_scenario_repeats_the_run_to_the_bit(results: Results, study: Scenario, tmp_path: Path) -> None:
    source = results.folder / "scenario.toml"
    assert main(["run", str(source), "--jobs", "1", "--out", str(tmp_path / "again")]) == 0
    assert bytes_of(tmp_path / "again") == bytes_of(results.folder)
    assert load(source).notes == study.notes


@pytest.mark.parametrize(
    ("detail", "tables"),
    [
        pytest.param("measures", {"measures"}, marks=pytest.mark.slow),
        ("visits", {"visits", "waits", "judgements", "declines", "measures"}),
        pytest.param("full", set(COLUMNS) - {"summary"}, marks=pytest.mark.slow),
    ],
)
def test_a_level_of_detail_writes_its_tables_and_the_same_figures(
    detail: Detail, tables: set[str], results: Results, study: Scenario, tmp_path: Path
) -> None:
    folder = ensemble_study.run(study, tmp_path / detail, detail=detail).folder
    assert {path.stem for path in folder.glob("*.parquet")} == tables
    for name in (*(f"{table}.parquet" for table in tables), "summary.csv", "scenario.toml"):
        assert (folder / name).read_bytes() == (results.folder / name).read_bytes(), name


def test_the_same_study_is_read_and_not_run_again(
    smallest: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = ensemble_study.run(smallest, tmp_path / "study", detail="measures")
    before = {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in first.folder.iterdir()}
    monkeypatch.setattr(ensemble, "run_batch", lambda *_: pytest.fail("it was run again"))
    again = ensemble_study.run(smallest, tmp_path / "study", detail="measures")
    assert (first.repeated, again.repeated) == (False, True)
    pd.testing.assert_frame_equal(again.summary, first.summary)
    assert {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in first.folder.iterdir()} == before


def test_a_study_held_already_is_kept_in_the_words_that_it_is_asked_for_in(
    smallest: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = ensemble_study.run(smallest, tmp_path / "study", detail="measures").folder
    note = {"workforce.leave_days": {"value": 29, "source": "our payroll", "confidence": "high"}}
    other = smallest.with_changes({"name": "mine", "question": "How many?", **note})
    monkeypatch.setattr(ensemble, "run_batch", lambda *_: pytest.fail("it was run again"))
    again = ensemble_study.run(other, folder, detail="measures")
    written = load(folder / "scenario.toml")
    assert (written.name, written.question, written.notes) == ("mine", "How many?", other.notes)
    assert (again.repeated, again.manifest["name"]) == (True, "mine")
    assert ensemble_study.run(other, folder, detail="measures").manifest == again.manifest


def test_stopped_while_its_words_are_changed_a_study_is_whole(
    smallest: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = ensemble_study.run(smallest, tmp_path / "study", detail="measures").folder
    other, healthy, left = smallest.with_changes({"question": "How many?"}), Path.replace, 0

    def replace(path: Path, target: Path) -> Path:
        nonlocal left
        left -= 1
        if left < 0:
            raise KeyboardInterrupt
        return healthy(path, target)

    monkeypatch.setattr(Path, "replace", replace)
    for moves in range(7):  # of two files that say who writes, of manifest, scenario, answer, text, and manifest again
        left = moves
        with pytest.raises(KeyboardInterrupt):
            ensemble_study.run(other, folder, detail="measures")
        read(folder)
    left = 7
    assert ensemble_study.run(other, folder, detail="measures").repeated
    assert load(folder / "scenario.toml").question == "How many?"
    assert "How many?" in read_answer(folder).text() + "\n" == (folder / "answer.txt").read_text(encoding="utf-8")


def test_a_kept_study_is_checked_once_when_it_is_shown_again(
    smallest: Scenario, whole_smallest: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shutil.copytree(whole_smallest, tmp_path / "study")
    checked = []

    def watched(path: Path) -> str:
        checked.append(path.name)
        return hash_of(path)

    monkeypatch.setattr("sim.runs.manifest.hash_of", watched)
    again = ensemble_study.run(smallest, folder)
    assert again.repeated and sorted(checked) == sorted(again.manifest["files"])


QUICK = (("missing", "workload.png"), ("truncated", "visits.parquet"), ("changed", "scenario.toml"))
"""Damage that the quick tests look at; the rest is looked at weekly."""


@pytest.mark.parametrize(
    ("damage", "name"),
    [
        pytest.param(damage, name, marks=[] if (damage, name) in QUICK else pytest.mark.slow)
        for damage in ("missing", "truncated", "changed")
        for name in ("visits.parquet", "summary.csv", "workload.png", "scenario.toml")
    ],
)
def test_a_damaged_folder_is_refused_by_the_name_of_the_file_and_replaced_when_that_is_asked_for(
    damage: str, name: str, smallest: Scenario, whole_smallest: Path, tmp_path: Path
) -> None:
    whole = bytes_of(shutil.copytree(whole_smallest, tmp_path / "study"))
    path = tmp_path / "study" / name
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(whole[name][:-9] + (b"" if damage == "truncated" else b"something"))
    said = f"{name} is missing" if damage == "missing" else f"{name} has changed since it was written"
    with pytest.raises(InputError, match=f"damaged: {re.escape(said)}; .*`overwrite=True`"):
        ensemble_study.run(smallest, tmp_path / "study")
    with pytest.raises(InputError, match=re.escape(said)):
        read(tmp_path / "study")
    assert bytes_of(ensemble_study.run(smallest, tmp_path / "study", overwrite=True).folder) == whole


@pytest.mark.parametrize(
    "manifest",
    ["", '{"files": 3}', *(pytest.param(each, marks=pytest.mark.slow) for each in ("[]", "{}", '{"seed": 1, "fil'))],
)
def test_a_folder_with_a_damaged_manifest_is_refused_and_replaced_when_that_is_asked_for(
    manifest: str, smallest: Scenario, whole_smallest: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(whole_smallest, tmp_path / "study")
    (folder / "manifest.json").write_text(manifest, encoding="utf-8")
    with pytest.raises(InputError, match=r"not a result folder: manifest\.json"):
        ensemble_study.run(smallest, folder, detail="measures")
    assert ensemble_study.run(smallest, folder, detail="measures", overwrite=True).manifest["files"]


def test_tables_that_nobody_keeps_are_refused_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="detail: found 'all'; allowed: full, measures, visits"):
        ensemble_study.run(load("ilacs_launch"), tmp_path / "out", detail="all")  # type: ignore[arg-type]  # a slip
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("change", [{"seed": 2}, {"replications": 5}, {"workforce.leave_days": 30}], ids=str)
def test_a_folder_of_another_study_is_refused_and_stays_as_it_is(
    change: dict[str, object], results: Results, study: Scenario
) -> None:
    before = bytes_of(results.folder)
    with pytest.raises(InputError, match="another study"):
        ensemble_study.run(study.with_changes(change), results.folder)
    assert bytes_of(results.folder) == before


@pytest.mark.parametrize("there", ["notes.txt", "manifest.json"])
@pytest.mark.parametrize("place", ["theirs", "theirs/{}"])
def test_a_place_of_somebody_else_is_refused_and_stays_as_it_is(
    there: str, place: str, study: Scenario, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / there).write_text("[dear diary", encoding="utf-8")
    assert main(["run", "ilacs_launch", "--out", str(tmp_path / place.format(there))]) == 2
    assert str(tmp_path / place.format(there)) in capsys.readouterr().err
    assert [path.name for path in sorted(tmp_path.rglob("*"))] == ["theirs", there]
    assert (tmp_path / "theirs" / there).read_text(encoding="utf-8") == "[dear diary"


def test_another_study_is_replaced_when_that_is_asked_for(
    smallest: Scenario, whole_smallest: Path, tmp_path: Path
) -> None:
    shutil.copytree(whole_smallest, tmp_path / "study")
    other = smallest.with_changes({"seed": 9})
    assert ensemble_study.run(other, tmp_path / "study", detail="measures", overwrite=True).manifest["seed"] == 9
    assert {path.stem for path in (tmp_path / "study").glob("*.parquet")} == {"measures"}


def test_overwriting_never_removes_what_is_no_result_folder(smallest: Scenario, tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("years of work", encoding="utf-8")
    with pytest.raises(InputError):
        ensemble_study.run(smallest, tmp_path / "thesis", detail="measures", overwrite=True)
    assert (tmp_path / "thesis" / "chapter.txt").read_text(encoding="utf-8") == "years of work"


def test_results_may_go_to_the_empty_folder_one_stands_in(
    smallest: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    ensemble_study.run(smallest, ".", detail="measures")
    assert (tmp_path / "here" / "measures.parquet").exists()


def test_a_replication_that_raises_is_a_failure_and_the_others_are_kept(
    results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    healthy = Model.run

    def run(model: Model) -> Record:
        if model._replication == 2:
            raise ArithmeticError("the dog ate it")
        return healthy(model)

    monkeypatch.setattr(Model, "run", run)
    flags = ["--set", "years=2", "--replications", "6", "--jobs", "1", "--out", str(tmp_path / "ill")]
    assert main(["run", "ilacs_launch", *flags]) == 1
    assert "1 of 6 replications FAILED" in capsys.readouterr().out
    ill = read(tmp_path / "ill")
    (failure,) = ill.manifest["failures"]
    assert (failure["replication"], failure["seed"]) == (2, 1)
    assert "the dog ate it" in failure["traceback"]
    kept = results.table("measures").query("replication != 2").reset_index(drop=True)
    pd.testing.assert_frame_equal(ill.table("measures"), kept)


def dies_in(replications: set[int], monkeypatch: pytest.MonkeyPatch) -> None:
    healthy = Model.run

    def run(model: Model) -> Record:
        if model._replication in replications:
            raise ArithmeticError(f"the dog ate number {model._replication}")
        return healthy(model)

    monkeypatch.setattr(Model, "run", run)


def test_failures_stand_at_the_top_and_are_shown_again_when_the_study_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    dies_in({1, 4}, monkeypatch)
    command = ["run", "ilacs_launch", "--set", "years=1", "--replications", "6", "--jobs", "1"]
    for _ in range(2):
        assert main([*command, "--out", str(tmp_path / "ill")]) == 1
        top = " ".join(capsys.readouterr().out.split())
        assert top.startswith(
            "2 of 6 replications FAILED, and the figures below leave them out: 1, 4. The most common error (1 time): "
            "ArithmeticError:"
        )
        assert "add --replication 1" in top
    assert {failure["replication"] for failure in read(tmp_path / "ill").failures} == {1, 4}
    monkeypatch.undo()
    assert main([*command, "--overwrite", "--out", str(tmp_path / "ill")]) == 0
    assert read(tmp_path / "ill").failures == []


def test_one_replication_alone_raises_what_it_raised(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    dies_in({4}, monkeypatch)
    with pytest.raises(ArithmeticError, match="number 4"):
        main(["run", "ilacs_launch", "--set", "years=1", "--replication", "4"])
    assert list(tmp_path.iterdir()) == []


def test_one_replication_alone_has_the_figures_that_it_had(
    results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["run", "ilacs_launch", "--set", "years=2", "--replication", "5"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "ilacs_launch: replication 5 alone, seed 1. Nothing is saved."
    table = results.table("measures").query("replication == 5").set_index(["measure", "financial_year"])["value"]
    shown = {line.split()[0]: line.split()[-3:] for line in lines[3:]}
    for measure in ("utilisation", "cost_pounds", "inspections_started"):
        assert shown[measure] == [f"{table[measure, year]:,.5g}" for year in ("2017-18", "2018-19", "2019-20")]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("flags", "count"),
    [
        (["--replication", "-1"], 1),
        (["--replication", "2", "--out", "x", "--until", "utilisation<=1", "--overwrite", "--budget", "4"], 4),
        (["--replication", "2", "--jobs", "2"], 1),
        (["--replication", "2", "--cluster", "tcp://nowhere"], 1),
    ],
)
def test_what_has_no_place_beside_one_replication_is_said_at_once(
    flags: list[str], count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["run", "ilacs_launch", *flags]) == 2
    assert capsys.readouterr().err.startswith(f"{count} thing{'s' if count > 1 else ''} to put right")
    assert list(tmp_path.iterdir()) == []


def test_progress_has_a_rate_and_the_time_left_on_a_terminal_and_is_quiet_when_piped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(name: str, stderr: TextIO) -> None:
        flags = ["--jobs", "1", "--detail", "measures", "--out", str(tmp_path / name)]
        with monkeypatch.context() as shown, stderr:
            shown.setattr(sys, "stderr", stderr)
            assert main(["run", "ilacs_launch", "--set", "years=1", "--replications", "8", *flags]) == 0

    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 110, 0, 0))
    run("terminal", os.fdopen(theirs, "w", encoding="utf-8"))
    said = os.read(ours, 100_000).decode()
    os.close(ours)
    assert re.search(r"ilacs_launch: 100%.* 8/8 \[\d\d:\d\d<\d\d:\d\d, +[\d.]+(run/s|s/run)\]", said)
    run("piped", (tmp_path / "piped.txt").open("w", encoding="utf-8"))
    assert [line[:5] for line in (tmp_path / "piped.txt").read_text(encoding="utf-8").splitlines()] == ["Note:"]


def test_when_every_replication_fails_the_folder_still_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Model, "run", lambda _: 1 / 0)
    assert main(["run", "ilacs_launch", "--replications", "2", "--jobs", "1", "--out", str(tmp_path / "ill")]) == 1
    assert "FAILED" in capsys.readouterr().out
    assert len(read(tmp_path / "ill").manifest["failures"]) == 2
