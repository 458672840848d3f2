"""The doctor: each thing that can be wrong is broken here, and is named."""

from __future__ import annotations

import errno
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import redis
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.models import Batch, Host, Run, Seed, Snapshot, Visit
from crawler.outcomes import Outcome
from pipelines import archive as objects
from pipelines.search.indexing import index_in_turn
from scheduler import doctor
from scheduler.checks import archive as archive_checks
from scheduler.checks import broker as broker_checks
from scheduler.clock import reconcile
from scheduler.doctor import CheckOptions, Level, Report, broker, database
from scheduler.doctor import archive as archive_doctor
from scheduler.process import heartbeats
from scheduler.queues import QUEUE_NAMES
from tests import factories
from tests.factories import Got
from tests.harness.environment import ROOT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey", "archive")]
NOTES = {"time-scale"}  # of the tests' own environment
LATER = factories.NOW + timedelta(days=1)
LONG_AGO = timedelta(days=2)


def look(**how: bool) -> Report:
    return doctor.examine(CheckOptions(timezone.now(), **how))


def codes(report: Report) -> set[str]:
    return {finding.code for finding in report.findings} - NOTES


@pytest.fixture
def well(settings) -> Run:
    """An installation without a fault: who works, and a finished run with its versions."""
    settings.HEARTBEAT_SECONDS = 100  # the signs of life last as long as the test
    now = timezone.now()
    heartbeats.beat(heartbeats.BEAT, now)
    heartbeats.beat("all@a", now, pool="celery.concurrency.thread", slots=8, queues=QUEUE_NAMES)
    seed = factories.make_seed(schedule="manual")
    got = [Got(f"http://shop.example/{n}") for n in range(3)]
    run = factories.crawl(
        seed, [*got, Got("http://shop.example/no", Outcome.FAILED, "http_404", 404, depth=1)]
    )
    Batch.objects.update(live_bytes=1)  # of a batch with versions
    index_in_turn(now, lambda: False)
    return run


def opened(run: Run) -> Run:
    Run.objects.filter(pk=run.pk).update(state=Run.State.OPEN, finished_at=None)
    return run


@pytest.mark.every_database
def test_a_sound_installation_has_no_findings(well: Run):
    report = look(whole=True)
    assert report.plain()["findings"] == [
        {
            "code": "time-scale",
            "told": "CRAWLBEAT_TIME_SCALE is 0.1: leases, retries and sweeps are scaled by it.",
            "advice": "Unset it outside of tests.",
            "level": "note",
            "examples": [],
            "seeds": [],
        }
    ]
    assert report.plain()["healthy"]
    assert set(report.looked_at) == set(doctor.AREAS)


def _stale_lease(run: Run) -> None:
    Host.objects.update(lease_owner="w@gone", lease_token="t", lease_until=timezone.now() - LONG_AGO)


def _stuck_batch(run: Run) -> None:
    Batch.objects.update(state=Batch.State.PARSED, due_at=timezone.now() - LONG_AGO)


def _unopened_run(run: Run) -> None:
    factories.make_run(run.seed, Run.State.DUE, at=timezone.now() - LONG_AGO)


def _overdue_slot(run: Run) -> None:
    factories.make_seed("Late", next_slot=timezone.now() - LONG_AGO)


def _seed_without_slot(run: Run) -> None:
    seed = factories.make_seed("Never")
    Seed.objects.filter(pk=seed.pk).update(next_slot=None)


def _wrong_counter(run: Run) -> None:
    Run.objects.filter(pk=opened(run).pk).update(stored=2)


def _lost_visit(run: Run) -> None:
    opened(run)
    lost = Visit.objects.filter(outcome=Outcome.FAILED)
    lost.update(state=Visit.State.FETCHED, outcome=None, reason=None, batch=None)
    Run.objects.update(failed=0)


def _missing_segment(run: Run) -> None:
    objects.delete_object(Batch.objects.get().folder, objects.SEGMENT)


def _short_segment(run: Run) -> None:
    batch = Batch.objects.get()
    objects.write_object(batch.folder, objects.SEGMENT, b"\x1f\x8b")


def _rotten_segment(run: Run) -> None:
    """One bit of a body has changed on the disk."""
    version = Snapshot.objects.order_by("pk")[1]
    batch = Batch.objects.get()
    segment = bytearray(objects.read_object(batch.folder, objects.SEGMENT))
    segment[version.offset + version.length - 12] ^= 1
    objects.write_object(batch.folder, objects.SEGMENT, bytes(segment))


def _orphan(run: Run) -> None:
    objects.write_object(objects.new_folder(timezone.now() - LONG_AGO), objects.SEGMENT, b"x")


def _no_beat(run: Run) -> None:
    heartbeats.stop(heartbeats.BEAT)


def _old_beat(run: Run) -> None:
    heartbeats.beat(heartbeats.BEAT, timezone.now() - timedelta(hours=1))


def _dead_worker(run: Run) -> None:
    heartbeats.beat("parse@gone", timezone.now() - timedelta(hours=1))


def _nobody_parses(run: Run) -> None:
    heartbeats.beat("all@a", timezone.now(), queues=[queue for queue in QUEUE_NAMES if "parse" not in queue])


def _seed_with_an_old_pattern(run: Run) -> None:
    Seed.objects.filter(pk=run.seed_id).update(exclude="*.jpg\nre:^(?!x)")


def _malformed_entries(run: Run) -> None:
    heartbeats.beat(reconcile.HEART, timezone.now(), broken=["redbeat:x"])


BROKEN: dict[str, Callable[[Run], None]] = {
    "stale-leases": _stale_lease,
    "batches-overdue": _stuck_batch,
    "runs-unopened": _unopened_run,
    "slots-overdue": _overdue_slot,
    "slots-never": _seed_without_slot,
    "seeds-patterns": _seed_with_an_old_pattern,
    "counters": _wrong_counter,
    "visits-lost": _lost_visit,
    "segments-missing": _missing_segment,
    "segments-short": _short_segment,
    "orphan-folders": _orphan,
    "beat": _no_beat,
    "worker-gone": _dead_worker,
    "queue-unserved": _nobody_parses,
    "clock-entries": _malformed_entries,
}


@pytest.mark.every_database
@pytest.mark.parametrize("code", BROKEN)
def test_what_is_broken_is_named(well: Run, code: str):
    BROKEN[code](well)
    report = look()
    assert codes(report) == {code}
    (found,) = report.problems
    assert found.told.endswith(".")
    assert found.advice.endswith(".")


def test_a_beat_that_went_silent_is_named(well: Run):
    _old_beat(well)
    (found,) = look().problems
    assert found.code == "beat"
    assert "3,600 s old" in found.told


def test_while_nothing_runs_only_what_cannot_heal_is_a_problem(well: Run):
    heartbeats.stop(heartbeats.BEAT)
    for break_it in (_stale_lease, _stuck_batch, _unopened_run, _overdue_slot, _orphan):
        break_it(well)
    report = look(running=False)
    assert report.left_out == {"Redis": "nothing runs here", "processes": "nothing runs here"}
    assert codes(report) >= {"stale-leases", "batches-overdue", "runs-unopened", "orphan-folders"}
    assert report.problems == []
    _wrong_counter(well)
    assert [found.code for found in look(running=False).problems] == ["counters"]


def test_a_young_orphan_is_nobody_s_fault(well: Run):
    objects.write_object(objects.new_folder(timezone.now()), objects.SEGMENT, b"x")
    assert codes(look()) == set()
    objects.write_object(objects.new_folder(timezone.now() - timedelta(hours=2)), objects.SEGMENT, b"x")
    (note,) = [found for found in look().findings if found.code == "orphan-folders"]
    assert note.level == Level.NOTE


def test_only_the_latest_segments_are_looked_at_unless_all_are_wanted(well: Run, monkeypatch):
    _missing_segment(well)
    factories.crawl(well.seed, [Got("http://shop.example/new")], at=factories.NOW + timedelta(days=1))
    Batch.objects.update(live_bytes=1)
    index_in_turn(timezone.now(), lambda: False)
    monkeypatch.setattr(archive_doctor, "LATEST", 1)
    assert codes(look()) == set()
    assert codes(look(whole=True)) == {"segments-missing"}


def test_bit_rot_is_found_when_all_is_looked_at(well: Run):
    assert codes(look(whole=True)) == set()
    _rotten_segment(well)
    assert codes(look()) == set()
    (found,) = look(whole=True).problems
    assert (found.code, len(found.examples)) == ("segments-damaged", 1)
    assert "http://shop.example/1" in found.examples[0]


def test_a_body_of_another_page_is_found(well: Run):
    factories.crawl(
        well.seed, [Got(f"http://other.example/{n}", text=f"text {n}") for n in range(2)], at=LATER
    )
    Batch.objects.update(live_bytes=1)
    index_in_turn(timezone.now(), lambda: False)
    first, second = Snapshot.objects.order_by("-pk")[:2]
    Snapshot.objects.filter(pk=first.pk).update(offset=second.offset, length=second.length)
    assert codes(look(whole=True)) == {"segments-damaged"}


@pytest.mark.parametrize("whole", [False, True])
def test_an_archive_that_cannot_be_asked_is_told_from_a_segment_that_is_lost(well: Run, monkeypatch, whole):
    """As S3 that is away, or a folder that may not be read: nothing is known to be lost."""

    def refused(*args: object, **options: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("catalog.storage.WholeFileStorage.size", refused)
    monkeypatch.setattr("catalog.storage.WholeFileStorage.open", refused)
    (found,) = look(whole=whole).problems
    assert found.code == "archive-unreadable"
    assert "Permission denied" in found.examples[0]


@pytest.mark.every_database
def test_data_of_a_newer_release_are_named(well: Run):
    MigrationRecorder(connection).record_applied("catalog", "0999_of_tomorrow")
    (found,) = look().problems
    assert found.code == "data-newer"
    assert "0999_of_tomorrow" in found.told


def test_a_file_that_was_set_aside_is_told_once_more(well: Run, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    (tmp_path / "appendonlydir.broken-20260101T000000").mkdir()
    (note,) = [finding for finding in look().findings if finding.code not in NOTES]
    assert (note.code, note.level) == ("redis-set-aside", Level.NOTE)


def test_an_archive_that_cannot_be_written_is_named(well: Run, archive: Path, monkeypatch):
    def full(*args: object, **options: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("catalog.storage.WholeFileStorage._write", full)
    (found,) = look().problems
    assert found.code == "archive-unwritable"
    assert "no space is left" in found.told


def test_little_room_is_named(well: Run, monkeypatch):
    monkeypatch.setattr(archive_checks, "LEAST_FREE", 1 << 62)
    monkeypatch.setattr(archive_checks, "LEAST_SHARE", 1.0)
    assert codes(look()) == {"archive-room"}


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("SECRET_KEY", "short", "secret-key"),
        ("DEBUG", True, "debug"),
        ("ALLOWED_HOSTS", ["*"], "allowed-hosts"),
        ("CONTACT_URL", "https://example.org/set-CRAWLBEAT_CONTACT", "contact"),
        ("HOST_LEASE_SECONDS", 0.5, "lease-length"),
        ("UNKNOWN_VARIABLES", ["CRAWLBEAT_MINE"], "unknown-variable"),
    ],
)
def test_settings_that_are_dangerous_or_forgotten_are_named(well: Run, settings, name, value, code):
    setattr(settings, name, value)
    assert codes(look()) == {code}


def test_a_redis_that_is_away_is_named(well: Run, monkeypatch, tmp_path):
    nowhere = redis.Redis(unix_socket_path=f"{tmp_path}/nothing.sock")
    for module in (broker, broker_checks):
        monkeypatch.setattr(module, "client", lambda database: nowhere)
    assert codes(look()) == {"redis-away"}


def test_a_redis_that_forgets_is_named(well: Run, valkey):
    valkey.config_set("maxmemory-policy", "allkeys-lru")
    valkey.config_set("appendonly", "no")
    valkey.config_set("maxmemory", "1")
    try:
        assert codes(look()) >= {"redis-eviction", "redis-persistence", "redis-memory"}
    finally:
        valkey.config_set("maxmemory", "0")
        valkey.config_set("maxmemory-policy", "noeviction")
        valkey.config_set("appendonly", "yes")


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"redis_version": "6.2.1"}, "redis-version"),
        ({"aof_last_write_status": "err"}, "redis-disk"),
        ({"connected_clients": 9999}, "redis-connections"),
    ],
)
def test_what_the_server_says_of_itself_is_read(well: Run, valkey, monkeypatch, told, code):
    real = valkey.info("everything")

    class Server(redis.Redis):
        def info(self, *sections: str, **kwargs: object) -> dict[str, object]:
            return {**real, **told}

        def ping(self, **kwargs: object) -> bool:
            return True

    for module in (broker, broker_checks):
        monkeypatch.setattr(module, "client", lambda database: Server())
    assert codes(look()) == {code}


def test_a_clock_that_is_off_is_named(well: Run, monkeypatch):
    monkeypatch.setattr(database, "db_now", lambda: datetime.now(UTC) + timedelta(minutes=5))
    assert codes(look()) == {"clock"}


@pytest.mark.every_database
@pytest.mark.skipif(connection.vendor != "postgresql", reason="limits of a server")
def test_more_workers_than_connections_are_named(well: Run):
    for number in range(20):
        queues = {"pool": "celery.concurrency.thread", "slots": 8, "queues": QUEUE_NAMES}
        heartbeats.beat(f"w{number}@a", timezone.now(), **queues)
    assert codes(look()) == {"database-limit"}


@pytest.mark.every_database
def test_old_servers_are_named(well: Run, monkeypatch):
    monkeypatch.setattr(database, "OLDEST_POSTGRESQL", 10**9)
    monkeypatch.setattr(database, "OLDEST_SQLITE", (99,))
    assert codes(look()) <= {"postgresql-version", "sqlite-version"} != set()


@pytest.mark.every_database
def test_missing_migrations_are_named_and_no_row_is_read():
    MigrationRecorder(connection).migration_qs.filter(app="catalog").delete()
    with CaptureQueriesContext(connection) as queries:
        report = look()
    assert [found.code for found in report.problems] == ["migrations"]
    assert set(report.left_out) == {"processes", "work", "promises", "channels", "archive"}
    assert "django_migrations" in str(queries.captured_queries)
    assert "catalog_" not in str([query["sql"] for query in queries.captured_queries])


@pytest.mark.every_database
def test_versions_of_every_run_are_counted(well: Run):
    assert Snapshot.objects.count() == 3
    assert list(doctor.work.check_counters(Run.objects.all())) == []


def test_every_finding_is_documented():
    named = set()
    folders = [ROOT / "scheduler" / "doctor", ROOT / "scheduler" / "checks"]
    for path in [
        *(path for folder in folders for path in folder.glob("*.py")),
        ROOT / "console" / "checks.py",
    ]:
        named |= set(re.findall(r'Finding\(\s*"([a-z-]+)"', path.read_text()))
    table = (ROOT / "docs" / "operations.md").read_text().partition("| finding")[2].partition("\n\n")[0]
    made = {"archive-room", "database-room", "seeds-missed", "seeds-failing", "seeds-setback", "seeds-muted"}
    assert named | made | {database.MIGRATIONS} == set(re.findall(r"`([a-z-]+)`", table))
