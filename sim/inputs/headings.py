"""Finds the row of headings in a spreadsheet, matches its columns, and separates rows of the table from other rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import pairwise
from types import MappingProxyType
from typing import NamedTuple

from sim.base.faults import NOT_SHOWN, Fault, InputError, nearest, refuse_any, unless_wrong
from sim.inputs.spellings import meant, other_words, symbol, words
from sim.inputs.spreadsheet import Cut, Grid, Row, WorkbookSheet

MOST_ABOVE = 50
"""Rows from the top that may hold the headings; published tables have titles and notes above them."""
NEARLY = 0.8
"""Likeness of two words, from 0 to 1, above which the program asks whether one means the other; ``siz`` and ``size``:
0.86."""
ERRORS = ("#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!")
"""What a spreadsheet program shows for a value that it cannot calculate."""
NOTHING: Mapping[str, object] = MappingProxyType({})
MOST_NAMED = 3
"""Most rows that a sentence names one by one."""
MOST_OF_A_NOTE = 2
"""Most cells in a note: a sign and its meaning."""
LONG = 60
"""Characters from which a text alone below a table counts as a note, whatever it says."""
_MARKED = re.compile(r"[\[(*†‡#©]|\d+[.)] ?\D")
"""Beginning of a note that starts with a sign: a footnote mark, or a symbol used in the table."""
_PLACE = re.compile(r"(.*, (line|row)) (\d+)(.*)")
"""Place of a fault in a row: the text before the row's number, and after it."""


@dataclass(frozen=True)
class WantedColumns:
    """Says which columns to look for.

    Attributes
    ----------
    required, optional : tuple of str
        Columns that the table must have, and may have.
    named : mapping of str to str
        Heading of each column that the user names; empty if the table lacks the column.
    sheet : str
        Sheet that the user names; empty if none.
    nameable : bool
        Whether users can name headings and a sheet at all.
    instead : dict of str to tuple of str
        Optional columns which, if all are there, make a required column optional.
    """

    required: tuple[str, ...]
    optional: tuple[str, ...]
    named: Mapping[str, str]
    sheet: str = ""
    nameable: bool = True
    instead: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def known(self) -> tuple[str, ...]:
        """Return all columns."""
        return (*self.required, *self.optional)


class Head(NamedTuple):
    """Holds a row of headings, or two rows of which the upper one groups the lower.

    Attributes
    ----------
    row : Row
        The headings, with the number of the lower row.
    ways : tuple of tuple of (int, str)
        For each heading, the texts that may identify it, each with a rank; the lowest rank wins.
    raw : tuple of Row
        The rows as written.
    """

    row: Row
    ways: tuple[tuple[tuple[int, str], ...], ...]
    raw: tuple[Row, ...]

    @classmethod
    def of_one(cls, row: Row) -> Head:
        """Build the headings from one row."""
        return cls(row, tuple(((0, cell),) if cell else () for cell in row.cells), (row,))

    @classmethod
    def of_two(cls, upper: Row, lower: Row) -> Head:
        """Build the headings from two rows; a group's heading covers all columns up to the next group."""
        width = max(len(upper.cells), len(lower.cells))
        groups, names = (row.cells + ("",) * (width - len(row.cells)) for row in (upper, lower))
        cells, ways, group = [], [], ""
        for above, name in zip(groups, names, strict=True):
            group = above or (group if name else "")
            cells.append(f"{group}: {name}" if group and name else group or name)
            ways.append(tuple(_ways(group, name)))
        return cls(Row(lower.number, tuple(cells)), tuple(ways), (upper, lower))


def _ways(group: str, name: str) -> Iterator[tuple[int, str]]:
    """Yield the texts that may identify a heading under a group's heading, each with its rank."""
    if not group or not name:
        yield 0, group or name
        return
    yield 0, f"{group} {name}"
    if words(group) not in other_words("groups", "earlier"):
        yield int(words(group) not in other_words("groups", "latest")), name


class Body(NamedTuple):
    """Holds the rows under the headings.

    Attributes
    ----------
    rows : list of Row
        Rows of the table.
    left_out : list of str
        Sentences that say which rows are not part of the table, and why.
    """

    rows: list[Row]
    left_out: list[str]


@dataclass(frozen=True)
class Headings:
    """Holds the row of headings that was found.

    Attributes
    ----------
    grid : Grid
        The sheet, or the way of splitting the text into cells.
    head : Head
        The row, or two.
    columns : dict of str to int
        Position of each column, from 0.
    needed : tuple of str
        Columns that every row needs.
    """

    grid: Grid
    head: Head
    columns: Mapping[str, int]
    needed: tuple[str, ...]

    @property
    def row(self) -> Row:
        """Return the headings."""
        return self.head.row

    @property
    def unused(self) -> list[str]:
        """Return the headings of columns that are not read."""
        taken = set(self.columns.values())
        return [name for place, name in enumerate(self.row.cells) if name and place not in taken]

    def above(self) -> list[Row]:
        """Return the rows above the headings."""
        return self.grid.rows(self.head.raw[0].number - 1)

    def table(self) -> Body:
        """Return the rows of the table, without repeated headings, totals and notes below the table.

        Below a table, a row with a single cell is a note if it follows an empty row or reads like a note.

        Raises
        ------
        InputError
            If rows of the table are hidden, for example by a filter: only the user knows whether they belong to it.
        """
        under = [row for row in self.grid.rows() if row.number > self.row.number]
        left_out: dict[str, list[int]] = {"repeated headings": [], "totals": [], "notes below the table": []}
        again, totals, notes = left_out.values()
        after_gap = list(_after_gap(under))
        while under and (not under[-1].cells or _is_note(under[-1], after_gap[len(under) - 1])):
            last = under.pop()
            notes[:0] = [last.number] * bool(last.cells)
        rows = []
        for row in under:
            if self._repeats(row):
                again.append(row.number)
            elif self._is_total(row):
                totals.append(row.number)
            elif row.cells:
                rows.append(row)
        self._refuse_hidden(rows)
        return Body(rows, [self._told(numbers, what) for what, numbers in left_out.items() if numbers])

    def _told(self, numbers: Sequence[int], what: str) -> str:
        unit = self.grid.unit + "s" * (len(numbers) > 1)
        return f"left out: {len(numbers)} {unit} with {what} ({_listed(unit, numbers)})"

    def _repeats(self, row: Row) -> bool:
        """Return whether a row repeats the headings."""
        return any(
            all(_cell(row, place) and words(_cell(row, place)) == words(_cell(raw, place)) for place in named)
            for raw in self.head.raw
            if (named := [place for place in self.columns.values() if _cell(raw, place)])
        )

    def _is_total(self, row: Row) -> bool:
        """Return whether a row is a total: it says so in place of a name, and lacks a value that every row needs."""
        first, *others = (_cell(row, self.columns[column]) for column in self.needed)
        said = words(first)
        known = said in other_words("rows", "totals") or said.startswith("total ") or said.endswith(" total")
        return known and not all(others)

    def _refuse_hidden(self, rows: Sequence[Row]) -> None:
        hidden = [row.number for row in rows if row.number in self.grid.hidden_rows]
        if hidden:
            unit = self.grid.unit + "s" * (len(hidden) > 1)
            wrong = (
                f"{_listed(unit, hidden)} of the table {'are' if len(hidden) > 1 else 'is'} hidden, such as by a filter"
            )
            way = "if they belong to the table, show all rows (clear the filter) and save the file; if not, delete them"
            raise InputError([Fault(self.grid.place, "(hidden rows)", NOT_SHOWN, f"{wrong}; {way}")])

    def cells(self, row: Row) -> dict[str, str]:
        """Return the cells of a row by column.

        Raises
        ------
        InputError
            If the row has more cells than there are headings, for example because a cell was split in two.
        """
        if isinstance(self.grid, Cut) and len(row.cells) > len(self.row.cells):
            words_ = (
                f"there are {len(self.row.cells)} headings, but this row has more cells; was one of them split in two?"
            )
            raise InputError([Fault(self.grid.at(row.number), "(the row)", NOT_SHOWN, words_)])
        return {column: _cell(row, place) for column, place in self.columns.items()}

    def read(
        self, row: Row, meaning: Callable[[str, str], tuple[object, str]], known: Mapping[str, object] = NOTHING
    ) -> tuple[dict[str, object], list[Fault]]:
        """Return the meaning of a row's cells, by column, and what is wrong with them.

        Parameters
        ----------
        row : Row
            The row.
        meaning : callable
            Takes a column and a cell; returns its meaning (None if it is not allowed) and what is allowed.
        known : mapping of str to object, optional
            Values already known, by column; these are not read.
        """
        values, faults = dict(known), list[Fault]()
        for column, cell in (unless_wrong(faults, lambda: self.cells(row)) or {}).items():
            place, needed = self.columns[column], column in self.needed
            if column in known or not (cell or needed):
                continue
            value, wrong = meaning(column, cell) if cell else (None, self.grid.why_empty(row.number, place))
            if value is None:
                wrong = _no_value(cell, needed) or wrong
                faults.append(Fault(self.grid.at(row.number, place), column, cell or None, wrong))
            else:
                values[column] = value
        return values, faults

    def understood(self) -> str:
        """Describe how the headings were understood."""
        renamed = [
            f"{column} from {self.row.cells[place]!r}"
            for column, place in self.columns.items()
            if self.row.cells[place] != column
        ]
        numbers = [row.number for row in self.head.raw]
        parts = [f"headings in {_listed(self.grid.unit + 's' * (len(numbers) > 1), numbers)}"]
        parts += [", ".join(renamed)] * bool(renamed)
        parts += [f"not used: {', '.join(map(repr, self.unused))}"] * bool(self.unused)
        return "; ".join([*parts, *[self.grid.understood] * bool(self.grid.understood)])


def _no_value(cell: str, needed: bool) -> str:
    """Explain a cell that itself says that there is no value; empty if it does not."""
    if cell in ERRORS:
        return "the spreadsheet shows an error here; enter the value"
    stands_for = symbol(cell)
    way = "a value is needed here: give it, or delete the row" if needed else "leave the cell empty"
    return f"in official statistics this symbol means {stands_for!r}; {way}" if stands_for else ""


def _cell(row: Row, place: int) -> str:
    return row.cells[place] if place < len(row.cells) else ""


def _after_gap(rows: Iterable[Row]) -> Iterator[bool]:
    """Yield whether each row follows an empty one, directly or after rows of a single cell."""
    gap = False
    for row in rows:
        filled = sum(map(bool, row.cells))
        gap = not filled or (gap and filled == 1)
        yield gap


def _is_note(row: Row, after_gap: bool) -> bool:
    """Return whether the last row is a note: a lone cell after an empty row, or one or two cells that read like a
    note.
    """
    cells = [cell for cell in row.cells if cell]
    return (len(cells) == 1 and after_gap) or (len(cells) <= MOST_OF_A_NOTE and _reads_like_a_note(cells[0]))


def _reads_like_a_note(text: str) -> bool:
    said = f"{words(text)} "
    return (
        bool(_MARKED.match(text))
        or len(text) >= LONG
        or said.startswith(tuple(f"{word} " for word in other_words("rows", "notes")))
    )


def _listed(unit: str, numbers: Sequence[int]) -> str:
    """List rows by number, such as ``rows 3, 5, 8 and 12 more``."""
    named = [str(number) for number in numbers[:MOST_NAMED]]
    more = len(numbers) - len(named)
    last = f"{more} more" if more else named.pop() if len(named) > 1 else ""
    return f"{unit} {', '.join(named)}" + (f" and {last}" if last else "")


def grouped(faults: Iterable[Fault]) -> list[Fault]:
    """Merge faults of a table that have the same column, value and reason."""
    groups: dict[tuple[str, ...], list[tuple[int, Fault]]] = {}
    for number, fault in enumerate(faults):
        found = _PLACE.fullmatch(fault.where)
        place = (found[1], found[2], found[4]) if found else (fault.where, "", str(number))
        key = (*place, fault.key, str(fault.value), fault.allowed)
        groups.setdefault(key, []).append((int(found[3]) if found else 0, fault))
    return [_as_one(key, [row for row, _ in rows], rows[0][1]) for key, rows in groups.items()]


def _as_one(key: tuple[str, ...], rows: Sequence[int], first: Fault) -> Fault:
    if len(rows) == 1:
        return first
    before, unit, after, *_ = key
    where = before.removesuffix(unit) + _listed(f"{unit}s", rows) + after
    return Fault(where, first.key, first.value, first.allowed, f"in {len(rows)} {unit}s")


def find(grids: Sequence[Grid], wanted: WantedColumns, where: str) -> Headings:
    """Find the first row with all needed columns, in the only sheet that has such a row.

    Parameters
    ----------
    grids : sequence of Grid
        Ways of reading the file, the likeliest first.
    wanted : WantedColumns
        The columns.
    where : str
        Name of the file in faults.

    Raises
    ------
    InputError
        If there is no such row, or if the user must choose: between two sheets, between two columns, or whether a
        heading means a similar known one.
    """
    heads: list[tuple[Grid, Head]] = []
    whole: list[Headings] = []
    unreadable: list[InputError] = []
    for grid in _asked(grids, wanted.sheet, where):
        try:
            rows = [row for row in grid.rows(MOST_ABOVE) if row.cells]
        except InputError as error:
            unreadable.append(error)
            continue
        ones = [Head.of_one(row) for row in rows]
        heads += [(grid, head) for head in ones]
        complete = next((head for head in ones if not _missing(head, wanted)), None)
        if complete is None or _doubtful(complete, wanted):
            complete = next(_of_two_rows(rows, wanted), complete)
        if complete is not None:
            columns = _first(_places(complete, wanted))
            needed = tuple(column for column in wanted.required if column in columns)
            whole.append(Headings(grid, complete, columns, needed))
    if not whole:
        raise InputError(_nothing_found(heads, unreadable, wanted, where))
    chosen = _the_one(whole, wanted, where)
    refuse_any([*_twice(chosen, wanted), *_nearly(chosen, wanted)])
    return chosen


def _asked(grids: Sequence[Grid], sheet: str, where: str) -> Sequence[Grid]:
    """Return the grids to search: all, or those of the sheet that the user names."""
    if not sheet:
        return grids
    names = {grid.name: grid for grid in grids if isinstance(grid, WorkbookSheet)}
    if sheet not in names:
        words = nearest(sheet, names) if names else "a CSV file has no sheets"
        raise InputError([Fault(where, "sheet", sheet, words)])
    return [names[sheet]]


def _of_two_rows(rows: Sequence[Row], wanted: WantedColumns) -> Iterator[Head]:
    """Yield pairs of rows, one below the other, that together name all columns without ambiguity."""
    for upper, lower in pairwise(rows):
        head = Head.of_two(upper, lower)
        if lower.number == upper.number + 1 and not _missing(head, wanted) and not _doubtful(head, wanted):
            yield head


def _doubtful(head: Head, wanted: WantedColumns) -> bool:
    return any(len(places) > 1 for places in _places(head, wanted).values())


def _places(head: Head, wanted: WantedColumns) -> dict[str, list[int]]:
    """Return the possible positions of each column: under the heading that the user names, or else under any known
    one.
    """
    found = {column: _under(head, heading) for column, heading in wanted.named.items()}
    taken = {place for places in found.values() for place in places}
    free = tuple(column for column in wanted.known if column not in wanted.named)
    known: dict[str, list[tuple[int, int]]] = {column: [] for column in free}
    for place, ways in enumerate(head.ways):
        for rank, way in ways if place not in taken else ():
            column = meant("columns", way, free)
            if column is not None:
                known[column].append((rank, place))
                break
    for column, places in known.items():
        found[column] = [place for rank, place in places if rank == min(places)[0]]
    return {column: found[column] for column in wanted.known}


def _under(head: Head, heading: str) -> list[int]:
    """Return the positions of a heading that the user names: exact matches, or else those with the same words."""
    if not heading:
        return []
    said = [[cell, *(way for _, way in ways)] for cell, ways in zip(head.row.cells, head.ways, strict=True)]
    exact = [place for place, texts in enumerate(said) if heading.strip() in texts]
    alike = [place for place, texts in enumerate(said) if words(heading) in map(words, texts)]
    return exact or (alike if words(heading) else [])


def _first(places: Mapping[str, list[int]]) -> dict[str, int]:
    return {column: found[0] for column, found in places.items() if found}


def _missing(head: Head, wanted: WantedColumns) -> list[str]:
    """Return the columns that a row lacks: needed ones, and those whose heading the user gives."""
    places = _places(head, wanted)
    replaced = [column for column, others in wanted.instead.items() if all(places[other] for other in others)]
    needed = [column for column in wanted.required if column not in replaced or wanted.named.get(column)]
    needed += [column for column in wanted.optional if wanted.named.get(column)]
    return [column for column in needed if not places[column]]


def _the_one(whole: Sequence[Headings], wanted: WantedColumns, where: str) -> Headings:
    """Return the headings of the only visible sheet that has them; a text counts as one sheet, however it is split."""
    shown = [headings for headings in whole if not headings.grid.hidden or wanted.sheet]
    sheets = dict.fromkeys(
        headings.grid.name for headings in shown or whole if isinstance(headings.grid, WorkbookSheet)
    )
    listed = ", ".join(map(repr, sheets))
    if not shown:
        words = f"the sheets with such a table are hidden: {listed}; to read one of them, name it as the sheet"
        raise InputError([Fault(where, "sheet", None, words)])
    if len(sheets) > 1:
        raise InputError([Fault(where, "sheet", None, f"more than one sheet has such a table; name one: {listed}")])
    return shown[0]


def _nothing_found(
    heads: Sequence[tuple[Grid, Head]], unreadable: Sequence[InputError], wanted: WantedColumns, where: str
) -> Iterator[Fault]:
    """Explain why there is no row of headings: by the row with most of them, or by what could not be read."""
    missing = [(len(_missing(head, wanted)), place) for place, (_, head) in enumerate(heads)]
    fewest, best = min(missing, default=(0, 0))
    listed = ", ".join(wanted.required)
    if missing and fewest < len(_missing(Head.of_one(Row(0, ())), wanted)):
        grid, head = heads[best]
        for column in _missing(head, wanted):
            given = wanted.named.get(column)
            yield Fault(grid.at(head.row.number), column, given or None, _advice(column, given, head.row, wanted))
    elif unreadable:
        yield from unreadable[0].faults
    elif not heads:
        yield Fault(
            f"{where}, line 1", "(the table)", NOT_SHOWN, f"it is empty; it needs headings for the columns {listed}"
        )
    else:
        words_ = f"none of its first {MOST_ABOVE} rows names the columns {listed}"
        yield Fault(where, "(the headings)", NOT_SHOWN, words_)


def _advice(column: str, given: str | None, row: Row, wanted: WantedColumns) -> str:
    """Say what to do about a column that is not found."""
    if given:
        return f"there is no such heading; {nearest(given, [cell for cell in row.cells if cell])}"
    close = _close(column, row.cells, range(len(row.cells)))
    if close:
        heading = row.cells[close[0]]
        return f"this column is needed; did you mean {heading!r}? If so, {_how(column, heading, wanted)}"
    return f"this column is needed; if it has another heading, {_how(column, 'its heading', wanted)}"


def _close(column: str, cells: Sequence[str], places: Iterable[int]) -> list[int]:
    """Return the positions of headings that resemble a known heading of a column."""
    known = [words(word).split() for word in (column, *other_words("columns", column))]
    return [place for place in places if any(_alike(words(cells[place]).split(), phrase) for phrase in known)]


def _alike(heading: Sequence[str], phrase: Sequence[str]) -> bool:
    """Return whether a heading is a known phrase apart from a few letters, or contains a known word among others."""
    if len(phrase) == 1:
        return any(_nearly_the_same(word, phrase[0]) for word in heading)
    return len(heading) == len(phrase) and all(map(_nearly_the_same, heading, phrase))


def _nearly_the_same(word: str, known: str) -> bool:
    return SequenceMatcher(None, word, known).ratio() >= NEARLY


def _twice(headings: Headings, wanted: WantedColumns) -> Iterator[Fault]:
    """List columns that two or more headings may mean."""
    for column, places in _places(headings.head, wanted).items():
        if len(places) > 1:
            names = [headings.row.cells[place] for place in places]
            same = (
                "a column may appear once"
                if len(set(names)) == 1
                else f"say which one you mean: {_how(column, names[0], wanted)}"
            )
            place = headings.grid.at(headings.row.number, places[1])
            yield Fault(place, "(column)", names[0], f"{', '.join(map(repr, names))} may all be {column!r}; {same}")


def _nearly(headings: Headings, wanted: WantedColumns) -> Iterator[Fault]:
    """List headings that resemble a missing optional column which the user has not mentioned."""
    free = [place for place in range(len(headings.row.cells)) if place not in headings.columns.values()]
    beside = {column for columns in wanted.instead.values() for column in columns}
    for column in wanted.optional if wanted.nameable else ():
        if column in headings.columns or column in wanted.named or column in beside:
            continue
        for place in _close(column, headings.row.cells, free):
            name = headings.row.cells[place]
            words_ = f"does it mean {column!r}? If so, {_how(column, name, wanted)}; if not, {_how(column, '', wanted)}"
            yield Fault(headings.grid.at(headings.row.number, place), "(column)", name, words_)


def _how(column: str, heading: str, wanted: WantedColumns) -> str:
    """Say how to name the heading of a column: in a scenario, or in the table itself."""
    if not wanted.nameable:
        return f"call it {column!r} in the table, and call no other column that"
    return f'write columns = {{ {column} = "{heading}" }}'
