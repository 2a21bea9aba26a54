"""Random numbers belong to a decision about an entity: what else happens in the world changes none of them."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.base import randomness
from sim.base.randomness import Stream, StreamFamilies, Streams, generator
from sim.base.seeding import Seeded, seeds
from sim.inputs.scenario import Scenario, load
from sim.record.rows import Record
from sim.runs.model import Model
from sim.world.context import ScenarioContext
from tests.worlds import authority

SEEDS = st.integers(0, 2**40)
NAMES = st.text(min_size=1, max_size=12)


def small(**changes: object) -> Scenario:
    return load("ilacs_launch", {"years": 3, **{key.replace("__", "."): value for key, value in changes.items()}})


def same_rows(one: Record, other: Record) -> bool:
    return (one.visits, one.assignments, one.judgements, one.declines) == (
        other.visits,
        other.assignments,
        other.judgements,
        other.declines,
    )


def paths(scenario: Scenario, replication: int = 0) -> dict[str, tuple[list[float], list[int]]]:
    """True quality of every authority after a run, up to one day for all scenarios."""
    model = Model(scenario, replication)
    model.run()
    day = 5000
    found = {}
    for life in model.world.authorities:
        life.quality.extend_to(day)
        known = sum(when <= day for when in life.quality.days)
        found[life.name] = (life.quality.days[:known], life.quality.grades[:known])
    return found


WORD = st.integers(0, 2**32 - 1)


@given(
    st.lists(WORD, min_size=4, max_size=7),
    st.integers(1, 3).flatmap(lambda words: st.lists(st.tuples(*[WORD] * words), min_size=1)),
)
def test_many_seeds_at_once_are_those_of_numpy(shared: list[int], entropy: list[tuple[int, ...]]) -> None:
    found = seeds(shared, np.array(entropy, dtype=np.uint32))
    for words, seed in zip(entropy, found, strict=True):
        own = np.random.SeedSequence(np.array((*shared, *words), dtype=np.uint32))
        assert np.array_equal(seed, own.generate_state(4, np.uint64))


GROUPS = st.lists(st.lists(NAMES, unique=True, max_size=4), max_size=3)


@given(SEEDS, st.integers(0, 10**6), GROUPS, st.lists(st.tuples(NAMES, NAMES), min_size=1, max_size=5))
def test_a_stream_is_its_own_whoever_is_alike_and_in_whatever_order_they_ask(
    seed: int, replication: int, groups: list[list[str]], asked: list[tuple[str, str]]
) -> None:
    streams = Streams(seed, replication, StreamFamilies(*groups))
    everybody = [entity for group in groups for entity in group]
    for name, entity in [*asked, *((asked[0][0], each) for each in everybody)]:
        own = generator(seed, replication, name, entity).random((3, 2))
        stream = streams.stream(name, entity, 2)
        assert [stream.row() for _ in range(3)] == own.tolist()
        assert np.array_equal(streams.rows(name, entity, 3, 2), own)
        assert streams.draw(name, entity) == own[0, 0]


@pytest.mark.parametrize("short", ["decision", "one"])
def test_a_name_whose_hash_is_short_has_the_stream_of_its_own_words(
    monkeypatch: pytest.MonkeyPatch, short: str
) -> None:
    long = randomness._stable_hash
    monkeypatch.setattr(randomness, "_stable_hash", lambda text: 7 if text == short else long(text))
    streams = Streams(1, 2, StreamFamilies(["one", "two"]))
    for entity in ("one", "two"):
        assert streams.draw("decision", entity) == generator(1, 2, "decision", entity).random()


def test_a_seed_is_that_of_one_kind_of_generator_and_no_other() -> None:
    with pytest.raises(ValueError, match="4 words of 64 bits"):
        np.random.MT19937(Seeded(seeds([1] * 4, np.ones((1, 1), dtype=np.uint32))[0]))  # type: ignore[arg-type]


def test_replications_are_the_same_first_and_last_in_what_they_share() -> None:
    context = ScenarioContext(small())
    first = [Model(small(), number, context).run() for number in (0, 1, 0)]
    assert same_rows(first[0], first[2]) and same_rows(first[1], Model(small(), 1).run())


def test_the_same_seed_and_replication_give_the_same_record() -> None:
    one, other = Model(small(), 2).run(), Model(small(), 2).run()
    assert same_rows(one, other)
    for name in ("weeks", "due", "worked", "available", "by_kind", "inspectors_out", "on_site", "on_site_days"):
        assert np.array_equal(getattr(one.workload, name), getattr(other.workload, name))


def test_another_process_with_another_hash_seed_gives_the_same_record() -> None:
    script = (
        "from sim.runs.model import Model; from sim.inputs.scenario import load; from hashlib import sha256;"
        "record = Model(load('ilacs_launch', {'years': 2})).run();"
        "print(sha256(repr((record.visits, record.assignments)).encode()).hexdigest())"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(seen) == 1


def test_another_replication_or_seed_gives_another_record() -> None:
    record = Model(small(), 0).run()
    assert not same_rows(record, Model(small(), 1).run())
    assert not same_rows(record, Model(small(seed=2), 0).run())


def test_replications_do_not_depend_on_those_run_before() -> None:
    scenario = small()
    Model(scenario, 0).run()
    after_another = Model(scenario, 1).run()
    assert same_rows(after_another, Model(small(), 1).run())


def test_people_frameworks_and_length_change_no_drift() -> None:
    known = paths(small())
    assert any(len(grades) > 1 for _, grades in known.values())
    assert paths(small(workforce__roles__social_care_hmi__people=20)) == known
    assert paths(small(framework="ilacs_2018")) == known
    assert paths(small(years=1)) == known
    assert paths(small(**{"calendar__closed_weeks": (1, 2, 3)})) == known
    assert paths(small(), replication=1) != known


def with_one_more(scenario: Scenario) -> Scenario:
    one_more = authority("Aardvark", scenario.authorities[0].region, "good", "2016-06-03")
    return scenario.with_changes({"authorities": (one_more, *scenario.authorities)})


def test_one_more_authority_changes_the_quality_of_no_other() -> None:
    before, after = paths(small()), paths(with_one_more(small()))
    assert after.keys() - before.keys() == {"Aardvark"}
    assert {name: after[name] for name in before} == before


def joint_dates(scenario: Scenario) -> dict[int, dict[str, int]]:
    """Date of each authority's joint inspection, by calendar year."""
    dates: dict[int, dict[str, int]] = {}
    for row in Model(scenario).run().visits:
        if row.kind == "joint":
            year = scenario.start.year + (row.due + scenario.start.timetuple().tm_yday - 1) // 366
            dates.setdefault(year, {})[row.authority] = row.due
    return dates


def test_one_more_authority_changes_no_joint_inspection_of_another() -> None:
    # It may only take one place in a year, for who is inspected jointly is a matter of rank.
    before, after = joint_dates(small()), joint_dates(with_one_more(small()))
    assert before.keys() == after.keys()
    for year, dates in before.items():
        assert len(dates.keys() - after[year].keys()) <= 1
        common = dates.keys() & after[year].keys()
        assert {name: dates[name] for name in common} == {name: after[year][name] for name in common}


@settings(max_examples=50, deadline=None, database=None)
@given(SEEDS, st.integers(0, 10**6), NAMES, NAMES, st.data())
def test_another_seed_replication_name_or_entity_gives_another_stream(
    seed: int, replication: int, name: str, entity: str, data: st.DataObject
) -> None:
    # Two streams of four numbers of 53 bits agree by chance once in 2**212.
    own = generator(seed, replication, name, entity).random(4)
    assert np.array_equal(own, generator(seed, replication, name, entity).random(4))
    others = [
        (data.draw(SEEDS.filter(lambda value: value != seed)), replication, name, entity),
        (seed, data.draw(st.integers(0, 10**6).filter(lambda value: value != replication)), name, entity),
        (seed, replication, data.draw(NAMES.filter(lambda value: value != name)), entity),
        (seed, replication, name, data.draw(NAMES.filter(lambda value: value != entity))),
    ]
    for other in others:
        assert not np.array_equal(own, generator(*other).random(4))


def test_names_that_run_together_are_different_streams() -> None:
    assert Streams(1, 0).draw("ab", "c") != Streams(1, 0).draw("a", "bc")
    assert Streams(1, 0).draw("a", "b") != Streams(1, 0).draw("b", "a")
    assert Streams(0, 1).draw("a", "b") != Streams(1, 0).draw("a", "b")


@pytest.mark.parametrize("block", [1, 3, 64])
@pytest.mark.parametrize("width", [1, 2, 7])
def test_the_nth_row_is_the_same_whatever_the_size_of_the_blocks(
    block: int, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = [row for stream in [Stream(generator(1, 2, "a", "b"), width)] for row in [stream.row() for _ in range(70)]]
    monkeypatch.setattr(randomness, "BLOCK", block)
    stream = Stream(generator(1, 2, "a", "b"), width)
    assert [stream.row() for _ in range(70)] == known
    assert all(one != other for one, other in pairwise(known))
    assert all(len(row) == width and all(0 <= u < 1 for u in row) for row in known)
