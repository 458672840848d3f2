"""The rows of records: things as they are, or were at a moment; or what the pages of a run held."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import msgspec
from django.db.models import OuterRef, QuerySet, Subquery

from catalog.models import Record, Run, Seed, Snapshot
from pipelines.export.as_of import RECORD, record_rows_at
from pipelines.export.plain import Moment, json_text
from pipelines.export.rows import Asked, Rows, of_run, of_seeds
from pipelines.export.slices import (
    KEPT,
    Fields,
    Place,
    Row,
    Slices,
    Values,
    fields_of_run,
    fields_of_seeds,
    names_of,
    ordered,
    read_by,
    read_slices,
    read_visits,
)

RUN_RECORD_COLUMNS = ("url", "collection", "position", "fetched_at", "seed", "run", "fields")
RECORD_COLUMNS = (
    *("url", "collection", "key", "position", "first_seen_at", "last_seen_at", "last_changed_at", "gone_at"),
    *("seed", "record", "content_hash", "fields"),
)
_json = msgspec.json.Decoder().decode
_read = msgspec.json.Decoder(dict[str, list[Fields]]).decode


def rows(asked: Asked) -> Rows:
    """The rows of records that are asked for."""
    return record_rows(asked.seed, asked.run, asked.as_of)


def record_rows(seed: Seed | None = None, run: Run | None = None, as_of: datetime | None = None) -> Rows:
    """Rows of :data:`RUN_RECORD_COLUMNS`: what a run's rules read from the pages that it stored or found
    unchanged. Without a run, rows of :data:`RECORD_COLUMNS`: the records as they are, gone ones too.
    """
    if run is not None:
        return of_run(RUN_RECORD_COLUMNS, run, lambda place: _of_run(run, place))
    return of_seeds(RECORD_COLUMNS, seed, lambda each, place: _of_seed(each, place, as_of))


_VISIT = ("page__url", Moment("snapshot__fetched_at"), "snapshot__run_id")


def _of_run(run: Run, begin: Place) -> Slices:
    names, seed = names_of(fields_of_run(run)), run.seed.name
    for part, place in read_visits(run, KEPT, (*_VISIT, read_by(run)), begin):
        yield [each for visit in part for each in _of_visit(visit, seed, names)], place


def _of_visit(visit: Values, seed: str, names: tuple[str, ...]) -> Iterator[Row]:
    """A row for each record that was read from a version."""
    _, url, fetched_at, run, data = visit
    for collection, records in _read(data).items() if data else ():
        for position, values in enumerate(records):
            yield {
                "url": url,
                "collection": collection,
                "position": position,
                "fetched_at": fetched_at,
                "seed": seed,
                "run": run,
                "fields": ordered(values, names),
            }


def _of_seed(seed: Seed, place: Place, as_of: datetime | None) -> Slices:
    """By collection and key, which is the order of an index."""
    names = names_of(fields_of_seeds(seed))
    records = Record.objects.filter(seed=seed)
    collection, after = place.collection, place.after
    while collection or (collection := next_collection(records, "")):
        wanted = records.filter(collection=collection)
        known = _now(wanted, after, names) if as_of is None else _past(wanted, as_of, after, names)
        for rows, last in known:
            yield rows, Place(seed.pk, after=last, collection=collection)
        collection, after = next_collection(records, collection), 0
        if not collection:
            return


def next_collection(records: QuerySet[Record], name: str) -> str:
    """The name of the next collection that has records; empty after the last."""
    later = records.filter(collection__gt=name).order_by("collection")
    return later.values_list("collection", flat=True).first() or ""


# By a query of its own for each, so that a version that has been pruned takes no record with it.
_HASH = Subquery(Snapshot.objects.filter(pk=OuterRef("snapshot_id")).values("digest"))
_RECORD = (
    *("page__url", "collection", json_text("key"), "position", Moment("first_seen_at")),
    *(Moment("last_seen_at"), Moment("page__last_fetched_at"), Moment("last_changed_at"), Moment("gone_at")),
    *("seed__name", _HASH, json_text("values")),
)


def _now(records: QuerySet[Record], after: int, names: tuple[str, ...]) -> Iterator[tuple[list[Row], int]]:
    """Rows with the last key of their slice."""

    def row(record: Values) -> Row:
        pk, url, collection, key, position, first, last, page, changed, gone, seed, digest, values = record
        return {
            "url": url,
            "collection": collection,
            "key": _json(key),
            "position": position,
            "first_seen_at": first,
            "last_seen_at": page if gone is None and page > last else last,
            "last_changed_at": changed,
            "gone_at": gone,
            "seed": seed,
            "record": pk,
            "content_hash": digest,
            "fields": ordered(_json(values), names),
        }

    for part in read_slices(records, _RECORD, after):
        yield list(map(row, part)), part[-1][0]


def _past(
    records: QuerySet[Record], as_of: datetime, after: int, names: tuple[str, ...]
) -> Iterator[tuple[list[Row], int]]:
    """As :func:`_now`, of a moment."""
    for part in read_slices(records.filter(first_seen_at__lte=as_of), RECORD[1:], after):
        known = record_rows_at([dict(zip(RECORD, record, strict=True)) for record in part], as_of)
        whole = [row | {"fields": ordered(row["fields"], names)} for row in known]
        yield [{column: row[column] for column in RECORD_COLUMNS} for row in whole], part[-1][0]
