"""Sockets for libraries that speak other protocols: connected to addresses that the guard lets through."""

from __future__ import annotations

import socket

from crawler.requests.guard import AddressGuard, BlockedAddress


def open_socket(guard: AddressGuard, host: str, port: int, seconds: float) -> socket.socket:
    """Connect to the first address of a host that is let through and answers.

    Raises OSError, and :class:`BlockedAddress` if the last address was refused.
    """
    failure: OSError | BlockedAddress = OSError("the host has no address")
    for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        connection = socket.socket(family, kind, protocol)
        try:
            guard.check(str(address[0]))
            connection.settimeout(seconds)
            connection.connect(address)
        except (OSError, BlockedAddress) as error:
            connection.close()
            failure = error
        else:
            return connection
    raise failure


def address_of(guard: AddressGuard, host: str) -> str:
    """The first address of a host that is let through, for a library that connects to it itself.

    Raises OSError, and :class:`BlockedAddress` if all are refused.
    """
    failure: OSError | BlockedAddress = OSError("the host has no address")
    for *_, address in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM):
        try:
            guard.check(str(address[0]))
        except BlockedAddress as error:
            failure = error
        else:
            return str(address[0])
    raise failure
