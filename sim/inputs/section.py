"""Defines the building blocks of a scenario: frozen, strictly typed sections whose quantities have a meaning and a
unit.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, NoReturn, TypeVar

from pydantic import BaseModel, ConfigDict, Field, field_validator

from sim.base.bounds import MOST_A_YEAR, MOST_AMOUNT, MOST_AT_ONCE, MOST_DIGITS

Key = TypeVar("Key")
Value = TypeVar("Value")


class ReadOnly(dict[Key, Value]):
    """Represents a dict that cannot be changed, so it has a hash; unlike a mapping proxy, it can be pickled, copied and
    dumped.
    """

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("a scenario cannot be changed in place; use with_changes to make a new one")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __hash__(self) -> int:  # type: ignore[override]  # a dict has none, because it can be changed
        return hash(frozenset(self.items()))

    def __reduce__(self) -> tuple[object, ...]:
        return ReadOnly, (dict(self),)


def read_only(value: object) -> object:
    """Return a value with every dict in it read-only, at any depth; sections are so already."""
    if isinstance(value, dict):
        return ReadOnly({key: read_only(inner) for key, inner in value.items()})
    return value


class Section(BaseModel):
    """Represents a section of a scenario: frozen once built, dicts included. Unknown keys and wrong types are
    refused.
    """

    # Build each class when first used: building all at once takes a fifth of the time a script needs for --help.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)

    @field_validator("*", mode="after")
    @classmethod
    def _read_only(cls, value: object) -> object:
        return read_only(value)


Whole = Annotated[int, Field(ge=0, le=MOST_AT_ONCE)]
"""Number of people, visits or the like."""
Seed = Annotated[int, Field(ge=0, lt=10**MOST_DIGITS)]
Weeks = Annotated[int, Field(ge=0, le=52)]
Months = Annotated[int, Field(ge=0, le=240)]
YearDays = Annotated[int, Field(ge=0, le=260)]
"""Working days in a year."""
FewDays = Annotated[int, Field(ge=0, le=60)]
"""Working days of one visit."""
Amount = Annotated[float, Field(ge=0, le=MOST_AMOUNT)]
Days = Amount
Spell = Annotated[float, Field(ge=1, le=260)]
"""Mean or quantile of a duration in working days."""
Rate = Annotated[float, Field(ge=0, le=MOST_A_YEAR)]
"""Number of times a year, or a factor."""
Probability = Annotated[float, Field(ge=0, le=1)]


def refuse(faults: Iterable[str]) -> None:
    """Raise an error with everything that is wrong with a section, if anything is."""
    lines = list(faults)
    if lines:
        raise ValueError("\n".join(lines))


def quantity(meaning: str, unit: str = "", **options: Any) -> Any:
    """Define a field of a section, with the meaning and unit that the assumption book shows.

    Parameters
    ----------
    meaning : str
        What the field means.
    unit : str
        Its unit; empty for a name or a date.
    **options
        Options of :func:`pydantic.Field`, such as ``default``.
    """
    return Field(description=meaning, json_schema_extra={"unit": unit}, **options)
