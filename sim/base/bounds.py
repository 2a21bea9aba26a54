"""Sets limits on the size of inputs; larger ones are refused in words before they use up time or memory.

Each limit is many times what an inspectorate needs, and small enough that a file within all limits is read in seconds.
"""

from __future__ import annotations

MEGABYTE = 2**20
MOST_MEGABYTES = 32
"""Largest file, and largest workbook once unpacked (which may be a thousand times its file): a hundred times the
largest table of authorities."""
MOST_FILLED, MOST_ROWS = 50_000, 200_000
"""Most rows of a table with content, and most rows in all: some programs write empty rows down to the end of the
sheet."""
MOST_COLUMNS = 500
MOST_SHEETS = 200
"""Most sheets in a workbook."""
MOST_CELLS = 5_000_000
"""Most cells in a sheet of a workbook, including empty ones: rows times columns."""
DEEPEST = 32
"""Deepest nesting of tables and lists in a TOML file, and most parts in a dotted key; a scenario has ten."""
MOST_KEYS = 200_000
"""Most keys in a TOML file. A scenario has a thousand, and ten more for each authority if it contains the table."""
MOST_DIGITS = 40
"""Most digits in a whole number; a seed of 128 bits has 39."""
MOST_LINKS = 32
"""Most files that extend one another in a chain."""
MOST_AT_ONCE = 10_000
"""Most people of a role, visits, or anything else that a scenario counts with one number."""
MOST_AMOUNT = 1_000_000
"""Largest number of days, pounds or other amount in a scenario."""
MOST_A_YEAR = 1_000
"""Most often that somebody leaves or quality moves: three times a day."""
MOST_AUTHORITIES = 20_000
MOST_YEARS = 30
MOST_REPLICATIONS = 1_000_000
MOST_FAULTS = 500
"""Most faults of one file that are shown."""
