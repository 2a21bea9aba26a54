"""Defines why a visit waits: the reasons, their meanings, and the groups in which measures count them."""

from __future__ import annotations

from typing import Literal, get_args

Reason = Literal[
    "backlog", "new_rules", "reorganisation", "notice", "plan",
    "pause", "closed_weeks", "limit_on_site", "another_visit",
    "lead_nobody", "lead_time", "lead_diary", "lead_rest", "lead_region",
    "team_nobody", "team_time", "team_diary", "team_rest", "team_region",
]  # fmt: skip
"""Reason why a visit waits, as written in tables."""
REASONS: tuple[Reason, ...] = get_args(Reason)

MEANING: dict[Reason, str] = {
    "backlog": "it was due before the start, and the backlog is spread over months",
    "new_rules": "a new framework changed its latest date or its notice, or did not have such visits yet",
    "reorganisation": "its authority is new and took over an inspection that had not begun",
    "notice": "the notice period alone made it late, or left too little time to prepare in a week with a bank holiday",
    "plan": "it was planned for a week after its latest date, although it could have begun earlier",
    "pause": "visits of its kind were paused",
    "closed_weeks": "no fieldwork could begin in these weeks",
    "limit_on_site": "the most inspections were already on site that planning.most_inspections, or its limit after a "
    "pause, allows",
    "another_visit": "another visit was on site at the authority",
    "lead_nobody": "nobody in post could lead it: there were no leads, or only the lead of the last inspection",
    "lead_time": "no lead had enough time left in the term",
    "lead_diary": "leads with enough time were away or on other visits",
    "lead_rest": "leads with enough time and free days needed rest before or after other fieldwork",
    "lead_region": "free leads belonged to other regions, and stay there or had too little notice to come",
    "team_nobody": "too few people of a role were in post",
    "team_time": "too few people of a role had enough time left in the term",
    "team_diary": "too few people with enough time had free days",
    "team_rest": "too few people with enough time and free days had had their rest",
    "team_region": "too few free people belonged to the region, and people from other regions could not come",
}
"""Meaning of each reason."""

Group = Literal["backlog", "pause", "limit", "lead_time", "lead_week", "team", "other"]
"""Groups of reasons by which measures count late inspections."""
GROUPS: dict[Group, tuple[Reason, ...]] = {
    "backlog": ("backlog",),
    "pause": ("pause",),
    "limit": ("limit_on_site",),
    "lead_time": ("lead_nobody", "lead_time"),
    "lead_week": ("lead_diary", "lead_rest", "lead_region"),
    "team": ("team_nobody", "team_time", "team_diary", "team_rest", "team_region"),
    "other": ("closed_weeks", "another_visit", "new_rules", "reorganisation", "notice", "plan"),
}
"""Reasons in each group. The groups of leads differ in the remedy: more leads or lead time, or planning weeks around
leads."""
