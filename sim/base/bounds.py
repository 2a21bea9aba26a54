"""How large what is read may be. Whatever is larger is refused in words, before it takes all time or memory.

Each bound is many times what an inspectorate needs, and small enough that a file within all of them is read in seconds.
"""

from __future__ import annotations

MEGABYTE = 2**20
MOST_MEGABYTES = 32
"""Of a file, and of a workbook unpacked, which may be a thousand times its file: a hundred times the largest table of
authorities."""
MOST_FILLED, MOST_ROWS = 50_000, 200_000
"""Rows of a table that hold something, and rows in all: some programs write empty ones down to the end of the sheet."""
MOST_COLUMNS = 500
MOST_SHEETS = 200
"""Sheets of a workbook."""
MOST_CELLS = 5_000_000
"""Cells of a sheet of a workbook, empty ones among them: rows times columns."""
DEEPEST = 32
"""Tables and lists inside each other in a TOML file, and parts of a dotted key; a scenario has ten."""
MOST_KEYS = 200_000
"""Keys of a TOML file. A scenario has a thousand, and ten more for each authority where the table stands in it."""
MOST_DIGITS = 40
"""Digits of a whole number: a seed of 128 bits has 39."""
MOST_LINKS = 32
"""Files that extend one another."""
MOST_AT_ONCE = 10_000
"""People of a role, visits, or whatever else a scenario counts by one number."""
MOST_AMOUNT = 1_000_000
"""Days, pounds, or another amount of a scenario."""
MOST_A_YEAR = 1_000
"""How often a year somebody leaves, or quality moves: three times a day."""
MOST_AUTHORITIES = 20_000
MOST_YEARS = 30
MOST_REPLICATIONS = 1_000_000
MOST_FAULTS = 500
"""Faults of one file that are told."""
