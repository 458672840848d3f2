"""The numbers of a seed: their ranges and defaults, as :class:`SeedSpec` declares them."""

from __future__ import annotations

from functools import cache
from typing import get_args, get_type_hints

import msgspec

from crawler.policy import Within
from crawler.seeds.spec import SeedSpec


@cache
def _ranges() -> dict[str, Within]:
    hints = get_type_hints(SeedSpec, include_extras=True)
    return {
        name: part for name, hint in hints.items() for part in get_args(hint)[1:] if isinstance(part, Within)
    }


@cache
def _whole() -> frozenset[str]:
    """The names of those that count something."""
    hints = get_type_hints(SeedSpec)
    return frozenset(name for name in _ranges() if float not in {hints[name], *get_args(hints[name])})


def numbers() -> tuple[str, ...]:
    """The names of all numbers of a seed."""
    return tuple(_ranges())


def range_of(name: str) -> Within:
    """What may be written for a number. KeyError for a name that is not a number of a seed."""
    return _ranges()[name]


def is_whole(name: str) -> bool:
    """Whether a number counts something. False for a name that is not a number of a seed."""
    return name in _whole()


def default_of(name: str) -> float | None:
    """A number's value where nothing is written."""
    fields = {field.name: field.default for field in msgspec.structs.fields(SeedSpec)}
    default: float | None = fields[name]
    return default


def check_number(name: str, value: float | None) -> float | None:
    """The number; ValueError, with a sentence for people, if it is none of this name's. None: none was."""
    if value is None:
        return None
    least, most = range_of(name)
    if not value >= least:  # nan is neither
        raise ValueError(f"Ensure this value is greater than or equal to {least}.")
    if value > most:
        raise ValueError(f"Ensure this value is less than or equal to {most}.")
    if not is_whole(name):
        return value
    if value != int(value):
        raise ValueError("Enter a whole number.")
    return int(value)
