"""Add to a search the fewest people that inspections need, and what another way of choosing weeks does."""

from __future__ import annotations

from collections.abc import Iterator

from sim.analysis.capacity import SearchResult
from sim.analysis.capacity_curve import level_shown
from sim.analysis.other_policy import BothPolicies
from sim.analysis.people_bound import PeopleBound, hired_by_head_count
from sim.base.figures import people_of, value
from sim.studies.answer import Table

BOUND = "people_bound.csv"
"""File with the lower bound of each run."""
CALLED = {
    "drawn": "weeks drawn at random (drawn)",
    "levelled": "weeks in which people have the most time to spare (levelled)",
    "optimised": "weeks optimised for a year ahead (optimised)",
    "inferred": "weeks chosen as each run's parameter draw says (inferred)",
}
"""Words for each policy of ``planning.programme``."""


def sentence(found: SearchResult, bound: PeopleBound | None, policies: BothPolicies) -> str:
    """Say the fewest people that the inspections need, and what the head-count does under the other policy."""
    own, other, runs = policies.kept_by_own.sum(), policies.kept_by_other.sum(), len(policies.kept_by_own)
    level = level_shown(found)
    words = (
        f"With {level}{found.beside}, {own} of {runs} runs keep the level with {CALLED[policies.own]}, and "
        f"{other} of the same runs with {CALLED[policies.other]}. To find how many people the second way needs, search "
        f"again with `--set planning.programme={policies.other}`."
    )
    return " ".join([*_of_bound(found, bound), words])


def _of_bound(found: SearchResult, bound: PeopleBound | None) -> Iterator[str]:
    if hired_by_head_count(found.scenario, found.lever.role):
        yield (
            "There is no lower bound here, because a limit on offers, a campaign or a group of people who leave at "
            "once makes hiring depend on the head-count."
        )
    if bound is None or bound.fewest is None:
        return
    yield (
        f"Even with perfect foresight, the inspections of these runs need at least {bound.fewest} "
        f"{people_of(found.lever.role)} to keep the level in {value(found.rule.probability, 'share')} of runs "
        f"(with {value(found.rule.confidence, 'share')} confidence). This comes from {len(bound.table)} runs with "
        f"{level_shown(found)} people."
    )
    if bound.with_other_visits is not None:
        yield f"If people also make every other visit of those runs, at least {bound.with_other_visits} are needed."


def table(found: SearchResult, bound: PeopleBound | None, policies: BothPolicies) -> Table:
    """Return a table of the lower bound and both policies, with the policy that keeps the level in more runs first."""
    meets = found.bracket.meets
    people = f"more than {found.levels[-1]}, or undecided" if meets is None else f"{meets}"
    both = [(policies.kept_by_own, policies.own, people), (policies.kept_by_other, policies.other, "not searched")]
    rows = [
        (CALLED[policy], takes, f"{int(kept.sum())} of {len(kept)}")
        for kept, policy, takes in sorted(both, key=lambda each: -each[0].sum())
    ]
    caption, file = "The same people with two ways of choosing weeks", ""
    if bound is not None and bound.fewest is not None:
        caption, file = f"{caption}, and what the inspections need with perfect foresight", BOUND
        rows.insert(0, ("perfect foresight, inspections alone", f"{bound.fewest} or more", "-"))
    head = ("weeks", f"{found.lever.unit} needed", f"runs that keep the level with {level_shown(found)}")
    return Table(caption, head, tuple(rows), file=file)
