"""Defines the rules of planning: in which order visits are planned, and how teams are formed."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Annotated, Literal

from pydantic import Field

from sim.base.faults import nearest
from sim.inputs.framework import Role
from sim.inputs.section import Amount, FewDays, Months, Probability, Section, Weeks, quantity
from sim.inputs.visit_plan import PlannedVisit


def at_home(near: Mapping[Role, Sequence[Sequence[str]]] | None, role: Role, region: str) -> tuple[str, ...]:
    """Return the regions whose people of a role count as local in a region: those of its group, or the region
    itself.
    """
    return next((tuple(group) for group in (near or {}).get(role, ()) if region in group), (region,))


def faults_of_near(
    near: Mapping[Role, Sequence[Sequence[str]]] | None, roles: Collection[Role], regions: Collection[str]
) -> Iterator[str]:
    """List what is wrong with groups of regions that share people, given a scenario's roles and regions."""
    for role, groups in (near or {}).items():
        key = f"planning.near.{role}"
        if role not in roles:
            yield f"{key}: there is no role {role!r}; {nearest(role, roles)}"
        named = Counter(region for group in groups for region in group)
        for region, times in named.items():
            if region not in regions:
                yield f"{key}: {region!r} is not a region; {nearest(region, regions)}"
            elif times > 1:
                yield f"{key}: {region!r} is named {times} times; a region may be in only one group of a role"
        for group in groups:
            if len(group) < 2:  # noqa: PLR2004 - a pair
                yield f"{key}: {list(group)} is not a group; name two or more regions that share their people"


class PlanningRules(Section):
    """Describes in which order visits are planned, and how teams are formed."""

    programme: Literal["drawn", "levelled", "optimised", "inferred"] = quantity(
        "how a week is chosen for each visit. Drawn: at random from its planned stretch. Levelled: the week in which "
        "leads, people and regions have most time left after visits already planned. Optimised: levelled, then "
        "replanned every quarter. Inferred: as the run's parameter draw says (levelled if the draws do not say)",
        default="drawn",
    )
    margin_weeks: Weeks = quantity(
        "weeks kept free between an inspection's planned week and its latest date, so that a small slip does not make "
        "it late; no effect if the programme is drawn",
        "weeks",
        default=0,
    )
    monitoring_weeks: Weeks = quantity(
        "weeks before and after its due date in which a monitoring visit may be planned, inside its window; no effect "
        "if the programme is drawn",
        "weeks",
        default=0,
    )
    plan: Annotated[tuple[PlannedVisit, ...], Field(min_length=1)] | None = quantity(
        "visits with weeks of the user's own plan, one by one; the programme plans all others",
        default=None,
    )
    frozen_weeks: Weeks = quantity(
        "weeks after a replanning whose visits no longer move, if the programme is optimised",
        "weeks",
        default=6,
    )
    most_moved_share: Probability = quantity(
        "largest share of planned visits that a replanning moves, if the programme is optimised",
        "share",
        default=0.1,
    )
    change_price: Amount = quantity(
        "least gain from moving a visit, if the programme is optimised: the sum over weeks of the squared number of "
        "people on site must fall by more (the square is approximated by straight pieces of half its mean)",
        "squared people on site",
        default=20.0,
    )
    gap: Annotated[float, Field(gt=0, le=1)] = quantity(
        "how close to the best possible price, as a share of it, a plan must be for the solver to stop, if the "
        "programme is optimised; it always stops after the root node of its search",
        "share",
        default=0.02,
    )
    order: Literal["due_date", "risk", "lowest_first", "inferred"] = quantity(
        "which visit of equal priority comes first. By due_date: the one that becomes late soonest. By risk: the one "
        "to the authority most likely to have declined below its judgement, given what was seen. By lowest_first: the "
        "one to the authority with the lowest judgement. Inferred: as the run's parameter draw says (due_date if the "
        "draws do not say)"
    )
    most_inspections: Annotated[int, Field(ge=1)] | None = quantity(
        "most full inspections on site in one week; if not given, as many as find a team",
        "inspections",
        default=None,
    )
    most_inspections_after_pause: Annotated[int, Field(ge=1)] | None = quantity(
        "most full inspections on site in one week after a pause of full inspections; if not given, the usual limit",
        "inspections",
        default=None,
    )
    after_pause_months: Months = quantity(
        "months from the end of a pause over which the limit after a pause applies", "months", default=0
    )
    backlog_months: Months = quantity(
        "months from the start over which to spread inspections due before it, the longest overdue first, and those "
        "after monitoring separately. With 0, each begins as soon as there is a team",
        "months",
    )
    backlog_begins_on: datetime.date | None = quantity(
        "day from which backlog_months counts, if the programme had begun before the start; if not given, the start",
        default=None,
    )
    transition_months: Months | None = quantity(
        "months over which to spread, in the same way, inspections that a later framework's shorter intervals make "
        "overdue, from the day it comes into force. If not given, as many as backlog_months",
        "months",
        default=None,
    )

    stay_in_region: tuple[Role, ...] = quantity(
        "roles whose people never go to an authority in another region, even if a visit waits for them"
    )
    near: dict[Role, tuple[tuple[str, ...], ...]] | None = quantity(
        "groups of two or more regions that share their people, by role: people from the whole group count as local, "
        "without travel and whatever stay_in_region says; if not given, no regions share",
        default=None,
    )
    travel_days_elsewhere: FewDays = quantity(
        "travel of an inspector from another region, before the first day on site; if preparation and travel need all "
        "days of the notice and a bank holiday takes one, the seat goes to somebody from the authority's region",
        "working days",
    )
