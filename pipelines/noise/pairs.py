"""Which versions of a run are compared with the ones before: a few of each URL template, some in all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, OuterRef, Q, Subquery

from catalog.models import Page, Run, Snapshot, Visit
from catalog.packing import Saw, looks_in
from crawler.outcomes import Outcome
from crawler.reading.content.evidence import MINUTES
from crawler.rules.keys import Keys
from pipelines.noise.order import OF_TEMPLATE

IN_ALL = 50  # pairs of a run
_SCANNED = 2000  # new versions of a run among which they are chosen
_LARGEST = 2_000_000  # bytes of a version
_SOON = timedelta(minutes=MINUTES)
_Row = tuple[int, str, int, datetime]  # page, URL, snapshot and time of a version


@dataclass(frozen=True)
class StoredPair:
    """A version that a run stored, and the one before."""

    page: int
    url: str  # canonical
    before: int  # snapshots
    after: int
    time: float  # of the later, in seconds since 1970
    since: float  # seconds from one fetch to the other
    unchanged: int  # fetches between them that found the page unchanged


def pairs_of(run: Run, known_pages: Collection[int]) -> dict[int, list[StoredPair]]:
    """Pairs by template; pages of which something is known come first, for what they showed may come back."""
    rows, keys = _new_versions(run), Keys.of(run.policy)
    groups: dict[int, list[_Row]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row[0] not in known_pages):
        groups[keys.template(row[1])].append(row)
    chosen = [row for group in groups.values() for row in group[:OF_TEMPLATE]][:IN_ALL]
    pairs = _pairs(run, chosen)
    return {
        template: own
        for template, group in groups.items()
        if (own := [pairs[row[2]] for row in group if row[2] in pairs])
    }


def has_pairs(run_id: int) -> bool:
    """Whether a run stored a page that had a version already."""
    return Snapshot.objects.filter(run=run_id, page__versions__gt=1).exists()


def _new_versions(run: Run) -> Sequence[_Row]:
    """The versions of markup that are not the first of their page."""
    kinds = Q(content_type__contains="html") | Q(content_type="")
    rows = Snapshot.objects.filter(kinds, run=run, page__versions__gt=1, size__lte=_LARGEST, status=200)
    return list(rows.order_by("pk").values_list("page_id", "page__url", "pk", "fetched_at")[:_SCANNED])


def _pairs(run: Run, rows: Sequence[_Row]) -> dict[int, StoredPair]:
    """By the later version."""
    before = _before([pk for _, _, pk, _ in rows])
    unchanged = _unchanged(run, before) | _unchanged_of_pruned(before)
    pairs = {}
    for page, url, pk, fetched_at in rows:
        if (earlier := before.get(pk)) is not None:
            since = (fetched_at - earlier.fetched_at).total_seconds()
            time = fetched_at.timestamp()
            pairs[pk] = StoredPair(page, url, earlier.pk, pk, time, since, unchanged.get(page, 0))
    return pairs


def _before(snapshots: Collection[int]) -> dict[int, Snapshot]:
    """The versions before these, by the later one; what a page lost to pruning it has not."""
    earlier = Snapshot.objects.filter(page=OuterRef("page"), pk__lt=OuterRef("pk")).order_by("-pk")
    rows = Snapshot.objects.filter(pk__in=snapshots).annotate(before=Subquery(earlier.values("pk")[:1]))
    ids = dict(rows.values_list("pk", "before"))
    found = Snapshot.objects.filter(size__lte=_LARGEST).only("pk", "page", "run", "fetched_at")
    by_id = found.in_bulk([pk for pk in ids.values() if pk is not None])
    return {later: by_id[pk] for later, pk in ids.items() if pk in by_id}


def _unchanged_of_pruned(before: Mapping[int, Snapshot]) -> dict[int, int]:
    """The same by the last looks that the rows of pages keep, where the visits since then were pruned."""
    since = {each.page_id: each for each in before.values()}
    visits = Visit.objects.filter(page__in=since, run__in={each.run_id for each in since.values()})
    kept = set(visits.values_list("page", "run"))
    pruned = [page for page, each in since.items() if (page, each.run_id) not in kept]
    if not pruned:
        return {}
    pages = Page.objects.filter(pk__in=pruned).values_list("pk", "lately")
    return {pk: unchanged_looks(lately, since[pk].fetched_at) for pk, lately in pages}


def unchanged_looks(lately: bytes | memoryview, since: datetime) -> int:
    """The looks of ``Page.lately`` after a moment that found the page unchanged, without second looks."""
    looks = [look for look in looks_in(lately) if look.at > since]
    return sum(
        look.saw == Saw.SAME and look.at - earlier > _SOON
        for look, earlier in zip(looks, [*(each.at for each in looks[1:]), since], strict=True)
    )


def _unchanged(run: Run, before: Mapping[int, Snapshot]) -> dict[int, int]:
    """How often each page was found unchanged since its version before, by page.

    Without recrawls: second looks come minutes after a change, and mostly see the same.
    """
    since = {each.page_id: each.run_id or 0 for each in before.values()}
    visits = Visit.objects.filter(
        page__in=since, outcome=Outcome.UNCHANGED, run__gt=min(since.values(), default=0), run__lt=run.pk
    )
    counts: dict[int, int] = defaultdict(int)
    visits = visits.exclude(run__kind=Run.Kind.RECRAWL)
    for page, run_id, count in visits.values_list("page", "run").annotate(Count("pk")):
        if run_id > since[page]:
            counts[page] += count
    return counts
