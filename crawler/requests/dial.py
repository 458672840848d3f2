"""Opening a connection: look the name up, ask the guard about each address, connect, shake hands.

Nothing else in this package opens a socket, so no address is reached that the guard has not let through.
"""

from __future__ import annotations

import asyncio
import errno
import functools
import ipaddress
import socket
import ssl
from collections.abc import Callable, Sequence
from typing import NamedTuple

import aiohappyeyeballs
import httpx

from crawler.requests.connection import Connection
from crawler.requests.guard import AddressGuard, BlockedAddress
from crawler.requests.resolver import Resolver

HAPPY_EYEBALLS_SECONDS = 0.25  # RFC 8305 section 8: before the next address is tried beside the last

_NO_DESCRIPTOR = frozenset((errno.EMFILE, errno.ENFILE))
# By the number that OpenSSL gives to what is wrong with a certificate (X509_V_ERR_..., x509_vfy.h).
_CERTIFICATE_FAULTS = {
    9: "the certificate is not valid yet",
    10: "the certificate has expired",
    18: "the certificate is self-signed",
    19: "an authority issued the certificate that is not trusted here",
    20: "the certificate's issuer is unknown, or the server leaves out an intermediate certificate",
    21: "the certificate's issuer is unknown, or the server leaves out an intermediate certificate",
    23: "the certificate was revoked",
    62: "the certificate is for another name",
    64: "the certificate is for another address",
}
_HANDSHAKE_FAULTS = {
    "WRONG_VERSION_NUMBER": "the port does not speak TLS",
    "HTTP_REQUEST": "the port does not speak TLS",
    "RECORD_LAYER_FAILURE": "the port does not speak TLS",
    "UNSUPPORTED_PROTOCOL": "the server speaks versions of TLS alone that are too old",
    "TLSV1_ALERT_PROTOCOL_VERSION": "the server speaks versions of TLS alone that are too old",
    "SSLV3_ALERT_HANDSHAKE_FAILURE": "the server shares no way of encryption with us",
    "DH_KEY_TOO_SMALL": "the server's key is too short",
    "EE_KEY_TOO_SMALL": "the server's key is too short",
    "CA_MD_TOO_WEAK": "the certificate's signature is too weak",
    "UNSAFE_LEGACY_RENEGOTIATION_DISABLED": "the server needs a renegotiation that is not safe",
    "TLSV1_UNRECOGNIZED_NAME": "the server does not serve this name",
}


class NameNotResolved(httpx.ConnectError):
    """The host name has no address, or the resolver failed."""


class TLSFailed(httpx.ConnectError):
    """The handshake failed or the certificate does not prove the host's name."""


class AddressRefused(httpx.ConnectError):
    """The address guard refused every address of the host."""


class OutOfDescriptors(httpx.ConnectError):
    """This process, or this machine, has no file descriptor left. It says nothing of the host."""


class Origin(NamedTuple):
    """Where to connect, and how."""

    host: str  # a name, or an address without brackets
    port: int
    tls: bool


def origin_of(url: httpx.URL) -> Origin:
    """The origin of an http or https URL."""
    tls = url.scheme == "https"
    return Origin(url.raw_host.decode("ascii"), url.port or (443 if tls else 80), tls)


@functools.lru_cache(maxsize=1)
def verified_context() -> ssl.SSLContext:
    """The process's TLS settings: verify chain and name; SSL_CERT_FILE names another set of roots."""
    context = httpx.create_ssl_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


class Dialer:
    """Opens connections to addresses that one guard lets through."""

    def __init__(self, guard: AddressGuard) -> None:
        self._guard = guard
        self._resolver = Resolver()

    async def connect(self, origin: Origin, protocol: Callable[[], Connection]) -> Connection:
        """A new connection to the origin, made by ``protocol``. The caller limits the time.

        If a handshake fails, the host's other addresses are tried too: they may be other machines.

        Raises:
            NameNotResolved, AddressRefused, TLSFailed, OutOfDescriptors
            httpx.ConnectError: no address of the host takes the connection.
            httpx.LocalProtocolError: no socket can have this address or port.
        """
        addresses = self._permitted(await self._addresses(origin.host))
        opened = await _open_socket(addresses, origin.port)
        while True:
            others = [address for address in addresses if address != _peer_of(opened)]
            try:
                return await _speak(opened, origin, protocol)
            except httpx.ConnectError as failure:
                if not origin.tls or len(others) in {0, len(addresses)}:
                    raise
                addresses = others
                opened = await _open_socket(addresses, origin.port, instead_of=failure)

    def check(self, address: str) -> None:
        """Raise AddressRefused unless the guard lets this textual address through."""
        try:
            self._guard.check(address)
        except BlockedAddress as error:
            raise AddressRefused(str(error)) from error

    async def _addresses(self, host: str) -> Sequence[str]:
        if ":" in host:
            return (host,)
        if host.replace(".", "").isdigit():
            return (_canonical(host),)
        try:
            return await self._resolver.addresses(host)
        except OSError as error:
            if error.errno in _NO_DESCRIPTOR:
                raise OutOfDescriptors(_sentence(error)) from error
            raise NameNotResolved(_sentence(error)) from error

    def _permitted(self, addresses: Sequence[str]) -> list[str]:
        permitted, refusal = [], None
        for address in addresses:
            try:
                self.check(address)
            except AddressRefused as error:
                refusal = error
            else:
                permitted.append(address)
        if refusal is not None and not permitted:
            raise refusal
        return permitted


def _canonical(host: str) -> str:
    """The address; ``127.1`` and ``2130706433`` are none, though a socket would take them for 127.0.0.1."""
    try:
        return str(ipaddress.IPv4Address(host))
    except ValueError as error:
        raise httpx.LocalProtocolError(f"{host} is not a canonical IPv4 address") from error


async def _open_socket(
    addresses: Sequence[str], port: int, *, instead_of: httpx.ConnectError | None = None
) -> socket.socket:
    """A connected socket to the first address that answers (RFC 8305); the earlier failure if none does."""
    infos = [_address_info(address, port) for address in addresses]
    try:
        return await aiohappyeyeballs.start_connection(infos, happy_eyeballs_delay=HAPPY_EYEBALLS_SECONDS)
    except OSError as error:
        if error.errno in _NO_DESCRIPTOR:
            raise OutOfDescriptors(_sentence(error)) from error
        raise instead_of or httpx.ConnectError(_sentence(error)) from error
    except (ValueError, OverflowError) as error:
        raise httpx.LocalProtocolError(_sentence(error)) from error


def _peer_of(opened: socket.socket) -> str:
    """The address that a socket is connected to; empty if the connection is gone already."""
    try:
        address: str = opened.getpeername()[0]
    except OSError:
        return ""
    return address


async def _speak(opened: socket.socket, origin: Origin, protocol: Callable[[], Connection]) -> Connection:
    """The connection on a connected socket, after the handshake of TLS."""
    context, name = (verified_context(), origin.host.rstrip(".")) if origin.tls else (None, None)
    loop = asyncio.get_running_loop()
    try:
        _, connection = await loop.create_connection(protocol, sock=opened, ssl=context, server_hostname=name)
    except ssl.SSLError as error:
        raise TLSFailed(_tls_sentence(error)) from error
    except OSError as error:
        where = " in the TLS handshake" if origin.tls else ""
        raise httpx.ConnectError(f"the connection broke{where}: {_sentence(error)}") from error
    if not connection.peer:
        connection.abort()
        raise httpx.ConnectError("the server closed the connection at once")
    return connection


def _address_info(address: str, port: int) -> aiohappyeyeballs.AddrInfoType:
    """An entry as getaddrinfo answers it."""
    if ":" in address:
        return socket.AF_INET6, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, port, 0, 0)
    return socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, port)


def _sentence(error: Exception) -> str:
    """One line for people."""
    return " ".join(str(error).split())[:200] or type(error).__name__


def _tls_sentence(error: ssl.SSLError) -> str:
    """The kind of fault in words, then what OpenSSL says."""
    if isinstance(error, ssl.SSLCertVerificationError):
        words = _CERTIFICATE_FAULTS.get(error.verify_code)
    else:
        words = _HANDSHAKE_FAULTS.get(error.reason or "")
    return f"{words} ({_sentence(error)})" if words else _sentence(error)
