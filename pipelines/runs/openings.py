"""Openings of runs: counted before they begin, so that a run whose opening kills its worker is given up.

Runs are opened many together. An opening ends half-way when its process dies or is ended for standing still,
or when the program fails; then each of its runs is opened alone. One that does so twice alone is given up.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime

from django.db import DatabaseError, InterfaceError, OperationalError
from django.db.models import F, QuerySet
from django.db.models.functions import Greatest

from catalog.models import Run
from crawler.outcomes import Reason
from pipelines.runs.states import settle_run

MOST = 3  # openings begun: one together with others, and two alone


@contextmanager
def counted(run_ids: Collection[int], *, alone: bool) -> Iterator[None]:
    """Count the opening of due runs, committed before the work inside; the database's trouble is forgiven."""
    due = _due(run_ids)
    before = dict(due.values_list("pk", "openings"))
    due.update(openings=Greatest("openings", 1) + 1 if alone else F("openings") + 1)
    try:
        yield
    except (OperationalError, InterfaceError):
        with suppress(DatabaseError):
            for pk, openings in before.items():
                _due([pk]).update(openings=openings)
        raise


def may_be_opened(run: Run, now: datetime) -> bool:
    """Whether a due run may be opened (once more). One that may not ends, with the reason."""
    if run.openings < MOST:
        return True
    ends = {"reason": Reason.OPENING_KILLED}
    if not _due([run.pk]).filter(discovered=0).update(state=Run.State.FINISHED, finished_at=now, **ends):
        _due([run.pk]).update(state=Run.State.STOPPING, **ends)  # part of a recrawl has been admitted
        settle_run(run.pk, now)
    return False


def _due(run_ids: Collection[int]) -> QuerySet[Run]:
    return Run.objects.filter(pk__in=run_ids, state=Run.State.DUE)
