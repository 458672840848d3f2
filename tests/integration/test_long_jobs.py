"""Exports and prunes in real workers: one at a time, taken over from the dead, never done by two."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.storage import storages
from django.db import connection

from catalog.clock import db_now
from catalog.models import Chore, Export, Page, Seed
from scheduler import dispatch, sweeps
from tests.factories import NOW, Got, crawl, make_seed, more_pages
from tests.harness import hold_work
from tests.harness.environment import overridden
from tests.harness.processes import Process, Processes
from tests.harness.waiting import wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(240)]
PAGES = 4_000  # several slices of an export, several transactions of a prune
THREADS = ("-P", "threads", "-c", "4")
FOR_EVER = 3600.0  # seconds of a lease that does not end during the test


@pytest.fixture
def large(processes: Processes) -> Seed:
    """A seed with more pages than a worker reads or deletes at once."""
    seed = make_seed("Large", schedule="manual", interval_seconds=None, next_slot=None)
    crawl(seed, [Got("http://shop.example/")])
    more_pages(Page.objects.get(), PAGES - 1)
    return seed


class First:
    """The first worker, and how it is met in the middle of its work."""

    def __init__(self, processes: Processes, folder: Path) -> None:
        self._processes = processes
        self._hold = folder / "hold"
        self._hold.touch()

    def starts(self, *options: str, **settings: object) -> None:
        variables = {hold_work.VARIABLE: str(self._hold), **(overridden(**settings) if settings else {})}
        self.worker = self._processes.worker("first", "control", *options, *hold_work.OPTION, **variables)

    def freezes(self) -> None:
        """Stand still in the middle, as on a machine without memory; not while anything is written."""
        wait_until(self._hold.read_text, 60, what="the worker is in the middle of its work")
        _freeze(self.worker)
        while writes():
            os.killpg(self.worker.pid, signal.SIGCONT)
            _freeze(self.worker)

    def goes_on(self) -> None:
        self._hold.unlink()
        os.killpg(self.worker.pid, signal.SIGCONT)


@pytest.fixture
def first(processes: Processes, tmp_path: Path) -> First:
    return First(processes, tmp_path)


def _freeze(worker: Process) -> None:
    os.killpg(worker.pid, signal.SIGSTOP)
    os.waitid(os.P_PID, worker.pid, os.WSTOPPED)  # all its threads stand


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


def written(export: Export) -> int:
    """The rows in the file of an export that is done, each page once."""
    with storages["archive"].open(export.key) as file:
        urls = [json.loads(line)["url"] for line in file]
    assert len(urls) == len(set(urls))
    return len(urls)


def test_a_killed_workers_export_is_taken_up_when_its_lease_has_ended(large, first, processes):
    first.starts(*THREADS)
    export = Export.objects.create(kind="pages", format="jsonl", seed=large)
    row = Export.objects.filter(pk=export.pk)
    dispatch.make_export(export)
    first.freezes()
    first.worker.kill()
    assert row.get().state == Export.State.WAITING
    processes.worker("second", "control", *THREADS)

    def swept() -> bool:
        sweeps.ask_exports(db_now())
        return row.get().state == Export.State.DONE

    wait_until(swept, settings.WORK_LEASE_SECONDS + 60, what="another worker makes the export")
    assert row.get().attempts == 2
    assert written(row.get()) == row.get().rows == PAGES


def test_a_worker_that_comes_back_finds_its_export_made_and_changes_nothing(large, first, processes):
    first.starts(*THREADS)
    export = Export.objects.create(kind="pages", format="jsonl", seed=large)
    row = Export.objects.filter(pk=export.pk)
    dispatch.make_export(export)
    first.freezes()
    processes.worker("second", "control", *THREADS)

    def swept() -> bool:
        sweeps.ask_exports(db_now())
        return row.get().state == Export.State.DONE

    wait_until(swept, settings.WORK_LEASE_SECONDS + 60, what="another worker makes the export")
    made = row.get()
    first.goes_on()
    first.worker.wait_for_output("was taken over by another worker")
    assert Export.objects.values().get() == {
        field.attname: getattr(made, field.attname) for field in Export._meta.concrete_fields
    }
    assert written(made) == PAGES


def test_one_worker_prunes_however_often_it_is_asked_for(large, first, processes):
    first.starts("-P", "threads", "-c", "1", WORK_LEASE_SECONDS=FOR_EVER)
    Seed.objects.update(deleted_at=NOW)
    dispatch.prune()
    first.freezes()
    left = Page.objects.count()
    assert 0 < left < PAGES
    second = processes.worker("second", "control", *THREADS)
    for _ in range(6):
        dispatch.prune()
    second.wait_for_output(r"(?s)(Task prune\S+ succeeded.*){5}")
    assert Page.objects.count() == left
    first.goes_on()
    wait_until(lambda: not Seed.objects.exists(), 60, what="the first worker goes on to the end")
    wait_until(lambda: not Chore.objects.exclude(lease_token="").exists(), 60, what="the lease is given back")


def test_a_dead_workers_prune_is_taken_over_by_the_sweep(large, first, processes):
    first.starts(*THREADS)
    Seed.objects.update(deleted_at=NOW)
    sweeps.ask_prune(db_now())
    first.freezes()
    first.worker.kill()
    assert 0 < Page.objects.count() < PAGES
    sweeps.ask_prune(db_now())
    second = processes.worker("second", "control", *THREADS)

    def swept() -> bool:
        sweeps.ask_prune(db_now())
        return not Seed.objects.exists()

    wait_until(swept, settings.WORK_LEASE_SECONDS + 60, what="another worker prunes")
    assert second.alive
