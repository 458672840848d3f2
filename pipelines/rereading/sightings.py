"""What a slice of versions shows, written as readings, which are facts, and as sightings, by record."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from django.db.models import F

from catalog.models import Reading, Rereading, Sighting, Snapshot
from catalog.sql import bulk
from crawler.reading.record import ReadRecord, Value
from pipelines.store.identity import key_hash
from pipelines.store.readings import as_json

_VERSION = (
    "id",
    "page_id",
    "page__fingerprint",
    "batch__folder",
    "offset",
    "length",
    "final_url",
    "content_type",
)
_READING = ("snapshot_id", "rule_set_id", "data", "keys")
_SIGHTING = (
    "rereading_id", "collection", "key_hash", "snapshot", "page", "position", "key", "values", "problems",
)  # fmt: skip


class Row(msgspec.Struct, frozen=True):
    """A version that is read again."""

    id: int
    page_id: int
    fingerprint: int
    folder: str
    offset: int
    length: int
    final_url: str
    content_type: str


class Seen(msgspec.Struct, frozen=True):
    """The records of a version."""

    version: Row
    records: tuple[ReadRecord, ...]


def versions_of(rereading: Rereading, pages: Sequence[int]) -> list[Row]:
    """The versions of pages that a rereading reads, in the order of the archive."""
    versions = Snapshot.objects.filter(page__in=pages, pk__lte=rereading.last_snapshot)
    if rereading.since is not None:
        versions = versions.filter(fetched_at__gte=rereading.since) | versions.filter(pk=F("page__latest"))
    return [Row(*row) for row in versions.order_by("batch_id", "offset").values_list(*_VERSION)]


def write(rereading: Rereading, seen: Sequence[Seen]) -> None:
    """Write what was read. Call it in the transaction that moves the place: so it is written once."""
    ids = [each.version.id for each in seen]
    known = Reading.objects.filter(rule_set=rereading.rule_set_id, snapshot__in=ids)
    existing = set(known.values_list("snapshot", flat=True))
    readings, sightings = [], []
    for each in seen:
        hashes = [key_hash(record, each.version.fingerprint) for record in each.records]
        if each.version.id not in existing:
            readings.append(_reading(rereading.rule_set_id, each, hashes))
        sightings += _sightings(rereading, each, hashes)
    bulk.insert(Reading, _READING, readings)
    bulk.insert(Sighting, _SIGHTING, sightings)


def _reading(rule_set_id: int, seen: Seen, hashes: Sequence[int]) -> bulk.Row:
    data: dict[str, list[Value]] = {}
    keys: dict[str, list[int]] = {}
    keyed = {record.collection for record in seen.records if record.key}
    for record, key in zip(seen.records, hashes, strict=True):
        data.setdefault(record.collection, []).append(record.values)
        if record.collection in keyed:
            keys.setdefault(record.collection, []).append(key)
    return (seen.version.id, rule_set_id, as_json(data), as_json(keys))


def _sightings(rereading: Rereading, seen: Seen, hashes: Sequence[int]) -> list[bulk.Row]:
    """Of records with the same key on one page, the first."""
    rows: dict[tuple[str, int], bulk.Row] = {}
    for record, key in zip(seen.records, hashes, strict=True):
        if rereading.collection in ("", record.collection):
            place = (seen.version.id, seen.version.page_id, record.position)
            values = map(as_json, (list(record.key or ()), record.values, record.problems))
            row = (rereading.pk, record.collection, key, *place, *values)
            rows.setdefault((record.collection, key), row)
    return list(rows.values())
