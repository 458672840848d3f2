"""What must hold of records and of the feed when everything has ended: a sentence for each broken promise."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from benchmarks.chaos.feed_reader import FeedReader, Thing
from catalog.models import Page, Reading, Record
from crawler.reading.record import ReadRecord
from pipelines.store.identity import Ident, key_hash

Shown = dict[Ident, tuple[int, Any]]  # position and values


def broken(feed: FeedReader) -> Iterator[str]:
    """A sentence for each broken promise; none when all is well."""
    yield from _records()
    yield from _feed(feed)


def _records() -> Iterator[str]:
    """Every live page's records are what its latest version shows, and nothing else is there."""
    records = {(row.seed_id, row.collection, row.key_hash): row for row in Record.objects.all()}
    if len(records) < Record.objects.count():
        yield "records are there twice"
    shown = {page.pk: _shown(page) for page in Page.objects.filter(gone_at=None).exclude(latest=None)}
    for page_id, things in shown.items():
        for ident, (position, values) in things.items():
            record = records.get(ident)
            if record is None or record.gone_at is not None:
                yield f"page {page_id} shows {ident}, which is {'gone' if record else 'not there'}"
            elif record.page_id != page_id and page_id not in record.also_on:
                yield f"page {page_id} shows {record}, which does not name it"
            elif record.page_id == page_id and _differs(record, position, values):
                yield f"{record} of page {page_id} has {record.values}, and its page shows {values}"
    for ident, record in records.items():
        if record.gone_at is None and ident not in shown.get(record.page_id, {}):
            yield f"{record} is not on its page {record.page_id} and not gone"


def _differs(record: Record, position: int, values: Any) -> bool:
    """Whether a record is another than its page shows; a value may be held."""
    held = {name: record.values[name] for name in record.held}
    return (record.position, record.values) != (position, {**values, **held})


def _shown(page: Page) -> Shown:
    """What the latest reading of a page has; of records with the same key, the first."""
    reading = Reading.objects.filter(snapshot=page.latest_id, rule_set=page.rule_set_id).first()
    shown: Shown = {}
    for name, rows in (reading.data if reading else {}).items():
        keys = reading.keys.get(name) if reading else None
        for at, values in enumerate(rows):
            record = ReadRecord(collection=name, position=at)
            hashed = keys[at] if keys else key_hash(record, page.fingerprint)
            shown.setdefault((page.seed_id, name, hashed), (at, values))
    return shown


def _feed(feed: FeedReader) -> Iterator[str]:
    """Who took the lines of a reader that was killed all the time has the whole table."""
    taken, there = feed.table(), dict(_table())
    yield from (f"the feed has lost {thing}" for thing in there.keys() - taken.keys())
    yield from (f"the feed does not say that {thing} is gone" for thing in taken.keys() - there.keys())
    for thing in there.keys() & taken.keys():
        if there[thing] is not None and there[thing] != taken[thing]:
            yield f"the feed has {taken[thing]} for {thing}, which has {there[thing]}"


def _table() -> Iterator[tuple[Thing, Any]]:
    """Everything that is not gone; pages without values, because those are of their versions."""
    for page in Page.objects.filter(gone_at=None).exclude(changed_in=None).select_related("seed"):
        yield ("page", page.seed.name, "", (page.url,)), None
    for row in Record.objects.filter(gone_at=None).select_related("seed", "page"):
        key = tuple(row.key) or (row.page.url, str(row.position))
        yield ("record", row.seed.name, row.collection, key), row.values
