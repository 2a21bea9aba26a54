"""How many inspectors are on site at once, when and why, and how much does levelling save in the busiest weeks?

Question
    How many inspectors are on site in a usual week and in the busiest week, by role and region? Why is each of the
    busiest weeks busy? And how much lower is the peak, and at what price, if the backlog of the launch is spread over
    the first years, or if full inspections on site in a week are limited?

Method
    We count inspectors on site in every week of each run, without engagement meetings and visits by video. We look at
    peaks in two ways: the busiest week of each run, whichever it is, and the weeks that are busiest on average over the
    runs, which a plan can know beforehand. Fixed rules find the reasons for these from the tables
    (sim/peak_reasons.py). The limits are six and four full inspections on site in a week. Without a limit, a usual week
    has about two. The wave of the launch exceeds six, and later weeks hardly ever do; about one open week in ten
    exceeds four. The answer says how often. We compare each scenario with the launch with its backlog begun at once and
    no limit, on common random numbers.

What the answer leaves out
    We have low confidence in the number of inspectors and in the size of each team, and a peak depends on both. A
    person who is on site on any day of a week counts for the whole week; preparation and writing up do not count. The
    reasons are those that the model sees (dates, closed weeks, the backlog), not politics or the press. The answer
    leaves out the pandemic.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim import charts, peak_reasons, peaks
from sim.charts import Drawn
from sim.cli import answer_script
from sim.figures import EIGHT_IN_TEN, count, more_or_less, people_of, range_name, share, short_day, span, value
from sim.framework import KINDS
from sim.model import ScenarioContext
from sim.statistics import Mean
from sim.study import Answer, Note, Question, Study, Table, shown

if TYPE_CHECKING:
    import pandas as pd

AT_ONCE, SPREAD, SIX, FOUR = "launch_at_once", "ilacs_launch", "at_most_six", "at_most_four"
LEVELLED = {
    SPREAD: "As it ships: backlog spread",
    SIX: "At most six inspections a week",
    FOUR: "At most four inspections a week",
}
CALLED_BEST = {
    SPREAD: "if the backlog is spread",
    SIX: "with at most six inspections a week",
    FOUR: "with at most four inspections a week",
}
"""Labels inside the title of the chart."""
LIMITS = {SIX: 6, FOUR: 4}
"""Most full inspections on site in one week; the method explains these numbers."""
MEASURES = {
    "peak_week_inspectors": "Inspectors on site in the busiest week",
    "inspections_on_time": "Inspections on time",
    "inspections_late": "Inspections late",
    "judgements_older_than_3_5_years": "Judgements older than 3.5 years",
    "inspector_days_worked": "Inspector-days worked",
}
MOST_SENT, MOST_SENT_CALLED = "social_care_hmi", "social care HMI"
"""Role of most people on site, and its label."""
OFTEN = 0.5
"""Share of that role's posts above which a week counts as busy: with half of them on site, the other half prepares,
writes up, rests or is away, so that hardly anybody is left to send."""
LATER = 1
"""Years after which the chart labels a second week, once the wave of the launch is over."""
A_YEAR = 2
"""Busiest weeks shown for each financial year: the first is the peak, the second shows whether it stands alone."""
BY_WEEK, BUSIEST, PEAKS = "inspectors_by_week.csv", "busiest_weeks.csv", "peaks.csv"
OUT = ("more inspectors", "fewer inspectors")
Runs = NDArray[np.float64]


def groups(out: peaks.OnSite) -> Iterator[tuple[str, str, Runs]]:
    """Return everybody on site, then the people of each role and of each region."""
    yield "all", "all", out.people()
    for group in ("role", "region"):
        for name in sorted(out.table[group].unique()):
            yield group, str(name), out.people(**{group: str(name)})


def rows_of(
    study: Study, by_name: Mapping[str, Runs], measure: str, words: str, unit: str
) -> Iterator[tuple[object, ...]]:
    """Return a figure of every scenario and its difference from the base, in the columns of :meth:`Study.table`."""
    for name, runs in by_name.items():
        mean, difference = study.mean_of(runs), study.mean_of(runs - by_name[study.base])
        held = (np.nan,) * 3 if name == study.base else (difference.mean, *difference.interval())
        yield name, measure, words, unit, mean.mean, *mean.interval(), *held


COLUMNS = ["scenario", "measure", "words", "unit", "mean", "ci_low", "ci_high"]
COLUMNS += ["difference", "difference_low", "difference_high"]


def peak_figures(study: Study, out: Mapping[str, peaks.OnSite], often: float) -> pd.DataFrame:
    """Return figures of each scenario's peaks, in total and by role and region, with paired differences."""
    import pandas as pd

    tables = []
    people = {name: {(group, part): runs for group, part, runs in groups(each)} for name, each in out.items()}
    for group, part in people[study.base]:
        none = np.zeros((len(study.replications), len(out[study.base].weeks)))
        runs = {name: parts.get((group, part), none) for name, parts in people.items()}
        found = {name: peaks.figures(out[name], each, study.years) for name, each in runs.items()}
        rows = [
            row
            for figure, words in peaks.FIGURES.items()
            for row in rows_of(study, {name: each[figure] for name, each in found.items()}, figure, words, "inspectors")
        ]
        if (group, part) == ("role", MOST_SENT):
            above = {name: peaks.share_above(out[name], each, often) for name, each in runs.items()}
            rows += rows_of(
                study,
                above,
                "share_above",
                f"Open weeks with over {share(OFTEN)} of {MOST_SENT_CALLED} on site",
                "share",
            )
        table = pd.DataFrame(rows, columns=COLUMNS)
        table.insert(0, "name", part)
        table.insert(0, "group", group)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def by_group(figures: pd.DataFrame, posts: Mapping[str, int]) -> Table:
    """Return the base's peaks by role and region, with the number of posts."""
    rows = []
    for (_, name), part in figures[figures["scenario"] == AT_ONCE].groupby(["group", "name"], sort=False):
        means = part.set_index("measure")["mean"]
        found = (value(means[figure], "") for figure in peaks.FIGURES)
        rows.append((people_of(str(name)), str(posts[str(name)]), *found))
    head = ("inspectors on site, by role and region", "posts", *(words.lower() for words in peaks.FIGURES.values()))
    return Table("", head, tuple(rows), file=PEAKS)


def posts_of(study: Study) -> dict[str, int]:
    """Return the number of posts by role, by region, and in total."""
    roles = ScenarioContext(study.scenarios[AT_ONCE]).posts
    found: dict[str, int] = {role: len(posts) for role, posts in roles.items()}
    for post in (post for posts in roles.values() for post in posts):
        found[post.region] = found.get(post.region, 0) + 1
    return found | {"all": sum(len(posts) for posts in roles.values())}


def told_weeks(weeks: pd.DataFrame) -> Note:
    """Return the busiest weeks, each with its reason."""
    items = tuple(
        (
            f"{short_day(row['week'])}: {value(row['mean'], '')} on site ({row['p10']:.0f} to {row['p90']:.0f}); "
            f"the busiest week of {row['financial_year']} in {share(row['busiest_share'])} of runs",
            row["reason"],
        )
        for row in weeks.to_dict("records")
    )
    words = f"The {A_YEAR} weeks of each financial year with the highest means, in different quarters, and why:"
    return Note(words, items)


def usual_and_busiest(study: Study, figures: pd.DataFrame, out: peaks.OnSite, often: float) -> str:
    """Say how many inspectors are on site in a usual and in the busiest week, and how often many are."""
    mean = figures[(figures["scenario"] == AT_ONCE) & (figures["group"] == "all")].set_index("measure")["mean"]
    people = out.people()
    low, high = np.quantile(people.max(axis=1), EIGHT_IN_TEN)
    above = study.mean_of(peaks.share_above(out, out.people(role=MOST_SENT), often))
    return (
        f"With the backlog begun at once, {value(mean['usual_week'], '')} inspectors are on site in a usual open week, "
        f"and at most {value(mean['nine_in_ten'], '')} in nine weeks of ten. The busiest week of a year has "
        f"{value(mean['busiest_of_a_year'], '')}, and the busiest week of a run has {value(mean['busiest'], '')} "
        f"({low:.0f} to {high:.0f}, {range_name(len(people))}). More than {share(OFTEN)} of the "
        f"{often / OFTEN:.0f} {MOST_SENT_CALLED} posts are on site in {value(above.mean, 'share')} of open weeks."
    )


AT_FIRST = 3
"""Whole years from the start for which the answer shows the price: the backlog of the launch, however it is spread,
ends in the third of them."""


def saved(study: Study, out: Mapping[str, peaks.OnSite]) -> list[str]:
    """Say how much lower each kind of levelling makes the peaks, and what it costs."""
    first = study.years[:AT_FIRST]
    people = {name: peaks.figures(each, each.people(), study.years) for name, each in out.items()}

    def less(name: str, figure: str) -> Mean:
        return study.mean_of(people[name][figure] - people[AT_ONCE][figure])

    words = []
    for name, called in LEVELLED.items():
        on_time, late, old = (
            study.difference(name, measure, first)
            for measure in ("inspections_on_time", "inspections_late", "judgements_older_than_3_5_years")
        )
        words.append(
            f"{called}: {more_or_less(less(name, 'busiest'), '', *OUT)} in the busiest week of a run, and "
            f"{more_or_less(less(name, 'busiest_of_a_year'), '', *OUT)} in the busiest week of a year. The price, "
            f"{span(first)}: {more_or_less(late, '', 'more late inspections', 'fewer late inspections')} a year; "
            f"the share on time is {more_or_less(on_time, 'share', 'higher', 'lower')}, and the share of judgements "
            f"older than 3.5 years is {more_or_less(old, 'share', 'higher', 'lower')}."
        )
    return words


def held_back(out: peaks.OnSite) -> list[str]:
    """Say when work that closed weeks hold back is done; empty if there is no closed week."""
    places = peaks.by_place(out, out.people())
    if np.isnan(places).all():
        return []
    most = int(np.nanargmax(places))
    after = [
        f"{value(each, '')} in the {ordinal} week"
        for ordinal, each in zip(peak_reasons.ORDINALS, places[:-1], strict=True)
    ]
    when = "later than the first weeks"
    if most < peaks.AFTER_CLOSED:
        when = f"in the {peak_reasons.ORDINALS[most]} open week"
    return [
        f"After closed weeks, such as school holidays, most inspectors are on site {when}. The averages are "
        f"{', '.join(after)} and {value(places[-1], '')} in all later weeks."
    ]


def limits_met(study: Study, out: peaks.OnSite) -> str:
    """Say how often weeks without a limit exceed it, with the wave of the launch and after it."""
    import pandas as pd

    found = peaks.inspections_on_site(out, study.comparison.results[AT_ONCE].table("visits"))
    later = out.usual & (pd.to_datetime(out.weeks) >= pd.Timestamp(out.weeks[0]) + pd.DateOffset(years=LATER))
    usual = study.mean_of(found[:, out.usual].mean(axis=1)).mean
    words = []
    for limit in LIMITS.values():
        ever = study.mean_of(peaks.share_above(out, found, limit)).mean
        after = (
            f" ({value(float((found[:, later] > limit).mean()), 'share')} after the first year)" if later.any() else ""
        )
        words.append(f"more than {limit} in {value(ever, 'share')} of open weeks{after}")
    return (
        f"Without a limit, {value(usual, '')} full inspections are on site in a usual open week: {' and '.join(words)}."
    )


def picture(out: Mapping[str, peaks.OnSite], figures: pd.DataFrame, runs: int) -> Drawn:
    """Draw inspectors on site by week, with the backlog begun at once and levelled."""
    import pandas as pd

    names = {AT_ONCE: "Backlog begun at once", **LEVELLED}
    weekly = {called: peaks.by_week(out[name], out[name].people()) for name, called in names.items()}
    named: dict[str, list[int]] = {}
    for called, table in weekly.items():
        mean = table["mean"].to_numpy()
        late = (table["week"] >= table["week"].iloc[0] + pd.DateOffset(years=LATER)).to_numpy()
        named[called] = [int(mean.argmax()), *([int(np.where(late, mean, -1.0).argmax())] if late.any() else [])]
    busiest = figures[(figures["group"] == "all") & (figures["measure"] == "busiest")].set_index("scenario")["mean"]
    best = min(LEVELLED, key=lambda name: busiest[name])
    title = (
        f"{count(busiest[AT_ONCE])} inspectors are on site in the busiest week of a run; {CALLED_BEST[best]}, "
        f"{count(busiest[best])}"
    )
    return charts.by_week(weekly, title, "Inspectors on site", range_name(runs), named)


def answer(study: Study) -> Answer:
    """Say how many are on site in usual and busy weeks, why, what levelling saves and what it costs."""
    import pandas as pd

    out = {
        name: peaks.on_site(study.comparison.results[name], scenario, study.replications)
        for name, scenario in study.scenarios.items()
    }
    base, posts = out[AT_ONCE], posts_of(study)
    often = OFTEN * posts[MOST_SENT]
    figures = peak_figures(study, out, often)
    everybody = figures[(figures["group"] == "all") | (figures["measure"] == "share_above")]
    weeks = {
        name: peak_reasons.reasons(each, peaks.busiest(each, study.all_years, A_YEAR)) for name, each in out.items()
    }
    sentences = [
        usual_and_busiest(study, figures, base, often),
        *saved(study, out),
        *held_back(base),
        limits_met(study, base),
    ]
    table = study.table(MEASURES)
    tables: list[Note | Table] = [
        shown(
            everybody.assign(unit=everybody["unit"].where(everybody["unit"] == "share", "")),
            "inspectors on site",
            PEAKS,
        ),
        shown(table, "yearly mean"),
        by_group(figures, posts),
        told_weeks(weeks[AT_ONCE]),
    ]
    more = {
        PEAKS: figures,
        BUSIEST: pd.concat(weeks, names=["scenario"]).reset_index("scenario"),
        BY_WEEK: every_week(out),
    }
    return Answer(sentences, tables, table, picture(out, figures, len(study.replications)), more)


def every_week(out: Mapping[str, peaks.OnSite]) -> pd.DataFrame:
    """Return the mean and range of every week in every scenario, in total and by role and region."""
    import pandas as pd

    found = [
        peaks.by_week(each, runs).assign(scenario=name, group=group, name=part)
        for name, each in out.items()
        for group, part, runs in groups(each)
    ]
    return pd.concat(found, ignore_index=True)[["scenario", "group", "name", "week", "mean", "p10", "p90", "max"]]


OF_A_GROUP = {
    "group": ("", "How people are grouped: role, region, or all"),
    "name": ("", "Name of the role or region, or all"),
}
DIFFERENCE = {"difference": ("as in unit", "Scenario's value less the base's, mean over pairs; missing for the base")}
ON_SITE = {
    "mean": ("inspectors", "People on site in the week, mean over the runs"),
    "p10": ("inspectors", "People on site: value that one run in ten is below"),
    "p90": ("inspectors", "People on site: value that nine runs in ten are below"),
    "max": ("inspectors", "Most people on site in any run"),
}
OF_A_BUSY_WEEK = {
    "busiest_share": ("share", "Share of runs in which no other week of the financial year has more people on site"),
    "usual": ("inspectors", "People on site in a usual open week"),
    "begun_late": ("inspectors", "People on visits that began after their latest date"),
    "due_before_start": ("inspectors", "People on visits that were due before the start of the run"),
    "open_week_after_closed": ("", "Number of the open week after closed weeks: 1 is the first"),
    "closed_weeks": ("weeks", "Closed weeks just before these open weeks"),
    "days_due": ("inspector-days", "Days of visits that fall due in the week"),
    "usual_days_due": ("inspector-days", "Days of visits that fall due in a usual open week"),
    "reason": ("", "Why the week is busy"),
    **{f"more_{kind}": ("inspectors", f"People on {kind} visits in excess of a usual open week") for kind in KINDS},
}
"""Unit and meaning of each column of the tables of weeks."""
QUESTION = Question(
    base=AT_ONCE,
    others=(SPREAD,),
    policies={name: {"planning.most_inspections": limit} for name, limit in LIMITS.items()},
    answer=answer,
    replications=40,
    measures=tuple(MEASURES),
    detail="full",
    files={
        PEAKS: OF_A_GROUP | DIFFERENCE,
        BY_WEEK: OF_A_GROUP | ON_SITE,
        BUSIEST: ON_SITE | OF_A_BUSY_WEEK,
    },
)

if __name__ == "__main__":
    sys.exit(answer_script("peaks", QUESTION, __doc__))
