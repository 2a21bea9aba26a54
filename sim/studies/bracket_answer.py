"""What stands beside the answer of a capacity search: the fewest people of any plan, and the other way of planning."""

from __future__ import annotations

from collections.abc import Iterator

from sim.analysis.capacity import SearchResult
from sim.analysis.other_policy import BothPolicies
from sim.analysis.people_bound import PeopleBound
from sim.base.figures import people_of, value
from sim.studies.answer import Table

BOUND = "people_bound.csv"
"""File of the bound of each run."""
CALLED = {
    "drawn": "weeks drawn at random (drawn)",
    "levelled": "weeks with most people to spare (levelled)",
    "optimised": "weeks optimised for a year ahead (optimised)",
    "inferred": "weeks as inferred from history (inferred)",
}
"""What each policy of ``planning.programme`` is called."""


def sentence(found: SearchResult, bound: PeopleBound | None, policies: BothPolicies) -> str:
    """The bracket of plans: the fewest that any could do with, and the head-count under the other policy."""
    own, other, runs = policies.kept_by_own.sum(), policies.kept_by_other.sum(), len(policies.kept_by_own)
    words = (
        f"With {policies.level}{found.beside}, {own} of {runs} runs keep the level where weeks are {policies.own}, and "
        f"{other} of the same runs where they are {policies.other}. How many people that takes, a search with "
        f'planning.programme = "{policies.other}" finds.'
    )
    return " ".join([*_of_bound(found, bound), words])


def _of_bound(found: SearchResult, bound: PeopleBound | None) -> Iterator[str]:
    if bound is None or bound.fewest is None:
        return
    who, probability = people_of(found.lever.role), value(bound.probability, "share")
    yield (
        f"No plan could do with fewer than {bound.fewest} {who}: for the visits that {len(bound.table)} runs with "
        f"{bound.level} saw, fewer keep the level in less than {probability} of runs even if all that will happen is "
        f"known and visits may be split over weeks and people ({value(bound.confidence, 'share')} sure)."
    )
    if bound.fewest_for_inspections is not None:
        yield f"A plan that made the inspections and no other visit would need {bound.fewest_for_inspections} at least."


def table(found: SearchResult, bound: PeopleBound | None, policies: BothPolicies) -> Table:
    """The bracket of plans as a table: any plan, then the two policies, the best first."""
    told = {
        policies.own: (_people(found), policies.kept_by_own),
        policies.other: ("not looked for", policies.kept_by_other),
    }
    rows = [
        (CALLED.get(policy, policy), told[policy][0], f"{int(told[policy][1].sum())} of {len(told[policy][1])}")
        for policy in sorted(told, key=lambda policy: policy == "drawn")
    ]
    if bound is not None and bound.fewest is not None:
        rows.insert(0, ("any plan, in hindsight", f"{bound.fewest} or more", "-"))
    head = ("plan", f"{found.lever.unit} that it takes", f"runs that keep the level with {policies.level}")
    file = "" if bound is None else BOUND
    return Table("Between the best that any plan could do and weeks drawn at random", head, tuple(rows), file=file)


def _people(found: SearchResult) -> str:
    meets = found.bracket.meets
    return f"more than {found.levels[-1]}, or not decided" if meets is None else f"{meets}"
