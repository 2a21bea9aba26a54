"""Saved results are another code's exactly where code that can change a number, or data, has changed."""

from __future__ import annotations

import time
from importlib.resources import files
from pathlib import Path

import pytest

from sim.base.versions import COMPUTING, code_digest, digest_of

CODE = '''"""What this is."""

LIMIT = 3
"""Of a week."""


def late(days: int) -> bool:
    """Whether it is late."""
    if days > LIMIT:  # the clause
        return True
    return False
'''


def package(root: Path, code: str = CODE, data: str = "a,b\n1,2\n") -> str:
    """Digest of a package of one module and one table."""
    for name in ("world", "charts", "docs"):
        (root / name).mkdir(parents=True, exist_ok=True)
    (root / "world" / "visits.py").write_text(code, encoding="utf-8")
    (root / "table.csv").write_text(data, encoding="utf-8")
    return digest_of(root)


@pytest.mark.parametrize(
    ("said", "otherwise"),
    [
        ("# the clause", "# of the framework, as amended"),
        ("Whether it is late.", "Tell whether a visit is late."),
        ("What this is.", "Visits."),
        ("Of a week.", "Most visits in a week."),
        ("def late(days: int) -> bool:\n", "def late(\n    days: int,\n) -> bool:\n\n"),
    ],
)
def test_a_comment_a_docstring_or_the_format_leaves_the_digest_as_it_is(
    said: str, otherwise: str, tmp_path: Path
) -> None:
    assert said in CODE
    assert package(tmp_path) == package(tmp_path, CODE.replace(said, otherwise))


@pytest.mark.parametrize(
    ("said", "otherwise"),
    [
        ("LIMIT = 3", "LIMIT = 4"),
        ("days > LIMIT", "days >= LIMIT"),
        ("late(", "tardy("),
        ("return True", "return None"),
    ],
)
def test_a_number_a_branch_or_a_name_of_the_code_changes_the_digest(said: str, otherwise: str, tmp_path: Path) -> None:
    assert said in CODE
    assert package(tmp_path) != package(tmp_path, CODE.replace(said, otherwise))


def test_data_and_new_files_change_the_digest_and_what_only_shows_numbers_does_not(tmp_path: Path) -> None:
    before = package(tmp_path)
    assert package(tmp_path, data="a,b\n1,3\n") != before == package(tmp_path)
    (tmp_path / "charts" / "fans.py").write_text("COLOUR = 1\n", encoding="utf-8")
    (tmp_path / "docs" / "page.md").write_text("A page.\n", encoding="utf-8")
    assert digest_of(tmp_path) == before
    (tmp_path / "studies").mkdir()
    (tmp_path / "studies" / "load_answer.py").write_text("WORDS = 'so many'\n", encoding="utf-8")
    assert digest_of(tmp_path) == before
    (tmp_path / "world" / "more.py").write_text("", encoding="utf-8")
    assert digest_of(tmp_path) != before


def test_the_packages_that_compute_are_there_and_the_digest_is_taken_at_once() -> None:
    root = Path(str(files("sim")))
    assert [name for name in COMPUTING if not (root / name / "__init__.py").is_file()] == []
    before = time.process_time()
    found = digest_of(root)
    assert time.process_time() - before < 2  # a third of a second on a machine that does nothing else
    assert code_digest() == found == digest_of(root)


def test_every_version_of_python_has_the_same_digest(tmp_path: Path) -> None:
    # The build server runs this with several versions, whose parsed code has fields of their own.
    assert package(tmp_path) == "e4344919c41b453c"
