"""The assumption book: what matters most and is known least comes first, filters narrow it, a spreadsheet has all."""

from __future__ import annotations

import csv
import datetime
import json
from collections.abc import Callable, Sequence
from importlib.resources import files
from pathlib import Path

import pytest
from openpyxl import load_workbook

from sim.analysis.sensitivity import factors_of
from sim.cli.main import main
from sim.inputs.assumptions import Entry, entries
from sim.inputs.scenario import load
from sim.inputs.toml_tree import Note
from sim.runs.manifest import MANIFEST, hash_of, sealed
from sim.studies.assumptions_answer import drives, text
from sim.studies.provenance import Wanted, outside_scenarios
from sim.studies.ranking import (
    CORRELATIONS,
    FACTORS,
    SHIPPED,
    Effect,
    Number,
    Ranking,
    ranked,
    ranking_in,
    shipped_ranking,
)
from tests.test_cli import said, shown
from tests.test_workbook import table_of

HMI, SHARE = "workforce.roles.social_care_hmi.people", "workforce.roles.social_care_hmi.programme_share"
FOLDER = Path(str(files("sim"))) / "data" / SHIPPED


def number(key: str, *effects: tuple[float, float, bool], keys: tuple[str, ...] = ()) -> Number:
    """A number with a share, a correlation, and whether it is beyond chance, for each measure."""
    told = [Effect(measure, *each) for measure, each in zip(("utilisation", "cost_pounds"), effects, strict=False)]
    return Number(key, keys or (key,), 1.0, 0.0, 2.0, tuple(told))


def ranking(*numbers: Number) -> Ranking:
    day = datetime.date(2024, 1, 1)
    return Ranking("ilacs_launch", day, 400, 2, 3, ("utilisation", "cost_pounds"), numbers)


def entry(key: str, confidence: str = "low", value: float = 1.0) -> Entry:
    return Entry(key, value, "", "", Note("", confidence))


def places(numbers: Sequence[Number], book: Sequence[Entry]) -> list[tuple[int, str]]:
    return [(each.rank, each.number.name) for each in ranked(ranking(*numbers), book)]


# ---------------------------------------------------------------- the ranking


def test_the_sensitivity_study_that_ships_is_as_its_command_left_it() -> None:
    manifest = json.loads((FOLDER / MANIFEST).read_text(encoding="utf-8"))
    kept = {path.name for path in FOLDER.iterdir()} - {MANIFEST}
    assert kept == {CORRELATIONS, FACTORS}
    assert {name: hash_of(FOLDER / name) for name in kept} == {name: manifest["files"][name] for name in kept}
    assert manifest["failures"] == [] and manifest["asked"]["points"] >= 400


def test_the_sensitivity_study_that_ships_varied_the_numbers_of_the_scenario_as_it_ships() -> None:
    found = {each.keys: (each.value, each.low, each.high) for each in shipped_ranking().numbers}
    factors = factors_of(load("ilacs_launch"))
    assert set(found) == {each.keys for each in factors}
    for each in factors:
        assert found[each.keys] == pytest.approx((each.value, each.low, each.high), rel=1e-5), each.keys


def test_a_number_ranks_by_its_share_of_the_variance_over_all_measures_and_medium_confidence_comes_last() -> None:
    numbers = [
        number("certain", (0.9, 1, True)),
        number("fairly", (0.5, 1, True), (0.3, 1, True)),
        number("one", (0.4, 1, True), (0.6, 1, False)),
        number("both", (0.2, 1, True), (0.15, 1, True)),
        number("chance", (0.1, 1, False), (0.1, 1, False)),
    ]
    numbers.sort(key=lambda each: -each.share)
    book = [entry("certain", "high"), entry("fairly", "medium"), *map(entry, ("one", "both", "chance"))]
    assert places(numbers, book) == [(1, "one"), (2, "both"), (3, "fairly")]


def test_a_number_that_was_set_without_a_source_is_known_least() -> None:
    numbers = [number("first", (0.6, 1, True)), number("second", (0.2, 1, True))]
    assert places(numbers, [entry("first", "medium"), entry("second", "none")]) == [(1, "second"), (2, "first")]


def test_a_ranking_says_nothing_of_a_scenario_without_the_numbers_that_account_for_most() -> None:
    numbers = [number("main", (0.6, 1, True)), number("least", (0.2, 1, True)), number("other", (0.1, 1, True))]
    assert places(numbers, [entry("least"), entry("other")]) == []
    assert places(numbers, [entry("main"), entry("least")]) == [(1, "main"), (2, "least")]


def test_what_a_number_drives_is_said_with_its_direction_the_most_first_and_never_what_may_be_chance() -> None:
    both = number("x", (0.05, 0.4, True), (0.3, -0.8, True))
    assert drives(both) == "A higher value lowers cost pounds (30% of its variance), and raises utilisation (5.0%)."
    one = number("x", (0.4, 0.9, False), (0.3, 0.8, True))
    assert drives(one) == "A higher value raises cost pounds (30% of its variance)."


# ---------------------------------------------------------------- printed


def test_describe_begins_with_the_numbers_that_matter_most_and_then_has_the_whole_book(
    capsys: pytest.CaptureFixture[str],
) -> None:
    printed = said(capsys, "describe", "ilacs_launch")
    found = ranked(shipped_ranking(), entries(load("ilacs_launch")))
    first = min(20, len(found))
    assert f"What matters most and is known least: {first} numbers" in printed
    at = [printed.index(f"\n      {each.entries[0].key}") for each in found[:first]]
    assert at == sorted(at) and at[-1] < printed.index("\nWhat follows from them\n")
    assert found[0].number.share == max(each.share for each in shipped_ranking().numbers) > 0
    assert len(shown(printed)) == len(entries(load("ilacs_launch"))) + len(outside_scenarios())


def test_describe_says_what_its_ranking_is_from_and_what_has_another_value() -> None:
    made = shipped_ranking().made
    words = " ".join(text(load("ilacs_launch", {HMI: 54})).split())
    assert f"made on {made.day} {made:%B %Y}: {shipped_ranking().points} points" in words
    assert "A number that the study did not vary has no rank" in words
    assert "1 of these numbers has a different value here" in words and "54 people (63 in the study)" in words
    assert "different value here" not in " ".join(text(load("ilacs_launch")).split())
    other = " ".join(text(load("adult_social_care")).split())
    assert "too little of the variance to rank its numbers" in other


@pytest.fixture
def own_study(tmp_path: Path) -> Path:
    """A sensitivity study of one's own in which the share of time alone drives anything."""
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / FACTORS).write_text(
        f"name,keys,value,low,high,whole,unit,source\npeople,{HMI},63,48,90,True,people,a\nshare,{SHARE},1,0,1,False,,b\n",
        encoding="utf-8",
    )
    head = "measure,assumption,beyond_chance,share_of_variance,partial_rank_correlation\n"
    rows = f"cost_pounds,{HMI},False,0.9,0.9\ncost_pounds,{SHARE},True,0.2,-0.5\n"
    (folder / CORRELATIONS).write_text(head + rows, encoding="utf-8")
    asked = {"question": "sensitivity", "points": 77, "replications": 1, "from_year": 1}
    manifest = {
        "name": "mine", "seed": 1, "version": "0.1.0", "code": "0123", "asked": asked,
        "finished": "2024-05-06T07:08:09+00:00",
        "files": {name: hash_of(folder / name) for name in (FACTORS, CORRELATIONS)},
    }  # fmt: skip
    (folder / MANIFEST).write_text(json.dumps(sealed(manifest)), encoding="utf-8")
    return folder


def test_a_sensitivity_study_of_ones_own_ranks_instead(own_study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = " ".join(said(capsys, "describe", "ilacs_launch", "--sensitivity", str(own_study)).split())
    assert (
        "known least: 1 number The ranking comes from the sensitivity study of mine, made on 6 May 2024: 77 points"
        in words
    )
    assert "one run of each" in words and "A higher value lowers cost pounds (20% of its variance)." in words


def test_a_folder_that_holds_no_whole_sensitivity_study_is_refused(own_study: Path, tmp_path: Path) -> None:
    assert ranking_in(own_study).scenario == "mine"
    (own_study / FACTORS).write_text("name,keys,value,low,high,whole,unit,source\n", encoding="utf-8")
    for folder, words in ((own_study, "has changed since it was written"), (tmp_path, "it holds no sensitivity study")):
        with pytest.raises(ValueError, match=words):
            ranking_in(folder)


# ---------------------------------------------------------------- filters


def test_filters_narrow_the_book_to_the_entries_that_have_all_that_is_asked(capsys: pytest.CaptureFixture[str]) -> None:
    every = [*entries(load("ilacs_launch")), *outside_scenarios()]
    asked: list[tuple[list[str], Callable[[Entry], bool]]] = [
        (["--low"], lambda each: each.note.confidence == "low"),
        (["--low", "--confidence", "medium"], lambda each: each.note.confidence in ("low", "medium")),
        (["--key", "workforce"], lambda each: "workforce" in each.key),
        (["--key", "Social care HMI"], lambda each: "social_care_hmi" in each.key),
        (
            ["--key", "workforce", "--key", "fit.prior", "--low"],
            lambda each: each.note.confidence == "low" and ("workforce" in each.key or "fit.prior" in each.key),
        ),
    ]
    for flags, keeps in asked:
        printed = said(capsys, "describe", "ilacs_launch", *flags)
        kept = [(each.key, each.note.confidence) for each in every if keeps(each)]
        assert shown(printed) == kept and 0 < len(kept) < len(every)
        assert f"{len(kept)} of {len(every)} assumptions" in printed


def test_a_filter_narrows_what_matters_most_and_leaves_the_ranks_as_they_are() -> None:
    scenario = load("ilacs_launch")
    found = {each.rank: each for each in ranked(shipped_ranking(), entries(scenario))}
    printed = text(scenario, wanted=Wanted(words=(SHARE,)))
    (rank,) = [rank for rank, each in found.items() if each.entries[0].key == SHARE]
    assert "known least, of these: 1 number\n" in printed and f"\n  {rank:2}. {found[rank].number.name}: " in printed


def test_every_word_that_no_number_has_is_refused_with_the_nearest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "book.pdf"
    flags = ["--key", "wrokforce", "--key", "workforce", "--confidence", "lo", "--out", str(out)]
    assert main(["describe", "ilacs_launch", *flags, "--sensitivity", str(tmp_path)]) == 2
    told = capsys.readouterr().err
    assert "4 things to put right" in told
    assert "--key: WORDS: found 'wrokforce'; no key has this word; did you mean 'workforce'" in told
    assert "--confidence: WORD: found 'lo'; did you mean 'low'?" in told
    assert "--sensitivity: DIR: " in told or f"{tmp_path}: it holds no sensitivity study" in told
    assert "give a name that ends in .xlsx or .csv" in told and not out.exists()


# ---------------------------------------------------------------- a spreadsheet


@pytest.mark.parametrize("ending", [".xlsx", ".csv"])
def test_a_spreadsheet_has_every_number_with_its_rank_and_its_shares_of_the_variance(
    ending: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / f"book{ending}"
    printed = said(capsys, "describe", "ilacs_launch", "--out", str(out))
    assert printed.startswith(f"Written: {out} (") and "people in post" not in printed
    if ending == ".csv":
        head, *rows = csv.reader(out.read_text(encoding="utf-8").splitlines())
        nothing, shares = "", [f"share_of_variance_{each}" for each in shipped_ranking().measures]
    else:
        head, *rows = ([str(cell) for cell in row] for row in table_of(load_workbook(out)["Assumptions"]))
        head, nothing = [each.lower() for each in head], "[z]"
        shares = [each for each in head if each.startswith("share of the variance of ")]
    told = {row[0]: dict(zip(head, row, strict=True)) for row in rows}
    every = [*entries(load("ilacs_launch")), *outside_scenarios()]
    assert [row[0] for row in rows] == [each.key for each in every]
    ranks = {one.key: each for each in ranked(shipped_ranking(), every) for one in each.entries}
    assert {key for key, row in told.items() if row["rank"] != nothing} == set(ranks)
    for key, place in ranks.items():
        assert int(told[key]["rank"]) == place.rank
        for column, effect in zip(shares, place.number.effects, strict=True):
            found = told[key][column]
            assert found == "may be chance" if not effect.beyond_chance else float(found) == pytest.approx(effect.share)
    for each in every:
        row = told[each.key]
        assert (row["confidence"], row["unit"]) == (each.note.confidence, each.unit or nothing)
        if each.note.low is not None and each.note.high is not None:
            assert [float(row["low"]), float(row["high"])] == [each.note.low, each.note.high]


def test_a_spreadsheet_has_only_what_the_filters_leave(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flags = ("describe", "ilacs_launch", "--low", "--key", "workforce")
    said(capsys, *flags, "--out", str(tmp_path / "book.csv"))
    rows = list(csv.DictReader((tmp_path / "book.csv").read_text(encoding="utf-8").splitlines()))
    assert [(row["key"], row["confidence"]) for row in rows] == shown(said(capsys, *flags))


def test_the_workbook_is_accessible_and_explains_each_of_its_columns(tmp_path: Path) -> None:
    out = tmp_path / "book.xlsx"
    assert main(["describe", "ilacs_launch", "--out", str(out)]) == 0
    book = load_workbook(out)
    assert book.sheetnames == ["Cover", "Contents", "Notes", "Matter most", "Assumptions", "Columns"]
    _, *columns = table_of(book["Columns"])
    told = {(row[0], row[2]) for row in columns}
    for sheet in book.worksheets:
        assert isinstance(sheet["A1"].value, str) and sheet["A1"].font.bold
        assert None not in [sheet.cell(row, 1).value for row in range(1, sheet.max_row + 1)]
        if sheet.title != "Cover":
            head, *rows = table_of(sheet)
            assert rows and all(cell not in (None, "") for row in rows for cell in row)
            if sheet.title not in ("Contents", "Notes"):
                assert {(sheet.title, name) for name in head} <= told
    again = tmp_path / "again.xlsx"
    assert main(["describe", "ilacs_launch", "--out", str(again)]) == 0
    assert again.read_bytes() == out.read_bytes()


def test_a_place_that_holds_something_is_refused_unless_it_may_be_replaced(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, study = tmp_path / "book.csv", tmp_path / "study"
    study.mkdir()
    (study / MANIFEST).write_text("{}", encoding="utf-8")
    out.write_text("mine", encoding="utf-8")
    inside = "inside the folder of a study"
    for place, words in ((out, "--overwrite"), (study / "book.csv", inside), (study, "a folder")):
        assert main(["describe", "ilacs_launch", "--out", str(place)]) == 2
        assert words in capsys.readouterr().err
    assert out.read_text(encoding="utf-8") == "mine"
    assert main(["describe", "ilacs_launch", "--out", str(out), "--overwrite"]) == 0
    assert out.read_text(encoding="utf-8").startswith("key,value,")
