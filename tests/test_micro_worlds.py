"""Worlds small enough to work out by hand: the complete log of visits is known in advance.

In all of them nobody is ever away, quality stays where it is, a team is a lead and one inspector of social care, and
inspections are planned for their due date: for the last possible Monday before it, if the due date is no Monday of
an open week. Reports take exactly their median number of working days. Day 0 is Wednesday 31 January 2018.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from sim.inputs.grades import JUDGEMENTS
from sim.runs import tables
from sim.runs.model import Model
from sim.world.context import ScenarioContext
from tests.worlds import Line, all_sizes, authority, lines, log, only_open, quiet, without_focused

NORTH = ("North 01", "North 02")
SOUTH = ("South 01", "South 02")


def months(framework: str, judgement: str, **values: int) -> dict[str, object]:
    """Changes of a pathway's months, such as interval, window_before, window_after."""
    return {f"frameworks.{framework}.pathways.{judgement}.{name}_months": value for name, value in values.items()}


def monitored(framework: str, visits: int) -> dict[str, object]:
    """Exactly so many monitoring visits before the re-inspection."""
    key = f"frameworks.{framework}.pathways.inadequate.contacts.monitoring.visits"
    return {f"{key}.{name}": visits for name in ("low", "mode", "high")}


def test_good_authorities_have_a_focused_visit_and_then_a_short_inspection() -> None:
    # Fieldwork is possible in ISO weeks 10, 24 and 36 only; focused visits may fall a month either side of their date.
    # Ayton, inspected until Friday 3 March 2017:
    #   focused, 18 months on: 3 Sep 2018, from 3 Aug to 3 Oct; the only open Monday is 3 Sep (week 36). Two days.
    #     Published 21 working days after Tue 4 Sep: three to Fri 7 Sep, 18 to Fri 28 Sep, so Wed 3 Oct.
    #   short, 36 months on: Tue 3 Mar 2020, so Mon 2 Mar (week 10) to Fri 6 Mar.
    #     25 working days: 24 to Thu 9 Apr; then Good Friday and Easter Monday, so Tue 14 Apr.
    #   focused, 18 months after 6 Mar 2020: 6 Sep 2021, a Monday of week 36; published Wed 6 Oct as above.
    #   The next inspection's window opens in September 2022, after the end.
    # Beeford, inspected until Friday 8 December 2017:
    #   focused: Sat 8 June 2019, from 8 May to 8 July: Monday 10 June (week 24); published 21 working days after
    #     Tue 11 June: Wed 10 July.
    #   short: due 8 Dec 2020, from 8 June 2020 to 8 June 2021. Before the due date: 8 June 2020 (week 24) is too soon
    #     for a week's notice, 31 Aug 2020 (week 36) is a bank holiday. So after it: Monday 8 March 2021 (week 10).
    #     25 working days after Fri 12 Mar without Good Friday (2 Apr) and Easter Monday: Tue 20 Apr.
    world = quiet(
        [authority("Ayton", "North", "good", "2017-03-03"), authority("Beeford", "South", "outstanding", "2017-12-08")],
        {"North": 2, "South": 2},
        {
            "calendar.closed_weeks": only_open(10, 24, 36),
            "frameworks.ilacs_2017.pathways.good.contacts.focused.window_months": 1,
            "frameworks.ilacs_2017.pathways.outstanding.contacts.focused.window_months": 1,
        },
        years=4,
    )
    assert log(world) == [
        ("Ayton", "focused", "2018-09-03", "2018-09-04", "2018-10-03", "published", NORTH),
        ("Beeford", "focused", "2019-06-10", "2019-06-11", "2019-07-10", "published", SOUTH),
        ("Ayton", "short", "2020-03-02", "2020-03-06", "2020-04-14", "published", NORTH),
        ("Beeford", "short", "2021-03-08", "2021-03-12", "2021-04-20", "published", SOUTH),
        ("Ayton", "focused", "2021-09-06", "2021-09-07", "2021-10-06", "published", NORTH),
    ]


def test_an_inadequate_authority_is_monitored_each_quarter_and_then_inspected_again() -> None:
    # Two monitoring visits, then a standard inspection (as from September 2018). The last judgement was published 20
    # working days after Fri 26 Jan 2018: Fri 23 Feb.
    #   First visit 90 working days after that: 18 weeks, and 4 days for Good Friday, Easter Monday and two May
    #     holidays: Thu 5 July; the first Monday from then on is 9 July. Published Wed 8 Aug (21 working days).
    #   Second visit 13 weeks after 9 July: Monday 8 October. Published Wed 7 Nov.
    #   Inspection due 3 months after 8 Oct: Tue 8 Jan 2019, from 8 Dec on. A week's notice leaves Mon 17 Dec at the
    #     earliest, and weeks 52, 1 and 2 are closed: so after the due date, Mon 14 Jan to Fri 25 Jan.
    #     Inadequate again, which takes 5 days longer: 26 working days, Mon 4 March.
    #   Again: 90 working days (four holidays once more): Fri 12 July 2019, so Mon 15 July; 13 weeks on Mon 14 October;
    #   inspection due Tue 14 Jan 2020, so Mon 13 Jan (week 3) to Fri 24 Jan, unpublished at the end on 30 Jan.
    # Quietby is due for nothing before July 2020.
    framework = "ilacs_2018"
    world = quiet(
        [
            authority("Ceeham", "North", "inadequate", "2018-01-26"),
            authority("Quietby", "South", "good", "2018-01-26"),
        ],
        {"North": 2, "South": 2},
        {**monitored(framework, 2), **without_focused(framework), "position.published_after_days": 20},
        framework=(framework,),
        years=2,
    )
    second_team = NORTH[::-1]  # who led the last inspection may not lead this one
    assert log(world) == [
        ("Ceeham", "monitoring", "2018-07-09", "2018-07-10", "2018-08-08", "published", NORTH),
        ("Ceeham", "monitoring", "2018-10-08", "2018-10-09", "2018-11-07", "published", NORTH),
        ("Ceeham", "standard", "2019-01-14", "2019-01-25", "2019-03-04", "published", NORTH),
        ("Ceeham", "monitoring", "2019-07-15", "2019-07-16", "2019-08-14", "published", NORTH),
        ("Ceeham", "monitoring", "2019-10-14", "2019-10-15", "2019-11-13", "published", NORTH),
        ("Ceeham", "standard", "2020-01-13", "2020-01-24", None, "in_progress", second_team),
    ]


def test_of_two_visits_of_one_priority_the_one_with_the_earlier_latest_date_goes_first() -> None:
    # Both are due in the week of Monday 4 June 2018; Ayton's latest date is 5 Dec, Beeford's 8 Dec, though Beeford
    # stands first in the table. There is one team. Beeford cannot follow on 11 June (a week of rest) nor on 18 June
    # (the lead writes up from Mon 11 to Thu 14 June, and preparation takes Thu 14 and Fri 15): so on 25 June, led by
    # the one who has most time left.
    world = quiet(
        [authority("Beeford", "North", "good", "2015-06-08"), authority("Ayton", "North", "good", "2015-06-05")],
        {"North": 2},
        without_focused(),
    )
    assert log(world) == [
        ("Ayton", "short", "2018-06-04", "2018-06-08", "2018-07-13", "published", NORTH),
        ("Beeford", "short", "2018-06-25", "2018-06-29", "2018-08-03", "published", NORTH[::-1]),
    ]


def test_a_higher_priority_goes_before_an_earlier_latest_date() -> None:
    # Ceeham's monitoring visit (priority 1, latest 16 Aug) and Ayton's inspection (priority 2, latest 10 Aug) are both
    # planned for Monday 9 July 2018. The lead of the monitoring visit writes up on Wed 11 and Thu 12 July, and an
    # inspection on 16 July would be prepared on Thu 12 and Fri 13: so Ayton's begins on 23 July, led by the other one.
    # 25 working days without the August holiday: Mon 3 Sep. Ceeham is inspected again three months after 9 July, due
    # Tue 9 Oct: Mon 8 to Fri 19 Oct; 26 working days, Mon 26 Nov.
    framework = "ilacs_2018"
    world = quiet(
        [authority("Ayton", "North", "good", "2015-07-10"), authority("Ceeham", "North", "inadequate", "2018-01-26")],
        {"North": 2},
        {
            **monitored(framework, 1),
            **without_focused(framework),
            **months(framework, "good", window_after=1),
            f"frameworks.{framework}.pathways.good.longer": None,
            "position.published_after_days": 20,
        },
        framework=(framework,),
    )
    assert log(world) == [
        ("Ceeham", "monitoring", "2018-07-09", "2018-07-10", "2018-08-08", "published", NORTH),
        ("Ayton", "short", "2018-07-23", "2018-07-27", "2018-09-03", "published", NORTH[::-1]),
        ("Ceeham", "standard", "2018-10-08", "2018-10-19", "2018-11-26", "published", NORTH),
    ]


YEARLY = {**without_focused(), **months("ilacs_2017", "good", interval=12, window_before=1, window_after=1)}


def test_nobody_leads_two_inspections_of_an_authority_running() -> None:
    # Inspected every year: due 9 June 2018, 8 June 2019, 7 June 2020, each on the last open Monday before (week 23).
    # Both may lead and have as much time left as each other, so only the rule decides.
    world = quiet([authority("Ayton", "North", "good", "2017-06-09")], {"North": 2}, YEARLY, years=3)
    assert log(world) == [
        ("Ayton", "short", "2018-06-04", "2018-06-08", "2018-07-13", "published", NORTH),
        ("Ayton", "short", "2019-06-03", "2019-06-07", "2019-07-12", "published", NORTH[::-1]),
        ("Ayton", "short", "2020-06-01", "2020-06-05", "2020-07-10", "published", NORTH),
    ]


def test_an_inspection_waits_for_ever_if_only_its_last_lead_may_lead() -> None:
    # Half of the two may lead: North 01 alone, who led in 2018.
    changes: dict[str, object] = {**YEARLY, "workforce.roles.social_care_hmi.may_lead_share": 0.5}
    world = quiet([authority("Ayton", "North", "good", "2017-06-09")], {"North": 2}, changes, years=3)
    assert log(world) == [
        ("Ayton", "short", "2018-06-04", "2018-06-08", "2018-07-13", "published", NORTH),
        ("Ayton", "short", None, None, None, "waiting", ()),
    ]


@pytest.mark.parametrize(
    ("rest_weeks", "begins", "ends", "published"),
    [
        (0, "2018-06-18", "2018-06-29", "2018-07-30"),
        (1, "2018-06-25", "2018-07-06", "2018-08-06"),
        (2, "2018-07-02", "2018-07-13", "2018-08-13"),
    ],
)
def test_a_team_rests_between_two_inspections(rest_weeks: int, begins: str, ends: str, published: str) -> None:
    # Two standard inspections planned for Monday 4 June 2018 and one team, which needs no days before or after. Ayton's
    # is on site to Fri 15 June; Beeford's begins on 18 June but for the weeks of rest. Published 21 working days on.
    team = "frameworks.ilacs_2017.visits.standard.team"
    changes: dict[str, object] = {
        **without_focused(),
        "frameworks.ilacs_2017.visits.standard.rest_weeks": rest_weeks,
        f"{team}.lead.preparation_days": 0,
        f"{team}.lead.writing_up_days": 0,
        f"{team}.inspectors.preparation_days": 0,
    }
    world = quiet(
        [
            authority("Ayton", "North", "requires_improvement", "2015-06-05"),
            authority("Beeford", "North", "requires_improvement", "2015-06-08"),
        ],
        {"North": 2},
        changes,
    )
    expected: list[Line] = [
        ("Ayton", "standard", "2018-06-04", "2018-06-15", "2018-07-16", "published", NORTH),
        ("Beeford", "standard", begins, ends, published, "published", NORTH),
    ]
    assert log(world) == expected


def test_an_inadequate_authority_has_a_single_inspection_until_the_framework_changes() -> None:
    # One monitoring visit, then a re-inspection due three months later, whose window opens on that day. The framework
    # changes on 17 September 2018.
    # Early: published 20 working days after Fri 1 Sep 2017, Fri 29 Sep; 90 working days on (Christmas, Boxing Day and
    #   New Year between): Wed 7 Feb 2018, so Mon 12 Feb; published 21 working days after Tue 13 Feb: Wed 14 March.
    #   Re-inspection due Sat 12 May. From Mon 14 May its third week would be that of 28 May (closed week 22); from Mon
    #   21 May that is its second, with nobody on site, so it may be closed: to Fri 15 June. 36 + 5 working days,
    #   inadequate as before: Mon 13 Aug. Monitoring 90 working days after that (a holiday in August): Tue 18 Dec.
    #   Monday 24 Dec is closed, so the last open Monday before, 17 Dec. Published 21 working days after 18 Dec: Mon 21
    #   Jan 2019.
    # Later: published Fri 23 Feb 2018; monitoring due Thu 5 July, so Mon 9 July. Re-inspection due Tue 9 Oct, under the
    #   new rules a standard one: with a week's notice Mon 22 Oct to Fri 2 Nov; 21 + 5 working days, Mon 10 Dec.
    frameworks = ("ilacs_2017", "ilacs_2018")
    changes: dict[str, object] = {"position.published_after_days": 20}
    for framework in frameworks:
        changes |= {**monitored(framework, 1), **months(framework, "inadequate", window_before=0)}
    world = quiet(
        [
            authority("Early", "North", "inadequate", "2017-09-01"),
            authority("Later", "South", "inadequate", "2018-01-26"),
        ],
        {"North": 2, "South": 2},
        changes,
        framework=frameworks,
    )
    assert log(world) == [
        ("Early", "monitoring", "2018-02-12", "2018-02-13", "2018-03-14", "published", NORTH),
        ("Early", "single_inspection", "2018-05-21", "2018-06-15", "2018-08-13", "published", NORTH),
        ("Later", "monitoring", "2018-07-09", "2018-07-10", "2018-08-08", "published", SOUTH),
        ("Later", "standard", "2018-10-22", "2018-11-02", "2018-12-10", "published", SOUTH),
        ("Early", "monitoring", "2018-12-17", "2018-12-18", "2019-01-21", "published", NORTH),
    ]


def findings(framework: str, judgement: str, share: float, months_sooner: int) -> dict[str, object]:
    """Priority action at a share of focused visits, whatever they see, that surely brings the inspection forward."""
    key = f"frameworks.{framework}.pathways.{judgement}.contacts.focused"
    return {
        f"{key}.priority_action_share": dict.fromkeys(JUDGEMENTS, share),
        f"{key}.brings_forward_share": 1.0,
        f"{key}.brings_forward_months": {"low": months_sooner, "high": months_sooner},
    }


def test_priority_action_at_a_focused_visit_brings_the_inspection_forward() -> None:
    # As Ayton above, with fieldwork in ISO weeks 10, 24 and 36: focused on Monday 3 September 2018. The inspection is
    # then due not on 3 March 2020 but twelve months before, Sunday 3 March 2019. No open Monday with a week's notice
    # lies before that, so the next one: Mon 4 (week 10) to Fri 8 March. 25 working days: Fri 12 April.
    # The next focused visit's window opens in August 2020, after the end.
    world = quiet(
        [authority("Ayton", "North", "good", "2017-03-03")],
        {"North": 2},
        {
            "calendar.closed_weeks": only_open(10, 24, 36),
            "frameworks.ilacs_2017.pathways.good.contacts.focused.window_months": 1,
            **findings("ilacs_2017", "good", 1.0, 12),
        },
        years=2,
    )
    assert log(world) == [
        ("Ayton", "focused", "2018-09-03", "2018-09-04", "2018-10-03", "published", NORTH),
        ("Ayton", "short", "2019-03-04", "2019-03-08", "2019-04-12", "published", NORTH),
    ]
    without = log(world.with_changes(findings("ilacs_2017", "good", 0.0, 12)))
    assert [line[1:3] for line in without] == [("focused", "2018-09-03"), ("short", None)]  # it waits for March 2020


def test_monitoring_that_finds_enough_progress_is_followed_by_the_inspection() -> None:
    # As Ceeham above; five visits are planned, but the second finds enough progress. Dates as there: the first on
    # 9 July, the second on 8 October, the inspection due three months after: Mon 14 to Fri 25 January.
    framework = "ilacs_2018"
    key = f"frameworks.{framework}.pathways.inadequate.contacts.monitoring.enough_progress"
    world = quiet(
        [authority("Ceeham", "North", "inadequate", "2018-01-26")],
        {"North": 2},
        {
            **monitored(framework, 5),
            key: {"from_visit": 2, "share": dict.fromkeys(JUDGEMENTS, 0.0) | {"inadequate": 1.0}},
            "position.published_after_days": 20,
        },
        framework=(framework,),
    )
    assert [line[1:3] for line in log(world)] == [
        ("monitoring", "2018-07-09"),
        ("monitoring", "2018-10-08"),
        ("standard", "2019-01-14"),
    ]
    later = log(world.with_changes({f"{key}.share.inadequate": 0.0, f"{key}.share.good": 1.0}))
    assert [line[1] for line in later] == ["monitoring"] * 3  # quality seen decides, and every quarter has its visit


@pytest.mark.parametrize(("quality", "kind"), [("good", "standard"), ("requires_improvement", "short")])
def test_signs_of_decline_decide_between_the_short_and_the_longer_inspection(quality: str, kind: str) -> None:
    # Ayton is good in truth too, so it is given the longer inspection if that is what intelligence of a good one says.
    framework = "ilacs_2018"
    share = dict.fromkeys(JUDGEMENTS, 0.0) | {quality: 1.0}
    changes: dict[str, object] = {
        **without_focused(framework),
        f"frameworks.{framework}.pathways.good.longer.share": share,
    }
    world = quiet([authority("Ayton", "North", "good", "2015-06-05")], {"North": 2}, changes, framework=(framework,))
    assert [line[1:3] for line in log(world)] == [(kind, "2018-06-04")]


def test_a_window_that_opens_on_the_day_of_a_new_framework_follows_the_new_one() -> None:
    # Due on Monday 17 September 2018, on which the framework changes; no window before. The new one, here, asks for a
    # short inspection. Called on that Monday, Mon 24 to Fri 28 September; 25 working days: Fri 2 November.
    frameworks = ("ilacs_2017", "ilacs_2018")
    changes: dict[str, object] = {"frameworks.ilacs_2018.pathways.requires_improvement.inspection": "short"}
    for framework in frameworks:
        changes |= {**without_focused(framework), **months(framework, "requires_improvement", window_before=0)}
    rows = [authority("Ayton", "North", "requires_improvement", "2015-09-17")]
    assert log(quiet(rows, {"North": 2}, changes, framework=frameworks)) == [
        ("Ayton", "short", "2018-09-24", "2018-09-28", "2018-11-02", "published", NORTH)
    ]


@pytest.mark.parametrize(("without", "met_before", "met_after"), [("ilacs_2017", 0, 1), ("ilacs_2018", 1, 0)])
def test_meetings_are_held_under_the_frameworks_that_have_them(without: str, met_before: int, met_after: int) -> None:
    frameworks = ("ilacs_2017", "ilacs_2018")
    (has,) = set(frameworks) - {without}
    meetings = {"every_months": 3, "window_before_weeks": 1, "window_after_weeks": 4}
    changes: dict[str, object] = {f"frameworks.{has}.engagement": meetings}
    for framework in frameworks:
        changes |= without_focused(framework)
    rows = [authority("Ayton", "North", "good", "2017-12-08")]
    days = [line[2] or "" for line in log(quiet(rows, {"North": 2}, changes, framework=frameworks))]
    assert min(sum(day < "2018-09-17" for day in days), 1) == met_before
    assert min(sum(day >= "2018-10-01" for day in days), 1) == met_after


def test_each_visit_is_given_people_by_the_time_left_in_its_own_term() -> None:
    # Terms begin in January and May. Fieldwork is possible in ISO weeks 10, 17 and 20 only; a focused visit needs four
    # weeks' notice and may fall a month either side of its date.
    # Ayton's inspection, due Tue 6 March 2018, Mon 5 to Fri 9 March. 25 working days without Good Friday and Easter
    #   Monday: Tue 17 April. North 01 and 02 have less left in the first term from then on.
    # Beeford's, due Tue 24 April, Mon 23 to Fri 27 April, called on 16 April: by North 03 and 04. 25 working days
    #   without two May holidays: Tue 5 June.
    # Ceeham's focused visit, due Thu 3 May, from 3 April to 3 June: Mon 14 and Tue 15 May, called on 16 April as well
    #   and after Beeford's (priority 3). It is no inspection, so it takes those with least time left in the second
    #   term: North 03, who writes up Beeford's until 3 May, and North 01, the first of the others, who have given
    #   nothing. 21 working days without the holiday of 28 May: Thu 14 June.
    world = quiet(
        [
            authority("Ayton", "North", "good", "2015-03-06"),
            authority("Beeford", "North", "good", "2015-04-24"),
            authority("Ceeham", "North", "outstanding", "2016-11-03"),
        ],
        {"North": 4},
        {
            "calendar.term_months": (1, 5),
            "calendar.closed_weeks": only_open(10, 17, 20),
            "frameworks.ilacs_2017.pathways.good.contacts.focused": None,
            "frameworks.ilacs_2017.pathways.outstanding.contacts.focused.window_months": 1,
            "frameworks.ilacs_2017.visits.focused.notice_weeks": 4,
        },
    )
    assert log(world) == [
        ("Ayton", "short", "2018-03-05", "2018-03-09", "2018-04-17", "published", NORTH),
        ("Beeford", "short", "2018-04-23", "2018-04-27", "2018-06-05", "published", ("North 03", "North 04")),
        ("Ceeham", "focused", "2018-05-14", "2018-05-15", "2018-06-14", "published", ("North 03", "North 01")),
    ]


def test_work_that_lies_after_the_last_day_is_not_counted() -> None:
    # The last day simulated is Thursday 6 June 2019. Ayton's inspection is due on Fri 7 June, and so not yet due; it is
    # planned for Mon 3 June. Two people prepare it on Thu 30 and Fri 31 May, and are on site from Monday to Thursday;
    # Friday, and the lead's four days of writing up, come after the end, as does the rest of the week for those who are
    # there to work.
    changes: dict[str, object] = {**without_focused(), "start": date(2018, 6, 7)}
    world = quiet([authority("Ayton", "North", "good", "2016-06-07")], {"North": 2}, changes)
    record = Model(world).run()
    (visit,), load = record.visits, record.workload
    assert world.start + timedelta(days=record.horizon) == date(2019, 6, 6)
    assert (visit.fieldwork_start, visit.inspector_days) == (record.horizon - 3, 2 * 7 + 4)
    of_inspectors = load.roles.index("social_care_hmi")
    worked, available = (table[:, of_inspectors].sum(axis=1) for table in (load.worked, load.available))
    assert (list(worked[-3:]), worked.sum()) == ([0, 4, 8], 12)
    assert list(available[-3:]) == [10, 8, 8]  # 27 May is a bank holiday
    assert (load.inspectors_out[-1], load.on_site_days[-1], load.on_site_days.sum()) == (2, 8, 8)
    assert load.due.sum() == 0


def test_those_on_site_are_counted_by_week_kind_role_and_region_with_the_late_and_the_backlog() -> None:
    # With a week's notice the first Monday is 12 February 2018. All three are called for it, and each pair goes to its
    # own region:
    #   Ayton, inspected until 30 June 2014, was due on 30 June 2017, and late from 30 December on: South.
    #   Ceeham, until 8 December 2014, was due on 8 December 2017, and is late from 8 June 2018 on: North.
    #   Beeford, until 16 February 2015, is due on 16 February 2018. All four people are out until Friday 16th and rest
    #     for the week after, in which both leads write up. So the two others prepare it meanwhile, one of each region,
    #     and are there from Mon 26 February to Fri 9 March.
    world = quiet(
        [
            authority("Ayton", "South", "good", "2014-06-30"),
            authority("Beeford", "South", "requires_improvement", "2015-02-16"),
            authority("Ceeham", "North", "good", "2014-12-08"),
        ],
        {"North": 2, "South": 2},
        without_focused(),
    )
    context = ScenarioContext(world)
    table = tables.of_record(Model(world, 0, context).run(), context.calendar)["on_site"].to_pandas()
    rows = table.assign(week=table["week"].dt.date.astype(str)).drop(columns="replication").to_numpy().tolist()
    assert rows == [
        ["2018-02-12", "short", "social_care_hmi", "North", 2, 0, 2],
        ["2018-02-12", "short", "social_care_hmi", "South", 2, 2, 2],
        ["2018-02-26", "standard", "social_care_hmi", "North", 1, 0, 0],
        ["2018-02-26", "standard", "social_care_hmi", "South", 1, 0, 0],
        ["2018-03-05", "standard", "social_care_hmi", "North", 1, 0, 0],
        ["2018-03-05", "standard", "social_care_hmi", "South", 1, 0, 0],
    ]


def test_where_nobody_is_on_site_there_is_no_row() -> None:
    world = quiet([authority("Ayton", "South", "good", "2014-06-30")], {}, without_focused())
    context = ScenarioContext(world)
    table = tables.of_record(Model(world, 0, context).run(), context.calendar)["on_site"]
    assert (table.schema, len(table)) == (tables.SCHEMAS["on_site"], 0)


@pytest.mark.parametrize("may_replace", [1, 0])
def test_a_joint_inspection_replaces_a_focused_visit_if_it_may(may_replace: int) -> None:
    # Fieldwork is possible in ISO week 24 only. One joint inspection falls in 2018, of the only authority there is: Mon
    # 11 to Fri 15 June, published 30 working days on, Fri 27 July. From 17 September 2018 on there are none.
    # Ayton's focused visit, 18 months after Fri 8 Dec 2017: Sat 8 June 2019, from 8 May to 8 July: Mon 10 June,
    #   published 21 working days after Tue 11 June: Wed 10 July. If the joint inspection may replace it, it is given up
    #   as its window opens.
    frameworks = ("ilacs_2017", "ilacs_2018")
    world = quiet(
        [authority("Ayton", "North", "good", "2017-12-08")],
        {"North": 2},
        {
            "calendar.closed_weeks": only_open(24),
            "frameworks.ilacs_2017.joint": {
                "low_a_year": 1,
                "high_a_year": 1,
                "among_authorities": 1,
                "window_weeks": 8,
            },
            "frameworks.ilacs_2017.visits.joint.team.schools.people": all_sizes(0),
            "frameworks.ilacs_2018.pathways.good.contacts.focused.window_months": 1,
            "frameworks.ilacs_2018.pathways.good.contacts.focused.joint_may_replace": may_replace,
        },
        framework=frameworks,
        years=2,
    )
    focused: Line = ("Ayton", "focused", None, None, None, "cancelled", ())
    if not may_replace:
        focused = ("Ayton", "focused", "2019-06-10", "2019-06-11", "2019-07-10", "published", NORTH)
    joint: Line = ("Ayton", "joint", "2018-06-11", "2018-06-15", "2018-07-27", "published", NORTH)
    assert log(world) == [joint, focused]


@pytest.mark.parametrize(
    ("first_day", "workdays", "begins", "ends", "published"),
    [
        ("2018-05-30", 1, "2018-06-04", "2018-06-08", "2018-07-13"),
        ("2018-05-30", 2, "2018-06-11", "2018-06-15", "2018-07-20"),
        ("2018-06-04", 5, "2018-06-18", "2018-06-22", "2018-07-27"),
        ("2018-06-18", 5, "2018-06-04", "2018-06-08", "2018-07-13"),
    ],
)
def test_an_inspection_waits_for_somebody_who_is_ill(
    first_day: str, workdays: int, begins: str, ends: str, published: str
) -> None:
    # Ayton's inspection is planned for Mon 4 June 2018, and prepared by both from Thu 31 May on. North 01 falls ill on
    # Wed 30 May: for that day alone, which is in nobody's way; for two, so that preparation cannot begin in time, and
    # it is put off by a week. Then for the week of 4 June, in which one of 11 June would be prepared, so that it begins
    # on the 18th; and for a week after it all. North 02 leads, having more time left in the term than somebody who is
    # ill in it. The report takes 25 working days.
    world = quiet([authority("Ayton", "North", "good", "2015-06-05")], {"North": 2}, without_focused())
    model = Model(world)
    ill = model.world.workforce.in_post["social_care_hmi"][0]
    model.world.workforce.fall_ill(ill, (date.fromisoformat(first_day) - world.start).days, workdays)
    expected: Line = ("Ayton", "short", begins, ends, published, "published", NORTH[::-1])
    assert lines(world, model.run()) == [expected]


def test_a_framework_without_joint_inspections_has_none_from_its_first_day_on() -> None:
    # The framework of January has eight to ten a year; the one of 17 September 2018 has none. Each is asked for three
    # weeks ahead, so none begins more than three weeks later.
    frameworks = ("ilacs_2017", "ilacs_2018")
    joint = {"low_a_year": 9, "high_a_year": 9, "among_authorities": 9, "window_weeks": 8}
    changes: dict[str, object] = {"frameworks.ilacs_2017.joint": joint}
    for framework in frameworks:
        changes |= without_focused(framework)
        changes[f"frameworks.{framework}.visits.joint.team.schools.people"] = all_sizes(0)
    rows = [authority(f"North {number:02d}", "North", "good", "2017-12-08") for number in range(9)]
    days = [line[2] or "9999" for line in log(quiet(rows, {"North": 40}, changes, framework=frameworks))]
    assert min(days) < "2018-07-01" and max(days) < "2018-10-09"
