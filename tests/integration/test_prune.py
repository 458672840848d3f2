"""Retention, deleted seeds, segments and orphans: what goes, what stays, and that no step is long."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from catalog.models import (
    Alert,
    Attempt,
    Batch,
    Channel,
    Event,
    Export,
    Forecast,
    JudgedAnswer,
    NoiseBlock,
    Notice,
    Page,
    Promise,
    Reading,
    Record,
    RecordVersion,
    Run,
    RunHost,
    SecondLook,
    Seed,
    Snapshot,
    Visit,
)
from catalog.storage import PARTS
from crawler.outcomes import Outcome
from crawler.requests.exchange import FetchResult
from djsite.desk.read.pages import body_of
from pipelines import archive as objects
from pipelines.export import make_export, page_rows
from pipelines.prune import prune
from pipelines.prune import rows as pruning
from pipelines.prune.passes import EVENTS_KEPT, FORECASTS_KEPT
from tests.factories import NOW, Got, crawl, make_batch, make_run, make_seed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("archive")]
SITE = "http://shop.example"
VISITS_END = timedelta(days=settings.VISIT_RETENTION_DAYS)
EXPORTS_END = timedelta(days=settings.EXPORT_RETENTION_DAYS)
RUNS_END = timedelta(days=settings.RUN_RETENTION_DAYS)
LONG = 3600.0


def segments(archive: Path) -> set[str]:
    return {str(path.parent.relative_to(archive)) for path in archive.rglob(objects.SEGMENT)}


class TestRetention:
    def test_nothing_is_due(self):
        crawl(make_seed(), [Got(f"{SITE}/"), Got(f"{SITE}/x", Outcome.FAILED, "timeout", None)])
        assert prune(NOW + timedelta(days=1), seconds=LONG)
        assert (Visit.objects.count(), Snapshot.objects.count(), Batch.objects.count()) == (2, 1, 1)

    def test_old_events_go_with_what_the_outbox_says_of_them(self):
        seed, channel = make_seed(), Channel.objects.create(name="us", kind="mail")
        for day in (0, 10):
            event = Event.objects.create(seed=seed, kind=Event.Kind.RUN_FAILED, at=NOW + timedelta(days=day))
            Notice.objects.create(channel=channel, event=event, due_at=NOW)
        prune(NOW + EVENTS_KEPT + timedelta(days=1), seconds=LONG)
        assert Event.objects.get().pk == Notice.objects.get().event_id == event.pk

    def test_old_forecasts_go_but_for_the_last_of_a_seed(self):
        def made(seed, *, done=True, at=NOW):
            state = Forecast.State.DONE if done else Forecast.State.WAITING
            ended = at if done else None
            return Forecast.objects.create(address=SITE, policy={}, seed=seed, state=state, finished_at=ended)

        shop, other = make_seed(), make_seed("Other")
        made(shop)
        made(None)
        kept = [made(shop), made(other), made(None, done=False), made(None, at=NOW + timedelta(days=2))]
        assert prune(NOW + FORECASTS_KEPT, seconds=LONG)
        assert Forecast.objects.count() == 6
        assert prune(NOW + FORECASTS_KEPT + timedelta(days=1), seconds=LONG)
        assert set(Forecast.objects.all()) == set(kept)

    def test_old_visits_go_with_their_attempts(self, archive):
        seed = make_seed()
        run = crawl(seed, [Got(f"{SITE}/"), Got(f"{SITE}/x", Outcome.FAILED, "timeout", None)])
        kept = crawl(seed, [Got(f"{SITE}/y")], at=NOW + VISITS_END)
        opened = crawl(seed, [Got(f"{SITE}/z")], state=Run.State.OPEN, at=NOW - RUNS_END)
        visit = run.visits.first()
        Attempt.objects.create(visit=visit, number=1, reason="timeout", fetched_at=NOW, next_due_at=NOW)
        assert prune(NOW + VISITS_END + timedelta(minutes=2), seconds=LONG)
        assert set(Visit.objects.values_list("run_id", flat=True)) == {kept.pk, opened.pk}
        assert Attempt.objects.count() == 0
        assert Run.objects.filter(pk=run.pk).exists()
        assert len(list(page_rows(seed))) == 3

    def test_old_runs_go_and_their_versions_stay(self, archive):
        seed = make_seed()
        crawl(seed, [Got(f"{SITE}/")])
        missed = make_run(seed, Run.State.MISSED, at=NOW - timedelta(days=1))
        Run.objects.filter(pk=missed.pk).update(slot=NOW - timedelta(days=1), created_at=NOW)
        due = make_run(seed, Run.State.DUE, at=NOW - timedelta(days=2))
        assert prune(NOW + RUNS_END + timedelta(minutes=2), seconds=LONG)
        assert list(Run.objects.all()) == [due]
        assert RunHost.objects.count() == 0
        assert Snapshot.objects.get().run is None
        assert len(segments(archive)) == 1

    def test_it_stops_in_time_and_goes_on(self, monkeypatch):
        monkeypatch.setattr(pruning, "CHUNK", 2)
        crawl(make_seed(), [Got(f"{SITE}/{number}") for number in range(7)])
        later = NOW + VISITS_END + timedelta(hours=1)
        assert not prune(later, seconds=0)
        assert Visit.objects.count() == 5
        assert prune(later, seconds=LONG)
        assert Visit.objects.count() == 0


class TestDeletedSeeds:
    @pytest.fixture
    def shop(self):
        seed = make_seed("Shop")
        for day in range(3):
            got = [Got(f"{SITE}/{number}", title=f"{day}", fields={"n": f"{day}"}) for number in range(5)]
            crawl(seed, got, at=NOW + timedelta(days=day))
        assert RecordVersion.objects.count() == 10
        return seed

    def test_all_of_it_goes_and_nothing_else(self, shop, archive, monkeypatch):
        monkeypatch.setattr(pruning, "CHUNK", 2)
        other = make_seed("Other")
        crawl(other, [Got("http://other.example/")])
        export = Export.objects.create(kind="pages", format="csv", seed=shop)
        make_export(export.pk, NOW)
        Seed.objects.filter(pk=shop.pk).update(deleted_at=NOW - timedelta(days=2))
        assert prune(NOW, seconds=LONG)
        assert list(Seed.objects.all()) == [other]
        left = (Run, Visit, Page, Snapshot, Reading, Record, Batch)
        assert {model: model.objects.count() for model in left} == dict.fromkeys(left, 1)
        assert not RecordVersion.objects.exists()
        assert segments(archive) == {Batch.objects.get().folder}
        assert list((archive / "exports").iterdir()) == []

    def test_what_people_were_to_be_told_of_it_goes_too(self, shop, monkeypatch):
        monkeypatch.setattr(pruning, "CHUNK", 2)
        channel = Channel.objects.create(name="us", kind="mail")
        for seed in (shop, make_seed("Other")):
            alert = Alert.objects.create(seed=seed, name="new", condition="record_new")
            for _ in range(3):
                event = Event.objects.create(seed=seed, kind=Event.Kind.RECORD_NEW, at=NOW)
                Notice.objects.create(channel=channel, event=event, alert=alert, due_at=NOW)
            Promise.objects.create(seed=seed, deadline="08:15").channels.add(channel)
            SecondLook.objects.create(seed=seed, page_id=1, since=NOW, due_at=NOW)
            NoiseBlock.objects.create(seed=seed, template=1, selector=".ad")
        Seed.objects.filter(pk=shop.pk).update(deleted_at=NOW - timedelta(days=2))
        assert prune(NOW, seconds=LONG)
        left = {Alert: 1, Event: 3, Notice: 3, Promise: 1, SecondLook: 1, NoiseBlock: 1, Channel: 1}
        assert {model: model.objects.count() for model in left} == left

    def test_not_while_it_can_be_brought_back(self, shop):
        Seed.objects.filter(pk=shop.pk).update(deleted_at=NOW)
        assert prune(NOW + pruning.UNDO, seconds=LONG)
        assert shop.pages.count() == 5
        assert prune(NOW + pruning.UNDO + timedelta(hours=1), seconds=LONG)
        assert not Seed.objects.exists()

    def test_not_while_a_run_is_open(self, shop):
        run = crawl(shop, [], state=Run.State.STOPPING, at=NOW + timedelta(days=4), waiting=1)
        Seed.objects.filter(pk=shop.pk).update(deleted_at=NOW - timedelta(days=2))
        assert prune(NOW, seconds=LONG)
        assert shop.pages.count() == 5
        Run.objects.filter(pk=run.pk).update(state=Run.State.FINISHED)
        assert prune(NOW, seconds=LONG)
        assert Page.objects.count() == 0

    @pytest.mark.django_db(transaction=True)
    def test_no_transaction_takes_much(self, monkeypatch):
        """However many pages: no statement names more rows than a chunk has."""
        monkeypatch.setattr(pruning, "CHUNK", 20)
        seed = make_seed("Large")
        crawl(seed, [Got(f"{SITE}/{number}") for number in range(90)])
        Seed.objects.filter(pk=seed.pk).update(deleted_at=NOW - timedelta(days=2))
        seen = []

        def watch(execute, sql, params, many, context):
            seen.append(len(params or ()))
            return execute(sql, params, many, context)

        with connection.execute_wrapper(watch):
            assert prune(NOW, seconds=LONG)
        assert Page.objects.count() == 0
        assert max(seen) <= pruning.CHUNK + 2


class TestSegments:
    def mixed(self, wanted: int, unwanted: int) -> tuple[Seed, Batch]:
        """One segment with pages of two seeds; the second seed is deleted."""
        seeds = [make_seed("Kept"), make_seed("Gone")]
        bodies = [(seeds[0], number) for number in range(wanted)]
        bodies += [(seeds[1], wanted + number) for number in range(unwanted)]
        writer = objects.SegmentWriter()
        places = [
            writer.add(FetchResult(url=f"{SITE}/{n}", status=200, body=_noise(n)), NOW) for _, n in bodies
        ]
        runs = [crawl(seed, [Got(f"{SITE}/{n}") for owner, n in bodies if owner == seed]) for seed in seeds]
        batch = make_batch(
            folder=objects.new_folder(NOW),
            state=Batch.State.STORED,
            visits_count=len(bodies),
            segment_bytes=writer.size,
            live_bytes=sum(length for _, length in places),
        )
        objects.write_object(batch.folder, objects.SEGMENT, writer.bytes())
        snapshots = list(Snapshot.objects.filter(run__in=runs).order_by("pk"))
        for snapshot, (offset, length) in zip(snapshots, places, strict=True):
            snapshot.batch, snapshot.offset, snapshot.length = batch, offset, length
        Snapshot.objects.bulk_update(snapshots, ["batch", "offset", "length"])
        Seed.objects.filter(pk=seeds[1].pk).update(deleted_at=NOW - timedelta(days=2))
        return seeds[0], batch

    def test_written_anew_when_little_is_wanted(self, archive):
        seed, batch = self.mixed(wanted=2, unwanted=18)
        old = batch.folder
        assert prune(NOW + timedelta(hours=2), seconds=LONG)
        batch.refresh_from_db()
        assert batch.folder != old
        assert segments(archive) == {batch.folder}
        assert batch.live_bytes < batch.segment_bytes < batch.live_bytes + 1000
        bodies = [
            objects.read_body(batch.folder, snapshot.offset, snapshot.length)
            for snapshot in Snapshot.objects.filter(page__seed=seed).order_by("offset")
        ]
        assert bodies == [_noise(0), _noise(1)]

    def test_left_alone_when_much_is_wanted(self, archive):
        _, batch = self.mixed(wanted=6, unwanted=6)
        before = batch.live_bytes
        assert prune(NOW + timedelta(hours=2), seconds=LONG)
        folder = batch.folder
        batch.refresh_from_db()
        assert batch.folder == folder
        assert batch.live_bytes < before

    def test_a_missing_segment_does_not_stop_the_rest(self, archive, caplog):
        _, batch = self.mixed(wanted=1, unwanted=18)
        objects.delete_object(batch.folder, objects.SEGMENT)
        assert prune(NOW + timedelta(hours=2), seconds=LONG)
        assert "cannot be written anew" in caplog.text
        assert Page.objects.count() == 1

    def test_in_flight_batches_are_not_touched(self, archive):
        folder = objects.new_folder(NOW)
        objects.write_object(folder, objects.SEGMENT, b"x")
        make_batch(folder=folder)
        assert prune(NOW + timedelta(days=1), seconds=LONG)
        assert segments(archive) == {folder}


class TestOrphans:
    def test_old_folders_without_a_row_go(self, archive):
        young, old = objects.new_folder(NOW), objects.new_folder(NOW - timedelta(minutes=61))
        for folder in (young, old, "batches/2026/01/01/by-hand", "batches/elsewhere"):
            objects.write_object(folder, objects.SEGMENT, b"x")
        assert prune(NOW, seconds=LONG)
        assert segments(archive) == {young, "batches/2026/01/01/by-hand", "batches/elsewhere"}

    def test_dead_parts_go(self, archive):
        (archive / PARTS).mkdir()
        for name in ("old", "young"):
            (archive / PARTS / name).write_bytes(b"half")
        past = time.time() - 7200
        os.utime(archive / PARTS / "old", (past, past))
        assert prune(NOW, seconds=LONG)
        assert [path.name for path in (archive / PARTS).iterdir()] == ["young"]

    def test_old_exports_go_with_their_files(self, archive):
        made = [Export.objects.create(kind="pages", format="csv") for _ in range(2)]
        for export, at in zip(made, (NOW, NOW + EXPORTS_END), strict=True):
            make_export(export.pk, at)
        failed = Export.objects.create(kind="pages", format="csv", state="failed", finished_at=NOW)
        waiting = Export.objects.create(kind="pages", format="csv", created_at=NOW - EXPORTS_END)
        prune(NOW + EXPORTS_END, seconds=LONG)
        assert Export.objects.count() == 4
        prune(NOW + EXPORTS_END + timedelta(minutes=1), seconds=LONG)
        assert set(Export.objects.all()) == {made[1], waiting}
        assert failed.pk and [path.name for path in (archive / "exports").iterdir()] == [f"{made[1].pk}.csv"]

    def test_exports_with_a_row_stay(self, archive):
        export = Export.objects.create(kind="pages", format="csv")
        make_export(export.pk, NOW)
        objects.write_object("exports", "999999.csv", b"x")
        assert prune(NOW, seconds=LONG)
        assert [path.name for path in (archive / "exports").iterdir()] == [f"{export.pk}.csv"]


def _noise(number: int) -> bytes:
    """Two kilobytes that do not compress."""
    return b"".join(objects.content_digest(b"%d %d" % (number, part)).encode() for part in range(64))


class TestJudgedAnswers:
    """Answers with a verdict are in the segment as versions are, and go with their visits."""

    @pytest.fixture
    def judged(self) -> JudgedAnswer:
        run = crawl(make_seed(), [Got(f"{SITE}/x", Outcome.FAILED, "soft_404", 200)])
        writer = objects.SegmentWriter()
        writer.add(FetchResult(url=f"{SITE}/y", status=200, body=b"".join(map(_noise, range(40)))), NOW)
        offset, length = writer.add(FetchResult(url=f"{SITE}/x", status=200, body=b"no page"), NOW)
        batch = make_batch(
            folder=objects.new_folder(NOW),
            state=Batch.State.STORED,
            segment_bytes=writer.size,
            live_bytes=length,
        )
        objects.write_object(batch.folder, objects.SEGMENT, writer.bytes())
        return JudgedAnswer.objects.create(
            visit=run.visits.get(), batch=batch, offset=offset, length=length, size=7,
            digest=objects.content_digest(b"no page"),
        )  # fmt: skip

    def test_it_is_moved_to_a_smaller_segment_and_stays_while_its_visit_does(self, judged, archive):
        assert prune(NOW + timedelta(days=1), seconds=LONG)
        moved = JudgedAnswer.objects.select_related("batch").get()
        assert moved.offset < judged.offset and moved.batch.folder != judged.batch.folder
        assert body_of(moved) == body_of(judged) == b"no page"

    def test_it_goes_with_its_visit_and_its_segment_with_it(self, judged, archive):
        assert prune(NOW + VISITS_END + timedelta(minutes=2), seconds=LONG)
        assert not JudgedAnswer.objects.exists()
        assert not Batch.objects.exists() and not segments(archive)
