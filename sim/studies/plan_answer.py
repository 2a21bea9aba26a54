"""What a plan of recruitment says: sentences, the plan by quarter, and what each year keeps."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sim.analysis.capacity_curve import COSTS
from sim.analysis.load import OfferedLoad
from sim.analysis.recruitment_plan import LATER, NONE, PLAN, PlanResult, difference, only_level
from sim.base.figures import people_of, value
from sim.statistics.intervals import CONFIDENCE, mean_of
from sim.studies.answer import Block, Table, sentences
from sim.studies.capacity_answer import (
    ANSWER_AND_BRACKET,
    curve_table,
    first_line,
    guarantee,
    head_counts,
    in_inspections,
    in_words,
    least_of_range,
    load_table,
    not_in_it,
    own_people,
)

QUARTERS, YEARS = "quarters.csv", "years.csv"
"""Files of the plan by quarter, and of each year with and without it."""
FLOWS = ("offers_new", "offers_successors", "joined", "left")


def blocks(result: PlanResult, load: OfferedLoad) -> list[Block]:
    """The answer, the most important sentence first, and its tables."""
    found = result.found
    words = [
        first_line(found),
        f"{_answer(result)}{in_inspections(found)}",
        guarantee(found),
        *own_people(found),
        *_course(result),
        *_against(result),
        *_load(result),
        not_in_it(found),
    ]
    tables = [head_counts(found), _quarters(result), _years(result), curve_table(found), load_table(load, found)]
    return [*sentences(words, ANSWER_AND_BRACKET), *tables]


def _answer(result: PlanResult) -> str:
    found, posts, recruits = result.found, result.posts, result.recruits
    people = recruits.people(found.scenario)
    role = people_of(recruits.role)
    most = recruits.a_quarter
    pace = f"at most {most} offer{'s' if most > 1 else ''} of posts a quarter, successors of leavers among them"
    if found.bracket.meets is None:
        kept = found.kept(posts)
        return (
            f"No plan from {found.levels[0]} to {found.levels[-1]} {recruits.unit}, begun on {recruits.begins_on} with "
            f"{pace}, was found to be enough for {found.asked}. The best found is {posts}: "
            f"{value(float(kept.mean()), 'share')} of {len(kept)} runs keep it. What follows is of that one. More "
            "posts, a larger hiring limit, an earlier beginning or a service level that counts later may do."
        )
    if posts <= people:
        return f"No plan is needed: the {people} {recruits.unit} there are, with {pace}, are enough for {found.asked}."
    return (
        f"Recruit {posts - people} {role} beyond the successors of leavers, from {people} in post to {posts} posts, "
        f"hiring from {recruits.begins_on} on with {pace}: that is enough for {found.asked}."
        f"{least_of_range(found)}"
    )


def _course(result: PlanResult) -> Iterator[str]:
    """How long it takes, and with how many people it ends."""
    quarters = result.quarters
    offers = quarters["offers_new"] + quarters["offers_successors"]
    new = quarters[quarters["offers_new"] > 0]
    if len(new):
        first, last = new.iloc[0]["quarter"], new.iloc[-1]["quarter"]
        until = quarters[quarters["quarter"] <= last]
        when = f"in {first}" if first == last else f"from {first} to {last}"
        yield (
            f"The new posts are offered {when}; up to then {value(float(until['offers_successors'].sum()), '')} offers "
            f"go to successors of leavers. Over all quarters {value(float(offers.mean()), '')} offers are made in one, "
            f"on average; the most there may be: {result.recruits.a_quarter}."
        )
    end = quarters.iloc[-1]
    yield (
        f"On {end['ends_on']} {value(float(end['in_post']), '')} people are in post "
        f"({value(float(end['in_post_p10']), '')} to {value(float(end['in_post_p90']), '')} in eight runs in ten), "
        f"{value(float(end['in_full_use']), '')} of them in full use "
        f"({value(float(end['in_full_use_p10']), '')} to {value(float(end['in_full_use_p90']), '')}). Posts stand "
        "empty from a leaver's last day until the successor joins, who is then in induction."
    )


def _against(result: PlanResult) -> Iterator[str]:
    """What no plan, and the same plan later, would cost."""
    words = {
        NONE: "With nobody but successors",
        LATER: f"Begun {result.wait_months} months later",
    }
    plan = result.alternatives[PLAN]
    for name, said in words.items():
        if name not in result.alternatives:
            continue
        other = result.alternatives[name]
        told = [difference(other, plan, measure) for measure in (None, *COSTS)]
        yield f"{said}, {in_words(told, len(other.kept(only_level(other))))}"


def _load(result: PlanResult) -> Iterator[str]:
    """The offered load beside the plan: whether both say that the same year is the tightest."""
    plan = result.alternatives[PLAN]
    counted = result.years[result.years["counts"]].to_dict("records")
    if not all(row["in_full_use"] > 0 for row in counted):
        return
    use = [row["busy"] / row["in_full_use"] for row in counted]
    tight, worst = counted[int(np.argmax(use))], min(counted, key=lambda row: float(row["plan_kept"]))
    busy = np.mean([row["busy"] for row in counted])
    tighter = mean_of(
        plan.kept(only_level(plan), [worst["financial_year"]]).astype(float)
        - plan.kept(only_level(plan), [tight["financial_year"]])
    )
    rivals = max(1, len(counted) - 1)  # the worst of so many years is looked at
    agree = tighter.mean >= 0 or tighter.p_value > (1 - CONFIDENCE) / rivals
    first = (
        f"The offered load (what falls due with ample staff) would keep {value(float(busy), '')} people of the role "
        f"busy all the time in the years that count, where {value(float(np.mean(use)), 'share')} of "
        f"those in full use are; most in {tight['financial_year']}: {value(float(tight['busy']), '')}, "
        f"{value(max(use), 'share')} of the {value(float(tight['in_full_use']), '')} in full use. "
    )
    if agree:
        yield first + (
            "The plan tells no other story: no year is kept less often than that one "
            f"({value(float(tight['plan_kept']), 'share')} of runs), but for chance."
        )
        return
    yield first + (
        f"The plan says otherwise: {worst['financial_year']} is kept least often "
        f"({value(float(worst['plan_kept']), 'share')} of runs, against {value(float(tight['plan_kept']), 'share')}). "
        "What is left over from the year before, dates that bunch, and teams that cannot be divided are not in the "
        "offered load of a year."
    )


def _quarters(result: PlanResult) -> Table:
    """The plan by quarter."""
    rows = tuple(
        (
            str(row["quarter"]),
            *("-" if np.isnan(row[name]) else f"{row[name]:.1f}" for name in FLOWS),
            *(
                f"{row[name]:.1f} ({row[f'{name}_p10']:.0f} to {row[f'{name}_p90']:.0f})"
                for name in ("in_post", "in_full_use")
            ),
        )
        for row in result.quarters.to_dict("records")
    )
    runs = int(result.quarters["runs"].iloc[0])
    caption = (
        f"The plan by quarter of the financial year (mean of {runs} runs; in brackets the range of eight in ten; - "
        "where people would join after the end)"
    )
    head = ("quarter", "offers: new", "successors", "join", "leave", "in post at its end", "in full use")
    return Table(caption, head, rows, file=QUARTERS)


def _years(result: PlanResult) -> Table:
    """Share of runs that keep each year, with the plan and without."""
    names = {PLAN: "plan", NONE: "successors only", LATER: f"{result.wait_months} months later"}
    there = list(result.alternatives)
    rows = tuple(
        (
            f"{row['financial_year']}{'' if row['counts'] else ' (does not count)'}",
            *(value(row[f"{name}_kept"], "share") for name in there),
            *(f"{row[f'{name}_late']:.1f}" for name in there),
            f"{row['busy']:.1f}",
            "-" if np.isnan(row["in_full_use"]) else f"{row['in_full_use']:.1f}",
        )
        for row in result.years.to_dict("records")
    )
    head = ("year", *(f"kept: {names[name]}" for name in there), *(f"late: {names[name]}" for name in there),
            "busy by load", "in full use")  # fmt: skip
    return Table("Runs that keep each year by itself, and late inspections in it", head, rows, file=YEARS)
