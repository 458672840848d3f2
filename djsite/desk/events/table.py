"""A list of events as rows for a download: exactly what the list shows, all of it, in its order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from catalog.models import Event
from djsite.desk.events.listing import EventList
from djsite.desk.exports import Rows
from pipelines.export.slices import Place, Row, Slices, moment_text
from pipelines.telling.words import sentence

COLUMNS = (
    *("id", "at", "kind", "seed", "collection", "subject", "field", "before", "after", "difference"),
    *("percent", "detail", "sentence", "url", "state", "run"),
)
SLICE = 500  # rows read at once
_KINDS, _STATES = dict(Event.Kind.choices), dict(Event.State.choices)


def event_rows(wanted: EventList, now: datetime) -> Rows:
    """The rows of a list; ``at`` is ISO 8601, values are as they were read."""

    def slices(_: Place) -> Slices:
        return _slices(wanted, now)

    return Rows(COLUMNS, slices, tuple)


def _slices(wanted: EventList, now: datetime) -> Iterator[tuple[list[Row], Place]]:
    for part in wanted.all_of_it(now, SLICE):
        yield [_row(event) for event in part], Place()


def _row(event: Event) -> Row:
    return {
        "id": event.pk,
        "at": moment_text(event.at),
        "kind": _KINDS[event.kind],
        "seed": event.seed.name,
        "collection": event.collection,
        "subject": event.subject,
        "field": event.field,
        "before": event.before,
        "after": event.after,
        "difference": event.difference,
        "percent": event.percent,
        "detail": event.detail,
        "sentence": sentence(event),
        "url": event.url,
        "state": _STATES[event.state],
        "run": event.run_id,
    }
