"""Values of options, checked as argparse wants it: by functions that raise ArgumentTypeError."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from crawler.seeds import checks
from crawler.seeds.numbers import check_number
from djsite.desk.as_of.moments import moment_of

_T = TypeVar("_T")
NAME_LENGTH = 200  # characters of a seed's name


def whole(low: int, high: int) -> Callable[[str], int]:
    """A whole number in a range."""

    def convert(value: str) -> int:
        try:
            number = int(value)
        except ValueError:
            number = low - 1
        if not low <= number <= high:
            raise argparse.ArgumentTypeError(f"{value!r} is not a whole number from {low} to {high}")
        return number

    return convert


def checked(check: Callable[[str], _T]) -> Callable[[str], _T]:
    """A check of a part of a seed (:mod:`crawler.seeds`) as argparse wants it."""

    def convert(value: str) -> _T:
        try:
            return check(value)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return convert


def seed_number(name: str, kind: type[int] | type[float] = int) -> Callable[[str], float | None]:
    """A number of a seed, in its range."""

    def check(value: str) -> float | None:
        try:
            number = kind(value)
        except ValueError:
            whole = "a whole number" if kind is int else "a number"
            raise ValueError(f"Enter {whole}.") from None
        return check_number(name, number)

    return checked(check)


def day(value: str) -> datetime:
    """The beginning of a day, in UTC; for :func:`checked`."""
    try:
        return datetime.strptime(value, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise ValueError(f"{value!r} is not a date such as 2026-03-31") from None


def moment(value: str) -> datetime:
    """A moment that is over, in UTC; for :func:`checked`."""
    return moment_of(value, datetime.now(UTC))


def span(value: str) -> int:
    """How often, in seconds: ``30m``, ``6h``, ``1d``; for :func:`checked`."""
    match = re.fullmatch(r"([0-9]{1,6})([mhd])", value)
    if match is None:
        raise ValueError(f"{value!r} is not a span such as 30m, 6h or 1d")
    return checks.interval(int(match[1]) * {"m": 60, "h": 3600, "d": 86400}[match[2]])


def user_agent(value: str) -> str:
    if not value.strip():
        raise argparse.ArgumentTypeError("Leave the option out for Crawlbeat's own.")
    return checked(checks.user_agent)(value)


def run_number(value: str) -> str:
    if value != "latest" and not (value.isascii() and value.isdigit() and len(value) < 19):
        raise argparse.ArgumentTypeError(f"{value!r} is neither a run's number nor 'latest'")
    return value


def name_of_seed(value: str) -> str:
    """A name for a seed."""
    name = checks.name(value)
    if not 0 < len(name) <= NAME_LENGTH:
        raise argparse.ArgumentTypeError(f"give a name of at most {NAME_LENGTH} characters")
    return name
