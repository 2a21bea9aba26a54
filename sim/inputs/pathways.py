"""What follows a judgement: the visits on the way to the next inspection, and that inspection."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from sim.inputs.grades import Judgement
from sim.inputs.section import Months, Probability, Section, Weeks, Whole, YearDays, quantity, refuse

VisitName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
"""What a framework calls the rules of a visit; several may be of one kind."""
Part = Literal["inspection", "between", "monitoring", "joint", "recurring"]
"""What a visit is asked for as: the inspection at the end of a pathway, a visit before it, one to monitor an authority
until it, one with other inspectorates, or one that comes again and again whatever else there is."""


ByGrade = dict[Judgement, Probability]
"""A probability for each grade of quality."""


class FocusedVisits(Section):
    """Visits between two inspections that may bring the next one forward."""

    kind: VisitName = quantity("their kind, by the name of its rules", default="focused")
    visits: Whole = quantity("between two inspections", "visits")
    due_shares: tuple[Probability, ...] | None = quantity(
        "when each is due, as a share of the interval; without it they are spread evenly", "share", default=None
    )
    window_months: Months = quantity("window on either side of the due date", "months")
    joint_may_replace: Whole = quantity("how many of them a joint inspection may replace", "visits")
    priority_action_share: ByGrade = quantity(
        "share that finds an area for priority action, by the quality seen", "share"
    )
    brings_forward_share: Probability = quantity("share of those that bring the next inspection forward", "share")
    brings_forward_months: dict[Literal["low", "high"], Months] = quantity("by how much", "months")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.brings_forward_months["low"] <= self.brings_forward_months["high"]:
            raise ValueError("brings_forward_months: low must not exceed high")
        shares = self.due_shares
        if shares is not None and (len(shares) != self.visits or list(shares) != sorted(set(shares))):
            found = ", ".join(f"{share:g}" for share in shares)
            raise ValueError(f"due_shares: found {found}; give {self.visits} in ascending order, one for each visit")
        return self


class EnoughProgress(Section):
    """Progress that a monitoring visit may find, after which the re-inspection follows."""

    from_visit: Annotated[int, Field(ge=1)] = quantity("first visit that may find it", "visit")
    share: ByGrade = quantity("share of visits that find it, by the quality seen", "share")


class Monitoring(Section):
    """Visits again and again between a judgement and the re-inspection, which they may bring nearer."""

    kind: VisitName = quantity("their kind, by the name of its rules", default="monitoring")
    begins_on: datetime.date | None = quantity(
        "first day of monitoring; a visit due before it does not take place, and the re-inspection comes as if it had",
        default=None,
    )
    first_after_working_days: YearDays = quantity("from publication to the first visit", "working days")
    every_weeks: Annotated[int, Field(ge=1, le=520)] = quantity("from one visit to the next", "weeks")
    visits: dict[Literal["low", "mode", "high"], Whole] = quantity("before the re-inspection: triangular", "visits")
    window_before_weeks: Weeks = quantity("window before the due date", "weeks")
    window_after_weeks: Weeks = quantity("window after the due date", "weeks")
    enough_progress: EnoughProgress | None = quantity(
        "progress that ends monitoring early; without it every visit takes place", default=None
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.visits["low"] <= self.visits["mode"] <= self.visits["high"]:
            raise ValueError("visits: low, mode and high must be in order")
        return self


class LongerInspection(Section):
    """Longer inspection that some authorities are given instead of the kind that their judgement asks for."""

    inspection: VisitName = quantity("its kind")
    share: ByGrade = quantity(
        "share of inspections that are of that kind, by true quality when it is planned: intelligence shows signs",
        "share",
    )


class Pathway(Section):
    """What follows a judgement."""

    inspection: VisitName = quantity("kind of the next inspection")
    interval_months: Annotated[int, Field(ge=1, le=240)] = quantity(
        "from the end of the last inspection's fieldwork (with monitoring: from the last monitoring "
        "visit) to the due date",
        "months",
    )
    window_before_months: Months = quantity("window before the due date", "months")
    window_after_months: Months = quantity("window after the due date", "months")
    planned_from_months: int = quantity("earliest planned start, relative to the due date", "months")
    planned_to_months: int = quantity("latest planned start, relative to the due date", "months")
    longer: LongerInspection | None = quantity(
        "longer kind given instead where there are signs of decline", default=None
    )
    focused: FocusedVisits | None = quantity("focused visits in between", default=None)
    monitoring: Monitoring | None = quantity("monitoring visits before it", default=None)

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        refuse(self._faults())
        return self

    def _faults(self) -> Iterator[str]:
        if self.focused is not None and self.monitoring is not None:
            yield "a pathway has focused visits or monitoring, not both"
        if self.window_before_months > self.interval_months:
            yield "window_before_months must not exceed interval_months"
        planned = self.planned_from_months, self.planned_to_months
        if not -self.window_before_months <= planned[0] <= planned[1] <= self.window_after_months:
            yield "planned_from_months and planned_to_months must be in order and inside the window"

    def by_grade(self) -> Iterator[tuple[str, ByGrade]]:
        """Tables that have a share for each grade of quality, with their keys."""
        if self.longer is not None:
            yield "longer.share", self.longer.share
        if self.focused is not None:
            yield "focused.priority_action_share", self.focused.priority_action_share
        if self.monitoring is not None and self.monitoring.enough_progress is not None:
            yield "monitoring.enough_progress.share", self.monitoring.enough_progress.share

    def visits(self) -> Iterator[tuple[str, VisitName, Part]]:
        """Visits that this pathway may ask for: the key that names each, its name, and what it is asked for as."""
        yield "inspection", self.inspection, "inspection"
        if self.longer is not None:
            yield "longer.inspection", self.longer.inspection, "inspection"
        if self.focused is not None and self.focused.visits:
            yield "focused.kind", self.focused.kind, "between"
        if self.monitoring is not None and self.monitoring.visits["high"]:
            yield "monitoring.kind", self.monitoring.kind, "monitoring"
