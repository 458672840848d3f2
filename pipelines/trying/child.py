"""The process in which a tried page is read: it has a time limit and a memory limit, and may be killed.

Orders and trials pass as msgpack over its standard input and output. It knows no settings, no tables and no
network.
"""

from __future__ import annotations

from pathlib import Path

from crawler.outcomes import Reason
from crawler.reading.own_code import names
from pipelines.killable import ChildKilled, answer_order, in_child
from pipelines.trying.reading import read
from pipelines.trying.trial import Order, Trial


def read_in_child(order: Order) -> Trial:
    """The trial of a body; with the verdict ``parser_killed`` if it cannot be read within the limits."""
    try:
        return in_child(__name__, order, Trial)
    except ChildKilled as error:
        return _killed(order, f"it could not be read: {error}")


def _killed(order: Order, detail: str) -> Trial:
    return Trial(url=order.url, final_url=order.final_url, verdict=Reason.PARSER_KILLED, detail=detail)


def _read(order: Order) -> Trial:
    names.look_in(Path(order.extractors))
    return read(order)


if __name__ == "__main__":
    answer_order(Order, _read)
