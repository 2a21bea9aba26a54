"""One authority's life: contact, judgement, pathway."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from simpy import Interrupt

from sim.base.calendar import DAYS_A_WEEK, NEVER, Calendar
from sim.base.randomness import Stream, Streams, whole_triangular
from sim.inputs.framework import (
    INSPECTIONS,
    Backlog,
    EnoughProgress,
    Finding,
    FocusedVisits,
    Framework,
    Inspection,
    Pathway,
    Window,
    focused_before_start,
    inspection_window,
    monitoring_window,
    next_contact,
)
from sim.inputs.grades import JUDGEMENTS, Judgement
from sim.inputs.ratings import QualityPath, Ratings, Regime
from sim.world.visits import CONSEQUENCE, DRAWS, FINDING, LONGER, MONTHS, Visit

if TYPE_CHECKING:
    import datetime
    from collections.abc import Sequence

    import simpy

    from sim.inputs.authorities import Authority, PositionRules
    from sim.inputs.shocks import Disturbances
    from sim.runs.model import World


class AuthorityLife:
    """One authority during one replication.

    Parameters
    ----------
    position : Authority
        Row of the table of authorities.
    rules : PositionRules
        What the table does not say.
    ratings : Ratings
        How quality drifts.
    calendar : Calendar
        The working calendar.
    streams : Streams
        The replication's streams.

    Attributes
    ----------
    judgement : str
        Last published judgement.
    inspected : int
        Last day on site of the inspection that gave it.
    publication_day : int
        Day on which it was published.
    anchor : int
        Day from which the interval to the next inspection counts: of the last inspection, or of the last monitoring
        visit.
    quality : QualityPath
        True quality.
    focused_seen : int
        Focused visits of this cycle that were requested, replaced or done before the start.
    first_judgement : tuple of int and str, or None
        Last day on site of the inspection before it begins, and its judgement; None if the table only stands in for it.
    judged : bool
        Whether it has a published judgement.
    begins : int
        Day from which there is such an authority: 0, or later if a reorganisation creates it.
    follows : AuthorityLife or None
        Whose place it takes, if a reorganisation creates it.
    ends : int or None
        First day on which there is none any more, once it is abolished.
    findings : list of Finding
        Priority action of this cycle that brings the next inspection forward.
    joint_credit : int
        Joint inspections of this cycle that have not yet replaced a focused visit.
    replaced : int
        Focused visits of this cycle that a joint inspection has replaced.
    last_lead : str
        Name of the lead of the last inspection; empty if the start does not know it.
    on_site : int
        Bitset of the days on which a visit is on site; another one waits, unless waiting would make it late.
    """

    __slots__ = (
        "_calendar",
        "_contact_until",
        "_monitored",
        "_of_four",
        "_ratings",
        "_streams",
        "_visit_draws",
        "anchor",
        "begins",
        "ends",
        "findings",
        "first_judgement",
        "focused_seen",
        "follows",
        "inspected",
        "joint_credit",
        "judged",
        "judgement",
        "last_lead",
        "life",
        "name",
        "on_site",
        "planning",
        "publication_day",
        "quality",
        "region",
        "replaced",
        "size",
        "waiting_focused",
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
        self.region = position.region
        self.size = position.size
        self.judgement: Judgement = position.judgement
        self.inspected = self.anchor = calendar.day(position.inspected_on)
        self.publication_day = calendar.workdays_after(self.inspected, rules.published_after_days)
        luck = streams.draw("quality when last inspected", self.name)
        if rules.stand_in:
            drifts_from, quality = calendar.day(ratings.mix_on), ratings.quality_of_mix(luck)
        else:
            since_mix = (position.inspected_on - ratings.mix_on).days
            drifts_from, quality = self.inspected, ratings.quality_given(position.judgement, since_mix, luck)
        self.quality = QualityPath(
            ratings, quality, drifts_from, streams.stream("quality", self.name, 2), shocks.climate(self.region)
        )
        self._calendar = calendar
        self._ratings = ratings
        self._contact_until = calendar.months_after(self.inspected, ratings.contact.months)
        self._monitored = False
        self._streams = streams
        self.judged = not rules.stand_in
        self.first_judgement = (self.inspected, self.judgement) if self.judged else None
        self.begins = 0
        self.follows: AuthorityLife | None = None
        self.ends: int | None = None
        self._visit_draws: dict[str, Stream] = {}
        self._of_four: Stream | None = None
        self.focused_seen = 0
        self.findings: list[Finding] = []
        self.joint_credit = 0
        self.replaced = 0
        self.last_lead = ""
        self.on_site = 0
        self.waiting_focused: list[Visit] = []
        self.life: simpy.Process | None = None
        self.planning = False

    def abolish(self, today: int) -> None:
        """End on a day. Focused visits that wait for a team are given up, and owed to who follows."""
        self.ends = today
        self.focused_seen -= sum(visit.status == "waiting" for visit in self.waiting_focused)
        if self.life is not None:
            self.life.interrupt("abolished")

    def take_the_place_of(self, gone: AuthorityLife, day: int, climate: Sequence[Regime]) -> None:
        """Go on from a day where an authority that is abolished has got to: the same services, under another name."""
        self.begins = day
        self.publication_day, self.anchor, self.last_lead = gone.publication_day, gone.anchor, gone.last_lead
        self.judged = gone.judged
        self.first_judgement = (self.inspected, self.judgement) if gone.judged else None
        self.quality = gone.quality.continued(
            day, self._ratings, self._streams.stream("quality", self.name, 2), climate
        )
        self.focused_seen, self.findings = gone.focused_seen, list(gone.findings)
        self.joint_credit, self.replaced = gone.joint_credit, gone.replaced
        self._contact_until = gone._contact_until
        self.follows = gone

    def day_of(self, when: datetime.date) -> int:
        """Day number of a date."""
        return self._calendar.day(when)

    def draws(self, purpose: str) -> list[float]:
        """Draws of the authority's next visit of a purpose."""
        stream = self._visit_draws.get(purpose)
        if stream is None:
            stream = self._visit_draws[purpose] = self._streams.stream(purpose, self.name, DRAWS)
        return stream.row()

    def draws_of_four(self) -> tuple[float, float]:
        """Draws of the authority's next four judgements: whether the rule agrees with an overall one, and which."""
        if self._of_four is None:
            self._of_four = self._streams.stream("four judgements", self.name, 2)
        agrees, pattern = self._of_four.row()
        return agrees, pattern

    def receive(self, visit: Visit) -> None:
        """A visit begins: an inspection overtakes focused visits that still wait, a joint one may replace one."""
        if visit.kind in INSPECTIONS:
            self.last_lead = visit.team[0].inspector.name
            for waiting in self.waiting_focused:
                waiting.cancel()
            self.waiting_focused = []
        elif visit.kind == "joint":
            self.joint_credit += 1

    def conclude(self, visit: Visit) -> None:
        """A visit's last day on site: what it found may change the plan, and the contact the drift."""
        assert visit.fieldwork_end is not None
        if visit.findings is not None:
            self._hear(visit, visit.findings, visit.fieldwork_end)
        if visit.kind != "engagement":
            self._contact_until = self._calendar.months_after(visit.fieldwork_end, self._ratings.contact.months)
            self._change_drift(visit.fieldwork_end)

    def _hear(self, visit: Visit, rules: FocusedVisits, today: int) -> None:
        """Findings of a focused visit: priority action may bring the next inspection forward."""
        if visit.seen is None or visit.draws[FINDING] >= rules.priority_action_share[visit.seen]:
            return
        if visit.draws[CONSEQUENCE] < rules.brings_forward_share:
            low, high = rules.brings_forward_months["low"], rules.brings_forward_months["high"]
            self.findings.append(Finding(today, low + int(visit.draws[MONTHS] * (high - low + 1))))
            if self.planning and self.life is not None:
                self.life.interrupt("priority action")

    def intervene(self, monitored: bool, day: int) -> None:
        """From a day on the authority is monitored, or no longer."""
        self._monitored = monitored
        self._change_drift(day)

    def _change_drift(self, day: int) -> None:
        """Rates of drift from a day on, if contact or intervention is assumed to change them.

        Nothing before the start is changed, so scenarios that assume other effects start from the same position.
        """
        if not self._ratings.can_be_changed:
            return
        day = max(day, 0)
        contact, intervention = self._ratings.contact, self._ratings.intervention
        better, worse = (1 + intervention.improvement, 1 + intervention.decline) if self._monitored else (1.0, 1.0)
        regimes = [Regime(max(day, self._contact_until), better, worse)]
        if day < self._contact_until:
            regimes.insert(0, Regime(day, better * (1 + contact.improvement), worse * (1 + contact.decline)))
        self.quality.change_rates(day, regimes)

    def publish(self, visit: Visit) -> None:
        """An inspection is published: a new judgement, and a new cycle."""
        assert visit.judgement_after is not None and visit.fieldwork_end is not None and visit.published is not None
        self.judgement, self.judged = visit.judgement_after, True
        self.inspected = visit.fieldwork_end
        self.publication_day = visit.published
        self.focused_seen = self.joint_credit = self.replaced = 0
        self.findings = []


def live(world: World, authority: AuthorityLife) -> Generator[Any, Any, None]:
    """An authority's life, until it is abolished."""
    if not authority.begins:
        authority.focused_seen = focused_before_start(
            world.pathway_of(authority),
            authority.inspected,
            world.calendar.day(world.framework_today().in_force_from),
            world.calendar,
            world.streams.draw("focused before the start", authority.name),
        )
    try:
        yield from follow_pathway(world, authority)
    except Interrupt:
        return  # it is abolished


def follow_pathway(world: World, authority: AuthorityLife) -> Generator[Any, Any, None]:
    """The pathway of an authority's judgement, from inspection to inspection."""
    while True:
        monitored = world.pathway_of(authority).monitoring is not None
        authority.intervene(monitored, authority.publication_day)
        anchor = authority.inspected
        if monitored:
            anchor = yield from be_monitored(world, authority)
            authority.intervene(False, world.clock.today)
        inspection = yield from reach_inspection(world, authority, anchor)
        inspection.over = world.clock.event()
        yield inspection.over


def be_monitored(world: World, authority: AuthorityLife) -> Generator[Any, Any, int]:
    """Quarterly monitoring, from the action plan to the last visit before the re-inspection.

    Visits that fell due before the start are taken as done. A visit that finds no team before the next one is due is
    given up, and stays as a row. One that finds enough progress is the last.

    Returns
    -------
    int
        Day of the last visit, from which the re-inspection is reckoned.
    """
    clock = world.clock
    course = authority.draws("course of monitoring")[0]
    last, number = authority.publication_day, 0
    due: int | None = None
    while (monitoring := world.pathway_of(authority).monitoring) is not None:
        if number >= whole_triangular(
            course, monitoring.visits["low"], monitoring.visits["mode"], monitoring.visits["high"]
        ):
            break
        quarter = DAYS_A_WEEK * monitoring.every_weeks
        if due is None:
            due = world.calendar.workdays_after(last, monitoring.first_after_working_days)
        begins = -NEVER if monitoring.begins_on is None else world.calendar.day(monitoring.begins_on)
        if due >= max(authority.begins, begins):
            window = monitoring_window(monitoring, due)
            window = window._replace(opens=max(window.opens, begins))
            if not (yield from has_opened(world, authority, window.opens)):
                continue
            visit = world.ask(authority, "monitoring", window, authority.draws("monitoring"))
            visit.team_found = clock.event()
            yield visit.team_found | clock.until(due + quarter)
            visit.cancel()
            if visit.fieldwork_start is not None and visit.fieldwork_end is not None:
                due = visit.fieldwork_start
                yield clock.until_end_of(visit.fieldwork_end)
                if finds_enough_progress(visit, number + 1, monitoring.enough_progress):
                    return due
            elif visit.status == "cancelled" and world.shocks.paused("monitoring", window.due, window.latest):
                number -= 1  # a visit that a pause prevents brings the re-inspection no nearer
        number += 1
        last, due = due, due + quarter
    return last


def finds_enough_progress(visit: Visit, number: int, rules: EnoughProgress | None) -> bool:
    """Whether the ``number``-th monitoring visit (from 1) finds enough progress to end monitoring."""
    if rules is None or visit.seen is None or number < rules.from_visit:
        return False
    return visit.draws[FINDING] < rules.share[visit.seen]


def reach_inspection(world: World, authority: AuthorityLife, anchor: int) -> Generator[Any, Any, Visit]:
    """Focused visits, until the window of the next inspection opens.

    Returns
    -------
    Visit
        The inspection, just requested.
    """
    authority.anchor = anchor
    while True:
        pathway = world.pathway_of(authority)
        contact = next_contact(
            pathway, anchor, authority.focused_seen, authority.findings, world.calendar, world.clock.today
        )
        if not (yield from has_opened(world, authority, contact.window.opens)):
            continue
        if contact.focused is None:
            draws = authority.draws("inspection")
            name, window = asked_inspection(world, authority, draws), contact.window
            months = world.scenario.planning.backlog_months
            if world.clock.today == 0 and window.due < 0 and months and pathway.monitoring is None:
                until = world.calendar.months_after(0, months)
                window = window._replace(backlog=Backlog.of(window.due, world.overdue, until))
            return world.ask(authority, name, window, draws)
        authority.focused_seen = contact.focused
        see_focused(world, authority, pathway, contact.window)


def asked_inspection(world: World, authority: AuthorityLife, draws: list[float]) -> Inspection:
    """Inspection that the framework in force asks for: that of the pathway, or a longer one where there are signs."""
    pathway = world.pathway_of(authority)
    longer, quality = pathway.longer, JUDGEMENTS[authority.quality.at(world.clock.today)]
    return pathway.inspection if longer is None or draws[LONGER] >= longer.share[quality] else longer.inspection


def follow_framework(world: World, visit: Visit, before: Framework) -> None:
    """Let a visit that still waits for a team go by the framework in force, or give it up if that has none such.

    An inspection stays the one it is where the framework before asked for it by the same rules.
    """
    authority, framework, pathway = visit.authority, world.framework_today(), world.pathway_of(visit.authority)
    name, former = visit.name, before.pathways[authority.judgement]
    window, wanted = visit.window, True
    if visit.kind in INSPECTIONS:
        if (former.inspection, former.longer) != (pathway.inspection, pathway.longer):
            name = asked_inspection(world, authority, visit.draws)
        window = inspection_window(pathway, authority.anchor, authority.findings, world.calendar)
    elif visit.kind == "focused":
        wanted = pathway.focused is not None and bool(pathway.focused.visits)
    elif visit.kind == "monitoring":
        wanted = pathway.monitoring is not None
    elif visit.kind == "joint":
        wanted = framework.joint is not None
    else:
        wanted = framework.engagement is not None
    if wanted:
        findings = pathway.focused if visit.kind == "focused" else None
        visit.follow(name, framework.visits[name], window, findings, framework.four_judgements)
    else:
        visit.cancel(replaced=True)


def has_opened(world: World, authority: AuthorityLife, opens: int) -> Generator[Any, Any, bool]:
    """Wait for a window to open; false if the plan changed first, by a finding or by a new framework."""
    authority.planning = True
    try:
        return (yield from opens_under_these_rules(world, opens))
    except Interrupt:
        if authority.ends is not None:
            raise
        return False
    finally:
        authority.planning = False


def opens_under_these_rules(world: World, opens: int) -> Generator[Any, Any, bool]:
    """Wait for a window to open; false if another framework comes into force by then, and rules must be asked anew."""
    change = world.next_framework_day()
    yield world.clock.until(min(opens, change))
    return opens <= world.clock.today < change


def see_focused(world: World, authority: AuthorityLife, pathway: Pathway, window: Window) -> None:
    """Request a focused visit, or record that a joint inspection has replaced it."""
    assert pathway.focused is not None
    draws = authority.draws("focused")
    visit = world.ask(authority, "focused", window, draws, pathway.focused)
    if authority.joint_credit > 0 and authority.replaced < pathway.focused.joint_may_replace:
        authority.joint_credit -= 1
        authority.replaced += 1
        visit.cancel(replaced=True)
    else:
        authority.waiting_focused.append(visit)


def meet_yearly(world: World, authority: AuthorityLife) -> Generator[Any, Any, None]:
    """The annual engagement meeting, on a date of the authority's own; one not held by the next is given up."""
    clock = world.clock
    first = world.streams.draw("date of engagement", authority.name)
    due: int | None = None
    while clock.today < NEVER:
        engagement = world.framework_today().engagement
        if engagement is None:
            yield clock.until(world.next_framework_day())
            continue
        if due is None:
            due = clock.today + int(first * (world.calendar.months_after(0, engagement.every_months)))
        ahead = DAYS_A_WEEK * engagement.window_before_weeks
        window = Window(
            opens=due - ahead,
            due=due,
            latest=due + DAYS_A_WEEK * engagement.window_after_weeks,
            planned=(due, due + DAYS_A_WEEK - 1),
        )
        if not (yield from opens_under_these_rules(world, window.opens)):
            continue
        if authority.ends is not None:
            return
        visit = world.ask(authority, "engagement", window, authority.draws("engagement"))
        due = world.calendar.months_after(due, engagement.every_months)
        yield clock.until(due - ahead)
        visit.cancel()
