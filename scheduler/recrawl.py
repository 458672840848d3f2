"""Setting a recrawl in motion: what is small is admitted by whoever asks, which is sooner than a message."""

from __future__ import annotations

from datetime import datetime

from pipelines.orders import PART
from pipelines.recrawl import Recrawl
from scheduler import ask, sweeps


def begin(recrawl: Recrawl, now: datetime) -> Recrawl:
    """Open the runs of a request and wake the sessions; a large one is opened by a worker.

    Not to be called within a transaction. Whatever is interrupted here, the sweep begins again.
    """
    for ordered in recrawl.ordered:
        if ordered.pages < PART:
            sweeps.start(ordered.run, now)
        else:
            ask.open_run(ordered.run)
    return recrawl
