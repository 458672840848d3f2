"""Versions that crawls without rules have stored: rows, and bodies in segments of the real archive."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from django.db import transaction

from benchmarks.kit.site import END, FIELDS, Web
from catalog.models import Batch, Host, Page, Run, Seed, Snapshot
from catalog.sql import bulk
from crawler.lanes import Lane, rank_of
from crawler.requests.exchange import FetchResult
from crawler.rules.urls import url_fingerprint
from pipelines import archive

CRAWLS = 2  # versions of each page
BODIES = 250  # different ones in each crawl, of the size and markup of the web of the other benches
BATCH = 128  # versions of a segment
AT_ONCE = 20 * BATCH  # rows
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
HTML = (("content-type", "text/html"),)
ORIGIN = "http://shop.example"
RULES = {
    "name": "products",
    "key": ["number"],
    "fields": [
        {"name": "number", "url": "path -1"},
        {"name": "revision", "css": "body > .revision::text"},
        *({"name": name, "css": css} for name, css in FIELDS.items()),
    ],
}


def fill(versions: int) -> Seed:
    """A seed with so many versions; its rules are saved after the crawls."""
    bodies = _bodies()
    host = Host.objects.create(origin=f"{ORIGIN}:80")
    seed = Seed.objects.create(
        name="shop", start_urls=f"{ORIGIN}/", schedule=Seed.Schedule.MANUAL, collections=[RULES]
    )
    pages = versions // CRAWLS
    for crawl in range(CRAWLS):
        at = FIRST + timedelta(days=crawl)
        run = Run.objects.create(
            seed=seed, kind=Run.Kind.MANUAL, slot=at, state=Run.State.FINISHED, started_at=at, finished_at=at,
            compared=True, stored=pages, discovered=pages,
        )  # fmt: skip
        members = [_member(body, number, crawl) for number, body in enumerate(bodies)]
        for first in range(0, pages, AT_ONCE):
            numbers = range(first, min(first + AT_ONCE, pages))
            with transaction.atomic():
                rows = _pages(seed, host, numbers, at) if not crawl else _known(seed, numbers)
                _store(run, rows, numbers, crawl, members)
    return seed


def _bodies() -> list[bytes]:
    """Pages of the bench's web, without their ends: each version has one of its own."""
    web = Web([BODIES])
    bodies = []
    for page in web.sites[0].pages:
        own = web.bytes[page.own.start : page.own.end].partition(b"\r\n\r\n")[2]
        bodies.append(own + web.bytes[page.prose.start : page.prose.end])
    web.close()
    return bodies


def _url(number: int) -> str:
    return f"{ORIGIN}/p/{number}"


def _pages(seed: Seed, host: Host, numbers: range, at: datetime) -> list[Page]:
    return Page.objects.bulk_create(
        Page(
            seed=seed, host=host, url=_url(number), fingerprint=url_fingerprint(_url(number)),
            first_stored_at=at, last_fetched_at=at, last_changed_at=at, digest="", versions=1,
        )
        for number in numbers
    )  # fmt: skip


def _known(seed: Seed, numbers: range) -> list[Page]:
    return list(Page.objects.filter(seed=seed).order_by("pk")[numbers.start : numbers.stop])


def _store(run: Run, pages: Sequence[Page], numbers: range, crawl: int, members: Sequence[bytes]) -> None:
    """A version of each page, and the newest of it."""
    versions: list[Snapshot] = []
    for start in range(0, len(pages), BATCH):
        part = list(zip(pages[start : start + BATCH], numbers[start : start + BATCH], strict=True))
        versions += _batch(run, [(page, members[number % BODIES]) for page, number in part])
    for page, version in zip(pages, Snapshot.objects.bulk_create(versions), strict=True):
        page.latest, page.versions = version, crawl + 1
        page.last_fetched_at = page.last_changed_at = run.slot
    bulk.update_each(pages, ["latest", "versions", "last_fetched_at", "last_changed_at"])


def _batch(run: Run, bodies: Sequence[tuple[Page, bytes]]) -> list[Snapshot]:
    """The versions of a segment, which is in the archive then."""
    segment, folder = archive.SegmentWriter(), archive.new_folder(run.slot)
    batch = Batch.objects.create(
        folder=folder, lane=Lane.NORMAL, rank=rank_of(Lane.NORMAL, 4), state=Batch.State.STORED,
        visits_count=len(bodies), due_at=run.slot,
    )  # fmt: skip
    versions = []
    for page, member in bodies:
        offset, length = segment.copy(member)
        versions.append(
            Snapshot(
                page=page, run=run, batch=batch, offset=offset, length=length, final_url=page.url, status=200,
                content_type="text/html", encoding="utf-8", size=length, digest="", fetched_at=run.slot,
            )
        )  # fmt: skip
    archive.write_object(folder, archive.SEGMENT, segment.bytes())
    Batch.objects.filter(pk=batch.pk).update(segment_bytes=segment.size, live_bytes=segment.size)
    return versions


def _member(body: bytes, number: int, crawl: int) -> bytes:
    """A body as it is in a segment. The second version of every other page has another revision."""
    revision = f"</main><p class=revision>{crawl if number % 2 else 0}</p>".encode()
    body += revision + END.removeprefix(b"</main>")
    segment = archive.SegmentWriter()
    result = FetchResult(url=_url(number), status=200, headers=HTML, body=body)
    offset, length = segment.add(result, FIRST)
    return segment.bytes()[offset : offset + length]
