"""The process in which a tried page is read: it has a time limit and a memory limit, and may be killed.

Orders and trials pass as msgpack over its standard input and output. It knows no settings, no tables and no
network.
"""

from __future__ import annotations

import sys

import msgspec

from crawler.memory_limit import PARSER_BYTES, limit_memory
from crawler.outcomes import Reason
from pipelines.trying.limited import Unread, in_child
from pipelines.trying.reading import read
from pipelines.trying.trial import Order, Trial


def read_in_child(order: Order) -> Trial:
    """The trial of a body; with the verdict ``parser_killed`` if it cannot be read within the limits."""
    try:
        return msgspec.msgpack.decode(in_child(__name__, msgspec.msgpack.encode(order)), type=Trial)
    except Unread as error:
        return _killed(order, f"it could not be read{error}")


def _killed(order: Order, detail: str) -> Trial:
    return Trial(url=order.url, final_url=order.final_url, verdict=Reason.PARSER_KILLED, detail=detail)


def main() -> None:
    """Read one order, write one trial."""
    limit_memory(PARSER_BYTES)
    order = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Order)
    sys.stdout.buffer.write(msgspec.msgpack.encode(read(order)))


if __name__ == "__main__":
    main()
