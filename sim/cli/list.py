"""Lists what the package contains: ``python -m sim list``."""

from __future__ import annotations

import argparse
import textwrap
import tomllib
from collections.abc import Mapping

from sim.base.package_data import SAMPLES, authority_tables, inspectorates, people_tables, shipped
from sim.cli.ending import DONE
from sim.cli.flags import add_examples
from sim.runs.measures import MEASURES
from sim.runs.tables import WORDS


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    add_examples(parser, "list", "list | grep inspections_")


def action(_: argparse.Namespace) -> int:
    """Print the built-in scenarios, frameworks and tables, the measures with their formulas, and the words of the
    tables.
    """
    print("Scenarios (python -m sim run NAME)")
    _print_scenarios(shipped("scenarios"))
    print('\nFrameworks (framework = "NAME" in a scenario)')
    _print_frameworks(shipped("frameworks"))
    print('\nTables of authorities (authorities = "NAME" in a scenario)')
    _print_tables(authority_tables(), "authorities")
    for name in SAMPLES:
        print(f"  {name:28} made-up authorities, in the layout of a published spreadsheet")
    print('\nTables of people in post (in_post = "NAME" under [workforce] in a scenario)')
    for name, content in people_tables().items():
        print(f"  {name:28} {content.count(chr(10)) - 1} made-up people")
    for name, inspectorate in inspectorates().items():
        print(f"\nAnother inspectorate, {name}: its scenarios, its frameworks, and tables of the services it inspects")
        _print_scenarios(inspectorate.scenarios)
        _print_frameworks(inspectorate.frameworks)
        _print_tables(inspectorate.tables, "rows")
    print("\nMeasures, with unit and formula (for each financial year, in measures.parquet and summary.csv)")
    for measure in MEASURES:
        print(f"  {measure.name:34} {measure.unit}")
        print(textwrap.indent(textwrap.fill(measure.formula, 108), " " * 8))
    print("\nWords used in the columns of the result tables")
    for column, words in WORDS.items():
        print(f"  {column:28} {', '.join(words)}")
    return DONE


def _print_scenarios(texts: Mapping[str, str]) -> None:
    for name, content in texts.items():
        print(f"  {name:28} {tomllib.loads(content).get('question', '')}")


def _print_frameworks(texts: Mapping[str, str]) -> None:
    for name, content in texts.items():
        title = tomllib.loads(content).get("title", "")
        print(f"  {name:28} {title['value'] if isinstance(title, dict) else title}")


def _print_tables(texts: Mapping[str, str], of: str) -> None:
    for name, content in texts.items():
        print(f"  {name:28} {content.count(chr(10)) - 1} {of}")
