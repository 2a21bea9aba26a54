"""What people ask: fewer here, a cut, regions that share, sickness by season, a duty, one region, a campaign there.

The quiet worlds are those of the micro worlds: nobody is away, quality stays where it is, a team is a lead and one
inspector, and day 0 is Wednesday 31 January 2018. The lively ones have chance, and nothing to inspect.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from math import sqrt
from pathlib import Path

import numpy as np
import pytest

from sim.base.faults import InputError
from sim.base.randomness import Streams
from sim.cli.main import main
from sim.inputs.assumptions import entries
from sim.inputs.caveats import warnings
from sim.inputs.posts import posts_of
from sim.inputs.scenario import Scenario, load
from sim.world.careers import Illness
from sim.world.context import ScenarioContext
from sim.world.inspectors import Inspector
from sim.world.weeks_ahead import EVERYWHERE, Resource
from sim.world.world import World
from tests.test_bad_input import refused  # noqa: F401 - a fixture
from tests.test_shocks import AYTON, NORTH, NOTHING_DUE, QUIETBY, SOUTH, Refused, joined, shocks, spell, staffed, stays
from tests.worlds import Run, authority, lines, log, quiet, run, without_focused

HMI = "social_care_hmi"
APRIL = "2018-04-01"
LIVELY: dict[str, object] = {
    f"workforce.roles.{HMI}.turnover_a_year": 0.5,
    f"workforce.roles.{HMI}.may_lead_share": 0.5,
    "workforce.sick_days": 12.0,
    "workforce.leave_days": 25,
    "workforce.part_time_share": 0.3,
}
"""Chance in everybody's life."""


def leave(**values: object) -> dict[str, object]:
    return spell("departures", APRIL, None, role=HMI, **values)


def lively(people: Mapping[str, int], **each: Mapping[str, object]) -> Run:
    """Three years of people with lives of their own, and nothing to inspect."""
    return run(quiet([QUIETBY], people, {**without_focused(), **NOTHING_DUE, **LIVELY, **shocks(**each)}, years=3))


def life(person: Inspector) -> tuple[object, ...]:
    return person.joins, person.last_day, person.away, person.hours, person.may_lead


def lives_elsewhere(done: Run, posts: set[str]) -> dict[str, tuple[object, ...]]:
    """Leave, sickness and career of everybody whose post is none of these."""
    return {name: life(person) for name, person in done.people.items() if name.partition("/")[0] not in posts}


def gone(done: Run) -> dict[str, date]:
    return {name: done.date(person.last_day) for name, person in done.people.items() if not stays(done, person)}


def left_open(done: Run) -> Counter[str]:
    return Counter(post.region for post in done.world.workforce.posts(HMI))


# ---------------------------------------------------------------- two fewer, and a cut


def test_two_leave_a_region_on_the_day_and_nobody_follows_them() -> None:
    done = run(staffed({"North": 5, "South": 4}, fewer=leave(people=2, region="North", replaced=False)))
    assert set(gone(done).values()) == {date(2018, 4, 1)}
    assert [name.split()[1] for name in gone(done)] == ["North", "North"]
    assert joined(done) == {}
    assert left_open(done) == {"North": 3, "South": 4}


def test_two_who_are_replaced_leave_a_region_and_are_followed_there() -> None:
    done = run(staffed({"North": 5, "South": 4}, fewer=leave(people=2, region="North")))
    assert joined(done) == {f"{name}/2": date(2018, 12, 1) for name in gone(done)}
    assert left_open(done) == {"North": 5, "South": 4}


@pytest.mark.parametrize(("share", "north", "south"), [(0.1, 1, 1), (0.25, 3, 2), (0.02, 0, 0), (1.0, 12, 8)])
def test_a_cut_takes_whole_people_of_each_region_in_proportion(share: float, north: int, south: int) -> None:
    done = run(staffed({"North": 12, "South": 8}, cut=leave(people_share=share, replaced=False)))
    assert Counter(name.split()[1] for name in gone(done)) == Counter({"North": north, "South": south})
    assert joined(done) == {}


def test_a_deeper_cut_takes_those_of_the_lighter_one_and_more() -> None:
    each = [
        set(gone(run(staffed({"North": 12, "South": 8}, cut=leave(people_share=share, replaced=False)))))
        for share in (0.1, 0.2, 0.5)
    ]
    assert each[0] < each[1] < each[2]


def test_a_cut_of_leads_takes_leads_alone() -> None:
    done = run(
        staffed({"North": 12, "South": 8}, cut=leave(people_share=0.5, leads=True, replaced=False)).with_changes(
            {f"workforce.roles.{HMI}.may_lead_share": 0.5}
        )
    )
    assert len(gone(done)) == 5
    assert all(done.people[name].may_lead for name in gone(done))


def test_people_whom_a_cut_leaves_keep_their_leave_sickness_and_careers() -> None:
    usual = lively({"North": 12, "South": 8})
    cut = lively({"North": 12, "South": 8}, cut=leave(people_share=0.25, replaced=False))
    ended = {f"{post.role} {post.region} {post.number + 1:02d}" for post in cut.world.workforce.ended}
    assert Counter(name.split()[1] for name in ended) == {"North": 3, "South": 2}
    assert lives_elsewhere(cut, ended) == lives_elsewhere(usual, ended)
    assert len(lives_elsewhere(cut, set())) < len(lives_elsewhere(usual, set()))


def test_posts_that_are_vacant_on_the_day_of_a_whole_cut_end_as_well() -> None:
    changes = {**LIVELY, f"workforce.roles.{HMI}.turnover_a_year": 2.0, "workforce.hiring_months": 3}
    cut = spell("departures", "2019-01-15", None, role=HMI, people_share=1.0, replaced=False)
    scenario = staffed({"North": 12, "South": 8}, cut=cut).with_changes(changes)
    done = run(scenario)
    day = done.day(date(2019, 1, 15))
    held = [person for person in done.people.values() if person.joins <= day <= person.last_day]
    assert 0 < len(held) < 20
    assert left_open(done) == {}
    assert max(person.joins for person in done.people.values()) <= day
    assert not [person for person in done.people.values() if stays(done, person)]


def test_a_cut_after_a_limit_of_offers_leaves_no_offer_to_a_post_that_has_ended() -> None:
    # Five leave and are replaced, one a quarter: on 1 Nov, 1 Jan, 1 Apr, 1 Jul ... The cut of 1 December ends 9 posts.
    leaves = spell("departures", "2018-03-01", None, role=HMI, people=5)
    cut = spell("departures", "2018-12-01", None, role=HMI, people_share=1.0, replaced=False)
    limit = {f"workforce.roles.{HMI}.most_offers_a_quarter": 1}
    done = run(staffed({"North": 5, "South": 4}, leaves=leaves, cut=cut).with_changes(limit))
    assert list(joined(done).values()) == [date(2018, 11, 1)]


@pytest.mark.parametrize("programme", ["levelled", "optimised"])
def test_whoever_plans_expects_nobody_in_posts_that_have_ended(programme: str) -> None:
    changes = {**LIVELY, f"workforce.roles.{HMI}.turnover_a_year": 1.0, "planning.programme": programme}
    changes["workforce.induction_months"] = 0
    cut = spell("departures", "2019-01-15", None, role=HMI, people_share=1.0, replaced=False)
    done = run(staffed({"North": 12, "South": 8}, cut=cut).with_changes(changes))
    supply = done.world.context.supply
    days = supply.days.copy()
    for change in done.world.workforce.expected:
        supply.add(days, change)
    of_role = [row for (role, _), row in supply.rows.items() if role == HMI]
    after = supply.week(done.monday(done.day(date(2019, 6, 3))))
    assert np.abs(days[of_role, after:]).max() < 1e-9
    assert days[of_role, : supply.week(done.monday(done.day(date(2019, 1, 7))))].max() > 1


# ---------------------------------------------------------------- a campaign in one region


def test_a_campaign_in_one_region_hires_there_alone() -> None:
    campaign = spell("recruitment", "2018-03-01", None, role=HMI, people=3, region="South")
    done = run(staffed({"North": 5, "South": 4}, campaign=campaign))
    assert joined(done) == {f"{HMI} South {number:02d}": date(2018, 11, 1) for number in (5, 6, 7)}


@pytest.mark.parametrize("first", [True, False])
def test_a_campaign_in_one_region_leaves_everybody_else_as_they_are(first: bool) -> None:
    everywhere = {"everywhere": spell("recruitment", "2018-06-01", None, role=HMI, people=5)}
    there = spell("recruitment", "2018-03-01" if first else "2018-09-01", None, role=HMI, people=3, region="South")
    usual, both = (lively({"North": 6, "South": 6}, **each) for each in (everywhere, everywhere | {"there": there}))
    new = {name.partition("/")[0] for name in both.people} - {name.partition("/")[0] for name in usual.people}
    assert len(new) == 3 and all(" South " in name for name in new)
    assert lives_elsewhere(both, new) == lives_elsewhere(usual, new)


def test_people_of_a_campaign_in_one_region_hold_the_shares_of_the_role() -> None:
    campaign = spell("recruitment", "2018-03-01", None, role=HMI, people=20, region="South")
    changes = {f"workforce.roles.{HMI}.may_lead_share": 0.5, "workforce.part_time_share": 0.25}
    done = run(staffed({"North": 4, "South": 4}, campaign=campaign).with_changes(changes))
    new = [done.people[name] for name in joined(done)]
    assert sum(person.may_lead for person in new) == 10
    assert sum(person.hours < 1 for person in new) == 5


# ---------------------------------------------------------------- regions that share people

SHARING: dict[str, object] = {"planning.near": {HMI: (("North", "South"),)}}
STAY: dict[str, object] = {"planning.stay_in_region": (HMI,)}


def shared(changes: Mapping[str, object]) -> Run:
    """An authority of the North, and people of the South alone."""
    return run(quiet([AYTON], {"South": 2}, {**without_focused(), **changes}))


def test_people_of_a_region_that_shares_with_another_take_no_travel_there() -> None:
    away, near = shared({}), shared(SHARING)
    assert [(line[2], line[-1]) for line in lines(near.scenario, near.record)] == [("2018-06-04", SOUTH)]
    travel = away.scenario.planning.travel_days_elsewhere
    assert [part.days for part in away.record.assignments] == [travel + part.days for part in near.record.assignments]
    assert travel == 1


def test_a_role_that_stays_in_its_region_goes_to_those_that_share_with_it() -> None:
    stays_away, near = shared(STAY), shared({**STAY, **SHARING})
    assert [row.status for row in stays_away.record.visits] == ["waiting"]
    assert [row.status for row in near.record.visits] == ["published"]


def test_only_the_role_that_is_named_shares() -> None:
    other = {"planning.near": {"schools_hmi": (("North", "South"),)}}
    assert [row.status for row in shared({**STAY, **other}).record.visits] == ["waiting"]


def test_people_of_regions_that_share_are_asked_as_those_of_one() -> None:
    # Both authorities fall due in one week; without sharing each has its own two, with it they are asked in one queue.
    rows = [AYTON, authority("Beeford", "South", "good", "2015-06-05")]
    own = log(quiet(rows, {"North": 2, "South": 2}, without_focused()))
    assert [line[-1] for line in own] == [NORTH, SOUTH]
    together = quiet(rows, {"North": 2, "South": 2}, {**without_focused(), **SHARING})
    assert sorted(name for line in log(together) for name in line[-1]) == [*NORTH, *SOUTH]


@pytest.mark.parametrize("programme", ["levelled", "optimised"])
def test_a_levelled_programme_spreads_the_visits_of_regions_that_share_as_of_one(programme: str) -> None:
    # Two of the North and two of the South have a window of the same weeks; four people do two at once.
    rows = [authority(name, region, "good", "2015-06-05") for name, region in
            (("Ayton", "North"), ("Beeford", "South"), ("Ceeham", "North"), ("Deepdale", "South"))]  # fmt: skip
    changes: dict[str, object] = {**without_focused(), "planning.programme": programme}
    done = run(quiet(rows, {"North": 2, "South": 2}, {**changes, **SHARING}))
    supply = done.world.context.supply
    one, other = (supply.days[supply.rows[Resource(HMI, region)]] for region in ("North", "South"))
    assert one is not other and np.array_equal(one, other)
    assert np.array_equal(one, supply.days[supply.rows[Resource(HMI, EVERYWHERE)]])
    assert {row.status for row in done.record.visits} == {"published"}


# ---------------------------------------------------------------- sickness by season

WINTER = (2.0, 2.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 2.0, 2.0, 2.0)


def test_sickness_falls_into_the_months_that_have_it_and_a_year_has_as_much() -> None:
    scenario = load("ilacs_launch", {"years": 6, "workforce.sick_by_month": WINTER})
    world = World(scenario, 0, ScenarioContext(scenario))
    rules, many, days = scenario.workforce, 500, []
    for person in range(many):
        stream = Streams(5, person).stream("illness", "Ann", 2)
        illness = Illness(rules, stream, 0, world.workforce.sickness)
        while illness.day <= scenario.horizon:
            days.append(world.calendar.date(illness.day))
            illness.recover()
    expected = many * scenario.years * rules.sick_days / rules.sick_spell_days
    assert abs(len(days) - expected) < 4 * sqrt(expected)
    # A spell begins on the day after the moment that was drawn, so now and then on the first day of a month without.
    assert {day.month for day in days if day.day > 1} == {1, 2, 3, 10, 11, 12}
    of_month = Counter(day.month for day in days)
    assert abs(of_month[1] - expected / 6) < 5 * sqrt(expected / 6)


def test_factors_of_one_change_nobodys_sickness() -> None:
    usual, seasonal = (
        run(staffed({"North": 5, "South": 4}).with_changes({**LIVELY, "workforce.sick_by_month": factors}))
        for factors in (None, (1.0,) * 12)
    )
    assert lives_elsewhere(seasonal, set()) == lives_elsewhere(usual, set())


def test_a_season_of_sickness_leaves_leave_and_careers_as_they_are() -> None:
    usual, seasonal = (
        run(staffed({"North": 5, "South": 4}).with_changes({**LIVELY, "workforce.sick_by_month": factors}))
        for factors in (None, WINTER)
    )
    for name, person in usual.people.items():
        same = seasonal.people[name]
        assert (same.joins, same.last_day, same.on_leave) == (person.joins, person.last_day, person.on_leave)
    assert lives_elsewhere(seasonal, set()) != lives_elsewhere(usual, set())


# ---------------------------------------------------------------- a duty

DUTY = spell("duty", APRIL, None, role=HMI, days_a_year=20.0)


def test_a_duty_takes_its_days_off_each_persons_time_for_visits_from_its_day_on() -> None:
    usual, with_duty = (run(staffed({"North": 2}, **each)) for each in ({}, {"duty": DUTY}))
    for name, person in with_duty.people.items():
        terms = range(len(with_duty.world.calendar.terms))
        before = usual.world.workforce.days_by_term(usual.people[name], terms)
        after = with_duty.world.workforce.days_by_term(person, terms)
        for (first, last), own, left in zip(with_duty.world.calendar.terms, before, after, strict=True):
            days = max(0, last - max(first, with_duty.day(date(2018, 4, 1))) + 1)
            assert own - left == pytest.approx(20 * days / 365.25)


def test_time_available_falls_by_the_days_of_a_duty_and_that_of_other_roles_stays() -> None:
    usual, with_duty = (run(staffed({"North": 2, "South": 1}, **each)) for each in ({}, {"duty": DUTY}))
    lost = usual.record.workload.available - with_duty.record.workload.available
    days = with_duty.record.horizon - with_duty.day(date(2018, 4, 1)) + 1
    assert lost.sum() == pytest.approx(3 * 20 * days / 365.25, rel=0.01)
    assert lost.min() >= 0
    before = (with_duty.day(date(2018, 4, 1)) - with_duty.record.workload.weeks[0]) // 7
    assert lost[:before].max() == 0
    role = list(usual.scenario.workforce.roles).index(HMI)
    assert not np.delete(lost, role, axis=1).any()


def test_a_duty_of_part_timers_is_in_proportion_and_ends_when_it_ends() -> None:
    ends = {**DUTY, "ends_on": date(2018, 6, 30)}
    part_time = {"workforce.part_time_share": 1.0, "workforce.part_time_hours": 0.5}
    usual, with_duty = (run(staffed({"North": 2}, **each).with_changes(part_time)) for each in ({}, {"duty": ends}))
    lost = usual.record.workload.available.sum() - with_duty.record.workload.available.sum()
    assert lost == pytest.approx(2 * 0.5 * 20 * 91 / 365.25, rel=0.02)


def test_a_duty_takes_no_leave_sickness_or_career_from_anybody() -> None:
    usual, with_duty = lively({"North": 5, "South": 4}), lively({"North": 5, "South": 4}, duty=DUTY)
    assert lives_elsewhere(with_duty, set()) == lives_elsewhere(usual, set())


def test_with_a_duty_of_all_their_time_people_begin_no_visit() -> None:
    duty = {**DUTY, "begins_on": date(2018, 1, 31), "days_a_year": 260.0}
    scenario = quiet([AYTON], {"North": 2}, {**without_focused(), **shocks(duty=duty)})
    assert [line[2] for line in log(scenario)] == [None]
    assert [words for words in warnings(scenario) if "no time for visits" in words]


# ---------------------------------------------------------------- what is refused, said and shown

FAULTY = """extends = "ilacs_launch"
[planning.near]
social_care_hmi = [["London", "Londom"], ["London", "North West"], ["South East"]]
schools_hmj = [["London", "South East"]]
[workforce]
sick_by_month = [2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]
[[shocks]]
name = "fewer"
kind = "departures"
begins_on = 2019-04-01
role = "social_care_hmi"
people = 2
region = "Londom"
[[shocks]]
name = "both"
kind = "departures"
begins_on = 2019-04-01
role = "social_care_hmi"
people = 2
people_share = 0.1
[[shocks]]
name = "campaign"
kind = "recruitment"
begins_on = 2019-04-01
role = "social_care_hmi"
people = 2
region = "Nort West"
[[shocks]]
name = "duty"
kind = "duty"
begins_on = 2019-04-01
ends_on = 2019-03-31
role = "social_care_hmj"
days_a_year = 0.0
"""


def test_every_fault_is_named_at_once(tmp_path: Path, refused: Refused) -> None:  # noqa: F811
    (tmp_path / "mine.toml").write_text(FAULTY)
    words = (
        "planning.near.social_care_hmi", "'Londom' is not a region", "'London' is named 2 times",
        "['South East'] is not a group", "planning.near.schools_hmj", "workforce.sick_by_month",
        "the mean of the factors is 1.08", "shocks.fewer.region", "shocks.both.people", "either people or people_share",
        "shocks.campaign.region", "shocks.duty.days_a_year", "more than 0",
    )  # fmt: skip
    refused("run", "mine.toml", says=list(words))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"workforce.sick_by_month": (1.0,) * 11}, "11 factors; give 12"),
        (shocks(duty={**DUTY, "ends_on": date(2018, 3, 31)}), "2018-03-31 is before begins_on"),
        (shocks(duty={**DUTY, "role": "hmi"}), "there is no role 'hmi'"),
        (shocks(fewer=leave()), "give either people or people_share"),
    ],
)
def test_what_is_wrong_by_itself_is_refused(changes: dict[str, object], words: str) -> None:
    with pytest.raises(InputError, match=words):
        load("ilacs_launch", changes)


@pytest.mark.parametrize(
    ("shock", "words"),
    [
        (leave(people=6, region="North"), "6 social_care_hmi of North are to leave, but 5 are in post"),
        (leave(people=20, leads=True), "20 social_care_hmi who may lead are to leave, but 9 are in post"),
        (leave(people_share=0.01), "0.01 of 9 social_care_hmi rounds to nobody"),
    ],
)
def test_more_than_there_are_and_a_share_that_is_nobody_are_said(shock: dict[str, object], words: str) -> None:
    assert [line for line in warnings(staffed({"North": 5, "South": 4}, mine=shock)) if words in line]


def test_the_book_shows_them() -> None:
    happens = shocks(cut=leave(people_share=0.1, replaced=False), duty=DUTY)
    book = {each.key: each.value for each in entries(load("ilacs_launch", {**happens, "workforce.sick_by_month": WINTER,
            "planning.near": {HMI: (("London", "South East"),)}}))}  # fmt: skip
    assert book["shocks.cut.people_share"] == 0.1 and book["shocks.cut.replaced"] is False
    assert book["shocks.duty.days_a_year"] == 20
    assert book["workforce.sick_by_month"] == WINTER
    assert book[f"planning.near.{HMI}"] == (("London", "South East"),)


# ---------------------------------------------------------------- head-counts of single regions


def head_counts(changes: dict[str, object]) -> tuple[int, Mapping[str, int] | None]:
    rules = load("ilacs_launch", changes).workforce.roles[HMI]
    return rules.people, rules.by_region


def test_people_follow_from_the_head_count_of_a_region_and_other_regions_keep_theirs() -> None:
    base = load("ilacs_launch")
    shared_out = Counter(post.region for post in posts_of(HMI, base.workforce, base.authorities_by_region))
    people, by_region = head_counts({f"workforce.roles.{HMI}.by_region.London": 7})
    assert shared_out["London"] != 7 and by_region == {**shared_out, "London": 7}
    assert people == sum(shared_out.values()) - shared_out["London"] + 7
    both = head_counts({f"workforce.roles.{HMI}.by_region.London": 7, f"workforce.roles.{HMI}.by_region.North West": 9})
    assert both == (people - shared_out["North West"] + 9, dict(by_region or {}) | {"North West": 9})


def test_a_head_count_of_a_region_is_laid_over_those_that_there_are() -> None:
    scenario = staffed({"North": 5, "South": 4}).with_changes({f"workforce.roles.{HMI}.by_region.South": 6})
    assert scenario.workforce.roles[HMI].people == 11
    assert scenario.workforce.roles[HMI].by_region == {"North": 5, "South": 6}
    assert scenario.notes[f"workforce.roles.{HMI}.people"].source == "sum of by_region"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({f"workforce.roles.{HMI}.by_region.Londom": 7}, "'Londom' is not a region"),
        ({f"workforce.roles.{HMI}.by_region.London": 7.5}, "must be a whole number"),
        ({f"workforce.roles.{HMI}.by_region.London": -1}, "must be 0 or more"),
        ({f"workforce.roles.{HMI}.by_region.London": 7, f"workforce.roles.{HMI}.people": 63}, "by_region adds up to"),
        ({"workforce.roles.hmi.by_region.London": 7}, "hmi"),
        (
            {"workforce.in_post": "people_in_post_example.csv", f"workforce.roles.{HMI}.by_region.London": 7},
            "the table workforce.in_post already says where the people of this role are",
        ),
    ],
)
def test_a_head_count_that_cannot_be_is_refused(changes: dict[str, object], words: str) -> None:
    with pytest.raises(InputError, match=words):
        load("ilacs_launch", changes)


def test_a_head_count_of_a_region_is_set_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["describe", "ilacs_launch", "--set", f"workforce.roles.{HMI}.by_region.London=7"]) == 0
    assert "by_region.London = 7" in capsys.readouterr().out


# ---------------------------------------------------------------- rules of one framework of several

GOOD = "pathways.good.interval_months"
ALONE = "frameworks.ilacs_2018.pathways.good.interval_months applies only from 2018-09-17 to 2028-01-30"


def told(scenario: Scenario) -> list[str]:
    return [words for words in warnings(scenario) if ": for the rest of the time" in words]


@pytest.mark.parametrize("value", ["48", '{ value = 48, source = "the board", confidence = "medium" }'])
def test_a_rule_that_is_changed_in_one_framework_of_several_is_said_with_its_part_of_the_time(
    value: str, tmp_path: Path
) -> None:
    (tmp_path / "mine.toml").write_text(f'extends = "ilacs_launch"\n[frameworks.ilacs_2018]\n{GOOD} = {value}\n')
    (words,) = told(load(tmp_path / "mine.toml"))
    assert words == f"{ALONE}: for the rest of the time ilacs_2017 is unchanged"


def test_a_rule_that_is_set_in_the_first_framework_holds_up_to_the_second() -> None:
    (words,) = told(load("ilacs_launch", {f"frameworks.ilacs_2017.{GOOD}": 48}))
    assert "frameworks.ilacs_2017" in words and "from 2018-01-31 to 2018-09-16" in words


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("ilacs_launch", {f"frameworks.{name}.{GOOD}": 48 for name in ("ilacs_2017", "ilacs_2018")}),
        ("position_2022", {f"frameworks.ilacs_2018.{GOOD}": 48}),
        ("ilacs_launch", {"start": date(2018, 10, 1), f"frameworks.ilacs_2018.{GOOD}": 48}),
        ("no_overall_judgement", {}),
    ],
)
def test_a_rule_that_holds_all_the_time_is_not_said(name: str, changes: dict[str, object]) -> None:
    assert told(load(name, changes)) == []


# ---------------------------------------------------------------- a table of one's own

ROWS = [f"Authority {number},London,good,2017-{number % 12 + 1:02d}-10" for number in range(30)]


def own_table(folder: Path, rows: Sequence[str] = ROWS, more: str = "") -> Path:
    (folder / "mine.csv").write_text("\n".join(["authority,region,judgement,inspected_on", *rows]) + "\n")
    (folder / "mine.toml").write_text(f'extends = "ilacs_launch"\nauthorities = "mine.csv"\n{more}')
    return folder / "mine.toml"


def meant_for_others(path: Path) -> list[str]:
    return [words for words in warnings(load(path)) if "meant for" in words]


def test_people_of_the_base_are_asked_about_where_a_table_has_far_fewer_authorities(tmp_path: Path) -> None:
    (words,) = meant_for_others(own_table(tmp_path))
    assert words.startswith("there are 30 authorities, but the 103 people (63 social_care_hmi, ")
    assert "are meant for the 152 of ilacs_launch; to use your own head-counts, set " in words
    assert "workforce.roles.social_care_hmi.people" in words


@pytest.mark.parametrize(("start", "words"), [("2019-06-01", ["that of 2018-01-31"]), ("2018-01-31", [])])
def test_a_start_after_the_day_of_the_table_is_asked_about(start: str, words: list[str]) -> None:
    said = [text for text in warnings(load("ilacs_launch", {"start": date.fromisoformat(start)})) if "that of" in text]
    assert len(said) == len(words) and all(each in text for each, text in zip(words, said, strict=True))


def test_the_scenario_of_a_result_folder_asks_as_the_one_it_was_made_from(tmp_path: Path) -> None:
    mine = own_table(tmp_path)
    (tmp_path / "scenario.toml").write_text(load(mine).to_toml(), encoding="utf-8")
    assert meant_for_others(tmp_path / "scenario.toml") == meant_for_others(mine) != []


def test_only_the_roles_that_are_not_set_are_asked_about(tmp_path: Path) -> None:
    (words,) = meant_for_others(own_table(tmp_path, more="[workforce.roles]\nsocial_care_hmi.people = 13\n"))
    assert words.startswith("there are 30 authorities, but the 40 people (16 schools_hmi, ")
    roles = ("social_care_hmi", "schools_hmi", "regulatory_inspector", "senior_hmi")
    every = "[workforce.roles]\n" + "".join(f"{role}.people = 8\n" for role in roles)
    assert meant_for_others(own_table(tmp_path, more=every)) == []


def test_nobody_asks_about_people_for_a_table_of_about_as_many(tmp_path: Path) -> None:
    rows = [f"Authority {number},London,good,2017-{number % 12 + 1:02d}-10" for number in range(150)]
    assert meant_for_others(own_table(tmp_path, rows)) == []
    assert [words for words in warnings(load("ilacs_launch")) if "meant for" in words] == []


def test_a_start_before_the_dates_of_a_table_is_one_fault_of_the_start(tmp_path: Path) -> None:
    later = [row.replace("2017", "2024") for row in ROWS]
    with pytest.raises(InputError) as refusal:
        load(own_table(tmp_path, later))
    (fault,) = refusal.value.faults
    assert (fault.where, fault.key) == (str(tmp_path / "mine.toml"), "start")
    assert fault.allowed == (
        "30 of 30 authorities were inspected after it, the last on 2024-12-10; set start to that day or later"
    )
    assert load(own_table(tmp_path, later, "start = 2024-12-10\n")).start == date(2024, 12, 10)


def test_a_single_row_after_the_start_is_blamed_itself(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refusal:
        load(own_table(tmp_path, [*ROWS, "One more,London,good,2107-05-05"]))
    (fault,) = refusal.value.faults
    assert fault.where.endswith("line 32") and fault.key == "inspected_on"


def test_notes_of_rows_are_told_by_how_many_carry_them_in_three_lines_at_most() -> None:
    shown = [words for words in warnings(load("adult_social_care")) if "authorities have" in words]
    assert 1 < len(shown) <= 3
    counts = [int(words.split()[0]) for words in shown]
    assert sum(counts) == 153 and counts[0] == max(counts) < 153
    assert shown[-1].endswith("other notes")


@pytest.mark.parametrize(("notes", "lines_told"), [("abc", 3), ("aab", 2), ("abcd", 3), ("", 0)])
def test_a_few_notes_of_rows_are_all_told(notes: str, lines_told: int) -> None:
    rows = load("ilacs_launch").authorities[: len(notes) or 1]
    carried = tuple(row.model_copy(update={"note": note}) for row, note in zip(rows, notes or " ", strict=True))
    scenario = load("ilacs_launch").model_copy(update={"authorities": carried if notes else rows})
    assert len([words for words in warnings(scenario) if "authorities have" in words]) == lines_told


# ---------------------------------------------------------------- one region alone


def test_a_region_alone_has_the_quality_of_its_authorities_and_the_leave_of_its_people() -> None:
    # As the recipe says it: quality, leave, sickness and the day of leaving go by the name of who it is.
    whole = load("ilacs_launch", {"years": 1, "draws": "none", "workforce.part_time_share": 0.0})
    alone = whole.with_changes(
        {
            "authorities": tuple(row for row in whole.authorities if row.region == "London"),
            "workforce.regions": ("London",),
            **{f"workforce.roles.{role}.people": 3 for role in whole.workforce.roles},
        }
    )
    one, all_of_them = run(alone), run(whole)
    assert {row.region for row in one.record.visits} == {"London"}
    paths = []
    for done in (one, all_of_them):
        lives = [each for each in done.world.authorities if each.region == "London"]
        for each in lives:
            each.quality.extend_to(done.record.horizon)
        paths.append([(each.name, each.quality.days, each.quality.grades) for each in lives])
    assert paths[0] == paths[1] and len(paths[0]) > 20
    at_first = [name for name, person in one.people.items() if person.joins == 0]
    assert len([name for name in at_first if name.startswith(HMI)]) == 3
    assert all(one.people[name].on_leave == all_of_them.people[name].on_leave for name in at_first
               if name in all_of_them.people)  # fmt: skip
