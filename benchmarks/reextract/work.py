"""Rereads what it has filled: ``python -m benchmarks.reextract.work ORDER.json``."""

from __future__ import annotations

import hashlib
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

import benchmarks.kit.django_ready  # noqa: F401  before the tables
from benchmarks.kit.bench_worker import with_keeper
from benchmarks.reextract.bench import Order, Outcome, Times
from benchmarks.reextract.filling import fill
from catalog.clock import db_now
from catalog.models import ChangeSet, Page, Reading, Record, RecordVersion, Rereading, Seed
from djsite.desk import rereadings
from embedded.keeper import Keeper, give_back_work
from embedded.services import PARSE, STORE, crawl_workers
from pipelines.changes import read_changes
from scheduler.sweeps import sweep

SWEEP_EVERY = 3.0
CHECK_EVERY = 0.2
State = Rereading.State
Look = Callable[[Rereading], object]
_TIMES = ("first_seen_at", "last_seen_at", "last_changed_at", "gone_at")


def _work(order: Order, keeper: Keeper) -> Outcome:
    began = time.monotonic()
    seed = fill(order.versions)
    outcome = Outcome(Times(), Times(), filling=time.monotonic() - began)
    keeper.start(crawl_workers(give_back_work))
    outcome.undisturbed, rereading = _reread(seed, keeper, lambda rereading: None)
    outcome.unread, outcome.records = dict(rereading.unread), Record.objects.count()
    outcome.hashes = {what: [text] for what, text in _hashes().items()}
    _undo()
    killer = _Killer(keeper, order.kills)
    outcome.disturbed, _ = _reread(seed, keeper, killer.look)
    outcome.killed = killer.killed
    for what, text in _hashes().items():
        outcome.hashes[what].append(text)
    return outcome


def _reread(seed: Seed, keeper: Keeper, look: Look) -> tuple[Times, Rereading]:
    """Read all and promote it; ``look`` is called all the time."""
    times = Times(began=time.monotonic())
    rereading = rereadings.ask(seed, db_now())

    def is_read() -> bool:
        done = rereadings.progress_of(rereading)
        times.tenth = times.tenth or (time.monotonic() if done.read * 10 > done.total > 0 else 0.0)
        return rereading.state != State.WAITING and done.read == done.total

    _until(is_read, rereading, keeper, look)
    times.read = time.monotonic()
    _until(lambda: rereading.state == State.COMPARED, rereading, keeper, look)
    times.compared = time.monotonic()
    rereadings.promote(rereading)
    _until(lambda: rereading.finished_at is not None, rereading, keeper, look)
    times.promoted, times.load = time.monotonic(), os.getloadavg()[0]
    return times, rereading


def _until(done: Callable[[], bool], rereading: Rereading, keeper: Keeper, look: Look) -> None:
    """Keep the workers alive, and sweep as the clock would, until it is done."""
    sweep_at = time.monotonic() + SWEEP_EVERY
    while not done():
        keeper.wait(CHECK_EVERY)
        rereading.refresh_from_db()
        look(rereading)
        if time.monotonic() >= sweep_at:
            sweep(db_now())
            sweep_at = time.monotonic() + SWEEP_EVERY


class _Killer:
    """Kills the worker that is at it: once while versions are read, while they are compared, and promoted."""

    def __init__(self, keeper: Keeper, kills: int) -> None:
        self._keeper = keeper
        self._left = ["reading", "comparing", "promoting"][:kills]
        self.killed: list[str] = []

    def look(self, rereading: Rereading) -> None:
        """Kill if a step that is left has begun."""
        step = self._step_of(rereading)
        if step in self._left:
            name = PARSE if step == "reading" else STORE
            process = self._keeper.supervisor.children[name].process
            assert process is not None
            os.kill(process.pid, signal.SIGKILL)
            self._left.remove(step)
            self.killed.append(f"{name} while {step}")

    def _step_of(self, rereading: Rereading) -> str:
        if rereading.state == State.PROMOTING and rereading.place:
            return "promoting"
        if rereading.state != State.READING:
            return ""
        if rereading.place:
            return "comparing"
        done = rereadings.progress_of(rereading)
        return "reading" if done.read * 3 > done.total else ""


def _hashes() -> dict[str, str]:
    """Of all records, their earlier values and the feed, without what no two rereadings have in common."""
    records = Record.objects.order_by("key_hash").values_list(
        "key", "values", "problems", "page__url", "also_on", "position", "snapshot", "rule_set", *_TIMES
    )
    versions = RecordVersion.objects.order_by("record__key_hash", "since").values_list(
        "record__key", "values", "snapshot", "rule_set", "since", "until"
    )
    feed = (
        (each.kind, each.of, each.key, each.url, each.values, each.old, each.at) for each in read_changes()
    )
    return {
        "records": _hash(records.iterator()),
        "earlier values": _hash(versions.iterator()),
        "feed": _hash(sorted(map(repr, feed))),
    }


def _hash(rows: Iterable[object]) -> str:
    digest = hashlib.sha256()
    for row in rows:
        digest.update(msgspec.json.encode(row))
    return digest.hexdigest()


def _undo() -> None:
    """As if nothing had been read again."""
    for table in (RecordVersion, Record, Reading, ChangeSet, Rereading):
        table.objects.all().delete()
    Page.objects.update(rule_set=None)


if __name__ == "__main__":
    with_keeper(Path(sys.argv[1]), Order, _work)
