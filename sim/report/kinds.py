"""Every kind of study: what a page calls it, what it asks, and what repeats it."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sim.base.figures import listed, people_of, percent
from sim.report import repeat
from sim.report.source import Source
from sim.runs.measures import unit_of


@dataclass(frozen=True)
class Kind:
    """A kind of study.

    Attributes
    ----------
    called : str
        What the page calls it.
    question : callable
        What is asked, in one sentence.
    command : callable
        Words of the command that makes it again, but for the interpreter and the folder.
    of_several : bool
        Whether its folder holds a result folder for each scenario.
    """

    called: str
    question: Callable[[Source], str]
    command: Callable[[Source], Sequence[str]]
    of_several: bool = False


def question_of(source: Source) -> str:
    """What a study asks, in one sentence."""
    return KINDS[source.kind].question(source)


def command_of(source: Source) -> str:
    """Command that makes the same study again, given from where the folder is."""
    return shlex.join(["python", *KINDS[source.kind].command(source), "--out", repeat.OUT])


def _of_script(source: Source) -> str:
    return str(source.asked.get("words") or source.base.question).strip().splitlines()[0]


def _compared(source: Source) -> str:
    base, *others = (scenario.name for scenario in source.scenarios)
    return f"What changes under {listed(others)}, held against {base}?"


def _service_asked(source: Source) -> str:
    """The service level that was asked for, and whose number is looked for."""
    asked = source.asked
    bound = percent(asked["bound"]) if unit_of(asked["measure"]) == "share" else f"{asked['bound']:g}"
    side = "at least" if asked["at_least"] else "at most"
    of = listed([people_of(word.partition("_by_")[0]) for word in asked["searched"]])
    return (
        f"{asked['measure'].replace('_', ' ')} is {side} {bound} in every whole financial year from year "
        f"{asked['from_year']} on, in {percent(asked['probability'])} of runs ({of})"
    )


def _of_calibration(source: Source) -> str:
    return f"What do the inspections done before {source.asked['before']} say of people, days of a visit and plan?"


KINDS = {
    "run": Kind("Forecast", lambda source: source.base.question, repeat.run),
    "comparison": Kind("Scenarios compared", _compared, repeat.compare, of_several=True),
    "script": Kind("Study", _of_script, repeat.script, of_several=True),
    "capacity": Kind(
        "Smallest workforce",
        lambda source: f"What is the smallest workforce with which {_service_asked(source)}?",
        repeat.capacity,
    ),
    "plan": Kind(
        "Plan of recruitment",
        lambda source: f"How many people are to be recruited, and when, so that {_service_asked(source)}?",
        repeat.plan,
    ),
    "backtest": Kind(
        "Forecast held against history",
        lambda source: f"How well would {source.base.name} have forecast what happened to {source.asked['last']}?",
        repeat.backtest,
    ),
    "backtest_origins": Kind(
        "Forecasts of past years",
        lambda source: f"How well would forecasts from {source.asked['origins']} have said what came?",
        repeat.backtest_origins,
    ),
    "calibration": Kind("Calibration", _of_calibration, repeat.calibrate),
    "programme": Kind(
        "Plan of visits tried",
        lambda source: f"Which weeks of the plan hold under {source.base.name}, and of what do the others break?",
        repeat.programme,
    ),
    "levelled_programme": Kind(
        "Levelled plan of visits",
        lambda source: (
            f"In which weeks would the visits that can be foreseen at the start of {source.base.name} be levelled?"
        ),
        repeat.levelled_programme,
    ),
    "sensitivity": Kind(
        "Sensitivity to assumptions",
        lambda _: "Which of the numbers of low confidence drive the answer, and which most need a better figure?",
        repeat.sensitivity,
    ),
}
"""Kinds of study, by the word for each in its manifest."""
