"""Represents a scenario: everything a run depends on, frozen and validated, with notes on its numbers.

A scenario file gives only what differs from the file it extends. :func:`load` overlays the two, adds the frameworks and
the table of authorities, and validates the result; it reports every fault at once.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, field_validator, model_validator

from sim.base.bounds import MOST_AUTHORITIES, MOST_REPLICATIONS, MOST_YEARS
from sim.base.calendar import MONTHS_A_YEAR, Calendar, add_months, holiday_years
from sim.base.faults import NOT_SHOWN, Fault, InputError, nearest
from sim.base.randomness import Streams
from sim.inputs import head_counts, people_in_post, plan_faults, toml_tree, visit_plan
from sim.inputs.authorities import Authority, PositionRules
from sim.inputs.authority_tables import late_start
from sim.inputs.calendar_rules import CalendarRules, Costs
from sim.inputs.earlier_keys import changes_of_today, key_of_today
from sim.inputs.framework import KINDS, Framework, Kind, KindOfVisit, Role, Size
from sim.inputs.grades import SHIPPED, Grades
from sim.inputs.parameter_draws import DrawnParameters, factors, faults_of, plan_from_draws, read_draws
from sim.inputs.planning_rules import PlanningRules, faults_of_near
from sim.inputs.ratings import Ratings
from sim.inputs.scenario_files import (
    DEFAULT_RULES,
    NO_DRAWS,
    NOT_ASSUMED,
    check_path,
    expected_of_table,
    framework_that_ships,
    grades_of,
    names_of,
    read_authorities,
    read_sheet,
    ships_under,
    shocks_by_name,
    sound_values,
    stand_in,
    with_frameworks,
    with_home,
)
from sim.inputs.section import Section, Seed, quantity, refuse
from sim.inputs.shocks import AnyShock, Pause, Recruitment, reorganisations
from sim.inputs.shocks import faults_of as faults_of_shocks
from sim.inputs.spellings import words
from sim.inputs.timetable import Timetable
from sim.inputs.toml_tree import Note, Sheet
from sim.inputs.validation import validate
from sim.inputs.workforce_rules import WorkforceRules

AT_HOME = {people_in_post.KEY: people_in_post.at_home, visit_plan.KEY: visit_plan.at_home}
"""Keys of tables that a setting may name, and the function that makes their paths relative to the scenario's folder."""
NAME = r"^\w[\w .+-]*$"
"""Pattern of the names that folders may have."""


class Scenario(Section):
    """Holds everything a run depends on."""

    name: Annotated[str, Field(pattern=NAME)] = quantity(
        "name of the scenario; its results go to a folder of that name"
    )
    question: str = quantity("question that the scenario asks")
    start: datetime.date = quantity("first day simulated, day 0")
    years: Annotated[int, Field(ge=1, le=MOST_YEARS)] = quantity("time simulated", "years")
    seed: Seed = quantity("seed of the random numbers", "")
    replications: Annotated[int, Field(ge=1, le=MOST_REPLICATIONS)] = quantity(
        "runs, each with its own random numbers", "runs"
    )
    framework: tuple[str, ...] = quantity(
        "frameworks in the order in which they come into force; the first applies from the start"
    )
    kinds: tuple[Kind, ...] = quantity(
        "kinds of visit that measures always count, even if no framework has them. So all scenarios of an inspectorate "
        "have the same measures. Other kinds in the frameworks follow",
        default=KINDS,
    )
    frameworks: dict[str, Framework] = quantity("rules of each framework")
    authorities: Annotated[tuple[Authority, ...], Field(max_length=MOST_AUTHORITIES)] = quantity(
        "starting position of each authority"
    )
    calendar: CalendarRules = quantity("when there is fieldwork")
    position: PositionRules = quantity("what the table of authorities does not say")
    planning: PlanningRules = quantity("how visits are planned and teams formed")
    workforce: WorkforceRules = quantity("people, and what takes their time")
    ratings: Ratings = quantity("how quality drifts and is judged")
    draws: dict[str, tuple[float, ...]] | None = quantity(
        "draws of uncertain parameters; each run takes one. If not given, every run uses the values given",
        default=None,
    )
    runs_per_draw: Annotated[int, Field(ge=1)] = quantity("runs that share a parameter draw", "runs")
    costs: Costs = quantity("what the work costs")
    shocks: dict[str, AnyShock] = quantity(
        "shocks: what happens from outside, by date", default_factory=dict, validate_default=True
    )
    notes: dict[str, Note] = Field(default_factory=dict, exclude=True)
    understood: tuple[str, ...] = Field(default=(), exclude=True)
    """How the user's own tables were read; this is not part of the scenario's values."""
    extended: str = Field(default="", exclude=True)
    """Name of the built-in scenario that it extends; not part of the scenario's values either."""

    @field_validator("authorities")
    @classmethod
    def _in_order(cls, rows: tuple[Authority, ...]) -> tuple[Authority, ...]:
        """Sort authorities by name, so that nothing depends on the order of the table."""
        return tuple(sorted(rows, key=lambda row: (words(row.authority), row.authority)))

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        faults = [
            *self._calendar_faults(),
            *self._name_faults(),
            *self._region_faults(),
            *self._role_faults(),
            *self._size_faults(),
            *self._people_faults(),
            *self._timetable.faults(tuple(self.workforce.roles)),
            *self._grade_faults(),
            *self._draw_faults(),
            *self._backlog_faults(),
            *self._shock_faults(),
        ]
        refuse(faults or self._plan_faults())
        return self

    @property
    def end(self) -> datetime.date:
        """Return the first day that is not simulated."""
        return add_months(self.start, self.years * MONTHS_A_YEAR)

    @property
    def horizon(self) -> int:
        """Return the last day simulated, in days since the start."""
        return (self.end - self.start).days - 1

    @cached_property
    def kinds_of_visit(self) -> dict[Kind, KindOfVisit]:
        """Return every kind of visit that is counted, by name, in the order of tables and measures."""
        return self._timetable.kinds()

    @cached_property
    def kinds_by_role(self) -> dict[Role, list[KindOfVisit]]:
        """Return the kinds of visit that need each role, among those that the frameworks ask for."""
        found: dict[Role, dict[Kind, KindOfVisit]] = {role: {} for role in self.workforce.roles}
        for framework in self._timetable.used:
            for name in sorted(framework.asked_for & set(framework.visits)):
                kind = framework.kind(name)
                for seat in framework.visits[name].team.values():
                    if any(seat.people.values()):
                        found[seat.role][kind.name] = kind
        return {role: list(kinds.values()) for role, kinds in found.items() if kinds}

    @cached_property
    def inspections(self) -> frozenset[Kind]:
        """Return the kinds of visit that end in a judgement."""
        return frozenset(name for name, kind in self.kinds_of_visit.items() if kind.gives_judgement)

    @property
    def grades(self) -> Grades:
        """Return the grades of quality, best first."""
        return self.ratings.scale

    @property
    def _timetable(self) -> Timetable:
        return Timetable(self.framework, self.frameworks, self.kinds)

    @property
    def authorities_by_region(self) -> dict[str, int]:
        """Return the number of authorities in each region, by which people are shared out."""
        count = Counter(row.region for row in self.authorities)
        return {region: count[region] for region in self.workforce.regions}

    def days_in_post(self, campaign: Recruitment) -> tuple[datetime.date, datetime.date | None]:
        """Return the first day in post of a campaign's recruits, and the last one if they have a fixed term."""
        months = self.workforce.hiring_months + self.workforce.notice_months
        return add_months(campaign.begins_on, months), campaign.ends_on

    def _calendar_faults(self) -> Iterable[str]:
        known = holiday_years()
        if self.start.year not in known or self.end.year + 1 not in known:
            yield (
                f"start: {self.start} to {self.end}; bank holidays are known from {known[0]} to {known[-1]}, "
                "but the run needs them for a year beyond its end"
            )
        late = [row for row in self.authorities if row.inspected_on > self.start]
        if len(late) > 1:
            yield f"start: {self.start}: {late_start(self.start, [row.inspected_on for row in self.authorities])}"
        elif late:
            words = f"{late[0].inspected_on} is after the start, {self.start}"
            yield f"authorities.{late[0].authority}.inspected_on: {words}"

    def _region_faults(self) -> Iterable[str]:
        regions = self.workforce.regions
        for region in sorted({region for region in regions if regions.count(region) > 1}):
            yield f"workforce.regions: {region!r} appears more than once"
        for row in self.authorities:
            if row.region not in regions:
                nobody = f"no inspector is based in {row.region!r}; {nearest(row.region, regions)}"
                yield f"authorities.{row.authority}.region: {nobody}"
        for role, rules in self.workforce.roles.items():
            for region in rules.by_region or {}:
                if region not in regions:
                    yield f"workforce.roles.{role}.by_region: {region!r} is not a region; {nearest(region, regions)}"
            for region in regions:
                if rules.by_region is not None and region not in rules.by_region:
                    yield f"workforce.roles.{role}.by_region: {region!r} is missing; give 0 if nobody is based there"

    def _name_faults(self) -> Iterable[str]:
        """List what is wrong with the names of authorities, which are compared by their words."""
        if not self.authorities:
            yield "authorities: the table is empty; give at least one authority"
        for one, other in pairwise(row.authority for row in self.authorities):
            if words(one) == words(other):
                twice = (
                    f"{one!r} appears more than once" if one == other else f"{one!r} and {other!r} are the same name"
                )
                yield f"authorities: {twice}; an authority may appear once"
        names = {words(row.authority) for row in self.authorities}
        for name in self.position.without_judgement:
            if words(name) not in names:
                known = [row.authority for row in self.authorities]
                yield f"position.without_judgement: there is no authority {name!r}; {nearest(name, known)}"

    def _size_faults(self) -> Iterable[str]:
        created = [new for _, shock in reorganisations(self.shocks) for new in shock.created]
        found: dict[Size, list[str]] = {}
        rows = [(row.size, row.authority) for row in self.authorities]
        for size, authority in (*rows, *((new.size, new.authority) for new in created)):
            found.setdefault(size, []).append(authority)
        for name in self.framework:
            sizes = self.frameworks[name].sizes if name in self.frameworks else tuple(found)
            for size in sorted(found.keys() - set(sizes)):
                who = f"{len(found[size])} authorities have it, such as {found[size][0]!r}"
                yield f"authorities: {name} has no teams for the size {size!r} ({who}); {nearest(size, sizes)}"

    def _role_faults(self) -> Iterable[str]:
        for role in self.planning.stay_in_region:
            if role not in self.workforce.roles:
                yield f"planning.stay_in_region: there is no role {role!r}; {nearest(role, self.workforce.roles)}"
        yield from faults_of_near(self.planning.near, self.workforce.roles, self.workforce.regions)

    def _grade_faults(self) -> Iterable[str]:
        yield from self._timetable.faults_of_grades(self.grades)
        for row in self.authorities:
            if row.judgement not in self.grades.names:
                words = f"{row.judgement!r} is not a grade; {nearest(row.judgement, self.grades.names)}"
                yield f"authorities.{row.authority}.judgement: {words}"

    def _people_faults(self) -> Iterable[str]:
        by_region = {role: rules.by_region for role, rules in self.workforce.roles.items()}
        people = self.workforce.in_post or ()
        return people_in_post.faults_of(people, self.workforce.regions, by_region, self.start)

    def _plan_faults(self) -> Iterable[str]:
        """List what is wrong with the rows of the user's own plan, once nothing else is wrong."""
        return plan_faults.faults_of(self.planning.plan, self.known_to_a_plan()) if self.planning.plan else ()

    def known_to_a_plan(self) -> plan_faults.KnownToPlan:
        """Return the scenario's names and dates that the user's own plan may use."""
        created = [new.authority for _, shock in reorganisations(self.shocks) for new in shock.created]
        return plan_faults.KnownToPlan(
            {**dict.fromkeys(created), **{row.authority: row.judgement for row in self.authorities}},
            Calendar(self.start, self.horizon, self.calendar.closed_weeks, self.calendar.term_months),
            self.end,
            [self.frameworks[name] for name in self.framework],
            plan_faults.leads_by_name(self.workforce, self.authorities_by_region),
        )

    def _draw_faults(self) -> Iterable[str]:
        if self.draws is not None:
            yield from faults_of(self.draws, self.ratings)

    def _backlog_faults(self) -> Iterable[str]:
        began = self.planning.backlog_begins_on
        if began is not None and began > self.start:
            yield f"planning.backlog_begins_on: {began} is after the start, {self.start}"

    def _shock_faults(self) -> Iterable[str]:
        for name, shock in reorganisations(self.shocks):
            if shock.begins_on <= self.start:
                words = "a reorganisation must come later, because the table of authorities is of that day"
                yield f"shocks.{name}.begins_on: {shock.begins_on} is not after the start, {self.start}; {words}"
        pauses = {name: shock for name, shock in self.shocks.items() if isinstance(shock, Pause)}
        yield from self._timetable.faults_of_pauses(pauses)
        yield from faults_of_shocks(
            self.shocks, [row.authority for row in self.authorities], self.workforce.regions, self.workforce.roles
        )

    @property
    def runs_sharing_a_draw(self) -> int:
        """Return how many successive replications share a draw and so depend on each other; 1 without draws."""
        return 1 if self.draws is None else self.runs_per_draw

    @property
    def own(self) -> DrawnParameters:
        """Return the scenario's own values of the parameters that a draw may vary."""
        return DrawnParameters(self.ratings, self.workforce, self.planning)

    def drawn(self, replication: int) -> DrawnParameters:
        """Return the values that a replication uses: the scenario's own, varied by a parameter draw.

        Replications ``0`` to ``runs_per_draw - 1`` share the first draw, and so on. The draw depends on the seed and on
        how many runs share one. So compared scenarios with equal seeds, runs per draw and tables use the same draws.
        """
        if self.draws is None:
            return self.own.varied({})
        u = Streams(self.seed, replication // self.runs_per_draw).draw("parameters", "England")
        place = int(u * len(next(iter(self.draws.values()))))
        return self.own.varied(factors(self.draws, place), plan_from_draws(self.draws, self.planning))

    @cached_property
    def digest(self) -> str:
        """Return a hash of every value that a replication depends on, except the seed.

        Notes, the name, the question and the number of runs are left out.
        """
        values = self.model_dump(mode="json", exclude={"name", "question", "seed", "replications"})
        values["order of contacts"] = {
            name: {judgement: list(pathway.contacts) for judgement, pathway in framework.pathways.items()}
            for name, framework in self.frameworks.items()
        }
        for row in values["workforce"]["in_post"] or ():
            if not values["planning"]["plan"]:  # a plan may name leads by these
                del row["name"]
        return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()

    def to_toml(self) -> str:
        """Write the complete scenario with its notes as TOML; loading it gives this scenario again."""
        values = self.model_dump(mode="python", exclude_none=True)
        values["authorities"] = [
            {key: value for key, value in row.items() if value != ""} for row in values["authorities"]
        ]
        joined: dict[str, Any] = toml_tree.join_notes(values, self.notes)  # type: ignore[assignment]  # the top is a table
        joined["shocks"] = toml_tree.Tables({"name": name, **shock} for name, shock in joined["shocks"].items())
        return toml_tree.to_toml(joined)

    def with_replications(self, replications: int) -> Scenario:
        """Return the same scenario with another number of runs; its notes stay."""
        return self if replications == self.replications else self.model_copy(update={"replications": replications})

    def with_draws(self, draws: Mapping[str, tuple[float, ...]]) -> Scenario:
        """Return the same scenario with these draws, one for each run; its notes stay."""
        refuse(faults_of(draws, self.ratings))
        found = self.model_copy(update={"draws": dict(draws)})
        found.__dict__.pop("digest", None)  # the copy would keep the digest of the other draws
        return found

    def with_changes(self, changes: Mapping[str, object]) -> Scenario:
        """Return a new scenario with values changed, by dotted path.

        Parameters
        ----------
        changes : mapping of str to object
            Such as ``{"workforce.roles.social_care_hmi.people": 54}``. A changed number loses its source.

        Raises
        ------
        InputError
            If a key does not exist or a value is not allowed.
        """
        values = self.model_dump(mode="python", exclude_none=True)
        return _resolve(Sheet(values, dict(self.notes)), changes_of_today(changes), "with_changes", Path())

    def laid_over(self, text: str, where: str) -> Scenario:
        """Return a new scenario overlaid with a TOML text, including its sources.

        Parameters
        ----------
        text : str
            Tables of a scenario file, such as ``[ratings]``.
        where : str
            Name of the text in faults.

        Raises
        ------
        InputError
            If a key does not exist or a value is not allowed.
        """
        values = self.model_dump(mode="python", exclude_none=True)
        sheet = people_in_post.laid(
            Sheet(values, dict(self.notes)), toml_tree.split_notes(toml_tree.parse(text, where), where)
        )
        return _resolve(sheet, {}, where, Path())


def load(
    source: str | Path, changes: Mapping[str, object] | None = None, given_by: Mapping[str, str] | None = None
) -> Scenario:
    """Load a built-in scenario by its name, or a scenario from a TOML file.

    Parameters
    ----------
    source : str or pathlib.Path
        Name, or path of a file.
    changes : mapping of str to object, optional
        Values to change, by dotted path, as for :meth:`Scenario.with_changes`.
    given_by : mapping of str to str, optional
        Origin of each change, by the same path; faults of a change name it.

    Raises
    ------
    InputError
        With every fault found.
    """
    sheet, where, folder = read_sheet("scenarios", source, Path(), ())
    try:
        scenario = _resolve(sheet, changes_of_today(changes or {}), where, folder)
        if scenario.understood:
            return scenario.model_copy(update={"extended": ships_under(source, Path())})
        return scenario
    except InputError as error:
        if not changes:
            raise
        blamed = {key_of_today(path): (given_by or {}).get(path, "the changes") for path in changes}
        raise InputError(_blamed(error.faults, _faults_of(sheet, where, folder), where, blamed)) from None


def _faults_of(sheet: Sheet, where: str, folder: Path) -> tuple[Fault, ...]:
    """Return the faults of a sheet without changes."""
    try:
        _resolve(sheet, {}, where, folder)
    except InputError as error:
        return error.faults
    return ()


def _blamed(
    found: Iterable[Fault], without: Iterable[Fault], where: str, given_by: Mapping[str, str]
) -> Iterator[Fault]:
    """Yield the faults of a changed file; blame those that the file alone does not have on the changes."""
    of_the_file = {str(fault) for fault in without}
    for fault in found:
        if fault.where != where or str(fault) in of_the_file:
            yield fault
            continue
        touching = [giver for path, giver in given_by.items() if f"{path}.".startswith(f"{fault.key}.")]
        touching += [giver for path, giver in given_by.items() if f"{fault.key}.".startswith(f"{path}.")]
        yield replace(fault, where=", ".join(dict.fromkeys(touching or given_by.values())))


def load_framework(source: str | Path) -> Framework:
    """Load a built-in framework by its name, or a framework from a TOML file; see :func:`load`."""
    sheet, where, _ = read_sheet("frameworks", source, Path(), ())
    framework = validate(Framework, sheet.values, where, lambda: framework_that_ships(DEFAULT_RULES).values)
    if isinstance(framework, Framework) and not sheet.faults:
        return framework
    raise InputError([*sheet.faults, *(framework if isinstance(framework, list) else [])])


def _with_changes(sheet: Sheet, changes: Mapping[str, object], where: str, folder: Path) -> Sheet:
    """Return the sheet with settings and frameworks added; head-counts of single regions must wait for the table."""
    structural = {
        key: with_home(key, value, folder)
        for key, value in changes.items()
        if "." not in key or key.startswith("authorities.")
    }
    if "shocks" in structural:
        structural["shocks"], misnamed = shocks_by_name(structural["shocks"], where)
        sheet = replace(sheet, faults=(*sheet.faults, *misnamed))
    for path, value in structural.items():
        sheet = people_in_post.laid(sheet, toml_tree.at_path(path, value, where))
    sheet = with_frameworks(sheet, where)
    first = [people_in_post.KEY] if people_in_post.KEY in changes else []  # before other changes set head-counts
    for path in dict.fromkeys([*first, *changes]):
        if path not in structural and head_counts.of_one_region(path):
            check_path(sheet.values, path.partition(".by_region")[0] + ".by_region", where)
        elif path not in structural:
            value = AT_HOME[path](changes[path], folder) if path in AT_HOME else changes[path]
            check_path(sheet.values, path, where)
            sheet = people_in_post.laid(sheet, toml_tree.at_path(path, value, where))
    return sheet


def _resolve(sheet: Sheet, changes: Mapping[str, object], where: str, folder: Path) -> Scenario:
    """Return the scenario of a sheet: add settings, frameworks and authorities, then validate everything."""
    sheet = _with_changes(sheet, changes, where, folder)
    values = dict(sheet.values)
    faults = list(sheet.faults)
    for key in ("notes", "understood", "extended"):
        if values.pop(key, None) is not None:
            faults.append(Fault(where, key, NOT_SHOWN, "there is no such key"))
    understood: tuple[str, ...] = ()
    known = True
    if isinstance(values.get("authorities"), str | Mapping):
        try:
            values["authorities"], understood = read_authorities(values, where)
        except InputError as error:
            faults += error.faults
            values["authorities"] = (stand_in(expected_of_table(values)),)
            known = False
    if values.get("draws") == NO_DRAWS:
        del values["draws"]
    elif isinstance(values.get("draws"), str):
        try:
            values["draws"] = read_draws(values["draws"], grades_of(values) or SHIPPED)
        except InputError as error:
            faults += error.faults
            del values["draws"]
    if any(map(head_counts.of_one_region, changes)):
        before, rows = len(sheet.faults), values.get("authorities") or ()
        sheet = head_counts.with_head_counts(sheet, changes, rows, where)
        faults += sheet.faults[before:]
        values["workforce"] = sheet.values["workforce"]
    kept = {path: note for path, note in sheet.notes.items() if path.split(".")[0] not in NOT_ASSUMED}
    plan = visit_plan.with_plan(values, kept, names_of(values) if known else None)
    faults += plan.faults
    of_plan = tuple(f"how the plan was read: {sentence}" for sentence in plan.understood)
    beside = {"notes": kept, "understood": (*understood, *sheet.understood, *of_plan)}
    scenario = validate(Scenario, values | beside, where, lambda: sound_values(values))
    if isinstance(scenario, Scenario) and not faults:
        return scenario
    raise InputError(plan.in_order([*faults, *(scenario if isinstance(scenario, list) else [])]))
