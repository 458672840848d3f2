"""Records of a batch: what its pages show is folded into the things that the seed knows.

First every record that a page shows is seen; then what a page held and holds no more is lost. So a record
that moves from one page of a batch to another is never gone. Locks on records are taken after those on pages,
in the order of their ids; new ones are inserted in the order of their keys.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db.models.expressions import RawSQL

from catalog.models import Page, Record, RecordVersion
from catalog.models.record import held_in
from catalog.sql import bulk
from crawler.reading.record import ReadRecord, Value, same
from pipelines.events.records import Seen, record_changed, record_gone, record_new
from pipelines.store.changes import Changes
from pipelines.store.identity import Ident, lock_keys
from pipelines.store.readings import (
    LatestReading,
    NewReading,
    as_json,
    keys_before,
    keys_shown,
    latest_readings,
)
from pipelines.store.record_row import AND_OTHERS, CHANGED, COLUMNS, SEEN, RecordRow, rows_for

Gone = Mapping[int, Seen]  # pages by id, and when each was found gone
NONE_GONE: Gone = {}
Lost = tuple[RecordRow, Seen]  # a record, and when its home was read without it
KEYS = 5000  # asked for by one statement
_IDENT = ("seed_id", "collection", "key_hash")
_VERSION = ("record_id", "values", "snapshot_id", "rule_set_id", "since", "until", "changed_in_id")
SAMPLE = 200  # characters of a key that a warning names


class Receipt(NamedTuple):
    """Where values were read, and by what."""

    snapshot_id: int
    rule_set_id: int


def fold(readings: Sequence[NewReading], changes: Changes, gone: Gone = NONE_GONE) -> None:
    """Bring the records up to date with readings, in their order, and with pages that are gone.

    All these are written, and their pages are.
    """
    if readings or gone:
        _fold(_load(readings, gone), readings, changes, gone)


def leave(empty: Gone, collection: str, changes: Changes) -> None:
    """Take the records of a collection away from pages that were read, and are known to hold none of it."""
    known = {ident: row for ident, row in _load([], empty).items() if row.collection == collection}
    _fold(known, [], changes, empty)


def let_go(pages: Gone, collection: str, names: Container[str], changes: Changes) -> None:
    """Hold values of these fields no more: of the records that are at home on pages, which are locked."""
    rows = _locked(bulk.rows_of(Record, ("page_id",), [(page,) for page in pages]))
    readings = latest_readings(Page.objects.filter(pk__in=pages))
    records = _Fold(rows, changes)
    for row in rows.values():
        held = any(name in names for name in held_in(row.problems))
        if held and row.collection == collection and row.gone_at is None and row.page_id in readings:
            records.let_go(readings[row.page_id], row, names, pages[row.page_id])
    records.write()


def _fold(
    known: dict[Ident, RecordRow], readings: Sequence[NewReading], changes: Changes, gone: Gone
) -> None:
    records = _Fold(known, changes)
    for reading in readings:
        records.see(reading)
    records.lose(readings, gone)
    records.write()


def _load(readings: Sequence[NewReading], gone: Gone) -> dict[Ident, RecordRow]:
    """The known records that pages of these readings show, that any held before, or is the home of; locked.

    Pages that are new have none but those that another page shows too, by their keys.
    """
    idents = {
        (reading.page.seed_id, record.collection, key)
        for reading in readings
        for record, key in zip(reading.records, reading.hashes, strict=True)
        if record.key or reading.back
    }
    idents |= keys_before(readings) | keys_shown(gone)
    lock_keys({seed_id for seed_id, _, _ in idents})
    homes = [(page,) for page in {*gone, *(reading.page.id for reading in readings if reading.known)}]
    known: dict[Ident, RecordRow] = {}
    if idents or homes:
        asked = sorted(idents)
        for start in range(0, max(len(asked), 1), KEYS):
            of_keys = bulk.rows_of(Record, _IDENT, asked[start : start + KEYS])
            of_homes = bulk.rows_of(Record, ("page_id",), [] if start else homes)
            known |= _locked(bulk.any_of(of_keys, of_homes))
    return known


def _locked(keys: RawSQL) -> dict[Ident, RecordRow]:
    records = Record.objects.filter(pk__in=keys).select_for_update().order_by("pk")
    rows = (RecordRow(*row) for row in records.values_list(*COLUMNS))
    return {row.ident: row for row in rows}


class _Fold:
    """The records of one transaction."""

    def __init__(self, known: dict[Ident, RecordRow], changes: Changes) -> None:
        self._rows = known
        self._changes = changes
        self._new: list[RecordRow] = []
        self._news: list[tuple[RecordRow, Seen, datetime | None]] = []  # with since when each was gone
        self._changed: dict[Ident, RecordRow] = {}
        self._seen: dict[Ident, RecordRow] = {}
        self._versions: list[bulk.Row] = []
        self._held: dict[int, set[Ident]] = {}  # by page id: what its last reading shows
        self._in_doubt: dict[int, set[str]] = {}  # by page id: the collections that it seems to hold no more
        self._homes: dict[int, dict[str, bool]] = {}  # by page id: collections at home there, whether by key
        for row in known.values():
            if row.gone_at is None:
                self._homes.setdefault(row.page_id, {})[row.collection] = bool(row.key)

    def see(self, reading: NewReading) -> None:
        """Take the records that a page shows; of those with the same key, the first."""
        held = self._held[reading.page.id] = set()
        in_doubt = self._in_doubt[reading.page.id] = self._doubts(reading)
        doubles: dict[str, list[ReadRecord]] = defaultdict(list)
        for record, key_hash in zip(reading.records, reading.hashes, strict=True):
            ident = (reading.page.seed_id, record.collection, key_hash)
            if record.collection in in_doubt:
                continue
            if ident in held:
                doubles[record.collection].append(record)
                continue
            held.add(ident)
            row = self._rows.get(ident)
            if row is None and reading.back:
                continue  # it was deleted
            if row is None:
                row = self._rows[ident] = RecordRow.new(reading, record, key_hash)
                self._new.append(row)
                if reading.has_news_of(record.collection):
                    self._news.append((row, reading.seen, None))
            else:
                self._meet(row, reading, record)
        for name, records in doubles.items():
            key = ", ".join(records[0].key or ())[:SAMPLE]
            reading.run.count_doubles(name, len(records), f"{key} on {reading.page.url}")

    def _doubts(self, reading: NewReading) -> set[str]:
        """Collections of which a page held records and shows none now, or none that has its key.

        The rules may read it no more: what the page held stays until the coverage of the run is known
        (:mod:`pipelines.quality`).
        """
        if not (homes := self._homes.get(reading.page.id)):
            return set()
        shown = {each.collection for each in reading.records if each.key or not homes.get(each.collection)}
        return homes.keys() - shown

    def _meet(self, row: RecordRow, reading: NewReading, record: ReadRecord) -> None:
        """A record that is known already. In one run, the first page that shows it gives its values."""
        if row.shown_by_another(reading):
            if row.also(reading.page.id):
                self._seen[row.ident] = row
            return
        row.move_to(reading.page.id)
        problems = row.problems if reading.back else record.problems
        looked_for = reading.run.fields.get(record.collection) or row.values
        values, row.problems = row.hold(record.values, problems, looked_for, reading.moment)
        row.position = record.position
        row.last_seen_at = max(row.last_seen_at, reading.moment)
        receipt = Receipt(reading.snapshot_id, reading.rule_set_id)
        self._take(row, values, receipt, reading.seen)

    def _take(self, row: RecordRow, values: Value, receipt: Receipt, seen: Seen) -> None:
        """The values that a record has now; it is new again if it was gone."""
        changed, back = not same(row.values, values), row.gone_at is not None
        if changed:
            self._keep(row, seen.at)
            before, row.values, row.last_changed_at = row.values, values, seen.at
            row.snapshot_id, row.rule_set_id = receipt
            if seen.is_news and row.id and not back:
                self._changes.tell(record_changed(row, before, seen))
        if back:
            if seen.is_news:
                self._news.append((row, seen, row.gone_at))
            row.gone_at, row.also_on, row.new_in_id = None, [], self._changes.id
        (self._changed if changed or back else self._seen)[row.ident] = row

    def _keep(self, row: RecordRow, moment: datetime) -> None:
        """Its values become earlier ones. Those that were never committed have no history."""
        if row.id:
            receipt = row.snapshot_id, row.rule_set_id
            times = row.last_changed_at, max(row.last_changed_at, moment)
            self._versions.append((row.id, as_json(row.values), *receipt, *times))

    def lose(self, readings: Sequence[NewReading], gone: Gone) -> None:
        """Records that a page held and holds no more, because it shows them no more or is gone."""
        last = {reading.page.id: reading for reading in readings if reading.known}
        lost: list[Lost] = []
        for row in self._rows.values() if last or gone else ():
            for page in (row.page_id, *row.also_on):
                seen = gone.get(page) or self._missed(row, last.get(page))
                if seen is None:
                    continue
                if page == row.page_id and row.collection in self._in_doubt.get(page, ()):
                    continue
                if page == row.page_id:
                    lost.append((row, seen))
                else:
                    row.not_on(page)
                    self._seen[row.ident] = row
        self._move([(row, seen) for row, seen in lost if row.gone_at is None])

    def _missed(self, row: RecordRow, reading: NewReading | None) -> Seen | None:
        """When its page was read without a record; None if it shows it, or its run does not look for it."""
        if reading is None or row.ident in self._held[reading.page.id]:
            return None
        looked_for = row.collection in reading.run.collections and row.collection not in reading.unread
        return reading.seen if looked_for else None

    def _move(self, lost: Sequence[Lost]) -> None:
        """To the next page that holds each; where there is none, the record is gone."""
        while lost:
            pages = {row.also_on[0] for row, _ in lost if row.also_on}
            shown = latest_readings(Page.objects.filter(pk__in=pages, gone_at=None)) if pages else {}
            lost = [each for each in lost if not self._settle(*each, shown)]

    def _settle(self, row: RecordRow, seen: Seen, shown: dict[int, LatestReading]) -> bool:
        """Whether it is known where the record is now, or that it is gone; else the next page is asked."""
        if not row.also_on:
            row.gone_at = seen.at
            self._changed[row.ident] = row
            if seen.is_news:
                self._changes.tell([record_gone(row, seen)])
            return True
        if row.also_on[0] == AND_OTHERS:
            return True  # it is on some page, but nobody knows on which
        page, *row.also_on = row.also_on
        reading = shown.get(page)
        position = reading.position(row.collection, row.key_hash) if reading else None
        if reading is None or position is None:
            return False
        shown_values = reading.data[row.collection][position]
        values, row.problems = row.hold(shown_values, {}, shown_values, seen.at)
        row.page_id, row.position = page, position
        self._take(row, values, Receipt(reading.snapshot_id, reading.rule_set_id), seen)
        return True

    def let_go(self, reading: LatestReading, row: RecordRow, names: Container[str], seen: Seen) -> None:
        """What the page of a record shows of fields whose values are held; nothing if it does not show it."""
        position = reading.position_of(row.collection, row.key_hash, row.position)
        if position is not None:
            values = row.let_go(reading.data[row.collection][position], names)
            self._take(row, values, Receipt(reading.snapshot_id, reading.rule_set_id), seen)

    def write(self) -> None:
        """One statement for each kind of change."""
        changed = [row for row in self._changed.values() if row.id]
        seen = [row for ident, row in self._seen.items() if row.id and ident not in self._changed]
        for row in self._new:
            row.new_in_id = self._changes.id
        for row in (*self._new, *changed):
            row.changed_in_id = self._changes.id
        new = sorted(self._new, key=lambda row: row.ident)
        self._insert(new)
        bulk.update(Record, CHANGED, rows_for(CHANGED, sorted(changed, key=_id)))
        bulk.update(Record, SEEN, rows_for(SEEN, sorted(seen, key=_id)))
        versions = [(*version, self._changes.id) for version in self._versions]
        bulk.insert(RecordVersion, _VERSION, versions)
        self._changes.tell(record_new(*news) for news in self._news)

    def _insert(self, new: list[RecordRow]) -> None:
        """The database numbers them, unless there are events that name them."""
        columns = COLUMNS if self._news else COLUMNS[:-1]
        if self._news:
            for row, pk in zip(new, bulk.new_ids(Record, len(new)), strict=True):
                row.id = pk
        bulk.insert(Record, columns, rows_for(columns, new))


def _id(row: RecordRow) -> int:
    return row.id
