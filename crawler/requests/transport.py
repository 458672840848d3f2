"""The connection pool as a transport of httpx, for a developer's own client behind the same guard."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import httpx

from crawler.requests.connection import Response
from crawler.requests.dial import origin_of
from crawler.requests.pool import ConnectionPool

PIECE_BYTES = 65536


class GuardedTransport(httpx.AsyncBaseTransport):
    """For ``httpx.AsyncClient(transport=...)``: no address is reached that the guard refuses."""

    def __init__(self, allow_networks: Sequence[str] = (), *, keep: int = 256) -> None:
        """As :class:`ConnectionPool`."""
        self.pool = ConnectionPool(allow_networks, keep=keep)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Raises httpx.TransportError; each kind of failure has a class of its own.

        A body is given whole: httpx then says its length.
        """
        lines = [b"%b %b HTTP/1.1" % (request.method.encode("ascii"), request.url.raw_path)]
        lines += [b"%b: %b" % field for field in request.headers.raw]
        content = await request.aread()
        whole = b"\r\n".join([*lines, b"", content])
        response = await self.pool.exchange(origin_of(request.url), whole, again=not content)
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in response.headers]
        return httpx.Response(response.status, headers=headers, stream=_Body(response))

    async def aclose(self) -> None:
        await self.pool.aclose()


class _Body(httpx.AsyncByteStream):
    def __init__(self, response: Response) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while piece := await self._response.read(PIECE_BYTES):
            yield piece

    async def aclose(self) -> None:
        await self._response.aclose()
