"""What the flags ask for: scenarios, settings, dates, and where to run."""

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
"""Longest name that a variant is given."""


def parse_setting(setting: str, flag: str = "--set") -> tuple[str, object]:
    """Dotted path and value of ``key.path=value``; a value that is no TOML is taken as text."""
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
    """Scenario of a name or file, with what the flags change, and then what a flag changes of this one alone."""
    changes = dict(parse_setting(setting) for setting in given.settings)
    flags = dict.fromkeys(changes, "--set")
    for key in ("replications", "seed"):
        if getattr(given, key) is not None:
            changes[key], flags[key] = getattr(given, key), f"--{key}"
    alone = dict(own or {})
    return load(source, changes | alone, flags | dict.fromkeys(alone, flag))


def variant_of(source: str, given: argparse.Namespace, settings: Sequence[str]) -> Scenario:
    """The base with some values changed, called by the last word of each key and its value."""
    changes = dict(parse_setting(setting, "--variant") for setting in settings)
    short = [setting.partition("=")[0].split(".")[-1] + "_" + setting.partition("=")[2] for setting in settings]
    name = re.sub(r"[^\w.-]+", "_", " ".join(short)).strip("._-")[:NAME_LENGTH]
    return scenario_of(source, given, changes | {"name": name}, "--variant")


def varied_scenario(given: argparse.Namespace, faults: list[Fault]) -> Scenario | None:
    """Scenario that a study varies: each run has a draw of its own, and the flags of a study say how many there are."""
    alone = argparse.Namespace(**vars(given) | {"replications": None})
    scenario = unless_wrong(faults, lambda: of_one_draw_each(scenario_of(given.scenario, alone)))
    faults += jobs_faults(given)
    return scenario


def said(flags: Mapping[str, Any]) -> dict[str, Any]:
    """The flags that were given; the others are what their class makes of them."""
    return {name: value for name, value in flags.items() if value is not None}


def executor_of(given: argparse.Namespace) -> AbstractContextManager[Executor]:
    """Where the replications run, as the flags say: processes of this machine, or a cluster."""
    if given.cluster is not None:
        return cluster.cluster(given.cluster)
    refuse_any(jobs_faults(given))
    return executors.kept_ready(processes_of(given))


def jobs_faults(given: argparse.Namespace) -> Iterator[Fault]:
    """Name what is wrong with the number of processes; a cluster has its own."""
    if given.cluster is None and given.jobs is not None and given.jobs < 1:
        yield Fault("--jobs", "J", given.jobs, "must be 1 or more")


def processes_of(given: argparse.Namespace) -> int:
    """Count the processes of this machine that make runs; 1 on a cluster, whose size nobody knows beforehand."""
    if given.cluster is not None:
        return 1
    from joblib import cpu_count

    return int(given.jobs or cpu_count())


def date_of(said: str | None, flag: str) -> date | None:
    """Date that is written as 2019-03-31; None if there is none."""
    if said is None:
        return None
    try:
        return date.fromisoformat(said)
    except ValueError:
        raise InputError([Fault(flag, "DATE", said, "give a date, such as 2019-03-31")]) from None
