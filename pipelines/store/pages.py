"""Pages, snapshots and records of a batch: new rows are inserted, known pages updated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

import msgspec

from catalog.models import Batch, Page, Record, Run, Snapshot
from catalog.sql import bulk
from pipelines.handover import Fetched, Parsed
from pipelines.store.runs import BatchRun
from pipelines.store.visits import VisitRow

Key = tuple[int, int]  # seed id, fingerprint


class PageRow(msgspec.Struct):
    """The row of a page. A new page has id 0 until it is written."""

    seed_id: int
    fingerprint: int
    host_id: int
    url: str
    first_stored_at: datetime
    last_fetched_at: datetime
    last_changed_at: datetime
    versions: int = 0
    etag: str = ""
    last_modified: str = ""
    digest: str = ""
    rule_set_id: int | None = None
    text_signature: int | None = None
    lastmod: datetime | None = None
    latest_id: int | None = None
    id: int = 0


_COLUMNS = PageRow.__struct_fields__
_CHANGING = _COLUMNS[5:]  # and the id, which is last
_all_values, _changing_values = attrgetter(*_COLUMNS), attrgetter(*_CHANGING)


def _fields(parsed: Parsed) -> Mapping[str, Any]:
    """The values of a page's first record."""
    return parsed.records[0].values if parsed.records else {}


class Version(msgspec.Struct):
    """A version of a page that this batch stores."""

    visit_id: int
    run: Run
    page: PageRow
    snapshot: tuple[object, ...]  # the columns of _SNAPSHOT after the run's
    length: int  # bytes in the segment
    fields: Mapping[str, Any]
    snapshot_id: int = 0

    @property
    def row(self) -> tuple[object, ...]:
        return (self.snapshot_id, self.page.id, self.run.id, *self.snapshot)


_SNAPSHOT = (
    "id", "page_id", "run_id", "batch_id", "offset", "length", "final_url", "status", "content_type",
    "encoding", "size", "digest", "fetched_at", "title", "text_zstd", "outlinks_zstd",
)  # fmt: skip
_RECORD = ("snapshot_id", "rule_set_id", "page_id", "seed_id", "data")


class BatchPages:
    """The pages of a batch, by (seed id, fingerprint). Loaded once, written once."""

    def __init__(self, batch: Batch, keys: Iterable[Key]) -> None:
        self._batch = batch
        self._pages: dict[Key, PageRow] = {}
        self._new: list[PageRow] = []
        self._touched: dict[Key, PageRow] = {}
        self._versions: list[Version] = []
        self._renewed: set[Key] = set()  # pages of which this batch stores a version
        self._read_again: dict[tuple[int, int], bulk.Row] = {}  # records by snapshot and rule set
        known = Page.objects.filter(pk__in=bulk.rows_of(Page, ("seed_id", "fingerprint"), list(keys)))
        locked = known.select_for_update().order_by("seed_id", "fingerprint")
        for row in locked.values_list(*_COLUMNS):
            page = PageRow(*row)
            self._pages[page.seed_id, page.fingerprint] = page

    def get(self, key: Key) -> PageRow | None:
        return self._pages.get(key)

    def is_current(self, key: Key, fetched: Fetched) -> bool:
        """Whether the page's latest version has this content."""
        page = self._pages.get(key)
        return page is not None and page.latest_id is not None and page.digest == fetched.digest

    def touch(self, key: Key, visit: VisitRow, fetched: Fetched) -> PageRow:
        """A revisit: the page was fetched and has not changed. Its validators may be new."""
        page = self._pages[key]
        page.last_fetched_at = max(page.last_fetched_at, _moment(fetched))
        page.etag, page.last_modified = fetched.etag or page.etag, fetched.last_modified or page.last_modified
        page.lastmod = visit.lastmod or page.lastmod
        self._touched[key] = page
        return page

    def store(self, key: Key, visit: VisitRow, fetched: Fetched, parsed: Parsed, run: BatchRun) -> None:
        """A new version of a known page, or the first version of a new one."""
        moment = _moment(fetched)
        page = self._pages.get(key)
        if page is None:
            url = run.keys.canonical(fetched.url)
            page = PageRow(*key, visit.host_id, url, moment, moment, moment)
            self._pages[key] = page
            self._new.append(page)
        else:
            self._touched[key] = page
        page.last_fetched_at = page.last_changed_at = moment
        page.versions += 1
        page.etag, page.last_modified, page.digest = fetched.etag, fetched.last_modified, fetched.digest
        page.rule_set_id = run.run.rule_set_id
        page.text_signature = parsed.signature
        page.lastmod = visit.lastmod or page.lastmod
        snapshot = _snapshot(self._batch, fetched, parsed)
        self._renewed.add(key)
        self._versions.append(
            Version(fetched.visit_id, run.run, page, snapshot, fetched.length or 0, _fields(parsed))
        )

    def read_again(self, key: Key, snapshot_id: int, parsed: Parsed, run: BatchRun) -> None:
        """Keep what a run's rules read from the latest version of a page, which has not changed.

        Nothing is kept if that version is no longer the latest: another run has stored one meanwhile.
        """
        page, rule_set_id = self._pages[key], run.run.rule_set_id
        if rule_set_id is None or page.latest_id != snapshot_id or key in self._renewed:
            return
        page.rule_set_id = rule_set_id
        row = (snapshot_id, rule_set_id, page.id, page.seed_id, _json(_fields(parsed)))
        self._read_again[snapshot_id, rule_set_id] = row

    def write(self) -> dict[int, tuple[int, int]]:
        """Write everything; returns (page id, snapshot id) by visit id for what was stored."""
        self._number()
        new = sorted(self._new, key=lambda page: (page.seed_id, page.fingerprint))
        bulk.insert(Page, _COLUMNS, [_all_values(page) for page in new])
        bulk.insert(Snapshot, _SNAPSHOT, [version.row for version in self._versions])
        self._insert_records()
        changed = sorted(self._touched.values(), key=lambda page: page.id)
        bulk.update(Page, _CHANGING, [_changing_values(page) for page in changed])
        return {version.visit_id: (version.page.id, version.snapshot_id) for version in self._versions}

    def _number(self) -> None:
        """Give new pages and snapshots their ids: each needs the other's id before either is written."""
        for page, pk in zip(self._new, bulk.new_ids(Page, len(self._new)), strict=True):
            page.id = pk
        ids = bulk.new_ids(Snapshot, len(self._versions))
        for version, pk in zip(self._versions, ids, strict=True):
            version.snapshot_id = version.page.latest_id = pk

    def _insert_records(self) -> None:
        rows: list[bulk.Row] = [
            (
                version.snapshot_id, version.run.rule_set_id, version.page.id, version.page.seed_id,
                _json(version.fields),
            )
            for version in self._versions
            if version.fields
        ]  # fmt: skip
        bulk.insert(Record, _RECORD, rows + self._records_read_again())

    def _records_read_again(self) -> list[bulk.Row]:
        """Without those that exist already, from a time when the same rules were in force before."""
        if not self._read_again:
            return []
        keys = bulk.rows_of(Record, ("snapshot_id", "rule_set_id"), list(self._read_again))
        existing = set(Record.objects.filter(pk__in=keys).values_list("snapshot_id", "rule_set_id"))
        return [row for key, row in self._read_again.items() if key not in existing]

    @property
    def kept_bytes(self) -> int:
        """Bytes of the segment that the new snapshots point to."""
        return sum(version.length for version in self._versions)


def _snapshot(batch: Batch, fetched: Fetched, parsed: Parsed) -> tuple[object, ...]:
    assert fetched.offset is not None
    assert fetched.length is not None
    assert fetched.status is not None
    return (
        batch.pk,
        fetched.offset,
        fetched.length,
        fetched.url,
        fetched.status,
        fetched.content_type,
        parsed.encoding,
        fetched.size,
        fetched.digest,
        _moment(fetched),
        parsed.title,
        parsed.text_zstd,
        parsed.outlinks.packed,
    )


def _json(data: Mapping[str, Any]) -> str:
    return msgspec.json.encode(data).decode()


def _moment(fetched: Fetched) -> datetime:
    return datetime.fromtimestamp(fetched.fetched_at, UTC)
