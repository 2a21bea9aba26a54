"""Answers about a programme of visits, in sentences and tables: a plan that was tried, and a levelled one."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.analysis.expected_programme import Programme
from sim.analysis.own_plan import FEWEST, HOLDS, SELDOM_DUE, SELDOM_LATE, RowFound
from sim.base.figures import day_in_words, more_or_less, share, short_day
from sim.inputs.reasons import MEANING as REASONS
from sim.inputs.scenario import Scenario
from sim.record.own_plan import MEANING as FATES
from sim.statistics.intervals import mean_of
from sim.studies.answer import Answer, Block, Note, Sentence, Table, sentences
from sim.world.entities import Visit

if TYPE_CHECKING:
    import pandas as pd

ROWS, WEEKS, PLAN, BOOK, MOVED = "rows.csv", "weeks.csv", "programme.csv", "programme.xlsx", "moved.csv"
MOST_ROWS, MOST_WEEKS = 25, 15
"""Rows and weeks that the answer shows; the files have all."""
OWN, NONE, LEVEL = "plan", "programme", "levelled"
"""Variants that are run: the plan, none, and none with levelled weeks."""

OVERDUE = "latest date before the start"
"""When a visit is called overdue, on every page about a plan."""
DRAWN = "people are drawn, and none is a person whom you know, since the scenario has no table workforce.in_post"
CHOSEN = {NONE: "planning.programme ({}) chooses every week", LEVEL: "every week is levelled"}
"""How weeks are chosen in the runs that the plan is compared with."""
WORDS: dict[str, str] = {**{str(fate): said for fate, said in FATES.items()},
                         **{str(reason): said for reason, said in REASONS.items()}}  # fmt: skip
"""What fates of a row and reasons for waiting mean."""


@dataclass(frozen=True)
class Tried:
    """A plan that was tried.

    Attributes
    ----------
    scenario : Scenario
        Which names it.
    rows : list of RowFound
        What was found of each row.
    weeks : pandas.DataFrame
        As of :func:`sim.analysis.own_plan.weeks_found`.
    better : mapping of int to datetime.date
        Better weeks, by the place of the row from 0.
    late : mapping of str to ndarray of int, shape (runs,)
        Late inspections in each run, by variant; the same runs throughout.
    of_rows : tuple of float
        Of those with the plan, in the mean run: late by the plan, whose week lies after the latest date, and late
        because they missed their week.
    until : datetime.date
        Last day of which they are counted.
    failures : int
        Runs that raised.
    """

    scenario: Scenario
    rows: Sequence[RowFound]
    weeks: pd.DataFrame
    better: Mapping[int, datetime.date]
    late: Mapping[str, np.ndarray]
    of_rows: tuple[float, float]
    until: datetime.date
    failures: int


def of_plan(tried: Tried) -> Answer:
    """Say what was found of a plan of one's own."""
    blocks: list[Block] = []
    if tried.failures:
        words = f"{tried.failures} runs FAILED (manifest.json has the tracebacks); the others are told."
        blocks.append(Sentence(words, "failure"))
    blocks += sentences(list(_sentences(tried)))
    broken = [each for each in tried.rows if each.breaks]
    if broken:
        blocks.append(_row_table(broken, tried))
    weeks = _weeks_table(tried.weeks)
    blocks += [weeks] if weeks.rows else []
    used = {reason for each in tried.rows for reason in (*each.because, *each.not_led_because)}
    used |= {fate for each in tried.rows for fate in each.fates}
    meant = [(word, words) for word, words in WORDS.items() if word in used]
    blocks.append(Note("What the words mean:", tuple(meant)))
    blocks.append(Note(_how_to_read()))
    return Answer("programme", tuple(blocks))


def _sentences(tried: Tried) -> Iterator[str]:
    rows = [each for each in tried.rows if each.due >= FEWEST]
    runs = max(each.runs for each in tried.rows)
    if not rows:
        yield f"No visit of the plan falls due in {FEWEST} or more of {runs} runs."
        return
    in_week, due = sum(each.in_week for each in rows), sum(each.due for each in rows)
    breaks = sum(each.breaks for each in rows)
    yield (
        f"{len(rows)} of the {len(tried.rows)} visits of the plan fall due in {FEWEST} or more of {runs} runs. Of "
        f"these {_counted(len(rows) - breaks, 'holds', 'hold')} and {_counted(breaks, 'breaks', 'break')}. A visit "
        f"holds if it begins in its week in at least {share(HOLDS)} of the runs in which it falls due, and is late "
        f"in no more than {share(SELDOM_LATE)} of them or was overdue from the start. {share(in_week / due)} begin in "
        f"their week. {_late(tried.rows)}"
    )
    seldom = [each for each in tried.rows if each.seldom_due]
    yield _against(tried)
    yield (
        "Nobody changes the plan during a run, where an office would: what misses its week begins as soon as a team is "
        f"free. The {'people in post are those of workforce.in_post' if tried.scenario.workforce.in_post else DRAWN}."
    )
    yield _why(tried.rows)
    yield _of_the_late(tried)
    yield _to_move(tried)
    if seldom:
        words = _counted(len(seldom), "row is for a visit that falls", "rows are for visits that fall")
        yield (
            f"{words} due in fewer than {share(SELDOM_DUE)} of runs, such as row {seldom[0].number}: judgements, and "
            "what follows from them, mostly come otherwise. Consider leaving "
            f"{'it' if len(seldom) == 1 else 'them'} out of the plan."
        )
    leads = [each for each in rows if each.to_be_led]
    if leads:
        led = sum(each.led for each in leads) / sum(each.to_be_led for each in leads)
        missed: Counter[str] = Counter()
        for each in leads:
            missed.update(each.not_led_because)
        why = "".join(f" Otherwise mostly: {WORDS[reason]}." for reason, _ in missed.most_common(1))
        yield (
            f"The named lead leads {share(led)} of the {_counted(len(leads), 'visit', 'visits')} for which the plan "
            f"names one, where they begin.{why}"
        )


def _counted(number: int, one: str, several: str) -> str:
    """Write a number before the words for one or for several."""
    return f"{number} {one if number == 1 else several}"


def _late(rows: Sequence[RowFound]) -> str:
    """Say how many are late, those apart that are late in any week."""
    overdue = [each for each in rows if each.overdue]
    rest = [each for each in rows if each.due >= FEWEST and not each.overdue]
    due = sum(each.due for each in rest)
    told = [f"{share(sum(each.late for each in rest) / due)} are late"] * bool(due)
    if overdue:
        are = _counted(len(overdue), "visit of the plan is", "visits of the plan are")
        words = f"{are} overdue in most runs ({OVERDUE}), and late in any week"
        told = [f"of the others {each}" for each in told]
        return f"{'; '.join([words, *told])}."
    return "".join(f"{each}." for each in told)


def _why(rows: Sequence[RowFound]) -> str:
    missed: Counter[str] = Counter()
    for each in rows:
        missed.update(each.missed)
    total = missed.total()
    if not total:
        return "No visit that falls due misses its week."
    told = [
        f"{'all of them' if runs == total else share(runs / total)} because {WORDS[why]}"
        for why, runs in missed.most_common(3)
    ]
    return f"Of those that miss their week: {'; '.join(told)}."


def _against(tried: Tried) -> str:
    """Compare the plan with other ways to choose the weeks."""
    own, programme = tried.late[OWN], tried.scenario.planning.programme
    others = "; ".join(
        f"{tried.late[word].mean():.1f} if {CHOSEN[word].format(programme)} (the plan has "
        f"{more_or_less(mean_of(own - tried.late[word]), '')})"
        for word in (NONE, LEVEL)
        if word in tried.late
    )
    return (
        f"Of inspections whose latest date lies between the start and {day_in_words(tried.until)}, the plan's last "
        f"week, {own.mean():.1f} a run are late with the plan; {others}. These are the same runs. Overdue inspections "
        "are not among them, nor are later ones, though the plan may delay those."
    )


def _of_the_late(tried: Tried) -> str:
    """Say why inspections are late with the plan."""
    (by_plan, missed), late = tried.of_rows, tried.late[OWN].mean()
    return (
        f"Of the {late:.1f} that are late with the plan, {by_plan:.1f} are planned after their latest date, "
        f"{missed:.1f} miss their week, and {late - by_plan - missed:.1f} have no row, or none that they could take. "
        "The weeks of a plan are fixed before the run. Without one they are chosen when a window opens, by what is "
        "known on that day."
    )


def _to_move(tried: Tried) -> str:
    """Say how many visits to move, and where they stand."""
    if not tried.better:
        return "We suggest no other week for the visits that break: the levelled rule finds none that is better."
    return (
        f'We suggest moving {_counted(len(tried.better), "visit", "visits")} (column "better week"). {MOVED} is the '
        "plan with these weeks. They were chosen together, each with all the others moved. So take all of them. If you "
        "take only some, try the plan again: for a few of the others another week may then be better. The plan "
        "with these weeks has not been tried yet. The same command tries it."
    )


def _row_table(broken: Sequence[RowFound], tried: Tried) -> Table:
    """List the rows that break, the worst first."""
    ordered = sorted(broken, key=lambda each: (each.share_in_week, -each.share_late, each.number))[:MOST_ROWS]
    rows = tuple(
        (
            str(each.number),
            each.planned.authority,
            each.planned.kind,
            short_day(each.planned.week),
            share(each.due / each.runs),
            share(each.share_in_week),
            "overdue" if each.overdue else share(each.share_late),
            (each.main_reason or "").replace("_", " "),
            short_day(better) if (better := tried.better.get(each.number - 1)) else "-",
        )
        for each in ordered
    )
    more = f", the first {MOST_ROWS} of {len(broken)}" if len(broken) > MOST_ROWS else ""
    head = ("row", "authority", "kind", "week", "falls due", "in its week", "late", "mostly", "better week")
    return Table(
        f"Visits that break{more} (row: its place in the plan, headings apart; overdue: {OVERDUE})",
        head,
        rows,
        words=4,
        file=ROWS,
    )


def _weeks_table(weeks: pd.DataFrame) -> Table:
    """List the weeks in which most visits are missing."""
    missing = weeks.assign(missing=weeks["visits"] - weeks["kept"]).sort_values(
        ["missing", "week"], ascending=[False, True], kind="stable"
    )
    rows = tuple(
        (short_day(row['week']), f"{row['visits']:.1f}", f"{row['kept']:.1f}",
         str(row["mostly_because"]).replace("_", " "))
        for row in missing.head(MOST_WEEKS).to_dict("records")
        if row["missing"] >= 1 - HOLDS
    )  # fmt: skip
    head = ("week of", "visits of the plan that fall due", "begun in it", "mostly")
    return Table("Weeks that break, mean of the runs", head, rows, file=WEEKS, ends_in_words=True)


def _how_to_read() -> str:
    return (
        "How to read this. Each run has luck of its own: who is ill or leaves, how authorities do and are judged. "
        "Runs in which no such visit falls due are left out. The better week is where the levelled rule finds leads, "
        "people and regions least booked, by what can be foreseen at the start. Runs end two to three years after the "
        "plan does, or with the scenario."
    )


# ---------------------------------------------------------------- a levelled plan


def of_levelled(scenario: Scenario, programme: Programme, visits: Sequence[Visit], last: datetime.date) -> Answer:
    """Say what a levelled plan of a scenario holds, and what it is not."""
    kinds = Counter(visit.kind for visit in visits)
    told = ", ".join(f"{number} {kind.replace('_', ' ')}" for kind, number in kinds.most_common())
    late = [visit for visit in visits if visit.planned > visit.window.latest]
    overdue = sum(visit.window.latest < 0 for visit in late)
    later = len(programme.visits) - len(visits)
    words = [
        f"{_counted(len(visits), 'visit', 'visits')} can be foreseen at the start of {scenario.name}, planned to "
        f"{day_in_words(last)}: {told}. Each has the week of its window in which leads, people and "
        "regions have most to spare.",
        "This is a plan of the expected world, and no forecast: it takes each authority up to its next inspection, on "
        "its present judgement, as if nothing came otherwise. How often its weeks hold is not known before it is "
        f"tried as a plan of one's own ({PLAN}).",
        f"{_counted(len(late), 'is', 'are')} planned after the latest date. Of these {_counted(overdue, 'is', 'are')} "
        f"overdue ({OVERDUE}), and late in any week."
        if late
        else "None of them is planned after its latest date.",
        f"{_counted(later, 'visit more', 'visits more')} can be foreseen after that day." if later else "",
        "Left out are joint inspections, engagement meetings and all that follows the next inspection of an authority.",
    ]
    note = (
        "Left out: everything after the next inspection of an authority, since its judgement decides it; findings that "
        "bring an inspection forward; monitoring that ends early or goes on longer than mostly (the table has the most "
        "likely number of visits); signs of decline that make a short inspection a standard one; joint inspections and "
        "engagement meetings, whose dates are drawn. Focused visits whose window is open at the start count as done if "
        "more than half of it has passed. The columns authority, kind, week and lead are read again; lead is empty, to "
        "be filled in if you like. The others are for you. A plan of one's own that the scenario has keeps its weeks."
    )
    blocks: tuple[Block, ...] = (
        *sentences([line for line in words if line]),
        _by_month(visits, programme),
        Note(note),
    )
    return Answer("levelled_programme", blocks)


def _by_month(visits: Sequence[Visit], programme: Programme) -> Table:
    """Count visits by month and kind."""
    date = programme.context.calendar.date
    kinds = sorted({visit.kind for visit in visits})
    found = Counter((f"{date(visit.planned):%Y-%m}", visit.kind) for visit in visits)
    months = sorted({month for month, _ in found})
    rows = tuple(
        (month, *(str(found[month, kind]) for kind in kinds), str(sum(found[month, kind] for kind in kinds)))
        for month in months
    )
    head = ("month", *(kind.replace("_", " ") for kind in kinds), "all")
    return Table("Visits planned to begin in each month", head, rows, file=PLAN)
