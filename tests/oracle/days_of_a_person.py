"""What one person in full use has for the programme in a year, by closed form."""

from __future__ import annotations

from collections.abc import Collection
from statistics import mean

from sim.base.calendar import financial_year
from sim.inputs.framework import Role
from sim.inputs.posts import posts_of
from sim.inputs.scenario import Scenario
from sim.world.context import ScenarioContext


def days_of_a_person(scenario: Scenario, role: Role, years: Collection[str]) -> float:
    """Inspector-days a year that one person in full use has for the programme, desk work among them, by closed form.

    Working days less leave, training and sickness, times the mean hours and the share of time for this programme.

    Parameters
    ----------
    scenario : Scenario
        The scenario.
    role : str
        The role.
    years : collection of str
        Financial years over which the mean is taken; simulated whole.
    """
    rules = scenario.workforce
    calendar = ScenarioContext(scenario).calendar
    first, last = calendar.day(scenario.start), scenario.horizon
    days = [day for day in range(first, last + 1) if financial_year(calendar.date(day)) in years]
    weekdays = sum(map(calendar.is_workday, days)) / len(years)
    hours = 1 - rules.part_time_share * (1 - rules.part_time_hours)
    if rules.people_in_post(role):
        hours = mean(post.hours for post in posts_of(role, rules, scenario.authorities_by_region))
    away = rules.leave_days + rules.training_days + rules.sick_days
    return (weekdays - away) * hours * rules.roles[role].programme_share
