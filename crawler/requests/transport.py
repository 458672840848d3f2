"""An httpx transport on aiohttp's connector and parser: a third of the cost of httpx's own pool.

Only the connection pool (`aiohttp.TCPConnector`) and the response parser of aiohttp are used, not its
session: a request is one write of exactly the bytes that were asked for, without cookies, redirects,
proxies or re-quoting. Every failure is an httpx exception, and each kind has a class of its own.
The address guard sits inside the connector, so nothing can connect without it.
"""

from __future__ import annotations

import asyncio
import functools
import socket
import ssl
import time
import weakref
from collections.abc import AsyncIterator, Sequence
from typing import Any, NamedTuple, NoReturn, cast

import aiohttp
import httpx
from aiohttp.client_proto import ResponseHandler
from aiohttp.client_reqrep import ClientRequest, ConnectionKey
from aiohttp.connector import Connection
from aiohttp.http import HttpProcessingError, RawResponseMessage
from aiohttp.streams import StreamReader

from crawler.requests.guard import AddressGuard, BlockedAddress
from crawler.requests.resolver import GuardedResolver

MAX_LINE_BYTES = 8190  # status line
MAX_HEADER_BYTES = 32768  # one header field
MAX_HEADERS = 128  # so that a whole head stays under 4 MiB
DRAIN_BYTES = 65536  # an unread body up to this size is drained to keep its connection
DRAIN_SECONDS = 1.0
MAX_INTERIM = 8  # 1xx answers before the final one
LOOK_SECONDS = 0.5  # between looks for connections that have closed
DNS_SECONDS = 60  # how long resolved addresses are kept
_NO_TIMEOUT = aiohttp.ClientTimeout(total=None)  # the caller's deadline covers all of an exchange


class NameNotResolved(httpx.ConnectError):
    """The host name has no address, or the resolver failed."""


class TLSFailed(httpx.ConnectError):
    """The handshake failed or the certificate does not prove the host's name."""


class AddressRefused(httpx.ConnectError):
    """The address guard refused every address of the host."""


class _Url(NamedTuple):
    raw_host: str


class _Destination:
    """What aiohttp's connector asks of a request: where to connect, and whether with TLS."""

    __slots__ = ("connection_key", "port", "ssl", "url")
    proxy = None
    server_hostname = None

    def __init__(self, host: str, port: int, tls: bool) -> None:
        self.url = _Url(host)
        self.port = port
        self.ssl = True  # verify, with the connector's context
        self.connection_key = ConnectionKey(host, port, tls, True, None, None, None, None)

    def is_ssl(self) -> bool:
        return self.connection_key.is_ssl


@functools.lru_cache(maxsize=4096)
def _destination(scheme: str, host: str, port: int | None) -> ClientRequest:
    tls = scheme == "https"
    return cast(ClientRequest, _Destination(host, port or (443 if tls else 80), tls))


@functools.lru_cache(maxsize=1)
def verified_context() -> ssl.SSLContext:
    """The process's TLS settings: verify chain and name; SSL_CERT_FILE names another set of roots."""
    context = httpx.create_ssl_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


class GuardedTransport(httpx.AsyncBaseTransport):
    """One pool of connections for one allow-list of networks."""

    def __init__(self, allow_networks: Sequence[str] = (), *, keep: int = 256) -> None:
        """Raise ValueError for a malformed network. Needs a running loop.

        ``keep``: connections, in use or idle, beyond which none is kept for another request. Idle ones close
        after 15 s. The caller limits how many requests run at once: there, waiting costs no deadline.
        """
        self._guard = AddressGuard(allow_networks)
        self._connector = aiohttp.TCPConnector(
            limit=0,
            resolver=GuardedResolver(self._guard),
            ttl_dns_cache=DNS_SECONDS,
            dns_cache_max_size=10_000,
            ssl=verified_context(),
            socket_factory=self._open_socket,
        )
        self._most_kept = keep
        self._seen: weakref.WeakSet[ResponseHandler] = weakref.WeakSet()  # every open connection
        self._looked_at = 0.0  # monotonic

    def _open_socket(self, info: Any) -> socket.socket:
        """Called by the connector for each address it is about to connect to, IP literals included."""
        family, kind, protocol, _, address = info
        self._guard.check(address[0])
        return socket.socket(family, kind, protocol)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request without a body; the response's stream is read by the caller."""
        try:
            return await self._exchange(request)
        except _TRANSLATED as error:
            _raise_httpx(error)

    async def _exchange(self, request: httpx.Request) -> httpx.Response:
        origin: httpx.URL = request.extensions.get("origin") or request.url
        destination = _destination(origin.scheme, origin.raw_host.decode("ascii"), origin.port)
        head = _head(request)
        while True:
            connection = await self._connector.connect(destination, [], _NO_TIMEOUT)
            protocol = cast(ResponseHandler, connection.protocol)
            if protocol.should_close:  # the server sent something while the connection was idle
                connection.close()
                continue
            used = protocol in self._seen
            self._seen.add(protocol)
            body = None
            try:
                message, payload = await self._ask(protocol, head)
                body = _Body(connection, message, payload, keep=self._may_keep())
                return httpx.Response(message.code, headers=list(message.raw_headers), stream=body)
            except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as error:
                # RFC 9112 section 9.3.1: an idle connection may close just as it is used again.
                if not used or _partial_head(error):
                    raise
            finally:
                if body is None:  # no answer, or the caller has given up
                    protocol.abort()
                    connection.close()

    def _may_keep(self) -> bool:
        """Whether one more connection may stay open after its answer was read."""
        if len(self._seen) > self._most_kept and time.monotonic() >= self._looked_at + LOOK_SECONDS:
            self._looked_at = time.monotonic()
            for protocol in [protocol for protocol in self._seen if not protocol.is_connected()]:
                self._seen.discard(protocol)
        return len(self._seen) <= self._most_kept

    async def _ask(self, protocol: ResponseHandler, head: bytes) -> tuple[RawResponseMessage, StreamReader]:
        """Write the request and wait for the head of its final answer."""
        transport = cast(asyncio.Transport, protocol.transport)
        self._guard.check(transport.get_extra_info("peername")[0])
        protocol.set_response_params(
            read_until_eof=True,
            auto_decompress=False,
            max_line_size=MAX_LINE_BYTES,
            max_field_size=MAX_HEADER_BYTES,
            max_headers=MAX_HEADERS,
        )
        transport.write(head)
        for _ in range(MAX_INTERIM + 1):
            message, payload = await protocol.read()
            if message.code == 101:
                raise httpx.RemoteProtocolError("the server switched protocols without being asked")
            if message.code >= 200:
                return message, payload
        raise httpx.RemoteProtocolError("too many interim answers")

    async def aclose(self) -> None:
        await self._connector.close(abort_ssl=True)


class _Body(httpx.AsyncByteStream):
    """The raw body of one response; closing it frees or closes its connection."""

    def __init__(
        self, connection: Connection, message: RawResponseMessage, payload: StreamReader, *, keep: bool
    ) -> None:
        self._connection = connection
        self._message = message
        self._payload = payload
        self._keep = keep
        self._untouched = True

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self._untouched = False
        try:
            while chunk := await self._payload.readany():
                yield chunk
        except _TRANSLATED as error:
            _raise_httpx(error)

    async def aclose(self) -> None:
        """Keep the connection if the body was read, or is short and arrives soon; else close it."""
        payload = self._payload
        try:
            if self._untouched and self._keep and not payload.is_eof():
                await self._drain()
        finally:
            if self._keep and payload.is_eof() and payload.exception() is None:
                self._connection.release()
            else:
                if self._connection.protocol is not None:
                    self._connection.protocol.abort()
                self._connection.close()

    async def _drain(self) -> None:
        """Read and drop a body of up to DRAIN_BYTES: cheaper for both sides than another connection."""
        room = DRAIN_BYTES
        if int(self._message.headers.get("Content-Length", 0)) > room:
            return
        try:
            async with asyncio.timeout(DRAIN_SECONDS):
                while room > 0 and (chunk := await self._payload.readany()):
                    room -= len(chunk)
        except _TRANSLATED:
            return


def _head(request: httpx.Request) -> bytes:
    """The request as it goes over the wire; the target is the caller's, byte for byte."""
    target: bytes = request.extensions.get("target") or request.url.raw_path
    lines = [b"%b %b HTTP/1.1\r\n" % (request.method.encode("ascii"), target)]
    lines += [b"%b: %b\r\n" % field for field in request.headers.raw]
    lines.append(b"\r\n")
    return b"".join(lines)


def _raise_httpx(error: Exception) -> NoReturn:
    """Raise the httpx exception for a failure of the connector, the parser or the socket."""
    for kinds, translated in _TRANSLATIONS:
        if isinstance(error, kinds):
            raise translated(_sentence(error)) from error
    raise error


def _sentence(error: Exception) -> str:
    """One line for people; what a server sent is escaped and cut in it."""
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return f"the server closed the connection {'inside' if _partial_head(error) else 'before'} its answer"
    cause = getattr(error, "os_error", None) or error.__cause__ or error
    text = cause.message if isinstance(cause, HttpProcessingError) else str(cause)
    return " ".join(text.split())[:200] or type(cause).__name__


def _partial_head(error: Exception) -> bool:
    """Whether the connection ended inside the head of an answer."""
    return isinstance(error, aiohttp.ServerDisconnectedError) and not isinstance(error.message, str)


_TRANSLATIONS: tuple[tuple[Any, type[httpx.TransportError]], ...] = (
    # Order matters: aiohttp's classes inherit from one another.
    (BlockedAddress, AddressRefused),
    (aiohttp.InvalidURL, httpx.LocalProtocolError),
    (aiohttp.ClientConnectorDNSError, NameNotResolved),
    ((aiohttp.ClientSSLError, ssl.SSLError, ssl.CertificateError), TLSFailed),
    (aiohttp.ClientConnectorError, httpx.ConnectError),
    ((aiohttp.ServerTimeoutError, TimeoutError), httpx.ReadTimeout),
    (HttpProcessingError, httpx.RemoteProtocolError),
    ((aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, OSError), httpx.ReadError),
    (aiohttp.ClientError, httpx.RemoteProtocolError),
    ((ValueError, OverflowError), httpx.LocalProtocolError),  # a port or a name that no socket takes
)
_TRANSLATED = (aiohttp.ClientError, HttpProcessingError, BlockedAddress, OSError, ValueError, OverflowError)
