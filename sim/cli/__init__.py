"""Runs the command line and the scenario scripts."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["answer_script", "script"]


def script(scenario: str, question: str, arguments: Sequence[str] | None = None) -> int:
    """Run a scenario script for one built-in scenario; see :func:`sim.cli.scripts.run_scenario`."""
    from sim.cli import scripts  # imported late, so that --help answers at once

    return scripts.run_scenario(scenario, question, arguments)


def answer_script(name: str, question: object, words: str | None, arguments: Sequence[str] | None = None) -> int:
    """Run a script that answers a :class:`sim.study.Question`; see :func:`sim.cli.questions.answer_question`."""
    from sim.cli import questions

    return questions.answer_question(name, question, words, arguments)
