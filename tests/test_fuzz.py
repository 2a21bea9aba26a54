"""A few dozen of the spoilt files of ``python -m tests.fuzz``, which tries thousands."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.fuzz.cases import case, write
from tests.fuzz.trial import MINE, OUT, contents, load_all, tried

QUICK = 12
FIRST = 900_000
"""Number of the first case, far from those of a trial by hand."""


@pytest.fixture(scope="module", autouse=True)
def _loaded() -> None:
    load_all()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a case runs in a copy of this process")
@pytest.mark.parametrize("number", range(FIRST, FIRST + QUICK))
def test_a_spoilt_file_ends_soon_in_a_result_or_in_words_and_nothing_else_is_changed(
    number: int, tmp_path: Path
) -> None:
    files, command = case(number)
    write(files, tmp_path / "home")
    ended, wrong = tried(tmp_path / "home", command)
    assert wrong == [], ended.err


FAULTS = {
    "a traceback": ("raise KeyError('a slip')", "it says 'Traceback'"),
    "a file beside its own": ("open('beside', 'w').close(); return 0", f"it changed {MINE}/beside"),
    "a file changed": ("open('mine.toml', 'w').close(); return 0", f"it changed {MINE}/mine.toml"),
    "something written though refused": (f"open('{OUT}', 'w').close(); print('no', file=sys.stderr); return 2",
                                         f"it changed {MINE}/{OUT}"),
    "no words": ("return 2", "it says nothing of what is wrong"),
    "an escape code": ("print(chr(27)); return 0", "it prints what a terminal obeys"),
    "no end": ("time.sleep(60)", "it had not ended after 10 seconds of a processor, or 1 in all"),
}  # fmt: skip
"""What a command may do wrong, and how a trial says it."""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a case runs in a copy of this process")
@pytest.mark.parametrize("case_", FAULTS)
def test_a_trial_sees_each_kind_of_fault(case_: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    body, says = FAULTS[case_]
    scope: dict[str, object] = {}
    exec(f"import sys, time\ndef slip(_):\n    {body}\n", scope)
    monkeypatch.setattr("tests.fuzz.trial.main", scope["slip"])
    monkeypatch.setattr("tests.fuzz.trial.PATIENCE", 1.0)
    write({"mine.toml": b"years = 1\n"}, tmp_path)
    before = contents(tmp_path / MINE)
    assert before and says in tried(tmp_path, ["check"])[1]
