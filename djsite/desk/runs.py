"""Runs: what people do with them. Opening a run and bringing its visits in line may take long.

For the site workers do both: these functions write the row and tell workers after the commit. On the command
line there may be no workers, so the functions named ``here`` do it themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from catalog.models import Run, Seed
from crawler.lanes import lane_of
from pipelines import runs
from pipelines.changes import gone
from scheduler import dispatch
from scheduler.clock import ledger
from scheduler.clock.decisions import WAITING
from scheduler.wakeups import wake


class RunNow(NamedTuple):
    """What came of asking for a run: the run, and a sentence."""

    run: Run
    sentence: str


def run_now(seed: Seed, now: datetime) -> RunNow:
    """Have a run of ``seed`` opened in the urgent lane, outside its schedule but by its overlap rule."""
    run = ledger.run_by_hand(seed, now)
    if run.slot != now:
        return RunNow(
            run, f"A run of {seed.name} is going already. By the seed's overlap rule no other is begun."
        )
    if run.reason == WAITING:
        return RunNow(run, f"A run of {seed.name} is going: this one waits for its end.")
    dispatch.open_run(run)
    return RunNow(run, f"{seed.name} is being crawled now, before everything else.")


def steer(run: Run, action: str, now: datetime) -> bool:
    """``stop``, ``pause`` or ``resume`` a run; False when its state does not allow it (any more)."""
    actions: dict[str, Callable[[], bool]] = {
        "stop": lambda: runs.stop_run(run, now),
        "pause": lambda: runs.pause_run(run),
        "resume": lambda: runs.resume_run(run),
    }
    changed = actions[action]()
    if changed:
        dispatch.settle_run(run)
    return changed


def steered(action: str, changed: bool) -> str:
    """The sentence for what :func:`steer` returned."""
    if not changed:
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
    """Pause a run and hold its visits that have not begun, in this process."""
    if runs.pause_run(run):
        runs.settle_run(run.pk, now)


def compare_here(run: Run, now: datetime) -> None:
    """Mark what a run that has finished did not find as gone, in this process."""
    gone.compare_run(run.pk, now)
