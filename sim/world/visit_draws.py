"""Names what each uniform draw of a visit decides."""

from __future__ import annotations

PLANNED, LONGER, PUBLICATION, JUDGING, FINDING, CONSEQUENCE, MONTHS = range(7)
"""Positions of a visit's draws in its row of the stream."""
DRAWS = 7
"""Number of draws for each visit."""
