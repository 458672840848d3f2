"""The Redis or Valkey server: its version, whether it keeps its data, its room."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings

from scheduler.checks.findings import EXAMPLES, CheckOptions, Finding, Findings, Level
from scheduler.redis_server import AWAY, BROKER, client

OLDEST = (7, 0)
FULL = 0.8  # of maxmemory or of the connections


def check(options: CheckOptions) -> Findings:
    """The server's own report (INFO); nothing when it does not answer, which is another check's finding."""
    try:
        info: dict[str, Any] = client(BROKER).info("everything")
    except AWAY:
        return
    yield from _set_aside()
    yield from _version(info)
    yield from _keeping(info)
    yield from _room(info)


def _set_aside() -> Findings:
    """Files of the embedded server that were broken when it started."""
    if files := sorted(Path(settings.DATA_DIR).glob("appendonlydir.broken-*")):
        yield Finding(
            "redis-set-aside",
            f"Broken files of the embedded Valkey that were set aside: {len(files)}.",
            "Delete them: nothing is lost, the database is the truth. Look at the disk if it happens again.",
            Level.NOTE,
            examples=[str(file) for file in files[:EXAMPLES]],
        )


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
