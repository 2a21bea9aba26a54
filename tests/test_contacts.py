"""What follows a judgement is composed of contacts with names: how they follow each other, and what is wrong with them.

Worlds are those of ``test_micro_worlds``: nobody is ever away, quality stays where it is, a team is a lead and one
inspector, reports take their median number of working days, and day 0 is Wednesday 31 January 2018.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from sim.base.faults import InputError
from sim.inputs.caveats import warnings
from sim.inputs.grades import JUDGEMENTS
from sim.inputs.scenario import Scenario, load, load_framework
from sim.runs.model import Model
from tests.worlds import all_sizes, authority, log, only_open, quiet

ILACS, NEXT = "ilacs_2017", "ilacs_2018"
THEME: dict[str, object] = {"part": "between", "kind": "thematic", "window_months": 1, "joint_may_replace": 0}

FINDS: dict[str, object] = {
    "priority_action_share": dict.fromkeys(JUDGEMENTS, 1.0), "brings_forward_share": 1.0,
    "brings_forward_months": {"low": 9, "high": 9},
}  # fmt: skip
"""Every visit finds an area for priority action, and brings the inspection forward by nine months."""


def thematic(framework: str = ILACS) -> dict[str, object]:
    """Rules of thematic visits: three days of two people, and a letter as of a focused visit."""
    seat = {"role": "social_care_hmi", "people": all_sizes(1), "preparation_days": 1, "on_site_days": (3,)}
    rules: dict[str, object] = {
        "called": "thematic visit", "gives_judgement": False, "priority": 3, "notice_weeks": 1, "fieldwork_days": 3,
        "rest_weeks": 0, "oversight_days": 0.5, "accuracy": 1.0,
        "publication": {"median_days": 21.0, "p90_days": 21.0},
        "team": {"lead": {**seat, "writing_up_days": 2}, "inspectors": {**seat, "writing_up_days": 0}},
    }  # fmt: skip
    return {f"frameworks.{framework}.visits.thematic": rules}


def key(judgement: str, contact: str, framework: str = ILACS) -> str:
    return f"frameworks.{framework}.pathways.{judgement}.contacts.{contact}"


def dates(scenario: Scenario) -> list[tuple[str | None, ...]]:
    """Kind, first and last day on site, publication and status of each visit."""
    return [line[1:6] for line in log(scenario)]


def test_focused_and_thematic_visits_take_turns_between_two_inspections() -> None:
    # Fieldwork is possible in ISO weeks 10, 24 and 36 only; windows are a month either side of the due date.
    # Ayton, inspected until Friday 3 March 2017:
    #   thematic, 15 months on: 3 June 2018, from 3 May to 3 July: Mon 11 June (week 24) to Wed 13 June.
    #     Published 21 working days later: 20 to Wed 11 July, so Thu 12 July.
    #   focused, half of 36 months on: 3 Sep 2018, from 3 Aug to 3 Oct: Mon 3 Sep (week 36), published Wed 3 Oct.
    #   thematic, 30 months on: 3 Sep 2019, from 3 Aug, before the inspection's window opens on 3 Sep: Mon 2 Sep
    #     (week 36) to Wed 4 Sep, published Thu 3 Oct.
    #   short, 36 months on: Tue 3 March 2020, so Mon 2 March (week 10), published Tue 14 April.
    # And again, from Friday 6 March 2020:
    #   thematic: 6 June 2021, from 6 May to 6 July: Mon 14 June (week 24) to Wed 16 June, published Thu 15 July.
    #   focused: 6 Sep 2021, a Monday of week 36, published Wed 6 Oct.
    world = quiet(
        [authority("Ayton", "North", "good", "2017-03-03")],
        {"North": 2},
        {
            "calendar.closed_weeks": only_open(10, 24, 36),
            key("good", "focused.window_months"): 1,
            **thematic(),
            key("good", "theme"): {**THEME, "due_months": (15, 30)},
        },
        years=4,
    )
    assert dates(world) == [
        ("thematic", "2018-06-11", "2018-06-13", "2018-07-12", "published"),
        ("focused", "2018-09-03", "2018-09-04", "2018-10-03", "published"),
        ("thematic", "2019-09-02", "2019-09-04", "2019-10-03", "published"),
        ("short", "2020-03-02", "2020-03-06", "2020-04-14", "published"),
        ("thematic", "2021-06-14", "2021-06-16", "2021-07-15", "published"),
        ("focused", "2021-09-06", "2021-09-07", "2021-10-06", "published"),
    ]


def monitored_and_checked(inspected_on: str, **changes: object) -> Scenario:
    """Two monitoring visits, and half-way through the year that follows them a check, as a focused visit."""
    pathway = f"frameworks.{NEXT}.pathways.inadequate"
    return quiet(
        [authority("Ceeham", "North", "inadequate", inspected_on)],
        {"North": 3},
        {
            "calendar.closed_weeks": only_open(15, 28, 41, 42),
            "position.published_after_days": 20,
            **{f"{pathway}.contacts.monitoring.visits.{each}": 2 for each in ("low", "mode", "high")},
            f"{pathway}.interval_months": 12,
            f"{pathway}.contacts.check": {**THEME, "kind": "focused", "visits": 1},
            **changes,
        },
        framework=(NEXT,),
        years=2,
    )


def test_a_contact_between_inspections_follows_monitoring_over_the_interval_from_its_last_visit() -> None:
    # Fieldwork is possible in ISO weeks 15, 28, 41 and 42 only. The last judgement was published 20 working days after
    # Fri 26 Jan 2018: Fri 23 Feb. Monitoring as in test_micro_worlds: Mon 9 July (week 28), Mon 8 Oct 2018 (week 41).
    #   Check, six months on: Mon 8 April 2019, from 8 March to 8 May: Mon 8 April (week 15). Two days; published 21
    #     working days after Tue 9 April without Good Friday (19th), Easter Monday and Mon 6 May: Mon 13 May.
    #   Inspection due twelve months after 8 Oct 2018: Tue 8 Oct 2019, from 8 Sep on: Mon 7 Oct (week 41) to Fri 18 Oct.
    #     Inadequate again, so 26 working days: 25 to Fri 22 Nov, so Mon 25 Nov.
    #   Again 90 working days to the next monitoring visit: after the end.
    assert dates(monitored_and_checked("2018-01-26")) == [
        ("monitoring", "2018-07-09", "2018-07-10", "2018-08-08", "published"),
        ("monitoring", "2018-10-08", "2018-10-09", "2018-11-07", "published"),
        ("focused", "2019-04-08", "2019-04-09", "2019-05-13", "published"),
        ("standard", "2019-10-07", "2019-10-18", "2019-11-25", "published"),
    ]


def test_where_monitoring_was_over_before_the_start_its_interval_goes_on_from_there() -> None:
    # Fieldwork is possible in ISO weeks 18, 45 and 46 only.
    # Inspected until Fri 3 March 2017, published Fri 31 March. Monitoring 90 working days on, without four holidays:
    # Thu 10 Aug; and 13 weeks later, Thu 9 Nov 2017, from which the interval counts.
    #   Check, six months on: 9 May 2018, from 9 April to 9 June: Mon 30 April (week 18).
    #   Inspection due Fri 9 Nov 2018, from 9 Oct on: Mon 5 Nov (week 45).
    # Inspected nine months earlier, the check was due in August 2017: the start takes it as done.
    weeks = {"calendar.closed_weeks": only_open(18, 45, 46)}
    lines = dates(monitored_and_checked("2017-03-03", **weeks))
    assert [line[:2] for line in lines[:2]] == [("focused", "2018-04-30"), ("standard", "2018-11-05")]
    assert dates(monitored_and_checked("2016-06-03", **weeks))[0][0] == "standard"


@pytest.mark.parametrize("names", [("look", "theme"), ("theme", "look")])
def test_of_two_contacts_whose_windows_open_on_one_day_the_first_of_the_table_comes_first(
    names: tuple[str, str],
) -> None:
    kinds = {"look": "focused", "theme": "thematic"}
    scenario = quiet(
        [authority("Ayton", "North", "good", "2017-03-03")],
        {"North": 2},
        {
            **thematic(),
            key("good", "focused"): None,
            **{key("good", name): {**THEME, "kind": kinds[name], "visits": 1} for name in names},
        },
    )
    rows = Model(scenario, 0).run().visits
    assert [row.kind for row in rows[:2]] == [kinds[name] for name in names]
    assert rows[0].opens == rows[1].opens


def test_two_orders_of_the_table_are_two_scenarios() -> None:
    one, other = (
        load("ilacs_launch", {key("good", name, NEXT): {**THEME, "kind": "focused", "visits": 1} for name in names})
        for names in (("a", "b"), ("b", "a"))
    )
    assert one.digest != other.digest


def test_contacts_have_draws_of_their_own() -> None:
    """One contact more leaves the weeks for which those of another are planned."""
    base = load("ilacs_launch", {"years": 3, "planning.programme": "drawn"})
    more = base.with_changes({key("good", "more", NEXT): {**THEME, "kind": "focused", "due_months": (6,)}})
    planned = [
        {(visit.authority.name, visit.window.due): visit.draws for visit in world.visits if visit.contact == "focused"}
        for scenario in (base, more)
        for world in [run_of(scenario).world]
    ]
    shared = planned[0].keys() & planned[1].keys()
    assert len(shared) > 50
    assert sum(planned[0][each] == planned[1][each] for each in shared) > 0.9 * len(shared)


def run_of(scenario: Scenario) -> Model:
    model = Model(scenario, 0)
    model.run()
    return model


def test_what_waits_when_a_framework_changes_goes_by_the_contact_of_its_name_or_is_given_up() -> None:
    # Ayton, inspected until Fri 3 March 2017: both visits are due on 3 Sep 2018, from 3 Aug on. Nobody is there. The
    # framework of 17 September has a contact called look, of another kind, and none called theme.
    framework = load_framework(NEXT).in_force_from
    look = {**THEME, "visits": 1, "kind": "focused"}
    scenario = quiet(
        [authority("Ayton", "North", "good", "2017-03-03")],
        {},
        {
            **thematic(), **thematic(NEXT),
            **{key("good", "focused", name): None for name in (ILACS, NEXT)},
            key("good", "look"): look,
            key("good", "theme"): {**THEME, "visits": 1},
            key("good", "look", NEXT): {**look, "kind": "thematic"},
        },
        framework=(ILACS, NEXT),
    )  # fmt: skip
    assert framework == date(2018, 9, 17)
    found = [(visit.contact, visit.kind, visit.status) for visit in run_of(scenario).world.visits]
    assert found == [("look", "thematic", "waiting"), ("theme", "thematic", "cancelled")]


def test_a_joint_inspection_replaces_a_visit_of_the_contact_that_it_may_replace() -> None:
    # As in test_micro_worlds one joint inspection, Mon 11 June 2018. Both visits are due on 8 June 2019, from 8 May on.
    scenario = quiet(
        [authority("Ayton", "North", "good", "2017-12-08")],
        {"North": 4},
        {
            "calendar.closed_weeks": only_open(24),
            f"frameworks.{ILACS}.joint": {
                "low_a_year": 1, "high_a_year": 1, "among_authorities": 1, "window_weeks": 8,
            },
            f"frameworks.{ILACS}.visits.joint.team.schools.people": all_sizes(0),
            **thematic(NEXT),
            key("good", "focused.window_months", NEXT): 1,
            key("good", "theme", NEXT): {**THEME, "visits": 1, "joint_may_replace": 1},
        },
        framework=(ILACS, NEXT),
        years=2,
    )  # fmt: skip
    assert [line[:2] for line in dates(scenario)] == [
        ("joint", "2018-06-11"),
        ("focused", "2019-06-10"),
        ("thematic", None),
    ]


def test_only_what_may_find_something_brings_an_inspection_forward() -> None:
    # Ayton's visit is due on 3 Sep 2018, the inspection on 3 March 2020, or nine months sooner by what the visit finds.
    for findings, due in ((FINDS, "2019-06-03"), ({}, "2020-03-03")):
        scenario = quiet(
            [authority("Ayton", "North", "good", "2017-03-03")],
            {"North": 2},
            {
                **thematic(),
                key("good", "focused"): None,
                key("good", "theme"): {**THEME, "visits": 1, **findings},
            },
            years=3,
        )
        rows = Model(scenario, 0).run().visits
        assert [row.kind for row in rows[:2]] == ["thematic", "short"]
        assert rows[1].due == (date.fromisoformat(due) - scenario.start).days


def test_visits_by_video_are_held_as_the_first_contact_whatever_it_is_called() -> None:
    virtual = {"begins_on": date(2018, 5, 14), "ends_on": date(2018, 5, 20), "visits": 1, "inadequate_share": 0.0}
    pause = {
        "name": "stop", "kind": "pause", "begins_on": date(2018, 5, 1), "ends_on": date(2018, 5, 31),
        "visits": ("focused", "thematic"), "virtual": virtual,
    }  # fmt: skip
    scenario = quiet(
        [authority("Quietby", "South", "good", "2018-01-26")],
        {"South": 2},
        {
            **thematic(),
            key("good", "focused"): None,
            key("good", "theme"): {**THEME, "visits": 0},
            "shocks": [pause],
        },
    )
    assert [line[:2] for line in dates(scenario)] == [("thematic", "2018-05-14")]


# ---------------------------------------------------------------- keys of earlier versions


def test_a_setting_by_the_keys_of_earlier_versions_is_that_of_today() -> None:
    pathways = f"frameworks.{NEXT}.pathways"
    old, new = (
        load("ilacs_launch", {f"{pathways}.good.{table}focused.visits": 2, f"{pathways}.inadequate.{table}monitoring": {
            **load_framework(NEXT).pathways["inadequate"].contacts["monitoring"].model_dump(exclude_none=True),
            "every_weeks": 10,
        }})
        for table in ("", "contacts.")
    )  # fmt: skip
    assert old.digest == new.digest != load("ilacs_launch").digest
    assert old.to_toml() == new.to_toml()
    gone = load("ilacs_launch", {f"{pathways}.good.focused": None})
    assert "focused" not in gone.frameworks[NEXT].pathways["good"].contacts


def test_files_by_the_keys_of_earlier_versions_are_those_of_today(tmp_path: Path) -> None:
    found = []
    for name, table in (("old", ""), ("new", "contacts.")):
        rules = tmp_path / f"{name}_rules.toml"
        part = 'part = "between"\n' if table else ""
        rules.write_text(
            f'extends = "{NEXT}"\n[pathways.inadequate.{table}focused]\nsource = "a letter"\nconfidence = "low"\n{part}'
            "visits = 1\nwindow_months = 1\njoint_may_replace = 0\n",
            encoding="utf-8",
        )
        path = tmp_path / f"{name}.toml"
        path.write_text(
            f'extends = "ilacs_launch"\nquestion = "?"\nframework = "{rules.name}"\n'
            f"[frameworks.{name}_rules.pathways.good.{table}focused]\nvisits = 2\n",
            encoding="utf-8",
        )
        pathways = load(path).frameworks[f"{name}_rules"].pathways
        assert [contact.name for contact in pathways["inadequate"].on_the_way] == ["monitoring", "focused"]
        found.append(pathways)
    assert found[0] == found[1] and found[0]["good"].contacts["focused"].most == 2


def test_a_contact_by_the_old_and_the_new_key_in_one_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "both.toml"
    tables = [f"[frameworks.{NEXT}.pathways.good.{each}focused]\nvisits = 2\n" for each in ("", "contacts.")]
    path.write_text(f'extends = "ilacs_launch"\nquestion = "?"\n{"".join(tables)}', encoding="utf-8")
    with pytest.raises(InputError, match=r"pathways\.good\.focused: found 'a table'; there is no such key"):
        load(path)


# ---------------------------------------------------------------- what is wrong with contacts

OK: dict[str, object] = {**THEME, "kind": "focused", "visits": 1}
MONITORING = load_framework(NEXT).pathways["inadequate"].contacts["monitoring"].model_dump(exclude_none=True)
GOOD, INADEQUATE = key("good", "extra", NEXT), key("inadequate", "extra", NEXT)
WRONG: dict[str, tuple[dict[str, object], str]] = {
    "a kind without rules": ({GOOD: {**OK, "kind": "nobody"}}, "visits: rules are missing for nobody"),
    "a name without rules": ({GOOD: {**OK, "kind": None}}, "visits: rules are missing for extra"),
    "a kind that gives a judgement": (
        {GOOD: {**OK, "kind": "short"}},
        "pathways.good.contacts.extra.kind: short gives a judgement; name a visit that is a contact",
    ),
    "a kind that is no contact": ({GOOD: {**OK, "kind": "engagement"}}, "engagement is not a contact"),
    "two monitorings": (
        {INADEQUATE: MONITORING},
        "pathways.inadequate: contacts.monitoring, contacts.extra: only one contact may have the part monitoring",
    ),
    "shares and months": (
        {GOOD: {**OK, "due_shares": (0.5,), "due_months": (9,)}},
        "contacts.extra.due_shares and due_months: give only one of them",
    ),
    "neither dates nor number": (
        {GOOD: {**THEME, "kind": "focused"}},
        "contacts.extra.visits: give the number of visits",
    ),
    "months beyond the interval": (
        {GOOD: {**THEME, "kind": "focused", "due_months": (9, 37, 40)}},
        "contacts.extra.due_months: 37, 40 is beyond interval_months, 36",
    ),
    "months out of order": ({GOOD: {**OK, "visits": 2, "due_months": (9, 8)}}, "due_months: found 9, 8; give 2 in"),
    "one finding alone": (
        {GOOD: {**OK, "priority_action_share": {}}},
        "contacts.extra.brings_forward_share, brings_forward_months: give all of priority_action_share",
    ),
    "half of the months": (
        {GOOD: {**OK, **FINDS, "brings_forward_months": {"low": 1}}},
        "contacts.extra.brings_forward_months: give low and high",
    ),
    "numbers of monitoring visits that are not all given": (
        {INADEQUATE: {**MONITORING, "visits": {"low": 1}}},
        "contacts.extra.visits: give low, mode and high",
    ),
    "a part of another word": (
        {GOOD: {**OK, "part": "betwen"}},
        "contacts.extra.part: found 'betwen'; did you mean 'between'? Allowed: between, monitoring",
    ),
    "no part": ({GOOD: {"kind": "focused"}}, "contacts.extra.part: found nothing; allowed: between, monitoring"),
    "no table": ({GOOD: 3}, "contacts.extra: found 3; must be a table of keys"),
    "a misspelt key": ({GOOD: {**OK, "window_month": 2}}, "contacts.extra.window_month: found 2; there is no such key"),
    "rules that nothing asks for": (
        thematic(NEXT),
        "visits.thematic: nothing asks for it; name it in a pathway, among its contacts, or in recurring",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_with_a_contact_is_said_once_with_its_key(what: str) -> None:
    changes, words = WRONG[what]
    with pytest.raises(InputError) as refused:
        load("position_2022", changes)
    assert words in str(refused.value)
    assert len(refused.value.faults) == (2 if what.startswith("a kind that") else 1)  # it is asked for already as well


def test_all_that_is_wrong_with_contacts_is_said_at_once() -> None:
    changes = thematic(NEXT) | {
        key("good", "a", NEXT): {**OK, "part": "before"},
        key("good", "b", NEXT): {**THEME, "visits": 1, "brings_forward_share": 0.5},
        key("good", "focused.window_months", NEXT): "two",
        key("outstanding", "c", NEXT): {**OK, "kind": "nobody"},
        key("requires_improvement", "d", NEXT): {**THEME, "due_months": (3, 99)},
    }
    with pytest.raises(InputError) as refused:
        load("position_2022", changes)
    said = str(refused.value)
    for words in (
        "a.part",
        "b.priority_action_share",
        "focused.window_months",
        "rules are missing for nobody",
        "d.due_months: 99",
    ):
        assert words in said
    assert len(refused.value.faults) == 5


def test_a_contact_that_no_authority_comes_to_is_told() -> None:
    late = load("position_2022", {GOOD: {**THEME, "kind": "focused", "due_months": (12, 36)}})
    (told,) = [line for line in warnings(late) if "extra" in line]
    assert "pathways.good.contacts.extra" in told and "36" in told
    assert not [line for line in warnings(load("position_2022")) if "contacts" in line]
