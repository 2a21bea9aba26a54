"""Describe each column of each file of a study: the data dictionary."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from io import StringIO
from pathlib import Path

from sim.analysis.programme_figures import MEASURES
from sim.base.package_data import table
from sim.inputs.assumptions import entries
from sim.inputs.scenario import Scenario
from sim.inputs.unknowns import shipped_unknowns
from sim.runs.measures import defined_for
from sim.runs.tables import WORDS

DICTIONARY = "columns.csv"
"""File of the package that describes the columns, and file of a study that describes its own columns."""
HEAD = ("file", "column", "unit", "meaning", "allowed")
"""Columns of the dictionary."""
TABLES = (".csv", ".parquet")
"""Endings of the files whose columns the dictionary describes."""
EVERY_FILE = "*"
ENDS = {
    "_low": "Lower limit of the 95% interval of",
    "_high": "Upper limit of the 95% interval of",
    "_p10": "Value that one run in ten is below, of",
    "_p90": "Value that nine runs in ten are below, of",
}
"""Meaning of the ending of a column's name, for the column named without it."""
SCORE = "crps_"
AS_IN_UNIT, AS_THE_MEASURE = "as in unit", "as the measure"
"""Units that differ from row to row of a column."""


@dataclass(frozen=True)
class Column:
    """Describe a column of a file.

    Attributes
    ----------
    file, name : str
        Names of the file and of the column.
    unit : str
        Unit of the figures; empty if they have none.
    meaning : str
        What the column holds; empty if the dictionary does not know it, as in a script's own table.
    allowed : str
        Words that the column may hold, if there is a fixed list.
    """

    file: str
    name: str
    unit: str = ""
    meaning: str = ""
    allowed: str = ""


@dataclass(frozen=True)
class Dictionary:
    """Hold the meaning of columns in a study of a scenario.

    Attributes
    ----------
    named : mapping of str to Column
        Columns named after a measure, an assumption or a calibrated number.
    words : mapping of str to sequence of str
        Words that a column may hold, by the name of their list.
    own : mapping of tuple of str to Column
        Columns that only one study has, by file and name.
    """

    named: Mapping[str, Column]
    words: Mapping[str, Sequence[str]]
    own: Mapping[tuple[str, str], Column] = field(default_factory=dict)

    @classmethod
    def of(cls, scenario: Scenario, own: Iterable[Column] = ()) -> Dictionary:
        """Return the dictionary of a scenario, with its own words and measures, and a study's own columns."""
        named = [Column("", each.name, each.unit, each.title) for each in shipped_unknowns()]
        named += [Column("", each.key, each.unit, each.meaning) for each in entries(scenario)]
        named += [Column("", each.name, each.unit, each.formula) for each in defined_for(scenario)]
        words: dict[str, Sequence[str]] = {
            "kind": tuple(scenario.kinds_of_visit),
            "judgement": tuple(scenario.grades.names),
            "role": tuple(scenario.workforce.roles),
            "region": tuple(scenario.workforce.regions),
        }
        return cls({each.name: each for each in named}, WORDS | words, {(each.file, each.name): each for each in own})

    def column(self, file: str, name: str) -> Column:
        """Return the description of a column of a file."""
        known = _known()
        found = self.own.get((file, name)) or known.get((file, name)) or known.get((EVERY_FILE, name))
        found = found or self.named.get(name)
        if found is not None:
            words = self.words.get(found.allowed.removeprefix("= "))
            return replace(found, file=file, name=name, allowed=found.allowed if words is None else ", ".join(words))
        for end, said in ENDS.items():
            if name.endswith(end):
                inner = self.column(file, name.removesuffix(end))
                return replace(inner, name=name, meaning=inner.meaning and f"{said} {inner.name}", allowed="")
        if name.startswith(SCORE):
            rival = name.removeprefix(SCORE).replace("_", " ")
            return Column(
                file, name, AS_IN_UNIT, f"Continuous ranked probability score of the {rival}; lower is better"
            )
        figure, *of = name.split() or [name]
        if of and figure in MEASURES:
            return Column(file, name, MEASURES[figure][0], f"{MEASURES[figure][1]} ({' '.join(of)})")
        return Column(file, name)

    def columns_of(self, path: Path) -> list[Column]:
        """Return the descriptions of the columns of a CSV or Parquet file, in order."""
        if path.suffix == ".parquet":
            import pyarrow.parquet as pq

            names: Sequence[str] = pq.read_schema(path).names
        else:
            with path.open(encoding="utf-8", newline="") as text:
                names = next(csv.reader(text), [])
        return [self.column(path.name, name) for name in names]

    def text_of(self, folder: Path) -> str:
        """Return the text of the file that describes the columns of every table of a folder, and its own."""
        tables = sorted(path for path in folder.iterdir() if path.suffix in TABLES and path.name != DICTIONARY)
        return text_of_columns([column for path in tables for column in self.columns_of(path)])


def text_of_columns(columns: Sequence[Column]) -> str:
    """Return the text of a file that describes columns, and then its own columns."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEAD)
    own = [_known()[DICTIONARY, name] for name in HEAD]
    writer.writerows((each.file, each.name, each.unit, each.meaning, each.allowed) for each in (*columns, *own))
    return text.getvalue()


def read_columns(text: str) -> list[Column]:
    """Read the columns that the text of a dictionary describes."""
    return [Column(*(row[name] for name in HEAD)) for row in csv.DictReader(StringIO(text, newline=""))]


@cache
def _known() -> Mapping[tuple[str, str], Column]:
    """Return the columns that the package describes, by file and name."""
    return {(each.file, each.name): each for each in read_columns(table(DICTIONARY))}
