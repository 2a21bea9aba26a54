"""What is wrong with an input is said in plain words, every fault at once, before anything runs or is written."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from sim.base.faults import Fault, InputError
from sim.base.package_data import shipped
from sim.cli import script
from sim.cli.main import main
from sim.inputs.authorities import Authority
from sim.inputs.authority_tables import TableSource, parse_table
from sim.inputs.scenario import load
from sim.inputs.toml_tree import to_toml

Refused = Callable[..., str]
HEAD = 'extends = "ilacs_launch"\n'
COLUMNS = "authority,region,judgement,inspected_on\n"
ROW = "Alpha,London,good,2016-05-05\n"
OF_PYTHON = ("Traceback", "dictionary", "tuple", "instance of", "NoneType", "pydantic", "found True", "datetime.")
"""Words that a planner who knows no Python cannot be expected to read."""


@pytest.fixture
def refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Refused:
    """Give a command that must be refused, and the words that its message must hold; get the message."""
    monkeypatch.chdir(tmp_path)

    def run_nothing(*_: object) -> None:
        pytest.fail("it was taken, and something was run")

    monkeypatch.setattr("sim.runs.ensemble.run_batch", run_nothing)

    def refuse(*arguments: str, says: tuple[str, ...] | list[str] = ()) -> str:
        before = contents(tmp_path)
        try:
            status: object = main(arguments)
        except SystemExit as end:
            status = end.code
        message = capsys.readouterr().err
        assert status == 2, message
        assert contents(tmp_path) == before, "something was written"
        assert [word for word in OF_PYTHON if word in message] == [], message
        assert [word for word in says if word not in message] == [], message
        return message

    return refuse


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder with its bytes, hidden ones too."""
    return {str(path): path.read_bytes() if path.is_file() else b"" for path in folder.rglob("*")}


SETTINGS = """
a misspelt key                 | yeers=4 | yeers | 'years'
a misspelt table               | workforce.rolls.senior_hmi.people=4 | workforce.rolls | 'roles'
a misspelt role                | workforce.roles.senior_hmj.people=4 | senior_hmj | 'senior_hmi'
a misspelt key of a role       | workforce.roles.social_care_hmi.peeple=4 | social_care_hmi.peeple | 'people'
a misspelt key of a visit      | frameworks.ilacs_2017.visits.short.notice_week=2 | short.notice_week | 'notice_weeks'
a misspelt key of a seat|frameworks.ilacs_2018.visits.short.team.lead.writing_up=2| writing_up | 'writing_up_days'
a misspelt key of a pathway    | frameworks.ilacs_2018.pathways.good.interval_month=2 | good | 'interval_months'
a misspelt key of a deep table | frameworks.ilacs_2018.pathways.good.contacts.focused.visit=2 | focused.visit | 'visits'
notes, which are no key        | notes=3 | notes
a negative team                | frameworks.ilacs_2017.visits.short.team.schools.people.small=-1 | people.small | -1
negative people                | workforce.roles.social_care_hmi.people=-1 | social_care_hmi.people | -1 | 0
a number for people in post    | workforce.in_post=3 | workforce.in_post | 3 | list
a person of no role            | workforce.in_post=[{role="cook", region="London", hours=1.0, may_lead=true}] | 'cook'
a person of no region   | workforce.in_post=[{role="senior_hmi", region="Londom", hours=1, may_lead=true}] | 'London'
nobody in post                 | workforce.in_post=[] | workforce.in_post | at least 1
an unknown region of by_region | workforce.roles.senior_hmi.by_region={Londom=8} | by_region | 'Londom' | 'London'
by_region that does not add up | workforce.roles.senior_hmi.by_region={London=3} | senior_hmi | 3 | 8
no time at all                 | years=0 | years | found 0 | 1
an end before the start        | years=-3 | years | found -3 | 1
a start past the bank holidays | start=2049-01-01 | start | 2049-01-01 | bank holidays
a start before bank holidays   | start=1990-01-01 | start | 1990-01-01 | bank holidays
a start that is no date        | start=soon | start | 'soon' | date
a start before the inspections | start=2016-01-01 | start | 2016-01-01 | authorities were inspected after it | set start
an unknown framework           | framework=ilacs_2019 | framework | 'ilacs_2019' | 'ilacs_2018'
frameworks out of order        | framework=["ilacs_2018", "ilacs_2017"] | framework | after
a framework twice              | framework=["ilacs_2017", "ilacs_2017"] | framework | after
no framework                   | framework=[] | framework | at least one
a setting without equals       | workforce.leave_days | --set | workforce.leave_days | key.path=value
a setting of nothing           | =4 | --set | key.path=value
a word for a number            | workforce.roles.social_care_hmi.people=many | social_care_hmi.people | 'many'
half a person                  | workforce.roles.social_care_hmi.people=1.5 | social_care_hmi.people | 1.5
yes for a number               | workforce.roles.social_care_hmi.people=true | social_care_hmi.people
a number for a table           | workforce=3 | workforce | 3
a number for the authorities   | authorities=3 | authorities | 3
a probability above 1          | workforce.part_time_share=1.5 | part_time_share | 1.5 | 1
a mix above 1                  | ratings.mix.good=0.9 | mix | 1.5527 | add up to 1
a mix of a day too early       | ratings.mix_on=1999-12-31 | ratings.mix_on | 1999-12-31 | 2000-01-01
a judging row above 1          | ratings.judging.good.good=1.0 | judging.good | 1.1061 | add up to 1
drift to itself                | ratings.drift.good.good=0.1 | drift.good.good | cannot move to where it is
drift to no judgement          | ratings.drift.good.goood=0.1 | drift.good | goood | 'good'
a share that is no number      | workforce.part_time_share=nan | part_time_share | nan
a rate that is no number       | workforce.roles.senior_hmi.turnover_a_year=nan | turnover_a_year | nan
endless sickness               | workforce.sick_days=inf | sick_days | inf
an endless spell of sickness   | workforce.sick_spell_days=inf | sick_spell_days | inf
a backlog from later on | planning.backlog_begins_on=2018-03-01 | backlog_begins_on | 2018-03-01 is after the start
endless publication            | frameworks.ilacs_2017.visits.short.publication.p90_days=inf | p90_days | inf
an unknown kind| frameworks.ilacs_2017.pathways.good.inspection=shortt | good.inspection | 'shortt' | short
a visit for an inspection|frameworks.ilacs_2017.pathways.good.inspection=focused|good
an unknown confidence|workforce.leave_days={value=2, source="us", confidence="sure"}|confidence|'sure' | low
a range upside down|workforce.leave_days={value=2,source="us",confidence="low",low=5,high=1}|leave_days.low|5|above
no replications                | replications=0 | replications | found 0 | 1
a name that leads elsewhere    | name="../elsewhere" | name | ../elsewhere
a name that is empty           | name="" | name
a week that no year has        | calendar.closed_weeks=[60] | closed_weeks | 60 | 53
terms that do not ascend       | calendar.term_months=[1, 9, 4] | term_months | ascend
an interval past the calendar  | frameworks.ilacs_2017.pathways.good.interval_months=100000 | 100000
an induction past the calendar | workforce.induction_months=100000 | induction_months | 100000
meetings past the calendar     | frameworks.ilacs_2017.engagement.every_months=100000 | 100000
travel past the calendar       | planning.travel_days_elsewhere=3000 | travel_days_elsewhere | 3000
rest for ever                  | frameworks.ilacs_2017.visits.short.rest_weeks=1000000000 | 1000000000
leave all the year round       | workforce.leave_days=400 | leave_days | 400
"""
ROWS = [[cell.strip() for cell in line.split("|")] for line in SETTINGS.splitlines() if line]
CASES = {case: cells for case, *cells in ROWS}
"""What is set, and then the words that the message must hold."""


@pytest.mark.parametrize("case", CASES)
def test_a_setting_that_is_wrong_is_refused_with_key_value_and_what_is_allowed(case: str, refused: Refused) -> None:
    setting, *words = CASES[case]
    where = "authorities_2018-01-31.csv, line" if "inspected_on" in words else "--set"
    message = refused("run", "ilacs_launch", "--jobs", "1", "--set", setting, says=[f"  {where}", *words])
    assert "(built-in)" not in message


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("Alpha,London,good,2016-05-05,huge", ["column size", "'huge'", "small"]),
        ("Alpha,London,good,2016-05-05,", []),
    ],
)
def test_a_size_that_there_is_not_is_refused_and_none_is_medium(row: str, says: list[str]) -> None:
    text = f"{COLUMNS.strip()},size\n{row}\n"
    mine = TableSource(file="mine.csv")
    if not says:
        assert [each.size for each in parse_table(text.encode(), mine).authorities] == ["medium"]
        return
    with pytest.raises(InputError) as refusal:
        parse_table(text.encode(), mine)
    assert all(word in str(refusal.value) for word in ("mine.csv", "'huge'", "small"))


ALPHA = Authority(authority="Alpha", region="London", judgement="good", inspected_on=date(2016, 5, 5))
CAMPAIGN = {"kind": "recruitment", "begins_on": date(2019, 1, 1), "people": 3}
BY_SCRIPT: dict[str, tuple[dict[str, object], str]] = {
    "an authority twice": ({"authorities": (ALPHA, ALPHA)}, "'Alpha' appears more than once"),
    "an authority of a region where nobody works": (
        {"authorities": (ALPHA.model_copy(update={"region": "Londom"}),)},
        "authorities.Alpha.region: no inspector is based in 'Londom'.*'London'",
    ),
    "no authority": ({"authorities": ()}, "the table is empty"),
    "a region twice": ({"workforce.regions": ("London", "London")}, "workforce.regions: 'London' appears more than"),
    "a grade that is never judged so": (
        {"ratings.judging.outstanding": {"outstanding": 0.0, "good": 1.0}, "ratings.judging.good.outstanding": 0.0}
        | {"ratings.judging.good.good": 0.94695},
        "no quality in the mix can be judged outstanding",
    ),
    "draws of what may not vary": (
        {"draws": {"costs.inspector_day_pounds": (1.0, 2.0)}},
        "not a parameter that may vary",
    ),
    "draws of unequal number": (
        {"draws": {"drift.good.outstanding": (1.0, 2.0), "drift.outstanding.good": (1.0,)}},
        "every column must have the same number of draws",
    ),
    "no draws at all": ({"draws": {"drift.good.outstanding": ()}}, "at least one"),
    "a draw of nothing": ({"draws": {"drift.good.outstanding": (1.0, 0.0)}}, "a draw must be a number above 0"),
    "a campaign that ends as it begins": (
        {"shocks": {"wave": {**CAMPAIGN, "role": "social_care_hmi", "ends_on": date(2019, 1, 1)}}},
        "ends_on: 2019-01-01 is not after begins_on, 2019-01-01",
    ),
}
"""What only a script can give, since files are refused before."""


@pytest.mark.parametrize("case", BY_SCRIPT)
def test_what_a_script_gives_is_refused_in_words_as_well(case: str) -> None:
    changes, words = BY_SCRIPT[case]
    with pytest.raises(InputError, match=words):
        load("ilacs_launch", changes)


def test_a_value_that_is_longer_than_a_line_is_cut_and_what_is_allowed_still_said() -> None:
    said = str(Fault("mine.toml", "name", "x" * 500, "give a shorter one"))
    assert said.startswith("mine.toml: name: found 'xxx") and said.endswith("xxx...; give a shorter one")
    assert len(said) < 170
    assert "..." not in str(Fault("mine.toml", "name", "x" * 110, "give a shorter one"))


def test_a_fault_is_blamed_on_the_flag_or_the_file_that_has_it(refused: Refused) -> None:
    Path("mine.toml").write_text(HEAD + "years = 0\n", encoding="utf-8")
    flags = ("--set", "workforce.leave_days=-1", "--seed", "-1")
    message = refused("run", "mine.toml", *flags, says=["mine.toml: years: ", "--set: workforce.leave_days: "])
    assert "--seed: seed: found -1" in message
    assert message.count("mine.toml") == 1
    Path("mine.csv").write_text(COLUMNS + "Alpha,London,fine,2016-05-05\n", encoding="utf-8")
    refused("describe", "ilacs_launch", "--set", "authorities=mine.csv", says=["  mine.csv, line 2: judgement"])


def test_a_region_named_twice_is_refused(refused: Refused) -> None:
    regions = [*load("ilacs_launch").workforce.regions, "London"]
    refused("run", "ilacs_launch", "--set", f"workforce.regions={regions}", says=["workforce.regions", "London"])


def test_a_year_without_an_open_week_is_refused(refused: Refused) -> None:
    refused("run", "ilacs_launch", "--set", f"calendar.closed_weeks={list(range(1, 54))}", says=["closed_weeks"])


@pytest.mark.parametrize("case", ["a start past the bank holidays", "frameworks out of order"])
def test_a_value_that_is_there_is_not_called_nothing(case: str, refused: Refused) -> None:
    assert "found nothing" not in refused("run", "ilacs_launch", "--set", CASES[case][0])


def test_notes_are_not_offered_as_a_key(refused: Refused) -> None:
    assert " notes," not in refused("run", "ilacs_launch", "--set", "yeers=4")


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (("--replications", "0"), ("  --replications: ", "0", "1")),
        (("--replications", "-5"), ("  --replications: ", "-5", "1")),
        (("--replications", "few"), ("  --replications: N: found 'few'; give a whole number",)),
        (("--jobs", "1.5"), ("  --jobs: J: found '1.5'; give a whole number",)),
        (("--jobs", "0"), ("--jobs", "0", "1 or more")),
        (("--seed", "-1"), ("  --seed: ", "-1", "0")),
        (("--detail", "everything"), ("--detail", "'everything'", "measures")),
        (("--replication-count", "3"), ("--replication-count",)),
    ],
    ids=" ".join,
)
def test_a_flag_that_is_wrong_is_refused(flags: tuple[str, ...], words: tuple[str, ...], refused: Refused) -> None:
    refused("run", "ilacs_launch", *flags, says=words)


def test_a_number_that_is_none_is_refused_without_the_usage_of_the_command(refused: Refused) -> None:
    told = refused("capacity", "ilacs_launch", "--at-least", "most", says=["  --at-least: X: found 'most'"])
    assert told.startswith("1 thing to put right; nothing was run or written.") and "usage" not in told


def test_a_key_without_its_first_tables_is_refused_with_the_whole_ones(refused: Refused) -> None:
    inner = "pathways.good.interval_months"
    whole = " or ".join(f"frameworks.{name}.{inner}" for name in load("ilacs_launch").framework)
    refused("run", "ilacs_launch", "--set", f"{inner}=48", says=[f"did you mean {whole}?"])
    inner = "roles.social_care_hmi.people"
    refused("run", "ilacs_launch", "--set", f"{inner}=54", says=[f"did you mean workforce.{inner}?"])


@pytest.mark.parametrize("name", ["nowhere", "nowhere.toml", "nowhere/nothing.toml", "."])
def test_a_scenario_that_does_not_exist_is_refused(name: str, refused: Refused) -> None:
    refused("run", name, says=[name])


def test_the_nearest_scenario_is_suggested(refused: Refused) -> None:
    refused("run", "ilacs_lanch", says=["'ilacs_lanch'", "did you mean 'ilacs_launch'"])


def test_an_unknown_command_is_refused_with_those_there_are(refused: Refused) -> None:
    refused("frobnicate", says=["usage", "frobnicate", "list", "run", "check", "describe"])


TABLES = {
    "a judgement that does not exist": ("B,London,excelent,2016-01-01", "line 3 judgement 'excelent' inadequate"),
    "a duplicate authority": ("B,London,good,2016-01-01\n" + ROW, "line 4 authority 'Alpha' line 2"),
    "empty cells": ("B,London,,", "line 3 judgement inspected_on needed"),
    "a date that is none": ("B,London,good,05/2016", "line 3 inspected_on '05/2016' 2018-01-31"),
    "a day that is none": ("B,London,good,2015-02-29", "line 3 inspected_on '2015-02-29'"),
    "a cell too many": ("B,London,good,2016-05-05,medium", "line 3 4"),
    "a cell too few": ("B,London,good", "line 3 inspected_on"),
    "a region where nobody is based": ("B,Londom,good,2016-05-05", "region 'Londom' 'London'"),
    "an open quote": ('B,London,good,"2016-05-05', "line CSV"),
    "a year before any inspectorate": ("B,London,good,0001-01-01", "inspected_on 0001-01-01"),
    "a NUL byte": ("B\0,London,good,2016-05-05", "line 3 text NUL"),
}
"""Rows of a table of authorities, and the words that the message must hold."""


@pytest.mark.parametrize("case", TABLES)
@pytest.mark.parametrize("command", ["check mine.csv", "run mine.toml"])
def test_a_table_that_is_wrong_is_refused_by_line_column_and_value(case: str, command: str, refused: Refused) -> None:
    rows, words = TABLES[case]
    Path("mine.csv").write_text(COLUMNS + ROW + rows + "\n", encoding="utf-8")
    Path("mine.toml").write_text(HEAD + 'authorities = "mine.csv"\n', encoding="utf-8")
    refused(*command.split(), says=["mine.", *words.split()])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "it is empty authority region judgement inspected_on"),
        (COLUMNS, "empty least one"),
        ("authority,judgement\nAlpha,good\n", "line 1 region inspected_on needed"),
        ("authority,region,judgment of,inspected_on\n" + ROW, "line 1 'judgment of' judgement"),
        ("authority,region,region,judgement,inspected_on\nA,London,London,good,2016-05-05\n", "line 1 'region' once"),
    ],
    ids=["no bytes", "a header alone", "missing columns", "a misspelt column", "a column twice"],
)
def test_a_table_without_the_right_header_or_any_row_is_refused(text: str, words: str, refused: Refused) -> None:
    Path("mine.csv").write_text(text, encoding="utf-8")
    refused("check", "mine.csv", says=["mine.csv", *words.split()])


@pytest.mark.parametrize("command", ["check", "run"])
@pytest.mark.parametrize("base", ["ilacs_launch", "ilacs_2018"])
def test_a_misspelt_extends_is_named_with_what_was_meant(base: str, command: str, refused: Refused) -> None:
    Path("mine.toml").write_text(f'extend = "{base}"\n[joint]\nlow_a_year = 1\n', encoding="utf-8")
    refused(command, "mine.toml", says=["mine.toml: extend: found", "did you mean 'extends'?"])


def test_a_path_that_no_file_system_takes_is_refused(refused: Refused) -> None:
    Path("mine.toml").write_text(HEAD + 'authorities = "a\\u0000b.csv"\n', encoding="utf-8")
    refused("check", "mine.toml", says=["NUL"])


def test_a_table_whose_dates_lie_after_the_start_is_refused(refused: Refused) -> None:
    Path("mine.csv").write_text(COLUMNS + ROW + "Beta,London,good,2018-02-01\n", encoding="utf-8")
    Path("mine.toml").write_text(HEAD + 'authorities = "mine.csv"\n', encoding="utf-8")
    refused("run", "mine.toml", says=["line 3", "inspected_on", "2018-02-01", "2018-01-31"])


def test_every_fault_of_a_table_is_named_at_once(refused: Refused) -> None:
    rows = "B,London,fine,2016-05-05\nAlpha,London,good,never\nC,London,good,2016-05-05,9\nD,,good,2016-05-05\n"
    Path("mine.csv").write_text(COLUMNS + ROW + rows, encoding="utf-8")
    message = refused("check", "mine.csv", says=["line 3", "line 4", "line 5", "line 6", "'fine'", "'never'"])
    assert message.startswith("4 things to put right")


FIELD_FAULTS = "[workforce]\nleave_days = -1\npart_time_share = 2.0\n[costs]\ntravel_day_pounds = 'dear'\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (FIELD_FAULTS, "leave_days part_time_share travel_day_pounds"),
        ("start = 2049-01-01\n", "2049-01-01"),
        ("[workforce]\nleave_days = { value = 3, source = 'us', confidence = 'sure' }\n", "'sure'"),
        ("[ratings]\njudging.good.good = 0.5\ndrift.good.good = 0.5\n", "judging.good drift.good.good"),
        ("authorities = 'mine.csv'\n", "'excelent'"),
        ("extends = 'ilacs_launch'\nframework = 'ilacs_2019'\n", "'ilacs_2019'"),
    ],
    ids=["values", "the start", "a note", "the ratings", "the table", "the framework"],
)
def test_a_misspelt_key_hides_no_other_fault_of_the_scenario(text: str, words: str, refused: Refused) -> None:
    Path("mine.csv").write_text(COLUMNS + "Alpha,London,excelent,2016-05-05\n", encoding="utf-8")
    Path("mine.toml").write_text(("" if "extends" in text else HEAD) + "yeers = 3\n" + text, encoding="utf-8")
    refused("check", "mine.toml", says=["mine.toml", "yeers", *words.split()])


FILES = {
    "not UTF-8": (b"name = 'caf\xe9'\n", "UTF-8"),
    "no TOML": (b"years = 3\nstart 2018\n", "TOML line 2"),
    "a key twice": (b"years = 3\nyears = 4\n", "TOML line 2"),
    "a circle": (b"extends = 'mine.toml'\n", "extends circle"),
    "an unknown base": (b"extends = 'ilacs_lanch'\n", "'ilacs_lanch' 'ilacs_launch'"),
    "a base that is no text": (b"extends = 3\n", "extends 3 name path"),
    "no base": (b"years = 3\n", "extends ilacs_launch"),
    "a table that is not there": (b"extends = 'ilacs_launch'\nauthorities = 'gone.csv'\n", "gone.csv read"),
    "a framework not named": (b"extends = 'ilacs_launch'\n[frameworks.other.joint]\nlow_a_year = 1\n", "other used"),
    "an empty source": (b"extends = 'ilacs_launch'\nyears = { value = 3, source = '' }\n", "years.source"),
    "a stray word": (b"extends = 'ilacs_launch'\nyears = { value = 3, sauce = 'us' }\n", "years.sauce source"),
}


@pytest.mark.parametrize("case", FILES)
@pytest.mark.parametrize("command", ["check", "run", "describe"])
def test_a_scenario_file_that_is_wrong_is_refused(case: str, command: str, refused: Refused) -> None:
    content, words = FILES[case]
    Path("mine.toml").write_bytes(content)
    refused(command, "mine.toml", says=["mine.toml" if case != "a table that is not there" else "gone", *words.split()])


def test_a_longer_circle_is_refused(refused: Refused) -> None:
    Path("one.toml").write_text("extends = 'two.toml'\n", encoding="utf-8")
    Path("two.toml").write_text("extends = 'one.toml'\n", encoding="utf-8")
    refused("run", "one.toml", says=["extends", "circle"])


@pytest.mark.parametrize("command", ["check", "run"])
def test_a_circle_by_way_of_folders_is_refused(command: str, refused: Refused) -> None:
    Path("here").mkdir()
    Path("here/mine.toml").write_text("extends = '../here/mine.toml'\n", encoding="utf-8")
    refused(command, "here/mine.toml", says=["here/mine.toml", "extends", "circle"])


def test_every_fault_of_a_framework_is_named_at_once(refused: Refused) -> None:
    text = 'extends = "ilacs_2018"\n[pathways.good]\ninspection = "focus"\n[visits.short]\nnotice_weeks = 0\n'
    Path("mine.toml").write_text(text, encoding="utf-8")
    refused("check", "mine.toml", says=["mine.toml", "good.inspection", "'focus'", "short.notice_weeks", "found 0"])


def test_a_framework_without_rules_for_kinds_it_needs_says_which(refused: Refused) -> None:
    content = tomllib.loads(shipped("frameworks")["ilacs_2017"])
    del content["visits"]["standard"], content["visits"]["focused"]
    Path("mine.toml").write_text(to_toml(content), encoding="utf-8")
    refused("check", "mine.toml", says=["visits", "focused, standard"])


@pytest.mark.parametrize("name", ["dir.csv", "dir.toml", "dir", "gone.csv", "gone.toml", "bytes.csv", "words.txt"])
def test_a_file_that_cannot_be_checked_is_named(name: str, refused: Refused) -> None:
    if name.startswith("dir"):
        Path(name).mkdir()
    elif not name.startswith("gone"):
        Path(name).write_bytes(COLUMNS.encode() + b"Caf\x81,London,good,2016-05-05\n")
    refused("check", name, says=[name])


@pytest.mark.parametrize("arguments", ["run ilacs_launch --set yeers=4", "check gone.csv", "frobnicate"])
def test_the_module_ends_with_status_2_and_no_traceback(arguments: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sim", *arguments.split()]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout, "Traceback" in ended.stderr) == (2, "", False)
    assert list(tmp_path.iterdir()) == []


def test_a_script_refuses_as_the_module_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert script("ilacs_launch", "?", ["--set", "yeers=4"]) == 2
    assert list(tmp_path.iterdir()) == []


LONG_NAME = "x" * 5000


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", LONG_NAME), ("report", LONG_NAME), ("workbook", LONG_NAME), ("fit", LONG_NAME),
        ("describe", "ilacs_launch", "--out", LONG_NAME), ("schema", "scenario", "--out", LONG_NAME),
        ("run", "ilacs_launch", "--set", f"framework={LONG_NAME}"), ("run", "ilacs_launch", "--out", LONG_NAME),
    ],
    ids=lambda arguments: " ".join(arguments).replace(LONG_NAME, "LONG"),
)  # fmt: skip
def test_a_name_that_no_file_system_takes_is_refused(arguments: tuple[str, ...], refused: Refused) -> None:
    refused(*arguments, says=["x" * 50])


def test_a_framework_of_a_file_with_such_a_name_is_refused(tmp_path: Path, refused: Refused) -> None:
    (tmp_path / "mine.toml").write_text(f'{HEAD}framework = "{LONG_NAME}"\n', encoding="utf-8")
    refused("run", "mine.toml", says=["framework"])
