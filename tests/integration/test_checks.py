"""One list of checks: a planted problem is told by ``/health/``, ``status``, ``doctor`` and ``/metrics``."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import time, timedelta
from pathlib import Path

import pytest
from django.conf import settings as conf
from django.db import connection
from django.test import Client
from django.utils import timezone

from catalog.models import Coverage, Export, Promise, Seed
from console.commands import status
from console.commands.doctor import lines
from crawler.lanes import Lane
from crawler.outcomes import Outcome
from djsite.desk.health import report
from embedded.datadir import DataFolder
from pipelines import archive as objects
from pipelines.search.indexing import index_in_turn
from scheduler import doctor
from scheduler.checks import archive as archive_checks
from scheduler.checks import broker, writing
from scheduler.clock import reconcile
from scheduler.doctor import CheckOptions
from scheduler.process import deaths, heartbeats
from scheduler.queues import QUEUE_NAMES
from scheduler.wakeups import call_session
from scheduler.worker import SignsOfLife
from tests import factories
from tests.factories import Got

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey", "archive")]
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _well(settings) -> None:
    settings.HEARTBEAT_SECONDS = 100  # the signs of life last as long as the test
    now = timezone.now()
    heartbeats.beat(heartbeats.BEAT, now)
    heartbeats.beat("all@a", now, pool="celery.concurrency.thread", slots=8, queues=QUEUE_NAMES)


def _no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_checks, "LEAST_FREE", 1 << 62)
    monkeypatch.setattr(archive_checks, "LEAST_SHARE", 1.0)


def _failed_write(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker whose disk is full gives its sign of life."""

    def full(*args: object, **options: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("catalog.storage.WholeFileStorage._write", full)
        with pytest.raises(objects.ArchiveFull):
            objects.write_object("batches/x", objects.SEGMENT, b"x")
    SignsOfLife("all@a", queues=QUEUE_NAMES).give_sign()


def _clock_back(monkeypatch: pytest.MonkeyPatch) -> None:
    heartbeats.beat("prune", timezone.now() + HOUR)


def _slots_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    factories.make_seed("Far", interval_seconds=60, next_slot=timezone.now() + 3 * HOUR)


def _no_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    long_ago = timezone.now() - HOUR
    factories.make_batch(state="stored", created_at=long_ago, due_at=long_ago)
    factories.make_host("http://waits.test/", rank=15, due_at=long_ago)


def _export_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    Export.objects.create(kind="pages", format="jsonl", created_at=timezone.now() - HOUR)


def _export_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    begun = timezone.now() - 2 * HOUR
    Export.objects.create(kind="pages", format="jsonl", created_at=begun, begun_at=begun)


def _long_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker, "LONG", 0)
    call_session(Lane.NORMAL)


def _restarts(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(deaths.MANY):
        deaths.note("worker-parse", "a", timezone.now())


def _dead_beat(monkeypatch: pytest.MonkeyPatch) -> None:
    heartbeats.beat(heartbeats.BEAT, timezone.now() - HOUR)


def _dead_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    heartbeats.beat("parse@gone", timezone.now() - HOUR)


def _idle_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    heartbeats.beat("all@a", timezone.now(), queues=QUEUE_NAMES[1:])


def _malformed_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    heartbeats.beat(reconcile.HEART, timezone.now(), broken=["redbeat:x"])


def _overdue_slot(monkeypatch: pytest.MonkeyPatch) -> None:
    factories.make_seed("Late", next_slot=timezone.now() - HOUR)


def _seed_without_slot(monkeypatch: pytest.MonkeyPatch) -> None:
    Seed.objects.filter(pk=factories.make_seed("Never").pk).update(next_slot=None)


def _unopened_run(monkeypatch: pytest.MonkeyPatch) -> None:
    factories.make_run(factories.make_seed(schedule="manual"), "due", at=timezone.now() - HOUR)


def _stuck_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    factories.make_batch(state="parsed", due_at=timezone.now() - HOUR)


def _missed_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    factories.make_run(factories.make_seed(next_slot=now + HOUR), "missed", at=now, finished_at=now)


def _fallen_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    run = factories.make_run(factories.make_seed(schedule="manual", next_slot=None), compared=True)
    fall = {"since": timezone.now().isoformat(), "pages": []}
    counts = {"pages": 9, "holding": 9, "records": 9, "fields": {"price": [0, 0]}}
    Coverage.objects.create(run=run, collection="products", fallen={"price": fall}, **counts)


def _broken_promise(monkeypatch: pytest.MonkeyPatch) -> None:
    seed = factories.make_seed(schedule="manual", next_slot=None)
    values = {"deadline": time(6), "broken_since": timezone.now(), "reasons": ["Only 2 of at least 9 pages."]}
    Promise.objects.create(seed=seed, **values)


PLANTED: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "archive-room": _no_room,
    "archive-failing": _failed_write,
    "clock-back": _clock_back,
    "slots-ahead": _slots_ahead,
    "no-progress": _no_progress,
    "exports-stuck": _export_not_taken,
    "queue-long": _long_queue,
    "restarts": _restarts,
    "beat": _dead_beat,
    "worker-gone": _dead_worker,
    "queue-unserved": _idle_queue,
    "clock-entries": _malformed_entry,
    "slots-overdue": _overdue_slot,
    "slots-never": _seed_without_slot,
    "runs-unopened": _unopened_run,
    "batches-overdue": _stuck_batch,
    "seeds-missed": _missed_seed,
    "seeds-fell": _fallen_seed,
    "promises-broken": _broken_promise,
}


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[DataFolder]:
    """A data folder with a keeper."""
    folder = DataFolder(tmp_path / "kept")
    folder.path.mkdir()
    assert folder.lock()
    folder.write_state({"kind": "up", "pid": 1, "started_at": timezone.now().isoformat(), "children": {}})
    yield folder
    folder.unlock()


@pytest.mark.every_database
def test_when_all_is_well_nobody_tells_a_problem(client: Client, kept: DataFolder):
    assert client.get("/health/").json()["status"] == "ok"
    assert status.state_of(kept)["problems"] == []
    told_in_short(client, kept, "All is well.")
    assert doctor.examine(CheckOptions(timezone.now())).problems == []
    assert "crawlbeat_problems 0\n" in client.get("/metrics").content.decode()


@pytest.mark.parametrize("code", PLANTED)
def test_a_problem_has_the_same_words_everywhere(code: str, client: Client, kept: DataFolder, monkeypatch):
    PLANTED[code](monkeypatch)
    health = client.get("/health/").json()
    assert health["status"] == "degraded"
    (finding,) = health["details"]["findings"]
    assert finding["code"] == code
    sentence = finding["told"]
    assert health["details"]["problems"] == [sentence]
    state = status.state_of(kept)
    assert _told_alike(sentence, state["problems"])
    assert f"Problem: {state['problems'][0]}" in status.lines(state)
    report = doctor.examine(CheckOptions(timezone.now()))
    assert [problem.code for problem in report.problems] == [code]
    assert _told_alike(sentence, [problem.told for problem in report.problems])
    told_in_short(client, kept, health["details"]["summary"])
    metrics = client.get("/metrics").content.decode()
    assert "crawlbeat_problems 1\n" in metrics
    assert f'crawlbeat_problem{{check="{code}"}} 1\n' in metrics


def told_in_short(client: Client, kept: DataFolder, sentence: str) -> None:
    """See that health, status, the doctor and the dashboard say this, and nothing else, of the whole."""
    assert client.get("/health/").json()["details"]["summary"] == sentence
    assert status.state_of(kept)["summary"] == sentence
    assert status.lines(status.state_of(kept))[-1] == sentence
    assert lines(doctor.examine(CheckOptions(timezone.now())))[-1] == sentence
    factories.log_in(client, "operator")
    page = client.get("/engine/").content.decode()
    assert f">{sentence}<" in " ".join(page.split()).replace("> ", ">").replace(" <", "<")
    assert ("All is well" in page) == sentence.startswith("All is well")


@pytest.mark.every_database
def test_what_one_place_calls_well_no_other_calls_a_trouble(client: Client, kept: DataFolder):
    now, got = timezone.now(), [Got("http://shop.example/", Outcome.FAILED, "timeout", None)]
    once = factories.make_seed("Failed once", next_slot=now + HOUR)
    factories.crawl(once, [Got("http://shop.example/")], at=now - 2 * HOUR)
    factories.crawl(once, got, at=now - HOUR)
    index_in_turn(now, lambda: False)
    told_in_short(client, kept, "1 seed is worth a look.")
    assert client.get("/health/").json()["status"] == "ok"  # the next run may mend it: no monitor is called
    factories.crawl(once, got, at=now)
    by_hand = factories.make_seed("By hand", schedule="manual")
    factories.crawl(by_hand, got, at=now)
    one_off = factories.make_seed("Command", schedule="manual", origin=Seed.Origin.COMMAND)
    factories.crawl(one_off, got, at=now)
    told_in_short(client, kept, "1 seed needs you, 1 seed is worth a look.")
    for seed in (once, by_hand):
        client.post(f"/seeds/{seed.pk}/mute/")
    told_in_short(client, kept, "All is well; 2 seeds are muted.")
    client.post(f"/seeds/{once.pk}/unmute/")
    heartbeats.beat("parse@gone", now - HOUR)
    told_in_short(client, kept, "1 problem, 1 seed needs you; 1 seed is muted.")


def _told_alike(sentence: str, others: list[str]) -> bool:
    """The same, but for seconds that have passed meanwhile."""
    return [_without_numbers(other) for other in others] == [_without_numbers(sentence)]


def _without_numbers(text: str) -> str:
    return "".join(sign for sign in text if not sign.isdigit())


def test_an_export_that_was_begun_long_ago_does_not_advance(monkeypatch):
    _export_without_end(monkeypatch)
    assert [problem.code for problem in doctor.examine(CheckOptions(timezone.now())).problems] == [
        "exports-stuck"
    ]


def test_the_next_write_that_works_takes_a_failure_back(monkeypatch):
    _failed_write(monkeypatch)
    objects.write_object("batches/x", objects.SEGMENT, b"x")
    SignsOfLife("all@a", queues=QUEUE_NAMES).give_sign()
    assert report(timezone.now())["problems"] == []


def test_fetching_that_goes_on_is_progress(monkeypatch):
    _no_progress(monkeypatch)
    factories.make_batch(state="stored", due_at=timezone.now())
    assert report(timezone.now())["problems"] == []


def test_a_beat_that_died_in_the_future_is_dead():
    heartbeats.beat(heartbeats.BEAT, timezone.now() + HOUR)
    state = report(timezone.now())
    assert not state["beat"]["alive"]
    assert {finding["code"] for finding in state["findings"]} == {"beat", "clock-back"}
    assert "in the future" in state["problems"][0]


def test_deaths_are_forgotten_in_time():
    long_ago = timezone.now() - 2 * deaths.WINDOW
    for _ in range(deaths.MANY):
        deaths.note("worker-parse", "a", long_ago)
    assert report(timezone.now())["problems"] == []
    assert deaths.note("worker-parse", "a", timezone.now()) == 1


@contextmanager
def _held_by_another(kind: str) -> Iterator[None]:
    """Another process has written and does not commit."""
    if kind == "sqlite":
        other = sqlite3.connect(conf.DATABASES["default"]["NAME"], isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
    else:
        other = connection.copy()
        other.set_autocommit(False)
        other.cursor().execute("UPDATE catalog_heartbeat SET seen_at = seen_at")
    try:
        yield
    finally:
        other.rollback() if kind != "sqlite" else other.execute("ROLLBACK")
        other.close()


@pytest.mark.django_db(transaction=True)
def test_a_write_lock_that_is_held_is_told(monkeypatch):
    monkeypatch.setattr(writing, "HELD_SECONDS", 0.0)
    for name in (heartbeats.BEAT, "all@a"):
        heartbeats.beat(name, timezone.now() - HOUR, queues=QUEUE_NAMES)
    codes = {finding["code"] for finding in report(timezone.now())["findings"]}
    assert "write-lock" not in codes
    with _held_by_another(connection.vendor):
        codes = {finding["code"] for finding in report(timezone.now())["findings"]}
    assert "write-lock" in codes


@pytest.mark.every_database
def test_the_checks_do_not_read_more_with_more_rows(django_assert_max_num_queries):
    now = timezone.now()
    for number in range(20):
        factories.make_seed(f"seed {number}", next_slot=now - HOUR)
        factories.make_host(f"http://{number}.test/", rank=15, due_at=now - HOUR)
        heartbeats.beat(f"w{number}@a", now)
    with django_assert_max_num_queries(30):
        report(now)
