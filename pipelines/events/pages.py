"""Events of pages: new, with another version, gone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from catalog.models import Event, Snapshot
from pipelines.events.records import Seen, back_after
from pipelines.events.rows import EventRow


class Known(Protocol):
    """What an event says of a page."""

    @property
    def id(self) -> int: ...

    @property
    def seed_id(self) -> int: ...

    @property
    def latest_id(self) -> int | None: ...


class Renewed(NamedTuple):
    """A version that a known page has now."""

    page: Known
    seen: Seen
    before: int | None  # the version that it had
    title: str
    url: str


def page_new(page: Known, seen: Seen, gone_since: datetime | None = None) -> EventRow:
    """A page that is stored for the first time, or found again after it was gone."""
    row = _row(page, Event.Kind.PAGE_NEW, seen)
    row.detail = back_after(gone_since)
    return row


def page_gone(page: Known, seen: Seen) -> EventRow:
    return _row(page, Event.Kind.PAGE_GONE, seen)


def pages_changed(versions: Sequence[Renewed]) -> list[EventRow]:
    """An event for each new version, with its title and that of the version before."""
    titles = _titles(version.before for version in versions if version.before is not None)
    return [_changed(version, titles.get(version.before or 0)) for version in versions]


def _changed(version: Renewed, title_before: str | None) -> EventRow:
    row = _row(version.page, Event.Kind.PAGE_CHANGED, version.seen)
    row.subject, row.url = version.title, version.url
    row.before = None if title_before is None else {"title": title_before}
    row.after = {"title": version.title}
    return row


def _titles(snapshots: Iterable[int]) -> dict[int, str]:
    ids = set(snapshots)
    return dict(Snapshot.objects.filter(pk__in=ids).values_list("pk", "title")) if ids else {}


def _row(page: Known, kind: Event.Kind, seen: Seen) -> EventRow:
    return EventRow(
        seed_id=page.seed_id,
        kind=kind,
        at=seen.at,
        run_id=seen.run_id,
        page_id=page.id,
        snapshot_id=page.latest_id,
    )
