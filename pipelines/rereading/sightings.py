"""What a slice of versions shows, written as readings, which are facts, and as sightings, by record."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from django.db.models import F, Q, QuerySet

from catalog.models import Page, Reading, Rereading, RereadingPart, Sighting, Snapshot
from catalog.sql import bulk
from crawler.reading.record import ReadRecord, Value
from pipelines.store.identity import key_hash
from pipelines.store.readings import as_json

PAGES = 100  # looked at together
VERSIONS = 100  # read and written together
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
_READING = ("snapshot_id", "rule_set_id", "data", "keys", "rereading_id")
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


class Cut(msgspec.Struct, frozen=True):
    """Versions that are read together, in the order of the archive; the place after them."""

    versions: list[Row]
    page: int
    version: int | None  # None: all of the page's


def versions_of(rereading: Rereading, pages: Sequence[int]) -> QuerySet[Snapshot]:
    """The versions of pages that a rereading reads."""
    versions = Snapshot.objects.filter(page__in=pages, pk__lte=rereading.last_snapshot)
    if rereading.since is None:
        return versions
    return versions.filter(Q(fetched_at__gte=rereading.since) | Q(pk=F("page__latest")))


def next_versions(part: RereadingPart) -> Cut | None:
    """The next versions of a part, in the order of pages and versions; None at its end.

    A page may have thousands, so a cut may end within one.
    """
    pages = _next_pages(part)
    if not pages:
        return None
    of_pages = versions_of(part.rereading, pages)
    if part.after_version is not None:
        of_pages = of_pages.exclude(page=part.after, pk__lte=part.after_version)
    versions = [Row(*row) for row in of_pages.order_by("page_id", "pk").values_list(*_VERSION)[:VERSIONS]]
    is_end = len(versions) < VERSIONS
    page, version = (pages[-1], None) if is_end else (versions[-1].page_id, versions[-1].id)
    return Cut(sorted(versions, key=lambda each: (each.folder, each.offset)), page, version)


def _next_pages(part: RereadingPart) -> list[int]:
    pages = Page.objects.filter(seed=part.rereading.seed_id, pk__gt=part.after, pk__lte=part.last)
    following = pages.order_by("pk").values_list("pk", flat=True)[:PAGES]
    return [*((part.after,) if part.after_version is not None else ()), *following]


def write(rereading: Rereading, seen: Sequence[Seen]) -> None:
    """Write what was read. Call it in the transaction that moves the place: so it is written once."""
    _lock_pages({each.version.page_id for each in seen})
    existing = _existing(rereading, [each.version.id for each in seen])
    readings, sightings = [], []
    for each in seen:
        hashes = [key_hash(record, each.version.fingerprint) for record in each.records]
        if each.version.id not in existing:
            readings.append(_reading(rereading, each, hashes))
        sightings += _sightings(rereading, each, hashes)
    bulk.insert(Reading, _READING, readings)
    bulk.insert(Sighting, _SIGHTING, sightings)


def _lock_pages(pages: set[int]) -> None:
    """As stores lock them: a run that reads by the same rules may write the same readings."""
    locked = Page.objects.filter(pk__in=pages).select_for_update().order_by("seed", "fingerprint")
    list(locked.values_list("pk"))


def _existing(rereading: Rereading, ids: Sequence[int]) -> set[int]:
    """The versions of which these rules have a reading. One that is not in use yet becomes ours."""
    known = Reading.objects.filter(rule_set=rereading.rule_set_id, snapshot__in=ids)
    existing = dict(known.values_list("pk", "snapshot"))
    if existing:
        of_use = set(known.shown().values_list("pk", flat=True))
        Reading.objects.filter(pk__in=existing.keys() - of_use).update(rereading=rereading)
    return set(existing.values())


def _reading(rereading: Rereading, seen: Seen, hashes: Sequence[int]) -> bulk.Row:
    data: dict[str, list[Value]] = {}
    keys: dict[str, list[int]] = {}
    keyed = {record.collection for record in seen.records if record.key}
    for record, key in zip(seen.records, hashes, strict=True):
        data.setdefault(record.collection, []).append(record.values)
        if record.collection in keyed:
            keys.setdefault(record.collection, []).append(key)
    return (seen.version.id, rereading.rule_set_id, as_json(data), as_json(keys), rereading.pk)


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
