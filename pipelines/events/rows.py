"""EventRow: an event before it is written; many are written by one statement."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import msgspec

from catalog.models import Event, Page
from catalog.sql import bulk
from crawler.reading.record import Value

MOST_TEXT = 10_000  # characters of a value that an event keeps


class EventRow(msgspec.Struct, kw_only=True):
    """The columns of an event. One of a page without ``url`` gets its address, and its title as subject."""

    seed_id: int
    kind: int
    at: datetime
    state: int = Event.State.NEW
    run_id: int | None = None
    page_id: int | None = None
    record_id: int | None = None
    snapshot_id: int | None = None
    collection: str = ""
    field: str = ""
    subject: str = ""
    url: str = ""
    before: Value = None
    after: Value = None
    difference: float | None = None
    percent: float | None = None
    detail: str = ""
    ends: int | None = None
    changed_in_id: int | None = None


_COLUMNS = EventRow.__struct_fields__
_JSON = tuple(_COLUMNS.index(name) for name in ("before", "after"))


def write_events(rows: Sequence[EventRow]) -> None:
    """Write events, in their order; nothing without any. Call it when their pages are written."""
    if not rows:
        return
    _name([row for row in rows if row.page_id is not None and not row.url])
    bulk.insert(Event, _COLUMNS, [_plain(row) for row in rows])


def _name(rows: Sequence[EventRow]) -> None:
    pages = pages_by_id({row.page_id for row in rows if row.page_id is not None})
    for row in rows:
        row.url, title = pages.get(row.page_id or 0, ("", ""))
        row.subject = row.subject or title


def pages_by_id(page_ids: Collection[int]) -> dict[int, tuple[str, str]]:
    """The URL and the title of pages."""
    if not page_ids:
        return {}
    pages = Page.objects.filter(pk__in=page_ids).values_list("pk", "url", "latest__title")
    return {pk: (url, title or "") for pk, url, title in pages}


def _plain(row: EventRow) -> list[Any]:
    values = list(msgspec.structs.astuple(row))
    for at in _JSON:
        values[at] = None if values[at] is None else msgspec.json.encode(kept(values[at])).decode()
    return values


def kept(value: Value) -> Value:
    """A value, or the beginning of one that is too long; of an object, of each of its values."""
    if isinstance(value, str):
        return value if len(value) <= MOST_TEXT else f"{value[:MOST_TEXT]}…"
    if isinstance(value, dict):
        return {name: kept(each) for name, each in value.items()}
    if isinstance(value, list) and len(text := msgspec.json.encode(value)) > MOST_TEXT:
        return f"{text.decode()[:MOST_TEXT]}…"
    return value
