"""Collect the provenance of every number, including assumptions that no scenario sets.

Each number has its meaning, unit, source and confidence.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module

from sim.analysis.fitting import CHOSEN, PRIOR, prior_quantiles
from sim.base.faults import Argument, Fault, nearest
from sim.base.figures import EIGHT_IN_TEN, listed
from sim.base.package_data import table
from sim.inputs.assumptions import Entry
from sim.inputs.toml_tree import CONFIDENCES, Note
from sim.inputs.unknowns import shipped_unknowns

CONSTANTS = "constants.toml"
"""Table of the constants: where each is in the code, and what it means."""


@dataclass(frozen=True)
class Wanted:
    """Select entries of a book; select all of them if nothing is given.

    Attributes
    ----------
    confidences : tuple of str
        Confidences to select, from :data:`CONFIDENCES`.
    words : tuple of str
        Words to look for in the key. A space matches ``.`` and ``_``.
    """

    confidences: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.confidences or self.words)

    def of(self, book: Sequence[Entry]) -> list[Entry]:
        """Return the selected entries, in their order."""
        return [
            entry
            for entry in book
            if (not self.confidences or entry.note.confidence in self.confidences)
            and (not self.words or any(_plain(word) in _plain(entry.key) for word in self.words))
        ]

    def faults(self, book: Sequence[Entry]) -> Iterator[Fault]:
        """Name the words that are not a confidence, and those that no key of a book has."""
        for word in self.confidences:
            if word not in CONFIDENCES:
                yield Fault(Argument("confidences"), "", word, nearest(word, CONFIDENCES))
        for word in self.words:
            if not Wanted(words=(word,)).of(book) or not word.strip():
                parts = {part for entry in book for part in (entry.key, *entry.key.split("."))}
                yield Fault(Argument("words"), "", word, f"no key has this word; {nearest(word, parts)}")

    def __str__(self) -> str:
        said = ["no" if word == "none" else word for word in self.confidences]
        of = f"of {listed(said, 'or')} confidence" if said else ""
        have = f"with {listed([repr(word) for word in self.words], 'or')} in the key" if self.words else ""
        return " ".join(filter(None, (of, have)))


def _plain(key: str) -> str:
    """Return a key as words between spaces."""
    return " ".join(key.lower().replace(".", " ").replace("_", " ").split())


def section_of(key: str) -> str:
    """Return the table of a key in the file: two levels deep, and four inside a framework."""
    tables = key.split(".")[:-1]
    return ".".join(tables[: 4 if tables and tables[0] == "frameworks" else 2]) or "scenario"


def outside_scenarios() -> list[Entry]:
    """Return assumptions that no scenario sets: priors of the fit and the calibration, and constants in the code."""
    return [*_prior_of_the_fit(), *_priors_of_the_calibration(), *_constants()]


def _prior_of_the_fit() -> Iterator[Entry]:
    """Return what a fit of drift and judgement assumes before it sees any inspection."""
    known = prior_quantiles(CHOSEN, PRIOR, EIGHT_IN_TEN)
    a, b = PRIOR.error
    gamma = f"gamma, shape {PRIOR.rate_shape:g}, mean"
    rows: tuple[tuple[str, str, str, str, tuple[int, int] | str, str], ...] = (
        (
            "rate",
            f"{gamma} {PRIOR.rate_mean:g}",
            "moves a year",
            "rate of each move of true quality to the next grade",
            CHOSEN.moves[0],
            "assumption, worth as many observed moves as its shape: without it, a grade that no authority was seen to "
            "leave would last for ever",
        ),
        (
            "recovery",
            f"{gamma} {PRIOR.recovery_mean:g}",
            "moves a year",
            "rate of the move out of inadequate",
            (CHOSEN.worst, CHOSEN.worst - 1),
            "assumption, from the promise to inspect inadequate authorities again within two years (2016)",
        ),
        (
            "error",
            f"beta ({a:g}, {b:g}), mean {a / (a + b):g}",
            "probability",
            "probability that a judgement is wrong by a grade, equally likely to either side",
            "error",
            "assumption: nothing published says how often a judgement is wrong",
        ),
        ("mix", "uniform", "share", "mix of true quality at the first inspection, by grade", "mix", "no mix preferred"),
    )
    for name, value, unit, meaning, of, source in rows:
        low, high = (round(float(each), 3) for each in known[of])
        yield Entry(f"fit.prior.{name}", value, unit, f"{meaning}; eight in ten", Note(source, "low", low, high))


def _priors_of_the_calibration() -> Iterator[Entry]:
    """Return what a calibration assumes about people and planning before it sees any inspection."""
    for unknown in shipped_unknowns():
        value = "uniform" if unknown.changes is None else " or ".join(f"{value:g}" for value in unknown.values)
        kind = "; whole numbers" if unknown.whole else "" if unknown.changes is None else "; equally likely"
        note = Note(unknown.source, "low", unknown.values[0], unknown.values[-1])
        yield Entry(f"calibration.prior.{unknown.name}", value, unknown.unit, f"{unknown.title}{kind}", note)


def _constants() -> Iterator[Entry]:
    """Return numbers in the code that are assumptions, or that decide what is compared with history."""
    rows: Mapping[str, Mapping[str, str]] = tomllib.loads(table(CONSTANTS))
    for name, row in rows.items():
        module, constant = row["stands"].rsplit(".", 1)
        value = getattr(import_module(module), constant)
        source = f"{row['source']} ({module.replace('.', '/')}.py)"
        yield Entry(f"code.{name}", value, row["unit"], row["meaning"], Note(source, row["confidence"]))
