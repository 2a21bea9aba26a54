"""Grades that are declared: five of them in files alone, two, and any number; what is wrong with them is said."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sim import charts
from sim.base.faults import InputError
from sim.base.package_data import table
from sim.cli.main import main
from sim.inputs.check import check
from sim.inputs.grades import DECLARED, JUDGEMENTS, SHIPPED, Grades
from sim.inputs.ratings import reading, seen_given
from sim.inputs.scenario import Scenario, load
from sim.inputs.spellings import words
from sim.record.rows import Record
from sim.runs.ensemble import measures_of
from sim.runs.measures import NAMES, defined_for, unit_of
from sim.runs.model import Model
from sim.studies import comparison_study, ensemble_study

FIVE = ("outstanding", "good", "adequate", "requires_improvement", "inadequate")
FRAMEWORK = """
extends = "ilacs_2018"
title = "Inspections of fire and rescue services, made up"

[pathways.adequate]
inspection = "standard"
interval_months = 30
window_before_months = 6
window_after_months = 6
planned_from_months = 0
planned_to_months = 6

[pathways.outstanding.longer.share]
adequate = 0.3
[pathways.good.longer.share]
adequate = 0.3
[pathways.outstanding.contacts.focused.priority_action_share]
adequate = 0.0
[pathways.good.contacts.focused.priority_action_share]
adequate = 0.0
[pathways.requires_improvement.contacts.focused.priority_action_share]
adequate = 0.0
[pathways.inadequate.contacts.monitoring.enough_progress.share]
adequate = 0.15
"""
SCENARIO = """
extends = "ilacs_launch"
question = "How are made-up fire and rescue services inspected, in five grades?"
framework = "fire.toml"
authorities = "services.csv"
years = 3
replications = 4

[ratings]
grades = ["outstanding", "good", "adequate", "requires_improvement", "inadequate"]
good_or_better = "good"
called = { adequate = "Adequate (made up)" }

[ratings.drift]
outstanding = { good = 0.3 }
good = { outstanding = 0.1, adequate = 0.3 }
adequate = { good = 0.2, requires_improvement = 0.3 }
requires_improvement = { adequate = 0.3, inadequate = 0.2 }
inadequate = { requires_improvement = 0.8 }

[ratings.judging]
outstanding = { outstanding = 0.9, good = 0.1 }
good = { outstanding = 0.05, good = 0.9, adequate = 0.05 }
adequate = { good = 0.05, adequate = 0.9, requires_improvement = 0.05 }
requires_improvement = { adequate = 0.05, requires_improvement = 0.9, inadequate = 0.05 }
inadequate = { requires_improvement = 0.1, inadequate = 0.9 }

[ratings.mix]
outstanding = 0.05
good = 0.35
adequate = 0.3
requires_improvement = 0.25
inadequate = 0.05
"""
SPELLED = ("Outstanding", "2", "Adequate (made up)", "RI", "Inadequate", "grade 3", "good", "Requires Improvement")
MEANT = ("outstanding", "good", "adequate", "requires_improvement", "inadequate", "adequate", "good", FIVE[3])
"""Judgements as the made-up table writes them, and the grades that are meant."""


def row(number: int, judgement: str) -> str:
    return f"Made-up service {number},London,{judgement},{2015 + number % 3}-0{number % 9 + 1}-15"


def written(folder: Path, scenario: str = SCENARIO, framework: str = FRAMEWORK) -> Path:
    """Files of the made-up services: a scenario, its framework and its table."""
    rows = [row(number, judgement) for number, judgement in enumerate(SPELLED)]
    table_of_services = "\n".join(["authority,region,judgement,inspected_on", *rows, ""])
    (folder / "services.csv").write_text(table_of_services, encoding="utf-8")
    (folder / "fire.toml").write_text(framework, encoding="utf-8")
    path = folder / "services.toml"
    path.write_text(scenario, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("fire"))


@pytest.fixture(scope="module")
def fire(file: Path) -> Scenario:
    return load(file)


# ---------------------------------------------------------------- the four that ship


def test_the_scenarios_that_ship_declare_what_older_files_mean() -> None:
    scenario = load("ilacs_launch")
    assert scenario.grades == SHIPPED and scenario.grades.good == 2
    assert scenario.ratings.grades == DECLARED.grades
    assert scenario.grades.called == ("Outstanding", "Good", "Requires improvement to be good", "Inadequate")


def test_a_scenario_that_declares_no_grades_has_those_four(tmp_path: Path) -> None:
    lines = load("position_2022", {"years": 1}).to_toml().splitlines()
    keys = ("grades = ", "good_or_better = ", 'requires_improvement = {value = "Requires', "[ratings.called]")
    path = tmp_path / "older.toml"
    path.write_text("\n".join(line for line in lines if not line.startswith(keys)), encoding="utf-8")
    assert load(path).grades == SHIPPED


def test_a_file_that_says_the_same_grades_again_keeps_what_it_extends(tmp_path: Path) -> None:
    path = tmp_path / "again.toml"
    four = ", ".join(f'"{name}"' for name in JUDGEMENTS)
    path.write_text(f'extends = "ilacs_launch"\nquestion = "?"\n[ratings]\ngrades = [{four}]\n', encoding="utf-8")
    found, ships = load(path), load("ilacs_launch")
    assert found.ratings == ships.ratings and found.draws == ships.draws


# ---------------------------------------------------------------- five, by files alone


def test_a_table_says_grades_by_name_published_name_and_number(fire: Scenario) -> None:
    assert tuple(each.judgement for each in fire.authorities) == MEANT


def test_a_number_is_the_place_among_the_grades_that_are_declared() -> None:
    assert "3" in SHIPPED.spellings["requires_improvement"]
    assert "3" in Grades.of(FIVE, "good", {}).spellings["adequate"]


def test_measures_count_authorities_of_each_grade_in_order(fire: Scenario) -> None:
    found = measures_of(fire, 0)
    own = [name for name in found.names if name.startswith("authorities_")]
    assert own == [f"authorities_{name}" for name in FIVE]
    assert set(found.names) - set(NAMES) == {"authorities_adequate"}
    assert [definition.name for definition in defined_for(fire)] == list(found.names)
    assert unit_of("authorities_adequate") == "authorities"
    for year in found.years:
        assert sum(found.column(year, name)[0] for name in own) == len(fire.authorities)


def test_a_scenario_of_four_grades_counts_none_of_a_fifth() -> None:
    found = measures_of(load("ilacs_launch", {"years": 1}), 0)
    assert found.names == NAMES
    assert found.column(found.years[0], "authorities_adequate").tolist() == [0.0]


def test_a_run_is_kept_read_again_and_reported(
    fire: Scenario, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results = ensemble_study.run(fire, tmp_path / "fire", progress=False)
    assert "authorities_adequate" in set(results.summary["measure"])
    assert set(results.table("judgements")["judgement"]) <= set(FIVE)
    assert load(tmp_path / "fire" / "scenario.toml").to_toml() == fire.to_toml()
    text = (tmp_path / "fire" / "judgements.txt").read_text(encoding="utf-8")
    assert "Adequate (made up)" in text and "good or outstanding" in text
    assert main(["report", str(tmp_path / "fire")]) == 0
    page = next(tmp_path.rglob("*.html")).read_text(encoding="utf-8")
    assert "adequate" in page
    capsys.readouterr()


def test_the_life_of_a_service_is_drawn_in_its_grades(fire: Scenario, tmp_path: Path) -> None:
    results = ensemble_study.run(
        fire.with_replications(1), tmp_path / "one", detail="full", progress=False, pictures=False
    )
    quality, judgements, visits = (results.table(name) for name in ("quality", "judgements", "visits"))
    name, last = fire.authorities[2].authority, fire.end - datetime.timedelta(days=1)
    axes = charts.life(quality, judgements, visits, name, fire.start, last, grades=fire.grades)
    assert [label.get_text() for label in axes.get_yticklabels()] == [*fire.grades.called, "Contacts"]


def test_two_scenarios_of_five_grades_are_compared_by_their_worst(fire: Scenario, tmp_path: Path) -> None:
    other = fire.with_changes({"name": "shorter", "frameworks.fire.pathways.adequate.interval_months": 12})
    found = comparison_study.compare(fire, [other], tmp_path / "both", progress=False, pictures=False)
    shown = found.table[found.table["shown"]]["measure"]
    assert "authorities_inadequate" in set(shown)


def test_describe_and_check_say_the_grades(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["describe", str(file)]) == 0
    text = capsys.readouterr().out
    assert "grades = outstanding good adequate requires_improvement inadequate" in " ".join(text.split())
    assert "Adequate (made up)" in text
    assert "No faults" in check(str(file)) and "No faults" in check(str(file.parent / "fire.toml"))


def test_visits_may_be_planned_by_risk_in_five_grades(fire: Scenario) -> None:
    model = Model(fire.with_changes({"planning.order": "risk"}), 0)
    holds(model.run(), fire)
    assert model.world.risk is not None
    authority = model.world.authorities[0]
    belief = model.world.risk.belief(authority, fire.horizon)
    assert belief.shape == (5,) and belief.sum() == pytest.approx(1)
    assert 0 <= model.world.risk.of(authority, fire.horizon) <= 1


# ---------------------------------------------------------------- a fit


def history_in_five(path: Path) -> Path:
    """The history that ships with every fifth judgement of requires improvement called adequate: made up."""
    head, *lines = table("inspections_2013_2022.csv").splitlines()
    for number, line in enumerate(lines):
        if number % 5 < 2:
            lines[number] = line.replace("requires_improvement", "adequate")
    path.write_text("\n".join([head, *lines, ""]), encoding="utf-8")
    return path


@pytest.mark.slow
def test_a_fit_takes_its_grades_from_a_scenario_and_gives_a_scenario_its_ratings(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    history = history_in_five(tmp_path / "history.csv")
    out = tmp_path / "fit"
    assert main(["fit", str(history), "--scenario", str(file), "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert "drift.adequate.good" in said and "drift.good.adequate" in said
    draws = pd.read_csv(out / "draws.csv")
    moves = [f"drift.{one}.{other}" for one, other in pairwise(FIVE)]
    assert {*moves, *(f"mix.{name}" for name in FIVE)} <= set(draws)
    fitted = 'extends = "services.toml"\nquestion = "?"\ndraws = "draws.csv"\n' + (out / "ratings.toml").read_text(
        encoding="utf-8"
    )
    written(out)
    (out / "fitted.toml").write_text(fitted, encoding="utf-8")
    scenario = load(out / "fitted.toml")
    assert scenario.grades.names == FIVE and scenario.draws is not None
    assert scenario.ratings.drift["adequate"]["good"] == pytest.approx(draws["drift.adequate.good"].median(), abs=1e-3)
    holds(Model(scenario, 3).run(), scenario)


def test_a_judgement_that_the_scenario_does_not_declare_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["fit", str(history_in_five(tmp_path / "history.csv"))]) == 2
    assert "adequate" in capsys.readouterr().err


# ---------------------------------------------------------------- any number of grades


def in_grades(names: Sequence[str], good: int, monitored: Sequence[bool], rates: Sequence[float]) -> Scenario:
    """A scenario of so many grades, the first of which count as good; monitoring follows some of them."""
    base = load("ilacs_launch", {"years": 2, "framework": "ilacs_2018", "draws": "none"})
    values: dict[str, Any] = base.model_dump()
    last = len(names) - 1
    like = {name: JUDGEMENTS[round(place * (len(JUDGEMENTS) - 1) / last)] for place, name in enumerate(names)}
    pathways = values["frameworks"]["ilacs_2018"]["pathways"]

    def by_grade(shares: dict[str, float]) -> dict[str, float]:
        return {name: shares[old] for name, old in like.items()}

    found = {}
    for name, follows in zip(names, monitored, strict=True):
        pathway = dict(pathways["inadequate" if follows else like[name]])
        if pathway["longer"] is not None:
            pathway["longer"] = {**pathway["longer"], "share": by_grade(pathway["longer"]["share"])}
        contacts = dict(pathway["contacts"])
        if not follows:
            contacts.pop("monitoring", None)
        if "focused" in contacts:
            shares = by_grade(contacts["focused"]["priority_action_share"])
            contacts["focused"] = {**contacts["focused"], "priority_action_share": shares}
        if "monitoring" in contacts:
            progress = contacts["monitoring"]["enough_progress"]
            enough = {**progress, "share": by_grade(progress["share"])}
            contacts["monitoring"] = {**contacts["monitoring"], "enough_progress": enough}
        found[name] = pathway | {"contacts": contacts}
    values["frameworks"]["ilacs_2018"] = {**values["frameworks"]["ilacs_2018"], "pathways": found}
    grades = Grades.of(names, names[good - 1], {})
    values["ratings"] |= {
        "grades": tuple(names), "good_or_better": names[good - 1], "called": {},
        "drift": {
            name: {names[to]: rates[(place + to) % len(rates)] for to in grades.beside(place)}
            for place, name in enumerate(names)
        },
        "judging": {
            name: {name: 0.8} | {names[to]: 0.2 / len(grades.beside(place)) for to in grades.beside(place)}
            for place, name in enumerate(names)
        },
        "mix": {name: 1 / len(names) for name in names},
    }  # fmt: skip
    values["authorities"] = tuple(
        {**each, "judgement": names[number % len(names)]} for number, each in enumerate(values["authorities"][::6])
    )
    return Scenario.model_validate(values)


def holds(record: Record, scenario: Scenario) -> None:
    """What is true of every run, whatever its grades."""
    grades = scenario.grades
    for visit in record.visits:
        assert visit.judgement_before in grades.names
        assert visit.judgement_after is None or visit.judgement_after in grades.names
        assert visit.status in ("published", "in_progress", "waiting", "cancelled")
        if visit.kind == "monitoring":
            pathways = [framework.pathways[visit.judgement_before] for framework in scenario.frameworks.values()]
            assert any(pathway.monitoring is not None for pathway in pathways)
    before: dict[str, int] = {}
    for move in record.quality:
        place = grades.place[move.quality]
        assert move.authority not in before or abs(before[move.authority] - place) == 1
        before[move.authority] = place
    for decline in record.declines:
        assert decline.judgement in grades.names[:-1]  # nobody is below the worst


@st.composite
def vocabularies(draw: st.DrawFn) -> Scenario:
    number = draw(st.integers(2, 6))
    word = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True).filter(
        lambda name: name != "all" and not name.endswith("_started")
    )
    names = draw(st.lists(word, min_size=number, max_size=number, unique_by=words))
    monitored = draw(st.lists(st.booleans(), min_size=number, max_size=number))
    rates = draw(st.lists(st.sampled_from([0.1, 0.5, 1.5]), min_size=3, max_size=3))
    return in_grades(names, draw(st.integers(1, number - 1)), monitored, rates)


@settings(
    max_examples=12, deadline=None, phases=[Phase.explicit, Phase.generate], derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)  # fmt: skip
@given(vocabularies())
@pytest.mark.slow
def test_in_any_grades_visits_and_people_are_as_in_four(scenario: Scenario) -> None:
    model = Model(scenario, 0)
    record = model.run()
    holds(record, scenario)
    found = measures_of(scenario, 0)
    own = [f"authorities_{name}" for name in scenario.grades.names]
    assert [name for name in found.names if name.startswith("authorities_")] == own
    for year in found.years:
        assert sum(found.column(year, name)[0] for name in own) == len(scenario.authorities)
    spans: dict[str, list[tuple[int, int]]] = {}
    for part in record.assignments:
        spans.setdefault(part.inspector, []).append((part.first_day, part.last_day))
    for days in spans.values():
        days.sort()
        assert all(ends < begins for (_, ends), (begins, _) in pairwise(days))


def test_two_grades_run_with_monitoring_after_the_worse() -> None:
    scenario = in_grades(("met", "not_met"), 1, (False, True), (0.5, 0.5, 0.5))
    record = Model(scenario, 0).run()
    holds(record, scenario)
    assert {visit.judgement_before for visit in record.visits if visit.kind == "monitoring"} == {"not_met"}
    assert {each.judgement for each in record.judgements} == {"met", "not_met"}


def test_four_grades_by_other_names_give_the_same_visits() -> None:
    """What follows a judgement hangs on its pathway and its place, not on its name."""
    monitored = (False, False, False, True)
    one, other = (
        in_grades(names, 2, monitored, (0.5, 0.5, 0.5)) for names in (JUDGEMENTS, ("best", "sound", "weak", "failing"))
    )
    ours, theirs = (Model(scenario, 0).run() for scenario in (one, other))
    name_of = dict(zip(one.grades.names, other.grades.names, strict=True))
    renamed = [
        visit._replace(
            judgement_before=name_of[visit.judgement_before],
            judgement_after=visit.judgement_after and name_of[visit.judgement_after],
        )
        for visit in ours.visits
    ]
    assert renamed == theirs.visits
    assert ours.assignments == theirs.assignments


@pytest.mark.parametrize("number", range(2, 7))
def test_a_visit_sees_a_grade_or_one_beside_it(number: int) -> None:
    grades = Grades.of([f"grade_{place}" for place in range(number)], "grade_0", {})
    for grade in range(number):
        seen = [grades.place[reading(grade, 0.7, (place + 0.5) / 1000, grades)] for place in range(1000)]
        for other in range(number):
            assert seen.count(other) / 1000 == pytest.approx(seen_given(grade, 0.7, other, grades), abs=2e-3)


# ---------------------------------------------------------------- what is wrong


def knows_fair() -> str:
    """The framework with a pathway and shares for a grade that the scenario does not declare."""
    _, _, rest = FRAMEWORK.partition("[pathways.adequate]")
    pathway, _, _ = rest.partition("[pathways.outstanding")
    return FRAMEWORK.replace("\nadequate = ", "\nfair = 0.0\nadequate = ") + f"\n[pathways.fair]{pathway}"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"adequate", "requires_improvement", "inadequate"]', '"adequate", "good", "inadequate"]',
         "'good' appears more than once"),
        ('grades = ["outstanding", "good", "adequate", "requires_improvement", "inadequate"]', 'grades = ["good"]',
         "give at least 2"),
        ('good_or_better = "good"', 'good_or_better = "inadequate"', "every grade would count as good"),
        ('good_or_better = "good"', 'good_or_better = "godo"', "did you mean 'good'?"),
        ('good_or_better = "good"\n', "", ""),
        ("called = { adequate", "called = { adequat", "called.adequat: it is not a grade; did you mean 'adequate'?"),
        ("called = { adequate = \"Adequate (made up)\"", "called = { adequate = \"good\"",
         "'good' in a table could also mean good"),
        ("outstanding = { good = 0.3 }", "outstanding = { goood = 0.3 }", "drift.outstanding.goood: it is not a grade"),
        ("adequate = { good = 0.2, requires_improvement = 0.3 }", "adequate = { adequate = 0.2 }",
         "quality cannot move to where it is"),
        ("adequate = { good = 0.05, adequate = 0.9, requires_improvement = 0.05 }\n", "",
         "judging.adequate: probabilities must add up to 1, not 0"),
        ("adequate = 0.3\n", "adequate = 0.3\nfair = 0.1\n", "mix.fair: it is not a grade"),
        ('"inadequate"]', '"inadequate", "all"]', "charts and tables use the word 'all'"),
        ('"inadequate"]', '"inadequate", "not_started"]', "authorities_not_started would look like a measure"),
        ('"inadequate"]', '"inadequate", "Not met"]', "Not met"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_grades_is_said(old: str, new: str, words: str, tmp_path: Path) -> None:
    assert old in SCENARIO
    path = written(tmp_path, SCENARIO.replace(old, new, 1))
    if not words:
        assert load(path).grades.good == 2
        return
    with pytest.raises(InputError) as refused:
        load(path)
    assert words in str(refused.value)
    assert "Traceback" not in str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("[pathways.adequate]", "[pathways.fair]", "give a share for every grade; missing: fair"),
        ("[pathways.adequate]", "[pathways.fair]", "give a pathway for every judgement; missing: adequate"),
        ("adequate = 0.15", "fair = 0.15", "give a share for every grade; missing: adequate"),
        ("adequate = 0.15", "fair = 0.15", "give a pathway for every judgement; missing: fair"),
    ],
)
def test_what_a_framework_does_not_know_of_the_grades_is_said(old: str, new: str, words: str, tmp_path: Path) -> None:
    assert old in FRAMEWORK
    path = written(tmp_path, framework=FRAMEWORK.replace(old, new, 1))
    with pytest.raises(InputError) as refused:
        load(path)
    assert words in str(refused.value)


def test_a_pathway_of_a_grade_that_is_not_declared_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        load(written(tmp_path, framework=knows_fair()))
    (fault,) = refused.value.faults
    assert fault.key == "frameworks.fire.pathways.fair" and "it is not a grade" in fault.allowed


def test_an_authority_of_a_grade_that_is_not_declared_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path)
    services = (tmp_path / "services.csv").read_text(encoding="utf-8")
    (tmp_path / "services.csv").write_text(services + row(9, "fair") + "\n", encoding="utf-8")
    with pytest.raises(InputError, match="'fair'; allowed: adequate, good, inadequate"):
        load(path)
    rows = [each.model_dump() for each in load("ilacs_launch").authorities[:3]]
    with pytest.raises(InputError, match="'adequate' is not a grade"):
        load("ilacs_launch", {"authorities": tuple({**each, "judgement": "adequate"} for each in rows)})


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    scenario = SCENARIO.replace("years = 3", "years = 99").replace('good_or_better = "good"', 'good_or_better = "ok"')
    path = written(tmp_path, scenario)
    services = (tmp_path / "services.csv").read_text(encoding="utf-8")
    (tmp_path / "services.csv").write_text(services.replace("London", "Lundon"), encoding="utf-8")
    with pytest.raises(InputError) as refused:
        load(path)
    assert all(words in str(refused.value) for words in ("99", "'ok' is not a grade", "'Lundon'"))


def test_a_fault_elsewhere_brings_no_fault_of_the_grades_with_it(tmp_path: Path) -> None:
    path = written(tmp_path, SCENARIO.replace("adequate = { good = 0.2,", "adequate = { good = -0.2,"))
    with pytest.raises(InputError) as refused:
        load(path)
    (fault,) = refused.value.faults
    assert fault.key == "ratings.drift.adequate.good"


def test_draws_of_other_grades_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path, SCENARIO.replace("years = 3", 'years = 3\ndraws = "mine.csv"'))
    (tmp_path / "mine.csv").write_text("drift.good.fair\n0.1\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"drift\.good\.fair"):
        load(path)


def test_a_measure_of_a_grade_that_the_scenario_has_not_is_refused(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for asked in (
        ["capacity", str(file), "--measure", "authorities_fair", "--at-least", "1", "--from-year", "1"],
        ["run", str(file), "--until", "authorities_fair<=1"],
        ["compare", str(file), str(file), "--measures", "authorities_fair"],
    ):
        assert main(asked) == 2
        assert "authorities_fair" in capsys.readouterr().err
