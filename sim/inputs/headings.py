"""Which row of a spreadsheet names its columns, and which column is which."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from sim.base.faults import NOT_SHOWN, Fault, InputError, nearest, refuse_any
from sim.inputs.spellings import meant, other_words, words
from sim.inputs.spreadsheet import Cut, Grid, Row, Sheet

MOST_ABOVE = 50
"""Rows from the top among which the headings must be: published tables have titles and notes above them."""
NEARLY = 0.8
"""Likeness of two words, 0 to 1, from which it is asked whether one is meant by the other; ``siz``, ``size``: 0.86."""


@dataclass(frozen=True)
class Wanted:
    """The columns that are looked for.

    Attributes
    ----------
    required, optional : tuple of str
        Those that there must be, and may be.
    named : mapping of str to str
        The heading of each column that the user names; empty if there is none.
    sheet : str
        The sheet that the user names; empty if none.
    nameable : bool
        Whether a user can name a heading and a sheet at all.
    """

    required: tuple[str, ...]
    optional: tuple[str, ...]
    named: Mapping[str, str]
    sheet: str = ""
    nameable: bool = True

    @property
    def known(self) -> tuple[str, ...]:
        """All of them."""
        return (*self.required, *self.optional)


@dataclass(frozen=True)
class Headings:
    """The heading row that was found.

    Attributes
    ----------
    grid : Grid
        In which sheet, or way of cutting the text.
    row : Row
        The row.
    columns : dict of str to int
        Where each column stands, from 0.
    """

    grid: Grid
    row: Row
    columns: Mapping[str, int]

    @property
    def unused(self) -> list[str]:
        """Headings of columns that are not read."""
        taken = set(self.columns.values())
        return [name for place, name in enumerate(self.row.cells) if name and place not in taken]

    def table(self) -> tuple[list[Row], list[int]]:
        """Rows under the headings, and numbers of those below the table, which are none of it.

        Published tables have notes under them: after an empty row, rows of a single cell to the end are taken as such.
        """
        rows: list[Row] = []
        below: list[Row] = []
        gap = False
        for row in self.grid.rows():
            if row.number <= self.row.number:
                continue
            if not row.cells:
                gap = True
            elif (gap or below) and sum(map(bool, row.cells)) == 1:
                below.append(row)
            else:
                rows += [*below, row]
                below, gap = [], False
        return rows, [row.number for row in below]

    def cells(self, row: Row) -> dict[str, str]:
        """Cells of a row by column.

        Raises
        ------
        InputError
            If it has cells beyond the headings, as one has that is cut in two.
        """
        if isinstance(self.grid, Cut) and len(row.cells) > len(self.row.cells):
            words_ = (
                f"there are {len(self.row.cells)} headings, and this row has more cells; is one of them cut in two?"
            )
            raise InputError([Fault(self.grid.at(row.number), "(the row)", NOT_SHOWN, words_)])
        return {column: row.cells[place] if place < len(row.cells) else "" for column, place in self.columns.items()}

    def understood(self) -> str:
        """What was understood of them, in words."""
        renamed = [
            f"{column} from {self.row.cells[place]!r}"
            for column, place in self.columns.items()
            if self.row.cells[place] != column
        ]
        parts = [f"headings in {self.grid.unit} {self.row.number}"]
        parts += [", ".join(renamed)] * bool(renamed)
        parts += [f"not used: {', '.join(map(repr, self.unused))}"] * bool(self.unused)
        return "; ".join([*parts, *[self.grid.understood] * bool(self.grid.understood)])


def find(grids: Sequence[Grid], wanted: Wanted, where: str) -> Headings:
    """The first row with all columns that are needed, in the one sheet that has such a row.

    Parameters
    ----------
    grids : sequence of Grid
        What a file may be read as, the likeliest first.
    wanted : Wanted
        The columns.
    where : str
        What a fault calls the file.

    Raises
    ------
    InputError
        If there is no such row; or if a choice is the user's: which of two sheets, which of two columns, whether a
        heading that is nearly a known one is that.
    """
    heads: list[tuple[Grid, Row]] = []
    whole: list[Headings] = []
    unreadable: list[InputError] = []
    for grid in _asked(grids, wanted.sheet, where):
        try:
            rows = [row for row in grid.rows(MOST_ABOVE) if row.cells]
        except InputError as error:
            unreadable.append(error)
            continue
        heads += [(grid, row) for row in rows]
        complete = [row for row in rows if not _missing(row, wanted)]
        whole += [Headings(grid, row, _first(_places(row, wanted))) for row in complete[:1]]
    if not whole:
        raise InputError(_nothing_found(heads, unreadable, wanted, where))
    chosen = _the_one(whole, wanted, where)
    refuse_any([*_twice(chosen, wanted), *_nearly(chosen, wanted)])
    return chosen


def _asked(grids: Sequence[Grid], sheet: str, where: str) -> Sequence[Grid]:
    """The grids among which to look: those of the sheet that the user names."""
    if not sheet:
        return grids
    names = {grid.name: grid for grid in grids if isinstance(grid, Sheet)}
    if sheet not in names:
        words = nearest(sheet, names) if names else "a CSV file has no sheets"
        raise InputError([Fault(where, "sheet", sheet, words)])
    return [names[sheet]]


def _places(row: Row, wanted: Wanted) -> dict[str, list[int]]:
    """Where each column may stand in a row: under the heading that the user names, otherwise under any known one."""
    found = {column: _under(row, heading) for column, heading in wanted.named.items()}
    taken = {place for places in found.values() for place in places}
    free = tuple(column for column in wanted.known if column not in wanted.named)
    found |= {column: [] for column in free}
    for place, cell in enumerate(row.cells):
        column = meant("columns", cell, free) if cell and place not in taken else None
        if column is not None:
            found[column].append(place)
    return {column: found[column] for column in wanted.known}


def _under(row: Row, heading: str) -> list[int]:
    """Places of a heading that the user names: those written just so, or else those of the same words."""
    if not heading:
        return []
    exact = [place for place, cell in enumerate(row.cells) if cell == heading.strip()]
    alike = [place for place, cell in enumerate(row.cells) if cell and words(cell) == words(heading)]
    return exact or (alike if words(heading) else [])


def _first(places: Mapping[str, list[int]]) -> dict[str, int]:
    return {column: found[0] for column, found in places.items() if found}


def _missing(row: Row, wanted: Wanted) -> list[str]:
    """Columns that a row does not name and should: those needed, and those whose heading the user gives."""
    places = _places(row, wanted)
    needed = [*wanted.required, *(column for column in wanted.optional if wanted.named.get(column))]
    return [column for column in needed if not places[column]]


def _the_one(whole: Sequence[Headings], wanted: Wanted, where: str) -> Headings:
    """The headings of the one sheet that has them and is shown; a text is one sheet, however it is cut."""
    shown = [headings for headings in whole if not headings.grid.hidden or wanted.sheet]
    sheets = dict.fromkeys(headings.grid.name for headings in shown or whole if isinstance(headings.grid, Sheet))
    listed = ", ".join(map(repr, sheets))
    if not shown:
        words = f"the sheets with such a table are hidden: {listed}; if one of them is meant, name it as the sheet"
        raise InputError([Fault(where, "sheet", None, words)])
    if len(sheets) > 1:
        raise InputError([Fault(where, "sheet", None, f"more than one sheet has such a table; name one: {listed}")])
    return shown[0]


def _nothing_found(
    heads: Sequence[tuple[Grid, Row]], unreadable: Sequence[InputError], wanted: Wanted, where: str
) -> Iterator[Fault]:
    """Why there is no row of headings: by the row that has most of them, or by what could not be read."""
    missing = [(len(_missing(row, wanted)), place) for place, (_, row) in enumerate(heads)]
    fewest, best = min(missing, default=(0, 0))
    listed = ", ".join(wanted.required)
    if missing and fewest < len(_missing(Row(0, ()), wanted)):
        grid, row = heads[best]
        for column in _missing(row, wanted):
            given = wanted.named.get(column)
            yield Fault(grid.at(row.number), column, given or None, _advice(column, given, row, wanted))
    elif unreadable:
        yield from unreadable[0].faults
    elif not heads:
        yield Fault(
            f"{where}, line 1", "(the table)", NOT_SHOWN, f"it is empty; its headings name the columns: {listed}"
        )
    else:
        words_ = f"none of its first {MOST_ABOVE} rows names the columns {listed}"
        yield Fault(where, "(the headings)", NOT_SHOWN, words_)


def _advice(column: str, given: str | None, row: Row, wanted: Wanted) -> str:
    """What to do about a column that is not found."""
    if given:
        return f"there is no such heading; {nearest(given, [cell for cell in row.cells if cell])}"
    close = _close(column, row.cells, range(len(row.cells)))
    if close:
        heading = row.cells[close[0]]
        return f"this column is needed; did you mean {heading!r}? If so, {_how(column, heading, wanted)}"
    return f"this column is needed; if it has another name, {_how(column, 'its heading', wanted)}"


def _close(column: str, cells: Sequence[str], places: Iterable[int]) -> list[int]:
    """Places of headings that are nearly a known one of a column."""
    known = [words(word).split() for word in (column, *other_words("columns", column))]
    return [place for place in places if any(_alike(words(cells[place]).split(), phrase) for phrase in known)]


def _alike(heading: Sequence[str], phrase: Sequence[str]) -> bool:
    """Whether a heading is a known phrase but for letters, or holds a known word beside others."""
    if len(phrase) == 1:
        return any(_nearly_the_same(word, phrase[0]) for word in heading)
    return len(heading) == len(phrase) and all(map(_nearly_the_same, heading, phrase))


def _nearly_the_same(word: str, known: str) -> bool:
    return SequenceMatcher(None, word, known).ratio() >= NEARLY


def _twice(headings: Headings, wanted: Wanted) -> Iterator[Fault]:
    """Columns under which two or more headings may be meant."""
    for column, places in _places(headings.row, wanted).items():
        if len(places) > 1:
            names = [headings.row.cells[place] for place in places]
            same = (
                "a column may appear once"
                if len(set(names)) == 1
                else f"say which one is meant: {_how(column, names[0], wanted)}"
            )
            place = headings.grid.at(headings.row.number, places[1])
            yield Fault(place, "(column)", names[0], f"{', '.join(map(repr, names))} may all be {column!r}; {same}")


def _nearly(headings: Headings, wanted: Wanted) -> Iterator[Fault]:
    """Headings that are nearly that of a column which was not found, and which the user has not spoken of."""
    free = [place for place in range(len(headings.row.cells)) if place not in headings.columns.values()]
    for column in wanted.optional if wanted.nameable else ():
        if column in headings.columns or column in wanted.named:
            continue
        for place in _close(column, headings.row.cells, free):
            name = headings.row.cells[place]
            words_ = f"is that {column!r}? If so, {_how(column, name, wanted)}; if not, {_how(column, '', wanted)}"
            yield Fault(headings.grid.at(headings.row.number, place), "(column)", name, words_)


def _how(column: str, heading: str, wanted: Wanted) -> str:
    """How to say under which heading a column stands: in a scenario, or in the table itself."""
    if not wanted.nameable:
        return f"call it {column!r} in the table, and nothing else so"
    return f'say columns = {{ {column} = "{heading}" }}'
