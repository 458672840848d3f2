"""Pages, snapshots and records of a batch: what is new is inserted, what is known is touched."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import connection

from crawler.records import Fetched, Parsed
from crawler.urls import canonical_url
from djsite.catalog.models import Batch, Page, Record, Snapshot, Visit
from djsite.catalog.packing import pack_outlinks, pack_text
from pipelines.extract import rules_digest
from pipelines.store.ledger import RunLedger

Key = tuple[int, int]  # seed id, fingerprint


@dataclass
class Version:
    """A page that is stored anew by this batch."""

    visit_id: int
    page: Page
    snapshot: Snapshot
    fields: dict[str, str | None]


class PageShelf:
    """The pages that a batch touches. Loaded once, written once; asked by (seed, fingerprint)."""

    def __init__(self, batch: Batch, keys: Iterable[Key]) -> None:
        self._batch = batch
        self._pages: dict[Key, Page] = {}
        self._new: list[Page] = []
        self._touched: dict[Key, Page] = {}
        self._versions: list[Version] = []
        by_seed: dict[int, list[int]] = defaultdict(list)
        for seed_id, fingerprint in keys:
            by_seed[seed_id].append(fingerprint)
        for seed_id, fingerprints in by_seed.items():
            for page in (
                Page.objects.select_for_update()
                .filter(seed_id=seed_id, fingerprint__in=fingerprints)
                .order_by("fingerprint")
            ):
                self._pages[seed_id, page.fingerprint] = page

    def get(self, key: Key) -> Page | None:
        return self._pages.get(key)

    def is_current(self, key: Key, fetched: Fetched, run: RunLedger) -> bool:
        """Whether the page's latest version has this content, read by these rules."""
        page = self._pages.get(key)
        return (
            page is not None
            and page.latest_id is not None
            and page.digest == fetched.digest
            and page.rules == rules_digest(run.policy.fields)
        )

    def touch(self, key: Key, visit: Visit, fetched: Fetched) -> Page:
        """A revisit: the page was fetched and is what it was. Validators may be new."""
        page = self._pages[key]
        page.last_fetched_at = max(page.last_fetched_at, _moment(fetched))
        page.etag, page.last_modified = fetched.etag or page.etag, fetched.last_modified or page.last_modified
        page.lastmod = visit.lastmod or page.lastmod
        self._touched[key] = page
        return page

    def store(self, key: Key, visit: Visit, fetched: Fetched, parsed: Parsed, run: RunLedger) -> Version:
        """A new version of a known page, or the first of a new one."""
        moment = _moment(fetched)
        page = self._pages.get(key)
        if page is None:
            page = Page(
                seed_id=key[0],
                host_id=visit.host_id,
                url=canonical_url(fetched.url, run.policy.ignore_params),
                fingerprint=key[1],
                first_stored_at=moment,
                versions=0,
            )
            self._pages[key] = page
            self._new.append(page)
        page.last_fetched_at = page.last_changed_at = moment
        page.versions += 1
        page.etag, page.last_modified, page.digest = fetched.etag, fetched.last_modified, fetched.digest
        page.rules = rules_digest(run.policy.fields)
        page.text_signature = parsed.signature
        page.lastmod = visit.lastmod or page.lastmod
        self._touched[key] = page
        version = Version(
            fetched.visit_id, page, _snapshot(self._batch, run.run.pk, fetched, parsed), parsed.fields
        )
        self._versions.append(version)
        return version

    def write(self) -> dict[int, tuple[int, int]]:
        """Write everything; returns (page id, snapshot id) by visit id for what was stored."""
        Page.objects.bulk_create(sorted(self._new, key=lambda page: (page.seed_id, page.fingerprint)))
        for version in self._versions:
            version.snapshot.page_id = version.page.pk
        Snapshot.objects.bulk_create([version.snapshot for version in self._versions])
        Record.objects.bulk_create(
            [
                Record(
                    snapshot=version.snapshot,
                    page_id=version.page.pk,
                    seed_id=version.page.seed_id,
                    data=version.fields,
                )
                for version in self._versions
                if version.fields
            ]
        )
        for version in self._versions:
            version.page.latest_id = version.snapshot.pk
        self._update_pages()
        return {version.visit_id: (version.page.pk, version.snapshot.pk) for version in self._versions}

    def _update_pages(self) -> None:
        adapt = connection.ops.adapt_datetimefield_value
        rows = [
            (
                adapt(page.last_fetched_at), adapt(page.last_changed_at), page.versions, page.etag,
                page.last_modified, page.digest, page.rules, page.latest_id, page.text_signature,
                adapt(page.lastmod), page.pk,
            )
            for page in sorted(self._touched.values(), key=lambda page: page.pk)
        ]  # fmt: skip
        with connection.cursor() as cursor:
            cursor.executemany(
                "UPDATE catalog_page SET last_fetched_at = %s, last_changed_at = %s, versions = %s,"
                " etag = %s, last_modified = %s, digest = %s, rules = %s, latest_id = %s,"
                " text_signature = %s, lastmod = %s WHERE id = %s",
                rows,
            )

    @property
    def kept_bytes(self) -> int:
        """Bytes of the segment that the new snapshots point to."""
        return sum(version.snapshot.length for version in self._versions)


def _snapshot(batch: Batch, run_id: int, fetched: Fetched, parsed: Parsed) -> Snapshot:
    assert fetched.offset is not None
    assert fetched.length is not None
    assert fetched.status is not None
    return Snapshot(
        run_id=run_id,
        batch=batch,
        offset=fetched.offset,
        length=fetched.length,
        final_url=fetched.url,
        status=fetched.status,
        content_type=fetched.content_type,
        encoding=parsed.encoding,
        size=fetched.size,
        digest=fetched.digest,
        fetched_at=_moment(fetched),
        title=parsed.title,
        text_zstd=pack_text(parsed.text),
        outlinks_zstd=pack_outlinks(parsed.outlinks),
    )


def _moment(fetched: Fetched) -> datetime:
    return datetime.fromtimestamp(fetched.fetched_at, UTC)
