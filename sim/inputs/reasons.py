"""Why a visit waits: the reasons, what each means, and the groups in which measures count them."""

from __future__ import annotations

from typing import Literal, get_args

Reason = Literal[
    "backlog", "new_rules", "reorganisation", "notice", "plan",
    "pause", "closed_weeks", "limit_on_site", "another_visit",
    "lead_nobody", "lead_time", "lead_diary", "lead_rest", "lead_region",
    "team_nobody", "team_time", "team_diary", "team_rest", "team_region",
]  # fmt: skip
"""Why a visit waits, as it stands in tables."""
REASONS: tuple[Reason, ...] = get_args(Reason)

MEANING: dict[Reason, str] = {
    "backlog": "it was due before the start, and the backlog is spread over months",
    "new_rules": "a new framework moved its latest date or its notice, or had no such visit yet",
    "reorganisation": "its authority is new, and took over an inspection that had not begun",
    "notice": "notice alone made it late, or was too short to prepare in a week with a bank holiday",
    "plan": "it was planned for a week after its latest date, though it could have begun before",
    "pause": "visits of its kind were paused",
    "closed_weeks": "no fieldwork can begin in these weeks",
    "limit_on_site": "as many inspections were on site as planning.most_inspections allows, or its limit after a pause",
    "another_visit": "another visit was on site at the authority",
    "lead_nobody": "nobody in post might lead it: no leads, or only the one who led the last inspection",
    "lead_time": "no lead had enough time left in the term",
    "lead_diary": "leads with time left were away, or on other visits",
    "lead_rest": "leads with time and free days needed rest before or after other fieldwork",
    "lead_region": "leads who were free belonged to other regions: they stay there, or had too little notice to come",
    "team_nobody": "too few people of a role were in post",
    "team_time": "too few people of a role had enough time left in the term",
    "team_diary": "too few of those with time left had free days",
    "team_rest": "too few of those with time and free days were rested",
    "team_region": "too few of those who were free belonged to the region, and others could not come, as with leads",
}
"""What each reason means."""

Group = Literal["backlog", "pause", "limit", "lead_time", "lead_week", "team", "other"]
"""What late inspections wait for, as measures tell it apart."""
GROUPS: dict[Group, tuple[Reason, ...]] = {
    "backlog": ("backlog",),
    "pause": ("pause",),
    "limit": ("limit_on_site",),
    "lead_time": ("lead_nobody", "lead_time"),
    "lead_week": ("lead_diary", "lead_rest", "lead_region"),
    "team": ("team_nobody", "team_time", "team_diary", "team_rest", "team_region"),
    "other": ("closed_weeks", "another_visit", "new_rules", "reorganisation", "notice", "plan"),
}
"""Reasons of each group. Leads are told apart by what helps: more leads or more of their time, or weeks planned
round them."""
