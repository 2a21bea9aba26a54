"""What ships in the package: ``python -m sim list``."""

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
    """Add the flags of the command."""
    add_examples(parser, "list", "list | grep inspections_")


def action(_: argparse.Namespace) -> int:
    """Print what ships, every measure with its formula, and the words of the tables."""
    print("Scenarios (python -m sim run NAME)")
    _print_scenarios(shipped("scenarios"))
    print('\nFrameworks (framework = "NAME" in a scenario)')
    _print_frameworks(shipped("frameworks"))
    print('\nTables of authorities (authorities = "NAME" in a scenario)')
    _print_tables(authority_tables(), "authorities")
    for name in SAMPLES:
        print(f"  {name:28} made up, in the layout of a published spreadsheet")
    print('\nTables of people in post (in_post = "NAME" under [workforce] in a scenario)')
    for name, content in people_tables().items():
        print(f"  {name:28} {content.count(chr(10)) - 1} people, made up")
    for name, inspectorate in inspectorates().items():
        print(f"\nOf another inspectorate, {name}: scenarios, frameworks, and tables of whom it inspects")
        _print_scenarios(inspectorate.scenarios)
        _print_frameworks(inspectorate.frameworks)
        _print_tables(inspectorate.tables, "rows")
    print("\nMeasures (of each financial year, in measures.parquet and summary.csv): unit, and formula")
    for measure in MEASURES:
        print(f"  {measure.name:34} {measure.unit}")
        print(textwrap.indent(textwrap.fill(measure.formula, 108), " " * 8))
    print("\nWords in the columns of the tables")
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
