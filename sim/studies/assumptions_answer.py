"""Write the assumption book of a scenario: first what matters most and is known least, then every number."""

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
    """Return figures that follow from the assumptions and that readers ask for."""
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
            lines.append(f"{name}: one {kind} visit takes {shown} inspector-days, without travel and oversight")
    for role in scenario.workforce.roles:
        posts = posts_of(role, scenario.workforce, scenario.authorities_by_region)
        people, hours = Counter(post.region for post in posts), sum(post.hours for post in posts)
        where = "; ".join(f"{region} {people[region]}" for region in scenario.workforce.regions)
        told = len(scenario.workforce.people_in_post(role))
        of_table = f"; {told} from the table of people in post, {len(posts) - told} drawn at random" if told else ""
        lines.append(f"{role}: {len(posts)} people, {hours:.1f} full-time equivalents: {where}{of_table}")
    return lines


FIRST = 20
"""Ranked numbers that the book begins with."""
WORTH_SAYING = 0.01
"""Smallest share of the variance that the book shows, unless no share is as large."""
BRIEF = 160
"""Letters of a shortened source."""


def text(scenario: Scenario, ranking: Ranking | None = None, wanted: Wanted | None = None) -> str:
    """Return the book as text.

    Parameters
    ----------
    scenario : Scenario
        Scenario with the assumptions.
    ranking : Ranking, optional
        Ranking of the numbers that come first; by default that of the sensitivity study that ships.
    wanted : Wanted, optional
        Entries to include; by default all of them.
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
    """Return the entries asked for: first those that are ranked, then all of them under their headings."""
    own, beside = wanted.of(book), wanted.of(outside)
    last = f" No scenario sets the last {'one' if len(beside) == 1 else len(beside)}." if beside else ""
    yield f"{len(own) + len(beside)} of {len(book) + len(outside)} assumptions: those {wanted}.{last}"
    keys = {entry.key for entry in own}
    first = [each for each in places if any(entry.key in keys for entry in each.entries)]
    if first:
        yield from _ranking(scenario, ranking, first, "What matters most and is known least, of these")
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
    """Return the whole book: what it covers, what matters most, what follows from it, and every number."""
    counted = Counter(entry.note.confidence for entry in book)
    tally = ", ".join(f"{counted[confidence]} {label}" for confidence, label in _LABELS.items() if counted[confidence])
    yield f"{len(book)} assumptions: {tally}. Another {len(outside)} that no scenario sets are at the end."
    yield (
        "Confidence is high where the number is read in an official text or counted from published reports, medium "
        "where it comes from a secondary source, and low where it is an assumption that you should vary."
    )
    yield (
        f"Starting position: {len(scenario.authorities)} authorities ({_mix(scenario)}), "
        f"last inspected between {min(row.inspected_on for row in scenario.authorities)} and "
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
    "Assumptions that no scenario sets: priors (what we assume before we fit or calibrate anything) and constants in "
    "the code"
)


def _ranking(scenario: Scenario, ranking: Ranking, places: Sequence[Ranked], head: str) -> Iterator[str]:
    """Return the ranked numbers in order, and say which study ranked them."""
    number = len(places)
    yield from ("", f"{head}: {number} number{'' if number == 1 else 's'}" if number else head)
    for sentence in how_ranked(ranking, scenario):
        yield from _folded(sentence, "  ")
    for each in places:
        yield from _place_lines(each)


def how_ranked(ranking: Ranking, scenario: Scenario) -> Iterator[str]:
    """Say which study a ranking comes from, what it leaves out, and how well it fits a scenario."""
    held, told = ranked(ranking, entries(scenario)), ranking.told
    of = f"the sensitivity study of {ranking.scenario}{' that is built in' if ranking.ships else ''}"
    runs = "one run" if ranking.replications == 1 else f"{ranking.replications} runs"
    measures = listed([plain_words(each) for each in ranking.measures])
    yield (
        f"The ranking comes from {of}, made on {day_in_words(ranking.made)}: {count(ranking.points)} points, {runs} of "
        f"each, counting years from the {_ordinal(ranking.from_year)} whole year on. The study varied "
        f"{len(ranking.numbers)} numbers of low confidence that have a range. {len(told) or 'None'} of them "
        f"{'has' if len(told) == 1 else 'have'} an effect on a measure larger than chance explains, and only these are "
        "ranked. A number that the study did not vary has no rank, but may matter as much."
    )
    if held:
        over = "" if len(ranking.measures) == 1 else ", on average over these measures"
        yield f"Numbers rank by the share of the variance of {measures} that they account for{over}."
    elif told:
        there = sum(any(key in {entry.key for entry in entries(scenario)} for key in each.keys) for each in told)
        yield (
            f"This scenario has {there or 'none'} of these {len(told)}, which account for too little of the variance "
            f"to rank its numbers. For your own ranking, run `python -m sim sensitivity {scenario.name}` and give its "
            "folder after `--sensitivity`."
        )
        return
    others = sum(each.differs for each in held)
    if ranking.scenario != scenario.name or others:
        have = "has" if others == 1 else "have"
        differ = f"; {others} of these numbers {have} a different value here" if others else ""
        yield (
            f"The ranking is for {ranking.scenario} as it was when the study ran{differ}. For your own ranking, run "
            f"`python -m sim sensitivity {scenario.name}` and give its folder after `--sensitivity`."
        )


def _ordinal(number: int) -> str:
    """Return a small position in words, such as third."""
    words = ("first", "second", "third", "fourth", "fifth")
    return words[number - 1] if number <= len(words) else f"{number}th"


def _place_lines(place: Ranked) -> Iterator[str]:
    """Return the lines of a ranked number: its value and range, what it drives, and its shortened source."""
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
    """Return the plausible range of a number in words."""
    return "no range given" if note.low is None or note.high is None else f"from {note.low:g} to {note.high:g}"


def confidence(note: Note) -> str:
    """Return the confidence in a number in words."""
    return "set without a source" if note.confidence == "none" else f"{note.confidence} confidence"


def drives(number: Number) -> str:
    """Say which measures a number raises or lowers, starting with the one it accounts for most of."""
    surely = sorted((each for each in number.effects if each.beyond_chance), key=lambda each: -each.share)
    worth = [each for each in surely if each.share >= WORTH_SAYING] or surely[:1]
    told: dict[str, list[str]] = {}
    for place, each in enumerate(worth):
        of = "" if place else " of its variance"
        words = f"{plain_words(each.measure)} ({percent(each.share)}{of})"
        told.setdefault("raises" if each.correlation > 0 else "lowers", []).append(words)
    return f"A higher value {', and '.join(f'{verb} {listed(words)}' for verb, words in told.items())}."


def _folded(words: str, indent: str, first: str | None = None) -> list[str]:
    """Fold words into lines with an indent; the first line may have a different one."""
    begins = indent if first is None else first
    return textwrap.wrap(words, WIDTH, initial_indent=begins, subsequent_indent=indent, break_on_hyphens=False)


def _sections(book: Sequence[Entry]) -> Iterator[str]:
    """Return entries under the headings of their tables."""
    source = section = ""
    for entry in book:
        head = section_of(entry.key)
        if head != section:
            section, source = head, ""
            yield from ("", section)
        yield from _entry_lines(entry, source)
        source = entry.note.source


def _people_in_post(scenario: Scenario) -> Iterator[str]:
    """Describe the table of people in post as a whole."""
    rows = scenario.workforce.in_post
    if rows is not None:
        note = scenario.notes.get(KEY, UNSOURCED)
        yield f"People in post: {len(rows)} rows of a table ({KEY})  [{note.confidence}]. Source: {note.source}"
        yield from (f"  {line}" for line in in_words(rows))


def _own_plan(scenario: Scenario) -> Iterator[str]:
    """Describe the plan of visits as a whole."""
    rows = scenario.planning.plan
    if rows:
        note = scenario.notes.get(visit_plan.KEY, UNSOURCED)
        told = f"Plan of visits: {visit_plan.in_words(rows)} ({visit_plan.KEY})"
        yield f"{told}  [{note.confidence}]. Source: {note.source}"


def uncertainty(scenario: Scenario) -> str:
    """Say what uncertainty about the parameters the range of results covers."""
    if scenario.draws is None:
        return "Parameters: every run has the values below, so the range of results covers chance only."
    count, shared = len(next(iter(scenario.draws.values()))), scenario.runs_per_draw
    sharing = "each run has its own draw" if shared == 1 else f"every {shared} runs share a draw"
    return (
        f"Parameters: {count} draws of {len(scenario.draws)} numbers; {sharing}. In a run, each of these numbers is "
        "the value below, multiplied by its draw and divided by the median of its column (see draws). No other number "
        "varies, so the range of results covers chance and these numbers only."
    )


def _drawn(scenario: Scenario) -> Iterator[str]:
    """Say by how much the draws multiply each number, in eight draws of ten."""
    if scenario.draws is None:
        return
    import numpy as np

    inferred = shares_of_policies(scenario.draws, scenario.planning)
    plan = plan_from_draws(scenario.draws, scenario.planning)
    unused = {column for column, _, value in off_centre(scenario.draws, scenario.own) if not value}
    yield from ("", "draws: how a run changes the values above, in eight draws of ten")
    for column, values in scenario.draws.items():
        if column in POLICIES:
            if column in inferred:
                shares = ", ".join(f"{name} in {percent(part)}" for name, part in inferred[column].items())
                yield f"  {column}: {shares} of draws"
            else:
                yield f"  {column}: no change, because the scenario does not use {INFERRED}"
            continue
        if column in OF_THE_PLAN:
            low, high = np.round(np.quantile(values, EIGHT_IN_TEN))
            range_of = (
                f"replaced by {low:.0f} to {high:.0f}"
                if column in plan
                else "no change, because the scenario sets its own"
            )
            yield f"  {column}: {range_of}"
            continue
        low, high = np.quantile(values, EIGHT_IN_TEN) / np.median(values)
        limits = ", and at most 1 as a result" if column in SHARES else ""
        times = f"times {low:.3g} to {high:.3g}{limits}"
        times = "no change, because the scenario has no such number" if column in unused else times
        yield f"  {column}: {times}"
    if any(column.startswith("mix.") for column in scenario.draws):
        yield "  the mix is then scaled to add up to 1"


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
    return [
        head,
        *textwrap.wrap(words, WIDTH, initial_indent="      ", subsequent_indent="      ", break_on_hyphens=False),
    ]
