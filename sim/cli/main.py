"""The command line: ``python -m sim``, and the flags that every scenario script takes."""

from __future__ import annotations

import argparse
import io
import os
import re
import signal
import sys
import textwrap
import threading
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

from sim.base.faults import NOT_SHOWN, Fault, InputError
from sim.cli.arguments import in_flags

if TYPE_CHECKING:
    from sim.inputs.scenario import Scenario
    from sim.runs.executors import Executor
    from sim.runs.precision import Precision
    from sim.studies.scenario_study import Question

DONE, FAILED, WRONG_INPUT = 0, 1, 2
HELP_WIDTH = 78
"""Longest line of what a command's help says, as the rest of it is in a terminal of 80 letters."""
NAME_LENGTH = 80
"""Longest name that a variant is given."""


def add_examples(parser: argparse.ArgumentParser, *examples: str) -> None:
    """Show some commands beneath the flags of another one's help, as they are typed."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.description = None if parser.description is None else textwrap.fill(parser.description, HELP_WIDTH)
    parser.epilog = "\n".join(["examples:", *(f"  python -m sim {example}" for example in examples)])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``python -m sim`` and return its exit status: 0 done, 2 the input is wrong, 1 anything else."""
    from sim.cli import backtest as cli_backtest
    from sim.cli import capacity as cli_capacity
    from sim.cli import report as cli_report
    from sim.cli import sensitivity as cli_sensitivity

    parser = argparse.ArgumentParser(
        prog="python -m sim",
        allow_abbrev=False,
        description="How many inspectors does the inspection of children's services take?",
        epilog="examples:\n  python -m sim run ilacs_launch --replications 20 --out results/54 \\\n"
        "      --set workforce.roles.social_care_hmi.people=54\n"
        "  python -m sim check my_scenario.toml\n  python -m sim describe ilacs_launch | less",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    shown = commands.add_parser("list", help="what ships, every measure with its formula, and the words of the tables")
    add_examples(shown, "list", "list | grep inspections_")
    shown.set_defaults(action=_list)
    run = commands.add_parser("run", allow_abbrev=False, help="run a scenario and keep its results")
    run.add_argument("scenario", metavar="SCENARIO", help="a name that ships, or a TOML file")
    add_study_flags(run)
    add_precision_flags(run)
    add_examples(
        run,
        "run ilacs_launch",
        "run ilacs_launch --set workforce.roles.social_care_hmi.people=54 --out results/54",
        'run mine.toml --replications 20 --until "utilisation<=0.01" --budget 400',
    )
    run.set_defaults(action=lambda given: study(given.scenario, given))
    _add_compare(commands)
    cli_capacity.add_commands(commands)
    cli_sensitivity.add_command(commands)
    cli_backtest.add_commands(commands)
    cli_report.add_command(commands)
    _add_check(commands)
    _add_describe(commands)
    _add_fit(commands)

    def command() -> int:
        given = parser.parse_args(arguments)
        try:
            return int(given.action(given))
        except InputError as error:
            raise in_flags(error, commands.choices[given.command], given) from None

    return answer(command)


def _add_check(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command ``check``."""
    check = commands.add_parser(
        "check", help="check a scenario, a framework, or a table of authorities or people: every fault at once"
    )
    check.add_argument("file", metavar="FILE", help="a TOML, CSV or XLSX file, or a name that ships")
    check.add_argument(
        "--column", metavar="COLUMN=HEADING", dest="columns", action="append", default=[],
        help='heading of a column of the table, such as judgement="Overall effectiveness"; may be given several times',
    )  # fmt: skip
    check.add_argument("--sheet", metavar="NAME", default="", help="sheet of the workbook")
    add_examples(
        check,
        "check mine.toml",
        "check sample_authorities.xlsx",
        'check my_authorities.xlsx --sheet LAs --column judgement="Outcome"',
        "check people.csv",
    )
    check.set_defaults(action=_check)


def _add_describe(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command ``describe``."""
    describe = commands.add_parser("describe", help="the assumption book: each number, unit, source, confidence")
    describe.add_argument("scenario", metavar="SCENARIO", help="a name that ships, or a TOML file")
    add_settings_flag(describe)
    add_examples(describe, "describe ilacs_launch", "describe mine.toml")
    describe.set_defaults(action=_describe)


def _add_fit(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command ``fit``."""
    fit = commands.add_parser("fit", help="drift and accuracy of judgement from a history of inspections")
    fit.add_argument(
        "table", metavar="TABLE", type=Path,
        help="a CSV with authority, judgement, inspected_on (and published, kind, region, fieldwork_start), "
        "or inspections_2013_2022.csv",
    )  # fmt: skip
    fit.add_argument("--out", metavar="DIR", type=Path, help="new folder for ratings.toml, draws.csv and scores.csv")
    fit.add_argument(
        "--all-models",
        action="store_true",
        help="every model and prior considered: scores, and influence of the prior (minutes)",
    )
    add_examples(fit, "fit inspections_2013_2022.csv", "fit mine.csv --out results/my_fit")
    fit.set_defaults(action=_fit)


def _add_compare(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command ``compare``."""
    compare = commands.add_parser(
        "compare",
        allow_abbrev=False,
        help="hold scenarios against the first one, on common random numbers: differences with intervals",
    )
    compare.add_argument(
        "scenarios", metavar="SCENARIO", nargs="+", help="names that ship, or TOML files; the base first"
    )
    compare.add_argument(
        "--variant", metavar="KEY.PATH=VALUE", dest="variants", nargs="+", action="append", default=[],
        help="one more scenario: the base with these values changed; may be given several times",
    )  # fmt: skip
    compare.add_argument(
        "--measures", metavar="MEASURE", nargs="+", default=None,
        help="measures to show, over which Holm's procedure goes (eleven of them otherwise)",
    )  # fmt: skip
    add_study_flags(compare, detail="measures")
    add_examples(
        compare,
        "compare ilacs_launch mine.toml --replications 100",
        "compare ilacs_launch --variant workforce.roles.social_care_hmi.people=66",
    )
    compare.set_defaults(action=_compare)


def script(scenario: str, question: str, arguments: Sequence[str] | None = None) -> int:
    """Run a scenario script: one scenario that ships, with the flags common to all scripts."""
    parser = argparse.ArgumentParser(
        description=question, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    add_study_flags(parser)
    add_precision_flags(parser)
    return _answer_of_script(parser, arguments, lambda given: study(scenario, given))


def answer_script(name: str, question: Question, words: str | None, arguments: Sequence[str] | None = None) -> int:
    """Run a scenario script that holds several scenarios against each other, with the flags common to all scripts.

    Parameters
    ----------
    name : str
        Of the script; its results go to a folder of that name.
    question : Question
        What it asks.
    words : str or None
        The script's docstring.
    arguments : sequence of str, optional
        Those of the command line otherwise.
    """
    parser = argparse.ArgumentParser(
        description=words, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    add_study_flags(parser, detail=question.detail)
    parser.set_defaults(replications=question.replications)
    parser.epilog = (
        f"{question.replications} replications of each scenario and results/{name} unless the flags say otherwise; "
        "--set changes every scenario."
    )
    return _answer_of_script(parser, arguments, lambda given: _answer(name, question, words or "", given))


def _answer_of_script(
    parser: argparse.ArgumentParser, arguments: Sequence[str] | None, action: Callable[[argparse.Namespace], int]
) -> int:
    """Exit status of a script; what domain code calls an argument is said by the script's flags."""

    def script() -> int:
        given = parser.parse_args(arguments)
        try:
            return action(given)
        except InputError as error:
            raise in_flags(error, parser, given) from None

    return answer(script)


def _answer(name: str, question: Question, words: str, given: argparse.Namespace) -> int:
    """Run the scenarios of a question, print its answer and say where it is kept."""
    from sim.inputs.caveats import warnings
    from sim.studies import scenario_study as study

    scenarios = [scenario_of(source, given) for source in (question.base, *question.others)]
    for name_of_policy, policy in question.policies.items():
        changes = policy(scenarios[0]) if callable(policy) else policy
        own = {**changes, "name": name_of_policy}
        scenarios.append(scenario_of(question.base, given, own, f"the policy {name_of_policy}"))
    for warning in dict.fromkeys(warning for scenario in scenarios for warning in warnings(scenario)):
        print(f"Note: {warning}.", file=sys.stderr)
    same = [(one, other) for one, other in combinations(scenarios, 2) if one.digest == other.digest]
    if same:
        words = "{} and {} are the same in every value, so there is nothing to answer; change less"
        raise InputError([Fault("--set", "the scenarios", NOT_SHOWN, words.format(a.name, b.name)) for a, b in same])
    out = given.out or Path("results") / name
    with executor_of(given) as executor:
        found, text = study.answer(
            question, scenarios, out, executor=executor, detail=given.detail, overwrite=given.overwrite,
            asked={
                "script": name, "words": words, "detail": given.detail, "seed": given.seed, "settings": given.settings,
            },
        )  # fmt: skip
    print(f"{words.strip().splitlines()[0]}\n\n{text}\n\nWritten: {out}/ ({', '.join(sorted(study.FILES))}, "
          f"comparison.csv, manifest.json, and a folder for each of {', '.join(found.names)})")  # fmt: skip
    return FAILED if any(results.failures for results in found.comparison.results.values()) else DONE


def answer(action: Callable[[], int]) -> int:
    """Exit status of an action; what is wrong, with the input or the machine, is said in plain words."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that knows no "ë" shows "?" for it
    try:
        with _stopped_by_sigterm():
            try:
                return action()
            finally:
                sys.stdout.flush()
    except InputError as error:
        count = len(error.faults)
        print(
            f"{count} thing{'s' if count > 1 else ''} to put right; nothing was run or written.",
            file=sys.stderr,
        )
        for fault in error.faults:
            print(f"  {fault}", file=sys.stderr)
        return WRONG_INPUT
    except BrokenPipeError:
        _leave_unprinted()
        return DONE
    except OSError as error:
        place = "" if error.filename is None else f" ({error.filename})"
        _say_unfinished(f"It could not be finished: {error.strerror or error}{place}.", error)
        _leave_unprinted()
        return FAILED
    except BrokenExecutor as error:
        _say_unfinished("It could not be finished: a process that ran replications was ended, maybe for want of memory "
                        "(fewer --jobs take less).", error)  # fmt: skip
        return FAILED
    except KeyboardInterrupt as error:
        _say_unfinished("\nStopped.", error)
        return FAILED


def _say_unfinished(words: str, error: BaseException) -> None:
    """Say what ended a run, and what is kept of it: the notes of the error."""
    print(" ".join([words, *getattr(error, "__notes__", ())]), file=sys.stderr)


def _leave_unprinted() -> None:
    """Let what the output does not take go nowhere, so that the interpreter does not try again at its end."""
    try:
        sys.stdout.flush()
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())


@contextmanager
def _stopped_by_sigterm() -> Iterator[None]:
    """Let the signal with which a scheduler ends a process stop it as Ctrl-C does, so that it tidies up."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():  # signals are the main thread's alone
        yield
        return
    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def add_settings_flag(parser: argparse.ArgumentParser) -> None:
    """Add ``--set``."""
    parser.add_argument(
        "--set", dest="settings", metavar="KEY.PATH=VALUE", action="append", default=[],
        help="change a value of the scenario; may be given several times",
    )  # fmt: skip


def add_study_flags(
    parser: argparse.ArgumentParser,
    detail: str | None = "full",
    replications: str = "runs with chance of their own (the scenario's own number otherwise)",
) -> None:
    """Add the flags that every study takes.

    Parameters
    ----------
    parser : argparse.ArgumentParser
        Of the command or script.
    detail : str or None, optional
        How many tables it keeps unless it is told; None where it keeps none.
    replications : str, optional
        What their number is.
    """
    parser.add_argument("--replications", metavar="N", type=int, help=replications)
    add_place_flags(parser, "results/<scenario>")
    if detail is not None:
        parser.add_argument(
            "--detail",
            choices=("measures", "visits", "full"),
            default=detail,
            help=f"tables to keep ({detail} otherwise)",
        )
    add_settings_flag(parser)


def add_place_flags(parser: argparse.ArgumentParser, folder: str) -> None:
    """Add the flags of the seed, of where it runs, and of where its results are kept."""
    parser.add_argument(
        "--seed", metavar="S", type=int, help="seed of the random numbers (the scenario's own otherwise)"
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--jobs", metavar="J", type=int, help="processes (as many as there are cores otherwise)")
    where.add_argument(
        "--cluster", metavar="ADDRESS", help="run on the Dask cluster whose scheduler is at tcp://HOST:PORT"
    )
    parser.add_argument("--out", metavar="DIR", type=Path, help=f"folder of the results ({folder} otherwise)")
    parser.add_argument(
        "--overwrite", action="store_true", help="replace a folder that holds another or a damaged study"
    )


def add_precision_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags of how many replications are enough, and of looking at one alone."""
    parser.add_argument(
        "--until", metavar="MEASURE<=W", action="append", default=[],
        help='add replications until half the 95%% interval of the measure\'s mean is at most W, in its own unit, in '
        'every whole financial year, such as "utilisation<=0.01"; may be given several times',
    )  # fmt: skip
    parser.add_argument(
        "--budget", metavar="N", type=int, help="most replications that --until may take (ten times --replications)"
    )
    parser.add_argument(
        "--replication", metavar="K", type=int,
        help="run replication K alone, here, so that a debugger sees what it raises; print its measures, write nothing",
    )  # fmt: skip


def study(source: str, given: argparse.Namespace) -> int:
    """Run a scenario with the flags given, print the headline and say where the results are."""
    from sim.inputs.caveats import warnings
    from sim.runs import ensemble
    from sim.studies.headline import headline

    scenario = scenario_of(source, given)
    if given.replication is not None:
        return _one_replication(scenario, given)
    until = _precision(scenario, given)
    for warning in warnings(scenario):
        print(f"Note: {warning}.", file=sys.stderr)
    with executor_of(given) as executor:
        results = ensemble.run(
            scenario, given.out, executor=executor, detail=given.detail, until=until, overwrite=given.overwrite
        )
    print(headline(results, scenario, ensemble.whole_years(scenario)))
    files = sorted(path.name for path in results.folder.iterdir())
    print(f"\n{'Held already, nothing run' if results.repeated else 'Written'}: {results.folder}/ ({', '.join(files)})")
    return FAILED if results.failures else DONE


def scenario_of(
    source: str, given: argparse.Namespace, own: Mapping[str, object] | None = None, flag: str = ""
) -> Scenario:
    """Scenario of a name or file, with what the flags change, and then what a flag changes of this one alone."""
    from sim.inputs.scenario import load

    changes = dict(parse_setting(setting) for setting in given.settings)
    flags = dict.fromkeys(changes, "--set")
    for key in ("replications", "seed"):
        if getattr(given, key) is not None:
            changes[key], flags[key] = getattr(given, key), f"--{key}"
    alone = dict(own or {})
    return load(source, changes | alone, flags | dict.fromkeys(alone, flag))


def parse_setting(setting: str, flag: str = "--set") -> tuple[str, object]:
    """Dotted path and value of ``key.path=value``; a value that is no TOML is taken as text."""
    path, equals, text = setting.partition("=")
    if not equals or not all(path.split(".")):
        words = "write key.path=value, such as workforce.roles.social_care_hmi.people=54"
        raise InputError([Fault(flag, setting, None, words)])
    try:
        return path.strip(), tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return path.strip(), text.strip()


def executor_of(given: argparse.Namespace) -> AbstractContextManager[Executor]:
    """Where the replications run, as the flags say: processes of this machine, or a cluster."""
    from sim.runs import executors

    if given.cluster is not None:
        return executors.cluster(given.cluster)
    if faults := list(jobs_faults(given)):
        raise InputError(faults)
    return executors.kept_ready(given.jobs or _cores())


def jobs_faults(given: argparse.Namespace) -> Iterator[Fault]:
    """What is wrong with the number of processes."""
    if given.jobs is not None and given.jobs < 1:
        yield Fault("--jobs", "J", given.jobs, "must be 1 or more")


def _compare(given: argparse.Namespace) -> int:
    from sim.analysis import comparison
    from sim.inputs.caveats import warnings
    from sim.studies.comparison_answer import text

    base, *others = (scenario_of(source, given) for source in given.scenarios)
    others += [variant_of(given.scenarios[0], given, settings) for settings in given.variants]
    for warning in dict.fromkeys(warning for scenario in (base, *others) for warning in warnings(scenario)):
        print(f"Note: {warning}.", file=sys.stderr)
    with executor_of(given) as executor:
        found = comparison.compare(
            base, others, given.out, measures=given.measures or comparison.SHOWN, executor=executor,
            detail=given.detail, overwrite=given.overwrite,
        )  # fmt: skip
    print(text(found))
    print(f"\nWritten: {found.folder}/ ({', '.join(sorted(path.name for path in found.folder.iterdir()))})")
    return FAILED if any(results.failures for results in found.results.values()) else DONE


def variant_of(source: str, given: argparse.Namespace, settings: Sequence[str]) -> Scenario:
    """The base with some values changed, called by the last word of each key and its value."""
    changes = dict(parse_setting(setting, "--variant") for setting in settings)
    short = [setting.partition("=")[0].split(".")[-1] + "_" + setting.partition("=")[2] for setting in settings]
    name = re.sub(r"[^\w.-]+", "_", " ".join(short)).strip("._-")[:NAME_LENGTH]
    return scenario_of(source, given, changes | {"name": name}, "--variant")


def _precision(scenario: Scenario, given: argparse.Namespace) -> Precision | None:
    from sim.runs.ensemble import BATCH
    from sim.runs.precision import BUDGET, Precision, budget_faults, least_budget

    if given.until:
        looks = scenario.replications, scenario.runs_sharing_a_draw, BATCH
        budget = max(least_budget(*looks), BUDGET * looks[0]) if given.budget is None else given.budget
        return Precision.parse(given.until, budget, budget_faults(budget, *looks))
    if given.budget is not None:
        raise InputError([Fault("--budget", "N", given.budget, "it is about --until, which is not given")])
    return None


def _one_replication(scenario: Scenario, given: argparse.Namespace) -> int:
    """One replication in this process: what it raises is raised."""
    from sim.runs.ensemble import measures_of
    from sim.studies.headline import of_one_run

    alone = ("out", "until", "budget", "cluster", "jobs", "overwrite")
    beside = [f"--{name}" for name in alone if getattr(given, name) not in (None, False, [])]
    faults = [Fault(flag, "--replication", NOT_SHOWN, "it has no place beside --replication") for flag in beside]
    if given.replication < 0:
        faults.append(Fault("--replication", "K", given.replication, "the first replication is 0"))
    if faults:
        raise InputError(faults)
    print(of_one_run(scenario, given.replication, measures_of(scenario, given.replication)))
    return DONE


def _cores() -> int:
    from joblib import cpu_count

    return int(cpu_count())


def _list(_: argparse.Namespace) -> int:
    import textwrap

    from sim.base.package_data import SAMPLES, authority_tables, people_tables, shipped
    from sim.runs.measures import MEASURES
    from sim.runs.tables import WORDS

    print("Scenarios (python -m sim run NAME)")
    for name, content in shipped("scenarios").items():
        print(f"  {name:28} {tomllib.loads(content).get('question', '')}")
    print('\nFrameworks (framework = "NAME" in a scenario)')
    for name, content in shipped("frameworks").items():
        title = tomllib.loads(content).get("title", "")
        print(f"  {name:28} {title['value'] if isinstance(title, dict) else title}")
    print('\nTables of authorities (authorities = "NAME" in a scenario)')
    for name, content in authority_tables().items():
        print(f"  {name:28} {content.count(chr(10)) - 1} authorities")
    for name in SAMPLES:
        print(f"  {name:28} made up, in the layout of a published spreadsheet")
    print('\nTables of people in post (in_post = "NAME" under [workforce] in a scenario)')
    for name, content in people_tables().items():
        print(f"  {name:28} {content.count(chr(10)) - 1} people, made up")
    print("\nMeasures (of each financial year, in measures.parquet and summary.csv): unit, and formula")
    for measure in MEASURES:
        print(f"  {measure.name:34} {measure.unit}")
        print(textwrap.indent(textwrap.fill(measure.formula, 108), " " * 8))
    print("\nWords in the columns of the tables")
    for column, words in WORDS.items():
        print(f"  {column:28} {', '.join(words)}")
    return DONE


def _check(given: argparse.Namespace) -> int:
    from sim.inputs.check import check

    pairs = [setting.partition("=") for setting in given.columns]
    words = 'write COLUMN=HEADING, such as judgement="Overall effectiveness"'
    faults = [Fault("--column", column, NOT_SHOWN, words) for column, equals, _ in pairs if not (column and equals)]
    if faults:
        raise InputError(faults)
    try:
        print(check(given.file, {column.strip(): heading for column, _, heading in pairs}, given.sheet))
    except InputError as error:
        raise InputError(replace(fault, allowed=_with_column_flag(fault.allowed)) for fault in error.faults) from None
    return DONE


def _with_column_flag(words: str) -> str:
    """Words that say what a scenario is to say of a heading, and with which flag ``check`` takes it."""
    return re.sub(r'columns = \{ (\w+) = ("[^"]*") \}', r"\g<0> (--column \1=\2)", words)


def _describe(given: argparse.Namespace) -> int:
    from sim.inputs.scenario import load
    from sim.studies.provenance import text

    changes = dict(parse_setting(setting) for setting in given.settings)
    print(text(load(given.scenario, changes, dict.fromkeys(changes, "--set"))), end="")
    return DONE


def _fit(given: argparse.Namespace) -> int:
    from sim.analysis import estimates, scoring
    from sim.analysis.fitting import fit
    from sim.analysis.predictive import check
    from sim.base.scratch import written_beside
    from sim.inputs.history import read_history

    history = read_history(given.table)
    with nullcontext() if given.out is None else written_beside(given.out) as folder:
        if folder is not None and given.out.exists() and not (given.out.is_dir() and not any(given.out.iterdir())):
            raise InputError([Fault("--out", "DIR", str(given.out), "it is there already; give a new folder")])
        read = f"{len(history.inspections)} inspections read; fitting, and scoring each half-year: half a minute or so."
        print(read, file=sys.stderr, flush=True)
        fitted = fit(history)
        scores = scoring.compare(history, scoring.models(every=given.all_models))
        print(estimates.text(history, fitted, scores, check(fitted, history)), end="")
        if given.all_models:
            print("\n" + estimates.influence_of_prior(history, fitted), end="")
        if folder is not None:
            source = f"fitted by python -m sim fit to {given.table.name}: {history.pairs} pairs of judgements"
            estimates.save(folder, history, fitted, scores, source)
    if given.out is not None:
        print(
            f"\nWritten: {given.out}/ (draws.csv, ratings.toml, scores.csv). To use them, write "
            'extends = "ilacs_launch" and draws = "draws.csv" at the head of a scenario file, and ratings.toml below'
        )
    return DONE
