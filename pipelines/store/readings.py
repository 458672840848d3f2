"""Readings of a batch: what the rules of its runs read from new versions, and from old ones read again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

import msgspec
from django.db.models import QuerySet

from catalog.models import Page, Reading, RuleSet
from catalog.sql import bulk
from crawler.reading.record import ReadRecord, Value
from pipelines.events.records import Seen
from pipelines.store.identity import Ident, key_hash
from pipelines.store.page_row import PageRow
from pipelines.store.runs import BatchRun

ReadingKey = tuple[int, int]  # snapshot id, rule set id
_KEY = ("snapshot_id", "rule_set_id")
_COLUMNS = (*_KEY, "data", "keys")


class NewReading(msgspec.Struct):
    """What the rules of a run read from one version."""

    page: PageRow
    run: BatchRun
    rule_set_id: int
    moment: datetime  # of the fetch
    records: tuple[ReadRecord, ...]
    before: tuple[int, int] | None  # of the page's last reading before this batch: snapshot and rule set
    snapshot_id: int = 0  # 0 until the version is numbered
    unread: tuple[str, ...] = ()  # collections that were not read to their end
    again: bool = False  # of a version that was stored before
    back: bool = False  # nothing new: what a page shows again that was gone
    hashes: list[int] = []  # the key hash of each record

    def __post_init__(self) -> None:
        self.hashes = [key_hash(record, self.page.fingerprint) for record in self.records]

    @property
    def known(self) -> bool:
        """Whether the page may have been read before."""
        return self.again or self.page.versions > 1

    @property
    def seen(self) -> Seen:
        """By its run. What rules read that have not read the page before is no news of the site."""
        return Seen(self.run.run.pk, self.moment, self.back or self._by_same_rules)

    @property
    def _by_same_rules(self) -> bool:
        if not self.known:
            return self.run.knows_rules
        return self.before is not None and self.before[1] == self.rule_set_id

    def has_news_of(self, collection: str) -> bool:
        """Whether a record that nobody has seen before is new on the site, and not to us only."""
        if not self.run.filled_before or collection not in self.run.known_collections:
            return False
        return not self.known or self._by_same_rules

    @property
    def row(self) -> bulk.Row:
        data: dict[str, list[Value]] = {}
        keys: dict[str, list[int]] = {}
        for record in self.records:
            data.setdefault(record.collection, []).append(record.values)
        if keyed := {record.collection for record in self.records if record.key}:
            for record, key in zip(self.records, self.hashes, strict=True):
                if record.collection in keyed:
                    keys.setdefault(record.collection, []).append(key)
        return (self.snapshot_id, self.rule_set_id, as_json(data), as_json(keys))


class LatestReading(msgspec.Struct):
    """What is known of the latest version of a page."""

    snapshot_id: int
    rule_set_id: int
    data: dict[str, list[Value]]
    keys: dict[str, list[int]]

    def shown_again(self, page: PageRow, run: BatchRun) -> NewReading:
        """The same for a page that was gone and is found unchanged. Of keys, only the hashes are known."""
        pairs = [
            (ReadRecord(collection=name, position=at, values=values), self.keys.get(name))
            for name, all_values in self.data.items()
            for at, values in enumerate(all_values)
        ]
        records = tuple(record for record, _ in pairs)
        moment = page.last_fetched_at
        reading = NewReading(page, run, self.rule_set_id, moment, records, None, self.snapshot_id)
        reading.again = reading.back = True
        reading.hashes = [
            keys[record.position] if keys else key_hash(record, page.fingerprint) for record, keys in pairs
        ]
        return reading

    def position(self, collection: str, key_hash: int) -> int | None:
        """The position of the record with this key; None if the page does not show it."""
        keys = self.keys.get(collection, [])
        return keys.index(key_hash) if key_hash in keys else None

    def position_of(self, collection: str, key_hash: int, position: int) -> int | None:
        """The same also for a record that is known by its position."""
        if collection in self.keys:
            return self.position(collection, key_hash)
        return position if position < len(self.data.get(collection, [])) else None


def write_readings(readings: Sequence[NewReading]) -> None:
    """Write the rows; of versions that are read again, only those that nobody has written before."""
    existing = _existing([_key(reading) for reading in readings if reading.again])
    if existing:  # one that a rereading has made is now a run's too
        keys = bulk.rows_of(Reading, _KEY, list(existing))
        Reading.objects.filter(pk__in=keys, rereading__isnull=False).update(rereading=None)
    rows = {_key(reading): reading for reading in readings}
    bulk.insert(Reading, _COLUMNS, [reading.row for key, reading in rows.items() if key not in existing])


def of_newest_rules(readings: Sequence[NewReading]) -> list[NewReading]:
    """Those that records follow: of a version that is read again, only what the newest rules read."""
    seeds = {reading.page.seed_id for reading in readings if reading.again}
    if not seeds:
        return list(readings)
    in_force = RuleSet.objects.filter(seed__in=seeds).order_by("in_force_since")
    newest = dict(in_force.values_list("seed_id", "pk"))
    return [each for each in readings if not each.again or newest.get(each.page.seed_id) == each.rule_set_id]


def _existing(keys: Sequence[ReadingKey]) -> set[ReadingKey]:
    """The same rules may have been in force before."""
    if not keys:
        return set()
    known = Reading.objects.filter(pk__in=bulk.rows_of(Reading, _KEY, keys))
    return set(known.values_list(*_KEY))


def _key(reading: NewReading) -> ReadingKey:
    return reading.snapshot_id, reading.rule_set_id


def keys_before(readings: Iterable[NewReading]) -> set[Ident]:
    """The records with keys that the last readings before of these pages show."""
    seeds = {reading.before: reading.page.seed_id for reading in readings if reading.before is not None}
    if not seeds:
        return set()
    known = Reading.objects.filter(pk__in=bulk.rows_of(Reading, _KEY, list(seeds)))
    return _idents((seeds[key[0], key[1]], keys) for *key, keys in known.values_list(*_KEY, "keys"))


def keys_shown(pages: Collection[int]) -> set[Ident]:
    """The records with keys that the latest versions of pages show."""
    if not pages:
        return set()
    seeds = dict(Page.objects.filter(pk__in=pages).values_list("pk", "seed_id"))
    known = latest_readings(Page.objects.filter(pk__in=pages))
    return _idents((seeds[page], reading.keys) for page, reading in known.items())


def _idents(keys: Iterable[tuple[int, dict[str, list[int]]]]) -> set[Ident]:
    """Of the keys by collection, each with its seed."""
    return {(seed, name, key) for seed, names in keys for name, hashes in names.items() for key in hashes}


def latest_readings(pages: QuerySet[Page]) -> dict[int, LatestReading]:
    """By page id: the last reading of its latest version, if that has one."""
    latest = pages.exclude(latest=None).exclude(rule_set=None)
    owners = {tuple(key): pk for pk, *key in latest.values_list("pk", "latest_id", "rule_set_id")}
    known = Reading.objects.filter(pk__in=bulk.rows_of(Reading, _KEY, list(owners)))
    rows = (LatestReading(*row) for row in known.values_list(*_KEY, "data", "keys"))
    return {owners[row.snapshot_id, row.rule_set_id]: row for row in rows}


def as_json(value: Value) -> str:
    """As a JSON column takes it."""
    return msgspec.json.encode(value).decode()
