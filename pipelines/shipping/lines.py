"""What a shipment holds: rows as they are, or lines that say of each thing by its key what became of it.

The feed of changes says which things to look at; a line has them as they are when it is written. What has no
row then, because it is gone or no longer meets the filters, goes out as gone. What changes later comes again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from itertools import islice

import msgspec

from catalog.models import Export, Outlet
from pipelines.changes.cursor import Cursor, Of
from pipelines.changes.feed import GONE, NEW, Change, Reading
from pipelines.data.conditions import oldest_sorted
from pipelines.data.record_list import RecordList
from pipelines.data.rows import list_rows, some_rows
from pipelines.export import Row, Rows, page_rows
from pipelines.export.columns import FIELDS, Column, columns_of
from pipelines.export.kinds.pages import PAGE_STATE_COLUMNS
from pipelines.export.slices import SLICE, Place
from pipelines.shipping.page_lines import PAGE_CHANGE, pages_there, some_pages

PAGES = "pages"
RECORD_LINE = (
    *("change", "collection", "key", "url", "seed", "first_seen_at", "last_changed_at"),
    FIELDS,
)
_KEYED = ("change", "collection", "key")
PAGE_LINE = (*_KEYED, *PAGE_STATE_COLUMNS)
PAGE_CHANGE_LINE = (*_KEYED, *PAGE_CHANGE)


@dataclass(frozen=True)
class Lines:
    """The rows for an outlet; ``keyed`` ones have ``change``, ``collection`` and ``key``."""

    outlet: Outlet
    now: datetime
    keyed: bool

    @cached_property
    def columns(self) -> list[Column]:
        """The columns of a file of them, known before a row is read."""
        if not self.keyed:
            return self._rows.columns
        return columns_of(self._names, self._rows.fields())

    def whole(self) -> Iterator[list[Row]]:
        """All that there is."""
        for part, _ in self._rows.slices(Place()):
            yield [self._line(row) for row in part] if self.keyed else part

    @property
    def of(self) -> Of:
        """What the changes are of."""
        return Of.PAGE if self._of_pages else Of.RECORD

    def changed(self, reading: Reading) -> Iterator[list[Row]]:
        """What has changed, by a reading of :attr:`of`, which has the cursor after it when all is read."""
        rows_of = self._some
        collection = self._wanted.collection
        changes = (each for each in reading.changes() if collection in ("", each.collection))
        while part := list(islice(changes, SLICE)):
            keys = [Cursor.parse(each.cursor).row for each in part]
            rows = rows_of(keys)
            yield [self._changed(change, rows.get(key)) for change, key in zip(part, keys, strict=True)]

    @cached_property
    def _wanted(self) -> RecordList:
        wanted, _ = RecordList.of_query(self.outlet.query, self.now)
        wanted = msgspec.structs.replace(wanted, seed=self.outlet.seed_id)
        if self.keyed:
            return msgspec.structs.replace(wanted, gone=False, sort="")
        if wanted.sort and oldest_sorted(wanted) is not None:  # it sends the first ones only
            return msgspec.structs.replace(wanted, sort="")
        return wanted

    @property
    def _of_pages(self) -> bool:
        return self.outlet.kind == Export.Kind.PAGES

    @property
    def _of_changes(self) -> bool:
        return self.outlet.share == Outlet.Share.SINCE

    @property
    def _names(self) -> Sequence[str]:
        if self._of_pages:
            return PAGE_CHANGE_LINE if self._of_changes else PAGE_LINE
        return RECORD_LINE

    @cached_property
    def _rows(self) -> Rows:
        if self._of_pages:
            return pages_there(self.outlet.seed) if self._of_changes else page_rows(self.outlet.seed)
        return list_rows(self._wanted, self.now)

    @property
    def _some(self) -> Callable[[Sequence[int]], dict[int, Row]]:
        """What gives the rows of those of these things that go out."""
        if self._of_pages:
            return partial(some_pages, self.outlet.seed)
        return some_rows(self._wanted, self.now)

    def _line(self, row: Row, change: str = NEW) -> Row:
        """A row as a line. A record without key fields is known by its page and its position there."""
        if self._of_pages:
            known = {"change": change, "collection": PAGES, "key": [row["url"]]}
        else:
            known = {"change": change, "key": row["key"] or [row["url"], str(row["position"])]}
        whole = row | known
        return {name: whole[name] for name in self._names}

    def _changed(self, change: Change, row: Row | None) -> Row:
        if row is not None:
            return self._line(row, NEW if change.kind == NEW else "changed")
        collection = PAGES if self._of_pages else change.collection
        known: Row = {"change": GONE, "collection": collection, "key": change.key, FIELDS: {}}
        known |= {"url": change.url, "seed": change.seed}
        return {name: known.get(name) for name in self._names}
