"""The log of events: what a visit waits for, who leads it where, and when it comes and goes, as vidigi animates it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sim.base.faults import InputError
from sim.inputs.scenario import load
from sim.runs.event_log import COLUMNS, event_log
from sim.runs.results import Results
from sim.studies import ensemble_study
from tests.worlds import authority, quiet, without_focused

START = date(2018, 1, 31)
KINDS = {
    "arrival": "arrival_departure", "in_window": "queue", "late": "queue", "team_named": "queue",
    "on_site": "resource_use", "off_site": "resource_use_end", "report": "queue", "depart": "arrival_departure",
}  # fmt: skip
Line = tuple[int, str, str]
"""Visit, event, and its date."""


def lines(log: pd.DataFrame) -> list[Line]:
    columns = (log[name].tolist() for name in ("entity_id", "event", "time"))
    return [(visit, event, str(START + timedelta(days=day))) for visit, event, day in zip(*columns, strict=True)]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    study = load("ilacs_launch", {"years": 2, "replications": 2})
    return ensemble_study.run(study, tmp_path_factory.mktemp("log") / "study", detail="visits", progress=False)


def test_it_tells_of_each_visit_when_it_comes_waits_is_on_site_and_goes(tmp_path: Path) -> None:
    # Ayton is inspected every year, a month either side of the date. In 2018 due Sat 9 June: window from 9 May; begins
    # on Mon 4 June with a week's notice, which falls on Tue 29 May after a bank holiday, ends on Fri 8 June, and is
    # published 25 working days on (Fri 13 July).
    # In 2019 due Sat 8 June: window 8 May to 8 July. North 01, the only one of the two who may lead, led the last one,
    # so the visit waits for ever.
    pathway = "frameworks.ilacs_2017.pathways.good"
    months = {"interval_months": 12, "window_before_months": 1, "window_after_months": 1}
    changes = {
        **without_focused(),
        **{f"{pathway}.{name}": number for name, number in months.items()},
        "workforce.roles.social_care_hmi.may_lead_share": 0.5,
        "replications": 1,
    }
    world = quiet([authority("Ayton", "North", "good", "2017-06-09")], {"North": 2}, changes, years=3)
    log = ensemble_study.run(world, tmp_path / "study", progress=False).event_log()
    assert lines(log) == [
        (0, "arrival", "2018-05-09"),
        (0, "in_window", "2018-05-09"),
        (0, "team_named", "2018-05-29"),
        (0, "on_site", "2018-06-04"),
        (0, "off_site", "2018-06-09"),
        (0, "report", "2018-06-09"),
        (0, "depart", "2018-07-13"),
        (1, "arrival", "2019-05-08"),
        (1, "in_window", "2019-05-08"),
        (1, "late", "2019-07-09"),
    ]
    assert tuple(log.columns) == COLUMNS
    assert log["event_type"].tolist() == [KINDS[event] for event in log["event"]]
    assert log["resource_id"].dropna().tolist() == [1, 1]
    assert {*log["pathway"]} == {"short"} and {*log["authority"]} == {"Ayton"} and {*log["run_number"]} == {0}


VISIT: dict[str, Any] = {
    "replication": 0, "authority": "Ayton", "region": "North", "kind": "short", "status": "published",
    "lead": "North 01", "notified": "2018-05-28", "fieldwork_start": "2018-06-04", "fieldwork_end": "2018-06-08",
    "published": "2018-07-13", "opens": "2018-05-09", "latest": "2018-07-09",
}  # fmt: skip


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ({"opens": "2017-05-09", "latest": "2017-07-09"}, {"arrival": "2018-01-31", "late": "2018-01-31"}),
        ({"opens": "2018-06-04"}, {"arrival": "2018-05-28"}),
        ({"latest": "2018-05-20"}, {"late": "2018-05-21"}),
        ({"latest": "2018-05-28"}, {}),
        ({"published": "2018-06-08"}, {"depart": "2018-06-09"}),
    ],
    ids=[
        "what opened before the start arrives at the start", "one named before its window opens arrives as it is named",
        "late without a team", "late no longer once a team is named", "a meeting is told of on the day after",
    ],
)  # fmt: skip
def test_events_are_in_order_whatever_the_dates(what: dict[str, str], expected: dict[str, str]) -> None:
    usual = {
        "arrival": "2018-05-09", "team_named": "2018-05-28", "on_site": "2018-06-04", "off_site": "2018-06-09",
        "depart": "2018-07-13",
    }  # fmt: skip
    found = {event: day for _, event, day in lines(logged({**VISIT, **what}))}
    assert found["in_window"] == found["arrival"] and found["report"] == found["off_site"]
    assert {event: day for event, day in found.items() if event not in ("in_window", "report")} == usual | expected


def logged(*visits: dict[str, Any], last_day: date = date(2018, 12, 31)) -> pd.DataFrame:
    table = pd.DataFrame(visits)
    days = ["opens", "latest", "notified", "fieldwork_start", "fieldwork_end", "published"]
    table[days] = table[days].apply(pd.to_datetime)
    return event_log(table.assign(visit=range(len(table))), START, last_day)


def test_nothing_is_told_of_cancelled_visits_nor_of_days_after_the_last() -> None:
    unknown = dict.fromkeys(("notified", "fieldwork_start", "fieldwork_end", "published", "lead"))
    cancelled = {**VISIT, **unknown, "status": "cancelled"}
    opens_later = {**VISIT, **unknown, "status": "waiting", "opens": "2018-07-01", "latest": "2018-08-01"}
    on_site = {**VISIT, "status": "in_progress", "published": None}
    log = logged(cancelled, opens_later, on_site, last_day=date(2018, 6, 6))
    assert [(visit, event) for visit, event, _ in lines(log)] == [
        (2, "arrival"), (2, "in_window"), (2, "team_named"), (2, "on_site"),
    ]  # fmt: skip


def test_a_visit_comes_once_and_goes_at_most_once_and_nobody_leads_in_two_places(results: Results) -> None:
    log = results.event_log(1)
    assert {*log["run_number"]} == {1}
    times = log.pivot(index="entity_id", columns="event", values="time")
    assert times["arrival"].notna().all() and times["depart"].notna().any()
    for earlier, later in (("arrival", "team_named"), ("team_named", "on_site"), ("off_site", "depart")):
        assert not (times[earlier] > times[later]).any()
    stays = log[log["resource_id"].notna()].sort_values(["resource_id", "time", "event"])
    for _, of_lead in stays.groupby("resource_id"):
        assert of_lead["event"].tolist() == ["on_site", "off_site"] * (len(of_lead) // 2) + ["on_site"] * (
            len(of_lead) % 2
        )


def test_a_run_that_is_not_there_and_visits_that_nobody_kept_are_refused(results: Results, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="replication: found 2; give a number from 0 to 1"):
        results.event_log(2)
    small = load("ilacs_launch", {"years": 1, "replications": 1})
    with pytest.raises(InputError, match="visits: not kept at the detail 'measures'; the folder has measures"):
        ensemble_study.run(small, tmp_path / "study", detail="measures", progress=False).event_log()
