"""What the page of a seed says of its last forecast."""

from __future__ import annotations

from typing import NamedTuple

from catalog.models import Forecast, Seed
from djsite.desk.forecasts import asking, words


class OfSeed(NamedTuple):
    """The last forecast of a seed, in one sentence."""

    row: Forecast
    sentence: str


def shown_of_seed(seed: Seed) -> OfSeed | None:
    """The last forecast; None if nobody asked for one."""
    row = asking.newest(seed)
    return OfSeed(row, _sentence(row)) if row else None


def _sentence(row: Forecast) -> str:
    result = asking.result_of(row)
    if result is None:
        return row.error or f"It is being asked: {row.requests} of at most 50 requests were made."
    if came := asking.what_came(row):
        return f"{words.came_words(result.pages, came.pages, came.difference)}."
    return f"{words.headline(result)}; {words.time_needed(result)}."
