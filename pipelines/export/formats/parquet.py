"""Parquet: typed columns in row groups (parquet.apache.org).

A value that is not of its column's type is null there, and stands in the last column as JSON, by its column.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.export.cells import Typed, all_typed, as_json, table_of, typed_columns
from pipelines.export.columns import Column, Type
from pipelines.export.slices import Row

GROUP_BYTES = 32_000_000  # of a row group, before it is packed
GROUP_ROWS = 100_000
MISFITS = "not_of_their_type"
_MEANING = "values that are not of their column's type, by column, as JSON"
_NULL = type(None)
_TYPES: dict[Type, tuple[pa.DataType, frozenset[type]]] = {  # a truth value is no number, a moment no date
    Type.INTEGER: (pa.int64(), frozenset((int, _NULL))),
    Type.NUMBER: (pa.float64(), frozenset((int, float, _NULL))),
    Type.BOOLEAN: (pa.bool_(), frozenset((bool, _NULL))),
    Type.DATE: (pa.date32(), frozenset((date, _NULL))),
    Type.MOMENT: (pa.timestamp("ms", tz="UTC"), frozenset((datetime, _NULL))),
}
_TEXT: tuple[pa.DataType, frozenset[type]] = (pa.string(), frozenset((str, _NULL)))
_Misfits = dict[int, dict[str, Any]]  # by row, the values that do not fit, by column


def open_writer(file: IO[bytes], columns: Sequence[Column]) -> Writer:
    """Begin the file."""
    return Writer(file, columns)


def read_cells(file: IO[bytes]) -> Iterator[dict[str, Any]]:
    """The cells of each row by column."""
    batches = pq.ParquetFile(file).iter_batches(batch_size=1_000)
    return (cells for batch in batches for cells in batch.to_pylist())


class Writer:
    """Rows as groups; those of the group that has begun are in memory, as Arrow has them."""

    def __init__(self, file: IO[bytes], columns: Sequence[Column]) -> None:
        self._table, self._columns = table_of(columns), typed_columns(columns)
        fields = [
            pa.field(each.name, _of(each)[0], metadata={"meaning": each.meaning})
            for each in all_typed(columns)
        ]
        self._schema = pa.schema([*fields, pa.field(MISFITS, pa.string(), metadata={"meaning": _MEANING})])
        self._writer = pq.ParquetWriter(file, self._schema, compression="zstd")
        self._group: list[pa.RecordBatch] = []

    def write(self, part: list[Row]) -> None:
        misfits: _Misfits = {}
        pairs = zip(self._table(part), self._columns, strict=True)
        arrays = [_array(values, each, misfits) for values, group in pairs for each in group]
        others = [as_json(misfits[at]) if at in misfits else None for at in range(len(part))]
        if part:
            whole = [*arrays, pa.array(others, type=pa.string())]
            self._group.append(pa.RecordBatch.from_arrays(whole, schema=self._schema))
        if sum(batch.nbytes for batch in self._group) > GROUP_BYTES or self._rows() > GROUP_ROWS:
            self._end_group()

    def close(self) -> None:
        """Write the last group and what says where all are."""
        self._end_group()
        self._writer.close()

    def _rows(self) -> int:
        return sum(batch.num_rows for batch in self._group)

    def _end_group(self) -> None:
        if self._group:
            self._writer.write_table(pa.Table.from_batches(self._group), row_group_size=2 * GROUP_ROWS)
            self._group = []


def _of(column: Typed) -> tuple[pa.DataType, frozenset[type]]:
    return _TYPES.get(column.type, _TEXT)


def _array(values: list[Any], column: Typed, misfits: _Misfits) -> pa.Array:
    """A column as Arrow has it; null is what does not fit, which is added to ``misfits``."""
    if column.type == Type.MOMENT and (moments := _moments(values)) is not None:
        return moments
    cells, (kind, classes) = column.cells(values), _of(column)
    large = column.type in (Type.INTEGER, Type.NUMBER)
    if large or not classes.issuperset(map(type, cells)):
        for at, cell in enumerate(cells):
            if not _fits(cell, classes):
                misfits.setdefault(at, {})[column.name] = cell
                cells[at] = None
    return pa.array(cells, type=kind)


def _moments(values: list[Any]) -> pa.Array | None:
    """Of texts, which Arrow reads a hundred times as fast; None if one of them is to be looked at."""
    try:
        return pa.array(values, type=pa.string()).cast(_TYPES[Type.MOMENT][0])
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return None


def _fits(value: Any, classes: frozenset[type]) -> bool:
    if value.__class__ not in classes:
        return False
    return value.__class__ is not int or -(2**63) <= value < 2**63
