"""What a crawl leaves: a run with its visits, pages, versions and records; and a demo shop.

Counters reconcile and bodies lie in a real segment, so that downloads work.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from catalog.models import Batch, Host, Page, Run, RunHost, Seed, Snapshot, Visit
from catalog.packing import pack_outlinks, pack_text
from catalog.sql import bulk
from crawler.collections import PAGES
from crawler.lanes import Lane
from crawler.outcomes import Outcome
from crawler.outlinks import Outlink
from crawler.reading.record import ReadRecord
from crawler.requests.exchange import FetchResult
from crawler.rules.urls import canonical_url, origin_of, url_fingerprint
from pipelines import archive
from pipelines.store.changes import Changes
from pipelines.store.page_row import PageRow
from pipelines.store.readings import NewReading, write_readings
from pipelines.store.records import fold
from pipelines.store.runs import BatchRun
from tests.factories.rows import NOW, make_batch, make_host, make_run, make_seed


@dataclass(frozen=True)
class Got:
    """What a run got for one URL. ``text`` matters for stored pages only.

    An unchanged page with ``fields`` was read again by the rules of the run.
    """

    url: str
    outcome: Outcome = Outcome.STORED
    reason: str | None = None
    status: int | None = 200
    title: str = "A page"
    fields: dict[str, Any] | None = None
    text: str = "Some text."
    links: tuple[str, ...] = ()
    detail: str = ""
    location: str = ""
    depth: int = 0
    elapsed_ms: int = 120


def crawl(
    seed: Seed,
    got: Sequence[Got],
    *,
    at: datetime = NOW,
    state: str = Run.State.FINISHED,
    waiting: int = 0,
    **values: Any,
) -> Run:
    """A run of ``seed`` at ``at`` that got these, with ``waiting`` more URLs still queued."""
    run = make_run(seed, state, at=at, **values)
    batch, places = _store_bodies(got, at, run)
    urls = {origin_of(item.url): item.url for item in got}
    hosts = {origin: _host_of(run, url) for origin, url in urls.items()}
    for number, item in enumerate(got):
        when = at + timedelta(milliseconds=400 * (number + 1))
        _finish(_Place(run, batch, hosts[origin_of(item.url)], *places[number]), item, when)
    for number in range(waiting):
        url = f"http://{seed.start_urls.split('/')[2]}/waiting/{number}"
        make_visit(run, Got(url), state=Visit.State.QUEUED, due_at=at, found_on=None)
    tally = Counter(item.outcome for item in got)
    Run.objects.filter(pk=run.pk).update(
        discovered=len(got) + waiting, **{outcome.label: tally[outcome] for outcome in Outcome}
    )
    run.refresh_from_db()
    return run


@dataclass(frozen=True)
class _Place:
    run: Run
    batch: Batch
    host: Host
    offset: int
    length: int


def _store_bodies(got: Sequence[Got], at: datetime, run: Run) -> tuple[Batch, list[tuple[int, int]]]:
    segment = archive.SegmentWriter("Crawlbeat tests")
    places = []
    for item in got:
        result = FetchResult(
            url=item.url,
            status=item.status or 200,
            headers=(("content-type", "text/html"),),
            body=_html(item),
        )
        places.append(segment.add(result, at))
    folder = archive.new_folder(at)
    archive.write_object(folder, archive.SEGMENT, segment.bytes())
    batch = make_batch(
        folder=folder, rank=run.rank, state=Batch.State.STORED, visits_count=len(got), due_at=at
    )
    return batch, places


def _html(item: Got) -> bytes:
    return f"<html><head><title>{item.title}</title></head><body>{item.text}</body></html>".encode()


def _finish(place: _Place, item: Got, when: datetime) -> None:
    run, seed = place.run, place.run.seed
    page = snapshot = None
    if item.outcome == Outcome.STORED:
        page, snapshot = _store(place, item, when)
    else:
        page = Page.objects.filter(seed=seed, fingerprint=url_fingerprint(canonical_url(item.url))).first()
        if page and item.outcome == Outcome.UNCHANGED:
            snapshot = page.latest
            Page.objects.filter(pk=page.pk).update(last_fetched_at=when)
            if item.fields is not None:
                _read(page, run, item.fields, again=True)
    _save_visit(
        run,
        place.host,
        item,
        state=Visit.State.DONE,
        due_at=when,
        outcome=item.outcome,
        reason=item.reason,
        status=item.status,
        content_type="text/html" if item.status else "",
        page=page,
        snapshot=snapshot,
        batch=place.batch,
        fetched_at=when,
        elapsed_ms=item.elapsed_ms,
        attempts=1,
        detail=item.detail,
        location=item.location,
    )


def _store(place: _Place, item: Got, when: datetime) -> tuple[Page, Snapshot]:
    seed = place.run.seed
    body = _html(item)
    digest = archive.content_digest(body)
    canonical = canonical_url(item.url)
    page, new = Page.objects.get_or_create(
        seed=seed,
        fingerprint=url_fingerprint(canonical),
        defaults={
            "host": place.host,
            "url": canonical,
            "first_stored_at": when,
            "last_fetched_at": when,
            "last_changed_at": when,
            "digest": digest,
        },
    )
    snapshot = Snapshot.objects.create(
        page=page,
        run=place.run,
        batch=place.batch,
        offset=place.offset,
        length=place.length,
        final_url=item.url,
        status=item.status or 200,
        content_type="text/html",
        encoding="utf-8",
        size=len(body),
        digest=digest,
        fetched_at=when,
        title=item.title,
        text_zstd=pack_text(item.text),
        outlinks_zstd=pack_outlinks([_outlink(url) for url in item.links]),
    )
    if not new:
        page.versions += 1
    page.latest, page.digest, page.last_fetched_at, page.last_changed_at = snapshot, digest, when, when
    page.save()
    _read(page, place.run, item.fields or {})
    return page, snapshot


def _read(page: Page, run: Run, fields: dict[str, Any], *, again: bool = False) -> None:
    """What a run's rules read from a page's latest version; nothing without rules."""
    if page.rule_set_id is None and run.rule_set_id is None:
        return
    columns = PageRow.__struct_fields__
    row = PageRow(*Page.objects.values_list(*columns).get(pk=page.pk))
    before = (row.latest_id or 0, row.rule_set_id) if row.rule_set_id else None
    if page.rule_set_id != run.rule_set_id:
        page.rule_set = run.rule_set
        page.save(update_fields=["rule_set"])
    if run.rule_set_id is None:
        return
    records = (ReadRecord(collection=PAGES, values=dict(fields)),)
    reading = NewReading(row, BatchRun(run), run.rule_set_id, row.last_fetched_at, records, before)
    reading.snapshot_id, reading.again = row.latest_id or 0, again
    write_readings([reading])
    fold([reading], Changes(row.last_fetched_at))


def _outlink(url: str) -> Outlink:
    return Outlink(url, url_fingerprint(canonical_url(url)), origin_of(url))


def make_visit(run: Run, item: Got, **values: Any) -> Visit:
    """A visit of the run to what was got, on a host that the run knows."""
    return _save_visit(run, _host_of(run, item.url), item, **values)


def _host_of(run: Run, url: str) -> Host:
    host = make_host(url)
    RunHost.objects.get_or_create(run=run, host=host)
    return host


def _save_visit(run: Run, host: Host, item: Got, **values: Any) -> Visit:
    return Visit.objects.create(
        run=run,
        host=host,
        url=item.url,
        fingerprint=url_fingerprint(canonical_url(item.url)),
        depth=item.depth,
        rank=run.rank,
        **values,
    )


def more_pages(page: Page, count: int) -> None:
    """So many pages like this one, with its latest version; in one go, unlike :func:`crawl`."""
    values = {field.column: getattr(page, field.attname) for field in Page._meta.concrete_fields}
    with transaction.atomic():
        ids = bulk.new_ids(Page, count)
        own = ({"id": pk, "url": f"{page.url}{at}", "fingerprint": at} for at, pk in enumerate(ids, 1))
        bulk.insert(Page, list(values), [list((values | changes).values()) for changes in own])


def shop(at: datetime = NOW, *, rounds: int = 4, products: int = 12) -> Seed:
    """A shop crawled ``rounds`` times, ten minutes apart; prices of every third product change each time."""
    seed = make_seed("Corner shop", lane=Lane.NORMAL, interval_seconds=600)
    for number in range(rounds):
        crawl(seed, _shop_round(number, products), at=at - timedelta(minutes=10 * (rounds - number)))
    return seed


def _shop_round(number: int, products: int) -> list[Got]:
    base = "http://shop.example"
    got = [_product(number, item) for item in range(products)]
    got.append(Got(f"{base}/broken", Outcome.FAILED, "http_500", 500, detail="the server said 500", depth=1))
    got.append(Got(f"{base}/slow", Outcome.FAILED, "timeout", None, detail="no answer within 30 s", depth=1))
    got.append(Got(f"{base}/old", Outcome.REDIRECTED, None, 301, location=f"{base}/p/1"))
    got.append(Got(f"{base}/private", Outcome.SKIPPED, "robots", None, detail="Disallow: /private"))
    return got


def _product(number: int, item: int) -> Got:
    url = f"http://shop.example/p/{item}"
    if number and (item + number) % 3:
        return Got(url, Outcome.UNCHANGED, status=304, depth=1)
    price = f"{10 + item + number / 2:.2f} EUR"
    return Got(
        url,
        title=f"Product {item}",
        fields={"name": f"Product {item}", "price": price, "stock": None if item % 4 else "12 left"},
        text=f"Product {item} is a fine thing. It costs {price} today.",
        links=("http://shop.example/", "http://shop.example/p/1"),
        depth=1,
        elapsed_ms=80 + 13 * item,
    )
