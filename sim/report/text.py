"""Text as a command prints it, told apart again: paragraphs, tables whose columns stand under each other, and lists."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

GAP = "  "
"""What parts two columns, and stands nowhere inside a cell (:func:`sim.base.figures.aligned`)."""
NO_HEAD = "note"
"""Head of a column that has none."""
FIGURE = re.compile(r"[-+]?£?\d[\d,.]*%?(?![\w-])|-$")
"""How a cell begins that is a figure; a financial year or a day is none, nor is a number with a word."""
Rows = tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]
"""Head of a table, and its other rows."""
INDENT = " " * 4
"""What the further lines of an item begin with."""


@dataclass(frozen=True)
class Paragraph:
    """A few sentences."""

    text: str
    kind: ClassVar[str] = "paragraph"


@dataclass(frozen=True)
class Table:
    """Rows under a head; the first cell of each row says what it is of.

    Attributes
    ----------
    caption : str
        What it shows.
    head : tuple of str
        One for each column.
    rows : tuple of tuple of str
        As many cells in each.
    """

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    kind: ClassVar[str] = "table"

    @property
    def of_figures(self) -> tuple[bool, ...]:
        """Which columns hold figures and no words."""
        return tuple(_all_figures([row[place] for row in self.rows]) for place in range(len(self.head)))


@dataclass(frozen=True)
class Items:
    """A list under a line that says of what; each item is a line, and what is said of it."""

    caption: str
    items: tuple[tuple[str, str], ...]
    kind: ClassVar[str] = "items"


Block = Paragraph | Table | Items


def blocks_of(text: str) -> tuple[Block, ...]:
    """Blocks of a text, which empty lines part. A short line before a table is the table's caption."""
    found: list[Block] = []
    for lines in _parted(text):
        block = _block(lines)
        before = found[-1] if found else None
        if isinstance(block, Table) and not block.caption:
            if isinstance(before, Paragraph) and not before.text.endswith((".", "?")):
                found.pop()
                block = Table(before.text, block.head, block.rows)
            else:
                block = Table(_caption(block), block.head, block.rows)
        found.append(block)
    return tuple(found)


def _parted(text: str) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    for line in text.splitlines():
        if line.strip():
            parts[-1].append(line)
        elif parts[-1]:
            parts.append([])
    return [part for part in parts if part]


def _block(lines: Sequence[str]) -> Block:
    first = next((at for at, line in enumerate(lines) if _has_columns(line)), len(lines))
    rows = _whole_rows(_columns(lines[first:]))
    if len(rows) > 1 and all(sum(map(bool, row)) > 1 for row in rows):
        head, body = _words_first(*_head_and_body(rows))
        return Table(_joined(lines[:first]).rstrip(":"), head, body)
    if any(line.startswith(INDENT) for line in lines):
        return _items(lines)
    return Paragraph(_joined(lines))


def _has_columns(line: str) -> bool:
    """Whether a line is a row of a table; one that begins with spaces may be an item's, unless it has more of them."""
    return GAP in line.rstrip().removeprefix(INDENT) and not (line.startswith(INDENT) and GAP not in line.strip())


def _columns(lines: Sequence[str]) -> list[tuple[str, ...]]:
    """Cells of rows whose columns are as wide as their widest cell, and two spaces apart."""
    width = max(map(len, lines), default=0)
    padded = [line.ljust(width) for line in lines]
    blank = [all(line[at] == " " for line in padded) for at in range(width)]
    starts = [at for at in range(width) if not blank[at] and (at == 0 or (blank[at - 1] and blank[max(at - 2, 0)]))]
    ends = [*starts[1:], width]
    return [tuple(line[start:end].strip() for start, end in zip(starts, ends, strict=True)) for line in padded]


def _whole_rows(rows: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Rows with what is left of a long last cell on the lines below it."""
    whole: list[tuple[str, ...]] = []
    for row in rows:
        if whole and not any(row[:-1]):
            whole[-1] = (*whole[-1][:-1], f"{whole[-1][-1]} {row[-1]}")
        else:
            whole.append(row)
    return whole


def _head_and_body(rows: Sequence[tuple[str, ...]]) -> Rows:
    """Head of a table and its other rows; a second line of the head, of units, has no first cell."""
    head, *body = rows
    if body and not body[0][0]:
        units, *body = body
        head = tuple(f"{name} ({unit})" if unit else name for name, unit in zip(head, units, strict=True))
    return tuple(name or NO_HEAD for name in head), tuple(body)


def _words_first(head: tuple[str, ...], body: tuple[tuple[str, ...], ...]) -> Rows:
    """What a row is of before its figures, also where it stood after them."""
    if _all_figures([row[0] for row in body]) and not _all_figures([row[-1] for row in body]):
        return (head[-1], *head[:-1]), tuple((row[-1], *row[:-1]) for row in body)
    return head, body


def _all_figures(cells: Sequence[str]) -> bool:
    return all(FIGURE.match(cell) for cell in cells if cell)


def _items(lines: Sequence[str]) -> Items:
    """Lines that stand out, each with the indented ones after it; what has none of these is the caption."""
    captions: list[str] = []
    items: list[tuple[str, str]] = []
    for at, line in enumerate(lines):
        if line.startswith(INDENT) and items:
            items[-1] = (items[-1][0], _joined([items[-1][1], line]))
        elif not items and not (at + 1 < len(lines) and lines[at + 1].startswith(INDENT)):
            captions.append(line)
        else:
            items.append((line.strip(), ""))
    return Items(_joined(captions), tuple(items))


def _caption(table: Table) -> str:
    """What a table shows that nothing is said of: what its rows and columns are."""
    return f"{table.head[0] or 'rows'}: {', '.join(table.head[1:])}"


def _joined(lines: Sequence[str]) -> str:
    return " ".join(" ".join(lines).split())
