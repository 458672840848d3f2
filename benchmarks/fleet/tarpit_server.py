"""The server of the benches with tarpits beside its sites: they take a request and never end their answer."""

from __future__ import annotations

import contextlib
import time
from collections import deque

from benchmarks.kit.server import Answer, Client, Server
from benchmarks.kit.site import Web

TARPITS = 100  # the last sites of the web
DRIP_SECONDS = 1.0  # between two bytes of a body
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1000000\r\n\r\n"


class TarpitServer(Server):
    """Of the tarpits every second one is silent, and the others drip. robots.txt is answered by all."""

    def __init__(self, web: Web, latency: float) -> None:
        self._good = len(web.sites) - TARPITS
        self._dripping: deque[tuple[float, Client]] = deque()
        super().__init__(web, latency)

    def _send(self, client: Client, answer: Answer) -> None:
        if client.site < self._good or not client.page:
            super()._send(client, answer)
        elif client.site % 2:
            self._drip(client, _HEAD)

    def _patience(self) -> float:
        """Drip what is due, before the next wait."""
        now = time.monotonic()
        while self._dripping and self._dripping[0][0] <= now:
            self._drip(self._dripping.popleft()[1], b"x")
        next_drip = self._dripping[0][0] - now if self._dripping else DRIP_SECONDS
        return min(super()._patience(), next_drip)

    def _drip(self, client: Client, data: bytes) -> None:
        with contextlib.suppress(OSError):  # it has gone
            client.socket.send(data)
            self._dripping.append((time.monotonic() + DRIP_SECONDS, client))
