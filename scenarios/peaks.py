"""How many inspectors are out at once, when and why, and how much does levelling save in the busiest weeks?

Question
    How many inspectors are on site in the usual week and in the busiest, by role and region; what is each of the
    busiest weeks made of; and what do two ways of levelling, to spread the backlog of the launch over the first
    years and to limit the full inspections on site in a week, take off the peak, and at what price?

Method
    Inspectors on site in every week of each run, engagement meetings and visits by video apart. A peak is told in two
    ways: the busiest week of each run, whichever it is, and the weeks that are busiest on average over the runs, which
    is what a plan can know beforehand. The reasons of these come from the tables by fixed rules (sim/peak_reasons.py).
    The limits are six and four full inspections on site in a week, found from the weeks without a limit, where about
    two are there in the usual one: six are exceeded by the wave of the launch and hardly ever after it, four in about
    one open week in ten. The answer says how often. All are held against the launch with its backlog begun at once
    and no limit, on common random numbers.

What the answer leaves out
    The number of inspectors and the people of each visit are of low confidence, and a peak hangs on both. A week counts
    whole for all who are on site on any of its days; preparation and writing up are not in it. Why people are out says
    what the model sees: dates, closed weeks, the backlog; not politics or the press. The pandemic.
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
LIMITS = {SIX: 6, FOUR: 4}
"""Full inspections on site in one week; the method says why these."""
MEASURES = {
    "peak_week_inspectors": "Inspectors out in the busiest week",
    "inspections_on_time": "Inspections on time",
    "inspections_late": "Inspections late",
    "judgements_older_than_3_5_years": "Judgements older than 3.5 years",
    "inspector_days_worked": "Inspector-days worked",
}
MOST_SENT, MOST_SENT_CALLED = "social_care_hmi", "social care HMI"
"""Role that most of those on site have, and what it is called."""
OFTEN = 0.5
"""Share of that role's posts above which a week is told: with half of them on site, the other half prepares, writes up,
rests or is away, so that hardly anybody is left to send."""
LATER = 1
"""Years from when on a second week is named in the picture: after the wave of the launch."""
A_YEAR = 2
"""Busiest weeks told of each financial year: one tells when the year's peak is, the second whether it stands alone."""
BY_WEEK, BUSIEST, PEAKS = "inspectors_by_week.csv", "busiest_weeks.csv", "peaks.csv"
OUT = ("more inspectors", "fewer inspectors")
Runs = NDArray[np.float64]


def groups(out: peaks.OnSite) -> Iterator[tuple[str, str, Runs]]:
    """Everybody on site, then those of each role and of each region."""
    yield "all", "all", out.people()
    for group in ("role", "region"):
        for name in sorted(out.table[group].unique()):
            yield group, str(name), out.people(**{group: str(name)})


def rows_of(
    study: Study, by_name: Mapping[str, Runs], measure: str, words: str, unit: str
) -> Iterator[tuple[object, ...]]:
    """A figure of every scenario and its difference from the base, in the columns of :meth:`Study.table`."""
    for name, runs in by_name.items():
        mean, difference = study.mean_of(runs), study.mean_of(runs - by_name[study.base])
        held = (np.nan,) * 3 if name == study.base else (difference.mean, *difference.interval())
        yield name, measure, words, unit, mean.mean, *mean.interval(), *held


COLUMNS = ["scenario", "measure", "words", "unit", "mean", "ci_low", "ci_high"]
COLUMNS += ["difference", "difference_low", "difference_high"]


def peak_figures(study: Study, out: Mapping[str, peaks.OnSite], often: float) -> pd.DataFrame:
    """Figures of the peaks of each scenario, of everybody and by role and region, with paired differences."""
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
                study, above, "share_above", f"Open weeks with over {share(OFTEN)} of {MOST_SENT_CALLED} out", "share"
            )
        table = pd.DataFrame(rows, columns=COLUMNS)
        table.insert(0, "name", part)
        table.insert(0, "group", group)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def by_group(figures: pd.DataFrame, posts: Mapping[str, int]) -> Table:
    """The base's peaks by role and region, beside the posts there are."""
    rows = []
    for (_, name), part in figures[figures["scenario"] == AT_ONCE].groupby(["group", "name"], sort=False):
        means = part.set_index("measure")["mean"]
        found = (value(means[figure], "") for figure in peaks.FIGURES)
        rows.append((people_of(str(name)), str(posts[str(name)]), *found))
    head = ("inspectors out, by role and region", "posts", *(words.lower() for words in peaks.FIGURES.values()))
    return Table("", head, tuple(rows), file=PEAKS)


def posts_of(study: Study) -> dict[str, int]:
    """Posts by role and by region, and all."""
    roles = ScenarioContext(study.scenarios[AT_ONCE]).posts
    found: dict[str, int] = {role: len(posts) for role, posts in roles.items()}
    for post in (post for posts in roles.values() for post in posts):
        found[post.region] = found.get(post.region, 0) + 1
    return found | {"all": sum(len(posts) for posts in roles.values())}


def told_weeks(weeks: pd.DataFrame) -> Note:
    """The busiest weeks, each with its reason."""
    items = tuple(
        (
            f"{short_day(row['week'])}: {value(row['mean'], '')} out ({row['p10']:.0f} to {row['p90']:.0f}); "
            f"busiest of {row['financial_year']} in {share(row['busiest_share'])} of runs",
            row["reason"],
        )
        for row in weeks.to_dict("records")
    )
    words = f"The {A_YEAR} busiest weeks of each year, April to March, by their mean, of different quarters, and why:"
    return Note(words, items)


def usual_and_busiest(study: Study, figures: pd.DataFrame, out: peaks.OnSite, often: float) -> str:
    """Inspectors out in the usual and in the busiest week, and how often more than a number."""
    mean = figures[(figures["scenario"] == AT_ONCE) & (figures["group"] == "all")].set_index("measure")["mean"]
    people = out.people()
    low, high = np.quantile(people.max(axis=1), EIGHT_IN_TEN)
    above = study.mean_of(peaks.share_above(out, out.people(role=MOST_SENT), often))
    return (
        f"With the backlog begun at once {value(mean['usual_week'], '')} inspectors are out in the usual open week, in "
        f"nine of ten no more than {value(mean['nine_in_ten'], '')}, in the busiest week of a year "
        f"{value(mean['busiest_of_a_year'], '')}, and in the busiest of all {value(mean['busiest'], '')} "
        f"({low:.0f} to {high:.0f}, {range_name(len(people))}). More than {share(OFTEN)} of the "
        f"{often / OFTEN:.0f} posts of {MOST_SENT_CALLED} are out in {value(above.mean, 'share')} of open weeks."
    )


AT_FIRST = 3
"""Whole years from the start in which the price is told: the backlog of the launch, however it is spread, ends in the
third of them."""


def saved(study: Study, out: Mapping[str, peaks.OnSite]) -> list[str]:
    """What each way of levelling takes off the peaks, and what it costs."""
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
            f"{called}: {more_or_less(less(name, 'busiest'), '', *OUT)} in the busiest week of all, "
            f"{more_or_less(less(name, 'busiest_of_a_year'), '', *OUT)} in that of a year. Its price in {span(first)}: "
            f"{more_or_less(late, '', 'more inspections late', 'fewer inspections late')} a year, "
            f"the share on time {more_or_less(on_time, 'share', 'higher', 'lower')}, that of judgements older than 3.5 "
            f"years {more_or_less(old, 'share', 'higher', 'lower')}."
        )
    return words


def held_back(out: peaks.OnSite) -> list[str]:
    """When the work that closed weeks hold back comes out; nothing where there is no closed week."""
    places = peaks.by_place(out, out.people())
    if np.isnan(places).all():
        return []
    most = int(np.nanargmax(places))
    after = [
        f"{value(each, '')} in the {ordinal}" for ordinal, each in zip(peak_reasons.ORDINALS, places[:-1], strict=True)
    ]
    when = f"in the {peak_reasons.ORDINALS[most]} open week" if most < peaks.AFTER_CLOSED else "later than that"
    return [
        f"After closed weeks, such as school holidays, most are out {when}: on average {', '.join(after)}, "
        f"{value(places[-1], '')} in all later ones."
    ]


def limits_met(study: Study, out: peaks.OnSite) -> str:
    """How often the limits would have been exceeded without them, with the wave of the launch and after it."""
    import pandas as pd

    found = peaks.inspections_on_site(out, study.comparison.results[AT_ONCE].table("visits"))
    later = out.usual & (pd.to_datetime(out.weeks) >= pd.Timestamp(out.weeks[0]) + pd.DateOffset(years=LATER))
    usual = study.mean_of(found[:, out.usual].mean(axis=1)).mean
    words = []
    for limit in LIMITS.values():
        ever = study.mean_of(peaks.share_above(out, found, limit)).mean
        after = f" ({value(float((found[:, later] > limit).mean()), 'share')} after a year)" if later.any() else ""
        words.append(f"more than {limit} in {value(ever, 'share')}{after}")
    return (
        f"Without a limit {value(usual, '')} full inspections are on site in the usual open week, and "
        f"{', '.join(words)} of open weeks."
    )


def picture(out: Mapping[str, peaks.OnSite], figures: pd.DataFrame, runs: int) -> Drawn:
    """Inspectors out by week, with the backlog begun at once and levelled."""
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
        f"{count(busiest[AT_ONCE])} inspectors are out in the busiest week of a run, and {count(busiest[best])} with "
        f"{LEVELLED[best][0].lower()}{LEVELLED[best][1:]}"
    )
    return charts.by_week(weekly, title, "Inspectors on site", range_name(runs), named)


def answer(study: Study) -> Answer:
    """How many are out in usual and in busy weeks, why, what levelling saves and what it costs."""
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
            everybody.assign(unit=everybody["unit"].where(everybody["unit"] == "share", "")), "inspectors out", PEAKS
        ),
        shown(table, "a year"),
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
    """Mean and range of every week, of everybody and by role and region, in every scenario."""
    import pandas as pd

    found = [
        peaks.by_week(each, runs).assign(scenario=name, group=group, name=part)
        for name, each in out.items()
        for group, part, runs in groups(each)
    ]
    return pd.concat(found, ignore_index=True)[["scenario", "group", "name", "week", "mean", "p10", "p90", "max"]]


OF_A_GROUP = {
    "group": ("", "What the people are told apart by: role or region; all for everybody"),
    "name": ("", "Which role or region; all for everybody"),
}
DIFFERENCE = {"difference": ("as in unit", "Scenario's value less the base's, mean over pairs; missing for the base")}
ON_SITE = {
    "mean": ("inspectors", "People on site in the week, mean over the runs"),
    "p10": ("inspectors", "People on site below which one run in ten lies"),
    "p90": ("inspectors", "People on site below which nine runs in ten lie"),
    "max": ("inspectors", "Most people on site in any run"),
}
OF_A_BUSY_WEEK = {
    "busiest_share": ("share", "Share of runs in which no week of its financial year has more"),
    "usual": ("inspectors", "People on site in a usual open week"),
    "begun_late": ("inspectors", "People on visits that began after their latest date"),
    "due_before_start": ("inspectors", "People on visits that were due before the start of the run"),
    "open_week_after_closed": ("", "Place of the week after closed ones: 1 is the first"),
    "closed_weeks": ("weeks", "Closed weeks just before these open ones"),
    "days_due": ("inspector-days", "Days of visits that fall due in the week"),
    "usual_days_due": ("inspector-days", "Days of visits that fall due in a usual open week"),
    "reason": ("", "Why the week is busy"),
    **{f"more_{kind}": ("inspectors", f"People on {kind} visits more than in a usual open week") for kind in KINDS},
}
"""What the columns of the tables of weeks hold: unit and meaning."""
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
