"""Setting a recrawl in motion: sessions hear of what is admitted already, workers open the rest."""

from __future__ import annotations

from crawler.records import Lane
from pipelines.recrawl import Recrawl
from scheduler import ask
from scheduler.wake import wake


def begin(recrawl: Recrawl) -> Recrawl:
    """Wake the sessions; have the runs opened that are too large to have been opened with the request.

    Not to be called within a transaction. Whatever is interrupted here, the sweep begins again.
    """
    admitted = [ordered.host_ids for ordered in recrawl.ordered if ordered.host_ids is not None]
    wake({Lane.URGENT: frozenset[int]().union(*admitted)})
    for ordered in recrawl.ordered:
        if ordered.host_ids is None:
            ask.open_run(ordered.run)
    return recrawl
