"""Every format of an export: another library reads what was written, and the limits of each are told."""

from __future__ import annotations

import csv
import gzip
import io
import json
import sqlite3
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import zstandard
from python_calamine import CalamineWorkbook

from catalog.formats import COMPRESSIONS, FORMATS, format_of
from catalog.kinds import KINDS, problem_with
from catalog.models import Export
from djsite.browse.forms import ExportForm
from pipelines.export import Rows, TooMuch, row_blocks, write_rows
from pipelines.export.columns import FieldType, Type
from pipelines.export.formats import parquet, sqlite, xlsx

MOMENT = "2026-03-10T12:00:00.800Z"
FIELDS = [
    FieldType("price", Type.MONEY),
    FieldType("price_currency", Type.TEXT),
    FieldType("weight", Type.NUMBER),
    FieldType("ready", Type.BOOLEAN),
    FieldType("until", Type.DATE),
    FieldType("tags", Type.NESTED),
]
VALUES: dict[str, Any] = {
    "price": {"amount": 12.5, "currency": "EUR"},
    "price_currency": '=HYPERLINK("x")',
    "weight": 3,
    "ready": True,
    "until": "2026-03-12",
    "tags": ["a", {"b": 1}],
}
NAMES = ("url", "position", "first_seen_at", "fields")
TYPED = [
    *("url", "position", "first_seen_at", "field_price", "field_price_currency", "field_price_currency_2"),
    *("field_weight", "field_ready", "field_until", "field_tags"),
]


def row(number: int, **values: Any) -> dict[str, Any]:
    url = f"http://a.test/{number}"
    return {"url": url, "position": number, "first_seen_at": MOMENT, "fields": VALUES | values}


def rows_of(rows: list[dict[str, Any]], fields: Iterable[FieldType] = FIELDS) -> Rows:
    parts = [rows[at : at + 2] for at in range(0, len(rows), 2)]
    return Rows(NAMES, lambda place: iter([(part, place) for part in parts]), lambda: fields)


def written(form: str, rows: Rows, compression: str = "") -> bytes:
    file = io.BytesIO()
    write_rows(file, form, rows, compression)
    return file.getvalue()


def of_jsonl(data: bytes) -> list[Any]:
    return [json.loads(line) for line in data.splitlines()]


def of_csv(data: bytes) -> list[Any]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def of_xlsx(data: bytes) -> list[Any]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    sheets = (book.get_sheet_by_name(name).to_python() for name in book.sheet_names)
    return [dict(zip(head, cells, strict=True)) for head, *rest in sheets for cells in rest]


def of_parquet(data: bytes) -> list[Any]:
    return pq.read_table(io.BytesIO(data)).to_pylist()


def of_sqlite(data: bytes) -> list[Any]:
    with sqlite3.connect(":memory:") as database:
        database.deserialize(data)
        database.row_factory = sqlite3.Row
        return list(map(dict, database.execute("SELECT * FROM rows ORDER BY rowid")))


READERS: dict[str, Callable[[bytes], list[Any]]] = {
    "jsonl": of_jsonl,
    "csv": of_csv,
    "csv-excel": of_csv,
    "xlsx": of_xlsx,
    "json": json.loads,
    "parquet": of_parquet,
    "sqlite": of_sqlite,
}


def test_each_format_is_offered_and_is_known_by_the_ending_of_its_files():
    assert set(READERS) == {name for name, form in FORMATS.items() if not form.of_raw}
    assert [*KINDS] == Export.Kind.values and [each.label for each in KINDS.values()] == Export.Kind.labels
    groups = ExportForm.base_fields["format"].choices
    assert {name for _, group in groups for name, _ in group} == set(FORMATS)
    assert all(len(name) <= Export._meta.get_field("format").max_length for name in FORMATS)
    for form in FORMATS.values():
        ours, packed = format_of(f"teas.{form.ending}")
        assert (ours.ending, packed) == (form.ending, "")
    assert format_of("teas.CSV.gz") == (FORMATS["csv"], "gz")
    assert format_of("teas.xlsx.gz") == format_of("teas.warc.gz.gz") == format_of("gz") == (None, "gz")


@pytest.mark.parametrize(
    ("kind", "form", "asked", "part"),
    [
        ("records", "xlsx", {"as_of": True}, None),
        ("changes", "csv", {"of_run": True}, None),
        ("raw", "wacz", {"of_run": True}, None),
        ("raw", "csv", {}, "format"),
        ("records", "warc", {}, "format"),
        ("records", "xlsx", {"compression": "gz"}, "compression"),
        ("versions", "csv", {"of_run": True}, "run"),
        ("records", "csv", {"every_outcome": True}, "every_outcome"),
        ("changes", "csv", {"as_of": True}, "as_of"),
        ("pages", "csv", {"as_of": True, "of_run": True}, "as_of"),
    ],
)
def test_what_does_not_go_together_is_told_by_the_part_that_is_wrong(
    kind: str, form: str, asked: dict[str, Any], part: str | None
):
    problem = problem_with(kind, form, **asked)
    assert (problem and problem.part) == part


@pytest.mark.parametrize("name", READERS)
def test_another_library_reads_all_rows_in_their_order(name: str):
    for number in (0, 1, 5):
        rows = rows_of(list(map(row, range(number))))
        data = written(name, rows)
        assert [each["url"] for each in READERS[name](data)] == [
            f"http://a.test/{at}" for at in range(number)
        ]
        assert b"".join(row_blocks(rows, name)) == data


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_text_is_compressed(compression: str):
    rows = rows_of(list(map(row, range(5))))
    packed = written("csv", rows, compression)
    stream = zstandard.ZstdDecompressor().stream_reader(packed)
    assert (gzip.decompress(packed) if compression == "gz" else stream.read()) == written("csv", rows)


def test_a_workbook_has_typed_cells_and_no_formula():
    (cells,) = of_xlsx(written("xlsx", rows_of([row(7)])))
    assert list(cells) == TYPED
    moment = datetime.fromisoformat(MOMENT).replace(tzinfo=None)
    assert list(cells.values()) == [
        *("http://a.test/7", 7.0, moment, 12.5, "EUR", '=HYPERLINK("x")', 3.0, True, date(2026, 3, 12)),
        '["a",{"b":1}]',
    ]


def test_a_cell_that_excel_cannot_hold_is_a_text():
    far = row(0, weight=10**15, until="1899-01-02", price_currency="a\x01\r_x0041_ <&>", tags=None)
    (cells,) = of_xlsx(written("xlsx", rows_of([far])))
    assert (cells["field_weight"], cells["field_until"]) == (str(10**15), "1899-01-02")
    assert cells["field_price_currency_2"] == "a\x01\r_x0041_ <&>"
    assert cells["field_tags"] == ""


def test_a_text_that_is_too_long_for_a_cell_says_so_in_the_cell():
    (cells,) = of_xlsx(written("xlsx", rows_of([row(0, price_currency="😀" * 40_000)])))
    text = cells["field_price_currency_2"]
    assert text.endswith("… (cut here: 40,000 characters, and a cell holds 32,767)")
    assert 32_700 < len(text.encode("utf-16-le")) / 2 <= xlsx.MOST_CHARACTERS


def test_rows_that_a_sheet_cannot_hold_are_in_a_further_one(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(xlsx, "MOST_ROWS", 3)
    data = written("xlsx", rows_of(list(map(row, range(5)))))
    assert CalamineWorkbook.from_filelike(io.BytesIO(data)).sheet_names == ["Sheet1", "Sheet2", "Sheet3"]
    assert [cells["position"] for cells in of_xlsx(data)] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("module", [xlsx, sqlite])
def test_too_many_columns_are_refused_in_a_sentence(module: Any):
    fields = [FieldType(str(number), Type.TEXT) for number in range(module.MOST_COLUMNS)]
    name = module.__name__.rpartition(".")[2]
    with pytest.raises(TooMuch, match=r"columns.*Use Parquet"):
        written(name, rows_of([], fields))


def test_parquet_has_typed_columns_in_row_groups(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(parquet, "GROUP_ROWS", 3)
    data = written("parquet", rows_of(list(map(row, range(5)))))
    file = pq.ParquetFile(io.BytesIO(data))
    assert [file.metadata.row_group(at).num_rows for at in range(file.num_row_groups)] == [4, 1]
    first = file.read().to_pylist()[0]
    assert [*first] == [*TYPED, parquet.MISFITS]
    assert list(first.values()) == [
        *("http://a.test/0", 0, datetime.fromisoformat(MOMENT), 12.5, "EUR", '=HYPERLINK("x")', 3.0, True),
        *(date(2026, 3, 12), '["a",{"b":1}]', None),
    ]
    assert file.schema_arrow.field("url").metadata == {b"meaning": b"the address of the page"}


def test_parquet_keeps_what_is_not_of_its_columns_type_beside():
    (cells,) = of_parquet(written("parquet", rows_of([row(0, weight="3 kg", until=True, ready=1)])))
    assert (cells["field_weight"], cells["field_until"], cells["field_ready"]) == (None, None, None)
    assert json.loads(cells[parquet.MISFITS]) == {
        "field_weight": "3 kg",
        "field_until": True,
        "field_ready": 1,
    }


def test_sqlite_has_typed_columns():
    (cells,) = of_sqlite(written("sqlite", rows_of([row(0, weight="3 kg")])))
    assert [*cells] == TYPED
    assert list(cells.values()) == [
        *("http://a.test/0", 0, MOMENT, 12.5, "EUR", '=HYPERLINK("x")', "3 kg", 1, "2026-03-12"),
        '["a",{"b":1}]',
    ]


def test_moments_are_in_utc():
    fields = [FieldType("from", Type.MOMENT)]
    rows = rows_of([{"fields": {"from": "2026-03-10T12:00:00+01:00"}}], fields)
    (cells,) = of_parquet(written("parquet", rows))
    assert cells["field_from"] == datetime(2026, 3, 10, 11, tzinfo=UTC)


@pytest.mark.parametrize("name", ["csv", "xlsx", "parquet", "sqlite"])
def test_fields_that_no_rule_names_are_in_a_column_of_their_own(name: str):
    """Those that an extractor in Python reads."""
    fields = [FieldType("", Type.NESTED), FieldType("a", Type.TEXT)]
    rows = rows_of([{"fields": {"a": "1", "b": [2]}}, {"url": "x", "fields": {}}], fields)
    first, second = READERS[name](written(name, rows))
    assert first["field_a"] == "1"
    assert json.loads(first["other_fields"]) == {"b": [2]}
    assert not second["other_fields"]


def test_a_field_of_several_types_is_nested():
    fields = [FieldType("a", Type.NUMBER), FieldType("a", Type.TEXT)]
    rows = rows_of([{"fields": {"a": 1}}, {"fields": {"a": "x"}}], fields)
    assert [column.type for column in rows.columns if column.field] == [Type.NESTED]
    assert [cells["field_a"] for cells in of_parquet(written("parquet", rows))] == ["1", "x"]


def test_what_is_sent_only_when_it_is_whole_has_a_limit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("pipelines.export.written.MOST_BEFORE", 3)
    rows = rows_of(list(map(row, range(5))))
    for name in ("xlsx", "sqlite", "parquet"):
        file = row_blocks(rows, name)
        with pytest.raises(TooMuch, match="more than 3 rows"):
            next(file)
    assert not list(tmp_path.iterdir())
    assert len(b"".join(row_blocks(rows, "jsonl")).splitlines()) == 5
