"""Every value of the assumption book changes something that comes out, or another value is refused."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest

from sim.base.faults import InputError
from sim.base.package_data import shipped
from sim.inputs.assumptions import Entry, entries
from sim.inputs.framework import ROLES
from sim.inputs.grades import JUDGEMENTS
from sim.inputs.history import NAMES
from sim.inputs.scenario import Scenario, load
from sim.inputs.shocks import SHOCKS as KINDS_OF_SHOCK
from sim.record.rows import Record
from sim.runs.ensemble import run_batch
from sim.runs.measures import Years, measure
from sim.runs.model import Model
from sim.world.context import ScenarioContext

Changes = tuple[tuple[str, object], ...]
Outcome = tuple[Record, list[float]]

Rung = tuple[int, int, bool]

FEW_AND_SHORT: Rung = (2, 0, True)
WHOLE: Rung = (2, 0, False)
LADDER: tuple[Rung, ...] = (FEW_AND_SHORT, WHOLE, (10, 0, False), (10, 1, False))
"""Years, replication and whether a few authorities do, the quickest first, before a key is said to change nothing."""
EACH = 8
"""Of the authorities every eighth is one of the few, and those that shocks name."""
SAMPLED = 47
"""Of the keys of the frameworks the quick selection takes every forty-seventh."""


def book_of(changes: dict[str, object]) -> tuple[Entry, ...]:
    """All but what a framework and grades are called, which is read by people only."""
    book = entries(load("ilacs_launch", changes))
    return tuple(entry for entry in book if not entry.key.endswith(".title") and ".called." not in entry.key)


BOOK = book_of({})
OTHERS = tuple(name for name in shipped("frameworks") if name not in load("ilacs_launch").framework)
"""Frameworks that the shipped scenario does not name."""
OF_FRAMEWORKS = tuple(
    entry
    for book in (BOOK, *(book_of({"framework": name}) for name in OTHERS))
    for entry in book
    if entry.key.startswith("frameworks.")
)
OF_THE_SCENARIO = tuple(entry for entry in BOOK if not entry.key.startswith("frameworks."))


FAR_MOVES = (
    ("outstanding", "requires_improvement"), ("outstanding", "inadequate"), ("good", "inadequate"),
    ("inadequate", "good"), ("inadequate", "outstanding"), ("requires_improvement", "outstanding"),
)  # fmt: skip
"""Moves that make every quality common under every judgement."""


PAUSED = (
    ("name", "pause"), ("kind", "pause"), ("begins_on", datetime.date(2018, 3, 1)),
    ("ends_on", datetime.date(2018, 9, 30)), ("visits", ("short", "standard")),
)  # fmt: skip
"""A pause of inspections, as pairs."""


def enabling(key: str) -> Changes:
    """What must hold for a key to be asked at all, its framework among it."""
    parts = key.split(".")
    alone: Changes = (("framework", parts[1]),) if parts[0] == "frameworks" and parts[1] in OTHERS else ()
    if alone and parts[2:] == ["in_force_from"]:  # the date of the first of a timetable is not asked
        return (("framework", ("ilacs_2018", parts[1])), (key, datetime.date(2018, 10, 1)))
    if alone and parts[-1].startswith("planned_"):  # with few people a single inspection begins after it was planned
        alone = (*alone, ("workforce.roles.social_care_hmi.people", 400))
    return tuple(dict((*alone, *enabling_in_its_framework(key))).items())


def enabling_in_its_framework(key: str) -> Changes:  # noqa: PLR0911 - a case for each kind of key
    """What must hold for a key to be asked at all: findings for what follows them, a pathway, a lead's seat, years."""
    parts = key.split(".")
    if parts[-1] == "may_lead_share" and parts[2] != "social_care_hmi":
        seats = (f"frameworks.{name}.visits.focused.team.lead.role" for name in ("ilacs_2017", "ilacs_2018"))
        return tuple((seat, parts[2]) for seat in seats)
    if key in ("planning.margin_weeks", "planning.monitoring_weeks"):
        return (("planning.programme", "levelled"),)
    if key == "planning.after_pause_months":
        return (("shocks", (PAUSED,)), ("planning.most_inspections_after_pause", 1))
    if key in ("planning.frozen_weeks", "planning.most_moved_share", "planning.change_price", "planning.gap"):
        return (("planning.programme", "optimised"),)
    if key == "ratings.good_or_better":
        return (("framework", "ilacs_2026"), ("frameworks.ilacs_2026.four_judgements.agreement", 0.0))
    if key == "ratings.contact.months":
        return (("ratings.contact.improvement", 1.0),)
    if parts[0] != "frameworks":
        return ()
    place = ".".join(parts[:4])
    common = (("framework", parts[1]), *((f"ratings.drift.{before}.{after}", 1.0) for before, after in FAR_MOVES))
    if "focused" in parts and {"priority_action_share", "brings_forward_share", "low", "high"} & set(parts):
        return (
            *common,
            *((f"{place}.contacts.focused.priority_action_share.{seen}", 0.9) for seen in JUDGEMENTS),
            (f"{place}.contacts.focused.brings_forward_share", 0.9),
            (f"{place}.contacts.focused.brings_forward_months.low", 3),
            (f"{place}.contacts.focused.brings_forward_months.high", 9),
        )
    if "share" in parts and {"longer", "enough_progress"} & set(parts):
        return common
    if parts[2] == "visits" and parts[3].startswith("single"):
        return ((f"frameworks.{parts[1]}.pathways.inadequate.inspection", parts[3]),)
    if parts[-1] == "begins_on":
        return (*common[:1], (key, datetime.date(2018, 6, 1)))
    return common[:1] if parts[-1] in {"joint_may_replace", "window_after_months"} else ()


def others(entry: Entry, value: object) -> Iterator[object]:
    """Sensible values instead of the one that stands there, by type and unit."""
    match value:
        case datetime.date():
            yield from (value + datetime.timedelta(days=61), value - datetime.timedelta(days=730))
        case str():
            for words in (NAMES, ROLES, ORDERS, PROGRAMMES, ASKED_FOR, JUDGEMENTS, REGIONS):
                yield from (word for word in words if value in words)
        case tuple() if entry.unit == "days in each week":
            first = next(week for week, days in enumerate(value) if days)
            for changed in (max(1, value[first] - 1), min(5, value[first] + 1)):
                yield (*value[:first], changed, *value[first + 1 :])
        case tuple() if entry.unit == "months":
            yield (1, 5, 10)
        case tuple() if entry.key.split(".")[-1] in OTHER_LISTS:
            yield OTHER_LISTS[entry.key.split(".")[-1]]
        case tuple():
            yield from (value[3:], (*value, "Wales"))
        case bool():
            yield not value
        case int():
            yield from (value + 1, 2 * value + 3, max(0, value - 1), 1)
        case float() if value <= 1 and entry.unit.startswith(("share", "probability")):
            yield from (round(value / 2 + 0.5, 3), value / 2, 0.0)
        case float():
            yield from (value * 2 + 1, value / 2)


REGIONS = ("London", "North West")
ASKED_FOR = ("focused", "monitoring", "joint")
ORDERS, PROGRAMMES = ("inferred", "due_date", "risk", "lowest_first"), ("inferred", "drawn", "levelled")
OTHER_LISTS: dict[str, tuple[str, ...]] = {
    "visits": ("focused", "short"), "roles": ("schools_hmi",), "stay_in_region": ("social_care_hmi",),
    "without_judgement": ("London 01", "London 02", "London 03"),
    "regions": ("London", "North West"), "grades": ("good", "outstanding", "requires_improvement", "inadequate"),
    "abolished": ("London 01",), "created": (),
}  # fmt: skip
"""Other values of the lists of shocks; what is created is a list of tables, which other tests change."""
DAY = datetime.date
SHOCKS: dict[str, dict[str, object]] = {
    "pause": {
        "kind": "pause", "begins_on": DAY(2018, 9, 1), "ends_on": DAY(2018, 12, 31), "visits": ("standard", "focused"),
        "virtual": {"begins_on": DAY(2018, 9, 3), "ends_on": DAY(2018, 11, 30), "visits": 20, "inadequate_share": 0.5},
    },
    "gap": {"kind": "publication_gap", "begins_on": DAY(2018, 6, 1), "ends_on": DAY(2018, 7, 31)},
    "wave": {
        "kind": "drift", "begins_on": DAY(2018, 6, 1), "ends_on": DAY(2019, 9, 1), "regions": ("London",),
        "improvement": -0.5, "decline": 3.0,
    },
    "turnover": {
        "kind": "turnover", "begins_on": DAY(2018, 6, 1), "ends_on": DAY(2019, 6, 1), "roles": ("social_care_hmi",),
        "turnover_a_year": 0.6,
    },
    "freeze": {
        "kind": "hiring_freeze", "begins_on": DAY(2018, 6, 1), "ends_on": DAY(2019, 2, 1),
        "roles": ("social_care_hmi",),
    },
    "campaign": {
        "kind": "recruitment", "begins_on": DAY(2018, 3, 1), "ends_on": DAY(2019, 6, 1), "role": "social_care_hmi",
        "people": 8, "region": "London",
    },
    "leads": {
        "kind": "departures", "begins_on": DAY(2018, 6, 1), "role": "social_care_hmi", "people": 2, "leads": True,
        "region": "London", "replaced": True,
    },
    "cut": {
        "kind": "departures", "begins_on": DAY(2018, 6, 1), "role": "social_care_hmi", "people_share": 0.1,
        "leads": False, "replaced": False,
    },
    "other": {
        "kind": "other_programme", "begins_on": DAY(2018, 6, 1), "ends_on": DAY(2019, 2, 1),
        "roles": ("social_care_hmi",), "people_share": 0.3,
    },
    "duty": {
        "kind": "duty", "begins_on": DAY(2018, 6, 1), "ends_on": DAY(2019, 2, 1), "role": "social_care_hmi",
        "days_a_year": 12.0,
    },
    "merger": {
        "kind": "reorganisation", "begins_on": DAY(2018, 10, 1),
        "abolished": ("South West filled 1", "South West filled 2"),
        "created": ({"authority": "South West new", "region": "South West"},),
    },
}  # fmt: skip


@cache
def world(rung: Rung, changes: Changes) -> Scenario:
    """The shipped scenario with changes, as long and as large as a rung of the ladder has it."""
    years, _, few = rung
    given = {key: [dict(each) for each in value] if key == "shocks" else value for key, value in changes}  # type: ignore[attr-defined]
    found = load("ilacs_launch", {"years": years, **given})
    rows = found.authorities
    kept = [row for number, row in enumerate(rows) if number % EACH == 0 or "filled" in row.authority]
    return found.with_changes({"authorities": tuple(kept)}) if few else found


@cache
def outcome(rung: Rung, changes: Changes) -> Outcome:
    """What comes out of it."""
    return outcome_of(world(rung, changes), rung[1])


def outcome_of(scenario: Scenario, replication: int) -> Outcome:
    """Record of one replication, and its measures."""
    context = ScenarioContext(scenario)
    record = Model(scenario, replication, context).run()
    values = measure(record, scenario, Years.of(context.calendar))
    return record, np.concatenate(list(values.values())).tolist()


def same(one: Outcome, other: Outcome) -> bool:
    """Whether two replications left the very same rows, work by week and measures."""
    rows = ("horizon", "visits", "assignments", "judgements", "declines", "careers")
    works = [vars(record.workload).values() for record, _ in (one, other)]
    return (
        all(getattr(one[0], name) == getattr(other[0], name) for name in rows)
        and all(np.array_equal(mine, yours) for mine, yours in zip(*works, strict=True))
        and np.array_equal(one[1], other[1], equal_nan=True)
    )


def changes_nothing(entry: Entry) -> bool:
    """Whether some other value is taken, and yet nothing comes out differently."""
    needed = enabling(entry.key)
    value = dict(needed).get(entry.key, entry.value)
    taken = False
    for rung in LADDER:
        for other in (other for other in others(entry, value) if other != value):
            try:
                changed = world(rung, needed).with_changes({entry.key: other})
            except InputError:
                continue
            taken = True
            if not same(outcome(rung, needed), outcome_of(changed, rung[1])):
                return False
    return taken


def section(entry: Entry) -> str:
    """Part of the book that a key belongs to."""
    parts = entry.key.split(".")
    if parts[0] == "frameworks":
        return ".".join(parts[: 4 if parts[2] in {"visits", "pathways"} else 3])
    return ".".join(parts[: 3 if parts[1] == "roles" else 1]) if len(parts) > 1 else parts[0]


def sections(book: tuple[Entry, ...]) -> list[str]:
    return list(dict.fromkeys(section(entry) for entry in book))


LONG = ("ratings", "planning")
"""Sections of which every key is tried weekly."""


def test_the_sections_named_here_are_there() -> None:
    assert set(LONG) <= set(sections(OF_THE_SCENARIO))


def test_every_key_has_another_value_to_try() -> None:
    assert [entry.key for entry in BOOK if not [one for one in others(entry, entry.value) if one != entry.value]] == []


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] * (name in LONG)) for name in sections(OF_THE_SCENARIO)]
)
def test_every_key_of_the_scenario_itself_changes_something_or_is_refused(name: str) -> None:
    assert [entry.key for entry in OF_THE_SCENARIO if section(entry) == name and changes_nothing(entry)] == []


@pytest.mark.slow
def test_a_sample_of_the_keys_of_the_frameworks_changes_something_or_is_refused() -> None:
    assert [entry.key for entry in OF_FRAMEWORKS[::SAMPLED] if changes_nothing(entry)] == []


@pytest.mark.parametrize("framework", ["ilacs_2017", "ilacs_2018"])
def test_desk_work_of_each_framework_changes_something(framework: str) -> None:
    tried = [entry for entry in OF_FRAMEWORKS if entry.key.startswith(f"frameworks.{framework}.desk_work.")]
    assert len(tried) == 3
    assert [entry.key for entry in tried if changes_nothing(entry)] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", sections(OF_FRAMEWORKS))
def test_every_key_of_the_frameworks_changes_something_or_is_refused(name: str) -> None:
    assert [entry.key for entry in OF_FRAMEWORKS if section(entry) == name and changes_nothing(entry)] == []


ALIKE = ("wave", "turnover", "freeze", "campaign", "cut", "other", "duty", "gap")
"""Shocks whose keys are tried weekly; those left show that the test finds a key that nothing reads."""


def test_every_kind_of_shock_has_an_example_here() -> None:
    assert {example["kind"] for example in SHOCKS.values()} == set(KINDS_OF_SHOCK)


@pytest.mark.parametrize("name", [pytest.param(name, marks=[pytest.mark.slow] * (name in ALIKE)) for name in SHOCKS])
def test_every_key_of_a_shock_changes_something_or_is_refused(name: str) -> None:
    found = load("ilacs_launch", {"years": 2, "shocks": {name: SHOCKS[name]}})
    before = outcome_of(found, 0)
    assert not same(before, outcome(WHOLE, ()))
    of_shock = [entry for entry in entries(found) if entry.key.startswith(f"shocks.{name}.")]
    assert {entry.key.split(".")[2] for entry in of_shock} == set(SHOCKS[name]) - {"kind"}
    idle = []
    for entry in (entry for entry in of_shock if not entry.key.endswith("created")):
        changed = False
        for other in others(entry, entry.value):
            if changed:
                break
            try:
                changed = not same(before, outcome_of(found.with_changes({entry.key: other}), 0))
            except InputError:
                continue
        idle += [] if changed else [entry.key]
    assert idle == []


ONE_EACH = dict.fromkeys(load("ilacs_launch").workforce.regions, 1)


@pytest.mark.parametrize(
    "changes",
    [
        {"ratings.judging.good": {"outstanding": 0.0, "good": 0.7, "requires_improvement": 0.3}},
        {"ratings.mix": {"outstanding": 0.4, "good": 0.2, "requires_improvement": 0.2, "inadequate": 0.2}},
        {"ratings.drift.good.inadequate": 0.2},
        {"workforce.roles.senior_hmi.by_region": ONE_EACH | {"London": 0, "North West": 2}},
        {"seed": 2},
        {"framework": "ilacs_2018"},
        {"workforce.in_post": "people_in_post_example.csv"},
        {"workforce.sick_by_month": (2.0,) * 6 + (0.0,) * 6},
        {"planning.near": {"social_care_hmi": (("London", "South East"),)}},
        {"planning.most_inspections": 2},
        {"planning.plan": ({"authority": "London 01", "kind": "inspection", "week": datetime.date(2018, 9, 17)},)},
        {"shocks": [dict(PAUSED)], "planning.most_inspections_after_pause": 1, "planning.after_pause_months": 6},
        {"workforce.roles.social_care_hmi.most_offers_a_quarter": 1},
        {"frameworks.ilacs_2018.pathways.good.contacts.focused.due_shares": (0.3,)},
        {"frameworks.ilacs_2018.pathways.good.contacts.focused.due_months": (11,)},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_what_the_book_does_not_list_changes_something_too(changes: dict[str, object]) -> None:
    assert not same(outcome(WHOLE, ()), outcome_of(load("ilacs_launch", {"years": 2, **changes}), 0))


def test_one_more_replication_is_one_more_table() -> None:
    few = load("ilacs_launch", {"years": 1, "replications": 2})
    assert [len(run_batch(few, "measures", range(count)).tables["measures"]) for count in (1, 2)] == [1, 2]


@pytest.mark.parametrize(
    "change",
    [{"judgement": "inadequate"}, {"region": "London"}, {"size": "small"}, {"inspected_on": datetime.date(2016, 2, 1)}],
    ids=lambda change: next(iter(change)),
)
def test_the_columns_of_an_authority_that_a_run_reads_change_something(change: dict[str, object]) -> None:
    rows = [row.model_dump() for row in load("ilacs_launch").authorities]
    changed = load("ilacs_launch", {"years": 4, "authorities": ({**rows[0], **change}, *rows[1:])})
    assert not same(outcome((4, 0, False), ()), outcome_of(changed, 0))
