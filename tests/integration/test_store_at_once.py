"""Two runs of a seed find the same things at the same time: each is one record, and no visit fails."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from catalog.models import Batch, Page, Record, Run, Seed, Visit
from crawler.outcomes import Outcome
from crawler.reading.record import ReadRecord
from crawler.requests.exchange import FetchResult
from pipelines import archive
from pipelines.frontier import batches
from pipelines.handover import Parsed
from pipelines.store import pages, store_batch
from tests.factories import NOW, make_seed, new_fetched, open_run

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("archive")]
KEYS = 40
PRODUCTS = {"name": "products", "key": ["sku"], "fields": [{"name": "sku", "css": "b"}]}


@pytest.fixture
def seed() -> Seed:
    return make_seed("shop", start_urls="http://a.test/0", fields=[], collections=[PRODUCTS])


def run_of(seed: Seed, name: str) -> Run:
    """An open run with one page of that name."""
    Seed.objects.filter(pk=seed.pk).update(start_urls=f"http://a.test/{name}")
    seed.refresh_from_db()
    return open_run(seed, Run.Kind.COMMAND, at=timezone.now())


def batch_of(run: Run, skus: Sequence[int], now: datetime) -> Batch:
    """A parsed batch with the page of a run, which shows these products."""
    (visit,) = Visit.objects.filter(run=run)
    segment, folder = archive.SegmentWriter(), archive.new_folder(now)
    body = visit.url.encode()
    offset, length = segment.add(FetchResult(url=visit.url, status=200, body=body), now)
    fetched = new_fetched(
        visit, offset=offset, length=length, fetched_at=now.timestamp(), size=len(body),
        digest=archive.content_digest(body),
    )  # fmt: skip
    records = tuple(
        ReadRecord(collection="products", position=at, key=(str(sku),), values={"sku": str(sku)})
        for at, sku in enumerate(skus)
    )
    parsed = Parsed(visit_id=visit.pk, records=records)
    archive.write_object(folder, archive.SEGMENT, segment.bytes())
    archive.write_object(folder, archive.FETCHED, archive.dump([fetched]))
    archive.write_object(folder, archive.PARSED, archive.dump([parsed]))
    order = batches.HandOver(folder, run.rank, segment.size, [visit.pk], 60)
    batch = batches.hand_over(order, now)
    assert batch is not None
    Batch.objects.filter(pk=batch.pk).update(state=Batch.State.PARSED)
    return batch


def store_at_once(batches: Sequence[Batch], monkeypatch: pytest.MonkeyPatch) -> None:
    """Store batches in transactions that run side by side; on PostgreSQL all are open when records come."""
    together, fold = Barrier(len(batches), timeout=30), pages.fold
    met: set[int] = set()

    def fold_together(*arguments: Any) -> None:
        if connection.vendor == "postgresql" and id(connection.connection) not in met:
            met.add(id(connection.connection))
            together.wait()
        fold(*arguments)

    def store(batch: Batch) -> None:
        together.wait()
        try:
            store_batch(batch.pk, NOW)
        finally:
            connection.close()

    monkeypatch.setattr(pages, "fold", fold_together)
    with ThreadPoolExecutor(len(batches)) as pool:
        list(pool.map(store, batches))


def test_the_same_new_keys_on_two_pages_are_records_that_name_both(
    seed: Seed, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """And neither batch is refused, to be stored page by page with an insert after the other."""
    now = timezone.now()
    skus = range(KEYS)
    runs = [run_of(seed, name) for name in "12"]
    store_at_once([batch_of(runs[0], skus, now), batch_of(runs[1], skus[::-1], now)], monkeypatch)
    assert "is refused as a whole" not in caplog.text
    assert set(Visit.objects.values_list("outcome", flat=True)) == {Outcome.STORED}
    both = set(Page.objects.values_list("pk", flat=True))
    assert len(both) == 2
    records = list(Record.objects.all())
    assert len(records) == KEYS
    assert all({record.page_id, *record.also_on} == both for record in records)
    assert all(record.gone_at is None and record.changed_in_id for record in records)
