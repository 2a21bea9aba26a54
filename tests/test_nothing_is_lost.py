"""Nothing is removed but what a study wrote, and what a study claims is checked against its files."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sim.base.faults import InputError
from sim.cli.main import main
from sim.inputs.scenario import Scenario, load
from sim.runs.executors import Executor
from sim.runs.manifest import MANIFEST, SEAL, sealed
from sim.runs.unfinished import LOCK, STUDY, UNFINISHED, WHOLE
from sim.studies import comparison_study, ensemble_study
from tests.worlds import few_of

pytestmark = pytest.mark.usefixtures("no_charts")

THESIS = "years of work"


@pytest.fixture(scope="module")
def study() -> Scenario:
    return few_of(load("ilacs_launch", {"years": 1, "draws": "none", "replications": 8}))


def everything(folder: Path) -> dict[str, bytes | str]:
    """Content of every file below a folder, and what every link leads to."""
    return {
        str(path.relative_to(folder)): str(path.readlink()) if path.is_symlink() else path.read_bytes()
        for path in folder.rglob("*")
        if path.is_symlink() or path.is_file()
    }


def written(path: Path) -> Path:
    """A file of the user's own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(THESIS, encoding="utf-8")
    return path


def broken_after(batches: int) -> Executor:
    def execute(task: Callable[[Any], Any], inputs: Any) -> Any:
        for number, each in enumerate(inputs):
            if number == batches:
                raise KeyboardInterrupt
            yield task(each)

    return execute


def _folder(out: Path) -> None:
    written(out / UNFINISHED / "thesis" / "a.txt")


def _file_in_the_folder(out: Path) -> None:
    written(out / UNFINISHED / "notes.txt")


def _a_file(out: Path) -> None:
    written(out / UNFINISHED)


def _link(out: Path) -> None:
    written(out.parent / "elsewhere" / "a.txt")
    out.mkdir()
    (out / UNFINISHED).symlink_to(out.parent / "elsewhere")


def _lock_of_ones_own(out: Path) -> None:
    written(out / UNFINISHED / LOCK)


def _study_that_is_none(out: Path) -> None:
    written(out / UNFINISHED / STUDY)


def _results_of_ones_own(out: Path) -> None:
    written(out / "summary.csv")
    (out / UNFINISHED).mkdir()


def _manifest_of_ones_own(out: Path) -> None:
    out.mkdir()
    (out / MANIFEST).write_text('{"name": "my web app"}', encoding="utf-8")


PLACES = [
    _folder, _file_in_the_folder, _a_file, _link, _lock_of_ones_own, _study_that_is_none, _results_of_ones_own,
    _manifest_of_ones_own,
]  # fmt: skip


@pytest.mark.parametrize("make", PLACES, ids=lambda make: make.__name__)
@pytest.mark.parametrize("overwrite", [False, True], ids=["", "overwrite"])
def test_what_is_the_users_own_is_refused_and_stays(
    make: Callable[[Path], None], overwrite: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "u"
    make(out)
    before = everything(tmp_path)
    flags = ["--overwrite"] if overwrite else []
    assert main(["run", "ilacs_launch", "--replications", "2", "--jobs", "1", "--out", str(out), *flags]) == 2
    said = capsys.readouterr()
    assert said.out == "" and str(out) in said.err and "choose another folder" in said.err
    assert everything(tmp_path) == before


def _beside_batches(out: Path) -> Path:
    return written(out / UNFINISHED / "thesis.txt")


def _folder_beside_batches(out: Path) -> Path:
    return written(out / UNFINISHED / "thesis" / "a.txt")


def _in_whole(out: Path) -> Path:
    return written(out / UNFINISHED / WHOLE / "thesis.txt")


def _whole_is_a_link(out: Path) -> Path:
    own = written(out.parent / "elsewhere" / "summary.csv")
    (out / UNFINISHED / WHOLE).symlink_to(own.parent)
    return own


@pytest.mark.parametrize("add", [_beside_batches, _folder_beside_batches, _in_whole, _whole_is_a_link])
def test_a_file_laid_among_the_batches_of_a_study_stops_it_and_stays(
    add: Callable[[Path], Path], study: Scenario, tmp_path: Path
) -> None:
    out = tmp_path / "study"
    with pytest.raises(KeyboardInterrupt):
        ensemble_study.run(study, out, executor=broken_after(1))
    own = add(out)
    for overwrite in (False, True):
        with pytest.raises(InputError, match="holds files that no study of this version"):
            ensemble_study.run(study, out, overwrite=overwrite)
        assert own.read_text(encoding="utf-8") == THESIS


def test_a_file_laid_there_while_the_study_runs_stays_and_the_study_is_whole(study: Scenario, tmp_path: Path) -> None:
    out = tmp_path / "study"

    def meanwhile(task: Callable[[Any], Any], inputs: Any) -> Any:
        for each in inputs:
            written(out / UNFINISHED / "thesis" / "a.txt")
            yield task(each)

    assert ensemble_study.run(study, out, executor=meanwhile).replications == 8
    assert everything(out / UNFINISHED) == {"thesis/a.txt": THESIS.encode()}


def test_a_study_that_replaces_another_leaves_a_file_that_the_other_did_not_write(
    study: Scenario, tmp_path: Path
) -> None:
    """A study without shared draws writes no variance.csv, so one that is there is none of its files."""
    out = ensemble_study.run(study, tmp_path / "study", pictures=False).folder
    own = written(out / "variance.csv")
    with pytest.raises(InputError, match=r"do not belong to such a study \(variance\.csv\)"):
        ensemble_study.run(study.with_changes({"seed": 2}), out, overwrite=True)
    assert own.read_text(encoding="utf-8") == THESIS


def test_batches_of_one_study_are_not_lost_to_a_comparison_in_their_folder(study: Scenario, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        ensemble_study.run(study, tmp_path, executor=broken_after(1))
    before = everything(tmp_path)
    with pytest.raises(InputError, match="batches of another, unfinished study"):
        comparison_study.compare(study, [study.with_changes({"name": "fewer", "workforce.leave_days": 20})], tmp_path)
    assert everything(tmp_path) == before


def test_a_comparison_that_replaces_another_is_taken_up_where_it_was_stopped(study: Scenario, tmp_path: Path) -> None:
    out, other = tmp_path / "out", study.with_changes({"name": "fewer", "workforce.leave_days": 20})
    comparison_study.compare(study.with_changes({"seed": 2}), [other.with_changes({"seed": 2})], out, pictures=False)
    with pytest.raises(KeyboardInterrupt):
        comparison_study.compare(study, [other], out, executor=broken_after(1), overwrite=True)
    comparison_study.compare(study, [other], out, overwrite=True, pictures=False)
    anew = comparison_study.compare(study, [other], tmp_path / "anew", pictures=False).folder
    assert (out / "comparison.csv").read_bytes() == (anew / "comparison.csv").read_bytes()
    assert not (out / UNFINISHED).exists()


def test_a_comparison_leaves_a_table_of_the_users_own_beside_its_studies(study: Scenario, tmp_path: Path) -> None:
    other = study.with_changes({"name": "fewer", "workforce.leave_days": 20})
    ensemble_study.run(study, tmp_path / study.name, detail="measures")
    own = written(tmp_path / "comparison.csv")
    with pytest.raises(InputError, match=r"do not belong to such a study \(comparison\.csv\)"):
        comparison_study.compare(study, [other], tmp_path)
    assert own.read_text(encoding="utf-8") == THESIS


def test_a_batch_exchanged_for_another_is_not_believed(study: Scenario, tmp_path: Path) -> None:
    out, undisturbed = tmp_path / "study", ensemble_study.run(study, tmp_path / "undisturbed").folder
    with pytest.raises(KeyboardInterrupt):
        ensemble_study.run(study, out, executor=broken_after(1))
    (first,) = (out / UNFINISHED).glob("000000-000003 *.zip")
    digest = first.stem.rpartition(" ")[2]
    shutil.copy(first, first.with_name(f"000004-000007 {digest}.zip"))
    ensemble_study.run(study, out)
    assert ensemble_study.run(study, out).repeated
    assert (out / "summary.csv").read_bytes() == (undisturbed / "summary.csv").read_bytes()


def test_what_is_named_by_its_own_hash_and_is_no_batch_is_not_believed(study: Scenario, tmp_path: Path) -> None:
    out = tmp_path / "study"
    with pytest.raises(KeyboardInterrupt):
        ensemble_study.run(study, out, executor=broken_after(1))
    digest = hashlib.sha256(THESIS.encode()).hexdigest()
    written(out / UNFINISHED / f"000004-000007 {digest}.zip")
    assert ensemble_study.run(study, out).replications == 8


@pytest.mark.parametrize("names", [[["a"]], [{}], [3]], ids=str)
def test_a_study_that_names_no_files_is_none(names: list[object], study: Scenario, tmp_path: Path) -> None:
    out = tmp_path / "study"
    with pytest.raises(KeyboardInterrupt):
        ensemble_study.run(study, out, executor=broken_after(1))
    path = out / UNFINISHED / STUDY
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | {"names": names}), encoding="utf-8")
    with pytest.raises(InputError, match="holds files that no study of this version"):
        ensemble_study.run(study, out)


def test_a_batch_changed_while_the_study_runs_ends_it_in_words_and_is_made_anew(
    study: Scenario, tmp_path: Path
) -> None:
    out, undisturbed = tmp_path / "study", ensemble_study.run(study, tmp_path / "undisturbed").folder

    def meanwhile(task: Callable[[Any], Any], inputs: Any) -> Any:
        for each in inputs:
            yield task(each)
        (first,) = (out / UNFINISHED).glob("000000-000003 *.zip")
        first.write_bytes(first.read_bytes()[:-7])

    with pytest.raises(InputError, match="changed while the study ran"):
        ensemble_study.run(study, out, executor=meanwhile)
    ensemble_study.run(study, out)
    assert ensemble_study.run(study, out).repeated
    assert (out / "summary.csv").read_bytes() == (undisturbed / "summary.csv").read_bytes()
    assert json.loads((out / MANIFEST).read_text(encoding="utf-8"))["failures"] == []


# ---------------------------------------------------------------- a manifest that was edited


@pytest.fixture(scope="module")
def whole(study: Scenario, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ensemble_study.run(study, tmp_path_factory.mktemp("whole") / "study", detail="measures").folder


def _emptied(manifest: dict[str, Any]) -> object:
    return manifest | {"files": {}}


def _more_runs(manifest: dict[str, Any]) -> object:
    return manifest | {"replications": 16_000}


def _more_runs_and_a_seal(manifest: dict[str, Any]) -> object:
    return sealed(manifest | {"replications": 16_000})


def _emptied_and_sealed(manifest: dict[str, Any]) -> object:
    return sealed(manifest | {"files": {}})


def _outside(manifest: dict[str, Any]) -> object:
    return sealed(manifest | {"files": manifest["files"] | {"../thesis.txt": "0" * 64}})


def _unsealed(manifest: dict[str, Any]) -> object:
    return {key: value for key, value in manifest.items() if key != SEAL}


def _with(key: str, value: object) -> Callable[[dict[str, Any]], object]:
    def change(manifest: dict[str, Any]) -> object:
        return manifest | {key: value}

    change.__name__ = f"{key} {value}"[:30]
    return change


def _without(key: str) -> Callable[[dict[str, Any]], object]:
    def change(manifest: dict[str, Any]) -> object:
        return {name: value for name, value in manifest.items() if name != key}

    change.__name__ = f"no {key}"
    return change


CHANGES = [
    _emptied, _more_runs, _more_runs_and_a_seal, _emptied_and_sealed, _outside, _unsealed, lambda _: [], lambda _: 3,
    *(_with(key, value) for key in ("files", "seed", "asked", "code", "failures", "packages", "replications",
                                    "financial_years", "detail") for value in (7.5, None, [1], {"a": 1})),
    *map(_without, ("files", "seed", "asked", "version", "code")),
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_manifest_that_was_edited_is_not_believed(
    change: Callable[[dict[str, Any]], object], whole: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "study"
    shutil.copytree(whole, own)
    manifest = json.loads((own / MANIFEST).read_text(encoding="utf-8"))
    (own / MANIFEST).write_text(json.dumps(change(manifest)), encoding="utf-8")
    before = everything(tmp_path)
    for command in ("report", "workbook"):
        assert main([command, str(own)]) == 2
        said = capsys.readouterr()
        assert said.out == "" and str(own) in said.err and "Traceback" not in said.err
    assert everything(tmp_path) == before


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, '{"files": ' * 20_000, "\0", "1" * 5000])
def test_a_manifest_that_is_no_json_is_words(
    text: str, whole: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "study"
    shutil.copytree(whole, own)
    (own / MANIFEST).write_text(text, encoding="utf-8")
    for command in (["report", str(own)], ["run", "ilacs_launch", "--replications", "2", "--out", str(own)]):
        assert main(command) == 2
        assert "Traceback" not in capsys.readouterr().err
