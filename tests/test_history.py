"""A history of inspections: what is read of it, and what is refused in plain words."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from sim.analysis.estimates import hardly_informed
from sim.analysis.fitting import fit
from sim.base.faults import InputError
from sim.cli.main import main
from sim.inputs.grades import JUDGEMENTS
from sim.inputs.history import FEWEST_PAIRS, History, parse_history, shipped_history
from sim.inputs.parameter_draws import ERROR
from sim.inputs.scenario import load
from tests.folders import undescribed

HEADER = "authority,judgement,inspected_on,published\n"


def text(*rows: str) -> str:
    return HEADER + "\n".join(rows) + "\n"


def sound(authorities: int = FEWEST_PAIRS) -> str:
    """Two inspections of each authority, the later one first."""
    rows = [
        f"A{number},{JUDGEMENTS[number % 4]},{year}-06-01," for year in (2018, 2015) for number in range(authorities)
    ]
    return text(*rows)


def test_the_shipped_history_holds_the_counts_of_its_source() -> None:
    history = shipped_history()
    assert len(history.inspections) == 301
    assert history.transitions.tolist() == [[3, 0, 0, 0], [15, 21, 8, 3], [2, 25, 22, 14], [1, 9, 22, 7]]


def test_inspections_come_in_the_order_of_their_dates_whatever_the_order_of_rows() -> None:
    history = parse_history(sound().encode(), "t.csv")
    assert all([one.inspected_on.year for one in ones] == [2015, 2018] for ones in history.of_authority.values())
    assert history.pairs == FEWEST_PAIRS


def test_a_judgement_is_known_from_the_day_after_its_publication() -> None:
    rows = [f"A{number},good,2015-06-01,2015-07-10\nA{number},good,2018-06-01,2018-07-10" for number in range(10)]
    history = parse_history(text(*rows).encode(), "t.csv")
    for day, inspections in ((date(2015, 7, 10), 0), (date(2015, 7, 11), 10), (date(2018, 7, 10), 10)):
        assert len(history.known_on(day).inspections) == inspections
    assert isinstance(history.known_on(date(2013, 1, 1)), History)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("B,great,2016-01-01,", "line 22: judgement: found 'great'; allowed: good, inadequate"),
        ("B,good,01/2016,", "line 22: inspected_on: found '01/2016'; write a date year-month-day"),
        (
            "B,[z],2016-01-01,",
            "line 22: judgement: found '[z]'; in official statistics this symbol means 'not applicable'",
        ),
        ("B,good,1816-01-01,", "a date must lie from 2000-01-01"),
        (
            "B,good,2016-01-01,2015-12-01",
            "line 22: published: found '2015-12-01'; a judgement cannot be published before",
        ),
        ("B,good,,", "line 22: inspected_on: found nothing; this cell is needed"),
        (",good,2016-01-01,", "line 22: authority: found nothing; this cell is needed"),
        ("A3,good,2018-06-01,", "an authority may have one inspection a day; 'A3' is already on line 5"),
        ("B,good,2016-01-01,,extra", "there are 4 headings, but this row has more cells"),
    ],
)
def test_impossible_rows_are_refused_in_plain_words(row: str, words: str) -> None:
    with pytest.raises(InputError) as refused:
        parse_history((sound() + row + "\n").encode(), "t.csv")
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("B,good,2016-01-08,long,2016-01-04", "kind: found 'long'; allowed: short, single_inspection"),
        ("B,good,2016-01-08,short,2016-01-11", "an inspection cannot begin after it ended, on 2016-01-08"),
        ("B,good,2016-01-08,short,soon", "fieldwork_start: found 'soon'; write a date year-month-day"),
    ],
)
def test_what_only_a_back_test_needs_is_looked_at_as_well(row: str, words: str) -> None:
    table = f"authority,judgement,inspected_on,kind,fieldwork_start\n{row}\n"
    with pytest.raises(InputError) as refused:
        parse_history(table.encode(), "t.csv", fewest=0)
    assert words in str(refused.value)


def test_the_shipped_history_says_of_each_inspection_what_it_was_where_and_from_when() -> None:
    for one in shipped_history().inspections:
        assert one.kind and one.region and one.began and one.began <= one.inspected_on <= one.published


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(InputError) as refused:
        parse_history(text("A,bad,2016-01-01,", "B,good,never,", "C,good,2016-01-01,2015-01-01").encode(), "t.csv")
    assert len(refused.value.faults) == 3


def test_a_history_with_too_little_to_fit_is_refused() -> None:
    with pytest.raises(
        InputError, match="9 of its judgements follow an earlier one of the same authority; a fit needs"
    ):
        parse_history(sound(FEWEST_PAIRS - 1).encode(), "t.csv")


def test_the_command_refuses_a_wrong_table_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "history.csv"
    table.write_text(text("A,good,2016-01-01,"), encoding="utf-8")
    assert main(["fit", str(table), "--out", str(tmp_path / "out")]) == 2
    assert "history.csv" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_what_a_fit_writes_goes_into_a_scenario(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table, out = tmp_path / "history.csv", tmp_path / "out"
    table.write_text(sound(12), encoding="utf-8")
    assert main(["fit", str(table), "--out", str(out)]) == 0
    assert "24 inspections of 12 authorities" in capsys.readouterr().out
    assert undescribed(out) == []
    mine = tmp_path / "mine.toml"
    ratings = (out / "ratings.toml").read_text(encoding="utf-8")
    mine.write_text(f'extends = "ilacs_launch"\ndraws = "out/draws.csv"\n{ratings}', encoding="utf-8")
    assert len(load(mine).drawn(0).ratings.drift) == 4
    assert main(["fit", str(table), "--out", str(out)]) == 2


def test_a_history_that_says_little_is_told_from_one_that_does() -> None:
    # Two inspections a day apart show no drift; those that ship show most of it, but not how often a judgement errs.
    rows = [f"A{number},{JUDGEMENTS[number % 4]},2015-06-0{day}," for number in range(60) for day in (1, 2)]
    drifts = {
        name for name in hardly_informed(fit(parse_history(text(*rows).encode(), "t.csv"))) if name.startswith("drift.")
    }
    shipped = hardly_informed(fit(shipped_history()))
    assert len(drifts) >= 4 and ERROR in shipped
    assert len({name for name in shipped if name.startswith("drift.")}) <= 1
