"""Computes posts: how many there are in each region, who may lead, and who works part-time."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from sim.inputs.framework import Role
from sim.inputs.workforce_rules import RoleRules, WorkforceRules

ROUNDING = 1e-9
"""Tolerance within which a share of people counts as due."""


@dataclass(frozen=True, slots=True)
class Post:
    """Represents one post, whoever holds it.

    Attributes
    ----------
    role, region : str
        Role and base of its holder.
    number : int
        Number among the posts of the role and region, from 0.
    may_lead : bool
        Whether its holder may lead a visit once in full use.
    hours : float
        Share of full time.
    joins_on : datetime.date or None
        Day on which its first holder joined or will join; None means long ago.
    last_day : datetime.date or None
        Last day in post of its first holder; None means that it is drawn.
    """

    role: Role
    region: str
    number: int
    may_lead: bool
    hours: float
    joins_on: datetime.date | None = None
    last_day: datetime.date | None = None


Place = tuple[str, int]
"""Region of a post, and its number there."""


def places_in_order(weights: Mapping[str, int]) -> Iterator[Place]:
    """Yield the places of posts one after another, endlessly, each region in proportion to its weight (Sainte-Laguë).

    Adding one person leaves everybody else in place, which sharing out by largest remainder does not.
    """
    places = dict.fromkeys(weights, 0)
    if not any(weights.values()):
        weights = dict.fromkeys(weights, 1)
    while True:
        region = max(places, key=lambda region: weights[region] / (2 * places[region] + 1))
        yield region, places[region]
        places[region] += 1


def share_out(people: int, weights: Mapping[str, int]) -> dict[str, int]:
    """Share people out over regions in proportion to the regions' weights."""
    count = Counter(region for region, _ in islice(places_in_order(weights), people))
    return {region: count[region] for region in weights}


def spread_evenly(places: Iterable[Place], share: float) -> set[Place]:
    """Return the places that belong to a given share of ``places``, spread evenly over their order.

    However many places there are, the number chosen is within one of its share. Within each region it is as close as
    that allows. Whether a place is chosen depends only on the places before it, so adding a place changes none of them.
    """
    chosen: set[Place] = set()
    in_region: Counter[str] = Counter()
    for count, (region, number) in enumerate(places, start=1):
        owed, owed_there = share * count - len(chosen), share * (number + 1) - in_region[region]
        if owed > 1 + ROUNDING or (owed > -ROUNDING and owed + owed_there > 1 - ROUNDING):
            chosen.add((region, number))
            in_region[region] += 1
    return chosen


def posts_of(role: Role, rules: WorkforceRules, weights: Mapping[str, int]) -> list[Post]:
    """Return the posts of a role, region by region.

    Posts in the table of people in post come first, as its rows say. The other posts are drawn. They arise in an order:
    by
    the regions' weights as people are added, or one in every region in turn if the scenario gives head-counts by
    region.
    Part-time posts and those whose holders may lead are spread evenly over this order. So adding a person anywhere
    changes
    nobody's hours and nobody's permission to lead. Nor does adding a row to the table, which replaces the next post of
    its
    region, or the last of all. If people are shared out over regions, or every region has equally many, the totals
    match
    the national shares within one. With other head-counts by region, or beside a table, they come close.

    ``weights`` are the numbers of authorities by region.
    """
    table = _posts_of_table(role, rules)
    rest = rules.roles[role].people - len(table)
    taken = Counter(post.region for post in table)
    order, people = _order_of_places(rules.roles[role], weights)
    leads = spread_evenly(order, rules.roles[role].may_lead_share)
    part_time = spread_evenly(order, rules.part_time_share)
    free = [(region, number) for region, number in order if taken[region] <= number < people[region]][:rest]
    drawn = [
        Post(
            role,
            region,
            number,
            may_lead=(region, number) in leads,
            hours=rules.part_time_hours if (region, number) in part_time else 1.0,
        )
        for region, number in free
    ]
    return [post for region in weights for post in (*table, *drawn) if post.region == region]


def _order_of_places(of_role: RoleRules, weights: Mapping[str, int]) -> tuple[list[Place], Mapping[str, int]]:
    """Return a role's places in the order in which they arise, and the head-counts by region if all people are
    drawn.
    """
    if of_role.by_region is None:
        order = list(islice(places_in_order(weights), of_role.people))
        return order, Counter(region for region, _ in order)
    most = max(of_role.by_region.values())
    return [(region, number) for number in range(most) for region in weights], of_role.by_region


def _posts_of_table(role: Role, rules: WorkforceRules) -> list[Post]:
    """Return the posts of a role's people in the table, numbered within each region in the order of its rows."""
    posts: list[Post] = []
    number: Counter[str] = Counter()
    for row in rules.people_in_post(role):
        posts.append(Post(role, row.region, number[row.region], row.may_lead, row.hours, row.start, row.last_day))
        number[row.region] += 1
    return posts


def added_posts_in(region: str, role: Role, rules: WorkforceRules, there: Sequence[Post], people: int) -> list[Post]:
    """Return posts for additional people of a role in one region, numbered after those already there.

    Permission to lead and part-time hours are spread over the region's posts as if it were alone.
    """
    first = sum(post.region == region for post in there)
    order = [(region, number) for number in range(first + people)]
    leads = spread_evenly(order, rules.roles[role].may_lead_share)
    part_time = spread_evenly(order, rules.part_time_share)
    return [
        Post(role, *place, place in leads, rules.part_time_hours if place in part_time else 1.0)
        for place in order[first:]
    ]


def added_posts(
    role: Role, rules: WorkforceRules, weights: Mapping[str, int], there: Sequence[Post], people: int
) -> list[Post]:
    """Return posts for additional people of a role, beyond those already there; see :func:`posts_of`."""
    in_region = Counter(post.region for post in there)
    of_role = rules.roles[role]
    if of_role.by_region is not None:
        more = share_out(people, weights)
        in_all = {region: in_region[region] + more[region] for region in weights}
    else:
        in_all = share_out(len(there) + people, weights)
    changes = {"people": sum(in_all.values()), "by_region": None if of_role.by_region is None else in_all}
    roles = {**rules.roles, role: of_role.model_copy(update=changes)}
    table = tuple(rules.people_in_post(role))  # a campaign does not hire the people of rows that were left out
    larger = rules.model_copy(update={"roles": roles, "in_post": table})
    known = set(there)
    return [post for post in posts_of(role, larger, weights) if post not in known]


def name_of(post: Post, holder: int) -> str:
    """Return the name of a post's ``holder``-th holder, from 1: role, region, number of the post, and which holder."""
    return f"{post.role} {post.region} {post.number + 1:02d}" + (f"/{holder}" if holder > 1 else "")
