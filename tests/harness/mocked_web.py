"""An httpx client in place of the fetcher's connections, so that respx can answer for the web."""

from __future__ import annotations

import httpx

from crawler.requests.connection import Response
from crawler.requests.dial import Origin
from crawler.requests.pool import ConnectionPool


class HttpxPool(ConnectionPool):
    """For ``Fetcher(open_pool=...)``: what a mock of httpx answers or raises, the fetcher gets."""

    async def exchange(self, origin: Origin, head: bytes, *, again: bool = True) -> Response:
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.send(_request(origin, head))
        return _Answered(answer)


class _Answered(Response):
    """A response that has arrived in full."""

    def __init__(self, answer: httpx.Response) -> None:
        self.status = answer.status_code
        self.headers = tuple((name.lower(), value) for name, value in answer.headers.multi_items())
        self._content = answer.content

    async def read(self, limit: int) -> bytes:
        content, self._content = self._content, b""
        return content

    async def aclose(self) -> None:
        """There is no connection."""


def _request(origin: Origin, head: bytes) -> httpx.Request:
    first, *lines = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    method, target, _ = first.split(" ")
    fields = [line.partition(": ") for line in lines]
    return httpx.Request(
        method,
        f"{'https' if origin.tls else 'http'}://{origin.host}:{origin.port}{target}",
        headers=[(name.encode("latin-1"), value.encode("latin-1")) for name, _, value in fields],
    )
