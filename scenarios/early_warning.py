"""Does more frequent contact reveal declines sooner, by how much, and for how many inspector-days?

Question
    Policies for visits differ in the inspector-days that they take and in how soon a decline is published. Which
    policies does no other policy beat on both?

Method
    Each policy starts from the position of March 2022, on common random numbers: the same authorities decline on the
    same days under every policy. The delay runs from the day on which quality fell below the published judgement to the
    publication that says so. The table also shows the delay until somebody saw the decline, and all days below the
    judgement, which do not depend on which declines are counted.

What the answer leaves out
    Nobody has measured how well a visit of two days sees quality (0.7, low confidence; one policy tries 0.85). The
    model does not assume that visits themselves improve authorities. It acts on what a visit sees as the framework
    says, where only priority action brings an inspection forward; one policy acts on everything that a visit sees.
"""

import sys

import numpy as np

from sim import charts
from sim.cli import answer_script
from sim.figures import more_or_less
from sim.judgement import JUDGEMENTS
from sim.study import Answer, Question, Study, shown

RULES = "frameworks.ilacs_2018"
CYCLE = ("outstanding", "good", "requires_improvement")
COST, DELAY = "inspector_days_worked", "days_to_detect_decline"
MEASURES = {
    COST: "Inspector-days worked",
    DELAY: "Days until a decline is published",
    "days_to_see_decline": "Days until it is seen",
    "declines_seen_by_visit": "Declines seen by a visit first",
    "authority_days_below_judgement": "Authority-days below the judgement",
    "inspections_on_time": "Inspections on time",
}


def focused(visits: int) -> dict[str, object]:
    """Return changes that set the number of focused visits between two inspections, whatever the judgement."""
    return {f"{RULES}.pathways.{judgement}.contacts.focused.visits": visits for judgement in CYCLE}


def acted_on() -> dict[str, object]:
    """Return changes so that a focused visit that sees a decline brings the next inspection forward by a year."""
    changes: dict[str, object] = {}
    for grade, judgement in enumerate(CYCLE):
        rules = f"{RULES}.pathways.{judgement}.contacts.focused"
        changes[f"{rules}.priority_action_share"] = {seen: float(at > grade) for at, seen in enumerate(JUDGEMENTS)}
        changes[f"{rules}.brings_forward_share"] = 1.0
        changes[f"{rules}.brings_forward_months"] = {"low": 12, "high": 12}
    return changes


POLICIES: dict[str, dict[str, object]] = {
    "no_focused_visits": focused(0),
    "four_for_all": focused(4),
    "act_on_what_is_seen": acted_on(),
    "sharper_visits": {f"{RULES}.visits.focused.accuracy": 0.85, f"{RULES}.visits.monitoring.accuracy": 0.85},
    "riskiest_first": {"planning.order": "risk"},
}


def called(name: str) -> str:
    """Return the label of a policy."""
    return "as it is" if name == "position_2022" else name.replace("_", " ")


def best_of(study: Study) -> list[str]:
    """Return the policies that no other beats on both cost and delay, cheapest first."""
    points = {name: (study.mean(name, COST).mean, study.mean(name, DELAY).mean) for name in study.names}
    return sorted(
        (
            name
            for name, (cost, delay) in points.items()
            if not np.isnan(delay)
            and not any(other != (cost, delay) and other[0] <= cost and other[1] <= delay for other in points.values())
        ),
        key=lambda name: points[name],
    )


def answer(study: Study) -> Answer:
    """Say which policies no other beats, what each of them costs, and which declines are only seen sooner."""
    best = best_of(study)

    def said(name: str) -> str:
        days, delay = study.difference(name, COST), study.difference(name, DELAY)
        return (
            f"{called(name)}: {more_or_less(days, '', *OF_DAYS)} a year, declines published "
            f"{more_or_less(delay, '', 'days later', 'days sooner')}"
        )

    beaten = [called(name) for name in study.names if name not in best]
    most, act = "four_for_all", "act_on_what_is_seen"
    seen, published = (study.difference(most, name) for name in ("days_to_see_decline", DELAY))
    sentences = [
        "No other policy beats these on both inspector-days and delay (by their means), compared with the framework as "
        f"it is: {'; '.join(said(name) for name in best if name != study.base) or 'nothing else'}.",
        f"Another policy beats these on both: {', '.join(beaten) or 'none'}. Policies whose intervals overlap may "
        "change places.",
        f"Four focused visits between two inspections see a decline "
        f"{more_or_less(seen, '', 'days later', 'days sooner')} and publish it "
        f"{more_or_less(published, '', 'days later', 'days sooner')}, for "
        f"{more_or_less(study.difference(most, COST), '', *OF_DAYS)} a year. Publication follows the next "
        "inspection, and only priority action brings that forward. The result differs for a policy that acts on "
        f"everything that today's visits see: {said(act)}.",
    ]
    table = study.table(MEASURES)
    verb = "is" if len(best) == 1 else "are"
    title = f"{len(best)} of {len(study.names)} policies {verb} not beaten by another on both inspector-days and delay"
    words = ("Inspector-days worked a year", "Days until a decline is published (95% intervals)")
    names = {name: called(name) for name in study.names}
    picture = charts.frontier(study, COST, DELAY, title, words, names, best)
    return Answer(sentences, [shown(table, "yearly mean")], table, picture)


OF_DAYS = ("more inspector-days", "fewer inspector-days")
QUESTION = Question(
    base="position_2022",
    others=("interval_of_two_years", "interval_of_four_years"),
    policies=POLICIES,
    answer=answer,
    replications=30,
    measures=tuple(MEASURES),
)

if __name__ == "__main__":
    sys.exit(answer_script("early_warning", QUESTION, __doc__))
