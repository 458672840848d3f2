"""The store stage: idempotent, one transaction, and one refused page costs only itself."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import DataError, transaction
from django.utils import timezone

from catalog.models import Attempt, Batch, Host, Page, Record, Run, Seed, Snapshot, Visit
from catalog.packing import pack_text
from crawler.lanes import Lane
from crawler.outlinks import Outlink
from crawler.requests.exchange import FetchResult
from crawler.rules.keys import Keys
from pipelines import archive
from pipelines.frontier import batches
from pipelines.frontier.batches import give_back
from pipelines.handover import Fetched, Parsed
from pipelines.runs import create_run, pause_run, settle_run, start_run, stop_run
from pipelines.store import NotParsed, store_batch
from pipelines.store.pages import PageShelf

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("archive")]


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def run(now: datetime) -> Run:
    seed = Seed.objects.create(
        name="a",
        start_urls="http://a.test/1\nhttp://a.test/2",
        schedule="manual",
        fields=[{"name": "title", "css": "h1"}],
    )
    made = create_run(seed, Run.Kind.SCHEDULED, now, now)
    assert made is not None
    start_run(made, now)
    made.refresh_from_db()
    return made


def batch_of(run: Run, now: datetime, *, state: str = Batch.State.PARSED, **changes: object) -> Batch:
    """A batch with every queued visit of the run, fetched (each with a body) and parsed."""
    folder = archive.new_folder(now)
    segment = archive.SegmentWriter()
    fetched, parsed = [], []
    for visit in Visit.objects.filter(run=run, state=Visit.State.QUEUED).order_by("pk"):
        body = f"<h1>{visit.url}</h1>".encode()
        result = FetchResult(url=visit.url, status=200, body=body)
        offset, length = segment.add(result, now)
        facts: dict[str, object] = {
            "visit_id": visit.pk,
            "run_id": run.pk,
            "url": visit.url,
            "depth": visit.depth,
            "hops": visit.hops,
            "attempts": visit.attempts + 1,
            "status": 200,
            "reason": None,
            "transient": False,
            "location": None,
            "elapsed_ms": 5,
            "fetched_at": now.timestamp(),
            "digest": archive.content_digest(body),
            "offset": offset,
            "length": length,
            "size": len(body),
        }
        fetched.append(Fetched(**(facts | changes)))
        parsed.append(
            Parsed(
                visit_id=visit.pk, title=visit.url, text_zstd=pack_text("text"), fields={"title": visit.url}
            )
        )
    archive.write_object(folder, archive.SEGMENT, segment.bytes())
    archive.write_object(folder, archive.FETCHED, archive.dump(fetched))
    archive.write_object(folder, archive.PARSED, archive.dump(parsed))
    ids = [record.visit_id for record in fetched]
    batch = batches.hand_over(batches.HandOver(folder, run.rank, segment.size, ids, 60), now)
    assert batch is not None
    Batch.objects.filter(pk=batch.pk).update(state=state)
    return batch


def add_links(batch: Batch, *urls: str) -> None:
    """Give the batch's first page outlinks."""
    parsed = archive.load(archive.read_object(batch.folder, archive.PARSED), Parsed)
    links = tuple(link for url in urls if isinstance(link := Keys().outlink(url, url), Outlink))
    first = Parsed(visit_id=parsed[0].visit_id, title="t", fields={"title": "t"}, outlinks=links)
    archive.write_object(batch.folder, archive.PARSED, archive.dump([first, *parsed[1:]]))


def test_a_batch_is_stored_once_however_often_it_is_asked_for(run: Run, now: datetime) -> None:
    batch = batch_of(run, now)
    assert store_batch(batch.pk, now).visits == 2
    assert store_batch(batch.pk, now).visits == 0
    run.refresh_from_db()
    assert (run.state, run.stored, run.discovered) == (Run.State.FINISHED, 2, 2)
    assert Snapshot.objects.count() == Record.objects.count() == Page.objects.count() == 2
    page = Page.objects.get(url="http://a.test/1")
    assert page.latest is not None
    assert (page.latest.text, page.latest.record.data) == ("text", {"title": "http://a.test/1"})
    assert archive.read_record_body(batch.folder, page.latest.offset, page.latest.length).startswith(b"<h1>")


def test_a_visit_that_is_twice_in_a_batch_counts_once(run: Run, now: datetime) -> None:
    batch = batch_of(run, now)
    fetched = archive.load(archive.read_object(batch.folder, archive.FETCHED), Fetched)
    archive.write_object(batch.folder, archive.FETCHED, archive.dump([*fetched, *fetched]))
    assert store_batch(batch.pk, now).visits == 2
    run.refresh_from_db()
    assert (run.state, run.stored, run.discovered) == (Run.State.FINISHED, 2, 2)


def test_a_batch_that_is_not_parsed_waits(run: Run, now: datetime) -> None:
    batch = batch_of(run, now, state=Batch.State.FETCHED)
    with pytest.raises(NotParsed):
        store_batch(batch.pk, now)
    assert not Snapshot.objects.exists()


def test_visits_that_are_no_longer_the_batch_s_are_left_alone(run: Run, now: datetime) -> None:
    batch = batch_of(run, now)
    first = Visit.objects.order_by("pk").first()
    assert first is not None
    Visit.objects.filter(pk=first.pk).update(batch=None, state=Visit.State.QUEUED)
    assert store_batch(batch.pk, now).visits == 1
    first.refresh_from_db()
    assert first.state == Visit.State.QUEUED
    run.refresh_from_db()
    assert (run.state, run.stored) == (Run.State.OPEN, 1)


def test_new_links_are_admitted_and_their_hosts_are_to_be_woken(run: Run, now: datetime) -> None:
    batch = batch_of(run, now)
    add_links(batch, "http://a.test/3", "http://a.test/1", "http://b.test/4")
    stored = store_batch(batch.pk, now)
    run.refresh_from_db()
    assert (run.state, run.discovered) == (Run.State.OPEN, 4)
    assert set(stored.wake) == {Lane.NORMAL}
    assert len(stored.wake[Lane.NORMAL]) == 2
    third = Visit.objects.get(url="http://a.test/3")
    assert (third.depth, third.state) == (1, Visit.State.QUEUED)
    assert Visit.objects.get(pk=third.found_on or 0).url == "http://a.test/1"


def test_one_refused_page_does_not_cost_the_others(
    run: Run, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = batch_of(run, now)
    write = PageShelf.write

    def refuse(shelf: PageShelf) -> object:
        if "http://a.test/1" in {version.page.url for version in shelf._versions}:
            raise DataError("a value the database does not take")
        return write(shelf)

    monkeypatch.setattr(PageShelf, "write", refuse)
    store_batch(batch.pk, now)
    run.refresh_from_db()
    assert (run.state, run.stored, run.failed) == (Run.State.FINISHED, 1, 1)
    assert Visit.objects.get(url="http://a.test/1").reason == "internal_error"


def test_a_paused_run_s_retry_is_held(run: Run, now: datetime) -> None:
    batch = batch_of(run, now, reason="http_503", status=503, transient=True, digest="", offset=None)
    assert pause_run(run)
    settle_run(run.pk, now)
    store_batch(batch.pk, now)
    assert set(Visit.objects.values_list("state", flat=True)) == {Visit.State.HELD}
    assert Attempt.objects.count() == 2
    assert Attempt.objects.filter(next_due_at__gt=now + timedelta(seconds=1)).count() == 2


def test_a_stopping_run_admits_nothing_and_closes(run: Run, now: datetime) -> None:
    batch = batch_of(run, now)
    add_links(batch, "http://a.test/3")
    assert stop_run(run, now)
    settle_run(run.pk, now)
    store_batch(batch.pk, now)
    run.refresh_from_db()
    assert (run.state, run.discovered, run.stored) == (Run.State.FINISHED, 2, 2)


def test_a_batch_without_a_page_leaves_nothing_behind(run: Run, now: datetime) -> None:
    batch = batch_of(run, now, reason="http_404", status=404, digest="", offset=None, length=None)
    store_batch(batch.pk, now)
    assert not Batch.objects.exists()
    with pytest.raises(archive.ObjectMissing):
        archive.read_object(batch.folder, archive.SEGMENT)


def test_a_failed_transaction_leaves_everything_as_it_was(
    run: Run, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = batch_of(run, now)

    def die(shelf: PageShelf) -> object:
        raise RuntimeError("killed")

    monkeypatch.setattr(PageShelf, "write", die)
    with pytest.raises(RuntimeError), transaction.atomic():
        store_batch(batch.pk, now)
    monkeypatch.undo()
    assert set(Visit.objects.values_list("state", flat=True)) == {Visit.State.FETCHED}
    assert store_batch(batch.pk, now).visits == 2


def test_a_batch_whose_objects_are_gone_is_fetched_again(run: Run, now: datetime) -> None:
    batch = batch_of(run, now)
    archive.delete_folder(batch.folder)
    with pytest.raises(archive.ObjectMissing):
        store_batch(batch.pk, now)
    woken = give_back(batch.pk, now)
    assert set(woken) == {Lane.NORMAL}
    assert set(Visit.objects.values_list("state", "batch")) == {(Visit.State.QUEUED, None)}
    assert Host.objects.get().rank == run.rank
    assert give_back(batch.pk, now) == {}


def test_a_stored_batch_is_never_given_back(run: Run, now: datetime) -> None:
    batch = batch_of(run, now)
    store_batch(batch.pk, now)
    assert give_back(batch.pk, now) == {}
    assert set(Visit.objects.values_list("state", flat=True)) == {Visit.State.DONE}
