"""What changed in short: lately, in a day by seed, and in a run beside the run before."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import BooleanField, ExpressionWrapper, QuerySet

from catalog.models import Event, Run, Seed
from djsite.desk.events.listing import EventList, of_pages, stands
from djsite.desk.events.rows import ShownEvent, rows_of
from djsite.desk.read.tally import MANY, Tally, tally
from pipelines.telling.filters import EventFilter

Kind = Event.Kind
WORDS = ("new", "changed", "gone")
DAY = timedelta(hours=24)
_WORDS: dict[int, str] = {
    Kind.RECORD_NEW: "new",
    Kind.FIELD_CHANGED: "changed",
    Kind.RECORD_GONE: "gone",
    Kind.PAGE_NEW: "new",
    Kind.PAGE_CHANGED: "changed",
    Kind.PAGE_GONE: "gone",
}


def latest(now: datetime, count: int, seed: Seed | None = None) -> list[ShownEvent]:
    """The newest events of things, of one seed or of all."""
    wanted = EventFilter() if seed is None else EventFilter(seed=seed.pk)
    return rows_of(EventList(wanted=wanted).part(now, size=count).rows)


@dataclass(frozen=True)
class SeedCounts:
    """How much happened to the things of a seed, by word: new, changed, gone."""

    seed: int
    name: str
    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True)
class Day:
    """What happened in a day: the seeds with most of it first."""

    seeds: list[SeedCounts]
    counts: Mapping[str, Tally]  # by word
    seed_count: int


def day_of(now: datetime, most: int = 6) -> Day:
    """The counts of the last 24 hours; where more than MANY events happened, of the newest MANY."""
    events = Event.objects.filter(at__gte=now - DAY).order_by("-at", "-id")
    newest = list(events.values_list("seed", "kind", "state")[: MANY + 1])  # no plan groups them as quickly
    counts = Counter(
        (seed, kind)
        for seed, kind, state in newest[:MANY]
        if kind in _WORDS and state != Event.State.WITHDRAWN
    )
    return _day(list(_of_seeds(counts)), most, more=len(newest) > MANY)


def _of_seeds(counts: Mapping[tuple[int, int], int]) -> Iterator[tuple[int, str, int, int]]:
    """The counts of seeds that people see, with their names. To join each event with its seed takes long."""
    plain = ExpressionWrapper(of_pages(), BooleanField())
    alive = Seed.objects.alive().filter(pk__in={seed for seed, _ in counts}).annotate(plain=plain)
    seeds = {pk: (name, is_plain) for pk, name, is_plain in alive.values_list("pk", "name", "plain")}
    for (seed, kind), count in counts.items():
        name, is_plain = seeds.get(seed, ("", False))
        if seed in seeds and (is_plain or kind in Event.RECORDS):
            yield seed, name, kind, count


def _day(rows: Sequence[tuple[int, str, int, int]], most: int, *, more: bool) -> Day:
    sums = dict.fromkeys(WORDS, 0)
    by_seed: dict[tuple[int, str], Counter[str]] = defaultdict(Counter)
    for seed, name, kind, count in rows:  # records and pages, if its rules were taken away that day
        by_seed[seed, name][_WORDS[kind]] += count
        sums[_WORDS[kind]] += count
    seeds = [SeedCounts(seed, name, dict(counts)) for (seed, name), counts in by_seed.items()]
    seeds.sort(key=lambda each: (-each.total, each.name))
    counts = {word: Tally(count + more, count) for word, count in sums.items()}
    return Day(seeds[:most], counts, len(seeds))


@dataclass(frozen=True)
class KindOfRun:
    """One of new, changed and gone in a run: how many, the first of them, and how many in the run before."""

    word: str
    kind: str  # by which the list of events has them
    count: Tally
    rows: list[ShownEvent]
    before: Tally | None = None


@dataclass(frozen=True)
class RunChanges:
    """What a run found new, changed or gone, beside the run before it."""

    kinds: list[KindOfRun] = field(default_factory=list)
    first: bool = False  # everything is new to it, so nothing is told
    before: Run | None = None

    @property
    def any(self) -> bool:
        """Whether something happened."""
        return any(kind.count.count for kind in self.kinds)


def changes_of_run(run: Run, shown: int = 3) -> RunChanges:
    """Of records; of pages if the run's rules read no records."""
    before = _run_before(run)
    kinds = Event.RECORDS if run.rule_set_id else Event.PAGES  # a run that is not open yet has no rules
    of_kinds = [_of_run(run, before, kind, shown) for kind in kinds]
    return RunChanges(of_kinds, before is None and run.kind != Run.Kind.RECRAWL, before)


def _of_run(run: Run, before: Run | None, kind: Event.Kind, shown: int) -> KindOfRun:
    events = _events(run, kind)
    rows: Sequence[Event] = list(events.select_related("seed")[: shown + 1])
    count = Tally(len(rows)) if len(rows) <= shown else tally(events)
    earlier = tally(_events(before, kind)) if before is not None else None
    return KindOfRun(_WORDS[kind], _NAMES[kind], count, rows_of(rows[:shown]), earlier)


_NAMES: dict[int, str] = {
    Kind.RECORD_NEW: "new",
    Kind.FIELD_CHANGED: "changed",
    Kind.RECORD_GONE: "gone",
    Kind.PAGE_NEW: "page_new",
    Kind.PAGE_CHANGED: "page_changed",
    Kind.PAGE_GONE: "page_gone",
}


def _events(run: Run, kind: Event.Kind) -> QuerySet[Event]:
    return Event.objects.filter(stands(), run_id=run.pk, kind=kind).order_by("id")


def _run_before(run: Run) -> Run | None:
    """The last whole run of the seed before this one that got something."""
    earlier = Run.objects.started().exclude(kind=Run.Kind.RECRAWL).exclude(stored=0, unchanged=0)
    return earlier.filter(seed=run.seed_id, pk__lt=run.pk).order_by("-pk").first()
