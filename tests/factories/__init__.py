"""The one place that makes rows for tests: plain rows, people, and what a crawl leaves (a demo shop).

Every column can be given by its name; names are counted, so that they are unique. Time is an argument.
"""

from __future__ import annotations

from tests.factories.events import make_event, new_event
from tests.factories.people import log_in, make_user
from tests.factories.rows import (
    NOW,
    due_run,
    make_batch,
    make_host,
    make_run,
    make_seed,
    make_web_seed,
    new_batch,
    new_fetched,
    new_host,
    new_seed,
    open_run,
)
from tests.factories.shop import Got, crawl, make_visit, more_pages, shop

__all__ = [
    "NOW",
    "Got",
    "crawl",
    "due_run",
    "log_in",
    "make_batch",
    "make_event",
    "make_host",
    "make_run",
    "make_seed",
    "make_user",
    "make_visit",
    "make_web_seed",
    "more_pages",
    "new_batch",
    "new_event",
    "new_fetched",
    "new_host",
    "new_seed",
    "open_run",
    "shop",
]
