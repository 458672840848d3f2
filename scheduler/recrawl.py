"""Setting a recrawl in motion: sessions hear of what is admitted already, workers open the rest."""

from __future__ import annotations

from crawler.lanes import Lane
from pipelines.runs.recrawl import Recrawl
from scheduler import dispatch
from scheduler.wakeups import wake


def begin(recrawl: Recrawl) -> Recrawl:
    """Wake the sessions; have the runs opened that are too large to have been opened with the request.

    Not to be called within a transaction. Whatever is interrupted here, the sweep begins again.
    """
    admitted = [ordered.host_ids for ordered in recrawl.ordered if ordered.host_ids is not None]
    wake({Lane.URGENT: frozenset[int]().union(*admitted)})
    for ordered in recrawl.ordered:
        if ordered.host_ids is None:
            dispatch.open_run(ordered.run)
    return recrawl
