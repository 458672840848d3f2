"""A web of any number of hosts: the same site at every loopback address of a port. Each address is a host.

The times of requests with ``?urgent=N`` are also written into a file of their own.
"""

from __future__ import annotations

import json
import select
import socket
from ipaddress import IPv4Address
from pathlib import Path

from benchmarks.kit.server import BACKLOG, Answer, Client, Server
from benchmarks.kit.site import Web

MARK = "?urgent="


class AnyHost(Server):
    """The first site of the web on all loopback addresses; ``requests.site`` is the address as a number."""

    def __init__(self, web: Web, latency: float) -> None:
        self._urgent: dict[int, float] = {}  # by number: when its first byte came
        super().__init__(web, latency)

    def save(self, log: Path) -> None:
        super().save(log)
        urgent_file(log).write_text(json.dumps(self._urgent))

    def _listen(self, web: Web) -> int:
        """One socket instead of ten thousand."""
        listener = socket.socket()
        listener.bind(("0.0.0.0", 0))  # noqa: S104  clients that do not use loopback get no page
        listener.listen(BACKLOG)
        listener.setblocking(False)
        self._listeners[listener.fileno()] = (listener, 0)
        self._epoll.register(listener, select.EPOLLIN)
        port: int = listener.getsockname()[1]
        return port

    def _welcome(self, connection: socket.socket, site: int) -> Client:
        host = IPv4Address(connection.getsockname()[0])
        return Client(connection, self._answers[site] if host.is_loopback else {}, int(host))

    def _answer(self, client: Client, target: bytes) -> Answer:
        page, _, number = target.partition(MARK.encode())
        if number:
            self._urgent.setdefault(int(number), client.asked_at)
        return super()._answer(client, page)


def urgent_file(log: Path) -> Path:
    """The file with the times of the urgent requests, beside the server's log."""
    return log.with_suffix(".urgent")
