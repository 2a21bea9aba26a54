"""One page of a study: of every kind of folder, true to it, safe to send on, and fit for every reader."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.cli import answer_script
from sim.cli.main import main
from sim.inputs.assumptions import entries
from sim.inputs.scenario import load
from sim.report.contents import report_of
from sim.report.names import IN_PLACE, without
from sim.report.page import html_of
from sim.runs import ensemble
from sim.runs.manifest import hash_of, sealed
from sim.runs.measures import NAMES as NAMES_OF_MEASURES
from sim.runs.measures import whole_years, years_of
from sim.runs.outcomes import Outcomes, summary
from sim.runs.results import read
from sim.runs.unfinished import begin
from sim.studies.answer import Block, Figure, Note, Preformatted, Table
from sim.studies.answer import read as read_answer
from sim.studies.ensemble_answer import answer_of
from sim.studies.ranking import ranked, shipped_ranking
from tests.browser import Tab, axe_core, axe_finds, tab
from tests.folders import CREATED, MAKERS, NAMES, OF_EVERY_KIND, SHOWN, SOURCE, UNLISTED, run, script_of

pytestmark = pytest.mark.usefixtures("smaller", "painted_throughout")
VOID = {"meta", "img", "br", "link", "hr", "input"}
LEVELS = {f"h{level}": level for level in range(1, 7)}


@pytest.fixture(params=OF_EVERY_KIND)
def kind(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture(scope="module")
def page_of(folder_of: Callable[[str], Path]) -> Callable[[str], str]:
    """Page of a study of some kind, made when it is first asked for."""
    return cache(lambda kind: html_of(report_of(folder_of(kind))))


@pytest.fixture
def page(kind: str, page_of: Callable[[str], str]) -> str:
    return page_of(kind)


class Page(HTMLParser):
    """Elements of a page in their order, each with its attributes, and all its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.tables: list[list[list[str]]] = []
        """Of each table the caption, a row of its own, and the cells of each row."""
        self.figures: list[list[list[str]]] = []
        """Those of the answer in figures."""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "table":
            self.tables.append([])
            if dict(attrs)["class"] == "figures":
                self.figures.append(self.tables[-1])
        elif tag in ("caption", "tr"):
            self.tables[-1].append([""] if tag == "caption" else [])
        elif tag in ("th", "td"):
            self.tables[-1][-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data: str) -> None:
        if self.open[-1:] not in (["style"], ["script"]):
            self.texts.append(data)
        if {"caption", "th", "td"} & set(self.open):
            self.tables[-1][-1][-1] += data

    @property
    def text(self) -> str:
        """All that a reader reads, spaces as one."""
        return " ".join(" ".join(self.texts).split())

    def having(self, attribute: str) -> list[str]:
        return [attributes[attribute] for _, attributes in self.elements if attribute in attributes]


# ---------------------------------------------------------------- true to the folder


def test_the_page_of_every_kind_is_well_formed(page: str) -> None:
    told = Page(page)
    assert told.open == []
    ids = told.having("id")
    assert len(ids) == len(set(ids))
    assert {word for words in told.having("aria-labelledby") for word in words.split()} <= set(ids)
    assert {link.removeprefix("#") for link in told.having("href")} <= set(ids)
    heads = [LEVELS[tag] for tag, _ in told.elements if tag in LEVELS]
    assert heads[0] == 1 and heads.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(heads))
    assert [
        attributes["alt"] for tag, attributes in told.elements if tag == "img" if not attributes["alt"].strip()
    ] == []
    assert ("html", {"lang": "en-GB"}) in told.elements


def test_the_page_of_every_kind_names_each_file_of_the_folder_with_its_hash_and_size(
    kind: str, page: str, folder_of: Callable[[str], Path]
) -> None:
    text, folder = Page(page).text, folder_of(kind)
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert len(files) >= 6
    for path in files:
        assert f"{path.relative_to(folder).as_posix()} {path.stat().st_size:,} {hash_of(path)}" in text


def test_every_chart_of_the_folder_is_on_the_page_with_all_that_its_text_says(
    kind: str, page: str, folder_of: Callable[[str], Path]
) -> None:
    told, folder = Page(page), folder_of(kind)
    charts = sorted(folder.glob("*.png"))
    assert charts
    clean = without(NAMES)
    alternatives = [attributes["alt"] for tag, attributes in told.elements if tag == "img"]
    for chart in charts:
        message, *figures = chart.with_suffix(".txt").read_text(encoding="utf-8").splitlines()
        assert message in alternatives
        assert all(" ".join(clean(line).split()) in told.text for line in figures)


def test_every_word_that_the_command_printed_is_on_the_page(
    kind: str,
    page: str,
    folder_of: Callable[[str], Path],
    home: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Of a folder that is shown again: every sentence, and every table cell by cell in its order."""
    folder = shutil.copytree(folder_of(kind), tmp_path / kind)
    assert MAKERS[kind](home, folder) == 0
    answer = read_answer(folder)
    assert answer.text() in capsys.readouterr().out
    assert answer.lead
    shown, clean = Page(page), without([*NAMES, CREATED])
    flat = unspaced(shown.text)
    told = [words for block in answer.blocks for words in words_of(block)]
    tables = [block for block in answer.blocks if isinstance(block, Table)]
    assert len(told) + sum(len(table.head) * len(table.rows) for table in tables) >= 12
    assert [words for words in told if unspaced(clean(words).replace("`", "")) not in flat] == []
    assert len(shown.figures) == len(tables)
    for (caption, *rows), table in zip(shown.figures, tables, strict=True):
        assert caption == [clean(table.caption)] or not table.caption
        assert [list(map(unspaced, row)) for row in rows] == [
            [unspaced(clean(cell)) for cell in row] for row in (table.heads, *table.rows)
        ]


def unspaced(text: str) -> str:
    return re.sub(r"\s", "", text)


def words_of(block: Block) -> Iterator[str]:
    """All that a block other than a table says on a page; what was studied is said there in its own words."""
    if isinstance(block, Figure):
        yield from (block.message, *block.details)
    elif isinstance(block, Note):
        yield from (block.text, *(words for item in block.items for words in item))
    elif isinstance(block, Preformatted) or (not isinstance(block, Table) and block.role != "context"):
        yield block.text


def test_a_study_of_an_older_version_is_answered_from_its_tables_or_as_it_was_printed(
    kind: str, folder_of: Callable[[str], Path], tmp_path: Path
) -> None:
    """It has no answer.json, and neither a run nor a comparison has a text."""
    old = tmp_path / folder_of(kind).name
    shutil.copytree(folder_of(kind), old)
    gone = ["answer.json", *(["answer.txt"] if kind in ("run", "comparison") else [])]
    manifest = json.loads((old / "manifest.json").read_text(encoding="utf-8"))
    for name in gone:
        (old / name).unlink()
        del manifest["files"][name]
    (old / "manifest.json").write_text(json.dumps(sealed(manifest)), encoding="utf-8")
    ours, theirs = report_of(folder_of(kind)), report_of(old)
    assert {each.name for each in theirs.pictures} == {each.name for each in ours.pictures}
    if kind in ("run", "comparison"):
        assert (theirs.lead, theirs.failures, theirs.answer) == (ours.lead, ours.failures, ours.answer)
    else:
        (text,) = theirs.answer
        assert isinstance(text, Preformatted)
        clean = without([*NAMES, CREATED])
        assert text.text == clean((folder_of(kind) / "answer.txt").read_text(encoding="utf-8"))
    told = Page(html_of(theirs))
    assert told.open == [] and ("An older version" in told.text) == (kind not in ("run", "comparison"))


def test_a_run_without_a_whole_year_says_so_and_that_no_older_version_made_it(home: Path, tmp_path: Path) -> None:
    flags = ["--replications", "2", "--jobs", "1", "--set", "years=1"]
    assert main(["run", str(home / "small.toml"), *flags, "--out", str(tmp_path / "short")]) == 0
    report = report_of(tmp_path / "short")
    assert report.lead[0].startswith("The runs cover no whole financial year")
    assert "An older version" not in html_of(report)


def test_a_study_of_which_every_run_failed_says_that_there_is_no_answer(home: Path) -> None:
    scenario = load(home / "small.toml")
    nothing = Outcomes.of([], years_of(scenario))
    failed = [{"replication": number, "traceback": "ValueError: a slip"} for number in range(2)]
    manifest = {"replications": 2, "failures": failed, "asked": {"until": None}}
    answer = answer_of(scenario, summary(nothing), None, nothing, manifest, whole_years(scenario))
    assert answer.lead == ("Every run failed, so there is no answer.",)
    assert answer.failures[0].startswith("2 of 2 replications FAILED")


def _rewritten(folder: Path, lost: str) -> None:
    """Make the folder of a run that of a version that did not have this measure, nor an answer as data."""
    measures = pd.read_parquet(folder / "measures.parquet")
    measures[measures["measure"] != lost].to_parquet(folder / "measures.parquet", index=False)
    summary = (folder / "summary.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in summary if f",{lost}," not in line]
    (folder / "summary.csv").write_text("".join(kept), encoding="utf-8")
    _without_answer(folder)


def _without_answer(folder: Path) -> None:
    """Take the answer out of a folder, and list its files as they are now."""
    (folder / "answer.json").unlink()
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"] = {name: hash_of(folder / name) for name in manifest["files"] if name != "answer.json"}
    (folder / "manifest.json").write_text(json.dumps(sealed(manifest)), encoding="utf-8")


@pytest.mark.parametrize("lost", ["utilisation", "inspections_overdue_at_start"])
def test_a_folder_of_a_version_with_fewer_measures_opens_and_has_a_page(
    lost: str, folder_of: Callable[[str], Path], tmp_path: Path
) -> None:
    run, both = tmp_path / "run", tmp_path / "both"
    shutil.copytree(folder_of("run"), run)
    shutil.copytree(folder_of("comparison"), both)
    inner = sorted(path.parent for path in both.glob("*/manifest.json"))
    for folder in (run, *inner):
        _rewritten(folder, lost)
    _without_answer(both)
    now, before = read(run).outcomes, read(folder_of("run")).outcomes
    for year, name, values in before.columns():
        np.testing.assert_array_equal(now.column(year, name), np.full(len(values), np.nan) if name == lost else values)
    for folder in (run, both):
        assert main(["report", str(folder)]) == 0
        assert Page(folder.with_suffix(".html").read_text(encoding="utf-8")).open == []


def test_a_measure_that_this_version_does_not_know_is_left_out(own: Path) -> None:
    before = read(own).outcomes.values
    measures = pd.read_parquet(own / "measures.parquet")
    measures["measure"] = measures["measure"].astype(str).replace("utilisation", "joy")
    measures.to_parquet(own / "measures.parquet", index=False)
    _without_answer(own)
    now = read(own).outcomes
    place = NAMES_OF_MEASURES.index("utilisation")
    np.testing.assert_array_equal(np.delete(now.values, place, axis=2), np.delete(before, place, axis=2))
    assert np.isnan(now.values[:, :, place]).all()


def test_the_command_on_the_page_repeats_the_study(
    kind: str,
    folder_of: Callable[[str], Path],
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Given to the folder itself it finds this very study there, so nothing is run."""
    folder = folder_of(kind)
    command = shlex.split(report_of(folder).command)
    assert command[0] == "python" and command[-2:] == ["--out", "results/repeated"]
    theirs = home / ("done.csv" if kind == "backtest" else "made_up.csv")
    given = [word.replace("YOUR_FILE", str(theirs)) for word in command[:-2]]
    monkeypatch.chdir(folder.parent)
    monkeypatch.setattr(ensemble, "run_batch", lambda *_: pytest.fail("it was run again"))
    flags = ["--jobs", "1", "--out", str(folder)]
    if kind == "script":
        assert answer_script(*script_of(Path(given[1]).stem), [*given[2:], *flags]) == 0
    else:
        assert given[1:3] == ["-m", "sim"] and main([*given[3:], *flags]) == 0
        assert kind == "comparison" or "Already there, nothing run" in capsys.readouterr().out


def test_every_assumption_is_on_the_page_with_source_and_confidence_in_words(
    home: Path, folder_of: Callable[[str], Path]
) -> None:
    from sim.studies.provenance import outside_scenarios

    report = report_of(folder_of("run"))
    rows = [row for chapter in report.assumptions for row in chapter.rows]
    book = [*entries(load(home / "small.toml")), *outside_scenarios()]
    assert [row.meaning for row in rows] == [entry.meaning for entry in book]
    assert [row.confidence.partition(":")[0].lower() for row in rows] == [entry.note.confidence for entry in book]
    assert {row.source for row in rows} >= {SOURCE}
    assert "social_care_hmi.people" in {row.key for row in rows if row.range == "4 to 9"}


@pytest.mark.slow
def test_weak_assumptions_come_in_the_order_of_what_they_drive_where_that_was_studied(
    folder_of: Callable[[str], Path],
) -> None:
    from sim.analysis.sensitivity import factors_of

    weak = report_of(folder_of("sensitivity")).weak
    assert {row.meaning for row in (*weak.first, *weak.others)} == {
        factor.name for factor in factors_of(load(folder_of("sensitivity") / "scenario.toml"))
    }
    assert "as this study found" in weak.order
    ships = report_of(folder_of("run")).weak
    assert "as a sensitivity study of ilacs_launch found" in ships.order
    assert "python -m sim sensitivity small" in ships.order
    ranks = {
        entry.key: each.rank
        for each in ranked(shipped_ranking(), entries(load(folder_of("run") / "scenario.toml")))
        for entry in each.entries
    }
    places = [ranks.get(row.key.partition(" ")[0], len(ranks) + 1) for row in (*ships.first, *ships.others)]
    assert places == sorted(places) and places[0] == 1


def test_what_differs_is_told_for_each_scenario_against_the_one_it_is_held_against(
    folder_of: Callable[[str], Path],
) -> None:
    ships, other = report_of(folder_of("comparison")).changes
    assert {row.key for row in ships.rows} >= {"years", "workforce.roles.social_care_hmi.people", "authorities"}
    assert [(row.key, row.there, row.here) for row in other.rows] == [
        ("workforce.roles.social_care_hmi.people", "6", "9")
    ]


def test_what_a_script_leaves_out_is_said_and_so_are_caveats(folder_of: Callable[[str], Path]) -> None:
    report = report_of(folder_of("script"))
    assert (
        report.question == "When are the busiest years, and does the backlog of the launch come back three years later?"
    )
    assert [told.head for told in report.asked][:2] == ["Question", "Method"]
    assert report.cautions[0].startswith("The answer leaves out: The inspectorate did not begin the backlog at once")


def test_the_same_folder_gives_the_same_page_wherever_it_stands(
    kind: str, page: str, folder_of: Callable[[str], Path], tmp_path: Path
) -> None:
    copy = tmp_path / folder_of(kind).name
    shutil.copytree(folder_of(kind), copy)
    assert html_of(report_of(copy)) == page


# ---------------------------------------------------------------- safe to send on


def test_hostile_text_is_shown_and_not_interpreted(page_of: Callable[[str], str]) -> None:
    html = page_of("run")
    told = Page(html)
    assert " ".join(SHOWN.split()) in told.text and SOURCE in told.text
    assert {tag for tag, _ in told.elements} & {"script", "b", "i", "iframe", "object", "link", "form"} == set()
    assert [name for _, attributes in told.elements for name in attributes if name.startswith("on")] == []
    assert "\u202e" not in html


def test_no_authority_is_named_on_any_page(page: str) -> None:
    text = Page(page).text + page
    assert [name for name in (*NAMES, CREATED, UNLISTED) if name in text or name.lower() in text.lower()] == []


def test_a_name_is_taken_out_as_it_may_be_written_and_words_that_hold_it_stay() -> None:
    clean = without(["Reading", "Nether Sondershire", "A1", "1234"])
    assert clean("Reading and READING, in Reading's files_Reading_1.png") == (
        f"{IN_PLACE} and {IN_PLACE}, in {IN_PLACE}'s files_{IN_PLACE}_1.png"
    )
    assert clean("nether_sondershire, Nether  Sondershire") == f"{IN_PLACE}, {IN_PLACE}"
    assert clean("reading intelligence in Readington with A1 in 1234") == (
        "reading intelligence in Readington with A1 in 1234"
    )


SPELLINGS = {
    "Alderney and Fulham": (
        "Alderney & Fulham",
        "ALDERNEY&FULHAM",
        "alderney And fulham",
        "Alderney\u200b and Ful\u00adham",
    ),
    "St Hilda's": ("St. Hilda's", "Saint Hildas", "ST HILDA\u2019S"),
    "Isle of Sonder": ("Isles of Sonder", "isle-of-sonder", "Isle  of\nSonder"),
    "Ynys M\u00f4r": ("Ynys Mor", "YNYS MO\u0302R"),
    "Gorse, City of": ("Gorse", "GORSE City Council", "City of Gorse", "Gor\u200dse", "both Gorses"),
    "Royal Borough of Kenfield": ("Kenfield", "Kenfield's", "\uff2benfield"),
}
"""Names, and other spellings of them that the page promises to find."""


@pytest.mark.parametrize("name", SPELLINGS)
def test_a_name_is_taken_out_in_every_spelling_that_the_page_promises_to_find(name: str) -> None:
    clean = without([name])
    told = [clean(f"It is late at {spelling}, again.") for spelling in (name, *SPELLINGS[name])]
    assert [each for each in told if IN_PLACE not in each] == []
    left = {word for each in told for word in re.findall(r"\w+", each.casefold())}
    assert left <= {"it", "is", "late", "at", "an", "authority", "again", "s", "city", "council", "of", "both"}


def test_short_forms_that_are_regions_stay_and_so_do_words_that_are_no_names() -> None:
    clean = without(["City of London", "Reading"], ["London"])
    assert clean("London has 8 people; City Of London and READING none, says one reading.") == (
        f"London has 8 people; {IN_PLACE} and {IN_PLACE} none, says one reading."
    )


def test_a_chart_that_names_an_authority_stays_in_the_folder(folder_of: Callable[[str], Path], tmp_path: Path) -> None:
    copy = tmp_path / "run"
    shutil.copytree(folder_of("run"), copy)
    answer = json.loads((copy / "answer.json").read_text(encoding="utf-8"))
    (chart,) = (block for block in answer["blocks"] if block["block"] == "figure" and block["name"] == "workload")
    chart["message"] = f"{NAMES[0]} takes most of the time."
    chart["details"] = ["A bar for each authority.", f"{NAMES[2]}: 12"]
    (copy / "answer.json").write_text(json.dumps(answer), encoding="utf-8")
    manifest = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"]["answer.json"] = hash_of(copy / "answer.json")
    (copy / "manifest.json").write_text(json.dumps(sealed(manifest)), encoding="utf-8")
    told = Page(html_of(report_of(copy)))
    assert "The chart workload.png names authorities" in told.text and f"{IN_PLACE}: 12" in told.text
    assert len([tag for tag, _ in told.elements if tag == "img"]) == len(list(copy.glob("*.png"))) - 1


def test_the_page_asks_nothing_of_the_network(page: str) -> None:
    told = Page(page)
    policy = next(each["content"] for tag, each in told.elements if tag == "meta" and "http-equiv" in each)
    assert policy.startswith("default-src 'none'; img-src data:; style-src 'sha256-")
    assert all(source.startswith("data:image/png;base64,") for source in told.having("src"))
    assert all(link.startswith("#") for link in told.having("href"))
    assert told.having("style") == [] and "http:" not in page and "@import" not in page and "url(" not in page


# ---------------------------------------------------------------- the command


@pytest.fixture
def own(folder_of: Callable[[str], Path], tmp_path: Path) -> Path:
    """A folder of results that a test may spoil."""
    shutil.copytree(folder_of("run"), tmp_path / "mine")
    return tmp_path / "mine"


def test_the_page_stands_beside_the_folder_and_the_study_still_knows_its_own(
    own: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", str(own)]) == 0
    place = own.parent / "mine.html"
    assert f"Written: {place}" in capsys.readouterr().out
    assert place.read_text(encoding="utf-8") == html_of(report_of(own))
    assert run(home, own) == 0
    assert "Already there, nothing run" in capsys.readouterr().out
    assert main(["report", str(own)]) == 0  # it replaces the page of before
    assert sorted(path.name for path in own.parent.iterdir()) == ["mine", "mine.html"]


def test_the_page_of_a_scenario_of_a_comparison_stands_beside_the_comparison(
    folder_of: Callable[[str], Path], tmp_path: Path
) -> None:
    shutil.copytree(folder_of("comparison"), tmp_path / "both")
    assert main(["report", str(tmp_path / "both" / "small")]) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["both", "both_small.html"]


def _damaged(folder: Path) -> None:
    path = folder / "summary.csv"
    path.write_bytes(path.read_bytes().replace(b"1", b"2", 1))


def _without(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def _unfinished(folder: Path) -> None:
    (folder / "manifest.json").unlink()
    (folder / "unfinished").mkdir()
    begin(folder, {"seed": 1}, "", [], "2026-11-30", [])


def _foreign(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()
    (folder / "thesis.txt").write_text("years of work", encoding="utf-8")


def _a_file(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.write_text("x", encoding="utf-8")


def _of_nothing_known(folder: Path) -> None:
    (folder / "manifest.json").write_text(
        '{"files": {}, "asked": {"question": "the meaning of life"}}', encoding="utf-8"
    )


def _reaching_out(folder: Path) -> None:
    secret = folder.parent / "secret.txt"
    secret.write_text("secret", encoding="utf-8")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"]["../secret.txt"] = hash_of(secret)
    (folder / "manifest.json").write_text(json.dumps(sealed(manifest)), encoding="utf-8")


def _of_another_version(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    del manifest["asked"]["until"]
    (folder / "manifest.json").write_text(json.dumps(sealed(manifest | {"code": "0123"})), encoding="utf-8")


def _changed_by_hand(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    (folder / "manifest.json").write_text(json.dumps(manifest | {"packages": "many"}), encoding="utf-8")


def _with_a_table_of_others(folder: Path) -> None:
    (folder / "answer.json").write_text(
        '{"version": 1, "study": "run", "blocks": [{"block": "table", "caption": "", "head": ["a"], '
        '"rows": [[["b"]]]}]}',
        encoding="utf-8",
    )
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"]["answer.json"] = hash_of(folder / "answer.json")
    (folder / "manifest.json").write_text(json.dumps(sealed(manifest)), encoding="utf-8")


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (_changed_by_hand, 'manifest.json has packages "many", not a table of versions by name'),
        (_with_a_table_of_others, "answer.json"),
        (_of_another_version, "do not come from this version of the program"),
        (_damaged, "summary.csv has changed since it was written"),
        (_without("workload.png"), "workload.png is missing"),
        (_without("manifest.json"), "it is not the folder of a study"),
        (_unfinished, "is not finished"),
        (_foreign, "it is not the folder of a study"),
        (_of_nothing_known, "manifest.json has no seed"),
        (_reaching_out, "../secret.txt is outside the folder"),
        (shutil.rmtree, "there is no such folder"),
        (_a_file, "it is a file"),
    ],
)  # fmt: skip
def test_a_folder_that_is_no_whole_study_is_refused_in_plain_words(
    spoil: Callable[[Path], object], says: str, own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(own)
    assert main(["report", str(own)]) == 2
    said = capsys.readouterr().err
    assert says in said and "nothing was run or written" in said and "Traceback" not in said and "`" not in said
    assert not (own.parent / "mine.html").exists()


def test_a_damaged_folder_is_made_again_with_the_flag_of_the_command_that_makes_it(
    own: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _damaged(own)
    assert run(home, own) == 2
    said = capsys.readouterr().err
    assert "make the study again with --overwrite" in " ".join(said.split()) and "`" not in said


def test_a_folder_whose_tables_cannot_be_read_is_refused_in_plain_words(
    own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (own / "summary.csv").write_text("", encoding="utf-8")
    _without_answer(own)
    assert main(["report", str(own)]) == 2
    assert "do not come from this version of the program" in capsys.readouterr().err


def test_a_fault_of_the_program_is_not_blamed_on_the_folder(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def slip(_: object) -> str:
        raise KeyError("a slip")

    monkeypatch.setattr("sim.report.contents.question_of", slip)
    with pytest.raises(KeyError, match="a slip"):
        report_of(own)


def test_a_comparison_of_which_a_scenario_was_made_anew_is_refused(
    folder_of: Callable[[str], Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    both = tmp_path / "both"
    shutil.copytree(folder_of("comparison"), both)
    manifest = json.loads((both / "small" / "manifest.json").read_text(encoding="utf-8"))
    (both / "small" / "manifest.json").write_text(json.dumps(manifest | {"finished": "later"}), encoding="utf-8")
    assert main(["report", str(both)]) == 2
    assert "manifest.json has changed since it was written" in capsys.readouterr().err
    (both / "manifest.json").unlink()
    assert main(["report", str(both)]) == 2
    assert "only folders that have one" in capsys.readouterr().err


def test_a_place_that_is_not_the_pages_is_refused_and_stays(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    thesis = own.parent / "thesis.html"
    thesis.write_text("years of work", encoding="utf-8")
    for place, says in (
        (thesis, "that this command did not write"),
        (own / "report.html", "inside the folder of a study"),
        (own.parent, "it is a folder"),
        (own.parent / "page.txt", "a name that ends in .html or .htm"),
        (thesis / "page.html", "cannot write there"),
    ):
        assert main(["report", str(own), "--out", str(place)]) == 2
        assert says in capsys.readouterr().err
    assert thesis.read_text(encoding="utf-8") == "years of work"
    assert read(own).replications == 4
    assert sorted(path.name for path in own.parent.iterdir()) == ["mine", "thesis.html"]


def test_every_fault_of_folder_and_place_is_said_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", str(tmp_path / "nothing"), "--out", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert "2 things to put right" in said and "no such folder" in said and "it is a folder" in said


# ---------------------------------------------------------------- in a browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Tab]:
    with tab() as started:
        yield started


WIDTHS = (320, 1280)


@pytest.mark.parametrize("width", WIDTHS)
def test_a_browser_has_nothing_to_complain_of_and_nothing_runs_off_its_edge(
    width: int, kind: str, page: str, browser: Tab, tmp_path: Path
) -> None:
    place = tmp_path / "page.html"
    place.write_text(page, encoding="utf-8")
    browser.complaints.clear()
    browser.requests.clear()
    browser.open(place.as_uri(), width)
    assert browser.evaluate("document.querySelectorAll('section').length") >= 7
    browser.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    assert browser.evaluate("document.documentElement.scrollWidth") <= width
    pictures = "Array.from(document.images).every(each => each.complete && each.naturalWidth > 0)"
    assert browser.evaluate(pictures)
    assert browser.complaints == []
    assert [url for url in browser.requests if url != place.as_uri() and not url.startswith("data:")] == []


def test_answer_picture_and_what_to_know_first_take_one_printed_page(
    kind: str, page: str, browser: Tab, tmp_path: Path
) -> None:
    """What is folded is not printed, and what can be moved has a page of its own."""
    place, printed = tmp_path / "page.html", tmp_path / "page.pdf"
    place.write_text(page, encoding="utf-8")
    browser.open(place.as_uri(), 1280)
    order = "Array.from(document.querySelectorAll('main > *'), each => each.id || each.className)"
    (answer, first, *rest) = browser.evaluate(order)
    assert (answer, first) == ("answer", "first") and set(rest) == {
        "paper",
        "part",
        *(["move"] if "move" in rest else []),
    }
    assert browser.evaluate("document.querySelectorAll('#answer .lead').length") >= 1
    assert browser.evaluate("document.querySelectorAll('#answer img').length") == 1
    assert browser.evaluate("document.querySelectorAll('details[open]').length") == 0
    browser.pdf(printed)
    assert printed.read_bytes().count(b"/Type /Page\n") == (2 if "move" in rest else 1)


def test_what_is_wider_than_the_screen_scrolls_and_says_so_and_charts_stay_legible(
    page_of: Callable[[str], str], browser: Tab, tmp_path: Path
) -> None:
    place = tmp_path / "page.html"
    place.write_text(page_of("run"), encoding="utf-8")
    said = {}
    for width in (400, 1280):
        browser.open(place.as_uri(), width)
        browser.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
        told = browser.evaluate(
            "JSON.stringify(Array.from(document.querySelectorAll('.scroll'), each => [each.scrollWidth > "
            "each.clientWidth, each.querySelector('.sideways').getBoundingClientRect().height > 20]))"
        )
        regions = json.loads(told)
        assert all(scrolls == says for scrolls, says in regions)
        said[width] = sum(says for _, says in regions)
        assert browser.evaluate("Math.min(...Array.from(document.images, each => each.width))") >= 768
    assert said[1280] < said[400] and said[400] > 10


@pytest.mark.parametrize("width", [WIDTHS[0], pytest.param(WIDTHS[1], marks=pytest.mark.slow)])
def test_axe_core_finds_no_violation(width: int, page_of: Callable[[str], str], browser: Tab, tmp_path: Path) -> None:
    """Of the page that has every kind of element; some of what is folded together is opened."""
    place = tmp_path / "page.html"
    place.write_text(page_of("run"), encoding="utf-8")
    browser.open(place.as_uri(), width)
    browser.evaluate(
        "Array.from(document.querySelectorAll('details')).slice(0, 9).forEach(one => { one.open = true; })"
    )
    passes, violations = axe_finds(browser)
    assert violations == [] and passes > 20


def test_axe_core_sees_a_page_that_is_wrong(browser: Tab, tmp_path: Path) -> None:
    axe = axe_core()
    place = tmp_path / "wrong.html"
    place.write_text('<!doctype html><html lang="en"><title>x</title><img src="data:,"><p style="color:#ccc">pale')
    browser.open(place.as_uri(), 320)
    browser.evaluate(f"{axe}; 0")
    found = browser.evaluate("axe.run().then(found => found.violations.map(each => each.id).join())")
    assert {"image-alt", "color-contrast"} <= set(found.split(","))
