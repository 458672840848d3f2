"""The tasks in real workers, and the clock in a real beat: from a due slot to a closed run."""

from __future__ import annotations

import inspect
import os
import signal
import socket
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from django_celery_results.models import TaskResult

from catalog.models import Batch, Heartbeat, Host, Run, Seed, Visit
from djsite.desk import health
from pipelines import runs
from scheduler import dispatch, tasks
from scheduler.app import app
from scheduler.clock import entries
from scheduler.clock.reconcile import reconcile_entries
from scheduler.queues import QUEUE_NAMES
from scheduler.redis_server import CLOCK, client
from tests.factories import due_run, make_host, make_web_seed
from tests.fakeweb import Answer, FakeWeb, linked_site
from tests.harness.environment import overridden
from tests.harness.processes import Process, Processes
from tests.harness.waiting import wait_until

PAGES = 30
THREADS = ("-P", "threads", "-c", "8")
EVERY_QUEUE = ",".join(QUEUE_NAMES)
FOR_EVER = 3600.0  # seconds


@pytest.fixture
def web() -> Iterator[FakeWeb]:
    with FakeWeb(linked_site(pages=PAGES)) as running:
        yield running


@pytest.fixture
def worker(processes: Processes) -> Process:
    return processes.worker("all", EVERY_QUEUE, *THREADS)


def must_hold(run: Run) -> None:
    """Every page was stored once, what robots.txt forbids was skipped, and the counters say so."""
    assert run.stored == PAGES
    assert run.discovered == run.stored + run.skipped == run.visits.count()
    assert runs.reconcile_counters(run) == {}


def finished(run: Run) -> bool:
    run.refresh_from_db()
    return run.state == Run.State.FINISHED


def test_no_task_is_a_coroutine_and_none_is_unknown_to_the_clock():
    ours = {name: task for name, task in app.tasks.items() if not name.startswith("celery.")}
    assert set(ours) == {
        "fetch", "parse", "store", "open_slot", "open_run", "settle_run", "sweep", "reconcile", "heartbeat",
        "make_export", "prune", "compare_run", "try_page", "propose_rules", "point_at", "go_on_rereading",
        "look_up_receipt", "settle_falls", "deliver", "learn_noise", "settle_events", "compare_without_noise",
        "reread_part", "compare_contents", "go_on_forecasting", "make_shipment", "send_shipments",
        "probe_place", "index_pages",
    }  # fmt: skip
    assert not [name for name, task in ours.items() if inspect.iscoroutinefunction(task.run)]
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= set(ours)
    assert entries.TASK in ours
    kept = {
        "open_run",
        "make_export",
        "try_page",
        "propose_rules",
        "point_at",
        "look_up_receipt",
        "compare_without_noise",
        "probe_place",
    }
    assert {name for name, task in ours.items() if not task.ignore_result} == kept


def test_a_run_asked_for_goes_through_the_chain_to_its_end(web: FakeWeb, worker: Process):
    run = due_run(make_web_seed(web), Run.Kind.MANUAL, at=timezone.now())
    dispatch.open_run(run)
    wait_until(lambda: finished(run), 60, what="the run finishes")
    must_hold(run)
    assert not Batch.objects.exclude(state=Batch.State.STORED).exists()
    (kept,) = TaskResult.objects.all()
    assert (kept.task_name, kept.status) == ("open_run", "SUCCESS")
    assert f'"run": {run.pk}' in kept.result


def test_a_worker_gives_signs_of_life_and_reconciles_without_beat(web: FakeWeb, worker: Process):
    seed = make_web_seed(web, schedule="interval", interval_seconds=3600, enabled=False)
    Seed.objects.update(enabled=True)  # behind the signals' back
    wait_until(lambda: client(CLOCK).exists(entries.key_of(seed.pk)), 30, what="the entry")
    heart = Heartbeat.objects.get(name__startswith="all@")
    assert heart.info["pid"] == worker.pid
    assert health.report(timezone.now())["workers"][0]["alive"]
    worker.stop()
    assert not Heartbeat.objects.filter(name=heart.name).exists()


def test_a_worker_frees_what_its_node_had_leased(processes: Processes, web: FakeWeb):
    node = "all@test"
    until = timezone.now() + timedelta(hours=1)
    mine = make_host("http://a.test/", lease_owner=node, lease_token="t", lease_until=until)
    other = make_host("http://b.test/", lease_owner="b", lease_token="t", lease_until=until)
    processes.worker("all", EVERY_QUEUE, *THREADS)
    assert set(Host.objects.filter(lease_token="t")) == {other}
    mine.refresh_from_db()
    assert mine.lease_until is not None and mine.lease_until < timezone.now()


def test_a_worker_told_to_stop_ends_its_session_soon_and_gives_its_hosts_back(
    web: FakeWeb, processes: Processes
):
    worker = processes.worker("all", EVERY_QUEUE, *THREADS, **overridden(SESSION_SECONDS=FOR_EVER))
    web.on("/", Answer(body="<a href=/slow>slow</a>"))
    run = due_run(make_web_seed(web, delay=FOR_EVER), Run.Kind.MANUAL, at=timezone.now())
    dispatch.open_run(run)
    wait_until(lambda: Host.objects.exclude(lease_owner="").exists(), 30, what="a session leases the host")
    assert worker.stop(signal.SIGTERM, timeout=60) == 0
    assert not Host.objects.exclude(lease_owner="").exists()


def test_a_worker_told_to_stop_does_not_wait_for_a_server_that_is_silent(processes: Processes, web: FakeWeb):
    limits = {"CRAWLBEAT_SHUTDOWN_SECONDS": "1", "CRAWLBEAT_FETCH_DEADLINE": str(FOR_EVER)}
    worker = processes.worker("all", EVERY_QUEUE, *THREADS, **limits)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        seed = make_web_seed(web, start_urls=f"http://127.0.0.1:{silent.getsockname()[1]}/")
        run = due_run(seed, Run.Kind.MANUAL, at=timezone.now())
        dispatch.open_run(run)
        silent.settimeout(30)
        connection, _ = silent.accept()
        with connection:
            worker.stop(signal.SIGTERM, timeout=60)
    assert not Host.objects.exclude(lease_owner="").exists()
    assert run.visits.get().state == Visit.State.QUEUED


def test_children_of_a_killed_worker_die_with_it(processes: Processes):
    worker = processes.worker("parse", "parse.normal", "-c", "2", CRAWLBEAT_DIE_WITH_PARENT="1")
    children = [int(pid) for pid in _children(worker.pid)]
    assert len(children) == 2
    os.kill(worker.pid, signal.SIGKILL)
    worker.popen.wait()
    wait_until(lambda: not any(map(_alive, children)), 10, what="the children die")


def _children(pid: int) -> list[str]:
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return file.read().split()


def _alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_the_clock_opens_slot_after_slot_whatever_lies_in_redis(
    web: FakeWeb, worker: Process, processes: Processes
):
    clock = client(CLOCK)
    clock.hset("redbeat:heartbeat", "definition", "{not json")
    clock.zadd(entries.SCHEDULE, {"redbeat:heartbeat": 1, "redbeat:gone": 1})
    beat = processes.beat()
    seed = make_web_seed(web, schedule="interval", interval_seconds=2)
    scheduled = Run.objects.filter(seed=seed, kind=Run.Kind.SCHEDULED, state=Run.State.FINISHED)
    wait_until(lambda: scheduled.exists(), 60, what="a scheduled run finishes")

    clock.hset("redbeat:poison", "definition", '{"schedule": 5}')
    clock.zadd(entries.SCHEDULE, {"redbeat:poison": 1})
    wait_until(lambda: not clock.exists("redbeat:poison"), 30, what="the poison is removed")
    before = scheduled.count()
    wait_until(lambda: scheduled.count() > before + 1, 60, what="further runs finish")
    assert beat.alive

    slots = list(Run.objects.filter(seed=seed).order_by("slot").values_list("slot", flat=True))
    steps = {(later - slot).total_seconds() for slot, later in zip(slots, slots[1:], strict=False)}
    assert steps == {2.0}  # every slot has its row
    report = health.report(timezone.now())
    assert report["beat"]["alive"]
    assert [line for line in report["problems"] if "malformed" not in line] == []


@pytest.mark.django_db(transaction=True)
def test_asking_waits_for_the_commit(web: FakeWeb, valkey):
    run = due_run(make_web_seed(web), Run.Kind.MANUAL, at=timezone.now())
    with transaction.atomic():
        dispatch.open_run(run)
        dispatch.settle_run(run)
        assert valkey.llen("control") == 0
    assert valkey.llen("control") == 2


def test_a_slot_sent_twice_opens_one_run(web: FakeWeb, worker: Process):
    seed = make_web_seed(web, schedule="interval", interval_seconds=3600)
    slot = seed.next_slot.isoformat()
    for _ in range(5):
        app.send_task("open_slot", args=[seed.pk, slot], queue="control")
    wait_until(lambda: Run.objects.filter(state=Run.State.FINISHED).exists(), 60, what="the run finishes")
    assert Run.objects.count() == 1
    assert not reconcile_entries().broken


def test_the_tasks_are_ten_lines_each():
    sources = [
        inspect.getsource(task.run) for name, task in app.tasks.items() if task.__module__ == tasks.__name__
    ]
    assert sources
    assert max(len(source.splitlines()) for source in sources) <= 14  # with decorator and docstring
