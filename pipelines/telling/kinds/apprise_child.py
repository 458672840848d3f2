"""The process that Apprise runs in: one message, no connection that the guard refuses, no other program."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import msgspec

from crawler.requests.guard import AddressGuard
from pipelines.killable import answer_order

_CONNECTIONS = ("socket.connect", "socket.sendto", "socket.sendmsg")
_PROGRAMS = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork")


class Order(msgspec.Struct):
    """What is to be sent where."""

    url: str
    title: str
    text: str
    networks: list[str]


class Done(msgspec.Struct):
    """Whether the service took it; ``text`` has no address."""

    delivered: bool
    text: str


def watch(networks: Sequence[str]) -> None:
    """From now on, refuse connections and programs in this process (PEP 578)."""
    guard = AddressGuard(networks)

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event in _PROGRAMS:
            raise PermissionError("no other program is started here")
        if event in _CONNECTIONS and arguments[1] is not None:  # None: to where it is connected already
            address = arguments[1]
            guard.check(str(address[0]) if isinstance(address, tuple) else "a socket of this machine")

    sys.addaudithook(hook)


def answer(order: Order) -> Done:
    """Send it."""
    logging.disable()  # Apprise logs addresses
    apprise = import_module("apprise")
    watch(order.networks)
    service = apprise.Apprise()
    if not service.add(order.url):
        return Done(False, "Apprise does not know such an address.")
    delivered = service.notify(body=order.text, title=order.title, body_format="text")
    return Done(
        bool(delivered), "" if delivered else "The service did not take it, or its address is refused."
    )


if __name__ == "__main__":
    answer_order(Order, answer)
