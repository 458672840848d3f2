"""Starting points of a new seed: what is usual for a kind of site. Plain data."""

from __future__ import annotations

from typing import Any, NamedTuple


class Start(NamedTuple):
    """A kind of site, what its form begins with, and that in a sentence."""

    key: str
    label: str
    sentence: str
    values: dict[str, Any]


_DAILY = {"schedule": "daily", "days": "*"}

STARTS = (
    Start(
        "shop",
        "Shop",
        "Every product page, each morning. Try a page: prices are most often found by themselves.",
        {**_DAILY, "at": "06:00", "scope": "host", "tags": ["shop"], "keep_days": 400},
    ),
    Start(
        "news",
        "News",
        "The front page and what it links to, each hour.",
        {"schedule": "interval", "every": 1, "unit": "hours", "max_depth": 1, "tags": ["news"]},
    ),
    Start(
        "jobs",
        "Job board",
        "A list of offers and the page of each, on working days.",
        {"schedule": "daily", "days": "1-5", "at": "07:00", "max_depth": 2, "tags": ["jobs"]},
    ),
    Start(
        "docs",
        "Documentation",
        "All pages below an address, each night; a change of any word counts.",
        {**_DAILY, "at": "03:00", "scope": "prefix", "tags": ["docs"]},
    ),
    Start(
        "price",
        "Price watch",
        "The addresses that you give and no others, every hour.",
        {"schedule": "interval", "every": 1, "unit": "hours", "scope": "page", "tags": ["price"]},
    ),
)


def start_values(key: str) -> dict[str, Any]:
    """What a form begins with; nothing for a key that is none."""
    return next((dict(start.values) for start in STARTS if start.key == key), {})
