"""What must hold when everything has ended: a sentence for each promise that rows or archive contradict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Count, Sum

from benchmarks.chaos.load import DUE_PAGES, HOSTS, POISON, SLOW_TARGET, Load
from catalog.clock import db_now
from catalog.models import Batch, Host, Page, Run, RunHost, Snapshot, Visit
from crawler.lanes import Lane
from crawler.outcomes import Outcome, Reason
from pipelines.prune import orphans, prune
from scheduler.doctor import CheckOptions, examine, work
from scheduler.queues import HELD_SINCE, Stage, depths, queue_name
from scheduler.redis_server import BROKER, client

QUEUES = [queue_name(stage, lane) for stage in Stage for lane in Lane]
NOTES = {"time-scale", "contact", "archive-room"}  # of the doctor, about this machine and this installation
MEANT = {"restarts", "seeds-failing", "seeds-missed", "seeds-setback"}  # what the bench itself does


def broken(load: Load) -> Iterator[str]:
    """A sentence for each broken promise; none when all is well."""
    yield from _runs(load)
    yield from _slots(load)
    yield from _rows()
    yield from _archive()


def settled() -> bool:
    """Whether nothing is left to do."""
    runs = Run.objects.filter(finished_at=None).exists()
    leases = Host.objects.exclude(lease_owner="").exists()
    batches = Batch.objects.exclude(state=Batch.State.STORED).exists()
    return not (runs or leases or batches or any(depths(QUEUES).values()) or held_messages())


def held_messages() -> int:
    """Messages that workers hold, dead ones too."""
    return int(client(BROKER).zcard(HELD_SINCE))


def unsettled() -> str:
    """What :func:`settled` still waits for, as a sentence."""
    runs = [
        f"run {run.pk} ({run.kind}, {run.state}): {run.done} of {run.discovered}" for run in _unfinished()
    ]
    leases = Host.objects.exclude(lease_owner="").count()
    batches = Batch.objects.exclude(state=Batch.State.STORED).count()
    waiting = {queue: depth for queue, depth in depths(QUEUES).items() if depth}
    return f"{runs}, {leases} leases, {batches} batches, {waiting}, {held_messages()} messages held"


def _unfinished() -> list[Run]:
    return list(Run.objects.filter(finished_at=None))


def _runs(load: Load) -> Iterator[str]:
    """Every run ended with every page that it had to crawl, each once."""
    large = Counter(load.pages)
    due = Counter(f"{load.url(HOSTS[2])}/p/{number}" for number in range(1, DUE_PAGES + 1))
    for run in Run.objects.order_by("pk"):
        crawled = Counter(_urls(run, Outcome.STORED) + _urls(run, Outcome.UNCHANGED))
        failed = dict(Visit.objects.filter(run=run, outcome=Outcome.FAILED).values_list("url", "reason"))
        name = f"run {run.pk} ({run.kind} of {run.seed.name}, {run.state})"
        if run.seed_id == load.shop.pk:
            continue  # its pages come and go
        if run.seed_id == load.slow.pk:
            expected, poison = Counter([load.url(HOSTS[2]) + SLOW_TARGET]), {}
        elif run.kind == Run.Kind.COMMAND:
            expected, poison = large, {load.url(HOSTS[0]) + POISON: Reason.PARSER_KILLED}
        elif run.kind == Run.Kind.SCHEDULED:
            expected, poison = (due if run.state == Run.State.FINISHED else Counter()), {}
        else:
            expected, poison = Counter(Visit.objects.filter(run=run).values_list("url", flat=True)), {}
        if crawled != expected:
            yield f"{name}: {_difference(crawled, expected)}, limits {run.limits}"
        if failed != poison:
            yield f"{name}: failed are {failed}"
        skipped = Visit.objects.filter(run=run, outcome=Outcome.SKIPPED).exclude(reason=Reason.ROBOTS)
        if skipped.exists():
            yield f"{name}: skipped are {list(skipped.values_list('url', 'reason')[:5])}"


def _urls(run: Run, outcome: Outcome) -> list[str]:
    visits = Visit.objects.filter(run=run, outcome=outcome)
    return list(visits.values_list("page__url", flat=True))


def _difference(crawled: Counter[str], expected: Counter[str]) -> str:
    missing, more = list((expected - crawled).elements()), list((crawled - expected).elements())
    return f"{len(missing)} pages missing {missing[:3]}, {len(more)} too many {more[:3]}"


def _slots(load: Load) -> Iterator[str]:
    """Every due time from the first to the last has one row, which says why if it did not run."""
    step = timedelta(seconds=load.due.interval_seconds or 0)
    expected = None
    for run in Run.objects.filter(seed=load.due, kind=Run.Kind.SCHEDULED).order_by("slot"):
        if expected is not None and run.slot != expected:
            yield f"slot {run.slot} follows where {expected} should"
        if run.state not in (Run.State.FINISHED, Run.State.SKIPPED, Run.State.MISSED):
            yield f"slot {run.slot} is {run.state}"
        if run.state != Run.State.FINISHED and not run.reason:
            yield f"slot {run.slot} is {run.state} and does not say why"
        expected = (run.last_slot or run.slot) + step
    if expected is None:
        yield "no slot has come"


def _rows() -> Iterator[str]:
    """Rows agree with each other."""
    for finding in (*work.check_counters(Run.objects.all()), *work.check_visits()):
        yield f"{finding.told} {finding.examples}"
    on_hosts = dict(RunHost.objects.order_by().values_list("run").annotate(Sum("discovered")))
    for pk, discovered in Run.objects.values_list("pk", "discovered"):
        if on_hosts.get(pk, 0) != discovered:
            yield f"run {pk} has {discovered} URLs, and {on_hosts.get(pk, 0)} on its hosts"
    stored = dict(Snapshot.objects.order_by().values_list("run").annotate(Count("pk")))
    for run in Run.objects.filter(stored__gt=0):
        if stored.get(run.pk, 0) != run.stored:
            yield f"run {run.pk} says {run.stored} stored and has {stored.get(run.pk, 0)} versions"
    versions = dict(Snapshot.objects.order_by().values_list("page").annotate(Count("pk")))
    wrong = [pk for pk, number in Page.objects.values_list("pk", "versions") if versions.get(pk, 0) != number]
    if wrong:
        yield f"{len(wrong)} pages do not have as many versions as they say"


def _archive() -> Iterator[str]:
    """Archive and rows agree, and prune deletes what killed processes left behind."""
    report = examine(CheckOptions(db_now(), whole=True))
    for finding in report.findings:
        if finding.code not in NOTES | MEANT:
            yield f"{finding.code}: {finding.told} {finding.examples}"
    later = db_now() + timedelta(hours=2)
    while not prune(later):
        pass
    if any(list(orphans(later))):
        yield "prune leaves folders behind that belong to no batch"
    again = examine(CheckOptions(db_now(), whole=True))
    codes = [finding.code for finding in again.findings]
    yield from (f"after prune, {code}" for code in codes if code.startswith("segments"))
