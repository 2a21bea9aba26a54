"""Lists what is wrong with the rows of the user's own plan in a scenario."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property

from sim.base.calendar import DAYS_A_WEEK, Calendar
from sim.base.faults import nearest
from sim.base.figures import day_in_words
from sim.inputs.framework import Framework, KindOfVisit, Role, VisitRules
from sim.inputs.grades import Judgement
from sim.inputs.pathways import VisitName
from sim.inputs.posts import Post, name_of, posts_of
from sim.inputs.spellings import words as words_of
from sim.inputs.visit_plan import ANY_INSPECTION, KEY, PlannedKind, PlannedVisit, groups_of
from sim.inputs.workforce_rules import WorkforceRules

FRIDAY = datetime.timedelta(days=4)
NEAREST = 2
"""Names that a fault suggests."""


@dataclass(frozen=True)
class KnownToPlan:
    """Holds the scenario's names and dates that a plan may use.

    Attributes
    ----------
    judgements : mapping of str to str or None
        Judgement of each authority in the table; None for authorities that a reorganisation creates.
    calendar : Calendar
        The working calendar.
    end : datetime.date
        First day that is not simulated.
    frameworks : sequence of Framework
        Frameworks in the order in which they come into force.
    leads : mapping of str to sequence of Post
        Posts by the name of whoever holds them at the start.
    """

    judgements: Mapping[str, Judgement | None]
    calendar: Calendar
    end: datetime.date
    frameworks: Sequence[Framework]
    leads: Mapping[str, Sequence[Post]]

    def framework_on(self, day: datetime.date) -> Framework:
        """Return the framework in force on a day; the first applies from the start."""
        first, *later = self.frameworks
        return next((each for each in reversed(later) if each.in_force_from <= day), first)

    def rules_of(self, row: PlannedVisit) -> VisitRules | None:
        """Return the rules of a planned visit, as far as known; None if the framework of its week has no such visit."""
        return self.framework_on(row.week).visits.get(self._name_of(row))

    def is_contact(self, row: PlannedVisit) -> bool:
        """Return whether inspectors are on site during a planned visit, as far as known."""
        kind = self._kind_of(row)
        return kind is None or kind.is_contact

    def called(self, row: PlannedVisit) -> str:
        """Return the name of a planned visit in words, with its article."""
        kind = None if row.kind == ANY_INSPECTION else self._kind_of(row)
        return f"an {ANY_INSPECTION}" if kind is None else kind.with_article

    def _kind_of(self, row: PlannedVisit) -> KindOfVisit | None:
        framework, name = self.framework_on(row.week), self._name_of(row)
        return framework.kind(name) if name in framework.visits else None

    def _name_of(self, row: PlannedVisit) -> VisitName:
        framework = self.framework_on(row.week)
        if self.group(row) != ANY_INSPECTION:
            names = (name for name in framework.visits if framework.kind(name).name == row.kind)
            return row.kind if row.kind in framework.visits else next(names, row.kind)
        judgement = self.judgements.get(row.authority)
        own = framework.pathways[judgement or next(iter(framework.pathways))].inspection
        return own if row.kind == ANY_INSPECTION or row.kind not in framework.visits else row.kind

    def group(self, row: PlannedVisit) -> PlannedKind:
        """Return the kind under which a row matches its visit."""
        return self._groups.get(row.kind, row.kind)

    @cached_property
    def _groups(self) -> dict[PlannedKind, PlannedKind]:
        return groups_of(self.frameworks)


def leads_by_name(rules: WorkforceRules, weights: Mapping[str, int]) -> dict[str, list[Post]]:
    """Return the posts that somebody holds or is appointed to at the start, by the holder's names.

    A holder has a name in the result tables, and may have one in ``workforce.in_post``. Several people may share the
    latter, which then has several posts. :func:`lead_named` compares names by their words.
    """
    found: dict[str, list[Post]] = {}
    for role in rules.roles:
        posts = posts_of(role, rules, weights)
        for post in posts:
            found.setdefault(name_of(post, 1), []).append(post)
        by_place = {(post.region, post.number): post for post in posts}
        numbers: dict[str, int] = {}
        for person in rules.people_in_post(role):
            number = numbers[person.region] = numbers.get(person.region, -1) + 1
            if person.name and (person.region, number) in by_place:
                found.setdefault(person.name, []).append(by_place[person.region, number])
    return found


def lead_named(name: str, leads: Mapping[str, Sequence[Post]]) -> list[Post]:
    """Return the posts of holders with a name, however it is spelled."""
    return [post for known, posts in leads.items() if words_of(known) == words_of(name) for post in posts]


def faults_of(rows: Sequence[PlannedVisit], known: KnownToPlan) -> Iterator[str]:
    """List what is wrong with the rows of a plan, each with its key, such as ``planning.plan.3.week``; rows count from
    0.

    A fault about two rows has the key of the later one and names the other by its key.
    """
    for number, row in enumerate(rows):
        place = f"{KEY}.{number}"
        if row.authority not in known.judgements:
            yield f"{place}.authority: there is no such authority; {nearest(row.authority, known.judgements)}"
        yield from (f"{place}.{line}" for line in _week_faults(row, known))
        yield from (f"{place}.{line}" for line in _lead_faults(row, known))
    yield from _meetings(rows, known)
    yield from _leads_in_two_places(rows, known)


def _week_faults(row: PlannedVisit, known: KnownToPlan) -> Iterator[str]:
    """Explain why a visit cannot begin in its week, even if people are free."""
    rules, calendar = known.rules_of(row), known.calendar
    if rules is None:
        framework = known.framework_on(row.week)
        words = f"the framework of that week ({framework.title}) has no such visit"
        yield f"kind: {words}; {nearest(row.kind, (*framework.visits, ANY_INSPECTION))}"
        return
    monday, start = calendar.day(row.week), calendar.start
    earliest = rules.earliest_monday(0, calendar)
    if row.week + FRIDAY < start:
        yield f"week: it is in the past; the run begins on {day_in_words(start)}"
    elif rules.begins_on is not None and row.week < rules.begins_on:
        title = known.framework_on(row.week).title
        yield f"week: under {title}, no such visit begins before {day_in_words(rules.begins_on)}"
    elif monday < earliest:
        words = f"notice must be given first, and the run begins on {day_in_words(start)}"
        yield f"week: {words}; the first possible week is that of {day_in_words(calendar.date(earliest))}"
    elif row.week >= known.end:
        yield f"week: it is outside the run, which ends before {day_in_words(known.end)}"
    elif not calendar.is_start(rules.weeks_on_site, monday):
        before = calendar.starts_between(rules.weeks_on_site, earliest, monday)
        after = calendar.first_start(rules.weeks_on_site, monday)
        near = " or ".join(day_in_words(calendar.date(day)) for day in (*before[-1:], after))
        span = f" (it takes {rules.fieldwork_weeks} weeks)" if rules.fieldwork_weeks > 1 else ""
        yield f"week: it meets a week without fieldwork{span}; the nearest possible weeks: {near}"


def _lead_faults(row: PlannedVisit, known: KnownToPlan) -> Iterator[str]:
    """Explain why nobody with the lead's name can lead the visit."""
    if row.lead is None:
        return
    rules, posts = known.rules_of(row), lead_named(row.lead, known.leads)
    if not posts:
        able = [name for name, there in known.leads.items() if any(post.may_lead for post in there)]
        near = get_close_matches(row.lead, able, n=NEAREST) or able[:NEAREST]
        yield f"lead: nobody in post has this name; people who may lead have names like {' or '.join(map(repr, near))}"
    elif len(posts) > 1:
        yield "lead: several people in post have this name; name one of them as the result tables do"
    elif rules is not None:
        (post,) = posts
        role: Role = rules.team["lead"].role
        if post.role != role:
            yield f"lead: a {role} must lead it, but this is a {post.role}"
        elif not post.may_lead:
            yield "lead: this person may not lead"
        elif post.joins_on is not None and post.joins_on > row.week:
            yield f"lead: this person joins on {day_in_words(post.joins_on)}, after the week"
        elif post.last_day is not None and post.last_day < row.week:
            yield f"lead: this person leaves on {day_in_words(post.last_day)}, before the week"


def _meetings(rows: Sequence[PlannedVisit], known: KnownToPlan) -> Iterator[str]:
    """List rows that appear twice, and visits that would be on site at one authority at the same time."""
    seen: dict[str, list[tuple[int, PlannedVisit, datetime.date]]] = {}
    for number, row in enumerate(rows):
        rules = known.rules_of(row)
        weeks = 1 if rules is None else rules.fieldwork_weeks
        ends = row.week + datetime.timedelta(days=DAYS_A_WEEK * weeks)
        for before, other, other_ends in seen.setdefault(row.authority, []):
            if known.group(other) == known.group(row) and other.week == row.week:
                yield f"{KEY}.{number}: {KEY}.{before} already plans the same visit for the same week"
                break
            on_site = known.is_contact(row) and known.is_contact(other)
            if on_site and row.week < other_ends and other.week < ends:
                words = f"{known.called(other)} is on site there from {day_in_words(other.week)} ({KEY}.{before})"
                yield f"{KEY}.{number}.week: two visits at once at {row.authority}: {words}"
                break
        seen[row.authority].append((number, row, ends))


def _leads_in_two_places(rows: Sequence[PlannedVisit], known: KnownToPlan) -> Iterator[str]:
    """List leads who would be on site at two authorities in one week, whichever of their names the rows use.

    All fieldwork begins on the Monday of a week, so two visits that share a week share a day.
    """
    taken: dict[tuple[Post, datetime.date], tuple[int, PlannedVisit]] = {}
    for number, row in enumerate(rows):
        rules, posts = known.rules_of(row), lead_named(row.lead or "", known.leads)
        if rules is None or len(posts) != 1:
            continue
        weeks = [
            (posts[0], row.week + datetime.timedelta(days=DAYS_A_WEEK * week))
            for week, _ in rules.team["lead"].weeks_of_work
        ]
        met = [taken[week] for week in weeks if week in taken and taken[week][1].authority != row.authority]
        for before, other in met[:1]:
            words = f"they lead {known.called(other)} of {other.authority} from {day_in_words(other.week)}"
            yield f"{KEY}.{number}.lead: this person would be in two places at once: {words} ({KEY}.{before})"
        for week in weeks:
            taken.setdefault(week, (number, row))
