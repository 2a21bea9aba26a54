"""Describes the life of a visit: request, notice, preparation, fieldwork, writing and publication."""

from __future__ import annotations

from collections.abc import Generator
from math import exp
from statistics import NormalDist
from typing import Any

from sim.inputs.framework import Publication
from sim.inputs.ratings import reading
from sim.world.entities import Visit
from sim.world.visit_draws import JUDGING, PUBLICATION
from sim.world.world import World

STANDARD_NORMAL = NormalDist()


def set_off(world: World, visit: Visit) -> None:
    """Begin the life of a visit that has found its team.

    Nothing during the run depends on a visit that is not a contact. So such a visit is over as soon as it is called,
    unless the run ends before its publication.
    """
    assert visit.fieldwork_start is not None and visit.fieldwork_end is not None
    if visit.is_contact:
        world.clock.process(carry_out(world, visit, visit.fieldwork_start, visit.fieldwork_end))
    elif (published := publication_day(world, visit, visit.fieldwork_end)) <= world.calendar.horizon:
        visit.end(published)


def carry_out(world: World, visit: Visit, begins: int, ends: int) -> Generator[Any, Any, None]:
    """Carry out a visit from the call to publication; its fieldwork lasts from ``begins`` to ``ends``."""
    clock, authority = world.clock, visit.authority
    if visit.gives_judgement or visit.of_kind.part == "joint":  # when other visits begin, nothing happens
        yield clock.until(begins)
        authority.receive(visit)
    yield clock.until(ends)
    quality = authority.quality.at(clock.today)
    if visit.gives_judgement:
        visit.judgement_after = world.ratings.judge(quality, visit.draws[JUDGING])
        if visit.four_judgements is not None:
            visit.four = visit.four_judgements.draw(visit.judgement_after, *authority.draws_of_four())
            visit.judgement_after = visit.four_judgements.implied(visit.four)
    elif visit.rules.accuracy is not None:
        visit.seen = reading(quality, visit.rules.accuracy, visit.draws[JUDGING], world.ratings.scale)
    authority.conclude(visit)
    if world.risk is not None:
        world.risk.learn(visit)
    yield clock.until(publication_day(world, visit, ends))
    visit.end(clock.today)
    if visit.judgement_after is not None:
        authority.publish(visit)


def publication_day(world: World, visit: Visit, ends: int) -> int:
    """Return the day of publication of a visit whose fieldwork ends on a day."""
    rules = visit.rules.publication
    if rules is None:
        return ends
    lag = publication_lag(rules, visit.draws[PUBLICATION], visit.judgement_after == world.ratings.scale.worst)
    return world.shocks.published_on(world.calendar.workdays_after(ends, lag))


def publication_lag(rules: Publication | None, u: float, worst: bool) -> int:
    """Return the working days from the end of fieldwork to publication, from a uniform draw."""
    if rules is None:
        return 0
    mean, deviation = rules.of_logarithm
    z = STANDARD_NORMAL.inv_cdf(u) if u > 0 else -8.0
    return max(1, round(exp(mean + deviation * z))) + (rules.inadequate_extra_days or 0 if worst else 0)
