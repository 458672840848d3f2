"""Many seeds changed behind the signals' back, and processes that end between a commit and its message."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import redis
from django.core.management import call_command
from django.utils import timezone

from catalog.models import Run, Seed
from scheduler import redis_server, sweeps
from scheduler.clock import entries
from scheduler.clock.reconcile import reconcile_entries
from tests.harness.processes import Processes

SEEDS = 2000
SLOT = datetime(2126, 3, 1, 12, 0, tzinfo=UTC)
DIES = """
import os, sys
import django
django.setup()
from django.db import transaction
from django.utils import timezone
from catalog.models import Run, Seed
from pipelines.runs import create_run
from scheduler import dispatch
with transaction.atomic():
    transaction.on_commit(lambda: os._exit(9))
    seed = Seed.objects.create(name="of the dead", start_urls="http://127.0.0.1:9/", interval_seconds=3600)
    dispatch.open_run(create_run(seed, Run.Kind.MANUAL, timezone.now(), timezone.now()))
"""


def make(count: int) -> list[Seed]:
    seeds = [
        Seed(
            name=f"seed {number}", start_urls="http://one.test/", interval_seconds=3600,
            next_slot=SLOT + timedelta(seconds=number),
        )
        for number in range(count)
    ]  # fmt: skip
    return Seed.objects.bulk_create(seeds, batch_size=500)


def scores(clock: redis.Redis) -> dict[str, float]:
    found = clock.zrange(entries.SCHEDULE, 0, -1, withscores=True)
    return {key: score for key, score in found if ":seed:" in key}


@pytest.mark.django_db
def test_thousands_of_seeds_changed_in_bulk_are_told_to_the_clock_and_no_other_moves(
    valkey: redis.Redis, tmp_path: Path
) -> None:
    clock = redis_server.client(redis_server.CLOCK)
    seeds = make(SEEDS)
    reconcile_entries()
    before = scores(clock)
    assert len(before) == SEEDS

    disabled, deleted, moved, loaded = (
        Seed.objects.filter(pk__in=[seed.pk for seed in seeds[first::5]]) for first in range(4)
    )
    untouched = {entries.key_of(seed.pk) for seed in seeds[4::5]}
    gone = {entries.key_of(pk) for rows in (disabled, deleted) for pk in rows.values_list("pk", flat=True)}
    disabled.update(enabled=False)
    deleted._raw_delete(deleted.db)  # as SQL would
    moved.update(next_slot=SLOT - timedelta(hours=1))
    fixture = tmp_path / "seeds.json"
    some = ",".join(str(pk) for pk in loaded.values_list("pk", flat=True)[:50])
    call_command("dumpdata", "catalog.seed", primary_keys=some, output=str(fixture))
    loaded.filter(pk__in=some.split(",")).delete()
    call_command("loaddata", str(fixture), verbosity=0)

    reconcile_entries()
    after = scores(clock)
    assert after.keys() == before.keys() - gone
    slots = {
        entries.key_of(pk): slot.timestamp()
        for pk, slot in Seed.objects.exclude(next_slot=None).values_list("pk", "next_slot")
    }
    assert after == slots
    assert {key: after[key] for key in untouched} == {key: before[key] for key in untouched}


@pytest.mark.django_db(transaction=True)
def test_what_a_process_that_died_after_its_commit_did_not_send_is_sent_later(
    processes: Processes, valkey: redis.Redis
) -> None:
    process = processes.run("dies", [sys.executable, "-c", DIES])
    assert process.popen.wait(60) == 9, process.output()
    seed = Seed.objects.get(name="of the dead")
    clock = redis_server.client(redis_server.CLOCK)
    assert valkey.llen("control") == 0
    assert not scores(clock)
    reconcile_entries()
    assert scores(clock) == {entries.key_of(seed.pk): seed.next_slot.timestamp()}
    sweeps.sweep(timezone.now() + timedelta(seconds=30))
    assert Run.objects.get(seed=seed, kind=Run.Kind.MANUAL).state == Run.State.OPEN
