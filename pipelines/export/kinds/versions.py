"""The rows of versions: of each record all values that it has and had, the newest first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

import msgspec
from django.db.models import OuterRef, QuerySet, Subquery

from catalog.models import Record, RecordVersion, Seed, Snapshot
from pipelines.export.kinds.records import next_collection
from pipelines.export.plain import Moment, json_text
from pipelines.export.rows import Asked, Rows, of_seeds
from pipelines.export.slices import (
    NEWEST,
    Place,
    Row,
    Slices,
    below,
    fields_of_seeds,
    in_slices,
    names_of,
    ordered,
    read_slices,
)

VERSION_COLUMNS = (
    *("url", "collection", "key", "position", "since", "until", "seed", "record", "content_hash", "fields"),
)
_HASH = Subquery(Snapshot.objects.filter(pk=OuterRef("snapshot_id")).values("digest"))
_VERSION = (Moment("since"), Moment("until"), _HASH, json_text("values"))
_RECORD = (
    *("page__url", "collection", json_text("key"), "position", "seed__name"),
    *(Moment("last_changed_at"), Moment("gone_at"), _HASH, json_text("values")),
)
_json = msgspec.json.Decoder().decode


def rows(asked: Asked) -> Rows:
    """The rows of versions of a seed or of all seeds: a value that still stands has no end."""
    return of_seeds(VERSION_COLUMNS, asked.seed, _of_seed)


def _of_seed(seed: Seed, place: Place) -> Slices:
    return in_slices(_all(seed, place, names_of(fields_of_seeds(seed))))


def _all(seed: Seed, place: Place, names: tuple[str, ...]) -> Iterator[tuple[Row, Place]]:
    """By collection and record, and then from the newest to the oldest."""
    records = Record.objects.filter(seed=seed)
    begin = place if place.collection else Place(collection=next_collection(records, ""))
    while begin.collection:
        for row, after in _of_collection(records.filter(collection=begin.collection), begin, names):
            yield row, msgspec.structs.replace(after, seed=seed.pk, collection=begin.collection)
        begin = Place(collection=next_collection(records, begin.collection))


def _of_collection(
    records: QuerySet[Record], begin: Place, names: tuple[str, ...]
) -> Iterator[tuple[Row, Place]]:
    """A place with something below is within its record, whose values of today came first."""
    for part in read_slices(records, _RECORD, begin.after - bool(begin.below)):
        keys = [record[0] for record in part]
        groups = groupby(
            below(RecordVersion.objects.all(), "record_id", keys, _VERSION, begin), itemgetter(0)
        )
        earlier = next(groups, None)
        for record in part:
            pk, *known, since, until, digest, values = record
            if not (begin.below and begin.after == pk):
                yield _row(known, pk, (since, until, digest, values), names), Place(after=pk, below=NEWEST)
            if earlier is not None and earlier[0] == pk:
                for _, key, *version in earlier[1]:
                    yield _row(known, pk, version, names), Place(after=pk, below=key)
                earlier = next(groups, None)


def _row(known: Sequence[Any], pk: int, version: Sequence[Any], names: tuple[str, ...]) -> Row:
    url, collection, key, position, seed = known
    since, until, digest, values = version
    return {
        "url": url,
        "collection": collection,
        "key": _json(key),
        "position": position,
        "since": since,
        "until": until,
        "seed": seed,
        "record": pk,
        "content_hash": digest,
        "fields": ordered(_json(values), names),
    }
