"""The assumption book of a scenario: each number with its meaning, unit, source and confidence."""

from __future__ import annotations

import datetime
import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import get_args

from sim.framework import SIZES, Framework
from sim.parts import Part
from sim.scenario import DEFAULT, Scenario, load
from sim.shipped import shipped
from sim.shocks import Created, Departures, Recruitment, Shock
from sim.tree import UNSOURCED, Note
from sim.uncertainty import off_centre
from sim.workforce import posts_of

SELF_EXPLAINING = frozenset(
    {"name", "question", "seed", "replications", "years", "framework", "authorities", "notes", "draws", "runs_per_draw"}
)
"""Keys of a scenario that say what is asked, not what is assumed."""
NOT_COMPARED = frozenset({"name", "question", "seed", "replications", "notes", "draws"})
"""Keys whose values the headline says, or that are no single values."""
WIDTH = 118


@dataclass(frozen=True)
class Entry:
    """One line of the book.

    Attributes
    ----------
    key : str
        Dotted path; ``--set`` takes it.
    value : object
        A number, a word, a date, or a tuple of numbers.
    unit, meaning : str
        From the model.
    note : Note
        Source and confidence, with a plausible range where there is one.
    """

    key: str
    value: object
    unit: str
    meaning: str
    note: Note


def entries(scenario: Scenario) -> list[Entry]:
    """Every value that a scenario assumes, in the order of its file."""
    return [
        Entry(key, value, unit, meaning, scenario.notes.get(key, UNSOURCED))
        for key, value, unit, meaning in _leaves(scenario, "", "", "")
        if key.split(".")[0] not in SELF_EXPLAINING
    ]


def _leaves(node: object, path: str, unit: str, meaning: str) -> Iterator[tuple[str, object, str, str]]:
    if isinstance(node, Part):
        for name, field in type(node).model_fields.items():
            if name == "kind" and isinstance(node, get_args(Shock)):
                continue  # what it is, not what is assumed of it
            extra = field.json_schema_extra
            inner_unit = str(extra.get("unit", "")) if isinstance(extra, Mapping) else ""
            yield from _leaves(
                getattr(node, name), f"{path}.{name}" if path else name, inner_unit, field.description or ""
            )
    elif isinstance(node, Mapping):
        for key, value in node.items():
            yield from _leaves(value, f"{path}.{key}", unit, meaning)
    elif isinstance(node, tuple) and node and isinstance(node[0], Part):
        if isinstance(node[0], Created):  # a few; a table of authorities is shown as a whole
            yield path, tuple(f"{each.authority} ({each.region}, {each.size})" for each in node), unit, meaning
    elif node is not None:
        yield path, node, unit, meaning


def shipped_beside(scenario: Scenario) -> Scenario:
    """The scenario that ships which another one is held against: its namesake if there is one."""
    return _as_it_ships(scenario.name if scenario.name in shipped("scenarios") else DEFAULT)


@cache
def _as_it_ships(name: str) -> Scenario:
    return load(name)


def differences(scenario: Scenario, other: Scenario) -> list[str]:
    """What a scenario has that another one has not.

    Returns
    -------
    list of str
        A line for each value that differs, ``key: of the other -> of the scenario``. What the headline says anyway
        (question, seed, replications) is left out.
    """
    old, new = _values(other, scenario), _values(scenario, other)
    lines = [
        f"{key}: {_shown(old[key]) if key in old else 'nothing'} -> {_shown(new[key]) if key in new else 'nothing'}"
        for key in (*old, *(key for key in new if key not in old))
        if old.get(key) != new.get(key)
    ]
    if scenario.draws != other.draws:
        theirs = "none" if other.draws is None else f"those of {other.name}"
        lines.append(f"draws: {theirs} -> {'none' if scenario.draws is None else 'others'}")
    if scenario.authorities != other.authorities:
        others = len([row for row in scenario.authorities if row not in other.authorities])
        lines.append(
            f"authorities: {len(other.authorities)} rows -> {len(scenario.authorities)} rows, {others} of others"
        )
    return lines


def with_differences(scenario: Scenario) -> str:
    """A scenario as a file, resolved whole, under what differs from the one that ships."""
    beside = shipped_beside(scenario)
    changed = differences(scenario, beside)
    head = [f"# Unlike {beside.name} as it ships:", *(f"#   {line}" for line in changed), ""]
    return "\n".join([*(head if changed else []), scenario.to_toml()])


def _values(scenario: Scenario, beside: Scenario) -> dict[str, object]:
    """Values by key, without those of a framework that the other scenario has not."""
    alone = tuple(f"frameworks.{name}." for name in set(scenario.framework) - set(beside.framework))
    return {
        key: value
        for key, value, *_ in _leaves(scenario, "", "", "")
        if key.split(".")[0] not in NOT_COMPARED and not key.startswith(alone)
    }


def warnings(scenario: Scenario) -> list[str]:
    """What a reader of the results should know before trusting them."""
    found = []
    filled = [row for row in scenario.authorities if row.note]
    if filled:
        found.append(
            f"{len(filled)} of {len(scenario.authorities)} authorities carry a note: "
            f"{sorted({row.note for row in filled})[0]}"
        )
    found += _assumed_effects(scenario)
    found += _draws_off_centre(scenario)
    found += _timetable(scenario)
    found += _shocks_never_felt(scenario)
    for name in scenario.framework:
        found += _without_lead(scenario, name, scenario.frameworks[name])
        found += _impossible_teams(scenario, name, scenario.frameworks[name])
        found += _progress_never_found(name, scenario.frameworks[name])
    return found


def _progress_never_found(name: str, framework: Framework) -> Iterator[str]:
    for judgement, pathway in framework.pathways.items():
        monitoring = pathway.monitoring
        progress = None if monitoring is None else monitoring.enough_progress
        if monitoring is not None and progress is not None and progress.from_visit >= monitoring.visits["high"]:
            yield (
                f"{name}: monitoring of {judgement} authorities never ends early: enough progress may be found from "
                f"visit {progress.from_visit} on, and there are {monitoring.visits['high']} at most"
            )


def _draws_off_centre(scenario: Scenario) -> Iterator[str]:
    """What is not taken from a table of draws, though its reader may think so."""
    if scenario.draws is None:
        return
    for column, middle, value in off_centre(scenario.draws, scenario.own):
        yield (
            f"draws.{column} has its middle at {middle:g}, and the scenario's own value is {value:g}: a run takes the "
            "scenario's value, times the draw over that middle"
        )
    if len(next(iter(scenario.draws.values()))) == 1:
        yield "draws holds one draw, so every run has the values given"


def _assumed_effects(scenario: Scenario) -> Iterator[str]:
    contact, intervention = scenario.ratings.contact, scenario.ratings.intervention
    for name, better, worse in (
        ("contact", contact.improvement, contact.decline),
        ("intervention", intervention.improvement, intervention.decline),
    ):
        if better or worse:
            yield (
                f"ratings.{name} changes the drift (improvement {better:+.0%}, decline {worse:+.0%}): that "
                "is an assumption, and the drift fitted already holds whatever visits did from 2013 to 2022"
            )


def _timetable(scenario: Scenario) -> Iterator[str]:
    """What the dates of the frameworks make of the timetable: the first one holds from the start, whatever its date."""
    begins = {name: scenario.frameworks[name].in_force_from for name in scenario.framework}
    first, *later = begins
    if begins[first] > scenario.start:
        yield (
            f"{first} holds from the start, {scenario.start}, as it is the first that framework names, "
            f"although it came into force on {begins[first]}"
        )
    for name, successor in pairwise(begins):
        if begins[successor] <= scenario.start:
            yield f"{name} is never used: {successor}, in force from {begins[successor]}, holds at the start already"
    for name in later:
        if begins[name] >= scenario.end:
            yield f"{name} is never used: it comes into force on {begins[name]}, and the run ends before {scenario.end}"


def _shocks_never_felt(scenario: Scenario) -> Iterator[str]:
    """Shocks of which no day is simulated."""
    for name, shock in scenario.shocks.items():
        if isinstance(shock, Departures) and shock.people > scenario.workforce.roles[shock.role].people:
            there = scenario.workforce.roles[shock.role].people
            yield f"shocks.{name}: {shock.people} {shock.role} are to leave, and {there} are in post at the start"
        if isinstance(shock, Recruitment):
            yield from _campaign_never_felt(scenario, name, shock)
            continue
        last = getattr(shock, "ends_on", None) or shock.begins_on
        if last < scenario.start:
            yield f"shocks.{name} changes nothing: it is over on {last}, and the run begins on {scenario.start}"
        if shock.begins_on >= scenario.end:
            begins, end = shock.begins_on, scenario.end
            yield f"shocks.{name} changes nothing: it begins on {begins}, and the run ends before {end}"


def _campaign_never_felt(scenario: Scenario, name: str, shock: Recruitment) -> Iterator[str]:
    joins, leaves = scenario.days_in_post(shock)
    said = f"shocks.{name} changes nothing: its people would join on {joins}"
    if joins <= scenario.start:
        yield f"{said}, before the run begins on {scenario.start}"
    elif joins >= scenario.end:
        yield f"{said}, and the run ends before {scenario.end}"
    elif leaves is not None and joins > leaves:
        yield f"{said}, after the end of their term on {leaves}"


def _without_lead(scenario: Scenario, name: str, framework: Framework) -> Iterator[str]:
    """Kinds of visit that can never begin, since nobody may lead them or their lead gives no time."""
    for key in ("may_lead_share", "programme_share"):
        idle = {role for role, rules in scenario.workforce.roles.items() if rules.people and not getattr(rules, key)}
        kinds: dict[str, list[str]] = {}
        for kind, rules in framework.visits.items():
            kinds.setdefault(rules.team["lead"].role, []).append(kind)
        for role in idle & set(kinds):
            yield (
                f"{name}: visits of the kind {', '.join(kinds[role])} can never begin: their lead is a {role}, "
                f"and workforce.roles.{role}.{key} is 0"
            )


def _impossible_teams(scenario: Scenario, name: str, framework: Framework) -> Iterator[str]:
    sizes = {row.size for row in scenario.authorities}
    for kind, rules in framework.visits.items():
        needed: Counter[str] = Counter()
        for seat in rules.team.values():
            needed[seat.role] += max(seat.people[size] for size in sizes)
        for role, people in needed.items():
            there = scenario.workforce.roles[role].people  # type: ignore[index]  # validated: every role of a seat is there
            if people > there:
                yield f"{name}: a {kind} visit needs {people} {role}, and {there} are in post: some can never begin"


def derived(scenario: Scenario) -> list[str]:
    """Figures that follow from the assumptions and that readers ask for."""
    lines = []
    for name in scenario.framework:
        for kind, rules in scenario.frameworks[name].visits.items():
            days = [rules.inspector_days(size) for size in SIZES]
            shown = (
                str(days[0])
                if len(set(days)) == 1
                else ", ".join(f"{d} ({size})" for d, size in zip(days, SIZES, strict=True))
            )
            lines.append(f"{name}: one {kind} visit takes {shown} inspector-days without travel and oversight")
    for role in scenario.workforce.roles:
        posts = posts_of(role, scenario.workforce, scenario.authorities_by_region)
        people, hours = Counter(post.region for post in posts), sum(post.hours for post in posts)
        where = "; ".join(f"{region} {people[region]}" for region in scenario.workforce.regions)
        lines.append(f"{role}: {len(posts)} people, {hours:.1f} full-time equivalents: {where}")
    return lines


def text(scenario: Scenario) -> str:
    """The book as text."""
    book = entries(scenario)
    count = Counter(entry.note.confidence for entry in book)
    tally = ", ".join(f"{count[confidence]} {label}" for confidence, label in _LABELS.items() if count[confidence])
    lines = [
        f"{scenario.name}: {scenario.question}",
        "",
        f"{len(book)} assumptions: {tally}.",
        "high: read in an official text or counted from the published reports; medium: a secondary "
        "source; low: an assumption, to be varied.",
        f"Starting position: {len(scenario.authorities)} authorities ({_mix(scenario)}), "
        f"last inspected {min(row.inspected_on for row in scenario.authorities)} to "
        f"{max(row.inspected_on for row in scenario.authorities)}.",
        _uncertainty(scenario),
        *(f"Note: {warning}." for warning in warnings(scenario)),
        "",
        "What follows from them",
        *(f"  {line}" for line in derived(scenario)),
    ]
    source = section = ""
    for entry in book:
        head = _section(entry.key)
        if head != section:
            section, source = head, ""
            lines += ["", section]
        lines += _entry_lines(entry, source)
        source = entry.note.source
    return "\n".join(lines) + "\n"


def _uncertainty(scenario: Scenario) -> str:
    if scenario.draws is None:
        return "Parameters: every run has the values below; the range of results holds chance only."
    names, shared = list(scenario.draws), scenario.runs_per_draw
    sharing = "each run takes one" if shared == 1 else f"every {shared} runs share one"
    return (
        f"Parameters: {len(scenario.draws[names[0]])} draws of {', '.join(names)}; {sharing}, and has the values below "
        "times the draw over the middle of its column."
    )


def _section(key: str) -> str:
    """Table of the file under whose heading a key stands: two deep, and four inside a framework."""
    tables = key.split(".")[:-1]
    return ".".join(tables[: 4 if tables and tables[0] == "frameworks" else 2]) or "scenario"


_LABELS = {
    "high": "of high confidence",
    "medium": "of medium",
    "low": "of low",
    "none": "set without a source",
}


def _mix(scenario: Scenario) -> str:
    count = Counter(row.judgement for row in scenario.authorities)
    return ", ".join(f"{number} {judgement.replace('_', ' ')}" for judgement, number in count.most_common())


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return " ".join(str(item) for item in value)
    return f"{value:%d %B %Y}" if isinstance(value, datetime.date) else " ".join(str(value).split())


def _entry_lines(entry: Entry, source_above: str) -> list[str]:
    note = entry.note
    bounds = "" if note.low is None or note.high is None else f", {note.low:g} to {note.high:g}"
    shown = _shown(entry.value)
    key = entry.key.removeprefix(f"{_section(entry.key)}.")
    head = f"  {key} = {shown}{' ' + entry.unit if entry.unit else ''}  [{note.confidence}{bounds}]"
    words = entry.meaning if note.source == source_above else f"{entry.meaning}. Source: {note.source}"
    return [head, *textwrap.wrap(words, WIDTH, initial_indent="      ", subsequent_indent="      ")]
