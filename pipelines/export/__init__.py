"""Handing data out: rows of pages and records, in several formats, in constant memory."""

from pipelines.export.columns import TooMuch
from pipelines.export.files import ExportFailed, exports_to_make, make_export
from pipelines.export.kinds.pages import page_rows
from pipelines.export.kinds.records import record_rows
from pipelines.export.rows import Rows, rows_of
from pipelines.export.slices import Row
from pipelines.export.written import row_blocks, write_export, write_rows

__all__ = [
    "ExportFailed",
    "Row",
    "Rows",
    "TooMuch",
    "exports_to_make",
    "make_export",
    "page_rows",
    "record_rows",
    "row_blocks",
    "rows_of",
    "write_export",
    "write_rows",
]
