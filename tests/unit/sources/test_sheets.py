"""Spreadsheets: cells as JSON has them, and files that would fill the memory."""

from __future__ import annotations

import time

import pytest

from crawler.reading.reader import read_document
from crawler.reading.sources.source import Unreadable
from tests.fakeweb.documents import (
    Rows,
    lying_sheet,
    ods,
    packed,
    repeated_cells,
    sheet_bomb,
    sparse_sheet,
    xlsx,
)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
ROWS: Rows = [["name", "price"], ["a", 1], [None, None], ["größe & co", 2.5], [None, 3]]
OBJECTS = [
    {"name": "a", "price": 1},
    {"name": "größe & co", "price": 2.5},
    {"name": None, "price": 3},
]


@pytest.mark.parametrize("body", [xlsx({"One": ROWS}), ods(ROWS)])
@pytest.mark.parametrize("kind", [XLSX, ODS, "application/octet-stream", "application/zip", "text/html", ""])
def test_a_sheet_is_a_list_of_objects_whatever_its_type_says(body, kind):
    document = read_document(body, kind, "")
    assert document.data == OBJECTS
    assert document.text == "name price a 1 größe & co 2.5 3"


def test_several_sheets_go_by_their_names():
    body = xlsx({"One": ROWS, "Empty": [], "Two": [["ok"], [True]]})
    assert read_document(body, XLSX, "").data == {"One": OBJECTS, "Two": [{"ok": True}]}


def test_a_workbook_without_cells_has_no_objects():
    assert read_document(xlsx({"One": []}), XLSX, "").data == []


def test_empty_cells_that_are_repeated_to_the_end_of_the_sheet_cost_nothing():
    empty = '<table:table-cell table:number-columns-repeated="16384"/>'
    cells = '<table:table-cell office:value-type="string"><text:p>a</text:p></table:table-cell>'
    rows = f"<table:table-row>{cells}{empty}</table:table-row>" * 2
    rows += f'<table:table-row table:number-rows-repeated="1048574">{empty}</table:table-row>'
    assert read_document(ods(rows_xml=rows), ODS, "").data == [{"a": "a"}]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (sheet_bomb(20_000_000), "more than 200,000 cells"),
        (sheet_bomb(110_000_000), "unpacks to more than 100 MB"),
        (sparse_sheet(), "more than 200,000 cells"),
        (repeated_cells(), "more than 200,000 cells"),
        (lying_sheet(), "is damaged: Bad CRC"),
        (xlsx({"One": ROWS})[:-100], "is damaged"),
        (ods(ROWS)[:200], "is damaged"),
        (packed({"xl/workbook.xml": "<workbook>"}), "cannot be read"),
        (packed({f"{n}": "" for n in range(3000)} | {"xl/workbook.xml": ""}), "unpacks to more"),
        (b"PK\x03\x04 and nothing", "neither XLSX nor ODS"),
        (packed({"word/document.xml": "<w/>"}), "neither XLSX nor ODS"),
        (b"<!doctype html><p>Log in", "neither XLSX nor ODS"),
        (b"", "neither XLSX nor ODS"),
    ],
    ids=range(13),
)
def test_what_is_broken_or_deadly_is_refused_soon(body, why):
    start = time.process_time()
    with pytest.raises(Unreadable, match=why):
        read_document(body, XLSX, "")
    assert time.process_time() - start < 10
