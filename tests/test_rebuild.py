"""A rebuilt environment is judged by the tables of a small study: which are compared, and what a difference says."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from packaging.pylock import Pylock

from sim.runs.tables import SCHEMAS
from tests import rebuild

SMALL = ("run", "ilacs_launch", "--replications", "1", "--set", "years=1")
LOCK = tomllib.loads(rebuild.LOCK.read_text(encoding="utf-8"))


def test_the_known_hashes_are_those_of_every_table_of_the_study_and_of_no_words() -> None:
    known = json.loads(rebuild.KNOWN.read_text(encoding="utf-8"))
    assert known["study"] == f"python -m sim {' '.join(rebuild.STUDY)}"
    assert {f"{table}.parquet" for table in SCHEMAS} <= set(known["files"])
    assert all(name.endswith(rebuild.TABLES) for name in known["files"])
    assert "columns.csv" not in known["files"]


def test_every_difference_is_said_by_table() -> None:
    known = {"a.csv": "1" * 64, "b.csv": "2" * 64, "c.csv": "3" * 64}
    found = {"b.csv": "2" * 64, "c.csv": "4" * 64, "d.csv": "5" * 64}
    assert [line.partition(":")[0] for line in rebuild.differing(known, found)] == ["a.csv", "c.csv", "d.csv"]
    assert list(rebuild.differing(known, known)) == []


def test_the_same_study_agrees_and_a_changed_hash_does_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    known = tmp_path / "rebuilt.json"
    assert rebuild.main(["--write"], SMALL, known) == 0
    assert rebuild.main([], SMALL, known) == 0
    content = json.loads(known.read_text(encoding="utf-8"))
    content["files"]["visits.parquet"] = "0" * 64
    known.write_text(json.dumps(content), encoding="utf-8")
    capsys.readouterr()
    assert rebuild.main([], SMALL, known) == 1
    assert "visits.parquet: differs; known 0000000000000000" in capsys.readouterr().out


def test_packages_of_another_version_than_the_lock_names_are_said() -> None:
    lock = '[[packages]]\nname = "numpy"\nversion = "0.0.1"\n[[packages]]\nname = "no-such-package"\nversion = "1"\n'
    assert [line.split()[0] for line in rebuild.other_versions(lock)] == ["numpy"]


def test_the_lock_is_one_of_the_standard() -> None:
    """That of PEP 751, which pip and other installers read."""
    Pylock.from_dict(LOCK).validate()


def test_every_locked_file_has_a_hash_and_comes_from_the_public_index() -> None:
    files = [
        each for package in LOCK["packages"] for each in (*package.get("wheels", ()), package.get("sdist")) if each
    ]
    assert files
    assert {urlsplit(each["url"]).hostname for each in files} == {"files.pythonhosted.org"}
    assert all(each["hashes"].get("sha256") for each in files)


def test_the_lock_names_one_version_of_everything_that_the_project_needs() -> None:
    project = tomllib.loads((rebuild.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = (*project["dependencies"], *project["optional-dependencies"]["dev"])
    locked = [package["name"] for package in LOCK["packages"]]
    assert len(locked) == len(set(locked))
    names = {re.match(r"[\w.-]+", needed)[0].lower() for needed in wanted}  # type: ignore[index]  # each has a name
    assert sorted(names - set(locked)) == []
