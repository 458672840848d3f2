"""RecordRow: the row of a record while a batch is stored, and how what pages show changes it."""

from __future__ import annotations

from collections.abc import Container
from datetime import datetime
from operator import attrgetter
from typing import Any

import msgspec

from catalog.models.record import HELD, held_in
from crawler.reading.record import NOTHING, ReadRecord, Value
from pipelines.store.identity import Ident
from pipelines.store.readings import NewReading, as_json

MOST_PAGES = 100  # that ``also_on`` names
AND_OTHERS = 0  # its last, if there are more


class RecordRow(msgspec.Struct):
    """The row of a record. A new record has id 0 until it is written."""

    seed_id: int
    collection: str
    key_hash: int
    key: list[str]
    first_seen_at: datetime
    page_id: int
    also_on: list[int]
    position: int
    problems: Value
    last_seen_at: datetime
    values: Value
    snapshot_id: int
    rule_set_id: int
    last_changed_at: datetime
    gone_at: datetime | None = None
    changed_in_id: int | None = None
    new_in_id: int | None = None
    id: int = 0

    @classmethod
    def new(cls, reading: NewReading, record: ReadRecord, key_hash: int) -> RecordRow:
        """Of a record that is seen for the first time. Its page has shown it since its latest version."""
        page = reading.page
        return cls(
            page.seed_id,
            record.collection,
            key_hash,
            list(record.key or ()),
            page.last_changed_at,
            page.id,
            [],
            record.position,
            record.problems,
            reading.moment,
            record.values,
            reading.snapshot_id,
            reading.rule_set_id,
            page.last_changed_at,
        )

    @property
    def ident(self) -> Ident:
        return self.seed_id, self.collection, self.key_hash

    def shown_by_another(self, reading: NewReading) -> bool:
        """Whether another page has shown it in this run: that page remains its home."""
        if self.page_id == reading.page.id or self.gone_at is not None:
            return False
        begun = reading.run.run.started_at
        return begun is not None and self.last_seen_at >= begun

    def also(self, page_id: int) -> bool:
        """Name a further page that holds it; whether that is news."""
        if page_id in self.also_on or AND_OTHERS in self.also_on:
            return False
        self.also_on = [*self.also_on, page_id if len(self.also_on) < MOST_PAGES else AND_OTHERS]
        return True

    def not_on(self, page_id: int) -> None:
        """Forget a page that holds it no more."""
        self.also_on = [other for other in self.also_on if other != page_id]

    def move_to(self, page_id: int) -> None:
        """Make a page its home; its home before still holds it, unless the record was gone."""
        if page_id != self.page_id:
            self.not_on(page_id)
            home, self.page_id = self.page_id, page_id
            if self.gone_at is None:
                self.also(home)

    def hold(
        self, values: Value, problems: Value, looked_for: Container[str], moment: datetime
    ) -> tuple[Value, Value]:
        """The values and problems that a page shows, with what it shows no more of what was looked for.

        The rules may read such a field no more: its last good value stays, with a mark (:func:`held_in`),
        until the coverage of the run is known (:mod:`pipelines.quality`).
        """
        lost = {
            name: value
            for name, value in self.values.items()
            if values.get(name) in NOTHING and value not in NOTHING and name in looked_for
        }
        if not lost:
            return values, problems
        marks = {name: self._mark(name, problems.get(name), moment) for name in lost}
        return {**values, **lost}, {**problems, **marks}

    def _mark(self, name: str, problem: Value, moment: datetime) -> dict[str, Value]:
        """One that is held already keeps its time and its receipt."""
        receipt = {HELD: moment.isoformat(), "snapshot": self.snapshot_id, "rule_set": self.rule_set_id}
        before = held_in(self.problems).get(name, receipt)
        plain: dict[str, Value] = msgspec.to_builtins(problem or {})
        return {**{part: before[part] for part in receipt}, **plain}

    def let_go(self, shown: Value, names: Container[str]) -> Value:
        """The values without those that are held of these fields: they are as the page shows them."""
        held = [name for name in held_in(self.problems) if name in names]
        wrong = {name: each for name, each in self.problems.items() if name not in held or "reason" in each}
        self.problems = {name: _unmarked(each) if name in held else each for name, each in wrong.items()}
        return {**self.values, **{name: shown.get(name) for name in held}}


def _unmarked(problem: dict[str, Value]) -> dict[str, Value]:
    return {part: problem[part] for part in ("reason", "raw")}


COLUMNS = RecordRow.__struct_fields__
CHANGED = COLUMNS[COLUMNS.index("page_id") :]  # what comes before never changes; the id is last
SEEN = (*CHANGED[: CHANGED.index("values")], "id")  # what changes with a page that shows the same values
_JSON = {"key", "also_on", "problems", "values"}


def rows_for(columns: tuple[str, ...], records: list[RecordRow]) -> list[list[Any]]:
    """The values of records as :mod:`catalog.sql.bulk` takes them."""
    values = attrgetter(*columns)
    packed = [at for at, name in enumerate(columns) if name in _JSON]
    rows = [list(values(record)) for record in records]
    for row in rows:
        for at in packed:
            row[at] = as_json(row[at])
    return rows
