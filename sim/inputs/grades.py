"""The four grades in which quality is judged."""

from __future__ import annotations

from typing import Literal, get_args

Judgement = Literal["outstanding", "good", "requires_improvement", "inadequate"]
JUDGEMENTS: tuple[Judgement, ...] = get_args(Judgement)
GRADE = {judgement: grade for grade, judgement in enumerate(JUDGEMENTS)}
"""Place of each judgement from best, 0, to worst, 3."""
