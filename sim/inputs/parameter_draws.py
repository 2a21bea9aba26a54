"""Represents draws of uncertain parameters: each run uses one of them.

A table of draws has a column for each parameter and a row for each draw. A run uses the scenario's own value times the
ratio of the draw to the median of its column. So a scenario that changes a value keeps its uncertainty. Planning
numbers and policies are used as drawn, unless the scenario sets others.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import isfinite
from pathlib import Path
from statistics import median

from sim.base.faults import NOT_SHOWN, Fault, refuse_any
from sim.base.files import text_of
from sim.base.package_data import table
from sim.inputs.csvfile import rows
from sim.inputs.framework import ROLES
from sim.inputs.grades import SHIPPED as SHIPPED_GRADES
from sim.inputs.grades import Grades
from sim.inputs.planning_rules import PlanningRules
from sim.inputs.ratings import Ratings
from sim.inputs.workforce_rules import WorkforceRules

ERROR = "judging.error"
"""Column of the probability that a judgement is wrong; it scales everything off the diagonal of ``ratings.judging``."""
SHARES = {f"workforce.roles.{role}.programme_share": role for role in ROLES}
"""Columns of the share of a role's time for the programme."""
INFERRED = "inferred"
"""Value of a policy that each run takes from its draw."""
POLICIES = {
    "planning.programme": ("levelled", "drawn"),
    "planning.order": ("due_date", "lowest_first", "risk"),
}
"""Columns of policies, with their names; a draw holds the number of one of them, from 1. History makes none likelier
than the first, other than by chance; the first is used if an inferred policy has no column."""
OF_THE_PLAN = {
    "planning.backlog_months": 0,
    "planning.most_inspections": 1,
    "planning.most_inspections_after_pause": 1,
    "planning.after_pause_months": 0,
}
"""Columns of whole planning numbers, each with its least value."""
SHIPPED = ("draws_2013_2022.csv", "draws_known_2022-04-01.csv")
"""Built-in tables of draws."""

CENTRED = 0.05
"""Share by which the median of a column may differ from the scenario's value without a warning."""

Draws = Mapping[str, tuple[float, ...]]
"""Values of each column, in the order of the draws."""


def columns_of(grades: Grades) -> tuple[str, ...]:
    """Return every column that a table of draws may have."""
    return (
        *(f"drift.{true}.{to}" for true in grades.names for to in grades.names if to != true),
        ERROR,
        *(f"mix.{judgement}" for judgement in grades.names),
        *SHARES,
        *OF_THE_PLAN,
        *POLICIES,
    )


def what_runs_hold(draws: Draws | None) -> str:
    """Say in words why runs differ: by chance, and by what is not known of the parameters drawn."""
    if draws is None:
        return "chance"
    shares = any(column in SHARES for column in draws)
    drawn = "drift, judgement and the share of their time that people give" if shares else "drift and judgement"
    if any(column in POLICIES for column in draws):
        drawn += ", and of how visits are planned"
    return f"chance and what is not known of {drawn}"


def read_draws(name: str, grades: Grades = SHIPPED_GRADES) -> dict[str, tuple[float, ...]]:
    """Read the draws of a built-in table, by name, or of a CSV file, by path.

    Raises
    ------
    InputError
        With every fault of the table, by line and column.
    """
    return dict(_read(table(name) if name in SHIPPED else text_of(Path(name)), name, grades))


@lru_cache(maxsize=8)
def _read(text: str, name: str, grades: Grades) -> dict[str, tuple[float, ...]]:
    """Read draws from a text; a process that loads many scenarios parses each text once."""
    faults: list[Fault] = []
    columns: dict[str, list[float]] = {}
    for place, _, cells in rows(text, name, (), columns_of(grades), faults):
        for column, cell in cells.items():
            try:
                columns.setdefault(column, []).append(_number(column, cell))
            except ValueError:
                allowed = POLICIES.get(column)
                words = f"a draw must be one of {', '.join(allowed)}" if allowed else "a draw must be a number above 0"
                faults.append(Fault(place, column, cell, words))
    if not columns and not faults:
        faults.append(Fault(name, "(the table)", NOT_SHOWN, "the table is empty; give at least one draw"))
    refuse_any(faults)
    return {column: tuple(values) for column, values in columns.items()}


def _number(column: str, cell: str) -> float:
    """Return the number in a cell; for a policy, its position among the names."""
    return POLICIES[column].index(cell) + 1.0 if column in POLICIES else float(cell)


@dataclass(frozen=True)
class DrawnParameters:
    """Holds the values of the parameters that a draw may vary.

    Attributes
    ----------
    ratings : Ratings
        Drift and judgement.
    workforce : WorkforceRules
        People.
    planning : PlanningRules
        How visits are planned; an inferred policy is replaced by that of the draw.
    """

    ratings: Ratings
    workforce: WorkforceRules
    planning: PlanningRules

    def varied(self, by: Mapping[str, float], plan: Collection[str] = ()) -> DrawnParameters:
        """Return the same values times factors, such as those of :func:`factors`; use the columns in ``plan`` as
        drawn.
        """
        planning = _of_planning(self.planning, by, plan)
        return DrawnParameters(varied(self.ratings, by), _of_workforce(self.workforce, by), planning)


def _of_workforce(rules: WorkforceRules, by: Mapping[str, float]) -> WorkforceRules:
    roles = dict(rules.roles)
    for column, role in SHARES.items():
        if column in by and role in roles:
            share = min(1.0, roles[role].programme_share * by[column])
            roles[role] = roles[role].model_copy(update={"programme_share": share})
    return rules.model_copy(update={"roles": roles})


def _of_planning(rules: PlanningRules, by: Mapping[str, float], plan: Collection[str]) -> PlanningRules:
    changes: dict[str, object] = {
        column.removeprefix("planning."): max(OF_THE_PLAN[column], round(by[column])) for column in plan
    }
    for column, names in POLICIES.items():
        name = column.removeprefix("planning.")
        if getattr(rules, name) == INFERRED:
            changes[name] = names[round(by.get(column, 1)) - 1]
    return rules.model_copy(update=changes) if changes else rules


def shares_of_policies(draws: Draws | None, rules: PlanningRules) -> dict[str, dict[str, float]]:
    """Return the share of runs that use each policy, by column and name, for inferred policies."""
    found: dict[str, dict[str, float]] = {}
    for column, names in POLICIES.items():
        if getattr(rules, column.removeprefix("planning.")) == INFERRED:
            values = (draws or {}).get(column, (1.0,))
            found[column] = {name: values.count(at) / len(values) for at, name in enumerate(names, 1)}
    return found


def faults_of(draws: Draws, ratings: Ratings) -> Iterator[str]:
    """List what is wrong with draws for a scenario's ratings."""
    allowed = columns_of(ratings.scale)
    for column in sorted(set(draws) - set(allowed)):
        yield f"draws: {column!r} is not a parameter that may vary; allowed: {', '.join(allowed)}"
    counts = {len(values) for values in draws.values()}
    if len(counts) != 1 or 0 in counts:
        yield "draws: every column must have the same number of draws, at least one"
        return
    for column, values in draws.items():
        if not all(isfinite(value) and value > 0 for value in values):
            yield f"draws.{column}: a draw must be a number above 0"
            return
        if column in POLICIES and not set(values) <= set(range(1, len(POLICIES[column]) + 1)):
            yield f"draws.{column}: a draw must be the number of one of {', '.join(POLICIES[column])}, counted from 1"
            return
    if ERROR in draws:
        most = max(draws[ERROR]) / median(draws[ERROR])
        worst = max(1 - ratings.judging[true].get(true, 0.0) for true in ratings.grades)
        if most * worst > 1:
            yield f"draws.{ERROR}: a draw gives a probability of error above 1 ({most:g} times {worst:g})"


def off_centre(draws: Draws, own: DrawnParameters) -> Iterator[tuple[str, float, float]]:
    """Yield columns whose median differs from the scenario's own value, with both: only their spread is used."""
    ratings = own.ratings
    values = {f"drift.{true}.{to}": rate for true, moves in ratings.drift.items() for to, rate in moves.items()}
    values |= {
        column: rules.programme_share for column, role in SHARES.items() if (rules := own.workforce.roles.get(role))
    }
    values |= {f"mix.{judgement}": share for judgement, share in ratings.mix.items()}
    values[ERROR] = max(1 - ratings.judging[true].get(true, 0.0) for true in ratings.grades)
    for column, column_draws in draws.items():
        if column in POLICIES or column in OF_THE_PLAN:
            continue  # the scenario's own values of these are used as given
        middle, value = median(column_draws), values.get(column, 0.0)
        if abs(middle - value) > CENTRED * middle:
            yield column, middle, value


def factors(draws: Draws, place: int) -> dict[str, float]:
    """Return one draw: a policy's number, a planning number as drawn, or else the value over the column's median."""
    return {
        column: values[place] if column in POLICIES or column in OF_THE_PLAN else values[place] / median(values)
        for column, values in draws.items()
    }


def plan_from_draws(draws: Draws | None, rules: PlanningRules) -> tuple[str, ...]:
    """Return the planning columns that runs take from their draws: those where the scenario has the median.

    A scenario with another number of months, or another limit, uses its own number.
    """
    columns = [column for column in OF_THE_PLAN if column in (draws or {})]
    return tuple(
        column
        for column in columns
        if getattr(rules, column.removeprefix("planning.")) == round(median((draws or {})[column]))
    )


def varied(ratings: Ratings, by: Mapping[str, float]) -> Ratings:
    """Return ratings with their parameters times factors, such as those of :func:`factors`.

    Errors of judgement grow at the expense of correct judgements; the mix is rescaled to add up to 1.
    """
    error = by.get(ERROR, 1.0)
    mix = {judgement: share * by.get(f"mix.{judgement}", 1.0) for judgement, share in ratings.mix.items()}
    judging = {}
    for true, row in ratings.judging.items():
        wrong = {judgement: share * error for judgement, share in row.items() if judgement != true}
        judging[true] = {**wrong, true: max(0.0, 1 - sum(wrong.values()))}
    drift = {
        true: {to: rate * by.get(f"drift.{true}.{to}", 1.0) for to, rate in moves.items()}
        for true, moves in ratings.drift.items()
    }
    parts = {name: getattr(ratings, name) for name in Ratings.model_fields}
    mix = {judgement: share / sum(mix.values()) for judgement, share in mix.items()}
    return Ratings(**parts | {"drift": drift, "judging": judging, "mix": mix})
