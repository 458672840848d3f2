"""Messages of the path on a real broker: the right queue and order, ids only, no trouble without one."""

from __future__ import annotations

import asyncio
import base64
import json

import pytest
import redis
from django.conf import settings

from catalog.models import Batch
from crawler.lanes import Lane
from pipelines.fetch.wakeups import CHANNEL, WakeUp, listen
from scheduler import redis_server
from scheduler.chains import publish
from scheduler.queues import CONTROL, QUEUE_NAMES, Stage, depth, depths, queue_name
from scheduler.wakeups import call_session, wake
from tests.factories import new_batch


def messages(valkey: redis.Redis) -> dict[str, list[tuple[str, list[object], list[str]]]]:
    """What waits, by list: task, arguments, and the queues of the chain's further steps."""
    found = {}
    for name in valkey.keys("*"):
        if name.split(":")[0] in QUEUE_NAMES:
            found[name] = [_opened(raw) for raw in valkey.lrange(name, 0, -1)]
    return found


def _opened(raw: str) -> tuple[str, list[object], list[str]]:
    message = json.loads(raw)
    args, _, embed = json.loads(base64.b64decode(message["body"]))
    return message["headers"]["task"], args, [step["options"] for step in embed.get("chain") or []]


@pytest.mark.parametrize(
    ("rank", "queue", "then", "priority"),
    [
        (0, "parse.urgent", "store.urgent", 0),
        (14, "parse.normal:4", "store.normal", 4),
        (29, "parse.bulk:8", "store.bulk", 8),
    ],
)
def test_every_step_of_a_chain_has_its_lane_and_priority(valkey, rank, queue, then, priority):
    publish(new_batch(pk=7, rank=rank))
    ((name, args, rest),) = messages(valkey)[queue]
    assert (name, args) == ("parse", [7])
    ((options),) = rest
    assert (options["queue"], options["priority"]) == (then, priority)


def test_a_parsed_batch_is_sent_to_store_only(valkey):
    publish(new_batch(pk=7, rank=14, state=Batch.State.PARSED))
    assert messages(valkey) == {"store.normal:4": [("store", [7], [])]}


def test_a_stored_batch_is_not_sent(valkey):
    publish(new_batch(pk=7, rank=14, state=Batch.State.STORED))
    assert messages(valkey) == {}


def test_depths_count_all_priorities(valkey):
    for rank in (10, 14, 14, 19, 3):
        publish(new_batch(pk=7, rank=rank))
    assert depth("parse.normal") == 4
    assert depths(["parse.urgent", "parse.bulk"]) == {"parse.urgent": 1, "parse.bulk": 0}
    assert depths([]) == {}


def test_queues_are_those_of_each_stage_and_lane_and_control():
    assert len(QUEUE_NAMES) == len(set(QUEUE_NAMES)) == 10
    assert CONTROL in QUEUE_NAMES
    assert queue_name(Stage.FETCH, Lane.URGENT) == "fetch.urgent"


def test_a_wake_up_tells_the_sessions_and_calls_one_for_each_lane_that_waits(valkey):
    listener = valkey.pubsub(ignore_subscribe_messages=True)
    listener.subscribe(CHANNEL)
    listener.get_message(timeout=5)
    assert wake({Lane.NORMAL: {3, 1}, Lane.URGENT: {2}, Lane.BULK: set()})
    heard = [json.loads(listener.get_message(timeout=5)["data"]) for _ in range(2)]
    assert heard == [{"lane": 0, "hosts": [2]}, {"lane": 1, "hosts": [1, 3]}]
    listener.close()
    assert {queue: len(found) for queue, found in messages(valkey).items()} == {
        "fetch.normal": 1,
        "fetch.urgent": 1,
    }
    assert wake({Lane.NORMAL: {1}})
    assert call_session(Lane.NORMAL)
    assert depth("fetch.normal") == 1


def test_a_wake_up_that_cannot_be_read_does_not_end_the_listening(valkey):
    heard: asyncio.Queue[WakeUp] = asyncio.Queue()

    async def listened() -> WakeUp:
        listening = asyncio.create_task(listen(settings.REDIS_URL, heard.put_nowait))
        while not valkey.pubsub_numsub(CHANNEL)[0][1]:
            await asyncio.sleep(0)
        for message in (b"", b'{"lane": 99, "hosts": []}', b"{", b'["x"]'):
            valkey.publish(CHANNEL, message)
        WakeUp(Lane.URGENT, [7]).send(valkey)
        try:
            return await asyncio.wait_for(heard.get(), timeout=10)
        finally:
            listening.cancel()

    assert asyncio.run(listened()) == WakeUp(Lane.URGENT, [7])


def test_nothing_to_wake_needs_no_server(monkeypatch):
    monkeypatch.setattr(redis_server, "client", None)
    assert wake({Lane.NORMAL: set()})


def test_hints_are_dropped_quietly_while_redis_is_away(monkeypatch, tmp_path, caplog):
    asked = []

    class Nowhere(redis.Redis):
        def ping(self, **kwargs):
            asked.append(1)
            return super().ping(**kwargs)

    nowhere = Nowhere(unix_socket_path=f"{tmp_path}/nothing.sock")
    monkeypatch.setattr(redis_server, "client", lambda database: nowhere)
    for _ in range(100):
        publish(new_batch(pk=7, rank=14))
        assert not wake({Lane.NORMAL: {1}})
    assert len(asked) == 1  # for the next seconds nobody waits for it
    assert caplog.text.count("Redis is away") == 1


def test_the_end_of_an_outage_is_noticed(valkey, caplog):
    redis_server._outage.begins(ConnectionError("gone"))
    assert not call_session(Lane.BULK)
    redis_server._outage.until = 1e-9
    assert call_session(Lane.BULK)
    assert "Redis is back" in caplog.text


@pytest.mark.parametrize(
    ("given", "broker", "clock"),
    [
        ("unix:///run/v.sock", "redis+socket:///run/v.sock?virtual_host=0", "unix:///run/v.sock?db=1"),
        (
            "unix://:secret@/run/v.sock?db=4",
            "redis+socket://:secret@/run/v.sock?virtual_host=4",
            "unix://:secret@/run/v.sock?db=5",
        ),
        ("redis://:secret@redis:6379", "redis://:secret@redis:6379/0", "redis://:secret@redis:6379/1"),
        (
            "rediss://u:p@redis:6380/2?ssl_cert_reqs=required",
            "rediss://u:p@redis:6380/2?ssl_cert_reqs=required",
            "rediss://u:p@redis:6380/3?ssl_cert_reqs=required",
        ),
    ],
)
def test_one_address_gives_broker_and_clock(settings, given, broker, clock):
    settings.REDIS_URL = given
    assert redis_server.broker_url() == broker
    assert redis_server.redis_url(redis_server.CLOCK) == clock
