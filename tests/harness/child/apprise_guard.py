"""What happens in the process of Apprise to a connection to this machine, and to another program."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Callable

from pipelines.killable import answer_order
from pipelines.telling.kinds.apprise_child import Done, Order, watch


def failure_of(action: Callable[[], object]) -> str:
    try:
        action()
    except Exception as error:
        return type(error).__name__
    return "none"


def answer(order: Order) -> Done:
    watch(order.networks)
    connects = failure_of(lambda: socket.create_connection(("127.0.0.1", 9), timeout=1))
    with socket.socket(type=socket.SOCK_DGRAM) as datagrams:
        sends = failure_of(lambda: datagrams.sendto(b"x", ("127.0.0.1", 9)))
    return Done(
        False, f"{connects} {sends} {failure_of(lambda: subprocess.run([sys.executable, '-V'], check=True))}"
    )


if __name__ == "__main__":
    answer_order(Order, answer)
