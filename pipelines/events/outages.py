"""Outages of a seed: one event when one begins, none while it lasts, and one when it is over.

Which are open is said by the events themselves, so whoever begins or ends one holds a lock that others of its
kind take too: that of the seed, or of the run that meets it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from catalog.models import Event
from pipelines.events.rows import EventRow, write_events

LOOKED_BACK = 1000  # events of outages of a seed; one that began before these is told again


class Outage(NamedTuple):
    """What is out: a kind, and of which collection or host where a seed has several."""

    kind: int
    collection: str = ""
    subject: str = ""


def open_outages(seed_id: int) -> dict[Outage, datetime]:
    """The outages of a seed that are not over, and when each began. A promise says so itself."""
    kinds = [kind for kind in Event.OUTAGES if kind != Event.Kind.PROMISE_BROKEN]
    events = Event.objects.filter(seed=seed_id, kind__in=[*kinds, Event.Kind.WELL_AGAIN]).order_by("-pk")
    newest: dict[Outage, tuple[bool, datetime]] = {}
    columns = events.values_list("kind", "ends", "collection", "subject", "at")
    for kind, ends, *of, at in columns[:LOOKED_BACK]:
        newest.setdefault(Outage(kind if ends is None else ends, *of), (ends is None, at))
    return {outage: at for outage, (is_open, at) in newest.items() if is_open}


class Outages:
    """Those of one seed in one transaction."""

    def __init__(self, seed_id: int, run_id: int | None, now: datetime) -> None:
        self.open: Mapping[Outage, datetime] = open_outages(seed_id)
        self._seed_id, self._run_id, self._now = seed_id, run_id, now
        self._rows: dict[Outage, EventRow] = {}

    def has_begun(self, outage: Outage) -> bool:
        return outage in self.open or outage in self._rows

    def begin(self, outage: Outage, detail: str, url: str = "") -> None:
        """Unless it has begun already."""
        if not self.has_begun(outage):
            self._rows[outage] = self._row(outage, outage.kind, detail)
            self._rows[outage].url = url

    def end(self, outage: Outage) -> None:
        """If it has begun."""
        if since := self.open.get(outage):
            row = self._rows[outage] = self._row(outage, Event.Kind.WELL_AGAIN, lasted(since, self._now))
            row.ends = outage.kind

    def _row(self, outage: Outage, kind: int, detail: str) -> EventRow:
        collection, subject = outage.collection, outage.subject
        return EventRow(
            seed_id=self._seed_id,
            run_id=self._run_id,
            at=self._now,
            kind=kind,
            collection=collection,
            subject=subject,
            detail=detail,
        )

    def write(self) -> int:
        """Write the events; how many."""
        write_events(list(self._rows.values()))
        return len(self._rows)


def lasted(since: datetime, now: datetime) -> str:
    """How long an outage lasted: ``after 3 h``."""
    minutes = max(1, round((now - since) / timedelta(minutes=1)))
    if minutes < 120:
        return f"after {minutes} min"
    return f"after {minutes // 60} h" if minutes < 48 * 60 else f"after {minutes // (24 * 60)} days"
