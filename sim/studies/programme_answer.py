"""Write the answers about a programme of visits: a plan that was tried, and a levelled plan."""

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
"""Most rows and weeks that the answer shows; the files have all of them."""
OWN, NONE, LEVEL = "plan", "programme", "levelled"
"""Variants that are run: with the plan, without it, and without it but with levelled weeks."""

OVERDUE = "latest date before the start"
"""What overdue means, in every answer about a plan."""
DRAWN = "The people in the runs are drawn at random, because the scenario has no table workforce.in_post"
TABLED = "The people in post are those of workforce.in_post"
"""Where the people of the runs come from."""
CHOSEN = {NONE: "planning.programme ({}) chooses every week", LEVEL: "every week is levelled"}
"""How the runs that the plan is compared with choose weeks."""
WORDS: dict[str, str] = {**{str(fate): said for fate, said in FATES.items()},
                         **{str(reason): said for reason, said in REASONS.items()}}  # fmt: skip
"""Meaning of each fate of a row and each reason for waiting."""


@dataclass(frozen=True)
class Tried:
    """Hold what the runs found about a plan.

    Attributes
    ----------
    scenario : Scenario
        The scenario with the plan.
    rows : list of RowFound
        Findings for each row of the plan.
    weeks : pandas.DataFrame
        Findings for each week, from :func:`sim.analysis.own_plan.weeks_found`.
    better : mapping of int to datetime.date
        Better weeks, by the position of the row, counted from 0.
    late : mapping of str to ndarray of int, shape (runs,)
        Late inspections in each run, by variant; all variants have the same runs.
    of_rows : tuple of float
        Late inspections with the plan, mean over runs: those planned after their latest date, and those that missed
        their week.
    until : datetime.date
        Last day on which a latest date counts.
    failures : int
        Number of runs that failed.
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
    """Return the answer about a plan that was tried."""
    blocks: list[Block] = []
    if tried.failures:
        words = f"{tried.failures} runs FAILED (manifest.json has the tracebacks), and the figures leave them out."
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
        yield f"No visit in the plan falls due in {FEWEST} or more of the {runs} runs, so the plan cannot be judged."
        return
    in_week, due = sum(each.in_week for each in rows), sum(each.due for each in rows)
    breaks = sum(each.breaks for each in rows)
    yield (
        f"{len(rows)} of the {len(tried.rows)} visits in the plan fall due in {FEWEST} or more of the {runs} runs. Of "
        f"these, {_counted(len(rows) - breaks, 'holds', 'hold')} and {_counted(breaks, 'breaks', 'break')}. A visit "
        f"holds if it begins in its week in at least {share(HOLDS)} of the runs in which it falls due. It must also be "
        f"late in no more than {share(SELDOM_LATE)} of them, unless it was overdue from the start. Taken together, "
        f"{share(in_week / due)} of the visits begin in their week. {_late(tried.rows)}"
    )
    seldom = [each for each in tried.rows if each.seldom_due]
    yield _against(tried)
    yield (
        "An office would change its plan as things happen. The model does not: a visit that misses its week begins as "
        f"soon as a team is free. {TABLED if tried.scenario.workforce.in_post else DRAWN}."
    )
    yield _why(tried.rows)
    yield _of_the_late(tried)
    yield _to_move(tried)
    if seldom:
        words = _counted(len(seldom), "row is for a visit that falls", "rows are for visits that fall")
        such = f": row {seldom[0].number}" if len(seldom) == 1 else f", such as row {seldom[0].number}"
        yield (
            f"{words} due in fewer than {share(SELDOM_DUE)} of runs{such}. In most runs, judgements turn out "
            "differently and lead to other visits. Consider leaving "
            f"{'it' if len(seldom) == 1 else 'them'} out of the plan."
        )
    leads = [each for each in rows if each.to_be_led]
    if leads:
        led = sum(each.led for each in leads) / sum(each.to_be_led for each in leads)
        missed: Counter[str] = Counter()
        for each in leads:
            missed.update(each.not_led_because)
        why = "".join(f" Where not, the main reason is: {WORDS[reason]}." for reason, _ in missed.most_common(1))
        yield (
            f"The plan names a lead for {_counted(len(leads), 'visit', 'visits')}. The named lead leads {share(led)} "
            f"of those that begin.{why}"
        )


def _counted(number: int, one: str, several: str) -> str:
    """Write a number and the words for one or for several."""
    return f"{number} {one if number == 1 else several}"


def _late(rows: Sequence[RowFound]) -> str:
    """Say how many visits are late, and separate those that would be late in any week."""
    overdue = [each for each in rows if each.overdue]
    rest = [each for each in rows if each.due >= FEWEST and not each.overdue]
    due = sum(each.due for each in rest)
    told = [f"{share(sum(each.late for each in rest) / due)} are late"] * bool(due)
    if overdue:
        are = _counted(len(overdue), "visit in the plan is", "visits in the plan are")
        words = f"{are} overdue in most runs ({OVERDUE}), so late in any week"
        told = [f"Of the others, {each}" for each in told]
        return f"{'. '.join([words, *told])}."
    return "".join(f"{each}." for each in told)


def _why(rows: Sequence[RowFound]) -> str:
    """Say why visits miss their week."""
    missed: Counter[str] = Counter()
    for each in rows:
        missed.update(each.missed)
    total = missed.total()
    if not total:
        return "Every visit that falls due begins in its week."
    told = [
        f"{'all' if runs == total else share(runs / total)} because {WORDS[why]}" for why, runs in missed.most_common(3)
    ]
    return f"Why visits miss their week: {'; '.join(told)}."


def _against(tried: Tried) -> str:
    """Compare the plan with other ways of choosing the weeks."""
    own, programme = tried.late[OWN], tried.scenario.planning.programme
    others = "; ".join(
        f"{tried.late[word].mean():.1f} if {CHOSEN[word].format(programme)} (the plan has "
        f"{more_or_less(mean_of(own - tried.late[word]), '')})"
        for word in (NONE, LEVEL)
        if word in tried.late
    )
    return (
        f"With the plan, {own.mean():.1f} inspections a run are late; {others}. These count inspections whose latest "
        f"date is between the start and {day_in_words(tried.until)}, the plan's last week, in runs with the same "
        "random events. They leave out inspections that were overdue at the start. They also leave out later "
        "inspections, though the plan may delay those."
    )


def _of_the_late(tried: Tried) -> str:
    """Say why inspections are late with the plan."""
    (by_plan, missed), late = tried.of_rows, tried.late[OWN].mean()
    return (
        f"Of the {late:.1f} that are late with the plan, {by_plan:.1f} are planned after their latest date, "
        f"{missed:.1f} miss their week, and {late - by_plan - missed:.1f} have no row in the plan, or no row that they "
        "could use. A plan fixes its weeks before the run. Without a plan, the week is chosen when the window opens, "
        "with what is known on that day."
    )


def _to_move(tried: Tried) -> str:
    """Say how many visits to move, and which file has the new weeks."""
    if not tried.better:
        return "We suggest no other week for the visits that break: the levelled rule finds none that is better."
    return (
        f'We suggest moving {_counted(len(tried.better), "visit", "visits")} (column "better week"). {MOVED} is the '
        "plan with the new weeks. They were chosen together, so take all of them. If you take only some, try the plan "
        "again, because another week may then be better for a few of the others. The plan with the new weeks has not "
        "been tried yet; the same command tries it."
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
    head = ("row", "authority", "kind", "week", "falls due", "in its week", "late", "main reason", "better week")
    return Table(
        f"Visits that break{more} (row: its place in the plan, not counting the headings; overdue: {OVERDUE})",
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
    head = ("week of", "visits of the plan that fall due", "begun in it", "main reason")
    return Table("Weeks that break (mean per run)", head, rows, file=WEEKS, ends_in_words=True)


def _how_to_read() -> str:
    return (
        "How to read this. Each run draws its own random events: who is ill, who leaves, how authorities change and "
        "how they are judged. The figures of a visit leave out runs in which it does not fall due. The better week is "
        "the one in which the levelled rule finds leads, people and regions least booked, with what can be foreseen at "
        "the start. Runs end two to three years after the plan, or when the scenario ends."
    )


# ---------------------------------------------------------------- a levelled plan


def of_levelled(scenario: Scenario, programme: Programme, visits: Sequence[Visit], last: datetime.date) -> Answer:
    """Return the answer about a levelled plan: what it holds, and what it is not."""
    kinds = Counter(visit.kind for visit in visits)
    told = ", ".join(f"{number} {kind.replace('_', ' ')}" for kind, number in kinds.most_common())
    late = [visit for visit in visits if visit.planned > visit.window.latest]
    overdue = sum(visit.window.latest < 0 for visit in late)
    later = len(programme.visits) - len(visits)
    words = [
        f"The plan has {_counted(len(visits), 'visit', 'visits')} that can be foreseen at the start of "
        f"{scenario.name}, up to {day_in_words(last)}: {told}. Each has the week of its window in which leads, people "
        "and regions have the most time to spare.",
        "This is a plan, not a forecast. It assumes that everything goes as expected: each authority keeps its present "
        "judgement until its next inspection. To find how often the weeks hold, try the plan: give the file "
        f"{PLAN} to the same command.",
        f"{_counted(len(late), 'visit is', 'visits are')} planned after the latest date. Of these, "
        f"{_counted(overdue, 'is', 'are')} overdue ({OVERDUE}), so late in any week."
        if late
        else "No visit is planned after its latest date.",
        f"{_counted(later, 'more visit', 'more visits')} can be foreseen after that day." if later else "",
        "The plan leaves out joint inspections, engagement meetings and everything that follows the next inspection of "
        "an authority.",
    ]
    note = (
        "What the plan leaves out: everything after the next inspection of an authority, because its judgement decides "
        "what follows; findings that bring an inspection forward; monitoring that ends earlier or lasts longer than "
        "usual (the table has the most likely number of visits); signs of decline that turn a short inspection into a "
        "standard one; joint inspections and engagement meetings, whose dates are random. A focused visit whose window "
        "is open at the start counts as done if more than half of the window has passed. When you try the plan, the "
        "program reads the columns authority, kind, week and lead. The column lead is empty; fill it in if you like. "
        "The other columns are for you. If the scenario already has a plan, its visits keep their weeks."
    )
    blocks: tuple[Block, ...] = (
        *sentences([line for line in words if line]),
        _by_month(visits, programme),
        Note(note),
    )
    return Answer("levelled_programme", blocks)


def _by_month(visits: Sequence[Visit], programme: Programme) -> Table:
    """Return a table of visits by month and kind."""
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
