"""Defines the grades of quality, best first, as a scenario declares them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from sim.base.faults import nearest
from sim.base.package_data import table
from sim.inputs.spellings import words

Judgement = str
"""Name of a grade, as used in tables and measures."""
WORD = re.compile(r"[a-z][a-z0-9_]*")
"""Pattern of the names that grades may have in tables and measures."""
FEWEST = 2
"""Fewest grades: with only one there is nothing to judge."""
OF_EVERY_ONE = "all"
"""Word that charts and tables use for all grades together; no grade may have this name."""
STARTED = "_started"
"""Ending of the names of measures of a kind of visit; ``authorities_GRADE`` must not end with it."""


@dataclass(frozen=True)
class Grades:
    """Represents the grades of an inspectorate.

    Attributes
    ----------
    names : tuple of str
        Names used in tables and measures, best first.
    called : tuple of str
        Published names, in the same order.
    good : int
        How many of them, from the best, count as good or better.
    """

    names: tuple[Judgement, ...]
    called: tuple[str, ...]
    good: int

    @classmethod
    def of(cls, grades: Sequence[Judgement], good_or_better: Judgement, called: Mapping[Judgement, str]) -> Grades:
        """Build grades from their names, the lowest that counts as good, and any published names that differ from
        the plain words.
        """
        published = tuple(called.get(name, name.replace("_", " ").capitalize()) for name in grades)
        return cls(tuple(grades), published, grades.index(good_or_better) + 1)

    def __len__(self) -> int:
        return len(self.names)

    @cached_property
    def place(self) -> Mapping[Judgement, int]:
        """Return the position of each grade, from 0 for the best."""
        return {name: place for place, name in enumerate(self.names)}

    @cached_property
    def name_of(self) -> Mapping[Judgement, str]:
        """Return the published name of each grade."""
        return dict(zip(self.names, self.called, strict=True))

    @property
    def worst(self) -> Judgement:
        """Return the last grade."""
        return self.names[-1]

    def beside(self, grade: int) -> list[int]:
        """Return the positions of the neighbouring grades: two, or one for the best and the worst."""
        return [to for to in (grade - 1, grade + 1) if 0 <= to < len(self)]

    @cached_property
    def spellings(self) -> Mapping[Judgement, Sequence[str]]:
        """Return other ways in which tables may write each grade: its published name, and its number from the best."""
        found = {}
        for number, (name, called) in enumerate(zip(self.names, self.called, strict=True), start=1):
            numbered = [text for word in (name, called) for text in (f"{number} {word}", f"{word} {number}")]
            found[name] = [called, str(number), f"grade {number}", *numbered]
        return found


def faults_of(names: Sequence[Judgement], good_or_better: Judgement, called: Mapping[Judgement, str]) -> Iterator[str]:
    """List what is wrong with declared grades, each line with its key."""
    if len(names) < FEWEST:
        yield f"grades: give at least {FEWEST}, best first"
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"grades: {name!r} appears more than once; name each grade once, best first"
    yield from (fault for name in dict.fromkeys(names) for fault in _faults_of_name(name))
    if good_or_better not in names:
        yield f"good_or_better: {good_or_better!r} is not a grade; {nearest(good_or_better, names)}"
    elif len(names) >= FEWEST and good_or_better == names[-1]:
        yield f"good_or_better: {good_or_better!r} is the last grade, the worst, so every grade would count as good"
    for name in called:
        if name not in names:
            yield f"called.{name}: it is not a grade; {nearest(name, names)}"
    meant: dict[str, str] = {}
    for name in dict.fromkeys(names):
        for word in (name, called.get(name, name)):
            if (other := meant.setdefault(words(word), name)) != name:
                yield f"called.{name}: {word!r} in a table could also mean {other}; give another name"
                break


def _faults_of_name(name: Judgement) -> Iterator[str]:
    if not WORD.fullmatch(name):
        yield f"grades: {name!r} must contain only small letters, digits and underscores, and begin with a letter"
    if name == OF_EVERY_ONE:
        yield f"grades: charts and tables use the word {name!r} for all grades together; give another name"
    if name.endswith(STARTED):
        yield f"grades: rename {name!r}: authorities_{name} would look like a measure of a kind of visit, {STARTED}"


def undeclared(key: str, found: Iterable[Judgement], names: Sequence[Judgement]) -> Iterator[str]:
    """List names in a table by grade that are not grades, each line with its key."""
    for name in found:
        if name not in names:
            yield f"{key}.{name}: it is not a grade; {nearest(name, names)}"


class Declared(NamedTuple):
    """Holds grades as a scenario declares them; see ``ratings`` in a scenario."""

    grades: tuple[Judgement, ...]
    good_or_better: Judgement
    called: Mapping[Judgement, str]


def _declared(text: str) -> Declared:
    found = tomllib.loads(text)
    return Declared(tuple(found["grades"]), found["good_or_better"], found["called"])


DECLARED = _declared(table("grades.toml"))
"""Grades of a scenario that declares none."""
SHIPPED = Grades.of(*DECLARED)
"""The same grades, for a table that is read without a scenario."""
JUDGEMENTS = SHIPPED.names
"""Names of these grades, best first."""
