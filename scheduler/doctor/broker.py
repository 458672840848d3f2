"""The Redis or Valkey server: does it answer, does it keep its data."""

from __future__ import annotations

from typing import Any

from scheduler.doctor.findings import CheckOptions, Finding, Findings
from scheduler.redis_server import AWAY, BROKER, CLOCK, client

OLDEST = (7, 0)
FULL = 0.8  # of maxmemory or of the connections


def check(options: CheckOptions) -> Findings:
    """The checks of the server's own report (INFO)."""
    try:
        info: dict[str, Any] = client(BROKER).info("everything")
        client(CLOCK).ping()
    except AWAY as error:
        yield Finding(
            "redis-away",
            f"Redis does not answer: {error}",
            "Start it, or correct REDIS_URL; it needs two databases. Until then nothing new begins, and "
            "nothing is lost.",
        )
        return
    yield from _version(info)
    yield from _keeping(info)
    yield from _room(info)


def _version(info: dict[str, Any]) -> Findings:
    version = str(info.get("redis_version", "0"))  # of Valkey: the Redis it is compatible with
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST:
        yield Finding(
            "redis-version",
            f"The server is Redis {version}; Crawlbeat is tested with 7.0 and newer, and with Valkey.",
            "Bring it up to date.",
        )


def _keeping(info: dict[str, Any]) -> Findings:
    policy = info.get("maxmemory_policy", "noeviction")
    if policy != "noeviction":
        yield Finding(
            "redis-eviction",
            f"The server may throw messages away when it is full: its maxmemory-policy is {policy}.",
            "Set maxmemory-policy to noeviction in its configuration.",
        )
    if not int(info.get("aof_enabled", 0)):
        yield Finding(
            "redis-persistence",
            "The server keeps no append-only file: after its restart all queues are empty until sweeps fill "
            "them again.",
            "Set appendonly to yes in its configuration.",
        )
    for name in ("aof_last_write_status", "aof_last_bgrewrite_status", "rdb_last_bgsave_status"):
        if info.get(name, "ok") != "ok":
            yield Finding(
                "redis-disk",
                f"The server cannot write its file ({name} is {info[name]}).",
                "Look at its log and at the room on its disk.",
            )


def _room(info: dict[str, Any]) -> Findings:
    used, limit = int(info.get("used_memory", 0)), int(info.get("maxmemory", 0))
    if limit and used > FULL * limit:
        yield Finding(
            "redis-memory",
            f"The server uses {used / 2**20:,.0f} of {limit / 2**20:,.0f} MB; a full one refuses messages.",
            "Raise maxmemory, or find out which queue grows with 'crawlbeat status'.",
        )
    clients, most = int(info.get("connected_clients", 0)), int(info.get("maxclients", 10_000))
    if clients > FULL * most:
        yield Finding(
            "redis-connections",
            f"The server has {clients:,} of at most {most:,} connections.",
            "Raise maxclients.",
        )
