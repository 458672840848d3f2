"""Pages, snapshots and readings of a batch: new rows are inserted, known pages updated; records follow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

import msgspec

from catalog.models import Batch, Page, Snapshot
from catalog.packing import Saw
from catalog.sql import bulk
from crawler.outcomes import Reason
from crawler.reading.content import values_signature
from pipelines.events.pages import Renewed, page_gone, page_new, pages_changed
from pipelines.events.records import Seen
from pipelines.events.rows import EventRow
from pipelines.handover import Fetched, Parsed
from pipelines.store.changes import Changes
from pipelines.store.page_row import SNAPSHOT, PageRow, moment_of, snapshot_values, why_same
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
    snapshot: tuple[Any, ...]  # the columns of SNAPSHOT after the run's
    length: int  # bytes in the segment
    reading: NewReading | None  # None: its run has no rules
    snapshot_id: int = 0
    before: int | None = None  # the version that the page had

    @property
    def renewed(self) -> Renewed:
        """What an event says of it."""
        values = dict(zip(SNAPSHOT[3:], self.snapshot, strict=True))
        seen = Seen(self.run.run.pk, values["fetched_at"])
        return Renewed(self.page, seen, self.before, values["title"], values["final_url"])

    @property
    def row(self) -> tuple[object, ...]:
        return (self.snapshot_id, self.page.id, self.run.run.id, *self.snapshot)


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
        self._gone_before = {key: page.gone_at for key, page in self._pages.items() if page.gone_at}
        self._back: dict[PageKey, BatchRun] = {}  # pages found unchanged that were gone, and who found them
        self._missed: dict[PageKey, Seen] = {}  # pages that are gone by an answer of this batch

    def get(self, key: PageKey) -> PageRow | None:
        return self._pages.get(key)

    def latest_of(self, key: PageKey) -> int:
        """The snapshot id of a page's latest version before this batch; 0 if there is none."""
        page = self._pages.get(key)
        return page.latest_id or 0 if page else 0

    def is_current(self, key: PageKey, fetched: Fetched) -> bool:
        """Whether the page's latest version has this content."""
        page = self._pages.get(key)
        return page is not None and page.latest_id is not None and page.digest == fetched.digest

    def why_same(self, key: PageKey, fetched: Fetched, parsed: Parsed, run: BatchRun) -> Reason | None:
        """Why other bytes than those of the page's latest version are no new version; None if they are one.

        Then the page is signed without the noise and by the rules of ``parsed``.
        """
        page, rules = self._pages.get(key), run.run.rule_set_id
        if page is None or page.latest_id is None:
            return None
        before = page.signed(parsed.noise, rules)
        if (
            before is None
            and fetched.latest
            and fetched.latest.id == page.latest_id
            and key not in self._renewed
        ):
            before = parsed.latest
        reason = why_same(page, before, parsed, run.policy.change_means)
        if reason and before:
            page.sign(before, parsed.noise, rules)
        return reason

    def touch(
        self, key: PageKey, visit: VisitRow, fetched: Fetched, run: BatchRun, *, renew: bool = True
    ) -> PageRow:
        """A revisit: the page was fetched and has not changed. Its validators may be new: ``renew`` them."""
        page = self._pages[key]
        if page.gone_at is not None:
            self._back[key] = run
        page.gone_at, page.gone_answers = None, 0
        page.last_fetched_at = max(page.last_fetched_at, moment_of(fetched))
        page.looked_at(moment_of(fetched), Saw.SAME)
        if renew:
            page.etag = fetched.etag or page.etag
            page.last_modified = fetched.last_modified or page.last_modified
        page.lastmod = visit.lastmod or page.lastmod
        self._touched[key] = page
        return page

    def miss(self, key: PageKey, fetched: Fetched) -> None:
        """An answer that says there is no such page. The second in a row makes a known page gone."""
        page = self._pages.get(key)
        if page is None or page.gone_at is not None or moment_of(fetched) <= page.last_fetched_at:
            return
        page.gone_answers += 1
        page.looked_at(moment_of(fetched), Saw.NOTHING)
        if page.gone_answers >= GONE_ANSWERS:
            page.gone_at = moment_of(fetched)
            self._missed[key] = Seen(fetched.run_id, page.gone_at)
        self._touched[key] = page

    def store(self, key: PageKey, visit: VisitRow, fetched: Fetched, parsed: Parsed, run: BatchRun) -> None:
        """A new version of a known page, or the first version of a new one."""
        moment = moment_of(fetched)
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
        page.looked_at(moment, Saw.CHANGE)
        page.gone_at, page.gone_answers = None, 0
        page.etag, page.last_modified, page.digest = fetched.etag, fetched.last_modified, fetched.digest
        page.rule_set_id = run.run.rule_set_id
        page.text_signature, page.noise = parsed.signature, parsed.noise
        page.content = parsed.signed.content if parsed.signed else None
        page.values_signature = parsed.signed.values if parsed.signed else None
        page.lastmod = visit.lastmod or page.lastmod
        snapshot = snapshot_values(self._batch, fetched, parsed, moment)
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
            page.values_signature = values_signature(parsed.records)

    def write(self, changes: Changes) -> dict[int, tuple[int, int]]:
        """Write everything; returns (page id, snapshot id) by visit id for what was stored."""
        self._number()
        self._mark(changes)
        new = sorted(self._new, key=lambda page: (page.seed_id, page.fingerprint))
        bulk.insert(Page, _COLUMNS, [_all_values(page) for page in new])
        bulk.insert(Snapshot, SNAPSHOT, [version.row for version in self._versions])
        changed = sorted(self._touched.values(), key=lambda page: page.id)
        bulk.update(Page, _CHANGING, [_changing_values(page) for page in changed])
        write_readings(self._readings)
        readings = of_newest_rules(self._readings)
        fold([*readings, *self._shown_again(readings)], changes, self._gone())
        changes.tell(self._events())
        return {version.visit_id: (version.page.id, version.snapshot_id) for version in self._versions}

    def _number(self) -> None:
        """Give new pages and snapshots their ids: each needs the other's id before either is written."""
        for page, pk in zip(self._new, bulk.new_ids(Page, len(self._new)), strict=True):
            page.id = pk
        ids = bulk.new_ids(Snapshot, len(self._versions))
        for version, pk in zip(self._versions, ids, strict=True):
            version.before, version.snapshot_id, version.page.latest_id = version.page.latest_id, pk, pk
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

    def _gone(self) -> dict[int, Seen]:
        """Pages that this batch found gone, and when."""
        return {page.id: seen for key, seen in self._missed.items() if (page := self._pages[key]).gone_at}

    def _events(self) -> list[EventRow]:
        """A page that is back is new, whether it has changed or not."""
        back = {page.id: (page, since) for page, since in self._found_again()}
        found_by = {self._pages[key].id: run for key, run in self._back.items()}
        events: list[EventRow] = []
        changed: list[Renewed] = []
        for version in self._versions:
            if version.page.id in back:
                found_by[version.page.id] = version.run
            elif version.before is not None:
                changed.append(version.renewed)
            elif version.run.filled_before:
                events.append(page_new(version.page, version.renewed.seen))
        for page, since in back.values():
            seen = Seen(found_by[page.id].run.pk, page.last_fetched_at)
            events.append(page_new(page, seen, since))
        gone = ((self._pages[key], seen) for key, seen in self._missed.items())
        events += [page_gone(page, seen) for page, seen in gone if page.gone_at]
        return [*events, *pages_changed(changed)]

    def _found_again(self) -> Iterator[tuple[PageRow, datetime]]:
        """Pages that were gone and are there again, and since when they were gone."""
        for key, since in self._gone_before.items():
            if key in self._touched and self._pages[key].gone_at is None:
                yield self._pages[key], since

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


def _last_reading(page: PageRow) -> tuple[int, int] | None:
    """Its snapshot and rule set; those of the next version replace them in the row."""
    if page.latest_id is None or page.rule_set_id is None:
        return None
    return page.latest_id, page.rule_set_id
