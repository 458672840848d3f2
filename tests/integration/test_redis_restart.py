"""A partly busy worker lives through kill -9 of Redis; Celery 5.7 alone does not (see the consumer)."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import timezone

from catalog.models import Host, Run
from scheduler.app import app
from tests.factories import due_run, make_web_seed
from tests.fakeweb import FakeWeb, linked_site
from tests.harness.processes import Processes
from tests.harness.servers import Valkey
from tests.harness.waiting import wait_until


@pytest.fixture
def server() -> Iterator[Valkey]:
    """A server of this test's own, since it is killed."""
    folder = Path(tempfile.mkdtemp(prefix="cb-"))  # a short path: it holds a unix socket
    server = Valkey(folder)
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


def send(server: Valkey, task: str, *args: object) -> None:
    url = f"redis+socket://{server.socket}?virtual_host=0"
    with app.connection_for_write(url=url) as connection:
        app.send_task(task, args=args, queue="control", connection=connection)


def test_a_partly_busy_worker_outlives_a_restart_of_redis(server: Valkey, processes: Processes):
    queues = "fetch.normal,parse.normal,store.normal,control"
    worker = processes.worker("w", queues, "-P", "threads", "-c", "4", REDIS_URL=f"unix://{server.socket}")
    with FakeWeb(linked_site(pages=20)) as slow, FakeWeb(linked_site(pages=10)) as quick:
        send(server, "open_run", due_run(make_web_seed(slow, per_host=1, delay=60), at=timezone.now()).pk)
        wait_until(lambda: Host.objects.exclude(lease_token="").exists(), 90, what="a session is on")
        server.kill()
        worker.wait_for_output("(?i)connection to broker lost|consumer: Connection")
        server.start()
        run = due_run(make_web_seed(quick, per_host=1), at=timezone.now())
        send(server, "open_run", run.pk)
        wait_until(lambda: Run.objects.get(pk=run.pk).state == Run.State.FINISHED, 60, what="the run ends")
        assert Run.objects.get(pk=run.pk).stored == 10
    assert worker.alive
