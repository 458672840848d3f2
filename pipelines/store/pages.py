"""Pages, snapshots and records of a batch: what is new is inserted, what is known is touched."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import UTC, datetime

import msgspec

from crawler.records import Fetched, Parsed
from crawler.urls import canonical_of
from djsite.catalog import bulk
from djsite.catalog.models import Batch, Page, Record, Snapshot
from djsite.catalog.packing import pack_outlinks
from pipelines.store.ledger import RunLedger
from pipelines.store.work import Work

Key = tuple[int, int]  # seed id, fingerprint


@dataclass(slots=True)
class Shelved:
    """The row of a page. One that is new has no id before it is written."""

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
    rules: str = ""
    text_signature: int | None = None
    lastmod: datetime | None = None
    latest_id: int | None = None
    id: int = 0


_COLUMNS = tuple(field.name for field in fields(Shelved))
_NEW = _COLUMNS[:-2]
_CHANGING = _COLUMNS[5:]  # and the key


class Version(msgspec.Struct):
    """A page that is stored anew by this batch."""

    visit_id: int
    run_id: int
    page: Shelved
    snapshot: tuple[object, ...]  # the columns of _SNAPSHOT after the page and the run
    length: int  # bytes in the segment
    fields: dict[str, str | None]
    snapshot_id: int = 0


_SNAPSHOT = (
    "page_id", "run_id", "batch_id", "offset", "length", "final_url", "status", "content_type", "encoding",
    "size", "digest", "fetched_at", "title", "text_zstd", "outlinks_zstd",
)  # fmt: skip
_RECORD = ("snapshot_id", "page_id", "seed_id", "data")


class PageShelf:
    """The pages that a batch touches. Loaded once, written once; asked by (seed, fingerprint)."""

    def __init__(self, batch: Batch, keys: Iterable[Key]) -> None:
        self._batch = batch
        self._pages: dict[Key, Shelved] = {}
        self._new: list[Shelved] = []
        self._touched: dict[Key, Shelved] = {}
        self._versions: list[Version] = []
        by_seed: dict[int, list[int]] = defaultdict(list)
        for seed_id, fingerprint in keys:
            by_seed[seed_id].append(fingerprint)
        for seed_id, fingerprints in by_seed.items():
            known = Page.objects.select_for_update().filter(seed_id=seed_id, fingerprint__in=fingerprints)
            for row in known.order_by("fingerprint").values_list(*_COLUMNS):
                page = Shelved(*row)
                self._pages[seed_id, page.fingerprint] = page

    def get(self, key: Key) -> Shelved | None:
        return self._pages.get(key)

    def is_current(self, key: Key, fetched: Fetched, run: RunLedger) -> bool:
        """Whether the page's latest version has this content, read by these rules."""
        page = self._pages.get(key)
        return (
            page is not None
            and page.latest_id is not None
            and page.digest == fetched.digest
            and page.rules == run.rules
        )

    def touch(self, key: Key, work: Work, fetched: Fetched) -> Shelved:
        """A revisit: the page was fetched and is what it was. Validators may be new."""
        page = self._pages[key]
        page.last_fetched_at = max(page.last_fetched_at, _moment(fetched))
        page.etag, page.last_modified = fetched.etag or page.etag, fetched.last_modified or page.last_modified
        page.lastmod = work.lastmod or page.lastmod
        self._touched[key] = page
        return page

    def store(self, key: Key, work: Work, fetched: Fetched, parsed: Parsed, run: RunLedger) -> None:
        """A new version of a known page, or the first of a new one."""
        moment = _moment(fetched)
        page = self._pages.get(key)
        if page is None:
            url = canonical_of(fetched.url, run.policy.ignore_params)
            page = Shelved(*key, work.host_id, url, moment, moment, moment)
            self._pages[key] = page
            self._new.append(page)
        else:
            self._touched[key] = page
        page.last_fetched_at = page.last_changed_at = moment
        page.versions += 1
        page.etag, page.last_modified, page.digest = fetched.etag, fetched.last_modified, fetched.digest
        page.rules = run.rules
        page.text_signature = parsed.signature
        page.lastmod = work.lastmod or page.lastmod
        snapshot = _snapshot(self._batch, fetched, parsed)
        self._versions.append(
            Version(fetched.visit_id, run.run.pk, page, snapshot, fetched.length or 0, parsed.fields)
        )

    def write(self) -> dict[int, tuple[int, int]]:
        """Write everything; returns (page id, snapshot id) by visit id for what was stored."""
        self._insert_pages()
        self._insert_snapshots()
        self._insert_records()
        for version in self._versions:
            version.page.latest_id = version.snapshot_id
        new = sorted((page.id, page.latest_id) for page in self._new)
        bulk.update(Page, ("latest_id", "id"), [(latest_id, pk) for pk, latest_id in new])
        changed = sorted(self._touched.values(), key=lambda page: page.id)
        bulk.update(Page, _CHANGING, [_values(page, _CHANGING) for page in changed])
        return {version.visit_id: (version.page.id, version.snapshot_id) for version in self._versions}

    def _insert_pages(self) -> None:
        ordered = sorted(self._new, key=lambda page: (page.seed_id, page.fingerprint))
        rows = [_values(page, _NEW) for page in ordered]
        for seed_id, fingerprint, pk in bulk.insert(Page, _NEW, rows, ("seed_id", "fingerprint", "id")):
            self._pages[seed_id, fingerprint].id = pk

    def _insert_snapshots(self) -> None:
        """A page may have two versions in a batch, of two runs."""
        rows = [(version.page.id, version.run_id, *version.snapshot) for version in self._versions]
        made = bulk.insert(Snapshot, _SNAPSHOT, rows, ("page_id", "run_id", "id"))
        ids = {(page_id, run_id): pk for page_id, run_id, pk in made}
        for version in self._versions:
            version.snapshot_id = ids[version.page.id, version.run_id]

    def _insert_records(self) -> None:
        rows = [
            (version.snapshot_id, version.page.id, version.page.seed_id, _json(version.fields))
            for version in self._versions
            if version.fields
        ]
        bulk.insert(Record, _RECORD, rows, ("id",))

    @property
    def kept_bytes(self) -> int:
        """Bytes of the segment that the new snapshots point to."""
        return sum(version.length for version in self._versions)


def _values(page: Shelved, columns: tuple[str, ...]) -> tuple[object, ...]:
    return tuple([getattr(page, column) for column in columns])


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
        pack_outlinks(parsed.outlinks),
    )


def _json(data: dict[str, str | None]) -> str:
    return msgspec.json.encode(data).decode()


def _moment(fetched: Fetched) -> datetime:
    return datetime.fromtimestamp(fetched.fetched_at, UTC)
