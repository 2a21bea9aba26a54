"""Provenance of every number: the assumption book of a scenario, and what is assumed outside of scenarios.

Each number has its meaning, unit, source and confidence.
"""

from __future__ import annotations

import textwrap
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from importlib import import_module

from sim.analysis.fitting import CHOSEN, PRIOR, prior_quantiles
from sim.base.figures import EIGHT_IN_TEN, percent
from sim.base.package_data import table
from sim.inputs import visit_plan
from sim.inputs.assumptions import Entry, entries, shown
from sim.inputs.caveats import warnings
from sim.inputs.parameter_draws import (
    INFERRED,
    OF_THE_PLAN,
    POLICIES,
    SHARES,
    off_centre,
    plan_from_draws,
    shares_of_policies,
)
from sim.inputs.people_in_post import KEY, in_words
from sim.inputs.posts import posts_of
from sim.inputs.scenario import Scenario
from sim.inputs.toml_tree import UNSOURCED, Note
from sim.inputs.unknowns import shipped_unknowns
from sim.studies.answer import WIDTH

CONSTANTS = "constants.toml"
"""Table of the constants: where each stands, and what it means."""


def derived(scenario: Scenario) -> list[str]:
    """Figures that follow from the assumptions and that readers ask for."""
    lines = []
    for name in scenario.framework:
        for kind, rules in scenario.frameworks[name].visits.items():
            sizes = scenario.frameworks[name].sizes
            days = [rules.inspector_days(size) for size in sizes]
            shown = (
                str(days[0])
                if len(set(days)) == 1
                else ", ".join(f"{d} ({size})" for d, size in zip(days, sizes, strict=True))
            )
            lines.append(f"{name}: one {kind} visit takes {shown} inspector-days without travel and oversight")
    for role in scenario.workforce.roles:
        posts = posts_of(role, scenario.workforce, scenario.authorities_by_region)
        people, hours = Counter(post.region for post in posts), sum(post.hours for post in posts)
        where = "; ".join(f"{region} {people[region]}" for region in scenario.workforce.regions)
        told = len(scenario.workforce.people_in_post(role))
        of_table = f"; {told} of the table of people in post, {len(posts) - told} drawn" if told else ""
        lines.append(f"{role}: {len(posts)} people, {hours:.1f} full-time equivalents: {where}{of_table}")
    return lines


def text(scenario: Scenario) -> str:
    """The book as text."""
    book, outside = entries(scenario), outside_scenarios()
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
        *_people_in_post(scenario),
        *_own_plan(scenario),
        uncertainty(scenario),
        *(f"Note: {warning}." for warning in warnings(scenario)),
        "",
        "What follows from them",
        *(f"  {line}" for line in derived(scenario)),
        *_sections(book),
        *_drawn(scenario),
        "",
        "Beside every scenario: priors (what is assumed before anything is fitted or calibrated) and constants of the "
        "code; no scenario sets any of them",
        *_sections(outside),
    ]
    return "\n".join(lines) + "\n"


def _sections(book: list[Entry]) -> Iterator[str]:
    """Entries under the headings of their tables."""
    source = section = ""
    for entry in book:
        head = section_of(entry.key)
        if head != section:
            section, source = head, ""
            yield from ("", section)
        yield from _entry_lines(entry, source)
        source = entry.note.source


def _people_in_post(scenario: Scenario) -> Iterator[str]:
    """The table of people in post as a whole, as that of authorities is shown."""
    rows = scenario.workforce.in_post
    if rows is not None:
        note = scenario.notes.get(KEY, UNSOURCED)
        yield f"People in post: {len(rows)} rows of a table ({KEY})  [{note.confidence}]. Source: {note.source}"
        yield from (f"  {line}" for line in in_words(rows))


def _own_plan(scenario: Scenario) -> Iterator[str]:
    """A plan of one's own as a whole."""
    rows = scenario.planning.plan
    if rows:
        note = scenario.notes.get(visit_plan.KEY, UNSOURCED)
        told = f"Plan of visits: {visit_plan.in_words(rows)} ({visit_plan.KEY})"
        yield f"{told}  [{note.confidence}]. Source: {note.source}"


def uncertainty(scenario: Scenario) -> str:
    """What of the parameters the range of results holds, in words."""
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

    inferred = shares_of_policies(scenario.draws, scenario.planning)
    plan = plan_from_draws(scenario.draws, scenario.planning)
    unused = {column for column, _, value in off_centre(scenario.draws, scenario.own) if not value}
    yield from ("", "draws: how many times the value above a run has, in eight draws of ten")
    for column, values in scenario.draws.items():
        if column in POLICIES:
            if column in inferred:
                shares = ", ".join(f"{name} in {percent(part)}" for name, part in inferred[column].items())
                yield f"  {column}: {shares} of draws"
            else:
                yield f"  {column}: nothing, as the scenario does not say {INFERRED}"
            continue
        if column in OF_THE_PLAN:
            low, high = np.round(np.quantile(values, EIGHT_IN_TEN))
            range_of = (
                f"{low:.0f} to {high:.0f} instead of it" if column in plan else "nothing, as the scenario has its own"
            )
            yield f"  {column}: {range_of}"
            continue
        low, high = np.quantile(values, EIGHT_IN_TEN) / np.median(values)
        limits = ", at most 1 in all" if column in SHARES else ""
        times = "nothing, as the scenario has none" if column in unused else f"{low:.3g} to {high:.3g} times{limits}"
        yield f"  {column}: {times}"
    if any(column.startswith("mix.") for column in scenario.draws):
        yield "  the mix is then made to add up to 1"


def section_of(key: str) -> str:
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


def _entry_lines(entry: Entry, source_above: str) -> list[str]:
    note = entry.note
    bounds = "" if note.low is None or note.high is None else f", {note.low:g} to {note.high:g}"
    told = shown(entry.value)
    key = entry.key.removeprefix(f"{section_of(entry.key)}.")
    head = f"  {key} = {told}{' ' + entry.unit if entry.unit else ''}  [{note.confidence}{bounds}]"
    words = entry.meaning if note.source == source_above else f"{entry.meaning}. Source: {note.source}"
    return [head, *textwrap.wrap(words, WIDTH, initial_indent="      ", subsequent_indent="      ")]


def outside_scenarios() -> list[Entry]:
    """What is assumed beside every scenario: priors of what is fitted and calibrated, and constants of the code."""
    return [*_prior_of_the_fit(), *_priors_of_the_calibration(), *_constants()]


def _prior_of_the_fit() -> Iterator[Entry]:
    """What a fit of drift and judgement assumes before any inspection is seen."""
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
            (CHOSEN.worst, CHOSEN.worst - 1),
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
    for unknown in shipped_unknowns():
        value = "uniform" if unknown.changes is None else " or ".join(f"{value:g}" for value in unknown.values)
        kind = "; whole numbers" if unknown.whole else "" if unknown.changes is None else "; each as likely"
        note = Note(unknown.source, "low", unknown.values[0], unknown.values[-1])
        yield Entry(f"calibration.prior.{unknown.name}", value, unknown.unit, f"{unknown.title}{kind}", note)


def _constants() -> Iterator[Entry]:
    """Numbers of the code that stand for assumptions, or decide what is compared with history."""
    rows: Mapping[str, Mapping[str, str]] = tomllib.loads(table(CONSTANTS))
    for name, row in rows.items():
        module, constant = row["stands"].rsplit(".", 1)
        value = getattr(import_module(module), constant)
        source = f"{row['source']} ({module.replace('.', '/')}.py)"
        yield Entry(f"code.{name}", value, row["unit"], row["meaning"], Note(source, row["confidence"]))
