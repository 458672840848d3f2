"""What people set in motion from the site and the admin: the only writes of this app besides seeds' forms.

Rows are written here; workers and clock hear of it on commit and do what may take long.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime

from catalog.models import Host, Page, Run, Seed
from pipelines import runs
from pipelines.runs import recrawl
from pipelines.runs.recrawl import Recrawl
from scheduler import dispatch
from scheduler.clock import planning, slots
from scheduler.recrawl import begin

NEXT_DUE = 5


def run_now(seed: Seed, now: datetime) -> Run:
    """Write down a run of ``seed`` in the urgent lane, whatever its schedule says, and have it opened."""
    run = runs.create_run(seed, Run.Kind.MANUAL, now, now)
    if run is None:  # this very microsecond was asked for already
        return seed.runs.get(kind=Run.Kind.MANUAL, slot=now)
    dispatch.open_run(run)
    return run


def recrawl_page(page: Page, now: datetime) -> Recrawl:
    """Fetch a page again at once, however fresh it is."""
    return begin(recrawl.recrawl_pages([page], now))


def recrawl_host(host: Host, now: datetime) -> Recrawl:
    """Fetch all pages of a host again at once, of every seed that has some."""
    return begin(recrawl.recrawl_host(host.origin, now))


def recrawl_urls(urls: Collection[str], seed: Seed | None, now: datetime) -> Recrawl:
    """Fetch these URLs again at once, of one seed or of all that have or cover them."""
    return begin(recrawl.recrawl_urls(urls, now, seed))


def recrawl_seed(seed: Seed, now: datetime) -> Recrawl:
    """Fetch all pages of a seed again at once, without looking for new ones."""
    return begin(recrawl.recrawl_seed(seed, now))


def steer(run: Run, action: str, now: datetime) -> bool:
    """Stop, pause or resume a run; False when its state does not allow it (any more)."""
    turns: dict[str, Callable[[], bool]] = {
        "stop": lambda: runs.mark_stopping(run, now),
        "pause": lambda: runs.mark_paused(run),
        "resume": lambda: runs.mark_resumed(run),
    }
    turned = turns[action]()
    if turned:
        dispatch.settle_run(run)
    return turned


def said(action: str, done: bool) -> str:
    """The sentence for :func:`steer`'s answer."""
    if not done:
        return f"Nothing to {action}: the run's state has changed meanwhile."
    return {
        "stop": "The run is stopping: what was not begun is skipped, what is in hand will finish.",
        "pause": "The run is paused: nothing new of it is fetched until it is resumed.",
        "resume": "The run goes on.",
    }[action]


def switch(seeds: Iterable[Seed], enabled: bool) -> int:
    """Switch on or off the schedules of ``seeds``; returns how many were not so already.

    Saved one by one: each save plans the next slot and tells the clock.
    """
    changed = [seed for seed in seeds if seed.enabled != enabled]
    for seed in changed:
        seed.enabled = enabled
        seed.save(update_fields=["enabled", "updated_at"])
    return len(changed)


def delete(seeds: Iterable[Seed], now: datetime) -> None:
    """Hide seeds at once; their runs are stopped and their rows pruned in the background."""
    for seed in seeds:
        seed.deleted_at = now
        seed.save(update_fields=["deleted_at", "updated_at"])


def duplicate(seed: Seed) -> Seed:
    """A copy that is off, under a name of its own."""
    copy = Seed.objects.get(pk=seed.pk)
    copy.pk = None
    copy._state.adding = True
    copy.name, copy.enabled, copy.origin = _free_name(seed.name), False, Seed.Origin.SITE
    copy.next_slot, copy.slot_rule = None, ""
    copy.save()
    return copy


def _free_name(name: str) -> str:
    """``name (copy)``, ``name (copy 2)``, … within the column's length."""
    taken = set(Seed.objects.alive().filter(name__startswith=name[:180]).values_list("name", flat=True))
    number = 1
    while (found := f"{name[:180]} (copy{f' {number}' if number > 1 else ''})") in taken:
        number += 1
    return found


def next_due(seed: Seed, now: datetime) -> list[datetime]:
    """The next due times: the one that is written down, and those that follow from the schedule."""
    if not planning.active(seed):
        return []
    first = seed.next_slot
    try:
        if first is None or first < now:
            return [*([first] if first else []), *slots.next_slots(seed, now, NEXT_DUE - bool(first))]
        return [first, *slots.next_slots(seed, first, NEXT_DUE - 1)]
    except ValueError:
        return []
