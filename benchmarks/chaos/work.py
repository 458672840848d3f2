"""The process that runs the chaos: ``python -m benchmarks.chaos.work FOLDER``."""

from __future__ import annotations

import contextlib
import logging
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import msgspec

import benchmarks.kit.django_ready  # noqa: F401  before the tables
from benchmarks.chaos import data_promises, promises, told
from benchmarks.chaos.bench import Order, Outcome
from benchmarks.chaos.faults import Scene, kinds, plan
from benchmarks.chaos.feed_reader import FeedReader
from benchmarks.chaos.load import Load
from benchmarks.chaos.up import CHILDREN, Up
from catalog.clock import db_now
from catalog.models import Event, Record, RecordVersion, Run, Shipment
from pipelines.changes.gone import compare_run, runs_to_compare
from pipelines.quality.measure import measure_run
from scheduler.redis_server import AWAY, forget_outage
from scheduler.watch import counters
from tests.harness.servers import Postgres
from tests.harness.small_disk import SmallDisk
from tests.harness.waiting import wait_until

PAUSE = 12.0  # seconds between two faults on average, times the scale
SETTLE_SECONDS = 300.0  # until everything has ended, at most
RACE = 32  # pages that may be requested between the count and the fault
SENTENCES = 20  # about records, at most
AT_WORK = 8  # pages of the large crawl requested after a fault: then it goes on
PATIENCE = 120.0  # seconds after a fault's end within which it must go on: a lost batch is due after 60

log = logging.getLogger("chaos")


def main(folder: Path) -> None:
    """Do what the order says and write the outcome."""
    order = msgspec.json.decode((folder / "order.json").read_bytes(), type=Order)
    outcome = Outcome()
    began = time.monotonic()
    with _servers(order, folder) as (up, postgres):
        load = Load(order.pages, order.scale, random.Random(f"load {order.dice}"))
        with load.web, load.shop_web, load.receiver.web:
            load.begin()
            feed = FeedReader(folder / "changes.jsonl")
            scene = Scene(up, random.Random(order.dice), order.scale, load, postgres)
            _inject_faults(order, outcome, load, scene)
            outcome.broken += scene.broken
            _settle(outcome, load, up)
            outcome.broken += _broken(outcome, load, up)
            _check_data(outcome, feed)
            _check_told(outcome, load)
            _check_shipped(outcome, load)
        if (status := up.stop()) != 0:
            outcome.broken.append(f"up ended with {status}")
    outcome.seconds = time.monotonic() - began
    (folder / "outcome.json").write_bytes(msgspec.json.encode(outcome))


@contextlib.contextmanager
def _servers(order: Order, folder: Path) -> Iterator[tuple[Up, Postgres | None]]:
    postgres = Postgres(folder, durable=True) if order.database == "postgres" else None
    up = None
    try:
        disk = SmallDisk(Path(os.environ["CRAWLBEAT_ARCHIVE"]))
        up = Up(folder, disk)
        yield up, postgres
    finally:
        if up is not None:
            up.kill()
        if postgres is not None:
            postgres.stop()


def _inject_faults(order: Order, outcome: Outcome, load: Load, scene: Scene) -> None:
    """Faults in random order, one after the other or some at the same time."""
    outcome.disk = scene.up.disk.kind
    deadline = time.monotonic() + order.minutes * 60
    missing = kinds(postgres=scene.postgres is not None)
    happened: Counter[str] = Counter()
    faults = plan(scene.dice, postgres=scene.postgres is not None)
    _await_work(load)
    while missing or time.monotonic() < deadline:
        together = dict(islice(faults, order.together))
        before = load.in_hand()
        log.warning("%s, with %d pages in hand", " and ".join(together), before)
        for fault in together.values():
            fault(scene)
        happened.update(together.keys())
        missing -= together.keys()
        outcome.in_hand += max(before, load.in_hand()) + RACE
        _recover(outcome, load, " and ".join(together))
        load.go_on(scene.dice.uniform(0.3, 1.7) * PAUSE * order.scale)
    outcome.faults = dict(happened)


def _recover(outcome: Outcome, load: Load, name: str) -> None:
    seconds = _await_work(load)
    if seconds >= PATIENCE:
        outcome.broken.append(f"the crawl did not go on within {PATIENCE:g} s after: {name}")
    outcome.recovered[name] = max(outcome.recovered.get(name, 0.0), round(seconds, 1))


def _await_work(load: Load) -> float:
    """Wait until the crawl goes on by itself, so that each fault meets a working one; the seconds waited."""
    began, goal = time.monotonic(), load.crawled() + AT_WORK
    while load.crawled() < goal and time.monotonic() - began < PATIENCE:
        load.go_on(0.1)
    load.forget_repeats()
    return time.monotonic() - began


def _settle(outcome: Outcome, load: Load, up: Up) -> None:
    """Wait until everything has ended by itself."""
    began = time.monotonic()
    forget_outage()
    load.end()
    for name in CHILDREN:
        up.pid(name)
    load.receiver.recover()
    try:
        wait_until(_settled, SETTLE_SECONDS, what="everything has ended", every=0.2)
    except AssertionError:
        outcome.broken.append(f"not everything has ended: {promises.unsettled()}")
    if not up.answers():
        wait_until(up.answers, SETTLE_SECONDS, what="the site answers")
    outcome.settled_in = time.monotonic() - began


def _settled() -> bool:
    try:
        return promises.settled()
    except AWAY:
        return False


def _broken(outcome: Outcome, load: Load, up: Up) -> list[str]:
    """Note the figures of what has ended; a sentence for each broken promise."""
    outcome.runs = dict(Counter(Run.objects.values_list("kind", flat=True)))
    outcome.pages = sum(run.stored + run.unchanged for run in Run.objects.all())
    outcome.slots = dict(Counter(Run.objects.filter(kind="scheduled").values_list("state", flat=True)))
    outcome.requests, outcome.refused = load.requests(), load.refused
    outcome.repeats = load.repeated()
    outcome.expiries = counters.expiries()
    sentences = []
    if outcome.repeats > outcome.in_hand:
        sentences.append(f"{outcome.repeats} requests were repeated, with {outcome.in_hand} pages in hand")
    up.disk.keep()
    return [*sentences, *promises.broken(load)]


def _check_data(outcome: Outcome, feed: FeedReader) -> None:
    """Records and feed, after the last run was compared with what was there before."""
    for run_id in runs_to_compare():
        measure_run(run_id, db_now())
        compare_run(run_id, db_now())
    outcome.feed_kills = feed.end()
    outcome.records = Record.objects.count()
    outcome.earlier, outcome.gone = (
        RecordVersion.objects.count(),
        Record.objects.exclude(gone_at=None).count(),
    )
    outcome.broken += islice(data_promises.broken(feed), SENTENCES)


def _check_told(outcome: Outcome, load: Load) -> None:
    """What a receiver was told that failed all the time, after it has recovered."""
    try:
        wait_until(told.settled, SETTLE_SECONDS, what="everything was told", every=0.2)
    except AssertionError as error:
        outcome.broken.append(str(error))
    outcome.told, outcome.doubles = len(load.receiver.arrived), load.receiver.doubles
    outcome.untaken = load.receiver.refused
    outcome.events = Event.objects.count()
    outcome.broken += islice(load.receiver.broken(), SENTENCES)


def _check_shipped(outcome: Outcome, load: Load) -> None:
    """What outlets have sent since last time, each time, after the last of it has arrived."""
    for shipped in load.shipped:
        shipped.end()
    try:
        for shipped in load.shipped:
            wait_until(shipped.settled, SETTLE_SECONDS, what="everything was shipped", every=0.2)
    except AssertionError as error:
        outcome.broken.append(str(error))
    outcome.shipments = Shipment.objects.filter(state=Shipment.State.ARRIVED).count()
    outcome.shipped_gone = sum(shipped.gone for shipped in load.shipped)
    for shipped in load.shipped:
        outcome.broken += islice(shipped.broken(), SENTENCES)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
