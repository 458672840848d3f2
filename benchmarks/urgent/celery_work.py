"""The urgent bench with plain Celery: ``python -m benchmarks.urgent.celery_work ORDER.json``."""

from __future__ import annotations

import base64
import json
import os
import random
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any, cast

import msgspec
import redis

from benchmarks.kit.measured_command import BenchError
from benchmarks.kit.site import address, path
from benchmarks.urgent.asks import ask_at_random_times
from benchmarks.urgent.bench import Ask, Order, Outcome, pages_of
from benchmarks.urgent.plain_celery import QUEUE, SEPARATOR, fetch
from benchmarks.urgent.web import MARK
from embedded import valkey
from embedded.supervisor import python
from scheduler.process.lifeline import die_with_parent

BULK, URGENT = 9, 0  # priorities of the broker: 0 is served first
BULK_LIST = f"{QUEUE}{SEPARATOR}{BULK}"
THREADS = 16  # as many as our fetch workers have
MESSAGE_BYTES = 1_500  # of Redis while it is filled, including what it needs while it writes its file
AT_ONCE = 5_000  # messages a round trip
PATIENCE = 120.0  # seconds


def main(file: Path) -> None:
    """Carry out the order in the file, and write ``outcome.json`` beside it."""
    order = msgspec.json.decode(file.read_bytes(), type=Order)
    socket = Path(os.environ["CRAWLBEAT_REDIS_SOCKET"])
    socket.parent.mkdir(parents=True)
    server = _start(valkey.command(socket, socket.parent))
    try:
        _until(lambda: valkey.answers(socket))
        outcome = _work(order, redis.Redis(unix_socket_path=str(socket)))
    finally:
        _stop(server)
    (file.parent / "outcome.json").write_bytes(msgspec.json.encode(outcome))


def _start(command: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, preexec_fn=die_with_parent)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not done():
        if time.monotonic() > deadline:
            raise BenchError(f"that took more than {PATIENCE:g} s")
        time.sleep(0.05)


def _work(order: Order, client: redis.Redis) -> Outcome:
    outcome = Outcome()
    began = time.monotonic()
    _fill(order, client)
    outcome.build_seconds = time.monotonic() - began
    outcome.queued = client.llen(BULK_LIST)
    outcome.redis_bytes = client.info("memory")["used_memory"]
    worker = ["-A", "benchmarks.urgent.plain_celery", "worker", "-P", "threads", "-c", str(THREADS)]
    worker += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    process = _start(python("celery", *worker))
    try:
        _until(lambda: client.llen(BULK_LIST) < outcome.queued - THREADS * order.ahead)
        time.sleep(order.warm_up)
        asker = _Asker(order)
        ask_at_random_times(outcome, order.asks, asker.ask, time.sleep)
        _until(lambda: not client.llen(QUEUE))
        time.sleep(3)
    finally:
        _stop(process)
    return outcome


# the backlog ------------------------------------------------------------------------------------------


def _fill(order: Order, client: redis.Redis) -> None:
    """Queue the backlog: copies of a message of Celery's, each with its own ids and URL."""
    fetch.apply_async(["http://example.org/"], priority=BULK)
    sample = json.loads(cast("bytes", client.lpop(BULK_LIST)))
    room = _free_memory() // 2 // MESSAGE_BYTES
    urls = [
        f"http://{address(host)}:{order.port}{path(page)}"
        for host in range(order.hosts)
        for page in range(pages_of(host, order.urls, order.hosts))
    ]
    random.Random(0).shuffle(urls)
    messages = (_message(sample, url) for url in urls[:room])
    with client.pipeline(transaction=False) as pipe:
        for number, message in enumerate(messages, 1):
            pipe.lpush(BULK_LIST, message)
            if number % AT_ONCE == 0:
                pipe.execute()
        pipe.execute()


def _message(sample: dict[str, Any], url: str) -> str:
    task_id = str(uuid.uuid4())
    body = base64.b64encode(json.dumps([[url], {}, _EMBEDDED]).encode()).decode()
    headers = {"id": task_id, "root_id": task_id, "argsrepr": f"['{url}']"}
    properties = {"correlation_id": task_id, "delivery_tag": str(uuid.uuid4())}
    return json.dumps(
        sample
        | {"body": body, "headers": sample["headers"] | headers}
        | {"properties": sample["properties"] | properties}
    )


_EMBEDDED = {"callbacks": None, "errbacks": None, "chain": None, "chord": None}


def _free_memory() -> int:
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    raise BenchError("the system does not say how much memory is free")


# asking -----------------------------------------------------------------------------------------------


class _Asker:
    """Sends urgent messages for pages of any hosts."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._dice = random.Random(1)
        self._most = pages_of(1, order.urls, order.hosts)

    def ask(self, number: int) -> Ask:
        """Send one; it is committed when Redis has it."""
        where = address(self._dice.randrange(self._order.hosts))
        page = path(self._dice.randrange(self._most))
        url = f"http://{where}:{self._order.port}{page}{MARK}{number}"
        began = time.monotonic()
        fetch.apply_async([url], priority=URGENT)
        return Ask(number, int(IPv4Address(where)), began, time.monotonic())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
