"""Grades, kinds of visit and roles drawn at random: what holds of every run holds in any words."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sim.inputs.pathways import Pathway
from sim.inputs.scenario import Scenario
from sim.runs.ensemble import measures_of
from sim.runs.model import Model
from sim.world.entities import Visit
from tests.test_grades import holds, in_grades
from tests.worlds import all_sizes

NAME = "ilacs_2018"
ON_THE_WAY = ["spot_check", "theme"]
OWN = [f"kind_{place}" for place in range(8)]
ROLES = [f"role_{place}" for place in range(5)]


@st.composite
def contacts(draw: st.DrawFn, names: list[str], pathway: Pathway) -> dict[str, object]:
    """Visits between two inspections, of either kind, spread or at dates, that find something or nothing."""
    number, interval = draw(st.integers(0, 3)), pathway.interval_months
    dates = draw(st.sampled_from(["visits", "due_shares", "due_months"]))
    months = sorted(draw(st.sets(st.integers(0, interval), min_size=number, max_size=number)))
    when: dict[str, object] = {
        "visits": number, "due_shares": tuple(month / interval for month in months), "due_months": tuple(months),
    }  # fmt: skip
    finds = {
        "priority_action_share": dict.fromkeys(names, 0.5), "brings_forward_share": 0.5,
        "brings_forward_months": {"low": 1, "high": 9},
    }  # fmt: skip
    return {
        "part": "between", "kind": draw(st.sampled_from(ON_THE_WAY)), dates: when[dates],
        "window_months": draw(st.integers(0, 6)), "joint_may_replace": draw(st.integers(0, 1)),
        **(finds if draw(st.booleans()) else {}),
    }  # fmt: skip


@st.composite
def vocabularies(draw: st.DrawFn) -> Scenario:
    """Two to six grades, each with none to four contacts beside monitoring; one to eight kinds of one to five roles."""
    number = draw(st.integers(2, 6))
    monitored = draw(st.lists(st.booleans(), min_size=number, max_size=number))
    names = [f"grade_{place}" for place in range(number)]
    scenario = in_grades(names, draw(st.integers(1, number - 1)), monitored, (0.5, 1.5, 0.1))
    rules = scenario.frameworks[NAME]
    roles = ROLES[: draw(st.integers(1, len(ROLES)))]
    people = {"may_lead_share": 1.0, "programme_share": 0.5, "turnover_a_year": 0.2}
    changes: dict[str, object] = {f"workforce.roles.{role}": {**people, "people": 3} for role in roles}
    kinds = OWN[: draw(st.integers(1, len(OWN)))]
    needed = iter([*roles, *draw(st.lists(st.sampled_from(roles), min_size=len(kinds) * 2, max_size=len(kinds) * 2))])
    for place, kind in enumerate(kinds):
        days = draw(st.integers(1, 5))
        seats = [next(needed) for _ in range(2)] if place else [*roles, next(needed)]
        team = {
            "lead" if not number else f"seat_{number}": {
                "role": role, "people": all_sizes(1), "preparation_days": 0, "on_site_days": (days,),
                "writing_up_days": 0,
            }
            for number, role in enumerate(seats)
        }  # fmt: skip
        contact = draw(st.booleans())
        changes[f"frameworks.{NAME}.visits.{kind}"] = {
            "priority": draw(st.integers(1, 4)), "notice_weeks": 1, "fieldwork_days": days, "rest_weeks": 0,
            "oversight_days": 0.5, "is_contact": contact, "gives_judgement": False, "team": team,
        } | ({"accuracy": 0.7} if contact else {})  # fmt: skip
        changes[f"frameworks.{NAME}.recurring.{kind}"] = {
            "every_months": draw(st.integers(3, 18)), "window_before_weeks": 4, "window_after_weeks": 8,
        } | ({"judgements": tuple(names[: draw(st.integers(1, number))])} if draw(st.booleans()) else {})  # fmt: skip
    for kind in ON_THE_WAY:
        changes[f"frameworks.{NAME}.visits.{kind}"] = rules.visits["focused"].model_dump(exclude_none=True)
    for grade, pathway in rules.pathways.items():
        if "focused" in pathway.contacts and draw(st.booleans()):
            changes[f"frameworks.{NAME}.pathways.{grade}.contacts.focused"] = None
        for place in range(draw(st.integers(0, 3))):
            changes[f"frameworks.{NAME}.pathways.{grade}.contacts.contact_{place}"] = draw(contacts(names, pathway))
    changes["kinds"] = (*scenario.kinds, *ON_THE_WAY)  # whether a pathway asks for them or not
    return scenario.with_changes(changes)


def no_more_than_its_pathway_says(visits: list[Visit], scenario: Scenario) -> None:
    """Each contact of a pathway is of its kind, and takes place no more often in a cycle than it is asked for."""
    asked: Counter[tuple[str, str]] = Counter()
    for visit in visits:
        who = visit.authority.name
        if visit.gives_judgement:
            asked = Counter({key: number for key, number in asked.items() if key[0] != who})
        elif visit.contact is not None:
            contact = scenario.frameworks[NAME].pathways[visit.judgement_before].contact(visit.contact)
            assert contact is not None and (contact.kind, contact.rules.part) == (visit.kind, visit.of_kind.part)
            assert visit.findings is None or contact.rules.part == "between"
            asked[who, contact.name] += 1
            assert asked[who, contact.name] <= contact.rules.most


@settings(
    max_examples=15, deadline=None, phases=[Phase.explicit, Phase.generate], derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
@given(vocabularies())
@pytest.mark.slow
def test_in_any_words_visits_and_people_are_as_they_must_be(scenario: Scenario) -> None:
    model = Model(scenario, 0)
    record = model.run()
    holds(record, scenario)
    no_more_than_its_pathway_says(model.world.visits, scenario)
    found = measures_of(scenario, 0)
    starts = ((row.kind, row.fieldwork_start) for row in record.visits)
    begun = Counter(kind for kind, start in starts if start is not None and start <= record.horizon)
    for kind in {*OWN} & {*scenario.kinds_of_visit}:
        assert sum(found.column(year, f"{kind}_started")[0] for year in found.years) == begun[kind]
    assert any(begun[kind] for kind in OWN)
    rules = scenario.frameworks[NAME].visits
    seats = {name: Counter(seat.role for seat in visit.team.values()) for name, visit in rules.items()}
    teams: dict[int, Counter[str]] = defaultdict(Counter)
    spans: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for part in record.assignments:
        teams[part.visit][part.role] += 1
        spans[part.inspector].append((part.first_day, part.last_day))
    for row in record.visits:
        if row.kind in OWN and row.fieldwork_start is not None:
            assert teams[row.visit] == seats[row.kind]
        assert (row.fieldwork_start is None) == (row.visit not in teams)
    for days in spans.values():
        days.sort()
        assert all(ends < begins for (_, ends), (begins, _) in pairwise(days))
    worked = sum(part.days for part in record.assignments)
    by_kind = sum(
        found.column(year, name)[0]
        for year in found.years
        for name in found.names
        if name.startswith("inspector_days_") and name.removeprefix("inspector_days_") in scenario.kinds_of_visit
    )
    assert by_kind <= worked + 1e-6  # days after the last one simulated are in no year
    assert by_kind == pytest.approx(worked, rel=0.1)
