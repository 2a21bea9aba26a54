"""Defines what inspection acts on in one replication: an authority's state, a visit, and its team."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import simpy
from simpy.events import Event

from sim.base.calendar import Calendar
from sim.base.randomness import Stream, Streams
from sim.inputs.authorities import Authority, PositionRules
from sim.inputs.four_judgements import Rule, SubJudgements
from sim.inputs.framework import KindOfVisit, VisitRules
from sim.inputs.grades import Judgement
from sim.inputs.pathways import Findings, VisitName
from sim.inputs.ratings import QualityPath, Ratings, Regime
from sim.inputs.reasons import Reason
from sim.inputs.shocks import Disturbances
from sim.inputs.windows import Finding, Window
from sim.world.fieldwork import Span
from sim.world.inspectors import Inspector
from sim.world.obstacles import Obstacle
from sim.world.visit_draws import CONSEQUENCE, DRAWS, FINDING, MONTHS
from sim.world.weeks_ahead import Booking

Status = Literal["published", "in_progress", "waiting", "cancelled"]


@dataclass(eq=False, slots=True)
class Assignment:
    """Describe one inspector's part in a visit, and the days that it takes."""

    inspector: Inspector
    lead: bool
    span: Span


class Visit:
    """Represent one visit, from its request on.

    Parameters
    ----------
    serial : int
        Number of the visit within the replication, from 0.
    authority : AuthorityState
        Authority to visit.
    name : str
        The framework's name for the rules of the visit.
    kind : KindOfVisit
        Kind of visit. The attribute ``kind`` is its name. Whether it gives a judgement and is a contact are attributes
        too.
    rules : VisitRules
        Rules of the framework in force when the visit finds its team. The visit is finished under these rules.
    window : Window
        When the visit may begin.
    planned : int
        Monday for which the visit is planned. It begins then or later.
    draws : list of float
        Uniform draws of the visit, by position.
    contact : str, optional
        Contact of the authority's pathway that the visit belongs to. None for an inspection, and for visits outside any
        pathway.
    findings : Findings, optional
        Findings of the visit that may bring the next inspection forward.
    four_judgements : Rule, optional
        Four judgements of an inspection, under a framework that publishes no overall judgement.
    virtual : bool, optional
        Whether the visit is by video, during a pause.

    Attributes
    ----------
    kind : str
        Kind of visit.
    notified, fieldwork_start, fieldwork_end, published : int or None
        Days, once they are known.
    four : SubJudgements or None
        Four judgements of an inspection, under a framework that publishes no overall judgement.
    judgement_after : str or None
        Judgement of an inspection, from its last day on site. If no overall judgement is published, the one that the
        four judgements imply.
    seen : str or None
        Quality that a visit without a judgement saw on its last day on site.
    status : str
        ``waiting``, ``in_progress`` from notice to publication, ``published``, or ``cancelled``. A kind without a
        report is ``published`` when its fieldwork ends.
    team : list of Assignment
        The team, with the lead first.
    team_found : simpy Event or None
        Event for a process that waits: the planner has found the team, or the visit is cancelled.
    over : simpy Event or None
        Event for a process that waits: the visit is published or cancelled.
    earliest : int
        First Monday on which it could begin when it was requested, given the notice period.
    window_asked : Window
        Window when the visit was requested. A new framework may change ``window`` afterwards.
    waited : dict of int to Obstacle
        What prevented the visit from beginning, by the Monday on which it would have begun.
    booking : Booking or None
        Place of the visit in the programme, if weeks are chosen by what is already planned.
    lead_wanted : str or None
        Lead named in a user's own plan, who leads if free.
    lead_missed : str or None
        Why somebody else led the visit.
    fixed : bool
        Whether a user's own plan sets its week, so that no replanning moves it.
    replaced : bool
        Whether the visit was no longer due because a joint inspection replaced it, or a new framework has no such
        visit.
    """

    __slots__ = (
        "authority", "booking", "contact", "draws", "earliest", "fieldwork_end", "fieldwork_start", "findings", "fixed",
        "four", "four_judgements", "gives_judgement", "is_contact", "judgement_after", "judgement_before", "kind",
        "lead_missed", "lead_wanted", "name",
        "notified", "of_kind", "over", "planned", "published", "replaced", "rules", "seen", "serial", "status", "team",
        "team_found", "virtual", "waited", "window", "window_asked",
    )  # fmt: skip

    def __init__(
        self,
        serial: int,
        authority: AuthorityState,
        name: VisitName,
        kind: KindOfVisit,
        rules: VisitRules,
        window: Window,
        planned: int,
        draws: list[float],
        contact: VisitName | None = None,
        findings: Findings | None = None,
        four_judgements: Rule | None = None,
        virtual: bool = False,
    ) -> None:
        self.serial = serial
        self.authority = authority
        self.name: VisitName = name
        self._be(kind)
        self.rules = rules
        self.window = self.window_asked = window
        self.planned = self.earliest = planned
        self.draws = draws
        self.team_found: Event | None = None
        self.over: Event | None = None
        self.contact = contact
        self.findings = findings
        self.four_judgements = four_judgements
        self.four: SubJudgements | None = None
        self.virtual = virtual
        self.replaced = False
        self.lead_wanted: str | None = None
        self.lead_missed: Reason | None = None
        self.fixed = False
        self.judgement_before: Judgement = authority.judgement
        self.judgement_after: Judgement | None = None
        self.seen: Judgement | None = None
        self.status: Status = "waiting"
        self.notified: int | None = None
        self.fieldwork_start: int | None = None
        self.fieldwork_end: int | None = None
        self.published: int | None = None
        self.team: list[Assignment] = []
        self.waited: dict[int, Obstacle] = {}
        self.booking: Booking | None = None

    @property
    def inspector_days(self) -> int:
        """Return the days that the visit takes from its team's diaries; 0 while it has no team."""
        return sum(assignment.span.days for assignment in self.team)

    def begin(self, notified: int, first: int, last: int, team: list[Assignment]) -> None:
        """Give the visit its team, the day of notice, and the days of fieldwork."""
        self.status = "in_progress"
        self.notified = notified
        self.fieldwork_start = first
        self.fieldwork_end = last
        self.team = team
        _announce(self.team_found)

    def wait(self, monday: int, obstacle: Obstacle) -> None:
        """Record what prevented the visit from beginning on a Monday, and wait for another week."""
        self.waited[monday] = obstacle

    def end(self, published: int) -> None:
        """Publish the visit's findings, if its kind has a report; the visit is over."""
        self.published = published
        self.status = "published"
        _announce(self.over)

    def follow(
        self,
        name: VisitName,
        kind: KindOfVisit,
        rules: VisitRules,
        window: Window,
        findings: Findings | None,
        four_judgements: Rule | None,
    ) -> None:
        """Adopt the rules of another framework while the visit has no team."""
        self.name = name
        self._be(kind)
        self.rules, self.window, self.findings = rules, window, findings
        self.four_judgements = four_judgements

    def _be(self, kind: KindOfVisit) -> None:
        self.of_kind, self.kind = kind, kind.name
        self.gives_judgement, self.is_contact = kind.gives_judgement, kind.is_contact

    def cancel(self, replaced: bool = False) -> None:
        """Cancel the visit if it still waits for a team; ``replaced`` if it is no longer due."""
        if self.status == "waiting":
            self.replaced = replaced
            self.status = "cancelled"
            if self.booking is not None:
                self.booking.release()
            _announce(self.team_found)
            _announce(self.over)


def _announce(awaited: Event | None) -> None:
    if awaited is not None:
        awaited.succeed()


class AuthorityState:
    """Represent one authority during one replication.

    Parameters
    ----------
    position : Authority
        Row of the table of authorities.
    rules : PositionRules
        Assumptions for what the table leaves out.
    ratings : Ratings
        How quality drifts.
    calendar : Calendar
        Working calendar.
    streams : Streams
        Random streams of the replication.
    shocks : Disturbances
        Shocks of the scenario.

    Attributes
    ----------
    name, region, size : str
        As in the table.
    drawn_as : str
        Name that identifies its random numbers, however the table spells the authority.
    judgement : str
        Last published judgement.
    inspected : int
        Last day on site of the inspection that gave this judgement.
    publication_day : int
        Day on which the judgement was published.
    anchor : int
        Day from which the interval to the next inspection counts: the last inspection, or the last monitoring visit.
    quality : QualityPath
        True quality.
    seen : dict of str to int
        Visits between inspections in this cycle that were requested, replaced or done before the start, by contact.
    first_judgement : tuple of int and str, or None
        Last day on site of the inspection before the authority begins, and its judgement. None if the table's judgement
        is only a stand-in.
    judged : bool
        Whether the authority has a published judgement.
    begins : int
        First day of the authority: 0, or later if a reorganisation creates it.
    follows : AuthorityState or None
        Authority that it replaces, if a reorganisation creates it.
    ends : int or None
        First day on which it no longer exists, once it is abolished.
    findings : list of Finding
        Priority actions of this cycle that bring the next inspection forward.
    joint_credit : int
        Joint inspections of this cycle that have not yet replaced a visit between inspections.
    replaced : Counter of str
        Visits of this cycle that a joint inspection has replaced, by contact.
    last_lead : str
        Name of the lead of the last inspection. Empty if it took place before the start.
    on_site : int
        Bitset of the days on which a visit is on site. Another visit waits, unless that would make it late.
    waiting : list of Visit
        Visits between inspections that wait for a team. The next inspection cancels them.
    next_monitoring : tuple of int and int, or None
        During monitoring, the number of monitoring visits completed in this cycle, and the due date of the next.
    process : simpy Process or None
        Process that follows the pathway.
    planning : bool
        Whether that process is waiting for a window to open, so that a finding may change its plan.
    """

    __slots__ = (
        "_calendar", "_can_be_changed", "_contact_until", "_monitored", "_of_four", "_ratings", "_streams",
        "_visit_draws", "anchor", "begins", "drawn_as", "ends", "findings", "first_judgement", "follows", "inspected",
        "joint_credit", "judged", "judgement", "last_lead", "name", "next_monitoring", "on_site", "planning", "process",
        "publication_day", "quality", "region", "replaced", "seen", "size", "waiting",
    )  # fmt: skip

    def __init__(
        self,
        position: Authority,
        rules: PositionRules,
        ratings: Ratings,
        calendar: Calendar,
        streams: Streams,
        shocks: Disturbances,
    ) -> None:
        self.name = position.authority
        self.drawn_as = position.drawn_as
        self.region = position.region
        self.size = position.size
        self.judgement: Judgement = position.judgement
        self.inspected = self.anchor = calendar.day(position.inspected_on)
        self.publication_day = calendar.workdays_after(self.inspected, rules.published_after_days)
        drawn = streams.draw("quality when last inspected", self.drawn_as)
        stands_in = rules.stands_in(position.authority)
        if stands_in:
            drifts_from, quality = calendar.day(ratings.mix_on), ratings.quality_of_mix(drawn)
        else:
            since_mix = (position.inspected_on - ratings.mix_on).days
            drifts_from, quality = self.inspected, ratings.quality_given(position.judgement, since_mix, drawn)
        self.quality = QualityPath(
            ratings, quality, drifts_from, streams.stream("quality", self.drawn_as, 2), shocks.climate(self.region)
        )
        self._calendar = calendar
        self._ratings = ratings
        self._can_be_changed = ratings.can_be_changed
        self._contact_until = calendar.months_after(self.inspected, ratings.contact.months)
        self._monitored = False
        self._streams = streams
        self.judged = not stands_in
        self.first_judgement = (self.inspected, self.judgement) if self.judged else None
        self.begins = 0
        self.follows: AuthorityState | None = None
        self.ends: int | None = None
        self._visit_draws: dict[str, Stream] = {}
        self._of_four: Stream | None = None
        self.seen: dict[VisitName, int] = {}
        self.findings: list[Finding] = []
        self.joint_credit = 0
        self.replaced: Counter[VisitName] = Counter()
        self.last_lead = ""
        self.on_site = 0
        self.waiting: list[Visit] = []
        self.next_monitoring: tuple[int, int] | None = None
        self.process: simpy.Process | None = None
        self.planning = False

    def abolish(self, today: int) -> None:
        """Abolish the authority on a day.

        Visits between inspections that wait for a team are cancelled. The authority that replaces this one still owes
        them.
        """
        self.ends = today
        for visit in self.waiting:
            if visit.status == "waiting" and visit.contact is not None:
                self.seen[visit.contact] -= 1
        if self.process is not None:
            self.process.interrupt("abolished")

    def take_the_place_of(self, gone: AuthorityState, day: int, climate: Sequence[Regime]) -> None:
        """Continue from where an abolished authority has got to: the services are the same, under another name."""
        self.begins = day
        self.publication_day, self.anchor, self.last_lead = gone.publication_day, gone.anchor, gone.last_lead
        self.judged = gone.judged
        self.first_judgement = (self.inspected, self.judgement) if gone.judged else None
        self.quality = gone.quality.continued(
            day, self._ratings, self._streams.stream("quality", self.drawn_as, 2), climate
        )
        self.seen, self.findings = dict(gone.seen), list(gone.findings)
        self.joint_credit, self.replaced = gone.joint_credit, gone.replaced.copy()
        self._contact_until = gone._contact_until
        self.follows = gone

    def day_of(self, when: datetime.date) -> int:
        """Return the day number of a date."""
        return self._calendar.day(when)

    def draws(self, purpose: str) -> list[float]:
        """Draw the numbers for the authority's next visit of this purpose."""
        stream = self._visit_draws.get(purpose)
        if stream is None:
            stream = self._visit_draws[purpose] = self._streams.stream(purpose, self.drawn_as, DRAWS)
        return stream.row()

    @property
    def grade(self) -> int:
        """Return the position of the published judgement among the grades, from 0, the best."""
        return self._ratings.scale.place[self.judgement]

    def draws_of_four(self) -> tuple[float, float]:
        """Draw for the authority's next four judgements: whether they agree with the overall one, and which."""
        if self._of_four is None:
            self._of_four = self._streams.stream("four judgements", self.drawn_as, 2)
        agrees, pattern = self._of_four.row()
        return agrees, pattern

    def receive(self, visit: Visit) -> None:
        """Receive a visit as it begins.

        An inspection cancels the visits that still wait before it. A joint inspection may replace one later.
        """
        if visit.gives_judgement:
            self.last_lead = visit.team[0].inspector.name
            for waiting in self.waiting:
                waiting.cancel()
            self.waiting = []
        elif visit.of_kind.part == "joint":
            self.joint_credit += 1

    def conclude(self, visit: Visit) -> None:
        """Respond to a visit on its last day on site: its findings may change the plan, and the contact may change
        drift.
        """
        assert visit.fieldwork_end is not None
        if visit.findings is not None:
            self._hear(visit, visit.findings, visit.fieldwork_end)
        if visit.is_contact:
            self._contact_until = self._calendar.months_after(visit.fieldwork_end, self._ratings.contact.months)
            self._change_drift(visit.fieldwork_end)

    def _hear(self, visit: Visit, rules: Findings, today: int) -> None:
        """Respond to the findings of a visit between inspections: priority action may bring the next inspection
        forward.
        """
        if visit.seen is None or visit.draws[FINDING] >= rules.priority_action_share[visit.seen]:
            return
        if visit.draws[CONSEQUENCE] < rules.brings_forward_share:
            low, high = rules.brings_forward_months["low"], rules.brings_forward_months["high"]
            self.findings.append(Finding(today, low + int(visit.draws[MONTHS] * (high - low + 1))))
            if self.planning and self.process is not None:
                self.process.interrupt("priority action")

    def intervene(self, monitored: bool, day: int) -> None:
        """Begin or end monitoring of the authority from a day on."""
        self._monitored = monitored
        self._change_drift(day)

    def _change_drift(self, day: int) -> None:
        """Change the rates of drift from a day on, if the scenario assumes that contact or intervention changes them.

        Nothing before the start changes, so scenarios with different assumptions start from the same position.
        """
        if not self._can_be_changed:
            return
        day = max(day, 0)
        contact, intervention = self._ratings.contact, self._ratings.intervention
        better, worse = (1 + intervention.improvement, 1 + intervention.decline) if self._monitored else (1.0, 1.0)
        regimes = [Regime(max(day, self._contact_until), better, worse)]
        if day < self._contact_until:
            regimes.insert(0, Regime(day, better * (1 + contact.improvement), worse * (1 + contact.decline)))
        self.quality.change_rates(day, regimes)

    def publish(self, visit: Visit) -> None:
        """Publish an inspection: record the new judgement and begin a new cycle."""
        assert visit.judgement_after is not None and visit.fieldwork_end is not None and visit.published is not None
        self.judgement, self.judged = visit.judgement_after, True
        self.inspected = visit.fieldwork_end
        self.publication_day = visit.published
        self.seen, self.findings = {}, []
        self.joint_credit, self.replaced = 0, Counter()
