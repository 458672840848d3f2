"""``crawlbeat crawl``: a run on the same path as every other run, then its pages as a file."""

from __future__ import annotations

import argparse
import sys
import time
from datetime import datetime
from operator import itemgetter

from django.db import OperationalError, connection
from django.db.models import Count

from catalog.clock import db_now
from catalog.formats import FORMATS
from catalog.models import Export, Host, Run, RunHost, Visit
from console.adhoc_seed import check_seed, not_applied, save_seed, unfinished_run
from console.output import STDOUT, Output
from console.progress import Counts, Display
from crawler.outcomes import Outcome, Reason
from crawler.requests.exchange import one_line
from djsite.desk.exports import rows_of, write_rows
from djsite.desk.read.small_runs import why_small
from djsite.desk.runs import compare_here, go_on_here, pause_here, start_here
from embedded.datadir import DataFolder
from embedded.errors import UsageError
from embedded.signals import Signals
from embedded.work_loop import WorkLoop

LOOK_EVERY = 0.2  # seconds between looks at the run
INTERRUPT_SECONDS = 15.0  # seconds that an interrupted crawl waits for fetched pages
INTERRUPTED = 130
REASONS_SHOWN = 5
FEW = 20  # URLs, or hosts: when no more are left, the display says what they wait for
PAUSE = 3.0  # seconds of a host that are worth a word


def run(options: argparse.Namespace, folder: DataFolder) -> int:
    """Crawl, export and sum up; 0 when a page was stored or found unchanged, 1 when none was."""
    output = Output(options.output, options.format)
    if options.all and FORMATS[output.format].of_raw:
        raise UsageError(f"--all: {output.format} holds answers, and visits that stored nothing have none")
    if not options.resume:  # a run that is unfinished goes on by what it has frozen
        check_seed(options)
    with Signals() as signals, WorkLoop(folder, signals) as work:
        crawl = open_run(options, db_now())
        follow(crawl, work, signals)
        interrupted = crawl.finished_at is None
        if interrupted:
            pause(crawl, work, signals)
        else:
            compare_here(crawl, db_now())
    rows = write_pages(crawl, output, every=options.all)
    summarise(crawl, output, rows)
    if interrupted:
        say(f"To go on, give the same command with --resume (it continues run {crawl.pk}).")
        return INTERRUPTED
    return 0 if crawl.stored + crawl.unchanged else 1


def open_run(options: argparse.Namespace, now: datetime) -> Run:
    """Open a run of these URLs, or go on with their unfinished run if the options say so."""
    crawl = unfinished_run(options)
    if crawl is not None and options.resume:
        say(f"Going on with run {crawl.pk}.")
        if options_left := not_applied(options):
            say(
                f"It goes on as it began, without {', '.join(options_left)}. To use that, leave --resume out:"
                " a new run begins."
            )
        go_on_here(crawl, now)
        return crawl
    if options.resume:
        say("There is no unfinished run of these URLs; beginning a new one.")
        check_seed(options)
    elif crawl is not None:
        say(f"Run {crawl.pk} of these URLs is unfinished (--resume goes on with it); beginning a new one.")
    return start_here(save_seed(options), now)


def follow(crawl: Run, work: WorkLoop, signals: Signals) -> None:
    """Show the progress of a run until it has ended or a signal interrupts it."""
    began, before = time.monotonic(), crawl.done
    with Display() as display:
        _reload(crawl)
        while crawl.finished_at is None and not signals.stops:
            work.wait(LOOK_EVERY)
            _reload(crawl)
            display.show(_counts(crawl, before, time.monotonic() - began))


def waiting_for(crawl: Run, now: datetime) -> str:
    """The next try that a run waits for when it has nothing else to do; empty while it has."""
    # below FETCHED: by that SQLite knows the index, and does not read every visit of the run
    queued = Visit.objects.filter(run=crawl, state=Visit.State.QUEUED, state__lt=Visit.State.FETCHED)
    visits = list(queued.order_by("due_at")[: FEW + 1])
    if not visits or len(visits) > FEW or len(visits) < crawl.discovered - crawl.done:
        return ""  # some are held or fetched
    first, seconds = visits[0], (visits[0].due_at - now).total_seconds()
    failed = first.tries.order_by("-number").first()
    if failed is None or seconds < 1:
        return ""
    return f"{first.url[:200]} failed ({failed.reason}) and is tried again in {seconds:.0f} s"


def paused_host(crawl: Run, now: datetime) -> str:
    """That all hosts of a run with work are paused, the first until when; empty while one can be asked."""
    host_ids = list(RunHost.objects.filter(run=crawl).values_list("host", flat=True)[: FEW + 1])
    if len(host_ids) > FEW:
        return ""
    pauses = [
        (max(host.open_until or now, host.next_request_at or now), host)
        for host in Host.objects.filter(pk__in=host_ids).exclude(due_at=None)
    ]
    if not pauses:
        return ""
    until, host = min(pauses, key=itemgetter(0))
    seconds = (until - now).total_seconds()
    if seconds < PAUSE:
        return ""
    why = f" after {host.failures} failures in a row ({host.last_reason})" if host.failures else ""
    return f"{host.origin} is paused{why}, until {until.astimezone():%H:%M:%S} ({seconds:.0f} s)"


def _reload(crawl: Run) -> None:
    """Read the run again; if the database does not answer, the next call tries again."""
    try:
        crawl.refresh_from_db()
    except OperationalError:
        connection.close()


def pause(crawl: Run, work: WorkLoop, signals: Signals) -> None:
    """Pause the run and wait until fetched pages are stored; another Ctrl-C ends the wait."""
    say("Interrupted; storing what is in hand.")
    pause_here(crawl, db_now())
    fetched = Visit.objects.filter(run=crawl, state=Visit.State.FETCHED)
    stops, end = signals.stops, time.monotonic() + INTERRUPT_SECONDS
    while fetched.exists() and signals.stops == stops and time.monotonic() < end:
        work.wait(LOOK_EVERY)
    crawl.refresh_from_db()


def write_pages(crawl: Run, output: Output, *, every: bool) -> int:
    """Write the run's pages, or in a format of raw answers those; returns how many rows."""
    kind = Export.Kind.RAW if FORMATS[output.format].of_raw else Export.Kind.PAGES
    rows = rows_of(kind, run=crawl, every_outcome=every)
    with output.open() as file:
        return write_rows(file, output.format, rows, output.compression)


def summarise(crawl: Run, output: Output, rows: int) -> None:
    """Print the outcome of the run on stderr."""
    say("; ".join(_outcomes(crawl)) or "Nothing was visited.")
    if Visit.objects.filter(run=crawl, reason=Reason.BLOCKED_ADDRESS).exists():
        say("Loopback and private addresses are asked only where --allow-network names their network.")
    for sentence in why_small(crawl):
        say(one_line(sentence))
    for limit, links in crawl.limits.items():
        if links:
            say(f"{links:,} links were not followed: {limit}.")
    for warning in crawl.warnings:
        say(warning)
    seconds = ((crawl.finished_at or db_now()) - (crawl.started_at or crawl.created_at)).total_seconds()
    pace = f"{seconds:.1f} s, {crawl.done / max(seconds, 0.001):.1f} URLs a second"
    say(f"{pace}. {rows:,} rows are in {'standard output' if output.name == STDOUT else output.name}.")


def _outcomes(crawl: Run) -> list[str]:
    """Each outcome with its number and its most frequent reasons."""
    visits = Visit.objects.filter(run=crawl, state=Visit.State.DONE, reason__isnull=False)
    grouped = visits.order_by().values_list("outcome", "reason")
    reasons = list(grouped.annotate(number=Count("pk")).order_by("-number"))
    parts = []
    for outcome in Outcome:
        number = getattr(crawl, outcome.label)
        why = [f"{reason} {count:,}" for of, reason, count in reasons if of == outcome][:REASONS_SHOWN]
        if number:
            parts.append(f"{number:,} {outcome.label}" + (f" ({', '.join(why)})" if why else ""))
    return parts


def say(line: str) -> None:
    """A line for people; standard output is for data."""
    print(line, file=sys.stderr, flush=True)


def _counts(crawl: Run, before: int, seconds: float) -> Counts:
    return Counts(
        discovered=crawl.discovered,
        done=crawl.done,
        stored=crawl.stored,
        unchanged=crawl.unchanged,
        failed=crawl.failed,
        rate=(crawl.done - before) / max(seconds, 0.1),
        waiting=_waiting(crawl),
    )


def _waiting(crawl: Run) -> str:
    """What the run waits for; the next try is named when few URLs are left. Empty without an answer."""
    try:
        now = db_now()
        few = crawl.discovered - crawl.done <= FEW
        return paused_host(crawl, now) or (waiting_for(crawl, now) if few else "")
    except OperationalError:
        connection.close()
        return ""
