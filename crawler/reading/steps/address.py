"""The step for addresses."""

from __future__ import annotations

from crawler.reading.steps.apply import Apply
from crawler.rules.urls import BadUrl, resolve


def join() -> Apply:
    """The absolute URL of a link that stands on the page."""
    return lambda texts, base: [_absolute(text, base) for text in texts]


def _absolute(text: str, base: str) -> str:
    try:
        return resolve(text.strip(), base or None)
    except BadUrl as error:
        raise ValueError(f"{text[:60]!r} is not a web address: {error}.") from error
