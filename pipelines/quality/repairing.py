"""From a collection that fell to proposals: the last good versions of its pages, and the latest ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from catalog.models import Coverage, Page, Record, RecordVersion, Seed
from catalog.models.record import held_in
from crawler.collections import Collection
from crawler.reading.record import NOTHING, Value
from pipelines.archive import ArchiveError
from pipelines.parse.stored import StoredBodies
from pipelines.quality.child import proposals_in_child
from pipelines.quality.proposals import Body, Order, Proposals

PAGES = 10
MOST_RECORDS = 500  # of these pages


def propose_for_site(seed_id: int, collection_name: str) -> Proposals:
    """What could be proposed for a collection of a seed. Nothing is changed."""
    seed = Seed.objects.alive().filter(pk=seed_id).first()
    known = {each.name: each for each in seed.policy().collections} if seed else {}
    collection = known.get(collection_name)
    if seed is None or collection is None:
        return Proposals(collection={}, problem="The seed has no such collection any more.")
    order = _order(seed, collection)
    if not order.new:
        problem = "There are no pages with earlier values to compare with: write the rule anew."
        return Proposals(collection=collection.plain(), problem=problem)
    return proposals_in_child(order)


def _order(seed: Seed, collection: Collection) -> Order:
    """Pages whose latest version is not the one of their last good values; others say nothing."""
    pages = _pages(seed, collection.name)
    good = {page.pk: _last_good(page, collection) for page in pages}
    pages = [page for page in pages if good[page.pk][0] and good[page.pk][1] != page.latest_id]
    versions = {snapshot for _, snapshot in good.values() if snapshot}
    stored = StoredBodies([*versions, *(page.latest_id for page in pages if page.latest_id)])
    old = [_body(stored, page.url, good[page.pk][1], good[page.pk][0]) for page in pages]
    new = [_body(stored, page.url, page.latest_id or 0, []) for page in pages]
    return Order(
        collection=collection.plain(),
        old=[body for body in old if body is not None],
        new=[body for body in new if body is not None],
    )


def _pages(seed: Seed, collection: str) -> list[Page]:
    """Pages that show the fall, then others that hold records."""
    last = Coverage.objects.filter(run__seed=seed, collection=collection).order_by("-run_id").first()
    shown = [pk for fall in (last.falls.values() if last else ()) for pk in fall["pages"]]
    homes = Record.objects.filter(seed=seed, collection=collection, gone_at=None).order_by("-pk")
    keys = list(dict.fromkeys([*shown, *homes.values_list("page_id", flat=True)[:MOST_RECORDS]]))
    pages = Page.objects.filter(pk__in=keys[: 3 * PAGES], gone_at=None).exclude(latest=None)
    order = {pk: at for at, pk in enumerate(keys)}
    return sorted(pages, key=lambda page: order[page.pk])[:PAGES]


def _last_good(page: Page, collection: Collection) -> tuple[list[dict[str, Value]], int]:
    """The values of the records that are at home on a page, each field as it was last; and their version."""
    records = Record.objects.filter(page=page, collection=collection.name, gone_at=None)
    rows = list(records.order_by("position")[:MOST_RECORDS])
    earlier = _earlier(rows)
    values: list[dict[str, Value]] = []
    snapshots: list[int] = []
    for row in rows:
        latest = dict(row.values)
        snapshots += [row.snapshot_id, *(mark["snapshot"] for mark in held_in(row.problems).values())]
        for version in earlier[row.pk]:
            for field in collection.fields:
                if latest.get(field.name) in NOTHING and version.values.get(field.name) not in NOTHING:
                    latest[field.name] = version.values[field.name]
                    snapshots.append(version.snapshot_id)
        values.append(latest)
    return values, min(snapshots, default=0)


def _earlier(rows: Sequence[Record]) -> dict[int, list[RecordVersion]]:
    """The earlier values of records, the newest first."""
    earlier: dict[int, list[RecordVersion]] = defaultdict(list)
    for version in RecordVersion.objects.filter(record__in=[row.pk for row in rows]).order_by("-pk"):
        earlier[version.record_id].append(version)
    return earlier


def _body(stored: StoredBodies, url: str, snapshot_id: int, values: list[dict[str, Value]]) -> Body | None:
    """None where the version is no longer in the archive."""
    try:
        body = stored.read(snapshot_id, headers=True)
    except ArchiveError:
        return None
    return Body(
        url=url,
        body=body.body,
        content_type=body.content_type,
        headers=tuple(body.headers),
        values=values,
    )
