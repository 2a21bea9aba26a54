"""Represent what a study found as data: sentences, tables, figures and notes.

A study ends in one :class:`Answer`, kept as ``answer.json`` in its folder. The text on a terminal
(:meth:`Answer.text`), the page of a report and a notebook are made from it; no program reads these back.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from itertools import zip_longest
from pathlib import Path
from typing import Any, ClassVar, Literal, get_args, get_origin, get_type_hints

from sim.base.faults import NOT_SHOWN, Fault, InputError
from sim.base.figures import aligned
from sim.base.visible import visible

ANSWER, ANSWER_TEXT = "answer.json", "answer.txt"
"""Files of a study's folder: its answer as data, and as a terminal shows it."""
VERSION = 1
"""Version of the layout of ``answer.json``."""
WIDTH = 118
"""Longest line of a text, in letters."""
LAST_WORDS = 30
"""Fewest letters in a line of the last column of a wide table."""
INDENT = " " * 4
GAP = " " * 2
"""Space between two columns."""
LEAD = 3
"""Default number of sentences that lead an answer, for a reader in a hurry."""

Role = Literal["lead", "body", "limit", "failure", "context"]
"""``lead``: for a reader in a hurry; ``limit``: what the answer leaves out or takes for granted; ``failure``: runs that
failed; ``context``: what was studied, which a page says in its own headings and tables; ``body``: everything else."""


@dataclass(frozen=True)
class Sentence:
    """Hold one or a few sentences of the answer.

    Attributes
    ----------
    text : str
        The words, on one line.
    role : {"lead", "body", "limit", "failure", "context"}
        Role that the sentences play in the answer; see :data:`Role`.
    """

    text: str
    role: Role = "body"
    kind: ClassVar[str] = "sentence"

    def lines(self, width: int = WIDTH) -> Iterator[str]:
        """Return the lines of the text, none longer than the width."""
        yield from _filled(self.text, width)


@dataclass(frozen=True)
class Table:
    """Hold the rows of a table under their head.

    Attributes
    ----------
    caption : str
        What the table shows.
    head : tuple of str
        Name of each column, with its unit where it has one.
    rows : tuple of tuple of str
        Cells as a reader sees them.
    words : int
        Number of columns at the left that hold words; the others hold figures.
    ends_in_words : bool
        Whether the last column also holds words.
    file : str
        File of the folder that holds the unrounded figures; empty if there is none.
    units : tuple of str
        Unit of each column, if the table shows units beneath the head.
    """

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: int = 1
    ends_in_words: bool = False
    file: str = ""
    units: tuple[str, ...] = ()
    kind: ClassVar[str] = "table"

    def __post_init__(self) -> None:
        if any(len(row) != len(self.head) for row in (*self.rows, self.units or self.head)):
            raise ValueError(f"the rows of {self.caption!r} do not have as many cells as its head")

    @property
    def heads(self) -> tuple[str, ...]:
        """Name of each column with its unit."""
        units = self.units or ("",) * len(self.head)
        return tuple(f"{name} ({unit})" if unit else name for name, unit in zip(self.head, units, strict=True))

    @property
    def of_figures(self) -> tuple[bool, ...]:
        """Which columns hold figures."""
        last = len(self.head) - 1
        return tuple(
            place >= self.words and not (place == last and self.ends_in_words) for place in range(len(self.head))
        )

    def lines(self, width: int = WIDTH) -> Iterator[str]:
        """Return the lines of the text: the caption, and the rows under each other.

        Columns that do not fit within the width come below, with the same words at the left. In such a table, heads are
        folded between words, and ranges come under their figures.
        """
        if self.caption:
            yield from _filled(f"{self.caption}:", width)
        every = [self.head, *filter(None, [self.units]), *self.rows]
        if self.ends_in_words:
            yield from self._ending_in_words(every, width)
        elif len(whole := aligned(every, self.words).splitlines()) and len(whole[0]) <= width:
            yield from (line.rstrip() for line in whole)
        else:
            yield from self._folded(every, width)

    def _folded(self, every: Sequence[tuple[str, ...]], width: int) -> Iterator[str]:
        """Return the lines of a wide table: as many columns as fit, and the others below them."""
        cells = [[_range_below(cell) for cell in row] for row in every]
        places = range(len(self.head))
        body = [max((len(line) for row in cells[1:] for line in row[place]), default=0) for place in places]
        longest = [max(map(len, head.split()), default=0) for head in self.head]
        room = [max(pair) for pair in zip(body, longest, strict=True)]
        cells[0] = [textwrap.wrap(head, max(each, 1)) or [""] for head, each in zip(self.head, room, strict=True)]
        left = sum(room[: self.words]) + len(GAP) * self.words
        groups: list[list[int]] = [[]]
        for place in places[self.words :]:
            used = left + sum(room[other] + len(GAP) for other in groups[-1])
            if groups[-1] and used + room[place] > width:
                groups.append([])
            groups[-1].append(place)
        for number, group in enumerate(groups):
            if number:
                yield ""
            rows = [[row[place] for place in (*range(self.words), *group)] for row in cells]
            filled = [line for row in rows for line in zip_longest(*row, fillvalue="")]
            yield from (line.rstrip() for line in aligned(filled, self.words).splitlines())

    def _ending_in_words(self, every: Sequence[tuple[str, ...]], width: int) -> Iterator[str]:
        left = aligned([(*row[:-1], "") for row in every], self.words).splitlines()
        room = max(LAST_WORDS, width - len(left[0]))
        for begin, (*_, last) in zip(left, every, strict=True):
            first, *more = textwrap.wrap(last, room) or [""]
            yield f"{begin}{first}".rstrip()
            yield from (" " * len(begin) + line for line in more)


@dataclass(frozen=True)
class Figure:
    """Name a chart of the folder.

    Attributes
    ----------
    name : str
        Stem of its files, ``<name>.png`` and ``<name>.txt``.
    message : str
        Title of the chart.
    details : tuple of str
        Lines that say what the chart shows, in words and figures.
    """

    name: str
    message: str
    details: tuple[str, ...] = ()
    kind: ClassVar[str] = "figure"

    def lines(self, width: int = WIDTH) -> Iterator[str]:
        """Return no lines: a terminal shows no charts."""
        return iter(())


@dataclass(frozen=True)
class Note:
    """Hold words on how to read the answer, or on how it was made.

    Attributes
    ----------
    text : str
        The words, on one line.
    items : tuple of (str, str)
        List under the words: each item and its explanation.
    """

    text: str
    items: tuple[tuple[str, str], ...] = ()
    kind: ClassVar[str] = "note"

    def lines(self, width: int = WIDTH) -> Iterator[str]:
        """Return the lines of the text, none longer than the width except the heads of the list."""
        yield from _filled(self.text, width)
        for head, said in self.items:
            yield head
            yield from textwrap.wrap(said, width, initial_indent=INDENT, subsequent_indent=INDENT)


@dataclass(frozen=True)
class Preformatted:
    """Hold text that is shown unchanged, line by line.

    Attributes
    ----------
    text : str
        The lines.
    """

    text: str
    kind: ClassVar[str] = "preformatted"

    def lines(self, width: int = WIDTH) -> Iterator[str]:
        """Return the lines of the text, whatever the width."""
        yield from self.text.splitlines()


Block = Sentence | Table | Figure | Note | Preformatted
KINDS: dict[str, type[Block]] = {each.kind: each for each in (Sentence, Table, Figure, Note, Preformatted)}


@dataclass(frozen=True)
class Answer:
    """Hold what a study found.

    Attributes
    ----------
    study : str
        Kind of study, such as ``capacity``.
    blocks : tuple of Block
        Blocks in reading order.
    """

    study: str
    blocks: tuple[Block, ...]

    @property
    def lead(self) -> tuple[str, ...]:
        """Sentences for a reader in a hurry."""
        return self._sentences("lead")

    @property
    def limits(self) -> tuple[str, ...]:
        """Sentences on what the answer leaves out, and what it takes for granted."""
        return self._sentences("limit")

    @property
    def failures(self) -> tuple[str, ...]:
        """Sentences on runs that failed."""
        return self._sentences("failure")

    def _sentences(self, role: Role) -> tuple[str, ...]:
        return tuple(block.text for block in self.blocks if isinstance(block, Sentence) and block.role == role)

    def with_charts(self, folder: Path, first: Collection[str] = ()) -> Answer:
        """Return the answer with the charts of a folder added.

        A chart is ``<name>.png`` and, in words, ``<name>.txt``. Charts named in ``first`` come first, in that order.
        """
        known = {block.name for block in self.blocks if isinstance(block, Figure)}
        names = {path.stem for path in folder.glob("*.png") if path.with_suffix(".txt").is_file()} - known
        ordered = [*(name for name in first if name in names), *sorted(names - set(first))]
        return Answer(self.study, (*self.blocks, *(_figure(folder, name) for name in ordered)))

    def text(self, width: int = WIDTH) -> str:
        """Return the answer as a terminal of that width shows it: blocks with an empty line between them."""
        told = ["\n".join(block.lines(width)) for block in self.blocks]
        return visible("\n\n".join(each for each in told if each))

    def to_json(self) -> str:
        """Return the content of ``answer.json``."""
        blocks = [{"block": block.kind, **asdict(block)} for block in self.blocks]
        return json.dumps({"version": VERSION, "study": self.study, "blocks": blocks}, indent=1, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Answer:
        """Read the content of ``answer.json``; raise a ValueError if it is not of this version."""
        content = json.loads(text)
        if not isinstance(content, dict) or content.get("version") != VERSION:
            raise ValueError(f"it is not an answer of version {VERSION}")
        return cls(content["study"], tuple(map(_block, content["blocks"])))


def read(folder: Path) -> Answer:
    """Read the answer that a study's folder keeps.

    Raises
    ------
    InputError
        If the folder has no answer that this version of the program can read.
    """
    path = folder / ANSWER
    try:
        return Answer.from_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        words = "it is missing, because an older version of the program made the study"
    except (KeyError, RecursionError, TypeError, ValueError):
        words = "it cannot be read, because the study is damaged or another version of the program made it"
    raise InputError([Fault(str(path), "(the file)", NOT_SHOWN, words)])


def sentences(texts: Sequence[str], lead: int = LEAD) -> tuple[Sentence, ...]:
    """Return sentences in order; the first few lead the answer."""
    return tuple(Sentence(text, "lead" if place < lead else "body") for place, text in enumerate(texts))


def _figure(folder: Path, name: str) -> Figure:
    message, *details = (folder / f"{name}.txt").read_text(encoding="utf-8").splitlines() or [name]
    return Figure(name, message, tuple(details))


def _block(content: Mapping[str, Any]) -> Block:
    made = KINDS[content["block"]]
    types = get_type_hints(made)
    given = {field.name: content[field.name] for field in fields(made) if field.name in content}
    return made(**{name: _of_type(value, types[name]) for name, value in given.items()})


def _of_type(value: Any, wanted: Any) -> Any:
    """Return a value in the type of a block's field, with lists as tuples; raise a TypeError if it does not fit."""
    inner = get_args(wanted)
    if get_origin(wanted) is tuple and isinstance(value, list):
        each = (inner[0],) * len(value) if inner[-1] is ... else inner
        return tuple(_of_type(one, its) for one, its in zip(value, each, strict=True))
    if value not in inner if get_origin(wanted) is Literal else type(value) is not wanted:
        raise TypeError(f"{value!r} is not a {wanted}")
    return value


def _filled(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)


def _range_below(cell: str) -> list[str]:
    """Return the lines of a cell: its figure, and under it the range in brackets, if it has one."""
    figure, bracket, rest = cell.partition(" (")
    return [figure, bracket[1:] + rest] if bracket else [cell]
