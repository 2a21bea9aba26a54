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

from sim.figures import EIGHT_IN_TEN
from sim.framework import SIZES, Framework
from sim.parts import Part
from sim.scenario import DEFAULT, Scenario, load
from sim.shipped import shipped
from sim.shocks import Created, Departures, Recruitment, Shock
from sim.tree import UNSOURCED, Note
from sim.uncertainty import SHARES, off_centre
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
        Dotted path; ``--set`` takes it, but for what stands beside every scenario (:func:`beside`).
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


def beside() -> list[Entry]:
    """What is assumed beside every scenario: priors of what is fitted and calibrated, and constants of the code."""
    return [*_prior_of_the_fit(), *_priors_of_the_calibration(), *_constants()]


def _prior_of_the_fit() -> Iterator[Entry]:
    """What a fit of drift and judgement assumes before any inspection is seen."""
    from sim.fitting import CHOSEN, PRIOR, WORST, prior_quantiles

    known = prior_quantiles(CHOSEN, PRIOR, EIGHT_IN_TEN)
    a, b = PRIOR.error
    gamma = f"gamma, shape {PRIOR.rate_shape:g}, mean"
    rows: tuple[tuple[str, str, str, str, tuple[int, int] | str, str], ...] = (
        (
            "rate",
            f"{gamma} {PRIOR.rate_mean:g}",
            "moves a year",
            "rate of each move of true quality to the next grade",
            CHOSEN.moves[0],
            "assumption, worth as many moves seen as its shape: without it a grade that nobody was seen to leave would "
            "be for ever",
        ),
        (
            "recovery",
            f"{gamma} {PRIOR.recovery_mean:g}",
            "moves a year",
            "the same of the move out of inadequate",
            (WORST, WORST - 1),
            "assumption, from the promise to inspect inadequate authorities again within two years (2016)",
        ),
        (
            "error",
            f"beta ({a:g}, {b:g}), mean {a / (a + b):g}",
            "probability",
            "that a judgement errs, by a grade, to either side as likely",
            "error",
            "assumption: nothing published says how often a judgement errs",
        ),
        ("mix", "uniform", "share", "mix of true quality at the first inspection, by grade", "mix", "no mix preferred"),
    )
    for name, value, unit, meaning, of, source in rows:
        low, high = (round(float(each), 3) for each in known[of])
        yield Entry(f"fit.prior.{name}", value, unit, f"{meaning}; eight in ten", Note(source, "low", low, high))


def _priors_of_the_calibration() -> Iterator[Entry]:
    """What is assumed of people and plan before anything done is looked at."""
    from sim.unknowns import shipped_unknowns

    for unknown in shipped_unknowns():
        value = "uniform" if unknown.changes is None else " or ".join(f"{value:g}" for value in unknown.values)
        kind = "; whole numbers" if unknown.whole else "" if unknown.changes is None else "; each as likely"
        note = Note(unknown.source, "low", unknown.values[0], unknown.values[-1])
        yield Entry(f"calibration.prior.{unknown.name}", value, unknown.unit, f"{unknown.title}{kind}", note)


def _constants() -> Iterator[Entry]:
    """Numbers of the code that stand for assumptions, or decide what is compared with history."""
    from sim import calibration, four_judgements, history, measures, programme, rivals
    from sim.calibration_study import BEFORE

    rows: tuple[tuple[str, object, str, str, str, str], ...] = (
        (
            "old_judgement_years",
            measures.OLD_JUDGEMENT_YEARS,
            "years",
            "age past which a published judgement counts as old",
            "the interval of the framework and half a year of its window (sim/measures.py)",
            "medium",
        ),
        (
            "areas_of_practice",
            four_judgements.AREAS_OF_PRACTICE,
            "areas",
            "judged beside leaders where nothing overall is judged",
            "framework published for use from April 2026 (sim/four_judgements.py)",
            "high",
        ),
        (
            "fewest_pairs",
            history.FEWEST_PAIRS,
            "judgements",
            "that follow another; with fewer a blind forecast takes the prior of the fit",
            "assumption: a fit would say little else (sim/history.py)",
            "low",
        ),
        (
            "fewest_of_a_median",
            programme.FEWEST,
            "inspections",
            "whose median is compared with history; that of fewer is not",
            "assumption: it would be chance (sim/programme.py)",
            "low",
        ),
        (
            "cycle_months",
            rivals.CYCLE_MONTHS,
            "months",
            "the fixed cycle that a forecast is scored against",
            "announcement of 29 November 2017, and the programme of 2013 (sim/rivals.py)",
            "high",
        ),
        (
            "calibrated_from",
            calibration.FROM,
            "",
            "first financial year that the calibration compares",
            "assumption: in the months before, the programme begins from nothing (sim/calibration.py)",
            "low",
        ),
        (
            "old_judgements_calibrated_from",
            calibration.BACKLOG_FROM,
            "",
            "day from which the calibration compares the share of old judgements",
            "assumption: before it, old are only those of the first months (sim/calibration.py)",
            "low",
        ),
        (
            "calibrated_before",
            BEFORE,
            "",
            "day before which all was done that the calibration of the scenarios that ship rests on",
            "assumption: it leaves out the pandemic (sim/calibration_study.py)",
            "low",
        ),
        (
            "calibration_kept",
            calibration.KEPT,
            "share",
            f"of {calibration.RUNS:,} runs from the prior, those nearest to history that are kept",
            "assumption: the fewer, the nearer and the noisier (sim/calibration.py)",
            "low",
        ),
    )
    for name, value, unit, meaning, source, confidence in rows:
        yield Entry(f"code.{name}", value, unit, meaning, Note(source, confidence))


def text(scenario: Scenario) -> str:
    """The book as text."""
    book, outside = entries(scenario), beside()
    count = Counter(entry.note.confidence for entry in book)
    tally = ", ".join(f"{count[confidence]} {label}" for confidence, label in _LABELS.items() if count[confidence])
    lines = [
        f"{scenario.name}: {scenario.question}",
        "",
        f"{len(book)} assumptions: {tally}; and {len(outside)} beside every scenario, at the end.",
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
        *_sections(book),
        *_drawn(scenario),
        "",
        "Beside every scenario: priors (what is assumed before anything is fitted or calibrated) and constants of the "
        "code; --set takes none of them",
        *_sections(outside),
    ]
    return "\n".join(lines) + "\n"


def _sections(book: list[Entry]) -> Iterator[str]:
    """Entries under the headings of their tables."""
    source = section = ""
    for entry in book:
        head = _section(entry.key)
        if head != section:
            section, source = head, ""
            yield from ("", section)
        yield from _entry_lines(entry, source)
        source = entry.note.source


def _uncertainty(scenario: Scenario) -> str:
    if scenario.draws is None:
        return "Parameters: every run has the values below; the range of results holds chance only."
    count, shared = len(next(iter(scenario.draws.values()))), scenario.runs_per_draw
    sharing = "each run takes one" if shared == 1 else f"every {shared} runs share one"
    return (
        f"Parameters: {count} draws of {len(scenario.draws)} numbers; {sharing}. A run has the values below times the "
        "draw over the middle of its column (see draws). No other number varies: the range of results holds chance and "
        "these alone."
    )


def _drawn(scenario: Scenario) -> Iterator[str]:
    """What the draws multiply each number by, in eight draws of ten."""
    if scenario.draws is None:
        return
    import numpy as np

    unused = {column for column, _, value in off_centre(scenario.draws, scenario.own) if not value}
    yield from ("", "draws: how many times the value above a run has, in eight draws of ten")
    for column, values in scenario.draws.items():
        low, high = np.quantile(values, EIGHT_IN_TEN) / np.median(values)
        limits = ", at most 1 in all" if column in SHARES else ""
        times = "nothing, as the scenario has none" if column in unused else f"{low:.3g} to {high:.3g} times{limits}"
        yield f"  {column}: {times}"
    if any(column.startswith("mix.") for column in scenario.draws):
        yield "  the mix is then made to add up to 1"


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
