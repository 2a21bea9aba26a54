"""Write the answer of a run: the headline in words, and the tables below it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from math import isnan
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analysis.capacity import ServiceLevel
from sim.analysis.lateness import Lateness
from sim.base.figures import (
    ENOUGH_DRAWS,
    LEAST_SAID,
    count,
    day_in_words,
    listed,
    people_of,
    per_cent,
    plain_words,
    range_sentence,
    share,
)
from sim.inputs.assumptions import differences, shipped_beside
from sim.inputs.caveats import people_for_another_table, table_of_another_day
from sim.inputs.grades import STARTED, Grades
from sim.inputs.parameter_draws import INFERRED, shares_of_policies, what_runs_hold
from sim.inputs.scenario import Scenario
from sim.inputs.shocks import Recruitment
from sim.inputs.toml_tree import UNSOURCED
from sim.runs.measures import JUDGED, NAMES, USED, absent_from, defined_for, unit_of
from sim.runs.outcomes import Outcomes
from sim.runs.results import SUMMARY, Results
from sim.studies.answer import Answer, Block, Note, Role, Sentence, Table
from sim.studies.lateness_answer import late_sentence, late_table

if TYPE_CHECKING:
    import pandas as pd

Format = Callable[[float], str]
CHANGES_SHOWN = 8
FAILURES_SHOWN = 10


VISITS: tuple[tuple[str, str, Format], ...] = (
    ("short", "short_started", count),
    ("standard", "standard_started", count),
    ("SIF", "single_inspection_started", count),
    ("inspections", "inspections_started", count),
    ("focused", "focused_started", count),
    ("monitoring", "monitoring_started", count),
    ("joint", "joint_started", count),
)
SERVICE: tuple[tuple[str, str, Format], ...] = (
    ("on time", "inspections_on_time", share),
    ("late", "inspections_late", count),
    ("monitoring on time", "monitoring_on_time", share),
    ("old judgements", "judgements_older_than_3_5_years", share),
    ("peak week", "peak_week_inspectors", count),
)
DAYS: tuple[tuple[str, str, Format], ...] = (
    ("days due", "inspector_days_due", count),
    ("days worked", "inspector_days_worked", count),
)
DETECTION: tuple[tuple[str, str, Format], ...] = (
    ("declines", "declines_begun", count),
    ("days to see", "days_to_see_decline", count),
    ("seen by a visit", "declines_seen_by_visit", share),
    ("days to publish", "days_to_detect_decline", count),
    ("authority-days below", "authority_days_below_judgement", count),
)
ENOUGH = ServiceLevel().bound
"""Share of inspections on time from which a year counts as on time; the capacity question uses the same level."""


def headline(results: Results, scenario: Scenario, whole_years: Sequence[str]) -> str:
    """Return the answer of a run as text.

    Parameters
    ----------
    results : Results
        Results of the scenario.
    scenario : Scenario
        The scenario that was run.
    whole_years : sequence of str
        Financial years that the run covers from their first day to their last; the tables mark the others.
    """
    return answer_of(
        scenario, results.summary, results.variance, results.outcomes, results.manifest, whole_years
    ).text()


def answer_of(
    scenario: Scenario,
    summary: pd.DataFrame,
    variance: pd.DataFrame | None,
    outcomes: Outcomes,
    manifest: Mapping[str, Any],
    whole_years: Sequence[str],
) -> Answer:
    """Return the answer of a run as data; the tables mark financial years that the run covers in part."""
    import pandas as pd

    years = list(dict.fromkeys(summary["financial_year"]))
    ours = [measure.name for measure in defined_for(scenario)]
    names = dict.fromkeys([*ours, *summary["measure"]])
    every = pd.MultiIndex.from_product([names, years], names=["measure", "financial_year"])
    by_measure = summary.set_index(every.names).reindex(every)  # an older version may not have had every measure
    runs = manifest["replications"] - len(manifest["failures"])
    people = sum(rules.people for rules in scenario.workforce.roles.values())
    scope = (
        f"The scenario starts on {day_in_words(scenario.start)} with {len(scenario.authorities)} authorities and "
        f"{people} people, and lasts {_number(scenario.years, 'year')}. The figures come from {_number(runs, 'run')} "
        f"with seed {scenario.seed}. {range_sentence(runs)}"
    )
    late, nobody = _late(summary, outcomes, whole_years, scenario), nobody_in_post(scenario)
    caveats = (*people_for_another_table(scenario), *table_of_another_day(scenario))
    words: list[tuple[str, Role]] = [
        (_failures(manifest), "failure"),
        (f"{scenario.name}: {scenario.question}", "context"),
        *((f"Read this first: {text}.", "lead") for text in caveats),
        *((text, "lead") for text in [nobody, *_in_short(by_measure, whole_years, late, binds=not nobody)]),
        (_what_ranges_cover(scenario, runs), "limit"),
        (scope, "body"),
        (_changed(scenario), "context"),
        (_precision(manifest), "body"),
        (_planned(scenario), "limit"),
        (_two_parts(variance, whole_years, scenario), "body"),
    ]
    own = [name for name in names if name not in NAMES and name.endswith(STARTED)]
    absent = absent_from(scenario)
    further = [(plain_words(name.removesuffix(STARTED)), name, count) for name in own]
    visits = (*(column for column in VISITS if column[1] not in absent), *further)
    lateness = Lateness.of(summary, years)
    tables = {
        "Service: inspections on time, old judgements and the busiest week": SERVICE,
        "Share of each role's time that the work takes, busiest role first": _of_roles(
            by_measure, whole_years or years
        ),
        "Visits begun": visits,
        "Inspector-days of all roles": DAYS,
        "Declines of true quality below the published judgement, and how soon they are seen": DETECTION,
    }
    service, *others = [_table(by_measure, head, columns, whole_years) for head, columns in tables.items() if columns]
    blocks: list[Block] = [Sentence(text, role) for text, role in words if text]
    blocks += [service, *([] if lateness is None else [late_table(lateness, whole_years)]), *others]
    return Answer("run", (*blocks, Note(_footnote(by_measure))))


def of_one_run(scenario: Scenario, replication: int, outcomes: Outcomes) -> Answer:
    """Return every measure of one replication, with a column for each year."""
    head = f"{scenario.name}: replication {replication} alone, seed {scenario.seed}. Nothing is saved."
    rows = []
    for measure in outcomes.names:
        figures = [float(outcomes.column(year, measure)[0]) for year in outcomes.years]
        rows.append((measure, unit_of(measure), *("-" if isnan(figure) else f"{figure:,.5g}" for figure in figures)))
    return Answer("run", (Sentence(head), Table("", ("measure", "unit", *outcomes.years), tuple(rows), words=2)))


def _number(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _changed(scenario: Scenario) -> str:
    """List how the scenario differs from the one that ships, with the first few of many changes."""
    ships = shipped_beside(scenario)
    lines = differences(scenario, ships)
    more = len(lines) - CHANGES_SHOWN
    if more > 0:
        lines = [*lines[:CHANGES_SHOWN], f"and {more} more (scenario.toml lists them all)"]
    return f"Changes from the built-in scenario {ships.name}: {'; '.join(lines)}." if lines else ""


def _overdue(summary: pd.DataFrame) -> float:
    """Return how many inspections of a run were overdue at the start; they count in no year."""
    means = summary["mean"].get("inspections_overdue_at_start", ())
    return float(sum(mean for mean in means if not isnan(mean)))


def _footnote(summary: pd.DataFrame) -> str:
    return (
        "* marks part of a year. On time: the share of inspections with a latest date in the year that began by that "
        f"date. {count(_overdue(summary))} inspections had a latest date before the start, so they count in no year. "
        "Old judgements: those older than 3.5 years at the end of the year. Peak week: the most inspectors on site in "
        "one week. Days to see and days to publish: days from the fall in quality until a visit or an inspection first "
        "sees it, and until it is published. A decline counts in the year in which it is first seen, or published. "
        "Seen by a visit: the share of declines first seen in the year that a visit saw before an inspection did. "
        "Declines that recover before anybody sees them count in neither delay."
    )


def _failures(manifest: Mapping[str, Any]) -> str:
    """Say which replications failed, and with which error."""
    failures = manifest["failures"]
    if not failures:
        return ""
    numbers = [str(failure["replication"]) for failure in failures]
    more = f" and {len(numbers) - FAILURES_SHOWN} others" if len(numbers) > FAILURES_SHOWN else ""
    errors = Counter(failure["traceback"].strip().splitlines()[-1] for failure in failures)
    error, times = errors.most_common(1)[0]
    return (
        f"{len(failures)} of {_number(manifest['replications'], 'replication')} FAILED, and the figures below leave "
        f"them out: {', '.join(numbers[:FAILURES_SHOWN])}{more}. "
        f"{'The most common error' if len(errors) > 1 else 'The error'} ({_number(times, 'time')}): {error}. "
        "manifest.json has the tracebacks."
    )


def _precision(manifest: Mapping[str, Any]) -> str:
    """Say whether the runs reached the precision that was asked for."""
    asked, found = manifest["asked"]["until"], manifest.get("until")
    if asked is None or found is None:
        return ""
    parts = []
    for measure, wanted in asked["targets"].items():
        widths = {year: each["half_width"] for year, each in found["intervals"].get(measure, {}).items()}
        untold = [year for year, width in widths.items() if width is None]
        widest = max(widths, key=lambda year: widths[year] or 0.0, default="")
        where = f"{widths[widest] or 0.0:.3g} at its widest, in {widest}" if widest else "there was nothing to measure"
        where = f"not known for {', '.join(untold)}: too few runs, or all runs agree" if untold else where
        parts.append(f"{measure} within {wanted:g} ({where})")
    if found["reached"]:
        head = f"The runs reached the precision asked for after {_number(manifest['replications'], 'replication')}"
    else:
        head = f"The runs did NOT reach the precision asked for within {_number(asked['budget'], 'replication')}"
    return (
        f"{head}: {', '.join(parts)}. Each figure is half the width of the 95% interval of the mean, corrected because "
        "the program checks it again and again (sequential correction)."
    )


def _what_ranges_cover(scenario: Scenario, runs: int) -> str:
    """Say what the ranges cover, and which uncertain numbers they leave out."""
    covered = what_runs_hold(scenario.draws)
    head = f"One run is a single draw of {covered}" if runs == 1 else f"The ranges cover {covered}"
    return f"{head}. Nothing else varies, though we have low confidence in {_not_covered(scenario)}."


PLANS = {
    "drawn": "The week of each visit is drawn at random from those in which it may begin (planning.programme = drawn)",
    "levelled": "Each visit takes the week in which people have the most time to spare (planning.programme = levelled)",
    "optimised": "A new plan for twelve months is made every quarter (planning.programme = optimised)",
}
"""How the model chooses the week of a visit, by policy."""
DRAWN = {"drawn": "drawn at random"}
"""Words for a policy inside a sentence, where they are not its name."""


def _planned(scenario: Scenario) -> str:
    """Say how the model chooses the week of a visit, what history supports, and what we advise."""
    policy = scenario.planning.programme
    if policy != INFERRED:
        return f"{PLANS[policy]}."
    shares = shares_of_policies(scenario.draws, scenario.planning)["planning.programme"]
    told = listed([f"{DRAWN.get(name, name)} in {share(part)}" for name, part in shares.items()])
    return (
        "The inspectorate does not publish how it chooses the week of a visit, so the forecast infers it from past "
        f"inspections: weeks are {told} of the parameter draws (planning.programme = {INFERRED}). We advise "
        "planning.programme = levelled, which gives each visit the week in which people have the most time to spare."
    )


def _late(summary: pd.DataFrame, outcomes: Outcomes, years: Sequence[str], scenario: Scenario) -> str:
    """Say what makes inspections late; empty if an older version of the program left no such measures."""
    lateness = Lateness.of(summary, years)
    if lateness is None:
        return ""
    of_runs = np.sum([outcomes.column(year, "inspections_late") for year in years], axis=0)
    return late_sentence(lateness, of_runs, scenario.planning.programme == "drawn")


WAITS = ("lead_time", "lead_week", "team")
"""Groups of reasons that more people would remove."""
IDLE = 0.5
"""Share of time used in the busiest year below which people have time to spare, if hardly any inspection waits for
them. With just enough people at the launch, social care HMI are busy for 57% of their time (python -m sim capacity,
November 2026)."""
SPARE = (
    "Hardly any inspection waits for people, so much of the rest of their time is spare. To find how many people are "
    "enough, use `python -m sim capacity`."
)
NOT_SPARE = (
    "The rest of their time is not spare: a visit needs a lead and a whole team who are free in the same open weeks of "
    "its window. To find how many people are enough, use `python -m sim capacity`."
)
OVER = (
    "Above 100%, they work days of the next term, or do work that falls due whoever is there. To find how many people "
    "are enough, use `python -m sim capacity`."
)
"""What a reader needs to know about time that no work takes, or that is not there."""


def _not_covered(scenario: Scenario) -> str:
    """Name what the ranges leave out: the days of a visit, and the head-counts if these are of low confidence."""
    keys = (f"workforce.roles.{role}.people" for role in scenario.workforce.roles)
    guessed = any(scenario.notes.get(key, UNSOURCED).confidence in ("low", "none") for key in keys)
    return "the number of people and in the days that a visit takes" if guessed else "the days that a visit takes"


def nobody_in_post(scenario: Scenario) -> str:
    """Warn about roles that visits need and nobody fills; empty where every role has people."""
    recruited = {shock.role for shock in scenario.shocks.values() if isinstance(shock, Recruitment)}
    needed = {
        role: kinds
        for role, kinds in scenario.kinds_by_role.items()
        if not scenario.workforce.roles[role].people and role not in recruited
    }
    return " ".join(
        f"THERE ARE NO {people_of(role)} IN POST, so no {listed([kind.called for kind in kinds], 'or')} takes place."
        for role, kinds in needed.items()
    )


def _in_short(summary: pd.DataFrame, years: Sequence[str], late: str, binds: bool) -> list[str]:
    """Sum up the whole years in a few sentences, the answer first; leave out what there is nothing to measure for.

    ``binds`` says whether to name the busiest role.
    """
    if summary.empty:
        return ["Every run failed, so there is no answer."]
    if not years:
        none = "The runs cover no whole financial year, so there is no year to sum up."
        return [f"{none} The tables show the parts of years that they cover."]
    kept, begun_late, old = (
        summary.loc[[(name, year) for year in years]].droplevel("measure").dropna(subset="mean").to_dict("index")
        for name in ("inspections_on_time", "inspections_late", "judgements_older_than_3_5_years")
    )
    many = {year: figure["mean"] for year, figure in begun_late.items()}
    on_time = [_on_time(kept, many, len(years)), late, _left_out(_overdue(summary))] if kept else [NONE_DUE]
    words = [
        " ".join(filter(None, on_time)),
        _binding_role(summary, years) if binds else "",
    ]
    if old:
        last = str(next(reversed(old)))
        words.append(f"At the end of {last}, {_spread(old[last])} of judgements are older than 3.5 years.")
    return words


NONE_DUE = "No inspection has its latest date in a whole year of these runs, so none can be on time or late."


def _left_out(overdue: float) -> str:
    """Say how many overdue inspections the figures leave out; empty if there are none."""
    about = "" if overdue == int(overdue) else "about "  # a mean over runs
    match count(overdue):
        case "0":
            return ""
        case "1":
            return f"These figures leave out {about}1 inspection that was already past its latest date at the start."
        case many:
            those = "inspections that were already past their latest date at the start"
            return f"These figures leave out {about}{many} {those}."


def _on_time(
    kept: Mapping[Hashable, Mapping[Hashable, float]], late: Mapping[Hashable, float], whole_years: int
) -> str:
    """Say whether inspections begin on time in all, some or no years, and name the year with the most late ones.

    ``kept`` has only those of the whole years in which some inspection has its latest date.
    """
    those = "whole years" if len(kept) == whole_years else "whole years in which any inspection has its latest date"
    enough = [year for year in kept if per_cent(kept[year]["mean"]) >= per_cent(ENOUGH)]
    hardest = max(kept, key=lambda year: (late.get(year, 0.0), -kept[year]["mean"]))
    of_hardest = _spread(kept[hardest])
    if len(kept) == 1:
        verdict = "Yes" if enough else "No"
        words = f"in {hardest}, {of_hardest} begin by their latest date; the service level is {share(ENOUGH)}"
        return f"Are inspections on time? {verdict}: {words}."
    verdict, where = "In part", f"{len(enough)} of the {len(kept)} {those}"
    if len(enough) in (0, len(kept)):
        verdict, where = ("Yes", "each") if enough else ("No", "none")
        where = f"{where} of the {len(kept)} {those}"
    words = f"Are inspections on time? {verdict}: {share(ENOUGH)} or more begin by their latest date in {where}."
    if late and late.get(hardest, 0.0) < LEAST_SAID:
        return words
    return f"{words} The year with the most late inspections is {hardest}, when {of_hardest} begin on time."


def _told_apart(grades: Grades) -> dict[str, str]:
    """Name the measures for which the answer says how much of the variance comes from the parameters."""
    return {
        "inspector_days_worked": "inspector-days worked",
        "inspections_on_time": "inspections on time",
        JUDGED + grades.worst: f"authorities judged {plain_words(grades.worst)}",
    }


def _two_parts(variance: pd.DataFrame | None, years: Sequence[str], scenario: Scenario) -> str:
    """Say how much of the variance comes from the parameters and how much from chance, in the last whole year."""
    if variance is None or variance.empty or not years:
        return ""
    rows = variance[variance["financial_year"] == years[-1]].dropna().set_index("measure").to_dict("index")
    told = [
        f"{share(row['share_from_parameters'])} ({share(row['ci_low'])} to {share(row['ci_high'])}) for {words}"
        for name, words in _told_apart(scenario.grades).items()
        for row in [rows.get(name)]
        if row
    ]
    draws = int(variance["draws"].max())
    if draws < ENOUGH_DRAWS:
        return (
            f"{_number(draws, 'parameter draw')} {'is' if draws == 1 else 'are'} too few to separate uncertainty about "
            f"the parameters from chance. That needs at least {ENOUGH_DRAWS} draws, so "
            f"{ENOUGH_DRAWS * scenario.runs_sharing_a_draw} replications."
        )
    if not told:
        return ""
    return (
        f"The variance between runs in {years[-1]} has two parts. Uncertainty about the parameters that are drawn "
        f"accounts for {', '.join(told)} (95% intervals). The rest is chance, which better figures would not remove."
    )


def _use_by_role(summary: pd.DataFrame, years: Sequence[str]) -> dict[str, dict[str, Mapping[Hashable, float]]]:
    """Return the share of each role's time that the work takes, by year, the busiest role first."""
    used = summary[summary.index.get_level_values("measure").str.startswith(USED)].dropna(subset="mean")
    use: dict[str, dict[str, Mapping[Hashable, float]]] = {}
    for figure in used.reset_index().to_dict("records"):
        if figure["financial_year"] in years:
            use.setdefault(figure["measure"].removeprefix(USED), {})[figure["financial_year"]] = figure
    return dict(sorted(use.items(), key=lambda each: -_most(each[1])["mean"]))


def _most(by_year: Mapping[str, Mapping[Hashable, float]]) -> Mapping[Hashable, float]:
    return max(by_year.values(), key=lambda figure: figure["mean"])


def _of_roles(summary: pd.DataFrame, years: Sequence[str]) -> tuple[tuple[str, str, Format], ...]:
    """Return the columns of the table of roles."""
    return tuple((people_of(role), USED + role, share) for role in _use_by_role(summary, years))


def _binding_role(summary: pd.DataFrame, years: Sequence[str]) -> str:
    """Name the busiest role and say whether the rest of its time is spare; empty if no role has any time."""
    use = _use_by_role(summary, years)
    if not use:
        return ""
    role, by_year = next(iter(use.items()))
    year = max(by_year, key=lambda each: by_year[each]["mean"])
    mean = sum(figure["mean"] for figure in by_year.values()) / len(by_year)
    usual = f", and {share(mean)} in an average year" if len(by_year) > 1 else ""
    full = (
        f"{people_of(role)} are the busiest role: the work takes {_spread(by_year[year])} of the time they have for it "
        f"in {year}"
    )
    waits = summary["mean"].reindex([(f"inspections_late_{group}", each) for group in WAITS for each in years]).sum()
    idle = by_year[year]["mean"] < IDLE and waits < LEAST_SAID * len(years)
    rest = SPARE if idle else OVER if per_cent(by_year[year]["mean"]) > per_cent(1.0) else NOT_SPARE
    return f"{full[0].upper()}{full[1:]}{usual}. {rest}"


def _spread(figure: Mapping[Hashable, float]) -> str:
    return f"{share(figure['mean'])} ({share(figure['p10'])} to {share(figure['p90'])})"


def _table(
    summary: pd.DataFrame, caption: str, columns: Sequence[tuple[str, str, Format]], whole_years: Sequence[str]
) -> Table:
    years = list(dict.fromkeys(summary.index.get_level_values("financial_year")))
    rows = []
    for year in years:
        cells = [year if year in whole_years else f"{year}*"]
        for _, name, shown in columns:
            figure = summary.loc[(name, year)]
            cells.append(
                "-"
                if isnan(figure["mean"])
                else f"{shown(figure['mean'])} ({shown(figure['p10'])}-{shown(figure['p90'])})"
            )
        rows.append(tuple(cells))
    return Table(caption, ("year", *(head for head, _, _ in columns)), tuple(rows), file=SUMMARY)
