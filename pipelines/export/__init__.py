"""Handing data out: rows of pages and records, in several formats, in constant memory."""

from pipelines.export.files import ExportFailed, exports_to_make, make_export
from pipelines.export.formats import blocks, write_rows
from pipelines.export.rows import Rows, page_rows, record_rows, rows_of
from pipelines.export.slices import Row

__all__ = [
    "ExportFailed",
    "Row",
    "Rows",
    "blocks",
    "exports_to_make",
    "make_export",
    "page_rows",
    "record_rows",
    "rows_of",
    "write_rows",
]
