"""What every part of a scenario is made of: frozen, strictly typed, each quantity with its meaning and unit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, NoReturn, TypeVar

from pydantic import BaseModel, ConfigDict, Field, field_validator

from sim.base.bounds import MOST_A_YEAR, MOST_AMOUNT, MOST_AT_ONCE, MOST_DIGITS

Key = TypeVar("Key")
Value = TypeVar("Value")


class ReadOnly(dict[Key, Value]):
    """A dict that cannot be changed; unlike a mapping proxy it can be pickled, copied and dumped."""

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("a scenario is not changed in place; with_changes makes a new one")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __reduce__(self) -> tuple[object, ...]:
        return ReadOnly, (dict(self),)


def read_only(value: object) -> object:
    """A value with every dict in it read-only, however deep; parts are so already."""
    if isinstance(value, dict):
        return ReadOnly({key: read_only(inner) for key, inner in value.items()})
    return value


class Section(BaseModel):
    """Section of a scenario: frozen once built, its dicts too; an unknown key or a value of another type is refused."""

    # Built when first used: to build every part at once is a fifth of the time in which a script answers --help.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)

    @field_validator("*", mode="after")
    @classmethod
    def _read_only(cls, value: object) -> object:
        return read_only(value)


Whole = Annotated[int, Field(ge=0, le=MOST_AT_ONCE)]
"""A number of people, visits or the like."""
Seed = Annotated[int, Field(ge=0, lt=10**MOST_DIGITS)]
Weeks = Annotated[int, Field(ge=0, le=52)]
Months = Annotated[int, Field(ge=0, le=240)]
YearDays = Annotated[int, Field(ge=0, le=260)]
"""Working days out of a year's."""
FewDays = Annotated[int, Field(ge=0, le=60)]
"""Working days of one visit."""
Amount = Annotated[float, Field(ge=0, le=MOST_AMOUNT)]
Days = Amount
Spell = Annotated[float, Field(ge=1, le=260)]
"""Mean or quantile of a length in working days."""
Rate = Annotated[float, Field(ge=0, le=MOST_A_YEAR)]
"""How often a year, or a factor."""
Probability = Annotated[float, Field(ge=0, le=1)]


def refuse(faults: Iterable[str]) -> None:
    """Raise everything that is wrong with a part at once; nothing if nothing is."""
    lines = list(faults)
    if lines:
        raise ValueError("\n".join(lines))


def quantity(meaning: str, unit: str = "", **options: Any) -> Any:
    """Field of a part, with its meaning and unit (empty for a name or a date), which the assumption book shows.

    Other options, such as ``default``, are those of :func:`pydantic.Field`.
    """
    return Field(description=meaning, json_schema_extra={"unit": unit}, **options)
