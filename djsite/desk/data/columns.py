"""The columns of a list of records: the names by which people know them, and the fields beside these."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from catalog.models import Seed
from djsite.desk.data.listing import ShownRecord
from djsite.desk.read.records import columns_of
from pipelines.data.record_list import ADDRESS, RecordList
from pipelines.events.values import subject_of


class Columns(NamedTuple):
    """The fields of a list: all that there are, those that are asked for, and the one that gives names."""

    every: list[str]
    file: list[str]  # those that are shown, the one that gives the names among them
    name: str  # empty: names are of no one field

    @property
    def shown(self) -> list[str]:
        """The fields beside the names."""
        return [each for each in self.file if each != self.name]

    @property
    def sort_of_name(self) -> str:
        """What the list is sorted by for an order of names."""
        return self.name or ADDRESS


def columns_in(seed: Seed, wanted: RecordList, records: Sequence[ShownRecord]) -> Columns:
    """The columns of a list, of which these records are a part."""
    every = columns_of(seed, wanted.collection, records)
    return Columns(every, list(wanted.columns) or every, _name_field(records))


def name_of(record: ShownRecord) -> str:
    """What people call a record, as lists of changes do; empty if its values and its key do not say."""
    return subject_of(record.values, record.key)


def _name_field(records: Sequence[ShownRecord]) -> str:
    """The field that gives most of these records their names."""
    fields = Counter(
        next((field for field, value in record.values.items() if value == name_of(record)), "")
        for record in records
    )
    return fields.most_common(1)[0][0] if fields else ""
