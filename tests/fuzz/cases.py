"""Cases: files of every kind that is read, one of them spoilt, and a command that is given it."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import random
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import tomlkit

from sim.base.package_data import by_name, people_tables, table, tables_by_name
from sim.inputs.scenario import load
from sim.runs import executors
from sim.runs.executors import Input, Output
from sim.runs.manifest import sealed
from sim.studies import ensemble_study
from tests import workbooks
from tests.fuzz import changes
from tests.fuzz.trial import MINE, OUT

Case = tuple[dict[str, bytes], list[str]]
"""Files by their path in the folder that is the command's, and the command."""
AUTHORITIES = """authority,region,judgement,inspected_on,size,note
Gorseford,London,good,2016-05-05,small,
Nether Sondershire,East Midlands,inadequate,2016-09-14,large,looked at twice
Wexbury,London,outstanding,2014-11-20,medium,
Oldbrook,South West,requires_improvement,2015-03-02,medium,
Havenmouth,West Midlands,good,2017-10-31,medium,
"""
PLAN = """authority,kind,week
Gorseford,inspection,2018-09-17
Wexbury,inspection,2018-10-15
Oldbrook,focused,2018-06-11
"""
HISTORY = """authority,region,kind,fieldwork_start,inspected_on,published,judgement
Gorseford,London,short,2018-04-16,2018-04-20,2018-05-26,good
Wexbury,London,short,2018-05-21,2018-05-25,2018-06-30,outstanding
Oldbrook,South West,standard,2018-06-25,2018-06-29,2018-08-04,requires_improvement
"""
SMALL = """extends = "ilacs_launch"
question = "What if?"
years = 1
authorities = "authorities.csv"

[workforce.roles]
social_care_hmi.people = 6
schools_hmi.people = 2
regulatory_inspector.people = 2
senior_hmi.people = 2

[[shocks]]
name = "a pause"
kind = "pause"
begins_on = 2018-06-01
ends_on = 2018-07-31
visits = ["focused"]
"""
FLAGS = ("--replications", "1", "--jobs", "1", "--detail", "measures")
RUN = ["run", "mine.toml", *FLAGS, "--out", OUT]
ONE = ["run", "mine.toml", "--replication", "0"]
"""A run without charts and files, which is a third of the time."""
RUNS = (RUN, ONE, ONE)
FILES = {"authorities.csv": AUTHORITIES.encode(), "mine.toml": SMALL.encode()}


def case(number: int) -> Case:
    """Case of a number: the same for the same number."""
    chance = random.Random(number)
    files, command = chance.choice(KINDS)(chance)
    return FILES | files, command


def write(files: Mapping[str, bytes], home: Path) -> None:
    """Write the files of a case below a folder."""
    for name, content in files.items():
        place = home / MINE / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)


def _scenario(chance: random.Random) -> Case:
    texts = [SMALL, *by_name("scenarios").values(), *[_whole()] * 8]
    text = chance.choice(texts)
    if chance.random() < 0.3:
        content = changes.of_toml(chance, text)
    else:
        content = tomlkit.dumps(changes.of_tree(chance, tomllib.loads(text))).encode(errors="replace")
    return {"mine.toml": content}, chance.choice((["check", "mine.toml"], ["describe", "mine.toml"], *RUNS))


@cache
def _whole() -> str:
    """A scenario with every key."""
    few = load("ilacs_launch")
    return few.with_changes({"authorities": few.authorities[::25], "years": 1, "draws": None}).to_toml()


def _framework(chance: random.Random) -> Case:
    text = by_name("frameworks")[chance.choice(("ilacs_2017", "ilacs_2018", "ilacs_2026", "sif_2015"))]
    if chance.random() < 0.3:
        content = changes.of_toml(chance, text)
    else:
        content = tomlkit.dumps(changes.of_tree(chance, tomllib.loads(text))).encode(errors="replace")
    named = SMALL.replace("years = 1", 'years = 1\nframework = "rules.toml"')
    command = chance.choice((["check", "rules.toml"], *RUNS))
    return {"rules.toml": content, "mine.toml": named.encode()}, command


def _table(chance: random.Random, rows: changes.Rows) -> tuple[str, bytes]:
    """Name and bytes of a table that is spoilt."""
    ending = chance.choice(("csv", "csv", "csv", "xlsx", "xlsx", "ods", "xls"))
    if ending == "csv":
        return "table.csv", changes.csv_of(chance, changes.of_rows(chance, rows))
    write_book: Callable[[changes.Rows], bytes] = getattr(workbooks, ending)
    if chance.random() < 0.5 or ending == "xls":
        content = b""
        with suppress(Exception):  # what the maker of workbooks cannot hold is no case
            content = write_book(changes.of_rows(chance, rows)[:3000])
        return f"table.{ending}", changes.of_bytes(chance, content) if chance.random() < 0.2 else content
    return f"table.{ending}", changes.of_archive(chance, write_book(rows))


def _rows_of(text: str) -> changes.Rows:
    return list(csv.reader(io.StringIO(text)))


def _authorities(chance: random.Random) -> Case:
    samples = (AUTHORITIES, tables_by_name()["sample_authorities.csv"].decode("utf-8-sig"))
    name, content = _table(chance, _rows_of(chance.choice(samples)))
    named = SMALL.replace("authorities.csv", name).encode()
    return {name: content, "mine.toml": named}, chance.choice((["check", name], ["check", name], *RUNS))


def _people(chance: random.Random) -> Case:
    name, content = _table(chance, _rows_of(_some_people()))
    named = SMALL.replace("[workforce.roles]", f'[workforce]\nin_post = "{name}"\n[workforce.roles]').encode()
    return {name: content, "mine.toml": named}, chance.choice((["check", name], ["check", name], *RUNS))


@cache
def _some_people() -> str:
    (text,) = people_tables().values()
    return "\n".join(text.splitlines()[:40])


def _plan(chance: random.Random) -> Case:
    name, content = _table(chance, _rows_of(PLAN))
    named = SMALL.replace("[workforce.roles]", f'[planning]\nplan = "{name}"\n[workforce.roles]').encode()
    tried = ["programme", name, "--scenario", "mine.toml", "--replications", "1", "--jobs", "1", "--out", OUT]
    files = {name: content} | ({"mine.toml": named} if chance.random() < 0.5 else {})
    return files, chance.choice((["check", name], ["check", name], *RUNS)) if len(files) > 1 else tried


def _draws(chance: random.Random) -> Case:
    rows = _rows_of(table("draws_2013_2022.csv"))[:30]
    content = changes.csv_of(chance, changes.of_rows(chance, rows))
    return {"draws.csv": content, "mine.toml": f'draws = "draws.csv"\n{SMALL}'.encode()}, chance.choice(RUNS)


def _history(chance: random.Random) -> Case:
    name, content = _table(chance, _rows_of(HISTORY))
    tried = ["backtest", "mine.toml", "--history", name, "--as-it-ships", *FLAGS[:-2], "--out", OUT]
    return {name: content}, chance.choice((tried, ["fit", name]))


def _setting(chance: random.Random) -> Case:
    paths = list(_paths(tomllib.loads(_whole()), ""))
    settings = []
    for _ in range(chance.choice((1, 1, 2))):
        path = chance.choice(paths)
        if chance.random() < 0.2:
            path = chance.choice(
                (path.rpartition(".")[0] or "years", f"{path}.more", path[:-1] or "k", ".".join("a" * 999))
            )
        value = chance.choice(changes.RAW) if chance.random() < 0.2 else _as_toml(chance.choice(changes.VALUES))
        settings += ["--set", f"{path}={value}".replace("\0", "")]
    return {}, [*chance.choice((["describe", "mine.toml"], *RUNS)), *settings]


def _paths(node: Any, path: str) -> Iterator[str]:
    if isinstance(node, dict) and "value" not in node:
        for key, value in node.items():
            yield from _paths(value, f"{path}.{key}".strip("."))
    else:
        yield path


def _as_toml(value: Any) -> str:
    return tomlkit.dumps({"a": value}).partition("=")[2].strip() if not isinstance(value, dict) else json.dumps(value)


def _study(chance: random.Random) -> Case:
    """The folder of a study of which a file is spoilt; in half the cases its manifest lists it as it now is."""
    held = dict(_study_files(chance.random() < 0.2))
    name = chance.choice([name for name in held if name.endswith((".json", ".toml", ".csv", ".txt", ".parquet"))])
    name = chance.choice((name, f"{OUT}/manifest.json")) if f"{OUT}/manifest.json" in held else name
    change = changes.of_json if name.endswith(".json") else changes.of_bytes
    held[name] = change(chance, held[name])
    if chance.random() < 0.5 and f"{OUT}/manifest.json" in held:
        _list_anew(held, name)
    again = ["run", "mine.toml", "--replications", "2", "--jobs", "1", "--out", OUT]
    own = (["report", OUT, "--out", f"{OUT}.html"], ["workbook", OUT, "--out", f"{OUT}.xlsx"], again)
    return held, chance.choice(own)


def _list_anew(held: dict[str, bytes], name: str) -> None:
    """Let the manifest list a file as it now is, under a seal that is right."""
    with suppress(AttributeError, KeyError, RecursionError, TypeError, ValueError):  # it is no manifest any more
        manifest = json.loads(held[f"{OUT}/manifest.json"])
        if name.removeprefix(f"{OUT}/") in manifest["files"]:
            manifest["files"][name.removeprefix(f"{OUT}/")] = hashlib.sha256(held[name]).hexdigest()
        held[f"{OUT}/manifest.json"] = json.dumps(sealed(manifest)).encode()


@cache
def _study_files(unfinished: bool) -> Mapping[str, bytes]:
    """Files of a study, by their path; of one that is not finished, if that is wanted."""
    with TemporaryDirectory() as folder:
        home = Path(folder)
        write(FILES, home)
        child = os.fork()  # what makes the study starts threads, and of these a later child would know nothing
        if not child:
            _make_a_study(home / MINE, unfinished)
        os.waitpid(child, 0)
        files = [path for path in (home / MINE / OUT).rglob("*") if path.is_file()]
        return {path.relative_to(home / MINE).as_posix(): path.read_bytes() for path in files}


def _make_a_study(folder: Path, unfinished: bool) -> None:
    """Make a study, or begin one, and end the process."""
    try:
        scenario = load(folder / "mine.toml", {"replications": 6 if unfinished else 2})
        executor = _broken if unfinished else executors.here
        ensemble_study.run(scenario, folder / OUT, executor=executor, progress=False)
    finally:
        os._exit(0)


def _broken(task: Callable[[Input], Output], inputs: Iterable[Input]) -> Iterator[Output]:
    """Executor that runs one batch and is then stopped."""
    yield task(next(iter(inputs)))
    raise KeyboardInterrupt


KINDS: tuple[Callable[[random.Random], Case], ...] = (
    _scenario, _scenario, _scenario, _framework, _authorities, _authorities, _people, _plan, _draws, _history, _setting,
    _setting, _study, _study,
)  # fmt: skip
