"""``crawlbeat recrawl``: fetch pages again now, in the urgent lane, and say what is done."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from django.conf import settings

from catalog.clock import db_now
from catalog.models import Run, Visit
from catalog.schema import bring_up_to_date
from console.checks import seed_named
from crawler.outcomes import Outcome
from crawler.rules.urls import origin_of
from djsite.desk.recrawls import Recrawl, recrawl_host, recrawl_seed, recrawl_urls
from embedded.datadir import DataFolder
from embedded.errors import UsageError
from embedded.signals import Signals
from embedded.work_loop import WorkLoop

INTERRUPTED = 130
LOOK_EVERY = 0.2  # seconds between looks at the runs
FAILURES_SHOWN = 10


def run(options: argparse.Namespace, folder: DataFolder) -> int:
    """Order the recrawl, print what is on its way, and with ``--wait`` wait for its end.

    0: all of it is on its way (was fetched); 1: some of it is not; 130: interrupted while waiting.
    """
    check(options)
    if not options.wait:
        bring_up_to_date()
        if not (working := workers_run(folder)):
            logging.getLogger("scheduler.redis_server").setLevel(logging.ERROR)  # printed below
        recrawl = order(options)
        print_orders(recrawl)
        if recrawl.ordered and not working:
            print("Nothing runs on this data folder: 'crawlbeat up' will begin with it.")
        return 1 if recrawl.refused else 0
    with Signals() as signals, work(folder, signals) as wait:
        recrawl = order(options)
        print_orders(recrawl)
        runs = [ordered.run for ordered in recrawl.ordered]
        while unfinished(runs):
            if signals.stops:
                print("Interrupted; what was ordered goes on where Crawlbeat runs.", file=sys.stderr)
                return INTERRUPTED
            wait(LOOK_EVERY)
    failed = sum([summarise(run) for run in runs])
    return 1 if recrawl.refused or failed else 0


def check(options: argparse.Namespace) -> None:
    """Raise UsageError unless the options name pages in exactly one way."""
    if options.urls and options.host:
        raise UsageError("--host: means all pages of a host; leave it or the URLs out")
    if not options.urls and not options.host and options.seed is None:
        raise UsageError("name URLs, a seed (--seed) or a host (--host)")


def order(options: argparse.Namespace) -> Recrawl:
    """Order what the options name. Raises UsageError for an unknown seed, or for too many URLs."""
    now = db_now()
    seed = seed_named(options.seed) if options.seed is not None else None
    origin = origin_of(options.host) if options.host else None
    if options.urls:
        try:
            return recrawl_urls(options.urls, now, seed)
        except ValueError as error:
            raise UsageError(str(error)) from error
    if seed is not None:
        return recrawl_seed(seed, now, origin)
    return recrawl_host(origin or "", now)


def print_orders(recrawl: Recrawl) -> None:
    """Print what was ordered, and what could not be."""
    for ordered in recrawl.ordered:
        run = ordered.run
        print(line_of_order(run.pk, ordered.pages, run.seed.name), flush=True)
    for sentence in recrawl.refused:
        print(f"crawlbeat recrawl: {sentence}", file=sys.stderr, flush=True)


def line_of_order(run: int, count: int, seed: str) -> str:
    """What a run fetches, for people."""
    pages = "1 page" if count == 1 else f"{count:,} pages"
    return f"run {run}: {pages} of “{seed}” fetched again now, before all that waits"


def workers_run(folder: DataFolder) -> bool:
    """Whether workers run: those of a keeper, or, with DATABASE_URL, those of an installation."""
    return folder.keeper() is not None or bool(settings.DATABASE_URL)


@contextmanager
def work(folder: DataFolder, signals: Signals) -> Iterator[Callable[[float], None]]:
    """A function that waits while workers run: those of an installation, of a keeper, or our own."""
    if settings.DATABASE_URL and folder.keeper() is None:
        yield signals.wait
        return
    with WorkLoop(folder, signals) as work_loop:
        yield work_loop.wait


def unfinished(runs: Sequence[Run]) -> bool:
    """Whether one of the runs has not ended."""
    return Run.objects.filter(pk__in=[run.pk for run in runs], finished_at=None).exists()


def summarise(run: Run) -> int:
    """Print the outcome of a run; returns how many visits failed."""
    run.refresh_from_db()
    failures = Visit.objects.filter(run=run, outcome=Outcome.FAILED).order_by("pk")
    counts = {outcome.label: getattr(run, outcome.label) for outcome in Outcome}
    print_summary(run.pk, counts, failures.values_list("url", "reason")[:FAILURES_SHOWN])
    return run.failed


def print_summary(run: int, counts: Mapping[str, int], failures: Iterable[tuple[str, str | None]]) -> None:
    """Print how the visits of a run ended, and the addresses and reasons of some that failed."""
    parts = [f"{count:,} {outcome}" for outcome, count in counts.items() if count]
    print(f"run {run}: {', '.join(parts) or 'nothing'}")
    for url, reason in failures:
        print(f"crawlbeat recrawl: {url} failed: {reason}", file=sys.stderr)
