"""Turns flags into what they stand for: scenarios, settings, dates, and where to run."""

from __future__ import annotations

import argparse
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date
from typing import Any

from sim.analysis.capacity import of_one_draw_each
from sim.base.faults import Fault, InputError, refuse_any, unless_wrong
from sim.inputs import toml_tree
from sim.inputs.scenario import Scenario, load
from sim.runs import cluster, executors
from sim.runs.executors import Executor

NAME_LENGTH = 80
"""Longest name of a variant, in characters."""


def parse_setting(setting: str, flag: str = "--set") -> tuple[str, object]:
    """Return the dotted path and the value of ``key.path=value``; take a value that is not TOML as text."""
    path, equals, text = setting.partition("=")
    if not equals or not all(path.split(".")):
        words = "write key.path=value, such as workforce.roles.social_care_hmi.people=54"
        raise InputError([Fault(flag, setting, None, words)])
    try:
        return path.strip(), toml_tree.loads(f"value = {text}", flag)["value"]
    except tomllib.TOMLDecodeError:
        return path.strip(), text.strip()


def scenario_of(
    source: str, given: argparse.Namespace, own: Mapping[str, object] | None = None, flag: str = ""
) -> Scenario:
    """Load a scenario from a name or file, with the changes of the flags.

    Parameters
    ----------
    source : str
        Name of a built-in scenario, or path of a TOML file.
    given : argparse.Namespace
        Parsed flags; ``--set``, ``--replications`` and ``--seed`` change the scenario.
    own : mapping of str to object, optional
        Values, by dotted key, that change only this scenario.
    flag : str, optional
        Flag to name in faults of ``own``.

    Raises
    ------
    InputError
        If the scenario or a change is wrong.
    """
    changes = dict(parse_setting(setting) for setting in given.settings)
    flags = dict.fromkeys(changes, "--set")
    for key in ("replications", "seed"):
        if getattr(given, key) is not None:
            changes[key], flags[key] = getattr(given, key), f"--{key}"
    alone = dict(own or {})
    return load(source, changes | alone, flags | dict.fromkeys(alone, flag))


def variant_of(source: str, given: argparse.Namespace, settings: Sequence[str]) -> Scenario:
    """Load the base with some values changed, and name it after the last word of each key and its value."""
    changes = dict(parse_setting(setting, "--variant") for setting in settings)
    short = [setting.partition("=")[0].split(".")[-1] + "_" + setting.partition("=")[2] for setting in settings]
    name = re.sub(r"[^\w.-]+", "_", " ".join(short)).strip("._-")[:NAME_LENGTH]
    return scenario_of(source, given, changes | {"name": name}, "--variant")


def varied_scenario(given: argparse.Namespace, faults: list[Fault]) -> Scenario | None:
    """Load the scenario that a study varies.

    Each run uses its own parameter draw, and the study's flags set the number of runs. Faults join ``faults``.
    """
    alone = argparse.Namespace(**vars(given) | {"replications": None})
    scenario = unless_wrong(faults, lambda: of_one_draw_each(scenario_of(given.scenario, alone)))
    faults += jobs_faults(given)
    return scenario


def said(flags: Mapping[str, Any]) -> dict[str, Any]:
    """Return only the flags that were given; their class has defaults for the others."""
    return {name: value for name, value in flags.items() if value is not None}


def executor_of(given: argparse.Namespace) -> AbstractContextManager[Executor]:
    """Return where the replications run, as the flags say: processes on this machine, or a cluster."""
    if given.cluster is not None:
        return cluster.cluster(given.cluster)
    refuse_any(jobs_faults(given))
    return executors.kept_ready(processes_of(given))


def jobs_faults(given: argparse.Namespace) -> Iterator[Fault]:
    """List what is wrong with the number of processes; a cluster sets its own."""
    if given.cluster is None and given.jobs is not None and given.jobs < 1:
        yield Fault("--jobs", "J", given.jobs, "must be 1 or more")


def processes_of(given: argparse.Namespace) -> int:
    """Return how many processes on this machine make runs; 1 with a cluster, since its size is not known beforehand."""
    if given.cluster is not None:
        return 1
    from joblib import cpu_count

    return int(given.jobs or cpu_count())


def date_of(said: str | None, flag: str) -> date | None:
    """Return the date written as 2019-03-31, or None if the flag was not given."""
    if said is None:
        return None
    try:
        return date.fromisoformat(said)
    except ValueError:
        raise InputError([Fault(flag, "DATE", said, "give a date, such as 2019-03-31")]) from None
