"""The rows of records: things as they are, or what the pages of a run held."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import QuerySet

from catalog.models import Record, Run, Seed
from pipelines.export.slices import (
    KEPT,
    Place,
    Row,
    Slices,
    moment_text,
    names_of_run,
    names_of_seeds,
    ordered,
    read_slices,
    read_visits,
)

_READ = ("page__url", "snapshot__fetched_at", "snapshot__run_id", "data")


def run_records(run: Run, begin: Place) -> Slices:
    names, seed = names_of_run(run), run.seed.name
    for part, place in read_visits(run, KEPT, _READ, begin):
        yield [each for row in part for each in _read_rows(row, seed, names)], place


def _read_rows(row: Row, seed: str, names: tuple[str, ...]) -> Iterator[Row]:
    """A row for each record that was read from a version."""
    for collection, records in (row["data"] or {}).items():
        for position, values in enumerate(records):
            yield {
                "url": row["page__url"],
                "collection": collection,
                "position": position,
                "fetched_at": moment_text(row["snapshot__fetched_at"]),
                "seed": seed,
                "run": row["snapshot__run_id"],
                "fields": ordered(values, names),
            }


_RECORD = (
    *("page__url", "key", "position", "first_seen_at", "last_seen_at", "page__last_fetched_at"),
    *("last_changed_at", "gone_at", "values"),
)


def all_records(seed: Seed, place: Place) -> Slices:
    """By collection and key, which is the order of an index."""
    names = tuple(names_of_seeds(seed))
    records = Record.objects.filter(seed=seed)
    collection, after = place.collection, place.after
    while collection or (collection := _next_collection(records, "")):
        for part in read_slices(records.filter(collection=collection), _RECORD, after):
            rows = [_record_row(row, collection, seed.name, names) for row in part]
            yield rows, Place(seed.pk, after=part[-1]["pk"], collection=collection)
        collection, after = _next_collection(records, collection), 0
        if not collection:
            return


def _next_collection(records: QuerySet[Record], name: str) -> str:
    """The name of the next collection that has records; empty after the last."""
    later = records.filter(collection__gt=name).order_by("collection")
    return later.values_list("collection", flat=True).first() or ""


def _record_row(row: Row, collection: str, seed: str, names: tuple[str, ...]) -> Row:
    gone = row["gone_at"] is not None
    seen = row["last_seen_at"] if gone else max(row["last_seen_at"], row["page__last_fetched_at"])
    return {
        "url": row["page__url"],
        "collection": collection,
        "key": row["key"],
        "position": row["position"],
        "first_seen_at": moment_text(row["first_seen_at"]),
        "last_seen_at": moment_text(seen),
        "last_changed_at": moment_text(row["last_changed_at"]),
        "gone_at": moment_text(row["gone_at"]),
        "seed": seed,
        "fields": ordered(row["values"], names),
    }
