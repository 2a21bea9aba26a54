"""Define every kind of study: its name on a page, its question, and the command that repeats it."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sim.base.figures import listed, people_of, percent, plain_words
from sim.report import repeat
from sim.report.source import Source
from sim.runs.measures import unit_of


@dataclass(frozen=True)
class Kind:
    """Describe a kind of study.

    Attributes
    ----------
    called : str
        Name of the kind on the page.
    question : callable
        Function that returns the question in one sentence.
    command : callable
        Function that returns the command that repeats the study, without the interpreter and the folder.
    of_several : bool
        Whether its folder holds a result folder for each scenario.
    """

    called: str
    question: Callable[[Source], str]
    command: Callable[[Source], Sequence[str]]
    of_several: bool = False


def question_of(source: Source) -> str:
    """Return the question of a study in one sentence."""
    return KINDS[source.kind].question(source)


def command_of(source: Source) -> str:
    """Return the command that repeats a study, run from where its folder is."""
    return shlex.join(["python", *KINDS[source.kind].command(source), "--out", repeat.OUT])


def _of_script(source: Source) -> str:
    return str(source.asked.get("words") or source.base.question).strip().splitlines()[0]


def _compared(source: Source) -> str:
    base, *others = (scenario.name for scenario in source.scenarios)
    return f"What changes under {listed(others)}, compared with {base}?"


def _service_asked(source: Source) -> str:
    """Describe the service level that was asked for."""
    asked = source.asked
    bound = percent(asked["bound"]) if unit_of(asked["measure"]) == "share" else f"{asked['bound']:g}"
    side = "at least" if asked["at_least"] else "at most"
    return (
        f"{plain_words(asked['measure'])} {side} {bound} in every whole financial year from year "
        f"{asked['from_year']} on, in {percent(asked['probability'])} of runs"
    )


def _people_asked(source: Source) -> str:
    """Name the people whose number a search looks for."""
    return listed([people_of(word.partition("_by_")[0]) for word in source.asked["searched"]])


def _of_calibration(source: Source) -> str:
    return f"What do inspections before {source.asked['before']} say about people, the days of a visit and planning?"


KINDS = {
    "run": Kind("Forecast", lambda source: source.base.question, repeat.run),
    "comparison": Kind("Scenarios compared", _compared, repeat.compare, of_several=True),
    "script": Kind("Study", _of_script, repeat.script, of_several=True),
    "capacity": Kind(
        "Smallest workforce",
        lambda source: f"How few {_people_asked(source)} are enough to keep {_service_asked(source)}?",
        repeat.capacity,
    ),
    "plan": Kind(
        "Recruitment plan",
        lambda source: (
            f"How many {_people_asked(source)} must be recruited, and when, to keep {_service_asked(source)}?"
        ),
        repeat.plan,
    ),
    "backtest": Kind(
        "Forecast compared with history",
        lambda source: f"How well would {source.base.name} have forecast what happened up to {source.asked['last']}?",
        repeat.backtest,
    ),
    "backtest_origins": Kind(
        "Forecasts of past years",
        lambda source: f"How well would forecasts made on {source.asked['origins']} have predicted what happened?",
        repeat.backtest_origins,
    ),
    "calibration": Kind("Calibration", _of_calibration, repeat.calibrate),
    "programme": Kind(
        "Plan of visits tried",
        lambda source: f"Which weeks of the plan hold under {source.base.name}, and why do the others break?",
        repeat.programme,
    ),
    "levelled_programme": Kind(
        "Levelled plan of visits",
        lambda source: (
            f"In which weeks should the visits that can be foreseen at the start of {source.base.name} take place?"
        ),
        repeat.levelled_programme,
    ),
    "sensitivity": Kind(
        "Sensitivity to assumptions",
        lambda _: "Which numbers of low confidence drive the answer, and which most need a better figure?",
        repeat.sensitivity,
    ),
}
"""Kinds of study, by the word for each in its manifest."""
