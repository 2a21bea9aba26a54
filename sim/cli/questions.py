"""Runs scripts that answer a question: run the scenarios, print the answer and save it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

from sim.base.faults import NOT_SHOWN, Fault, InputError
from sim.cli.arguments import Parser
from sim.cli.ending import DONE, FAILED
from sim.cli.flags import add_study_flags
from sim.cli.scripts import answer_of_script
from sim.studies.question import Question


def answer_question(name: str, question: object, words: str | None, arguments: Sequence[str] | None = None) -> int:
    """Run a scenario script that compares several scenarios, with the flags common to all scripts.

    Parameters
    ----------
    name : str
        Name of the script; its results go to a folder of that name.
    question : Question
        What the script asks. It is checked at run time, because the command line starts without the modules that define
        its type.
    words : str or None
        The script's docstring.
    arguments : sequence of str, optional
        Flags; by default those of the command line.

    Returns
    -------
    int
        Exit status.

    Raises
    ------
    TypeError
        If ``question`` is not a :class:`sim.study.Question`.
    """
    if not isinstance(question, Question):
        raise TypeError(f"a script answers a sim.study.Question, not {question!r}")
    parser = Parser(description=words, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False)
    add_study_flags(parser, detail=question.detail)
    parser.set_defaults(replications=question.replications)
    parser.epilog = (
        f"By default the script makes {question.replications} replications of each scenario and saves them in "
        f"results/{name}. --set changes every scenario."
    )
    return answer_of_script(parser, arguments, lambda given: _answer(name, question, words or "", given))


def _answer(name: str, question: Question, words: str, given: argparse.Namespace) -> int:
    """Run the scenarios of a question, print its answer and say where it is saved."""
    from sim.cli.given import executor_of, scenario_of  # slow to import, and the script's help does not need it
    from sim.cli.output import place, print_notes, terminal_width
    from sim.studies import scenario_study as study

    scenarios = [scenario_of(source, given) for source in (question.base, *question.others)]
    for name_of_policy, policy in question.policies.items():
        changes = policy(scenarios[0]) if callable(policy) else policy
        own = {**changes, "name": name_of_policy}
        scenarios.append(scenario_of(question.base, given, own, f"the policy {name_of_policy}"))
    print_notes(*scenarios)
    same = [(one, other) for one, other in combinations(scenarios, 2) if one.digest == other.digest]
    if same:
        words = "{} and {} have the same values, so there is nothing to compare; change fewer values"
        raise InputError([Fault("--set", "the scenarios", NOT_SHOWN, words.format(a.name, b.name)) for a, b in same])
    out = given.out or Path("results") / name
    with executor_of(given) as executor:
        found, told = study.answer(
            question, scenarios, out, executor=executor, detail=given.detail, overwrite=given.overwrite,
            asked={
                "script": name, "words": words, "detail": given.detail, "seed": given.seed, "settings": given.settings,
            },
        )  # fmt: skip
    print(f"{words.strip().splitlines()[0]}\n\n{told.text(terminal_width())}\n")
    print(place(out, beside=f", and a folder for each of {', '.join(found.names)}"))
    return FAILED if any(results.failures for results in found.comparison.results.values()) else DONE
