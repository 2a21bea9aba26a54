"""What a study asks, in one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.base.figures import listed, people_of, percent
from sim.report.folder import Kind, Source
from sim.runs.measures import UNITS

if TYPE_CHECKING:
    from collections.abc import Callable


def question_of(source: Source) -> str:
    """What is asked, in one sentence."""
    ask: dict[Kind, Callable[[], str]] = {
        "run": lambda: source.base.question,
        "comparison": lambda: _compared(source),
        "script": lambda: str(source.asked.get("words") or source.base.question).strip().splitlines()[0],
        "capacity": lambda: f"What is the smallest workforce with which {_service(source)}?",
        "plan": lambda: f"How many people are to be recruited, and when, so that {_service(source)}?",
        "backtest": lambda: f"How well would {source.base.name} have forecast what happened to {source.asked['last']}?",
        "calibration": lambda: (
            f"What do the inspections done before {source.asked['before']} say of people, days of a visit and plan?"
        ),
        "sensitivity": lambda: (
            "Which of the numbers of low confidence drive the answer, and which most need a better figure?"
        ),
    }
    return ask[source.kind]()


def _compared(source: Source) -> str:
    base, *others = (scenario.name for scenario in source.scenarios)
    return f"What changes under {listed(others)}, held against {base}?"


def _service(source: Source) -> str:
    """The service level that was asked for, and whose number is looked for."""
    asked = source.asked
    bound = percent(asked["bound"]) if UNITS[asked["measure"]] == "share" else f"{asked['bound']:g}"
    side = "at least" if asked["at_least"] else "at most"
    of = listed([people_of(word.partition("_by_")[0]) for word in asked["searched"]])
    return (
        f"{asked['measure'].replace('_', ' ')} is {side} {bound} in every whole financial year from year "
        f"{asked['from_year']} on, in {percent(asked['probability'])} of runs ({of})"
    )
