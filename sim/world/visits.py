"""One visit: request, notice, preparation, fieldwork, writing, publication."""

from __future__ import annotations

from collections.abc import Generator
from math import exp
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from sim.inputs.framework import INSPECTIONS, FocusedVisits, Kind, Publication, VisitName, VisitRules, Window, kind_of
from sim.inputs.grades import Judgement
from sim.inputs.ratings import reading

if TYPE_CHECKING:
    from simpy.events import Event

    from sim.inputs.four_judgements import FourJudgements, SubJudgements
    from sim.runs.model import World
    from sim.world.authority_life import AuthorityLife
    from sim.world.fieldwork import Span
    from sim.world.workforce import Inspector

Status = Literal["published", "in_progress", "waiting", "cancelled"]
STANDARD_NORMAL = NormalDist()

PLANNED, LONGER, PUBLICATION, JUDGING, FINDING, CONSEQUENCE, MONTHS = range(7)
"""Places of a visit's draws in its row of the stream."""
DRAWS = 7


class Assignment(NamedTuple):
    """One inspector's part in a visit, and the days it takes."""

    inspector: Inspector
    lead: bool
    span: Span


class Visit:
    """One visit from its request on.

    Parameters
    ----------
    serial : int
        Number of the visit within the replication, from 0.
    authority : AuthorityLife
        Whom it is for.
    name : str
        What the framework calls its rules.
    rules : VisitRules
        Its rules in the framework in force when its team is found; it is finished under them.
    window : Window
        When it may begin.
    planned : int
        The Monday for which it is planned; it begins then or later.
    draws : list of float
        Its uniform draws, by place.
    findings : FocusedVisits, optional
        What a focused visit may find, and what follows.
    four_judgements : FourJudgements, optional
        What an inspection judges, under a framework that publishes no overall judgement.
    virtual : bool, optional
        Whether it is by video, during a pause.

    Attributes
    ----------
    kind : str
        Kind of visit.
    notified, fieldwork_start, fieldwork_end, published : int or None
        Days, once they are known.
    four : SubJudgements or None
        What an inspection judges, under a framework that publishes no overall judgement.
    judgement_after : str or None
        Judgement of an inspection, from its last day on site; that which the four imply, where no other is published.
    seen : str or None
        Quality that a visit without judgement saw on its last day on site.
    status : str
        ``waiting``, ``in_progress`` from notice to publication, ``published``, or ``cancelled``. A kind without
        a report is ``published`` when its fieldwork ends.
    team : list of Assignment
        The lead first.
    team_found : simpy Event or None
        For who waits for it: happens when the planner has found its team, or when it is cancelled.
    over : simpy Event or None
        For who waits for it: happens at publication, or when it is cancelled.
    replaced : bool
        Whether something else took its place, so that it was no longer due: a joint inspection, or a framework that
        has no such visit.
    """

    __slots__ = (
        "authority", "draws", "fieldwork_end", "fieldwork_start", "findings", "four", "four_judgements",
        "judgement_after", "judgement_before", "kind", "name", "notified", "over", "planned", "published", "replaced",
        "rules", "seen", "serial", "status", "team", "team_found", "virtual", "window",
    )  # fmt: skip

    def __init__(
        self,
        serial: int,
        authority: AuthorityLife,
        name: VisitName,
        rules: VisitRules,
        window: Window,
        planned: int,
        draws: list[float],
        findings: FocusedVisits | None = None,
        four_judgements: FourJudgements | None = None,
        virtual: bool = False,
    ) -> None:
        self.serial = serial
        self.authority = authority
        self.name: VisitName = name
        self.kind: Kind = kind_of(name)
        self.rules = rules
        self.window = window
        self.planned = planned
        self.draws = draws
        self.team_found: Event | None = None
        self.over: Event | None = None
        self.findings = findings
        self.four_judgements = four_judgements
        self.four: SubJudgements | None = None
        self.virtual = virtual
        self.replaced = False
        self.judgement_before: Judgement = authority.judgement
        self.judgement_after: Judgement | None = None
        self.seen: Judgement | None = None
        self.status: Status = "waiting"
        self.notified: int | None = None
        self.fieldwork_start: int | None = None
        self.fieldwork_end: int | None = None
        self.published: int | None = None
        self.team: list[Assignment] = []

    @property
    def inspector_days(self) -> int:
        """Days that the team's diaries give to it; 0 while it has none."""
        return sum(assignment.span.days for assignment in self.team)

    def begin(self, notified: int, first: int, last: int, team: list[Assignment]) -> None:
        """Give the visit its team, and the days of its call and of its fieldwork."""
        self.status = "in_progress"
        self.notified = notified
        self.fieldwork_start = first
        self.fieldwork_end = last
        self.team = team
        _announce(self.team_found)

    def end(self, published: int) -> None:
        """Publish what it found, if its kind has a report; it is over."""
        self.published = published
        self.status = "published"
        _announce(self.over)

    def follow(
        self,
        name: VisitName,
        rules: VisitRules,
        window: Window,
        findings: FocusedVisits | None,
        four_judgements: FourJudgements | None,
    ) -> None:
        """Go by the rules of another framework, while no team has been found under the one before."""
        self.name, self.kind = name, kind_of(name)
        self.rules, self.window, self.findings = rules, window, findings
        self.four_judgements = four_judgements

    def cancel(self, replaced: bool = False) -> None:
        """Give it up, if it is still waiting for a team; ``replaced`` if something else takes its place."""
        if self.status == "waiting":
            self.replaced = replaced
            self.status = "cancelled"
            _announce(self.team_found)
            _announce(self.over)


def _announce(awaited: Event | None) -> None:
    if awaited is not None:
        awaited.succeed()


def set_off(world: World, visit: Visit) -> None:
    """Begin the life of a visit that has found its team.

    From an engagement meeting nothing follows that anybody else would see during the run, so it is over when it is
    called, unless the run ends first.
    """
    assert visit.fieldwork_start is not None and visit.fieldwork_end is not None
    if visit.kind != "engagement":
        world.clock.process(carry_out(world, visit, visit.fieldwork_start, visit.fieldwork_end))
    elif (published := publication_day(world, visit, visit.fieldwork_end)) <= world.calendar.horizon:
        visit.end(published)


def carry_out(world: World, visit: Visit, begins: int, ends: int) -> Generator[Any, Any, None]:
    """The life of a visit, from the call to its publication; fieldwork begins and ends on two days."""
    clock, authority = world.clock, visit.authority
    if visit.kind in INSPECTIONS or visit.kind == "joint":  # of the others nobody minds the beginning
        yield clock.until(begins)
        authority.receive(visit)
    yield clock.until(ends)
    quality = authority.quality.at(clock.today)
    if visit.kind in INSPECTIONS:
        visit.judgement_after = world.ratings.judge(quality, visit.draws[JUDGING])
        if visit.four_judgements is not None:
            visit.four = visit.four_judgements.draw(visit.judgement_after, *authority.draws_of_four())
            visit.judgement_after = visit.four_judgements.implied(visit.four)
    elif visit.rules.accuracy is not None:
        visit.seen = reading(quality, visit.rules.accuracy, visit.draws[JUDGING])
    authority.conclude(visit)
    if world.risk is not None:
        world.risk.learn(visit)
    yield clock.until(publication_day(world, visit, ends))
    visit.end(clock.today)
    if visit.judgement_after is not None:
        authority.publish(visit)


def publication_day(world: World, visit: Visit, ends: int) -> int:
    """Day of publication of a visit whose fieldwork ends on a day."""
    inadequate = visit.judgement_after == "inadequate"
    ready = world.calendar.workdays_after(
        ends, publication_lag(visit.rules.publication, visit.draws[PUBLICATION], inadequate)
    )
    return ready if visit.rules.publication is None else world.shocks.published_on(ready)


def publication_lag(rules: Publication | None, u: float, inadequate: bool) -> int:
    """Working days from the end of fieldwork to publication, from a uniform draw."""
    if rules is None:
        return 0
    mean, deviation = rules.of_logarithm
    z = STANDARD_NORMAL.inv_cdf(u) if u > 0 else -8.0
    return max(1, round(exp(mean + deviation * z))) + (rules.inadequate_extra_days or 0 if inadequate else 0)
