"""Handing data out: rows of pages and records, in several formats, at flat memory."""

from pipelines.export.files import make_export, to_begin
from pipelines.export.formats import blocks, write_rows
from pipelines.export.rows import Row, Rows, page_rows, record_rows, rows_of

__all__ = [
    "Row",
    "Rows",
    "blocks",
    "make_export",
    "page_rows",
    "record_rows",
    "rows_of",
    "to_begin",
    "write_rows",
]
