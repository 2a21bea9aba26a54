"""The answer comes first: whether inspections are on time, why not, which role binds; and it fits where it is shown."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.base.figures import count
from sim.base.package_data import table
from sim.cli.main import main
from sim.cli.output import LEAST_WIDTH
from sim.inputs.scenario import load
from sim.report.contents import report_of
from sim.studies.answer import WIDTH, Sentence, Table, read
from sim.studies.ensemble_answer import (
    NONE_DUE,
    NOT_SPARE,
    OVER,
    SPARE,
    _binding_role,
    _in_short,
    _left_out,
    _on_time,
    nobody_in_post,
)

YEARS = ("2018-19", "2019-20", "2020-21")


def kept(*means: float) -> dict[object, dict[object, float]]:
    """Shares of inspections on time of as many years."""
    return {year: {"mean": mean, "p10": mean, "p90": mean} for year, mean in zip(YEARS, means, strict=False)}


@pytest.mark.parametrize(
    ("means", "words"),
    [
        (
            (0.97, 0.95, 1.0),
            "Yes: 95% or more begin by their latest date in each of the 3 whole years. The year ",
        ),
        (
            (0.97, 0.74, 1.0),
            "In part: 95% or more begin by their latest date in 2 of the 3 whole years. The year ",
        ),
        (
            (0.5, 0.4, 0.9),
            "No: 95% or more begin by their latest date in none of the 3 whole years. "
            "The year with the most late inspections is 2019-20, when",
        ),
        ((0.9496, 0.95, 0.99), "Yes: 95% or more begin by their latest date in each of the 3 whole years"),
        ((0.97,), "Yes: in 2018-19, 97% (97% to 97%) begin by their latest date; the service level is 95%."),
        ((0.5,), "No: in 2018-19, 50% (50% to 50%) begin by their latest date; the service level is 95%."),
    ],
)
def test_the_first_sentence_says_yes_in_part_or_no(means: tuple[float, ...], words: str) -> None:
    assert _on_time(kept(*means), {}, len(means)).startswith(f"Are inspections on time? {words}")


def test_the_hardest_year_is_that_in_which_most_are_late_and_not_one_of_few() -> None:
    words = _on_time(kept(0.2, 0.6, 1.0), {"2018-19": 0.5, "2019-20": 9.0, "2020-21": 0.0}, 3)
    assert "The year with the most late inspections is 2019-20, when 60% " in words


def test_where_no_inspection_falls_due_nothing_is_said_of_their_time() -> None:
    none: dict[Hashable, float] = dict.fromkeys(("2018-19", "2019-20", "2020-21"), 0.0)
    assert "most late" not in _on_time(kept(1.0, 1.0, 1.0), none, 3)
    assert _on_time(kept(1.0, 1.0, 1.0), none, 5).endswith(
        "in each of the 3 whole years in which any inspection has its latest date."
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("home") / "out"
    flags = ["--set", "years=3", "--replications", "2", "--jobs", "1", "--detail", "measures", "--out", str(out)]
    assert main(["run", "ilacs_launch", *flags]) == 0
    return out


def test_after_the_question_comes_the_answer_and_then_the_role_that_binds(folder: Path) -> None:
    question, answer, role = (block for block in read(folder).blocks[:3] if isinstance(block, Sentence))
    assert question.text.startswith("ilacs_launch: Can the inspectorate")
    assert answer.text.startswith("Are inspections on time? ")
    assert "from 2018-19 to 2019-20" in answer.text
    assert " are the busiest role: the work takes " in role.text
    assert "is not spare: a visit needs a lead and a whole team" in role.text


def test_the_backlog_that_no_year_counts_stands_beside_the_late_inspections(folder: Path) -> None:
    figures = pd.read_csv(folder / "summary.csv")
    overdue = float(figures.loc[figures["measure"] == "inspections_overdue_at_start", "mean"].sum())
    about = "" if overdue == int(overdue) else "about "
    said = f"leave out {about}{count(overdue)} inspections that were already past their latest date at the start."
    assert said in read(folder).lead[0]


@pytest.mark.parametrize(
    ("overdue", "words"),
    [(0.2, ""), (1.0, "1 inspection that was already past its"), (2.0, " 2 inspections that were"), (2.1, "about 2 ")],
)
def test_one_inspection_that_was_overdue_is_one_and_none_is_not_said(overdue: float, words: str) -> None:
    assert words in _left_out(overdue) and bool(_left_out(overdue)) == bool(words)


def test_where_no_inspection_has_its_latest_date_none_is_said_to_be_late_or_on_time() -> None:
    rows = {"inspections_on_time": np.nan, "inspections_late": 0.0, "inspections_overdue_at_start": 2.0}
    rows["judgements_older_than_3_5_years"] = 0.0
    index = pd.MultiIndex.from_product([rows, YEARS[:1]], names=["measure", "financial_year"])
    figures = pd.DataFrame({name: list(rows.values()) for name in ("mean", "p10", "p90")}, index=index)
    said = _in_short(figures, YEARS[:1], "No inspection starts late in 2018-19.", binds=False)[0]
    assert said == NONE_DUE


@pytest.mark.parametrize(
    ("use", "waits", "spare"), [(0.2, 0.0, True), (0.2, 3.0, False), (0.8, 0.0, False)], ids=["idle", "waiting", "busy"]
)
def test_time_is_called_spare_only_where_nobody_waits_for_people_and_half_of_it_is_left(
    use: float, waits: float, spare: bool
) -> None:
    rows = {"utilisation_social_care_hmi": use, "inspections_late_lead_week": waits}
    index = pd.MultiIndex.from_product([rows, YEARS[:1]], names=["measure", "financial_year"])
    figures = pd.DataFrame({name: list(rows.values()) for name in ("mean", "p10", "p90")}, index=index)
    assert (SPARE in _binding_role(figures, YEARS[:1])) is spare
    assert (NOT_SPARE in _binding_role(figures, YEARS[:1])) is not spare
    figures.loc["utilisation_social_care_hmi"] = 1.1
    assert OVER in _binding_role(figures, YEARS[:1])


def test_people_meant_for_a_larger_table_are_the_first_thing_said_and_stay_with_the_study(tmp_path: Path) -> None:
    rows = (table("authorities_2018-01-31.csv")).splitlines()
    (tmp_path / "few.csv").write_text("\n".join(rows[:31]) + "\n", encoding="utf-8")
    settings = [
        "--set",
        f"authorities={tmp_path / 'few.csv'}",
        "--set",
        "years=2",
        "--replications",
        "1",
        "--jobs",
        "1",
    ]
    assert main(["run", "ilacs_launch", *settings, "--out", str(tmp_path / "out")]) == 0
    assert read(tmp_path / "out").lead[0].startswith("Read this first: there are 30 authorities, but the 103 people")


def test_what_the_answer_does_not_hold_is_among_the_first_things_to_know_on_the_page(folder: Path) -> None:
    limits = read(folder).limits
    assert "low confidence" in limits[0] and "planning.programme" in limits[1]
    assert report_of(folder).cautions[:2] == limits


def test_the_role_that_binds_is_the_first_column_of_roles_and_no_figure_is_over_all_of_them(folder: Path) -> None:
    tables = {block.caption: block for block in read(folder).blocks if isinstance(block, Table)}
    roles = tables["Share of each role's time that the work takes, busiest role first"]
    figures = pd.read_csv(folder / "summary.csv")
    use = figures["measure"].str.startswith("utilisation_")
    whole = figures[figures["financial_year"].isin(YEARS[:2]) & use].set_index("measure")["mean"]
    busiest = whole.idxmax()
    assert f"utilisation_{roles.head[1].replace(' ', '_')}".lower() == busiest
    assert not any("utilisation" in head for each in tables.values() for head in each.head)


def test_a_role_that_visits_need_and_nobody_has_is_the_headline(tmp_path: Path) -> None:
    nobody = {"workforce.roles.social_care_hmi.people": 0, "years": 2, "replications": 1}
    words = nobody_in_post(load("ilacs_launch", nobody))
    assert words.startswith("THERE ARE NO social care HMI IN POST, so no ")
    assert "standard inspection" in words
    settings = [flag for key, value in nobody.items() for flag in ("--set", f"{key}={value}")]
    assert main(["run", "ilacs_launch", *settings, "--jobs", "1", "--out", str(tmp_path / "out")]) == 0
    assert read(tmp_path / "out").lead[0] == words
    assert read(tmp_path / "out").lead[1].startswith("Are inspections on time? No: ")
    assert not any("busiest role" in each for each in read(tmp_path / "out").lead)


def test_a_role_that_has_people_or_recruits_them_is_not_missed() -> None:
    assert not nobody_in_post(load("ilacs_launch"))
    assert not nobody_in_post(load("freeze_then_campaign", {"workforce.roles.social_care_hmi.people": 0}))


CELLS = st.text("abc 1", min_size=1, max_size=14).map(str.strip).filter(bool)


@given(st.integers(1, 9).flatmap(lambda columns: st.lists(
    st.tuples(*[st.one_of(CELLS, st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)).map(
        lambda each: f"{each[0]} ({each[0]}-{each[1]})"))] * columns), min_size=1, max_size=5,
)), st.integers(LEAST_WIDTH, WIDTH))  # fmt: skip
def test_no_line_of_a_table_is_wider_than_the_terminal_and_no_cell_is_lost(
    rows: list[tuple[str, ...]], width: int
) -> None:
    table = Table("caption", ("year", *(f"a head of column {place}" for place, _ in enumerate(rows[0]))), tuple(
        (f"{2000 + number}", *row) for number, row in enumerate(rows)
    ))  # fmt: skip
    lines = list(table.lines(width))
    assert all(len(line) <= width for line in lines)
    written = " ".join(lines).split()
    for row in (table.head, *table.rows):
        for cell in row:
            for word in cell.split():
                assert word in written


def test_the_headline_of_the_launch_fits_80_columns_and_is_folded_between_words(folder: Path) -> None:
    text = read(folder).text(80)
    assert max(map(len, text.splitlines())) <= 80
    whole = read(folder).text()
    assert max(map(len, whole.splitlines())) <= WIDTH
    assert {*whole.split()} - {*text.split()} == set()


def test_where_results_are_is_one_line(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    flags = ["--set", "years=3", "--replications", "2", "--jobs", "1", "--detail", "measures", "--out", str(folder)]
    assert main(["run", "ilacs_launch", *flags]) == 0
    last = capsys.readouterr().out.strip().splitlines()[-1]
    assert last == f"Already there, nothing run: {folder}/ ({len(list(folder.iterdir()))} files)"


def test_quiet_prints_the_answer_and_nothing_beside_it_for_one_command(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    flags = ["--set", "years=1", "--replications", "1", "--jobs", "1", "--detail", "measures"]
    assert main(["run", "ilacs_launch", *flags, "--quiet", "--out", str(tmp_path / "quiet")]) == 0
    quiet = capsys.readouterr()
    assert "Are inspections on time?" in quiet.out or "no whole financial year" in quiet.out
    assert not quiet.err
    assert main(["run", "ilacs_launch", *flags, "--out", str(tmp_path / "usual")]) == 0
    assert "Note: 5 of 152 authorities have a note" in capsys.readouterr().err
