"""Return the command that repeats a study, from what its folder says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import product
from typing import Any

from sim.analysis.levers import Staff
from sim.inputs.history import shipped_history
from sim.inputs.people_in_post import KEY as PEOPLE
from sim.inputs.scenario import Scenario
from sim.inputs.visit_plan import KEY as PLAN
from sim.report.source import Source
from sim.runs.manifest import SCENARIO
from sim.studies.backtest_study import digest_of

OUT = "results/repeated"
PLACES = ("authorities", "authorities.file", "draws", "framework", PEOPLE, PLAN)
"""Keys whose value may be a user's own file, whose name must stay private."""
THEIRS = "YOUR_FILE"


def _file(source: Source, inner: str = "") -> str:
    return "/".join(part for part in (source.name, inner, SCENARIO) if part)


def run(source: Source) -> Sequence[str]:
    """Words of the command that repeats a run."""
    detail, until = source.manifest["detail"], source.asked["until"]
    flags = ["-m", "sim", "run", _file(source), "--detail", detail]
    if until is None:
        return flags
    looked = ["--replications", str(source.asked["replications"]), "--budget", str(until["budget"])]
    return [*flags, *looked, *_each("--until", [f"{name}<={width}" for name, width in until["targets"].items()])]


def compare(source: Source) -> Sequence[str]:
    """Words of the command that repeats a comparison."""
    files = [_file(source, scenario.name) for scenario in source.scenarios]
    asked = source.asked
    return ["-m", "sim", "compare", *files, "--detail", asked["detail"], "--measures", *asked["measures"]]


def script(source: Source) -> Sequence[str]:
    """Words of the command that repeats a script."""
    asked = source.asked
    numbers = {"--replications": source.manifest["replications"], "--detail": asked["detail"]}
    numbers |= {} if asked["seed"] is None else {"--seed": asked["seed"]}
    settings = [each if not _place(each) else f"{each.partition('=')[0]}={THEIRS}" for each in asked["settings"]]
    return [f"scenarios/{asked['script']}.py", *_said(numbers), *_each("--set", settings)]


def _place(setting: str) -> bool:
    key, _, value = setting.partition("=")
    return key.strip() in PLACES and value.strip() != "none"


def capacity(source: Source) -> Sequence[str]:
    """Words of the command that repeats a search for the smallest workforce."""
    searched, regions = source.asked["searched"], []
    flags: list[str] = []
    for word, levels in searched.items():
        staff = staff_of(word, source.base)
        flags += ["--role", staff.role, "--between", *levels.split(" to ")]
        regions += [] if staff.region is None else ["--region", staff.region]
    return ["-m", "sim", "capacity", _file(source), *_service(source.asked), *flags, *regions[:2]]


def plan(source: Source) -> Sequence[str]:
    """Words of the command that repeats a plan of recruitment."""
    ((word, levels),) = source.asked["searched"].items()
    head, _, day = word.rpartition("_from_")
    role, _, offers = head.rpartition("_by_")
    hires = {"--role": role, "--offers-a-quarter": offers, "--begins": datetime.strptime(day, "%Y%m%d").date()}
    waits = {"--wait-months": source.asked["wait_months"]}
    between = ["--between", *levels.split(" to ")]
    return ["-m", "sim", "plan", _file(source), *_service(source.asked), *_said(hires | waits), *between]


def staff_of(word: str, scenario: Scenario) -> Staff:
    """Return the people whose number a search looked for, from the word under which the search is kept."""
    for role, region in product(scenario.workforce.roles, (None, *scenario.workforce.regions)):
        if (staff := Staff(role, region)).word == word:
            return staff
    raise KeyError(word)


def _service(asked: Mapping[str, Any]) -> list[str]:
    """Return the flags of a service level and its probability."""
    bound = "--at-least" if asked["at_least"] else "--at-most"
    return _said(
        {
            "--measure": asked["measure"],
            bound: asked["bound"],
            "--from-year": asked["from_year"],
            "--with-probability": asked["probability"],
            "--confidence": asked["confidence"],
            "--replications": asked["most"],
        }
    )


def backtest(source: Source) -> Sequence[str]:
    """Words of the command that repeats a back-test."""
    asked = source.asked
    theirs = [] if asked["history"] == digest_of(shipped_history()) else ["--history", THEIRS]
    as_it_ships = ["--as-it-ships"] if asked["as_it_ships"] else []
    said = {"--replications": asked["replications"], "--until": asked["last"]}
    return ["-m", "sim", "backtest", _file(source), *_said(said), *theirs, *as_it_ships]


def backtest_origins(source: Source) -> Sequence[str]:
    """Words of the command that repeats back-tests from several origins."""
    said = {"--replications": source.asked["replications"], "--seed": source.manifest["seed"]}
    return ["-m", "sim", "backtest", "--origins", *_said(said)]


def calibrate(source: Source) -> Sequence[str]:
    """Words of the command that repeats a calibration."""
    asked = source.asked
    said = {"--before": asked["before"], "--runs": asked["runs"], "--seed": source.manifest["seed"]}
    return ["-m", "sim", "calibrate", *_said(said)]


def programme(source: Source) -> Sequence[str]:
    """Words of the command that repeats the trial of a plan."""
    return ["-m", "sim", "programme", _file(source), *_said({"--replications": source.asked["replications"]})]


def levelled_programme(source: Source) -> Sequence[str]:
    """Words of the command that writes a levelled plan again."""
    return ["-m", "sim", "programme", _file(source), *_said({"--months": source.asked["months"]})]


def sensitivity(source: Source) -> Sequence[str]:
    """Words of the command that repeats a study of sensitivity."""
    asked = source.asked
    said = {name: asked[key] for name, key in (
        ("--points", "points"), ("--replications", "replications"), ("--from-year", "from_year"),
    )}  # fmt: skip
    measures = _each("--measure", asked["measures"].split(", "))
    return ["-m", "sim", "sensitivity", _file(source), *_said(said), *measures]


def _said(flags: Mapping[str, object]) -> list[str]:
    return [word for flag, value in flags.items() for word in (flag, str(value))]


def _each(flag: str, values: Sequence[str]) -> list[str]:
    return [word for value in values for word in (flag, value)]
