"""The grades in which quality is judged, best first, as a scenario declares them."""

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
"""Name of a grade, as tables and measures have it."""
WORD = re.compile(r"[a-z][a-z0-9_]*")
"""What a grade may be called in tables and measures."""
FEWEST = 2
"""Grades that there must be, so that there is anything to judge."""
OF_EVERY_ONE = "all"
"""Word that figures have instead of a grade; no grade may be called so."""
STARTED = "_started"
"""End of the names of measures of a kind of visit; ``authorities_GRADE`` must not end so."""


@dataclass(frozen=True)
class Grades:
    """Grades of an inspectorate.

    Attributes
    ----------
    names : tuple of str
        Best first, as tables and measures have them.
    called : tuple of str
        Their published names, in the same order.
    good : int
        How many of them, from the best, count as good or better.
    """

    names: tuple[Judgement, ...]
    called: tuple[str, ...]
    good: int

    @classmethod
    def of(cls, grades: Sequence[Judgement], good_or_better: Judgement, called: Mapping[Judgement, str]) -> Grades:
        """Grades by name, the last of those that count as good, and published names other than the plain words."""
        published = tuple(called.get(name, name.replace("_", " ").capitalize()) for name in grades)
        return cls(tuple(grades), published, grades.index(good_or_better) + 1)

    def __len__(self) -> int:
        return len(self.names)

    @cached_property
    def place(self) -> Mapping[Judgement, int]:
        """Place of each grade, from 0, the best."""
        return {name: place for place, name in enumerate(self.names)}

    @cached_property
    def name_of(self) -> Mapping[Judgement, str]:
        """Published name of each grade."""
        return dict(zip(self.names, self.called, strict=True))

    @property
    def worst(self) -> Judgement:
        """The last grade."""
        return self.names[-1]

    def beside(self, grade: int) -> list[int]:
        """Places of the grades next to one: two, or one of the best and the worst."""
        return [to for to in (grade - 1, grade + 1) if 0 <= to < len(self)]

    @cached_property
    def spellings(self) -> Mapping[Judgement, Sequence[str]]:
        """How tables may write each grade beside its name: its published name, and its number from the best."""
        found = {}
        for number, (name, called) in enumerate(zip(self.names, self.called, strict=True), start=1):
            numbered = [text for word in (name, called) for text in (f"{number} {word}", f"{word} {number}")]
            found[name] = [called, str(number), f"grade {number}", *numbered]
        return found


def faults_of(names: Sequence[Judgement], good_or_better: Judgement, called: Mapping[Judgement, str]) -> Iterator[str]:
    """What is wrong with grades that are declared, each line with its key."""
    if len(names) < FEWEST:
        yield f"grades: there must be {FEWEST} or more, best first"
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"grades: {name!r} stands at more than one place of the order; name each grade once, best first"
    yield from (fault for name in dict.fromkeys(names) for fault in _faults_of_name(name))
    if good_or_better not in names:
        yield f"good_or_better: {good_or_better!r} is no grade; {nearest(good_or_better, names)}"
    elif len(names) >= FEWEST and good_or_better == names[-1]:
        yield f"good_or_better: {good_or_better!r} is the last grade, the worst, so every grade would count as good"
    for name in called:
        if name not in names:
            yield f"called.{name}: it is no grade; {nearest(name, names)}"
    meant: dict[str, str] = {}
    for name in dict.fromkeys(names):
        for word in (name, called.get(name, name)):
            if (other := meant.setdefault(words(word), name)) != name:
                yield f"called.{name}: a table that says {word!r} could mean {other} as well; give another name"
                break


def _faults_of_name(name: Judgement) -> Iterator[str]:
    if not WORD.fullmatch(name):
        yield f"grades: {name!r} must be of small letters, digits and underscores, and begin with a letter"
    if name == OF_EVERY_ONE:
        yield f"grades: figures have the word {name!r} for authorities of every grade; give another name"
    if name.endswith(STARTED):
        yield f"grades: measures of kinds of visit end in {STARTED}, so authorities_{name} would be one; rename it"


def undeclared(key: str, found: Iterable[Judgement], names: Sequence[Judgement]) -> Iterator[str]:
    """Names of a table by grade that are no grades, each line with its key."""
    for name in found:
        if name not in names:
            yield f"{key}.{name}: it is no grade; {nearest(name, names)}"


class Declared(NamedTuple):
    """Grades as a scenario declares them; see ``ratings`` in a scenario."""

    grades: tuple[Judgement, ...]
    good_or_better: Judgement
    called: Mapping[Judgement, str]


def _declared(text: str) -> Declared:
    found = tomllib.loads(text)
    return Declared(tuple(found["grades"]), found["good_or_better"], found["called"])


DECLARED = _declared(table("grades.toml"))
"""Grades of a scenario that declares none."""
SHIPPED = Grades.of(*DECLARED)
"""The same, of a table that is read without a scenario."""
JUDGEMENTS = SHIPPED.names
"""Their names, best first."""
