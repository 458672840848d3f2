"""The store stage: idempotent, one transaction, and one refused page costs only itself."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
import pytest
from django.db import DataError, transaction
from django.utils import timezone

from catalog.models import (
    Attempt,
    Batch,
    ChangeSet,
    Host,
    Page,
    Reading,
    Record,
    RecordVersion,
    RuleSet,
    Run,
    Snapshot,
    Visit,
)
from catalog.packing import pack_text
from crawler.collections import PAGES
from crawler.lanes import Lane
from crawler.reading.record import ReadRecord
from crawler.requests.exchange import FetchResult
from crawler.rules.keys import Keys
from pipelines import archive
from pipelines.frontier import batches
from pipelines.frontier.batches import give_back
from pipelines.handover import Fetched, Links, Parsed
from pipelines.runs import pause_run, settle_run, start_run, stop_run
from pipelines.store import NotParsed, store_batch
from pipelines.store.changes import Changes
from pipelines.store.pages import BatchPages
from tests.factories import due_run, make_seed, new_fetched, open_run

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("archive")]


def of_page(**fields: str) -> tuple[ReadRecord, ...]:
    """What the plain fields of a seed read from a page."""
    return (ReadRecord(collection=PAGES, values=dict(fields)),)


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def run(now: datetime) -> Run:
    fields = [{"name": "title", "css": "h1"}]
    return open_run(make_seed(start_urls="http://a.test/1\nhttp://a.test/2", fields=fields), at=now)


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
            "fetched_at": now.timestamp(),
            "digest": archive.content_digest(body),
            "offset": offset,
            "length": length,
            "size": len(body),
        }
        fetched.append(new_fetched(visit, **(facts | changes)))
        parsed.append(
            Parsed(
                visit_id=visit.pk,
                title=visit.url,
                text_zstd=pack_text("text"),
                records=of_page(title=visit.url),
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
    links = Links.of([Keys().link(url) for url in urls])
    first = Parsed(visit_id=parsed[0].visit_id, title="t", records=of_page(title="t"), outlinks=links)
    archive.write_object(batch.folder, archive.PARSED, archive.dump([first, *parsed[1:]]))


def test_a_batch_is_stored_once_however_often_it_is_asked_for(run: Run, now: datetime) -> None:
    batch = batch_of(run, now)
    assert store_batch(batch.pk, now).visits == 2
    assert store_batch(batch.pk, now).visits == 0
    run.refresh_from_db()
    assert (run.state, run.stored, run.discovered) == (Run.State.FINISHED, 2, 2)
    assert Snapshot.objects.count() == Reading.objects.count() == Page.objects.count() == 2
    page = Page.objects.get(url="http://a.test/1")
    assert page.latest is not None
    reading = page.latest.readings.get()
    assert (page.latest.text, reading.data) == ("text", {PAGES: [{"title": "http://a.test/1"}]})
    assert reading.rule_set == page.rule_set == run.rule_set
    assert archive.read_body(batch.folder, page.latest.offset, page.latest.length).startswith(b"<h1>")


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
    write = BatchPages.write

    def refuse(shelf: BatchPages, changes: Changes) -> object:
        if "http://a.test/1" in {version.page.url for version in shelf._versions}:
            raise DataError("a value the database does not take")
        return write(shelf, changes)

    monkeypatch.setattr(BatchPages, "write", refuse)
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

    def die(*_: object) -> object:
        raise RuntimeError("killed")

    monkeypatch.setattr(BatchPages, "write", die)
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


@pytest.mark.parametrize("left", [b"of another release", None])
def test_what_parse_has_read_is_read_again_if_it_is_of_no_use(
    run: Run, now: datetime, left: bytes | None
) -> None:
    batch = batch_of(run, now)
    read = archive.read_object(batch.folder, archive.PARSED)
    archive.delete_object(batch.folder, archive.PARSED)
    if left is not None:
        archive.write_object(batch.folder, archive.PARSED, archive.dump([Parsed(visit_id=1)])[:-1] + left)
    with pytest.raises(NotParsed):
        store_batch(batch.pk, now)
    batch.refresh_from_db()
    assert (batch.state, batch.due_at) == (Batch.State.FETCHED, now)  # the next sweep sends its chain again
    archive.write_object(batch.folder, archive.PARSED, read)
    Batch.objects.filter(pk=batch.pk).update(state=Batch.State.PARSED)
    assert store_batch(batch.pk, now).visits == 2


class OldParsed(msgspec.Struct):
    """As a release wrote it that knew plain fields only."""

    visit_id: int
    fields: dict[str, str]


def test_a_batch_that_an_older_release_has_parsed_is_parsed_again(run: Run, now: datetime) -> None:
    batch = batch_of(run, now)
    visits = Visit.objects.filter(batch=batch).values_list("pk", flat=True)
    archive.delete_object(batch.folder, archive.PARSED)
    old = archive.dump([OldParsed(pk, {"title": "One"}) for pk in visits])
    archive.write_object(batch.folder, archive.PARSED, old)
    with pytest.raises(NotParsed):
        store_batch(batch.pk, now)
    assert Batch.objects.get(pk=batch.pk).state == Batch.State.FETCHED
    assert not Page.objects.exists()


def test_a_stored_batch_is_never_given_back(run: Run, now: datetime) -> None:
    batch = batch_of(run, now)
    store_batch(batch.pk, now)
    assert give_back(batch.pk, now) == {}
    assert set(Visit.objects.values_list("state", flat=True)) == {Visit.State.DONE}


# Other rules ----------------------------------------------------------------------------------------------


def stored_once(run: Run, now: datetime) -> Page:
    """The first page of a run that has stored its pages."""
    store_batch(batch_of(run, now).pk, now)
    return Page.objects.get(url="http://a.test/1")


def next_run(run: Run, now: datetime) -> Run:
    """Another run of the seed, by other rules."""
    run.seed.fields = [{"name": "headline", "css": "h1"}]
    run.seed.save()
    return open_run(run.seed, Run.Kind.MANUAL, at=now)


def found_unchanged(run: Run, now: datetime) -> Batch:
    """A batch of the run's pages, unchanged, whose latest versions are to be read again."""
    batch = batch_of(run, now, status=304, digest="", offset=None, length=None, unchanged=True)
    fetched = archive.load(archive.read_object(batch.folder, archive.FETCHED), Fetched)
    latest = dict(Page.objects.values_list("url", "latest_id"))
    again = [msgspec.structs.replace(page, read_again=latest[page.url]) for page in fetched]
    read = [Parsed(visit_id=page.visit_id, records=of_page(headline=page.url)) for page in fetched]
    archive.write_object(batch.folder, archive.FETCHED, archive.dump(again))
    archive.write_object(batch.folder, archive.PARSED, archive.dump(read))
    return batch


def test_what_is_read_again_is_kept_beside_what_the_old_rules_read(run: Run, now: datetime) -> None:
    page = stored_once(run, now)
    other = next_run(run, now)
    store_batch(found_unchanged(other, now).pk, now)
    other.refresh_from_db()
    assert (other.state, other.unchanged, other.warnings) == (Run.State.FINISHED, 2, [])
    page.refresh_from_db()
    assert (page.versions, page.rule_set) == (1, other.rule_set)
    assert page.latest is not None
    assert list(page.latest.readings.order_by("pk").values_list("rule_set", "data")) == [
        (run.rule_set_id, {PAGES: [{"title": page.url}]}),
        (other.rule_set_id, {PAGES: [{"headline": page.url}]}),
    ]


def test_what_was_read_of_a_version_that_is_the_latest_no_more_is_not_kept(run: Run, now: datetime) -> None:
    page = stored_once(run, now)
    batch = found_unchanged(next_run(run, now), now)
    newer = Snapshot.objects.get(pk=page.latest_id)
    newer.pk = newer.run = None
    newer.save()
    Page.objects.filter(pk=page.pk).update(latest=newer)
    store_batch(batch.pk, now)
    page.refresh_from_db()
    assert (page.rule_set, page.records.get().rule_set) == (run.rule_set, run.rule_set)
    assert Reading.objects.count() == 3


def test_nor_is_it_when_another_run_stores_a_version_in_the_same_batch(run: Run, now: datetime) -> None:
    page = stored_once(run, now)
    old_rules, new_rules = due_run(run.seed, Run.Kind.COMMAND, at=now), next_run(run, now)
    run.seed.fields = [{"name": "title", "css": "h1"}]
    run.seed.save()
    start_run(old_rules, now)
    old_rules.refresh_from_db()
    changed, unchanged = batch_of(old_rules, now, digest="other"), found_unchanged(new_rules, now)
    for name, kind in ((archive.FETCHED, Fetched), (archive.PARSED, Parsed)):
        both = [
            part
            for batch in (changed, unchanged)
            for part in archive.load(archive.read_object(batch.folder, name), kind)
        ]
        archive.write_object(changed.folder, name, archive.dump(both))
    Visit.objects.filter(batch=unchanged).update(batch=changed)
    store_batch(changed.pk, now)
    page.refresh_from_db()
    assert (page.versions, page.rule_set) == (2, run.rule_set)
    assert not Reading.objects.filter(rule_set=new_rules.rule_set).exists()


def test_a_body_that_is_known_by_now_is_kept_as_read_and_not_as_a_version(run: Run, now: datetime) -> None:
    """Two runs at once fetch a new page: the second did not know it when it asked."""
    other = next_run(run, now)
    batch = batch_of(other, now)
    page = stored_once(run, now)
    store_batch(batch.pk, now)
    other.refresh_from_db()
    assert (other.unchanged, other.stored) == (2, 0)
    page.refresh_from_db()
    assert (page.versions, page.rule_set) == (1, other.rule_set)
    assert page.latest is not None
    rule_sets = page.latest.readings.values_list("rule_set", flat=True)
    assert set(rule_sets) == {run.rule_set_id, other.rule_set_id}
    assert Reading.objects.filter(snapshot__page=page).count() == 2


def test_the_first_crawl_writes_a_version_a_reading_and_a_record_for_each_page(
    run: Run, now: datetime
) -> None:
    stored_once(run, now)
    pages = len(Page.objects.all())
    for model in (Snapshot, Reading, Record):
        assert model.objects.count() == pages
    for model in (RuleSet, ChangeSet):
        assert model.objects.count() == 1
    assert not RecordVersion.objects.exists()


def test_each_look_at_a_page_is_kept_with_what_it_saw(run: Run, now: datetime) -> None:
    store_batch(batch_of(run, now).pk, now)
    page = Page.objects.get(url="http://a.test/1")
    later = [now + timedelta(hours=hours) for hours in (1, 2, 3)]
    for at, changes in zip(
        later, ({}, {"digest": "other"}, {"status": 404, "reason": "http_404"}), strict=True
    ):
        again = open_run(run.seed, kind=Run.Kind.MANUAL, at=at)
        store_batch(batch_of(again, at, **changes).pk, at)
    page.refresh_from_db()
    saw = [(look.saw.label, look.at) for look in page.last_looks]
    times = [moment.replace(second=0, microsecond=0) for moment in (*reversed(later), now)]
    labels = ["not there", "changed", "unchanged", "changed"]
    assert saw == list(zip(labels, times, strict=True))
    assert (page.looks, page.times_seen, page.changes) == (3, 3, 1), "an answer that says 404 did not get it"
