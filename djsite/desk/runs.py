"""Runs: what people do with them. Opening a run and bringing its visits in line may take long.

On the site workers do both: here the row is written and they are told after the commit. On the command line
there may be nobody else, so that the functions named ``here`` do it themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from catalog.models import Run, Seed
from crawler.lanes import lane_of
from pipelines import runs
from scheduler import dispatch
from scheduler.wakeups import wake


def run_now(seed: Seed, now: datetime) -> Run:
    """Write down a run of ``seed`` in the urgent lane, whatever its schedule says, and have it opened."""
    run = runs.create_run(seed, Run.Kind.MANUAL, now, now)
    if run is None:  # this very microsecond was asked for already
        return seed.runs.get(kind=Run.Kind.MANUAL, slot=now)
    dispatch.open_run(run)
    return run


def steer(run: Run, action: str, now: datetime) -> bool:
    """``stop``, ``pause`` or ``resume`` a run; False when its state does not allow it (any more)."""
    turns: dict[str, Callable[[], bool]] = {
        "stop": lambda: runs.stop_run(run, now),
        "pause": lambda: runs.pause_run(run),
        "resume": lambda: runs.resume_run(run),
    }
    turned = turns[action]()
    if turned:
        dispatch.settle_run(run)
    return turned


def steered(action: str, turned: bool) -> str:
    """The sentence for what :func:`steer` returned."""
    if not turned:
        return f"Nothing to {action}: the run's state has changed meanwhile."
    return {
        "stop": "The run is stopping: what was not begun is skipped, what is in hand will finish.",
        "pause": "The run is paused: nothing new of it is fetched until it is resumed.",
        "resume": "The run goes on.",
    }[action]


def start_here(seed: Seed, now: datetime) -> Run:
    """A run of the command line, opened in this process; fetch sessions are woken for its hosts."""
    run = runs.create_run(seed, Run.Kind.COMMAND, now, now)
    assert run is not None, "no other run has this very moment as its slot"
    go_on_here(run, now)
    return run


def go_on_here(run: Run, now: datetime) -> None:
    """Open a run that is due, or resume one that is paused, in this process; its hosts are woken."""
    host_ids = runs.start_run(run, now)
    if runs.resume_run(run):
        host_ids |= runs.settle_run(run.pk, now)
    wake({lane_of(run.rank): host_ids})


def pause_here(run: Run, now: datetime) -> None:
    """Pause a run and hold what of it has not begun, all in this process."""
    if runs.pause_run(run):
        runs.settle_run(run.pk, now)
