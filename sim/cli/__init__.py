"""The command line, and what a scenario script calls."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["answer_script", "script"]


def script(scenario: str, question: str, arguments: Sequence[str] | None = None) -> int:
    """Run a scenario script: one scenario that ships; see :func:`sim.cli.scripts.run_scenario`."""
    from sim.cli import scripts  # not where the command line starts: it answers --help at once

    return scripts.run_scenario(scenario, question, arguments)


def answer_script(name: str, question: object, words: str | None, arguments: Sequence[str] | None = None) -> int:
    """Run a script that answers a :class:`sim.study.Question`; see :func:`sim.cli.questions.answer_question`."""
    from sim.cli import questions

    return questions.answer_question(name, question, words, arguments)
