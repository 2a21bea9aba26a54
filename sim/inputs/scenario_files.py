"""Reads the files of scenarios and frameworks: what a file extends, its paths, its tables, and the frameworks it
names.
"""

from __future__ import annotations

import datetime
import difflib
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sim.base.bounds import MOST_LINKS
from sim.base.faults import NOT_SHOWN, Fault, InputError, nearest
from sim.base.package_data import by_name, shipped, tables_by_name
from sim.inputs import people_in_post, toml_tree, visit_plan
from sim.inputs.authorities import EARLIEST, Authority, ExpectedRows
from sim.inputs.authority_tables import TableSource, read_table
from sim.inputs.four_judgements import FourJudgements, Rule
from sim.inputs.framework import SIZES
from sim.inputs.grades import DECLARED, SHIPPED, Declared, Grades
from sim.inputs.grades import faults_of as faults_of_grades
from sim.inputs.parameter_draws import SHIPPED as SHIPPED_DRAWS
from sim.inputs.toml_tree import Sheet
from sim.inputs.validation import validate

DEFAULT, DEFAULT_RULES = "ilacs_launch", "ilacs_2017"
"""Built-in files that give every key."""
WITHOUT_OVERALL = "ilacs_2026"
"""Built-in framework that publishes four judgements and no overall one."""
NOT_ASSUMED = frozenset({"name", "question", "framework", "authorities", "draws", "runs_per_draw"})
"""Keys that say what is asked, not what is assumed; they have no note."""
TABLES = (("workforce", "in_post", people_in_post.at_home), ("planning", "plan", visit_plan.at_home))
"""Sections with a key that names a table, and the function that makes its path relative to the file's folder."""
OF_GRADES = ("grades", "good_or_better", "called", "drift", "judging", "mix")
"""Keys of ``ratings`` that a file must give itself if it declares other grades than the file it extends."""
NO_DRAWS = "none"
"""Value that means no table of draws: every run uses the values given."""


def framework_that_ships(name: str) -> Sheet:
    """Return the sheet of a built-in framework."""
    return read_sheet("frameworks", name, Path(), ())[0]


def read_sheet(kind: str, source: str | Path, folder: Path, seen: tuple[str, ...]) -> tuple[Sheet, str, Path]:
    """Read a file overlaid on those it extends; return its sheet, its name for faults, and the folder of its paths."""
    known = by_name(kind)
    if str(source) in known:
        where, text, home = f"{source}.toml (built-in)", known[str(source)], Path()
        content = toml_tree.parse(text, where)
        content.setdefault("name", str(source))
    else:
        path = folder / source
        if not _is_toml(path.name) and not _is_file(path):
            place = seen[-1] if seen else "the command"
            words = f"give the path of a TOML file or a name; {nearest(str(source), known)}"
            raise InputError([Fault(place, kind.removesuffix("s"), str(source), words)])
        where, home = str(path), path.parent
        content = toml_tree.read(path)
        content.setdefault("name", path.stem)
    if kind == "frameworks":
        content.pop("name", None)
    base = content.pop("extends", None)
    if os.path.realpath(where) in map(os.path.realpath, seen):
        words = "a file cannot extend itself, directly or in a circle"
        raise InputError([Fault(where, "extends", base, words)])
    if len(seen) >= MOST_LINKS:
        raise InputError([Fault(where, "extends", base, f"a chain of extends may have at most {MOST_LINKS} files")])
    meant = difflib.get_close_matches("extends", content, n=1, cutoff=0.75) if base is None else []
    if meant:
        raise InputError([Fault(where, meant[0], content[meant[0]], "there is no such key; did you mean 'extends'?")])
    content = {key: with_home(key, value, home) for key, value in content.items()}
    misnamed: tuple[Fault, ...] = ()
    if kind == "scenarios" and "shocks" in content:
        content["shocks"], misnamed = shocks_by_name(content["shocks"], where, len(seen))
    sheet = toml_tree.split_notes(content, where)
    sheet = replace(sheet, faults=(*misnamed, *sheet.faults))
    if base is None:
        if kind == "scenarios" and "framework" not in content and str(source) not in known:
            words = f'to give only what differs from a built-in scenario, begin the file with extends = "{DEFAULT}"'
            raise InputError([Fault(where, "extends", None, words)])
        return people_in_post.with_table(sheet, sheet), where, home
    if not isinstance(base, str):
        raise InputError([Fault(where, "extends", base, "give one name or path")])
    under, _, _ = read_sheet(kind, base, home, (*seen, where))
    return people_in_post.laid(without_other_grades(under, sheet), sheet), where, home


def chain(source: str | Path, folder: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the names and contents of a file and of those that it extends, in turn; for a built-in file only its name.

    It stops where the next file cannot be found, but raises an InputError if a file is not TOML.
    """
    for _ in range(MOST_LINKS):
        if any(str(source) in by_name(kind) for kind in ("scenarios", "frameworks")):
            yield str(source), {}
            return
        path = folder / source
        content = toml_tree.read(path) if _is_file(path) else {}
        yield str(source), content
        if not isinstance(content.get("extends"), str):
            return
        source, folder = content["extends"], path.parent


def ships_under(source: str | Path, folder: Path) -> str:
    """Return the name of the built-in scenario that a file finally extends, or is itself; empty if there is none."""
    *_, (name, _) = chain(source, folder)
    return name if name in by_name("scenarios") else ""


def without_other_grades(under: Sheet, own: Sheet) -> Sheet:
    """Return what a file extends without its drift, judging and mix if the file declares other grades."""
    ratings, below = own.values.get("ratings"), under.values.get("ratings")
    if not (isinstance(ratings, Mapping) and isinstance(below, Mapping)):
        return under
    declared = below.get("grades", DECLARED.grades)
    if ratings.get("grades", declared) == declared:
        return under
    kept = {key: value for key, value in below.items() if key not in OF_GRADES}
    gone = tuple(f"ratings.{key}." for key in OF_GRADES)
    notes = {path: note for path, note in under.notes.items() if not f"{path}.".startswith(gone)}
    values = {key: value for key, value in under.values.items() if key != "draws"}
    return replace(under, values=values | {"ratings": kept}, notes=notes)


def shocks_by_name(shocks: object, where: str, depth: int = 0) -> tuple[object, tuple[Fault, ...]]:
    """Return a file's tables ``[[shocks]]`` by their names, with a fault for each that has no name of its own.

    Such a shock stands under its number, so that its other faults show as well; ``depth``, how many files extend this
    one, keeps it apart from those of the other files. Anything but a list of tables is returned unchanged.
    """
    if not isinstance(shocks, list | tuple):
        return shocks, ()
    faults: list[Fault] = []
    found: dict[str, object] = {}
    for number, shock in enumerate(shocks, start=1):
        name = shock.get("name") if isinstance(shock, Mapping) else None
        if not isinstance(name, str) or not name or "." in name or name in found:
            words = "each table [[shocks]] needs its own name, without full stops"
            if isinstance(name, str) and name in found:
                words = "another shock already has this name; give it its own name"
            faults.append(Fault(where, f"shocks ({number})", name, words))
            name = f"({number})" + "'" * depth
        if isinstance(shock, Mapping):
            found[name] = {key: value for key, value in shock.items() if key != "name"}
    return found, tuple(faults)


def with_home(key: str, value: object, home: Path) -> object:
    """Make the paths inside a file relative to the file's folder."""
    if key == "authorities" and isinstance(value, Mapping) and "file" in value:
        return {**value, "file": with_home(key, value["file"], home)}
    if key in ("authorities", "authorities.file") and isinstance(value, str) and value not in tables_by_name():
        return str(home / value)
    if key == "draws" and isinstance(value, str) and value not in (NO_DRAWS, *SHIPPED_DRAWS):
        return str(home / value)
    for table, inner, at_home in TABLES:
        if key == table and isinstance(value, Mapping) and inner in value:
            return {**value, inner: at_home(value[inner], home)}
    if key == "framework":
        names = [value] if isinstance(value, str) else value
        if isinstance(names, list):
            return [str(home / name) if isinstance(name, str) and _is_toml(name) else name for name in names]
    return value


def _is_file(path: Path) -> bool:
    """Return whether there is a file of this name; if the system does not allow the name, there is none."""
    return os.path.isfile(path)  # noqa: PTH113 - the method of Path raises if the name is too long


def _is_toml(name: str) -> bool:
    return name.lower().endswith(".toml")


def read_authorities(values: Mapping[str, Any], where: str) -> tuple[tuple[Authority, ...], tuple[str, ...]]:
    """Read the table that a scenario names; return its rows, and how it was read if it is not a built-in table."""
    named = values["authorities"]
    source = validate(TableSource, {"file": named} if isinstance(named, str) else named, where, lambda: {"file": ""})
    if not isinstance(source, TableSource):
        raise InputError(replace(fault, key=f"authorities.{fault.key}") for fault in source)
    try:
        table = read_table(source, expected_of_table(values))
    except InputError as error:  # the scenario gives the start
        of_start = (replace(fault, where=where) if fault.key == "start" else fault for fault in error.faults)
        raise InputError(of_start) from None
    told = () if source.file in tables_by_name() else table.understood
    return table.authorities, tuple(f"how the table of authorities was read: {sentence}" for sentence in told)


def names_of(values: Mapping[str, Any]) -> list[str]:
    """Return the names of a scenario's authorities, and of those that it creates, as far as they are valid."""
    shocks, rows = values.get("shocks"), values.get("authorities")
    created = [_of(shock, "created") for shock in (shocks.values() if isinstance(shocks, Mapping) else ())]
    tables = [each for each in (*created, rows) if isinstance(each, tuple)]
    names = [_of(row, "authority") for table in tables for row in table]
    return [name for name in names if isinstance(name, str)]


def _of(node: object, key: str) -> object:
    """Return what a section has under a key, whether it is built already or still a mapping."""
    return node.get(key) if isinstance(node, Mapping) else getattr(node, key, None)


def expected_of_table(values: Mapping[str, Any]) -> ExpectedRows:
    """Return what the rest of a scenario requires of its table, as far as that is valid itself."""
    workforce, start = values.get("workforce"), values.get("start")
    regions = workforce.get("regions") if isinstance(workforce, Mapping) else None
    sound = isinstance(regions, tuple) and all(isinstance(region, str) for region in regions)
    grades = grades_of(values) or SHIPPED
    begins = start if type(start) is datetime.date else None
    sizes = tuple(dict.fromkeys(_sizes_of(values))) or SIZES
    return ExpectedRows(regions if sound else None, begins, grades, sizes, rule_over_four(values, grades))


def rule_over_four(values: Mapping[str, Any], grades: Grades) -> Rule | None:
    """Return the rule that derives an overall judgement from four: from a scenario's frameworks, or from the
    built-in one.
    """
    frameworks = values.get("frameworks")
    own = [_of(each, "four_judgements") for each in (frameworks.values() if isinstance(frameworks, Mapping) else ())]
    ships = framework_that_ships(WITHOUT_OVERALL).values["four_judgements"] if grades == SHIPPED else None
    for four in (*own, ships):
        with suppress(ValidationError):
            return Rule(FourJudgements.model_validate(four), grades)
    return None


def _sizes_of(values: Mapping[str, Any]) -> Iterator[str]:
    """Yield the sizes for which teams have people, as far as a scenario's frameworks are valid."""
    node: list[object] = [values.get("frameworks")]
    for key in (None, "visits", None, "team", None, "people"):
        tables = [each for each in node if isinstance(each, Mapping)]
        node = [inner for table in tables for inner in (table.values() if key is None else [table.get(key)])]
    yield from (size for people in node if isinstance(people, Mapping) for size in people)


def grades_of(values: Mapping[str, Any]) -> Grades | None:
    """Return the grades that a scenario declares, or the default ones; None if they are not valid."""
    ratings = values.get("ratings")
    own = ratings if isinstance(ratings, Mapping) else {}
    names, good, called = declared = tuple(own.get(key, getattr(DECLARED, key)) for key in Declared._fields)
    if not isinstance(names, tuple) or not isinstance(called, Mapping):
        return None
    if not all(isinstance(word, str) for word in (*names, good, *called, *called.values())):
        return None
    return None if list(faults_of_grades(*declared)) else Grades.of(*declared)


def stand_in(expected: ExpectedRows) -> Authority:
    """Return a row in place of a table with faults, so that the rest of the scenario can be checked."""
    region = (expected.regions or ("",))[0]
    return Authority(authority="(no table)", region=region, judgement=expected.grades.worst, inspected_on=EARLIEST)


def sound_values(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return valid values to replace wrong ones: the default scenario's, with rules for each framework in
    ``values``.
    """
    names = values["frameworks"] if isinstance(values.get("frameworks"), Mapping) else {}
    ships = by_name("frameworks")
    rules = {name: framework_that_ships(name if name in ships else DEFAULT_RULES).values for name in names}
    grades = grades_of(values)
    if grades is not None and grades != SHIPPED:
        rules = {name: _with_pathways(framework, grades) for name, framework in rules.items()}
    sound = toml_tree.split_notes(toml_tree.parse(shipped("scenarios")[DEFAULT], DEFAULT), DEFAULT).values
    if grades is not None and grades != SHIPPED:
        sound["ratings"] = sound["ratings"] | _ratings_of(grades)
    return sound | {"frameworks": rules, "name": DEFAULT, "authorities": (), "draws": None}


def _with_pathways(framework: Mapping[str, Any], grades: Grades) -> dict[str, Any]:
    """Return rules with a minimal pathway for each of some grades."""
    more = {"contacts", "longer"}
    pathway = {key: value for key, value in next(iter(framework["pathways"].values())).items() if key not in more}
    return {**framework, "pathways": dict.fromkeys(grades.names, pathway), "four_judgements": None}


def _ratings_of(grades: Grades) -> dict[str, Any]:
    """Return ratings for some grades: quality that never changes and is always judged correctly."""
    names, best = grades.names, grades.names[grades.good - 1]
    return {
        "grades": names, "good_or_better": best, "called": grades.name_of, "drift": {},
        "judging": {name: {name: 1.0} for name in names}, "mix": {name: 1 / len(names) for name in names},
    }  # fmt: skip


def check_path(values: Mapping[str, Any], path: str, where: str) -> None:
    """Refuse a setting in a table that does not exist; validation checks the rest."""
    *tables, _ = path.split(".")
    node: object = values
    for depth, key in enumerate(tables):
        if not isinstance(node, Mapping) or key not in node:
            options = nearest(key, node) if isinstance(node, Mapping) else "the key before it is not a table"
            if not depth and (meant := list(_ending_in(values, path, tables))):
                options = f"did you mean {' or '.join(meant)}?"
            raise InputError([Fault(where, ".".join(tables[: depth + 1]), path, options)])
        node = node[key]


def _ending_in(values: Mapping[str, Any], path: str, tables: Sequence[str]) -> Iterator[str]:
    """Yield existing paths, one or two tables longer, that end in another path."""
    for outer, table in values.items():
        if _holds(table, tables):
            yield f"{outer}.{path}"
        for name, inner in table.items() if isinstance(table, Mapping) else ():
            if _holds(inner, tables):
                yield f"{outer}.{name}.{path}"


def _holds(node: object, tables: Sequence[str]) -> bool:
    """Return whether a table contains the given tables, one inside the other."""
    for key in tables:
        if not isinstance(node, Mapping) or key not in node:
            return False
        node = node[key]
    return True


def with_frameworks(sheet: Sheet, where: str) -> Sheet:
    """Return the sheet with the rules of every framework named, overlaid with the scenario's own changes."""
    named = sheet.values.get("framework")
    names = (named,) if isinstance(named, str) else named
    if not isinstance(names, tuple) or not all(isinstance(name, str) for name in names):
        raise InputError(
            [Fault(where, "framework", named, "give the name or path of a framework, or a list of several")]
        )
    own, misfits = _tables_of(sheet.values.get("frameworks", {}), where)
    rules: dict[str, Any] = {}
    notes = {path: note for path, note in sheet.notes.items() if not path.startswith("framework")}
    faults = [*sheet.faults, *misfits]
    short_names = tuple(Path(name).stem if _is_toml(name) else name for name in names)
    for short, name in zip(short_names, names, strict=True):
        prefix = f"frameworks.{short}."
        own_notes = {path.removeprefix(prefix): note for path, note in sheet.notes.items() if path.startswith(prefix)}
        try:
            laid = _laid_framework(name, Sheet(dict(own.get(short, {})), own_notes), where)
        except InputError as error:
            faults += error.faults
            laid = Sheet(framework_that_ships(DEFAULT_RULES).values, {})
        rules[short] = laid.values
        faults += laid.faults
        notes |= {prefix + path: note for path, note in laid.notes.items()}
    unused = f"it is not used, because framework names only {', '.join(short_names)}"
    faults += [Fault(where, f"frameworks.{name}", NOT_SHOWN, unused) for name in own if name not in short_names]
    values = sheet.values | {"framework": short_names, "frameworks": rules}
    return replace(sheet, values=values, notes=notes, faults=tuple(faults))


def _tables_of(frameworks: object, where: str) -> tuple[Mapping[str, Any], list[Fault]]:
    """Return a scenario's changes of frameworks by name, and a fault for each entry that is not a table."""
    words = "must be a table of keys"
    if not isinstance(frameworks, Mapping):
        return {}, [Fault(where, "frameworks", frameworks, words)]
    tables = {name: each for name, each in frameworks.items() if isinstance(each, Mapping)}
    misfits = [name for name in frameworks if name not in tables]
    return tables, [Fault(where, f"frameworks.{name}", frameworks[name], words) for name in misfits]


def _laid_framework(name: str, own: Sheet, where: str) -> Sheet:
    """Return the rules of a framework overlaid with a scenario's own; a resolved scenario contains them all."""
    if {"visits", "pathways", "desk_work", "in_force_from"} <= set(own.values):
        return own
    under, _, _ = read_sheet("frameworks", name, Path(), (where,))
    return toml_tree.overlay(under, own)
