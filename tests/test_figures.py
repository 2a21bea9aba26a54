"""Figures are rounded in one way, and a range over runs is called no more than it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.base.figures import count, share
from sim.cli.main import main


def test_a_headline_of_few_runs_claims_no_range_of_eight_in_ten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for runs, words in (("1", "1 run, seed 1. One run shows no range"), ("2", "2 runs, seed 1. Mean, and in brackets")):
        flags = ["--set", "years=1", "--replications", runs, "--jobs", "1", "--detail", "measures"]
        assert main(["run", "ilacs_launch", *flags, "--out", str(tmp_path / runs)]) == 0
        text = " ".join(capsys.readouterr().out.split())
        assert words in text
        assert "the range of eight runs in ten" not in text


def test_halves_are_rounded_up_whatever_stands_before_them() -> None:
    assert [count(value) for value in (0.5, 1.5, 2.5, 2.4999, 1234.5)] == ["1", "2", "3", "2", "1,235"]
    assert [share(value) for value in (0.005, 0.025, 0.145, 0.9949)] == ["1%", "3%", "15%", "99%"]
