"""Figures are rounded in one way, and a range over runs is called no more than it is."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

import pytest

from sim.base.figures import count, day_in_words, few, plain_words, share, short_day
from sim.cli.main import main


def test_a_headline_of_few_runs_claims_no_range_of_eight_in_ten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for runs, words in (
        ("1", "1 run with seed 1. One run shows no range"),
        ("2", "2 runs with seed 1. A figure before brackets is a mean"),
    ):
        flags = ["--set", "years=1", "--replications", runs, "--jobs", "1", "--detail", "measures"]
        assert main(["run", "ilacs_launch", *flags, "--out", str(tmp_path / runs)]) == 0
        text = " ".join(capsys.readouterr().out.split())
        assert words in text
        assert "the range of eight runs in ten" not in text


def test_halves_are_rounded_up_whatever_stands_before_them() -> None:
    assert [count(value) for value in (0.5, 1.5, 2.5, 2.4999, 1234.5)] == ["1", "2", "3", "2", "1,235"]
    assert [share(value) for value in (0.005, 0.025, 0.145, 0.9949)] == ["1%", "3%", "15%", "99%"]


def test_a_few_are_written_as_people_say_them_and_never_as_none_where_there_are_some() -> None:
    numbers = (0, 0.04, 0.05, 0.6, 1, 1.04, 9.96, 9.94, 10.4, 1234.5, float("nan"))
    told = ["0", "under 0.1", "0.1", "0.6", "1", "1", "10", "9.9", "10", "1,235", "-"]
    assert [few(each) for each in numbers] == told


def test_a_date_in_words_has_no_padding() -> None:
    day = datetime.date(2019, 3, 4)
    assert (day_in_words(day), short_day(day)) == ("4 March 2019", "4 Mar 2019")


def test_nobody_writes_a_day_of_the_month_in_a_way_of_their_own() -> None:
    """``%-d`` fails on Windows, and ``%d`` writes 04 March."""
    root = Path(__file__).parent.parent
    own = re.compile(r"%-d|%d %[Bb]")
    files = [path for folder in ("sim", "scenarios") for path in (root / folder).rglob("*.py")]
    allowed = root / "sim" / "base" / "figures.py"
    assert [path.name for path in files if path != allowed and own.search(path.read_text(encoding="utf-8"))] == []


def test_a_number_with_a_decimal_in_the_name_of_a_measure_is_written_with_its_point() -> None:
    assert plain_words("judgements_older_than_3_5_years") == "judgements older than 3.5 years"
