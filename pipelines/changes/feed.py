"""Reading the feed: changes after a cursor, in the order of their change sets."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from itertools import islice
from operator import itemgetter
from typing import Any, NamedTuple

import msgspec
from django.db.models import Exists, OuterRef

from catalog.models import ChangeSet, Page, Record, RecordVersion, Rereading, Seed, Snapshot
from pipelines.changes.cursor import START, Cursor, Of
from pipelines.changes.numbering import number_sets
from pipelines.changes.sets import LOOKED_AT, ROWS, SETS, SLICE, NumberedSet, groups, numbered_sets

MOST_LOOKED_AT = 20_000  # change sets that a part of the feed looks at

NEW, CHANGED, GONE = "new", "changed", "gone"
Values = dict[str, Any]


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the feed. A page has no collection; its key is its address."""

    cursor: str
    kind: str  # new, changed or gone
    of: str  # record or page
    seed: str
    collection: str | None
    key: list[str]  # of a record without key fields: its page's address and its position there
    url: str
    values: Values  # of what is gone: the last
    old: Values  # of a record, what its changed fields were before this reading; of a page, a version before
    at: datetime


def read_changes(since: Cursor = START, seed: Seed | None = None) -> Iterator[Change]:
    """What has changed after ``since``, up to now: each page and record with its latest state.

    A row that changes while this reads comes again. Read to the end, the last cursor stands for everything
    that was committed when the reading ended, unless a rereading is being promoted: then rows have moved to
    its set, which nobody sees yet, so kinds are told from the beginning of this reading next time too.
    Raises ValueError for a cursor that is not of this database.
    """
    reading = Reading(since, seed)
    held = None  # the last line has a cursor of its own
    for change in reading.changes():
        if held is not None:
            yield held
        held = change
    if held is not None:
        yield msgspec.structs.replace(held, cursor=str(reading.cursor))


class Part(NamedTuple):
    """Some changes, from where to go on, and whether there is more already."""

    changes: list[Change]
    cursor: Cursor
    more: bool


def read_part(since: Cursor, seed: Seed | None, most: int) -> Part:
    """At most so many changes after ``since``; fewer, or none, also if many sets hold nothing of the seed.

    Raises ValueError for a cursor that is not of this database.
    """
    reading = Reading(since, seed, sets=MOST_LOOKED_AT)
    changes = list(islice(reading.changes(), most + 1))
    if len(changes) > most:
        return Part(changes[:most], Cursor.parse(changes[most - 1].cursor), more=True)
    if changes:
        changes[-1] = msgspec.structs.replace(changes[-1], cursor=str(reading.cursor))
    return Part(changes, reading.cursor, reading.is_cut_off)


class Reading:
    """One reading of the feed, of pages or records alone if not of both; it looks at so many sets at most.

    The ``row`` of the cursor of each change is the id of the record or page.
    """

    def __init__(
        self, since: Cursor, seed: Seed | None, of: Collection[Of] = tuple(Of), sets: int | None = None
    ) -> None:
        self._of = of
        self._since = since
        self._seed = seed
        self._number = since.number  # of the last set that was read
        self._most = None if sets is None else since.number + sets  # the number of the last set to look at
        self._last = since  # the cursor of the last change
        self._has_all = False  # in the end: no row was in a set that is written in parts, and was not closed
        self.is_cut_off = False  # in the end: there are sets at which it has not looked

    @property
    def cursor(self) -> Cursor:
        """Of who has read all changes, even if there were none; see :func:`read_changes`."""
        if self.is_cut_off:  # before the first row of the next set, within this reading
            return Cursor(self._number + 1, Of.PAGE, 0, self._since.base)
        return Cursor.after(self._number) if self._has_all else self._last

    def changes(self) -> Iterator[Change]:
        """All changes, until there is no set that was not read: what moved ahead meanwhile is found too.

        Raises ValueError for a cursor that is not of this database.
        """
        for change, cursor in self._changes():
            self._last = cursor
            yield change

    def _changes(self) -> Iterator[tuple[Change, Cursor]]:
        last = number_sets()
        if self._since.number > last:
            raise ValueError(f"The cursor {self._since} is not of this database: its last set is {last}.")
        if not self._since.is_whole:
            yield from self._rest_of_set()
        while True:
            while self._number < last:
                if self._number == self._most:
                    self.is_cut_off = True
                    return
                yield from self._next_sets(last)
            self._has_all = not _is_promoting()  # before it is asked for more: its set may be closed now
            last = number_sets()
            if self._number >= last:
                return

    def _next_sets(self, last: int) -> Iterator[tuple[Change, Cursor]]:
        """What is in the next sets: some hundred, or fewer if what follows holds nothing of the seed."""
        upto = min(last, self._number + LOOKED_AT, last if self._most is None else self._most)
        sets = numbered_sets(self._number + 1, upto, self._seed)
        for group in groups(sets, self._seed):
            yield from self._of_group(group)
            self._number = group[-1].number
        if len(sets) < SETS:
            self._number = upto

    def _of_group(self, group: Sequence[NumberedSet]) -> Iterator[tuple[Change, Cursor]]:
        """What is in some small sets, or in a large one."""
        base = self._since.base
        if len(group) == 1:
            for of in self._of:
                yield from self._of_set(group[0].pk, Cursor(group[0].number, of, 0, base))
            return
        numbers = dict(group)
        found = []
        for of in self._of:
            rows = list(ROWS[of](list(numbers), self._seed))
            old = _OLD[of](rows, base)
            places = [Cursor(numbers[row.changed_in_id], of, row.pk, base) for row in rows]
            found += [(place, row, old.get(row.pk, {})) for place, row in zip(places, rows, strict=True)]
        for place, row, values in sorted(found, key=itemgetter(0)):
            yield _change(place, row, values), place

    def _rest_of_set(self) -> Iterator[tuple[Change, Cursor]]:
        """What is left of the set in whose middle the cursor is."""
        since = self._since
        for set_id, _ in numbered_sets(since.number, since.number, self._seed):
            if since.of in self._of:
                yield from self._of_set(set_id, since)
            if since.of == Of.PAGE and Of.RECORD in self._of:
                yield from self._of_set(set_id, since._replace(of=Of.RECORD, row=0))

    def _of_set(self, set_id: int, after: Cursor) -> Iterator[tuple[Change, Cursor]]:
        """The rows of one kind that were changed last in a set; there may be a million."""
        of = Of(after.of)
        rows = ROWS[of]([set_id], self._seed).order_by("pk")
        while part := list(rows.filter(pk__gt=after.row)[:SLICE]):
            old = _OLD[of](part, after.base)
            for row in part:
                after = after._replace(row=row.pk)
                yield _change(after, row, old.get(row.pk, {})), after
            if len(part) < SLICE:
                return


def _is_promoting() -> bool:
    """Whether a rereading writes its set of changes, slice by slice."""
    return Rereading.objects.filter(state=Rereading.State.PROMOTING).exists()


def _change(cursor: Cursor, row: Page | Record, old: Values) -> Change:
    kind = _kind(cursor.base, row)
    page = row if isinstance(row, Page) else row.page
    values = _page_values(row) if isinstance(row, Page) else row.values
    return Change(
        cursor=str(cursor),
        kind=kind,
        of=Of(cursor.of).name.lower(),
        seed=row.seed.name,
        collection=None if isinstance(row, Page) else row.collection,
        key=[row.url] if isinstance(row, Page) else row.key or [page.url, str(row.position)],
        url=page.url,
        values=values,
        old=_changed_fields(old, values) if kind == CHANGED else {},
        at=row.gone_at or row.last_changed_at,
    )


def _kind(base: int, row: Page | Record) -> str:
    if row.gone_at is not None:
        return GONE
    if row.new_in is None:  # it never was, or its set is not closed yet
        return CHANGED if row.new_in_id is None else NEW
    return NEW if (row.new_in.number or 0) > base else CHANGED


def _changed_fields(old: Values, new: Values) -> Values:
    """The fields that differ, as they were."""
    return {name: old.get(name) for name in {**old, **new} if old.get(name) != new.get(name)} if old else {}


def _page_values(page: Page) -> Values:
    return _version_values(page.latest) if page.latest else {}


def _version_values(version: Snapshot) -> Values:
    return {
        "title": version.title,
        "status": version.status,
        "content_type": version.content_type,
        "size": version.size,
        "digest": version.digest,
    }


def _old_pages(part: Sequence[Page], base: int) -> dict[int, Values]:
    """By page id, the version before the latest: versions do not say in which set they came."""
    latest = {page.pk: page.latest_id for page in part if page.versions > 1}
    versions = Snapshot.objects.filter(page__in=latest).defer("text_zstd", "outlinks_zstd").order_by("pk")
    return {each.page_id: _version_values(each) for each in versions if each.pk != latest[each.page_id]}


def _old_records(part: Sequence[Record], base: int) -> dict[int, Values]:
    """By record id, the values that its first change after the base ended; a set without a row is later."""
    ids = [record.pk for record in part]
    before = ChangeSet.objects.filter(pk=OuterRef("changed_in"), number__lte=base)
    versions = RecordVersion.objects.filter(record__in=ids).exclude(changed_in=None).filter(~Exists(before))
    versions = versions.order_by("-pk")
    return dict(versions.values_list("record", "values"))


_OLD: dict[Of, Callable[[Sequence[Any], int], dict[int, Values]]] = {
    Of.PAGE: _old_pages,
    Of.RECORD: _old_records,
}
