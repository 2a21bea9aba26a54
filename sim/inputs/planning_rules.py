"""Rules of planning: in which order visits are planned, and how teams are formed."""

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
    """Regions whose people of a role are at home in a region, by the groups that share people: itself, if none."""
    return next((tuple(group) for group in (near or {}).get(role, ()) if region in group), (region,))


def faults_of_near(
    near: Mapping[Role, Sequence[Sequence[str]]] | None, roles: Collection[Role], regions: Collection[str]
) -> Iterator[str]:
    """What is wrong with groups of regions that share people, for a scenario's roles and regions."""
    for role, groups in (near or {}).items():
        key = f"planning.near.{role}"
        if role not in roles:
            yield f"{key}: nobody is a {role!r}; {nearest(role, roles)}"
        named = Counter(region for group in groups for region in group)
        for region, times in named.items():
            if region not in regions:
                yield f"{key}: {region!r} is no region; {nearest(region, regions)}"
            elif times > 1:
                yield f"{key}: {region!r} is named {times} times; a region shares the people of a role in one group"
        for group in groups:
            if len(group) < 2:  # noqa: PLR2004 - a pair
                yield f"{key}: {list(group)} is no group; name two regions or more that share their people"


class PlanningRules(Section):
    """In which order visits are planned, and how teams are formed."""

    programme: Literal["drawn", "levelled", "optimised", "inferred"] = quantity(
        "how a week is chosen for each visit: drawn at random from its stretch; levelled, the week in which leads, "
        "people and regions have most to spare by what is planned already; optimised, levelled and planned anew "
        "every quarter; or inferred, what the run's draw of the parameters says (levelled if the draws do not say it)",
        default="drawn",
    )
    margin_weeks: Weeks = quantity(
        "weeks before its latest date for which no inspection is planned unless the programme is drawn, so that one "
        "that slips is not late at once",
        "weeks",
        default=0,
    )
    monitoring_weeks: Weeks = quantity(
        "weeks before and after its due date in which a monitoring visit may be planned, inside its window, unless the "
        "programme is drawn",
        "weeks",
        default=0,
    )
    plan: Annotated[tuple[PlannedVisit, ...], Field(min_length=1)] | None = quantity(
        "visits that are planned for weeks of one's own, one by one; all others, or all without it, by the programme",
        default=None,
    )
    frozen_weeks: Weeks = quantity(
        "weeks from a replanning for which visits are not moved any more, if the programme is optimised",
        "weeks",
        default=6,
    )
    most_moved_share: Probability = quantity(
        "most visits that a replanning moves, of those that are planned, if the programme is optimised",
        "share",
        default=0.1,
    )
    change_price: Amount = quantity(
        "what moving a visit must gain, if the programme is optimised: the sum over weeks of the square of the people "
        "on site has to fall by more, where the square is followed by straight pieces of half its mean",
        "squared people on site",
        default=20.0,
    )
    gap: Annotated[float, Field(gt=0, le=1)] = quantity(
        "share of the price of the best plan within which the solver stops looking for a better one, if the programme "
        "is optimised; it stops after the root node of its search in any case",
        "share",
        default=0.02,
    )
    order: Literal["due_date", "risk", "lowest_first", "inferred"] = quantity(
        "which of the visits of one priority comes first: the one that is late soonest; that to the authority which is "
        "most likely to have declined below its judgement, from what was seen of it; that to the one judged lowest; or "
        "inferred, what the run's draw of the parameters says (due_date if the draws do not say it)"
    )
    most_inspections: Annotated[int, Field(ge=1)] | None = quantity(
        "most full inspections on site in one week; as many as find a team if it is not said",
        "inspections",
        default=None,
    )
    most_inspections_after_pause: Annotated[int, Field(ge=1)] | None = quantity(
        "most full inspections on site in one week after a pause of them, instead of the usual limit; the usual limit "
        "if it is not said",
        "inspections",
        default=None,
    )
    after_pause_months: Months = quantity(
        "months from the end of a pause over which that other limit holds", "months", default=0
    )
    backlog_months: Months = quantity(
        "months from the start over which inspections that were due before it are spread, the longest overdue first, "
        "and those after monitoring apart; with 0 each is begun as soon as there is a team",
        "months",
    )
    backlog_begins_on: datetime.date | None = quantity(
        "day before the start from which those months count, where the programme had begun by then; the start if it is "
        "not said",
        default=None,
    )
    transition_months: Months | None = quantity(
        "months from the day on which a later framework comes into force over which inspections are spread that its "
        "shorter intervals make overdue, in the same way; as many as backlog_months if it is not said",
        "months",
        default=None,
    )

    stay_in_region: tuple[Role, ...] = quantity(
        "roles of whom nobody goes to an authority of another region, even if a visit waits for them"
    )
    near: dict[Role, tuple[tuple[str, ...], ...]] | None = quantity(
        "regions that share their people, by role, in groups of two or more: at an authority of one of them people of "
        "all are at home, without travel and whatever stay_in_region says; no regions if it is not said",
        default=None,
    )
    travel_days_elsewhere: FewDays = quantity(
        "travel of an inspector from another region, before the first day on site; a seat whose preparation and travel "
        "take all days of the notice goes to the authority's own region where a bank holiday takes one of them",
        "working days",
    )
