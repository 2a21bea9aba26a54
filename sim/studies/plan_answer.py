"""Write the answer of a recruitment plan: sentences, the plan by quarter, and how often each year is kept."""

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
    SAYS_NOTHING,
    asked_in_words,
    curve_table,
    first_line,
    guarantee,
    head_counts,
    in_inspections,
    in_words,
    least_of_range,
    load_table,
    not_in_it,
    nothing_due,
    own_people,
)

QUARTERS, YEARS = "quarters.csv", "years.csv"
"""Files that hold the plan by quarter, and each year with and without it."""
FLOWS = ("offers_new", "offers_successors", "joined", "left")


def blocks(result: PlanResult, load: OfferedLoad) -> list[Block]:
    """Return the answer, the most important sentence first, and its tables."""
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
    if nothing_due(found):
        words = [SAYS_NOTHING, *own_people(found)]
    tables = [head_counts(found), _quarters(result), _years(result), curve_table(found), load_table(load, found)]
    return [*sentences(words, ANSWER_AND_BRACKET), *tables]


def _answer(result: PlanResult) -> str:
    found, posts, recruits = result.found, result.posts, result.recruits
    people = recruits.people(found.scenario)
    role = people_of(recruits.role)
    most = recruits.a_quarter
    pace = f"at most {most} job offer{'s' if most > 1 else ''} a quarter (including offers to replace leavers)"
    asked = f"this service level: {asked_in_words(found)}"
    if found.bracket.meets is None:
        kept = found.kept(posts)
        return (
            f"No plan from {found.levels[0]} to {found.levels[-1]} {recruits.unit}, beginning on {recruits.begins_on} "
            f"with {pace}, was shown to be enough for {asked}. The best plan tried has {posts} posts: "
            f"{value(float(kept.mean()), 'share')} of {len(kept)} runs keep the level. The rest of this answer is "
            "about that plan. More posts, a higher hiring limit, an earlier start or a service level that counts from "
            "a later year may be enough."
        )
    if posts <= people:
        return f"No plan is needed: today's {people} {recruits.unit}, with {pace}, are enough for {asked}."
    return (
        f"Recruit {posts - people} {role} in addition to replacing leavers, from {people} in post to {posts} posts. "
        f"Hire from {recruits.begins_on}, with {pace}. That is enough for {asked}.{least_of_range(found)}"
    )


def _course(result: PlanResult) -> Iterator[str]:
    """Say how long the plan takes, and how many people it ends with."""
    quarters = result.quarters
    offers = quarters["offers_new"] + quarters["offers_successors"]
    new = quarters[quarters["offers_new"] > 0]
    if len(new):
        first, last = new.iloc[0]["quarter"], new.iloc[-1]["quarter"]
        until = quarters[quarters["quarter"] <= last]
        when = f"in {first}" if first == last else f"from {first} to {last}"
        yield (
            f"The new posts are offered {when}. By the end of that time, "
            f"{value(float(until['offers_successors'].sum()), '')} offers have gone to replacements for leavers. Over "
            f"all quarters, an average quarter has {value(float(offers.mean()), '')} offers; the limit is "
            f"{result.recruits.a_quarter}."
        )
    end = quarters.iloc[-1]
    yield (
        f"On {end['ends_on']}, {value(float(end['in_post']), '')} people are in post "
        f"({value(float(end['in_post_p10']), '')} to {value(float(end['in_post_p90']), '')} in eight runs in ten), "
        f"and {value(float(end['in_full_use']), '')} of them are in full use "
        f"({value(float(end['in_full_use_p10']), '')} to {value(float(end['in_full_use_p90']), '')}). A post is empty "
        "from a leaver's last day until the replacement joins, and the replacement begins with an induction."
    )


def _against(result: PlanResult) -> Iterator[str]:
    """Say what no plan, and the same plan begun later, would cost."""
    words = {
        NONE: "If recruitment only replaces leavers",
        LATER: f"If the plan begins {result.wait_months} months later",
    }
    plan = result.alternatives[PLAN]
    for name, said in words.items():
        if name not in result.alternatives:
            continue
        other = result.alternatives[name]
        told = [difference(other, plan, measure) for measure in (None, *COSTS)]
        yield f"{said}, {in_words(told, len(other.kept(only_level(other))))}"


def _load(result: PlanResult) -> Iterator[str]:
    """Say whether the offered load and the plan agree on which year is the tightest."""
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
    rivals = max(1, len(counted) - 1)  # the year is the worst of so many
    agree = tighter.mean >= 0 or tighter.p_value > (1 - CONFIDENCE) / rivals
    first = (
        f"The offered load (the work that falls due with ample staff) would keep {value(float(busy), '')} people of "
        "the role busy all the time, on average over the years that count. This is "
        f"{value(float(np.mean(use)), 'share')} of those in full use. The tightest year is {tight['financial_year']}, "
        f"when the load would keep {value(float(tight['busy']), '')} people busy: {value(max(use), 'share')} of the "
        f"{value(float(tight['in_full_use']), '')} in full use. "
    )
    if agree:
        yield first + (
            f"The plan agrees: {value(float(tight['plan_kept']), 'share')} of runs keep the service level in that "
            "year, and no other year is kept less often by more than chance explains."
        )
        return
    yield first + (
        f"The plan disagrees: the service level is kept least often in {worst['financial_year']} "
        f"({value(float(worst['plan_kept']), 'share')} of runs, against {value(float(tight['plan_kept']), 'share')}). "
        "The offered load of a year leaves out work carried over from the year before, dates that bunch together and "
        "teams that cannot be divided."
    )


def _quarters(result: PlanResult) -> Table:
    """Return the plan by quarter."""
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
        f"The plan by quarter of the financial year (mean of {runs} runs; in brackets the range of eight runs in ten; "
        "- where people would join after the run ends)"
    )
    head = (
        "quarter",
        "offers: new posts",
        "offers: replacements",
        "join",
        "leave",
        "in post at its end",
        "in full use",
    )
    return Table(caption, head, rows, file=QUARTERS)


def _years(result: PlanResult) -> Table:
    """Return the share of runs that keep the service level in each year, with the plan and without it."""
    names = {PLAN: "plan", NONE: "replacements only", LATER: f"{result.wait_months} months later"}
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
            "busy with the load", "in full use")  # fmt: skip
    return Table("Each year on its own: runs that keep the service level, and late inspections", head, rows, file=YEARS)
