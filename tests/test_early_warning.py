"""What visits see, what follows from it, and what contact would do if it were assumed to help."""

from __future__ import annotations

from itertools import pairwise

import pytest

from sim.base.calendar import Calendar
from sim.base.faults import InputError
from sim.inputs.caveats import warnings
from sim.inputs.grades import JUDGEMENTS, Judgement
from sim.inputs.scenario import Scenario, load
from sim.inputs.windows import Finding, inspection_window
from sim.runs.model import Model
from sim.world.entities import AuthorityState
from sim.world.visit_draws import FINDING
from tests.worlds import Run, run

BASE = load("ilacs_launch")
CALENDAR = Calendar(BASE.start, 2000, ())


def due(*findings: Finding) -> int:
    return inspection_window(BASE.frameworks["ilacs_2018"].pathways["good"], -400, findings, CALENDAR).due


def test_a_second_weaker_finding_does_not_put_the_inspection_off() -> None:
    strong, weak = Finding(50, 12), Finding(90, 6)
    assert due(strong) < due(weak) < due()
    assert due(strong, weak) == due(weak, strong) == due(strong)


def test_no_finding_brings_an_inspection_before_the_day_of_the_finding() -> None:
    assert due(Finding(600, 120)) == 600


@pytest.fixture(scope="module")
def several() -> list[Run]:
    """Some runs of the launch scenario, each with its own draw of the parameters."""
    return [run(load("ilacs_launch", {"framework": "ilacs_2018"}), number) for number in range(6)]


def share_of_longer(runs: list[Run], judgement: Judgement) -> float:
    kinds = [
        row.kind
        for one in runs
        for row in one.record.visits
        if row.kind in {"short", "standard"} and row.judgement_before == judgement
    ]
    return kinds.count("standard") / len(kinds)


def share_with_priority_action(runs: list[Run], *judgements: Judgement) -> float:
    found = [
        visit.draws[FINDING] < visit.findings.priority_action_share[visit.seen]
        for one in runs
        for visit in one.world.visits
        if visit.kind == "focused" and visit.judgement_before in judgements and visit.seen and visit.findings
    ]
    return sum(found) / len(found)


@pytest.mark.slow
def test_the_share_of_good_authorities_given_the_longer_inspection_follows_from_their_quality(
    several: list[Run],
) -> None:
    # Counted: 16% of good ones, 3% of outstanding ones (few of them); 8 of 49 has a 95% interval of 7 to 30%.
    assert 0.12 < share_of_longer(several, "good") < 0.20
    assert share_of_longer(several, "outstanding") < 0.10


@pytest.mark.slow
def test_priority_action_is_as_frequent_as_its_source_says(several: list[Run]) -> None:
    assert 0.04 < share_with_priority_action(several, "requires_improvement") < 0.15
    assert 0.0 < share_with_priority_action(several, "good", "outstanding") < 0.05


@pytest.mark.slow
def test_visits_see_quality_as_often_as_their_accuracy_says(several: list[Run]) -> None:
    seen = [
        visit.seen == JUDGEMENTS[visit.authority.quality.at(visit.fieldwork_end)]
        for one in several
        for visit in one.world.visits
        if visit.seen is not None and visit.fieldwork_end is not None
    ]
    count, share = len(seen), sum(seen) / len(seen)
    assert abs(share - 0.7) < 4.0 * (0.7 * 0.3 / count) ** 0.5
    assert abs(share - 0.6) > 4.0 * (0.6 * 0.4 / count) ** 0.5  # a tenth less is caught


# ---------------------------------------------------------------- does contact help?


def assuming(**changes: float) -> Scenario:
    return load("ilacs_launch", {"years": 6, **{f"ratings.{key}": value for key, value in changes.items()}})


def moves_after_first_contact(seen: Run) -> tuple[int, int]:
    """Improvements and declines of quality after each authority's first visit of the run."""
    first: dict[str, int] = {}
    for row in seen.record.visits:
        if row.kind != "engagement" and row.fieldwork_end is not None:
            first.setdefault(row.authority, row.fieldwork_end)
            first[row.authority] = min(first[row.authority], row.fieldwork_end)
    better = worse = 0
    for life in seen.world.authorities:
        path = list(zip(life.quality.days, life.quality.grades, strict=True))
        for (_, before), (day, after) in pairwise(path):
            if first.get(life.name, 10**6) < day <= seen.record.horizon:
                better, worse = better + (after < before), worse + (after > before)
    return better, worse


def test_contact_that_stops_decline_leaves_no_decline_after_a_visit() -> None:
    always = {"contact.decline": -1.0, "contact.months": 240}
    better, worse = moves_after_first_contact(run(assuming(**always)))
    assert better > 0 and worse == 0
    assert moves_after_first_contact(run(assuming()))[1] > 0


@pytest.mark.parametrize("change", [{"contact.decline": -1.0}, {"intervention.improvement": 5.0}], ids=str)
def test_an_assumed_effect_begins_with_the_run_so_all_start_from_the_same_position(change: dict[str, float]) -> None:
    def at_the_start(scenario: Scenario) -> list[int]:
        return [life.quality.at(0) for life in run(scenario).world.authorities]

    assert at_the_start(assuming(**change, **{"contact.months": 60})) == at_the_start(assuming())


def test_contact_of_the_last_inspection_lasts_its_months_and_no_longer() -> None:
    world = Model(assuming(**{"contact.decline": -1.0, "contact.months": 24})).world
    lasting = 0
    for life in world.authorities:
        ends = world.calendar.months_after(life.inspected, 24)
        life.intervene(False, life.publication_day)
        effects = [(regime.from_day, regime.decline) for regime in life.quality._regimes[1:]]
        assert effects == ([(0, 0.0), (ends, 1.0)] if ends > 0 else [(0, 1.0)])
        lasting += ends > 0
    assert 0 < lasting < len(world.authorities)


def test_monitoring_that_is_over_changes_the_drift_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    told: dict[str, list[tuple[bool, int]]] = {}

    def intervene(life: AuthorityState, monitored: bool, day: int) -> None:
        told.setdefault(life.name, []).append((monitored, day))

    monkeypatch.setattr(AuthorityState, "intervene", intervene)
    run(BASE)
    ended = 0
    for changes in told.values():
        for (monitored, day), (later, until) in pairwise(changes):
            if monitored:
                assert not later and until >= max(day, 0)
                ended += 1
    assert ended > 10


def test_contact_that_does_nothing_changes_nothing_whatever_its_months() -> None:
    one, other = run(assuming()), run(assuming(**{"contact.months": 60}))
    assert (one.record.visits, one.record.declines) == (other.record.visits, other.record.declines)


def inadequate_at_the_end(seen: Run) -> int:
    last = {row.authority: row.judgement for row in seen.record.judgements}
    return list(last.values()).count("inadequate")


def test_intervention_that_helps_lifts_inadequate_authorities_and_no_others_directly() -> None:
    helped, base = run(assuming(**{"intervention.improvement": 4.0})), run(assuming())
    assert inadequate_at_the_end(helped) < inadequate_at_the_end(base)
    for one, other in zip(helped.world.authorities, base.world.authorities, strict=True):
        never = {"inadequate"}.isdisjoint(
            row.judgement for row in (*helped.record.judgements, *base.record.judgements) if row.authority == one.name
        )
        if never:
            known = min(len(one.quality.days), len(other.quality.days))
            assert one.quality.days[:known] == pytest.approx(other.quality.days[:known])


@pytest.mark.parametrize("key", ["contact.improvement", "contact.decline", "intervention.improvement"])
def test_an_assumed_effect_is_warned_of(key: str) -> None:
    assert not [warning for warning in warnings(BASE) if "assumption" in warning]
    (warning,) = [warning for warning in warnings(assuming(**{key: 0.1})) if "assumption" in warning]
    assert f"ratings.{key.split('.', maxsplit=1)[0]}" in warning


@pytest.mark.parametrize(
    ("kind", "words"), [("short", "in ratings.judging"), ("engagement", "does not assess quality")]
)
def test_only_visits_that_look_at_quality_have_an_accuracy_and_that_is_the_one_fault(kind: str, words: str) -> None:
    with pytest.raises(InputError, match=words) as refused:
        load("ilacs_launch", {f"frameworks.ilacs_2018.visits.{kind}.accuracy": 0.9})
    assert len(refused.value.faults) == 1


def test_progress_that_can_never_be_found_is_warned_of() -> None:
    key = "frameworks.ilacs_2018.pathways.inadequate.contacts.monitoring.enough_progress.from_visit"
    assert any("never ends early" in warning for warning in warnings(load("ilacs_launch", {key: 99})))
    assert not any("never ends early" in warning for warning in warnings(BASE))
