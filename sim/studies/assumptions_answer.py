"""The assumption book of a scenario in words: what matters most and is known least first, then every number."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence

from sim.base.figures import EIGHT_IN_TEN, count, day_in_words, listed, percent, plain_words
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
from sim.studies.answer import WIDTH
from sim.studies.provenance import Wanted, outside_scenarios, section_of
from sim.studies.ranking import Number, Ranked, Ranking, ranked, shipped_ranking


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


FIRST = 20
"""Numbers of the ranking that the book begins with."""
WORTH_SAYING = 0.01
"""Least share of the variance that is told, unless none is as large."""
BRIEF = 160
"""Letters of a source in brief."""


def text(scenario: Scenario, ranking: Ranking | None = None, wanted: Wanted | None = None) -> str:
    """The book as text.

    Parameters
    ----------
    scenario : Scenario
        Whose assumptions it holds.
    ranking : Ranking, optional
        By which the numbers that come first are ranked; that of the study that ships otherwise.
    wanted : Wanted, optional
        Which entries are asked for; all of them otherwise.
    """
    ranking, wanted = ranking or shipped_ranking(), wanted or Wanted()
    book, outside = entries(scenario), outside_scenarios()
    places = ranked(ranking, book)
    lines = [f"{scenario.name}: {scenario.question}", ""]
    if wanted:
        lines += _of_wanted(scenario, wanted, book, outside, ranking, places)
    else:
        lines += _whole(scenario, book, outside, ranking, places)
    return "\n".join(lines) + "\n"


def _of_wanted(
    scenario: Scenario,
    wanted: Wanted,
    book: Sequence[Entry],
    outside: Sequence[Entry],
    ranking: Ranking,
    places: Sequence[Ranked],
) -> Iterator[str]:
    """The entries that are asked for: first those of the ranking, then each under its heading."""
    own, beside = wanted.of(book), wanted.of(outside)
    yield f"{len(own) + len(beside)} of {len(book) + len(outside)} assumptions: those {wanted}."
    keys = {entry.key for entry in own}
    first = [each for each in places if any(entry.key in keys for entry in each.entries)]
    if first:
        yield from _ranking(scenario, ranking, first, "Of these, what matters most and is known least")
    yield from _sections(own)
    if beside:
        yield from ("", BESIDE, *_sections(beside))


def _whole(
    scenario: Scenario,
    book: Sequence[Entry],
    outside: Sequence[Entry],
    ranking: Ranking,
    places: Sequence[Ranked],
) -> Iterator[str]:
    """The whole book: what it is of, what matters most, what follows from it, and every number."""
    counted = Counter(entry.note.confidence for entry in book)
    tally = ", ".join(f"{counted[confidence]} {label}" for confidence, label in _LABELS.items() if counted[confidence])
    yield f"{len(book)} assumptions: {tally}; and {len(outside)} beside every scenario, at the end."
    yield (
        "high: read in an official text or counted from the published reports; medium: a secondary source; low: an "
        "assumption, to be varied."
    )
    yield (
        f"Starting position: {len(scenario.authorities)} authorities ({_mix(scenario)}), "
        f"last inspected {min(row.inspected_on for row in scenario.authorities)} to "
        f"{max(row.inspected_on for row in scenario.authorities)}."
    )
    yield from _people_in_post(scenario)
    yield from _own_plan(scenario)
    yield uncertainty(scenario)
    yield from (f"Note: {warning}." for warning in warnings(scenario))
    yield from _ranking(scenario, ranking, places[:FIRST], "What matters most and is known least")
    if len(places) > FIRST:
        yield from ("", f"  The other {len(places) - FIRST} are in the spreadsheet that --out writes.")
    yield from ("", "What follows from them", *(f"  {line}" for line in derived(scenario)))
    yield from _sections(book)
    yield from _drawn(scenario)
    yield from ("", BESIDE, *_sections(outside))


BESIDE = (
    "Beside every scenario: priors (what is assumed before anything is fitted or calibrated) and constants of the "
    "code; no scenario sets any of them"
)


def _ranking(scenario: Scenario, ranking: Ranking, places: Sequence[Ranked], head: str) -> Iterator[str]:
    """The numbers of a ranking, the first one first, and what the ranking is from."""
    number = len(places)
    yield from ("", f"{head}: {number} number{'' if number == 1 else 's'}" if number else head)
    for sentence in how_ranked(ranking, scenario):
        yield from _folded(sentence, "  ")
    for each in places:
        yield from _place_lines(each)


def how_ranked(ranking: Ranking, scenario: Scenario) -> Iterator[str]:
    """What a ranking is from, what it leaves out, and how far it is one of a scenario."""
    held, told = ranked(ranking, entries(scenario)), ranking.told
    of = f"the sensitivity study of {ranking.scenario}{' that ships' if ranking.ships else ''}"
    runs = "one run" if ranking.replications == 1 else f"{ranking.replications} runs"
    measures = listed([plain_words(each) for each in ranking.measures])
    yield (
        f"From {of}, made on {day_in_words(ranking.made)}: {count(ranking.points)} points, {runs} of each, years from "
        f"the {_ordinal(ranking.from_year)} whole one on. It varied {len(ranking.numbers)} numbers of low confidence "
        f"that have a range. {len(told) or 'None'} of them {'drives' if len(told) == 1 else 'drive'} a measure beyond "
        "chance, and only these are ranked. A number that was not varied is not ranked: it may matter as much."
    )
    if held:
        over = "" if len(ranking.measures) == 1 else ", mean over these measures"
        yield f"The rank is by the share of the variance of {measures} for which a number accounts{over}."
    elif told:
        there = sum(any(key in {entry.key for entry in entries(scenario)} for key in each.keys) for each in told)
        yield (
            f"This scenario has {there or 'none'} of these {len(told)}, which account for too little of the variance, "
            f"so the study does not rank its numbers. For a ranking of your own run `python -m sim sensitivity "
            f"{scenario.name}`, and give its folder after `--sensitivity`."
        )
        return
    others = sum(each.differs for each in held)
    if ranking.scenario != scenario.name or others:
        have = "has" if others == 1 else "have"
        differ = f"; {others} of these numbers {have} another value here" if others else ""
        yield (
            f"The ranking is of {ranking.scenario} as it was run then{differ}. For a ranking of your own run "
            f"`python -m sim sensitivity {scenario.name}`, and give its folder after `--sensitivity`."
        )


def _ordinal(number: int) -> str:
    """A small place in words, such as third."""
    words = ("first", "second", "third", "fourth", "fifth")
    return words[number - 1] if number <= len(words) else f"{number}th"


def _place_lines(place: Ranked) -> Iterator[str]:
    """A number of the ranking: what it is, its value and range, what it drives, and its source in brief."""
    first, *others = place.entries
    values = ", ".join(dict.fromkeys(shown(entry.value) for entry in place.entries))
    unit, note = f" {first.unit}" if first.unit else "", first.note
    yield ""
    study = f" ({place.number.value:g} in the study)" if place.differs else ""
    told = f"{place.number.name}: {values}{unit}{study}, {range_in_words(note)}; {confidence(note)}"
    yield from _folded(told, "      ", f"  {place.rank:2}. ")
    more = f" and {len(others)} more that {'moves' if len(others) == 1 else 'move'} with it" if others else ""
    yield f"      {first.key}{more}"
    yield from _folded(drives(place.number), "      ")
    yield from _folded(f"Source: {textwrap.shorten(first.note.source, BRIEF, placeholder=' ...')}", "      ")


def range_in_words(note: Note) -> str:
    """Plausible range of a number."""
    return "no range given" if note.low is None or note.high is None else f"from {note.low:g} to {note.high:g}"


def confidence(note: Note) -> str:
    """How sure a number is, in words."""
    return "set without a source" if note.confidence == "none" else f"{note.confidence} confidence"


def drives(number: Number) -> str:
    """What a number drives and which way, the measure of which it accounts for most first."""
    surely = sorted((each for each in number.effects if each.beyond_chance), key=lambda each: -each.share)
    worth = [each for each in surely if each.share >= WORTH_SAYING] or surely[:1]
    told: dict[str, list[str]] = {}
    for place, each in enumerate(worth):
        of = "" if place else " of its variance"
        words = f"{plain_words(each.measure)} ({percent(each.share)}{of})"
        told.setdefault("raises" if each.correlation > 0 else "lowers", []).append(words)
    return f"A higher value {', and '.join(f'{verb} {listed(words)}' for verb, words in told.items())}."


def _folded(words: str, indent: str, first: str | None = None) -> list[str]:
    """Words in lines that begin with an indent, the first one with another where one is given."""
    begins = indent if first is None else first
    return textwrap.wrap(words, WIDTH, initial_indent=begins, subsequent_indent=indent, break_on_hyphens=False)


def _sections(book: Sequence[Entry]) -> Iterator[str]:
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
