"""Runs the processes of shocks that do more than forbid visits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Sequence
from typing import Any

from sim.base.calendar import DAYS_A_WEEK, NEVER, add_months
from sim.base.randomness import Streams
from sim.inputs.authorities import Authority
from sim.inputs.pathways import VisitName
from sim.inputs.posts import Post, name_of, share_out
from sim.inputs.shocks import Departures, OtherProgramme, Pause, Recruitment, Reorganisation, VirtualVisits
from sim.inputs.spellings import words
from sim.inputs.windows import Window
from sim.world.authority_life import begin
from sim.world.careers import offer, post
from sim.world.inspectors import Inspector
from sim.world.visit_draws import DRAWS, LONGER, PLANNED
from sim.world.weeks_ahead import joining
from sim.world.world import World


def start_shocks(world: World) -> None:
    """Start the processes of the shocks, except those that were over before the start."""
    clock = world.clock
    for name, shock in world.scenario.shocks.items():
        match shock:
            case Reorganisation():
                clock.process(reorganise(world, shock))
            case Departures() if shock.begins_on >= world.calendar.start:
                clock.process(depart(world, name, shock))
            case OtherProgramme() if shock.ends_on >= world.calendar.start:
                clock.process(lend(world, name, shock))
            case Pause() if shock.virtual is not None and shock.virtual.ends_on >= world.calendar.start:
                clock.process(visit_by_video(world, name, shock.virtual))
    for shock, posts in world.campaigns:
        recruit(world, shock, posts)


def reorganise(world: World, shock: Reorganisation) -> Generator[Any, Any, None]:
    """Abolish some authorities on a day, and begin others in their place.

    Visits already announced are carried out; their judgements belong to the abolished authority.
    """
    yield world.clock.until(world.calendar.day(shock.begins_on))
    today = world.clock.today
    abolished = set(map(words, shock.abolished))
    gone = [each for each in world.authorities if words(each.name) in abolished and each.ends is None]
    for authority in gone:
        authority.abolish(today)
        for visit in world.visits:
            if visit.authority is authority:
                visit.cancel(replaced=True)
    before = max(gone, key=lambda authority: (authority.grade, authority.inspected))
    for new in shock.created:
        row = Authority(
            authority=new.authority,
            region=new.region,
            size=new.size,
            judgement=before.judgement,
            inspected_on=world.calendar.date(before.inspected),
        )
        authority = world.state_of(row)
        authority.take_the_place_of(before, today, world.shocks.climate(new.region))
        if world.risk is not None:
            world.risk.hand_over(before, authority)
        world.authorities.append(authority)
        begin(world, authority)


def visit_by_video(world: World, name: str, rules: VirtualVisits) -> Generator[Any, Any, None]:
    """Hold video visits during a pause, at authorities and in weeks chosen by draws of their own.

    A visit that finds no team by the last day for video visits is cancelled.
    """
    first, last = world.calendar.day(rules.begins_on), world.calendar.day(rules.ends_on)
    framework = world.framework_on(first)
    kinds = [kind for kinds in framework.by_video.values() for kind in kinds]
    ahead = DAYS_A_WEEK * (1 + max(framework.visits[kind].notice_weeks for kind in kinds))
    yield world.clock.until(first - ahead)
    streams = {
        authority: world.streams.stream(f"virtual visit: {name}", authority.drawn_as, DRAWS)
        for authority in world.authorities
        if authority.ends is None
    }
    rows = {authority: stream.row() for authority, stream in streams.items()}
    monitored = round(rules.visits * rules.inadequate_share)
    asked = []
    held_as = {authority: world.pathway_of(authority).by_video for authority in rows}
    for part, count in (("monitoring", monitored), ("between", rules.visits - monitored)):
        able = {authority: contact for authority, contact in held_as.items() if contact and contact.rules.part == part}
        mondays = {
            kind: list(_mondays_by_video(world, kind, first, last))
            for kind in {contact.kind for contact in able.values()}
        }
        order = sorted(
            (authority for authority, contact in able.items() if mondays[contact.kind]),
            key=lambda authority: rows[authority][LONGER],
        )
        for number in range(count if order else 0):
            authority = order[number % len(order)]  # once everybody has had one, the first get another
            draws = rows[authority] if number < len(order) else streams[authority].row()
            contact = able[authority]
            choices = mondays[contact.kind]
            monday = choices[int(draws[PLANNED] * len(choices))]
            window = Window(monday, monday, last, (monday, monday))
            asked.append(world.ask(authority, contact.kind, window, draws, contact.name, virtual=True))
    yield world.clock.until_end_of(last)
    for visit in asked:
        visit.cancel()


def _mondays_by_video(world: World, kind: VisitName, first: int, last: int) -> Iterator[int]:
    """Yield the Mondays between two days on which a visit can begin, if requested today, and end by the last day."""
    rules = world.framework_today().visits[kind]
    earliest = max(first, world.planner.earliest_monday(rules))
    for monday in world.calendar.starts_between(rules.weeks_on_site, earliest, last):
        if rules.fieldwork_end(monday) <= last:
            yield monday


def recruit(world: World, shock: Recruitment, posts: list[Post]) -> None:
    """Start the posts of a campaign: offered after the hiring time as the role's limit allows, and taken up after
    notice.
    """
    first, last = world.scenario.days_in_post(shock)
    calendar, rules = world.calendar, world.scenario.workforce
    term_ends = NEVER if last is None else calendar.day(last)
    if calendar.day(first) <= 0 or calendar.day(first) > term_ends:
        return
    possible = calendar.day(add_months(shock.begins_on, rules.hiring_months))
    world.clock.process(announce(world, shock, posts, calendar.day(first), term_ends))
    for post_added in posts:
        world.clock.process(take_up(world, post_added, possible, calendar.day(first), term_ends))


def announce(
    world: World, shock: Recruitment, posts: list[Post], joins: int, term_ends: int
) -> Generator[Any, Any, None]:
    """Tell those who plan, on the day a campaign begins, to count on its people."""
    yield world.clock.until(world.calendar.day(shock.begins_on))
    for added in posts:
        world.workforce.expected += joining(added, joins, term_ends, world.workforce.rules, world.calendar)


def take_up(world: World, new: Post, possible: int, joins: int, term_ends: int) -> Generator[Any, Any, None]:
    """Offer a new post from a day on, and fill it on another day, or later if the offer has to wait."""
    offered = yield from offer(world.clock, world.workforce, new, possible, term_ends)
    if offered > possible:
        joins = world.calendar.months_after(offered, world.workforce.rules.notice_months)
    if joins <= term_ends:
        yield world.clock.until(joins)
        holder = world.workforce.join(new, 1, world.clock.today)
        yield from post(world.clock, world.workforce, world.streams, holder, term_ends)


def depart(world: World, name: str, shock: Departures) -> Generator[Any, Any, None]:
    """Make some people give notice on a day and leave at once, chosen by draws of their own; their posts may end."""
    yield world.clock.until(world.calendar.day(shock.begins_on))
    workforce = world.workforce
    posts = [
        each
        for each in workforce.posts(shock.role)
        if (each.may_lead or not shock.leads) and shock.region in (None, each.region)
    ]
    held = {inspector.post: inspector for inspector in workforce.in_post[shock.role]}
    staying = {each for each in posts if each in held and workforce.stays(held[each])}

    def in_turn(each: Post) -> tuple[bool, bool, float]:
        who = held[each].name if each in held else name_of(each, 1)
        return each not in staying, each not in held, world.streams.draw(f"departure: {name}", who)

    going = [each for some, many in _so_many(shock, posts) for each in sorted(some, key=in_turn)[:many]]
    for each in going:
        if not shock.replaced:
            workforce.end_post(each)
        career = held[each].career if each in staying else None
        if career is not None:
            career.interrupt(name)


def _so_many(shock: Departures, posts: Sequence[Post]) -> Iterator[tuple[Sequence[Post], int]]:
    """Yield groups of posts and how many of each go: of all together, or of each region by its part of the share."""
    if shock.people_share is None:
        yield posts, shock.people or 0
        return
    in_region = Counter(each.region for each in posts)
    for region, many in share_out(round(shock.people_share * len(posts)), in_region).items():
        yield [each for each in posts if each.region == region], many


def lend(world: World, name: str, shock: OtherProgramme) -> Generator[Any, Any, None]:
    """Lend a share of the people of some roles, chosen by draws of their own, to another programme."""
    yield world.clock.until(world.calendar.day(shock.begins_on))
    for role in shock.roles:
        there = world.workforce.in_post[role]
        for inspector in _by_draw(there, world.streams, f"lent: {name}")[: round(shock.people_share * len(there))]:
            world.workforce.lend(inspector, world.clock.today, world.calendar.day(shock.ends_on))


def _by_draw(people: Iterable[Inspector], streams: Streams, purpose: str) -> list[Inspector]:
    """Return people in a random order that stays the same for the others if one more person joins."""
    return sorted(people, key=lambda inspector: streams.draw(purpose, inspector.name))
