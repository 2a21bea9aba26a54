"""A kind of visit that no framework which ships has is declared in a file, and measures, tables and plans follow."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from sim.base.faults import InputError
from sim.inputs.scenario import Scenario, load
from sim.runs.ensemble import measures_of
from sim.runs.measures import NAMES, defined_for, unit_of
from sim.runs.model import Model

SHIPS = "thematic_visits"
GOOD, INADEQUATE = (f"frameworks.ilacs_2018.pathways.{judgement}" for judgement in ("good", "inadequate"))
YEARLY = {"every_months": 12, "window_before_weeks": 4, "window_after_weeks": 4}
VISITS, RECURRING = (f"frameworks.ilacs_2018.{part}.thematic" for part in ("visits", "recurring"))


def thematic(**changes: object) -> Scenario:
    """Three years with a thematic visit every eighteen months to authorities judged good."""
    return load(SHIPS, {"years": 3, **changes})


@pytest.fixture(scope="module")
def run() -> Model:
    """One run of it, which is over."""
    model = Model(thematic(), 0)
    model.run()
    return model


def test_a_declared_kind_is_visited_as_often_as_it_says_where_it_says(run: Model) -> None:
    visits = [visit for visit in run.world.visits if visit.kind == "thematic"]
    by_authority: dict[str, list[int]] = {}
    for visit in visits:
        assert visit.judgement_before == "good"
        assert not visit.gives_judgement and visit.judgement_after is None
        by_authority.setdefault(visit.authority.name, []).append(visit.window.due)
    calendar = run.world.calendar
    for dues in by_authority.values():
        assert all(later == calendar.months_after(due, 18) or later > due + 600 for due, later in pairwise(dues))
    changed = {visit.authority.name for visit in run.world.visits if visit.judgement_after not in (None, "good")}
    stays_good = {row.authority for row in run.world.scenario.authorities if row.judgement == "good"} - changed
    assert stays_good and all(len(by_authority[name]) in (2, 3) for name in stays_good)


def test_two_people_give_it_three_days_on_site_each(run: Model) -> None:
    begun = [visit for visit in run.world.visits if visit.kind == "thematic" and visit.fieldwork_start is not None]
    assert begun
    for visit in begun:
        assert len(visit.team) == 2 and visit.fieldwork_end is not None and visit.fieldwork_start is not None
        assert visit.fieldwork_end - visit.fieldwork_start == 2


def test_its_measures_follow_those_of_every_scenario() -> None:
    scenario = thematic()
    found = measures_of(scenario, 0)
    assert found.names == (*NAMES, "thematic_started", "inspector_days_thematic")
    assert [unit_of(name) for name in found.names[-2:]] == ["visits", "inspector-days"]
    assert [definition.name for definition in defined_for(scenario)] == list(found.names)
    for year in found.years:
        every = [found.column(year, name)[0] for name in found.names if name.startswith("inspector_days_")]
        worked, due, available = (
            found.column(year, f"inspector_days_{each}")[0] for each in ("worked", "due", "available")
        )
        assert sum(every) - worked - due - available == pytest.approx(worked)  # the kinds and desk work are all of it


def test_a_scenario_without_it_has_none_of_it() -> None:
    found = measures_of(load("position_2022", {"years": 1}), 0)
    assert "thematic_started" not in found.names
    assert found.column(found.years[0], "thematic_started").tolist() == [0.0]


def test_what_is_rare_leaves_the_others_as_they_were() -> None:
    """It has draws of its own, and where nobody is judged so nothing is asked for."""
    without, never = load("position_2022", {"years": 2}), thematic(years=2, **{f"{RECURRING}.judgements": ()})
    one, other = (Model(scenario, 0).run() for scenario in (without, never))
    assert one.visits == other.visits and one.judgements == other.judgements


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({RECURRING: None}, "nothing asks for it"),
        ({f"{VISITS}.counted_as": "desk_work"}, "measures already use the word desk_work"),
        ({f"{VISITS}.counted_as": "focused", f"{VISITS}.gives_judgement": True, f"{VISITS}.accuracy": None},
         "both must agree on gives_judgement and is_contact"),
        ({f"{VISITS}.is_contact": False}, "a thematic visit does not assess quality"),
        ({f"{VISITS}.gives_judgement": True, f"{VISITS}.accuracy": None, f"{VISITS}.is_contact": False},
         "an inspection is always a contact"),
        ({f"{RECURRING}.judgements": ("fair",)}, "judgements"),
        ({"frameworks.ilacs_2018.pathways.good.inspection": "thematic"}, "thematic gives no judgement"),
        ({"frameworks.ilacs_2018.recurring.review": YEARLY}, "visits: rules are missing for review"),
        ({"frameworks.ilacs_2018.recurring.engagement": YEARLY}, "it is already given under engagement"),
        ({f"{GOOD}.contacts.focused.kind": "short"}, "good.contacts.focused.kind: short gives a judgement; name a "),
        ({f"{GOOD}.contacts.focused.kind": "thematic"},
         "recurring.thematic: pathways.good.contacts.focused.kind already asks for thematic"),
        ({f"{INADEQUATE}.contacts.monitoring.kind": "engagement"},
         "engagement is not a contact; name a visit that is a contact"),
        ({f"{INADEQUATE}.contacts.monitoring.kind": "focused"}, "already asks for focused; give each its own rules"),
        ({"frameworks.ilacs_2018.joint.kind": "nobody"}, "visits: rules are missing for nobody"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_kind_is_said(changes: dict[str, object], words: str) -> None:
    with pytest.raises(InputError) as refused:
        thematic(**changes)
    assert words in str(refused.value)


PARTS = {"focused": "look", "monitoring": "quarterly", "joint": "together"}
"""Kinds that stand in a pathway or beside it, and other names for them."""


def test_what_a_pathway_asks_for_has_any_name() -> None:
    """Other names, the same rules: every visit is the same but for the name of its kind."""
    base = load("position_2022", {"years": 3, "planning.programme": "levelled"})
    (name,) = base.frameworks
    rules = base.frameworks[name].visits
    changes: dict[str, object] = {f"frameworks.{name}.joint.kind": PARTS["joint"]}
    for before, after in PARTS.items():
        changes[f"frameworks.{name}.visits.{after}"] = rules[before].model_dump(exclude_none=True)
    for judgement, pathway in base.frameworks[name].pathways.items():
        for contact in pathway.contacts:
            changes[f"frameworks.{name}.pathways.{judgement}.contacts.{contact}.kind"] = PARTS[contact]
    renamed = base.with_changes(changes)
    one, other = Model(base, 0).run(), Model(renamed, 0).run()
    assert [row._replace(kind=PARTS.get(row.kind, row.kind)) for row in one.visits] == other.visits
    assert {*PARTS.values()} <= {row.kind for row in other.visits}
    assert one.judgements == other.judgements
    found, anew = measures_of(base, 0), measures_of(renamed, 0)
    for year in found.years:
        for before, after in PARTS.items():
            started = found.column(year, f"{before}_started")
            assert started.tolist() == anew.column(year, f"{after}_started").tolist()
        on_time = [each.column(year, "monitoring_on_time")[0] for each in (found, anew)]
        assert on_time[0] == pytest.approx(on_time[1], nan_ok=True)


def test_a_name_that_no_measure_could_have_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "odd.toml"
    rules = 'extends = "thematic_visits"\nquestion = "?"\n[frameworks.ilacs_2018.visits."Thematic Visit"]\n'
    path.write_text(rules + "priority = 1\n", encoding="utf-8")
    with pytest.raises(InputError) as refused:
        load(path)
    assert "Thematic Visit" in str(refused.value)


def test_a_pause_may_name_it_and_a_plan_may_hold_it(tmp_path: Path) -> None:
    plan = tmp_path / "plan.csv"
    scenario = load(SHIPS)
    name = next(row.authority for row in scenario.authorities if row.judgement == "good")
    plan.write_text(f"authority,kind,week\n{name},thematic,2022-10-03\n", encoding="utf-8")
    pause = {
        "name": "halt", "kind": "pause", "begins_on": "2022-06-01", "ends_on": "2022-12-31", "visits": ["thematic"],
    }  # fmt: skip
    text = tmp_path / "both.toml"
    lines = [f"{key} = {value if key.endswith('_on') else repr(value)}" for key, value in pause.items()]
    text.write_text(
        "\n".join(
            [
                'extends = "thematic_visits"',
                'question = "?"',
                "[planning]",
                f'plan = "{plan.name}"',
                "[[shocks]]",
                *lines,
            ]
        ),
        encoding="utf-8",
    )
    found = load(text)
    assert found.planning.plan is not None and found.planning.plan[0].kind == "thematic"
    with pytest.raises(InputError, match="not a kind of visit"):
        load(text, {"shocks.halt.visits": ("thematik",)})
