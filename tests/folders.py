"""A small made-up world whose every text means harm, and a folder of every kind of study of it."""

from __future__ import annotations

import csv
import json
import runpy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from sim.analysis import calibration
from sim.analysis.calibration import base_scenario
from sim.analysis.origins import ORIGINS
from sim.cli import answer_script
from sim.cli.main import main
from sim.report.kinds import KINDS
from sim.studies import calibration_answer, calibration_study, pooled_study
from sim.studies.question import Question

ROOT = Path(__file__).parent.parent
HOSTILE = "What if </title><script>alert(\"x\")</script> & <b>'bold'</b> &lt;i&gt; \u202egnihton?"
SHOWN = HOSTILE.replace("\u202e", "\N{REPLACEMENT CHARACTER}")
"""The question as a reader sees it: a mark that turns the direction of writing is no letter."""
SOURCE = "<img src=x onerror=alert(1)> \"quoted\" & 'so'"
NAMES = (
    "Wexbury",
    "Greater Wexbury",
    "Nether Sondershire",
    "Märchenham",
    "St. Osyth's & Vale",
    "Oldbrook",
    "Havenmouth",
)
UNLISTED = "Lower Sonderby"
"""A name that only a remark in the table has."""
CREATED = "New Wexmouth"


def write_world(home: Path) -> None:
    """Write a scenario with a made-up table, whose every text means harm."""
    rows = ["authority,region,judgement,inspected_on,note"]
    for number, name in enumerate(NAMES):
        note = f"was {UNLISTED} before" if number == 1 else ""
        rows.append(
            f"{name},London,{'good' if number % 2 else 'inadequate'},201{5 + number % 3}-0{1 + number}-10,{note}"
        )
    (home / "made_up.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (home / "small.toml").write_text(
        f"""extends = "ilacs_launch"
question = {json.dumps(HOSTILE, ensure_ascii=False)}
years = 2
authorities = "made_up.csv"

[workforce.roles]
schools_hmi.people = 4
regulatory_inspector.people = 4
senior_hmi.people = 4

[workforce.roles.social_care_hmi]
people = {{ value = 6, source = {json.dumps(SOURCE)}, confidence = "low", low = 4, high = 9 }}

[[shocks]]
name = "merger"
kind = "reorganisation"
begins_on = 2018-09-03
abolished = ["Oldbrook", "Havenmouth"]
created = [{{ authority = "{CREATED}", region = "London" }}]
""",
        encoding="utf-8",
    )


SMALL = ("--replications", "4", "--jobs", "1")
SERVICE = ("--from-year", "1", "--with-probability", "0.6", "--at-least", "0.5", "--replications", "16", "--jobs", "1")


def run(home: Path, out: Path) -> int:
    return main(["run", str(home / "small.toml"), *SMALL, "--out", str(out)])


def _comparison(home: Path, out: Path) -> int:
    variant = ["--variant", "workforce.roles.social_care_hmi.people=9"]
    return main(["compare", str(home / "small.toml"), *variant, *SMALL, "--out", str(out)])


def _script(home: Path, out: Path) -> int:
    flags = ["--set", "years=2", "--set", f"authorities={home / 'made_up.csv'}"]
    return answer_script(*script_of("launch_backlog"), [*SMALL, *flags, "--out", str(out)])


def script_of(name: str) -> tuple[str, Question, str]:
    content = runpy.run_path(str(ROOT / "scenarios" / f"{name}.py"))
    return name, content["QUESTION"], content["__doc__"]


def _capacity(home: Path, out: Path) -> int:
    return main(["capacity", str(home / "small.toml"), *SERVICE, "--between", "4", "7", "--out", str(out)])


def _plan(home: Path, out: Path) -> int:
    flags = [*SERVICE, "--offers-a-quarter", "4", "--between", "6", "8", "--wait-months", "6"]
    return main(["plan", str(home / "small.toml"), *flags, "--out", str(out)])


def _backtest(home: Path, out: Path) -> int:
    done = ["authority,region,kind,fieldwork_start,inspected_on,published,judgement"]
    for number, name in enumerate(NAMES[:5]):
        monday = date(2018, 4, 16) + timedelta(weeks=5 * number)
        days = [monday, monday + timedelta(days=4), monday + timedelta(days=40)]
        done.append(f"{name},London,short,{','.join(map(str, days))},good")
    (home / "done.csv").write_text("\n".join(done) + "\n", encoding="utf-8")
    flags = ["--history", str(home / "done.csv"), "--as-it-ships", "--replications", "12", "--jobs", "1"]
    return main(["backtest", str(home / "small.toml"), *flags, "--out", str(out)])


def _origins(_: Path, out: Path) -> int:
    return main(["backtest", "--origins", "--replications", "10", "--jobs", "1", "--out", str(out)])


def _calibration(_: Path, out: Path) -> int:
    return main(["calibrate", "--before", "2015-04-01", "--runs", "60", "--jobs", "1", "--out", str(out)])


def _sensitivity(home: Path, out: Path) -> int:
    flags = ["--points", "140", "--replications", "1", "--from-year", "1", "--measure", "utilisation", "--jobs", "1"]
    return main(["sensitivity", str(home / "small.toml"), *flags, "--out", str(out)])


def _levelled(home: Path, out: Path) -> int:
    return main(["programme", str(home / "small.toml"), "--months", "18", "--out", str(out)])


def _programme(home: Path, out: Path) -> int:
    table = home / "plan.csv"
    visits = [f"{name},inspection,{date(2018, 9, 17) + timedelta(weeks=4 * k)}" for k, name in enumerate(NAMES[:4])]
    table.write_text("\n".join(["authority,kind,week", *visits]) + "\n", encoding="utf-8")
    flags = ["--scenario", str(home / "small.toml"), "--replications", "12", "--jobs", "1"]
    return main(["programme", str(table), *flags, "--out", str(out)])


MAKERS: dict[str, Callable[[Path, Path], int]] = {
    "run": run, "comparison": _comparison, "script": _script, "capacity": _capacity, "plan": _plan,
    "programme": _programme, "levelled_programme": _levelled, "backtest": _backtest, "calibration": _calibration,
    "backtest_origins": _origins, "sensitivity": _sensitivity,
}  # fmt: skip


LONG = ("plan", "levelled_programme", "calibration", "backtest_origins", "sensitivity")
"""Kinds whose pages and workbooks are looked at weekly: they take long to make, or are like another kind."""
OF_EVERY_KIND = [pytest.param(kind, marks=[pytest.mark.slow] * (kind in LONG)) for kind in KINDS]


def undescribed(folder: Path) -> list[tuple[str, str, str]]:
    """Find columns that the ``columns.csv`` of a folder does not explain, or that it explains and no table has.

    Each by folder, file and column; the folders inside are looked at as well.
    """
    found = []
    for place in {path.parent for path in folder.rglob("*") if path.suffix in (".csv", ".parquet")}:
        rows = list(csv.DictReader((place / "columns.csv").read_text(encoding="utf-8").splitlines()))
        told = {(row["file"], row["column"]) for row in rows if row["meaning"]}
        there: set[tuple[str, str]] = set()
        for path in place.iterdir():
            if path.suffix == ".parquet":
                there |= {(path.name, name) for name in pq.read_schema(path).names}
            elif path.suffix == ".csv":
                there |= {(path.name, name) for name in next(csv.reader(path.read_text(encoding="utf-8").splitlines()))}
        found += [(place.name, *each) for each in sorted(told ^ there)]
    return found


@contextmanager
def smaller() -> Iterator[None]:
    """Fewer authorities and runs to calibrate with, and fewer pairs of a plan."""
    with pytest.MonkeyPatch.context() as patched:
        whole = base_scenario

        def few(*asked: object) -> object:
            base = whole(*asked)  # type: ignore[arg-type]  # handed on as it came
            return base.model_copy(update={"authorities": base.authorities[::25]})

        patched.setattr(calibration_study, "base_scenario", few)
        patched.setattr(calibration_study, "FEWEST_RUNS", 60)
        patched.setattr(calibration, "FEWEST_KEPT", 30)
        for each in (calibration, calibration_answer):
            patched.setattr(each, "CHECKED", 4)
        patched.setattr(pooled_study, "ORIGINS", ORIGINS[:1])
        patched.setattr("sim.studies.plan_study.PAIRS", 8)
        yield
