"""What the pages show, as few queries each: bounded, without bodies, and on the indexes of the catalog."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Trunc

from catalog.models import Export, Page, Record, Run, Seed, Snapshot, Visit
from catalog.models.seed import SeedQuerySet
from crawler.outcomes import Outcome

MANY = 10_000  # counts stop here: "10 000+" is as good as the truth and a thousand times cheaper
RECENT_RUNS = 200  # how far back the dashboard looks for trouble
MUCH, SHARE = 10, 10  # failures that need a look: so many, and one visit in so many
FEW_FAILURES = 1000  # so many are searched for a start URL
WAITING = "waiting"  # visits without an outcome


@dataclass(frozen=True)
class Tally:
    """A count that stops at :data:`MANY`, or at the ``limit`` given."""

    count: int
    limit: int = MANY

    def __str__(self) -> str:
        shown = f"{min(self.count, self.limit):,}".replace(",", "\u202f")
        return shown if self.count <= self.limit else shown + "+"


def tally(queryset: QuerySet) -> Tally:  # type: ignore[type-arg]
    """Count the rows of ``queryset``, at most :data:`MANY` and one more."""
    return Tally(queryset.order_by()[: MANY + 1].count())


# Dashboard ------------------------------------------------------------------------------------------------


def live_runs(limit: int = 12) -> list[Run]:
    """Open runs, the most urgent first."""
    return list(
        Run.objects.open()
        .filter(seed__deleted_at=None)
        .select_related("seed")
        .order_by("rank", "-id")[:limit]
    )


def due_next(limit: int = 8) -> list[Seed]:
    """Seeds by their next due time."""
    return list(Seed.objects.scheduled().exclude(next_slot=None).order_by("next_slot")[:limit])


@dataclass(frozen=True)
class Trouble:
    """A run that went wrong, and its commonest reasons."""

    run: Run
    reasons: list[tuple[str | None, int]] = field(default_factory=list)


def recent_trouble(limit: int = 8) -> list[Trouble]:
    """Of the latest runs those that need a look (docs/site.md), newest first: each the last of its seed."""
    latest = Run.objects.order_by("-id").values("pk")[:RECENT_RUNS]
    later = Run.objects.ended().filter(seed=OuterRef("seed"), pk__gt=OuterRef("pk"))
    runs = Run.objects.ended().filter(~Exists(later), pk__in=latest, seed__deleted_at=None)
    troubled = list(runs.filter(_needs_a_look()).select_related("seed").order_by("-id")[:limit])
    reasons = _failures_of(troubled)
    return [Trouble(run, reasons[run.pk][:2]) for run in troubled]


def _needs_a_look() -> Q:
    """Missed; or got nothing; or much failed; or of what people wrote themselves (depth 0) anything did.

    A page here and there that is gone needs none: links break all the time.
    """
    written = Visit.objects.filter(
        run=OuterRef("pk"), state=Visit.State.DONE, outcome=Outcome.FAILED, depth=0
    )
    much = Q(failed__gte=MUCH, discovered__lte=F("failed") * SHARE)
    # few failures are looked through; with many a start URL among them would be no news
    few = Q(Exists(written), failed__gt=0, failed__lt=FEW_FAILURES)
    return Q(state=Run.State.MISSED) | Run.GOT_NOTHING | much | few


def _failures_of(runs: Sequence[Run]) -> dict[int, list[tuple[str | None, int]]]:
    rows = (
        Visit.objects.filter(run__in=[run.pk for run in runs], state=Visit.State.DONE, outcome=Outcome.FAILED)
        .values_list("run_id", "reason")
        .annotate(count=Count("pk"))
        .order_by("-count")
    )
    reasons: dict[int, list[tuple[str | None, int]]] = defaultdict(list)
    for run_id, reason, count in rows:
        reasons[run_id].append((reason, count))
    return reasons


KEPT_APART = ("stored", "unchanged", "failed")
Tallies = dict[datetime, dict[str, int]]


def tallies(since: datetime, unit: str) -> Tallies:
    """What the runs begun since then got, by the ``unit`` (hour, minute) of their beginning."""
    rows = (
        Run.objects.filter(created_at__gte=since)
        .annotate(begun=Trunc("created_at", unit))
        .values_list("begun")
        .annotate(*(Sum(name) for name in KEPT_APART), Count("pk"))
        .order_by("begun")
    )
    return {begun: dict(zip((*KEPT_APART, "runs"), counts, strict=True)) for begun, *counts in rows}


# Seeds and runs -------------------------------------------------------------------------------------------


def seeds(text: str = "", state: str = "") -> SeedQuerySet:
    """The seeds people see, those made by the crawl command too."""
    found = Seed.objects.alive()
    if text:
        found = found.filter(Q(name__icontains=text) | Q(start_urls__icontains=text))
    if state in ("on", "off"):
        found = found.filter(enabled=state == "on")
    return found


def last_runs(of: Sequence[Seed], count: int) -> dict[int, list[Run]]:
    """The newest ``count`` runs of each seed, newest first, in two queries however many seeds."""
    nth = Run.objects.filter(seed=OuterRef("pk")).order_by("-id").values("pk")[count - 1 : count]
    floors = Seed.objects.filter(pk__in=[seed.pk for seed in of]).values_list("pk", Subquery(nth))
    wanted = Q()
    for seed_id, floor in floors:
        wanted |= Q(seed=seed_id, pk__gte=floor or 0)
    runs: dict[int, list[Run]] = {seed.pk: [] for seed in of}
    if wanted:
        for run in Run.objects.filter(wanted).order_by("-id"):
            runs[run.seed_id].append(run)
    return runs


def runs(seed: int | None = None, state: str = "", kind: str = "") -> QuerySet[Run]:
    """Runs with their seeds, those of deleted seeds left out."""
    found = Run.objects.filter(seed__deleted_at=None).select_related("seed")
    if seed:
        found = found.filter(seed=seed)
    if state:
        found = found.filter(state=state)
    if kind:
        found = found.filter(kind=kind)
    return found


@dataclass(frozen=True)
class ReasonRow:
    """How many visits of a run ended for a reason."""

    outcome: Outcome
    reason: str
    count: int


def reasons(run: Run) -> list[ReasonRow]:
    """Why visits of ``run`` were not stored, the commonest first."""
    rows = (
        Visit.objects.filter(run=run, state=Visit.State.DONE, outcome__in=[Outcome.FAILED, Outcome.SKIPPED])
        .values_list("outcome", "reason")
        .annotate(count=Count("pk"))
        .order_by("-count", "reason")
    )
    return [ReasonRow(Outcome(outcome or 0), reason or "", count) for outcome, reason, count in rows]


def visits(run: Run, outcome: str) -> QuerySet[Visit]:
    """A run's visits that ended so, or still wait; each on an index that begins with the run."""
    found = Visit.objects.filter(run=run).select_related("page")
    if outcome == WAITING:
        return found.filter(state__lt=Visit.State.FETCHED)
    return found.filter(state=Visit.State.DONE, outcome=Outcome[outcome.upper()])


# Pages, versions, records ---------------------------------------------------------------------------------


def pages(seed: int | None = None) -> QuerySet[Page]:
    """Pages with their seed and what a list shows of the latest version; never a text or a body."""
    found = Page.objects.filter(seed__deleted_at=None)
    if seed:
        found = found.filter(seed=seed)
    return found.select_related("seed", "latest").only(
        "url",
        "first_stored_at",
        "last_changed_at",
        "last_fetched_at",
        "versions",
        "seed__name",
        "latest__title",
        "latest__status",
        "latest__content_type",
        "latest__size",
    )


RECORDS = Prefetch("records", Record.objects.newest_first().select_related("rule_set"))


def versions(page: Page) -> QuerySet[Snapshot]:
    """A page's versions with their records, without text and outlinks."""
    found = page.snapshots.select_related("run").prefetch_related(RECORDS)
    return found.defer("text_zstd", "outlinks_zstd")


Rules = dict[str, dict[str, str]]  # of fields, by name


@dataclass(frozen=True)
class Cell:
    """A field of a version, beside what the version before had."""

    name: str
    value: str | None
    before: str | None
    changed: bool


@dataclass(frozen=True)
class VersionRow:
    """A version with its fields compared to those of the version before it."""

    snapshot: Snapshot
    cells: list[Cell]
    first: bool

    @property
    def changed(self) -> list[Cell]:
        return [cell for cell in self.cells if cell.changed]


def compare(newest_first: Sequence[Snapshot]) -> list[VersionRow]:
    """Each version against the next older one of the sequence; the last has nothing to compare with."""
    names = field_names(fields_of(snapshot) for snapshot in newest_first)
    older: list[Snapshot | None] = [*newest_first[1:], None]
    return [
        VersionRow(snapshot, _cells(names, snapshot, before), before is None)
        for snapshot, before in zip(newest_first, older, strict=False)
    ]


def _cells(names: Sequence[str], snapshot: Snapshot, before: Snapshot | None) -> list[Cell]:
    """What other rules made is no change of the page: a field that is new, and one that is read otherwise."""
    now, then = fields_of(snapshot), fields_of(before) if before else {}
    alike = _rules_of(snapshot), _rules_of(before) if before else {}
    return [
        Cell(name, now.get(name, ""), then.get(name), _same(name, *alike) and now.get(name) != then.get(name))
        for name in names
    ]


def _same(name: str, now: Rules, then: Rules) -> bool:
    return name in now and now[name] == then.get(name)


def fields_of(snapshot: Snapshot) -> dict[str, str | None]:
    """The fields of a version by the newest rules that have read it; none when it has no record.

    The snapshot comes with its :data:`RECORDS`.
    """
    record = _newest(snapshot)
    return record.data if record else {}


def _rules_of(snapshot: Snapshot) -> Rules:
    record = _newest(snapshot)
    return {rule["name"]: rule for rule in record.rule_set.rules} if record else {}


def _newest(snapshot: Snapshot) -> Record | None:
    return next(iter(snapshot.records.all()), None)


def field_names(records: Iterable[dict[str, str | None]]) -> list[str]:
    """All names of fields, in the order they first appear."""
    return list(dict.fromkeys(name for record in records for name in record))


def records(seed: int) -> QuerySet[Record]:
    """A seed's records, one a version, with their page's address and their version's time."""
    return (
        Record.objects.filter(seed=seed)
        .newest()
        .select_related("page", "snapshot")
        .only("data", "page__url", "snapshot__fetched_at")
    )


def one_page() -> QuerySet[Page]:
    """For the page of one page."""
    return (
        Page.objects.filter(seed__deleted_at=None)
        .select_related("seed", "latest", "host")
        .defer("latest__text_zstd", "latest__outlinks_zstd")
    )


def exports() -> QuerySet[Export]:
    """Files asked for, those of deleted seeds left out."""
    deleted = Q(seed__deleted_at__isnull=False) | Q(run__seed__deleted_at__isnull=False)
    return Export.objects.exclude(deleted).select_related("seed", "run", "created_by")
