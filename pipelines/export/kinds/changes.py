"""The rows of changes: each event of a record, or of a page where a seed reads no records; oldest first.

What a second look withdrew is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from heapq import merge

import msgspec
from django.db.models import QuerySet

from catalog.models import Event, Run, Seed
from pipelines.export.plain import Moment, json_text
from pipelines.export.rows import Asked, Rows, of_seeds
from pipelines.export.slices import Place, Row, Slices, Values, in_slices, read_slices

CHANGE_COLUMNS = (
    *("id", "at", "kind", "seed", "collection", "record", "subject", "field", "before", "after"),
    *("difference", "percent", "detail", "url", "run"),
)
_READ = (
    *(Moment("at"), "kind", "collection", "record_id", "subject", "field", json_text("before")),
    *(json_text("after"), "difference", "percent", "detail", "url", "run_id"),
)
_KINDS: dict[int, str] = {kind.value: str(kind.label) for kind in Event.Kind}
_json = msgspec.json.Decoder().decode


def rows(asked: Asked) -> Rows:
    """The rows of changes in a run, else of a seed or of all seeds."""
    run = asked.run
    if run is not None:
        return Rows(CHANGE_COLUMNS, lambda place: _of_run(run, place), tuple)
    return Rows(CHANGE_COLUMNS, of_seeds((), asked.seed, _of_seed).slices, tuple)


def _of_run(run: Run, place: Place) -> Slices:
    return _slices(Event.objects.filter(run_id=run.pk), run.seed, place)


def _of_seed(seed: Seed, place: Place) -> Slices:
    return _slices(Event.objects.filter(seed=seed), seed, place)


def _slices(events: QuerySet[Event], seed: Seed, place: Place) -> Slices:
    """An index has the events of each kind in their order; together they are in that of all."""
    stand = events.exclude(state=Event.State.WITHDRAWN)
    pages = () if seed.fields or seed.collections else Event.PAGES
    kinds = [_events(stand.filter(kind=kind), place.after) for kind in (*Event.RECORDS, *pages)]
    row = _row_of(seed.name)
    return in_slices((row(event), Place(seed.pk, after=event[0])) for event in merge(*kinds, key=_id))


def _id(event: Values) -> int:
    key: int = event[0]
    return key


def _events(events: QuerySet[Event], after: int) -> Iterator[Values]:
    for part in read_slices(events, _READ, after):
        yield from part


def _row_of(seed: str) -> Callable[[Values], Row]:
    def row(event: Values) -> Row:
        pk, at, kind, collection, record, subject, field, before, after, difference, percent, *rest = event
        detail, url, run = rest
        return {
            "id": pk,
            "at": at,
            "kind": _KINDS[kind],
            "seed": seed,
            "collection": collection,
            "record": record,
            "subject": subject,
            "field": field,
            "before": None if before is None else _json(before),
            "after": None if after is None else _json(after),
            "difference": difference,
            "percent": percent,
            "detail": detail,
            "url": url,
            "run": run,
        }

    return row
