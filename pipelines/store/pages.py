"""Pages, snapshots and readings of a batch: new rows are inserted, known pages updated; records follow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from operator import attrgetter

import msgspec

from catalog.models import Batch, Page, Snapshot
from catalog.sql import bulk
from pipelines.handover import Fetched, Parsed
from pipelines.store.changes import Changes
from pipelines.store.page_row import PageRow
from pipelines.store.readings import NewReading, latest_readings, of_newest_rules, write_readings
from pipelines.store.records import fold
from pipelines.store.runs import BatchRun
from pipelines.store.visits import VisitRow

PageKey = tuple[int, int]  # seed id, fingerprint
GONE_ANSWERS = 2  # in a row that say there is no such page; one may be an accident

_COLUMNS = PageRow.__struct_fields__
_CHANGING = _COLUMNS[_COLUMNS.index("last_fetched_at") :]  # what comes before never changes; the id is last
_all_values, _changing_values = attrgetter(*_COLUMNS), attrgetter(*_CHANGING)


class Version(msgspec.Struct):
    """A version of a page that this batch stores."""

    visit_id: int
    run: BatchRun
    page: PageRow
    snapshot: tuple[object, ...]  # the columns of _SNAPSHOT after the run's
    length: int  # bytes in the segment
    reading: NewReading | None  # None: its run has no rules
    snapshot_id: int = 0

    @property
    def row(self) -> tuple[object, ...]:
        return (self.snapshot_id, self.page.id, self.run.run.id, *self.snapshot)


_SNAPSHOT = (
    "id", "page_id", "run_id", "batch_id", "offset", "length", "final_url", "status", "content_type",
    "encoding", "size", "digest", "fetched_at", "title", "text_zstd", "outlinks_zstd",
)  # fmt: skip


class BatchPages:
    """The pages of a batch, by (seed id, fingerprint). Loaded once, written once."""

    def __init__(self, batch: Batch, keys: Iterable[PageKey]) -> None:
        self._batch = batch
        self._pages: dict[PageKey, PageRow] = {}
        self._new: list[PageRow] = []
        self._touched: dict[PageKey, PageRow] = {}
        self._versions: list[Version] = []
        self._renewed: set[PageKey] = set()  # pages of which this batch stores a version
        self._readings: list[NewReading] = []
        known = Page.objects.filter(pk__in=bulk.rows_of(Page, ("seed_id", "fingerprint"), list(keys)))
        locked = known.select_for_update().order_by("seed_id", "fingerprint")
        for row in locked.values_list(*_COLUMNS):
            page = PageRow(*row)
            self._pages[page.seed_id, page.fingerprint] = page
        self._before = {key: _last_reading(page) for key, page in self._pages.items()}
        self._gone_before = {key for key, page in self._pages.items() if page.gone_at is not None}
        self._back: dict[PageKey, BatchRun] = {}  # pages found unchanged that were gone, and who found them

    def get(self, key: PageKey) -> PageRow | None:
        return self._pages.get(key)

    def is_current(self, key: PageKey, fetched: Fetched) -> bool:
        """Whether the page's latest version has this content."""
        page = self._pages.get(key)
        return page is not None and page.latest_id is not None and page.digest == fetched.digest

    def touch(self, key: PageKey, visit: VisitRow, fetched: Fetched, run: BatchRun) -> PageRow:
        """A revisit: the page was fetched and has not changed. Its validators may be new."""
        page = self._pages[key]
        if page.gone_at is not None:
            self._back[key] = run
        page.gone_at, page.gone_answers = None, 0
        page.last_fetched_at = max(page.last_fetched_at, _moment(fetched))
        page.etag, page.last_modified = fetched.etag or page.etag, fetched.last_modified or page.last_modified
        page.lastmod = visit.lastmod or page.lastmod
        self._touched[key] = page
        return page

    def miss(self, key: PageKey, fetched: Fetched) -> None:
        """An answer that says there is no such page. The second in a row makes a known page gone."""
        page = self._pages.get(key)
        if page is None or page.gone_at is not None or _moment(fetched) <= page.last_fetched_at:
            return
        page.gone_answers += 1
        if page.gone_answers >= GONE_ANSWERS:
            page.gone_at = _moment(fetched)
        self._touched[key] = page

    def store(self, key: PageKey, visit: VisitRow, fetched: Fetched, parsed: Parsed, run: BatchRun) -> None:
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
        page.gone_at, page.gone_answers = None, 0
        page.etag, page.last_modified, page.digest = fetched.etag, fetched.last_modified, fetched.digest
        page.rule_set_id = run.run.rule_set_id
        page.text_signature = parsed.signature
        page.lastmod = visit.lastmod or page.lastmod
        snapshot = _snapshot(self._batch, fetched, parsed)
        self._renewed.add(key)
        reading = self._read(key, parsed, run, moment)
        self._versions.append(Version(fetched.visit_id, run, page, snapshot, fetched.length or 0, reading))

    def _read(self, key: PageKey, parsed: Parsed, run: BatchRun, moment: datetime) -> NewReading | None:
        """What the rules of the run read from the page, if it has rules."""
        if run.run.rule_set_id is None:
            return None
        page, before = self._pages[key], self._before.get(key)
        reading = NewReading(
            page, run, run.run.rule_set_id, moment, parsed.records, before, unread=parsed.unread
        )
        self._readings.append(reading)
        return reading

    def read_again(self, key: PageKey, snapshot_id: int, parsed: Parsed, run: BatchRun) -> None:
        """Keep what a run's rules read from the latest version of a page, which has not changed.

        Nothing is kept if that version is no longer the latest: another run has stored one meanwhile.
        """
        page = self._pages[key]
        if page.latest_id != snapshot_id or key in self._renewed:
            return
        if reading := self._read(key, parsed, run, page.last_fetched_at):
            page.rule_set_id, reading.snapshot_id, reading.again = reading.rule_set_id, snapshot_id, True

    def write(self, changes: Changes) -> dict[int, tuple[int, int]]:
        """Write everything; returns (page id, snapshot id) by visit id for what was stored."""
        self._number()
        self._mark(changes)
        new = sorted(self._new, key=lambda page: (page.seed_id, page.fingerprint))
        bulk.insert(Page, _COLUMNS, [_all_values(page) for page in new])
        bulk.insert(Snapshot, _SNAPSHOT, [version.row for version in self._versions])
        changed = sorted(self._touched.values(), key=lambda page: page.id)
        bulk.update(Page, _CHANGING, [_changing_values(page) for page in changed])
        write_readings(self._readings)
        readings = of_newest_rules(self._readings)
        fold([*readings, *self._shown_again(readings)], changes, self._gone())
        return {version.visit_id: (version.page.id, version.snapshot_id) for version in self._versions}

    def _number(self) -> None:
        """Give new pages and snapshots their ids: each needs the other's id before either is written."""
        for page, pk in zip(self._new, bulk.new_ids(Page, len(self._new)), strict=True):
            page.id = pk
        ids = bulk.new_ids(Snapshot, len(self._versions))
        for version, pk in zip(self._versions, ids, strict=True):
            version.snapshot_id = version.page.latest_id = pk
            if version.reading:
                version.reading.snapshot_id = pk

    def _mark(self, changes: Changes) -> None:
        """Point the pages that are new, have a new version, go or come back at the change set."""
        for version in self._versions:
            version.page.changed_in_id = changes.id
            version.page.new_in_id = version.page.new_in_id or changes.id
        for key, page in self._touched.items():
            was_gone = key in self._gone_before
            if was_gone != (page.gone_at is not None):
                page.changed_in_id = changes.id
                page.new_in_id = changes.id if was_gone else page.new_in_id

    def _gone(self) -> dict[int, datetime]:
        """Pages that this batch found gone, and when."""
        pages = (page for key, page in self._touched.items() if key not in self._gone_before)
        return {page.id: page.gone_at for page in pages if page.gone_at is not None}

    def _shown_again(self, readings: Sequence[NewReading]) -> list[NewReading]:
        """What pages show that are back and were not read now: what was read from their latest versions."""
        read = {reading.page.id for reading in readings}
        back = {
            page.id: (page, run)
            for key, run in self._back.items()
            if (page := self._pages[key]).id not in read
        }
        known = latest_readings(Page.objects.filter(pk__in=back)) if back else {}
        return [reading.shown_again(*back[page_id]) for page_id, reading in known.items()]

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


def _last_reading(page: PageRow) -> tuple[int, int] | None:
    """Its snapshot and rule set; those of the next version replace them in the row."""
    if page.latest_id is None or page.rule_set_id is None:
        return None
    return page.latest_id, page.rule_set_id


def _moment(fetched: Fetched) -> datetime:
    return datetime.fromtimestamp(fetched.fetched_at, UTC)
