"""The network guard: a test reaches loopback and unix sockets, nothing else.

Connecting or resolving elsewhere raises, and the test fails even if the code under test swallowed that.
Names below ``.invalid`` and ``.test`` (RFC 6761) do not resolve, as they must, and are no offence.
"""

from __future__ import annotations

import ipaddress
import socket
from typing import Any

offences: list[str] = []
_real_connect = socket.socket.connect
_real_connect_ex = socket.socket.connect_ex
_real_sendto = socket.socket.sendto
_real_getaddrinfo = socket.getaddrinfo


class NetworkForbidden(Exception):
    """A test tried to leave this machine."""


def _is_local(host: object) -> bool:
    if host in {None, "", b"", "localhost", b"localhost"}:
        return True
    text = host.decode() if isinstance(host, bytes) else str(host)
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return text.endswith(".localhost")
    return address.is_loopback or address.is_unspecified


def _refuse(what: str) -> NetworkForbidden:
    offences.append(what)
    return NetworkForbidden(f"tests may reach loopback only: {what}")


def _check(sock: socket.socket, address: Any) -> None:
    if sock.family in {socket.AF_INET, socket.AF_INET6} and not _is_local(address[0]):
        raise _refuse(f"connection to {address[0]}:{address[1]}")


def _connect(self: socket.socket, address: Any) -> None:
    _check(self, address)
    _real_connect(self, address)


def _connect_ex(self: socket.socket, address: Any) -> int:
    _check(self, address)
    return _real_connect_ex(self, address)


def _sendto(self: socket.socket, data: bytes, *rest: Any) -> int:
    _check(self, rest[-1])
    return _real_sendto(self, data, *rest)


def _getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
    text = host.decode() if isinstance(host, bytes) else str(host)
    if text.rstrip(".").endswith((".invalid", ".test")):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    if not _is_local(host) and not _is_literal(text):
        raise _refuse(f"name lookup of {text}")
    return _real_getaddrinfo(host, *args, **kwargs)


def _is_literal(text: str) -> bool:
    try:
        ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return True


def install() -> None:
    """Put the guard in place for this process."""
    guarded = {"connect": _connect, "connect_ex": _connect_ex, "sendto": _sendto}
    for name, function in guarded.items():
        setattr(socket.socket, name, function)
    socket.getaddrinfo = _getaddrinfo
