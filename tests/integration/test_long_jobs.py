"""Exports and prunes in real workers: one at a time, taken over from the dead, never done by two."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest
from django.conf import settings
from django.core.files.storage import storages
from django.db import connection

from catalog.clock import db_now
from catalog.models import Chore, Export, Page, Seed
from catalog.sql import bulk
from scheduler import dispatch, sweeps
from tests.factories import NOW, Got, crawl, make_seed
from tests.harness.processes import Process, Processes
from tests.harness.waiting import wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(240)]
PAGES = 40_000
THREADS = ("-P", "threads", "-c", "4")


@pytest.fixture
def large(processes: Processes) -> Seed:
    """A seed whose pages keep a worker busy for a second or more."""
    seed = make_seed("Large", schedule="manual", interval_seconds=None, next_slot=None)
    crawl(seed, [Got("http://shop.example/")])
    page = Page.objects.get()
    values = {field.column: getattr(page, field.attname) for field in Page._meta.concrete_fields}
    rows = (
        values | {"id": page.pk + at, "url": f"{page.url}{at}", "fingerprint": at} for at in range(1, PAGES)
    )
    bulk.insert(Page, list(values), [list(row.values()) for row in rows])
    return seed


def freeze_when(worker: Process, busy: Callable[[], object]) -> None:
    """Stop a worker in the middle of its work, as a machine without memory does; not while it writes."""
    wait_until(busy, 60, every=0.01, what="the worker has begun")
    os.killpg(worker.pid, signal.SIGSTOP)
    while writes():
        os.killpg(worker.pid, signal.SIGCONT)
        os.killpg(worker.pid, signal.SIGSTOP)


def writes() -> bool:
    """Whether SQLite's one writer is busy."""
    if connection.vendor != "sqlite":
        return False
    with closing(sqlite3.connect(connection.settings_dict["NAME"], timeout=0.05)) as probe:
        try:
            probe.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
    return False


def prunes() -> bool:
    """Whether a worker has the lease and has begun."""
    return Chore.objects.exclude(lease_token="").exists() and Page.objects.count() < PAGES


def written(export: Export) -> int:
    """The rows in the file of an export that is done, each page once."""
    with storages["archive"].open(export.key) as file:
        urls = [json.loads(line)["url"] for line in file]
    assert len(urls) == len(set(urls))
    return len(urls)


def test_a_killed_workers_export_is_taken_up_when_its_lease_has_ended(large, processes):
    first = processes.worker("first", "control", *THREADS)
    export = Export.objects.create(kind="pages", format="jsonl", seed=large)
    row = Export.objects.filter(pk=export.pk)
    dispatch.make_export(export)
    freeze_when(first, lambda: row.get().lease_token)
    first.kill()
    assert row.get().state == Export.State.WAITING
    processes.worker("second", "control", *THREADS)

    def swept() -> bool:
        sweeps.ask_exports(db_now())
        return row.get().state == Export.State.DONE

    wait_until(swept, settings.WORK_LEASE_SECONDS + 60, what="another worker makes the export")
    assert row.get().attempts == 2
    assert written(row.get()) == row.get().rows == PAGES


def test_a_worker_that_comes_back_finds_its_export_made_and_changes_nothing(large, processes):
    first = processes.worker("first", "control", *THREADS)
    export = Export.objects.create(kind="pages", format="jsonl", seed=large)
    row = Export.objects.filter(pk=export.pk)
    dispatch.make_export(export)
    freeze_when(first, lambda: row.get().lease_token)
    processes.worker("second", "control", *THREADS)

    def swept() -> bool:
        sweeps.ask_exports(db_now())
        return row.get().state == Export.State.DONE

    wait_until(swept, settings.WORK_LEASE_SECONDS + 60, what="another worker makes the export")
    made = row.get()
    os.killpg(first.pid, signal.SIGCONT)
    first.wait_for_output("was taken over by another worker")
    assert Export.objects.values().get() == {
        field.attname: getattr(made, field.attname) for field in Export._meta.concrete_fields
    }
    assert written(made) == PAGES


def nobody_deletes() -> bool:
    """Whether no statement is at work: PostgreSQL goes on with one whose client stands still."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid() "
            "AND backend_type = 'client backend' AND datname = current_database()"
        )
        return cursor.fetchone() == (0,)


def test_one_worker_prunes_however_often_it_is_asked_for(large, processes):
    first = processes.worker("first", "control", "-P", "threads", "-c", "1")
    Seed.objects.update(deleted_at=NOW)
    dispatch.prune()
    freeze_when(first, prunes)
    wait_until(nobody_deletes, what="the server has ended what the frozen worker sent it")
    left = Page.objects.count()
    second = processes.worker("second", "control", *THREADS)
    for _ in range(6):
        dispatch.prune()
    second.wait_for_output(r"(?s)(Task prune\S+ succeeded.*){5}")
    assert Page.objects.count() == left > 0
    os.killpg(first.pid, signal.SIGCONT)
    wait_until(lambda: not Seed.objects.exists(), 60, what="the first worker goes on to the end")
    wait_until(lambda: not Chore.objects.exclude(lease_token="").exists(), 60, what="the lease is given back")


def test_a_dead_workers_prune_is_taken_over_by_the_sweep(large, processes):
    first = processes.worker("first", "control", *THREADS)
    Seed.objects.update(deleted_at=NOW)
    sweeps.ask_prune(db_now())
    freeze_when(first, prunes)
    first.kill()
    assert Page.objects.exists()
    sweeps.ask_prune(db_now())
    second = processes.worker("second", "control", *THREADS)

    def swept() -> bool:
        sweeps.ask_prune(db_now())
        return not Seed.objects.exists()

    wait_until(swept, settings.WORK_LEASE_SECONDS + 60, what="another worker prunes")
    assert second.alive
