"""The formats of exports, one line each. A module writes each; it is loaded at its first use."""

from __future__ import annotations

from typing import NamedTuple


class Format(NamedTuple):
    """A format: its name, the ending of its files, its label for people, its media type, its module."""

    name: str
    ending: str
    label: str
    media_type: str
    module: str  # see pipelines.export.formats
    streams: bool = True  # it is sent while it is written
    compressible: bool = True
    of_raw: bool = False  # it holds answers, not rows with columns; see catalog.kinds


_HERE = "pipelines.export.formats"
_AT_ONCE = (False, False)  # neither sent while it is written nor compressed once more
FORMATS = {
    form.name: form
    for form in (
        Format("jsonl", "jsonl", "JSON Lines", "application/x-ndjson; charset=utf-8", f"{_HERE}.jsonl"),
        Format("csv", "csv", "CSV", "text/csv; charset=utf-8", f"{_HERE}.csv"),
        Format("csv-excel", "csv", "CSV for Excel", "text/csv; charset=utf-8", f"{_HERE}.csv_excel"),
        Format(
            *("xlsx", "xlsx", "Excel workbook"),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            *(f"{_HERE}.xlsx", *_AT_ONCE),
        ),
        Format("json", "json", "JSON", "application/json", f"{_HERE}.json"),
        Format(
            "parquet", "parquet", "Parquet", "application/vnd.apache.parquet", f"{_HERE}.parquet", *_AT_ONCE
        ),
        Format("warc", "warc.gz", "WARC", "application/warc", f"{_HERE}.warc", True, False, True),
        Format("wacz", "wacz", "WACZ", "application/wacz", f"{_HERE}.wacz", *_AT_ONCE, True),
        Format("sqlite", "sqlite", "SQLite", "application/vnd.sqlite3", f"{_HERE}.sqlite", *_AT_ONCE),
    )
}
"""Every format by name, in the order in which people see them."""


ROW_FORMATS = {name: form for name, form in FORMATS.items() if not form.of_raw}
"""Those that hold rows with columns."""


DEFAULT_FORMAT = next(iter(FORMATS))


class Compression(NamedTuple):
    """How a file of text is made smaller: its name, also a further ending; its label; its media type."""

    name: str
    label: str
    media_type: str


COMPRESSIONS = {
    each.name: each
    for each in (
        Compression("gz", "gzip", "application/gzip"),
        Compression("zst", "Zstandard", "application/zstd"),
    )
}


def format_of(file_name: str) -> tuple[Format | None, str]:
    """The first format whose files end as this name does, and the name of its compression; empty: none.

    None: no format ends so.
    """
    name = file_name.lower()
    form = next((each for each in FORMATS.values() if name.endswith(f".{each.ending}")), None)
    if form is not None:
        return form, ""
    stem, _, last = name.rpartition(".")
    if last not in COMPRESSIONS:
        return None, ""
    form, packed = format_of(stem)
    return (form, last) if form is not None and form.compressible and not packed else (None, last)


def media_type(form: str, compression: str = "") -> str:
    """The media type of a file."""
    return COMPRESSIONS[compression].media_type if compression else FORMATS[form].media_type


def ending(form: str, compression: str = "") -> str:
    """The ending of a file, without its first point: ``csv.gz``."""
    return f"{FORMATS[form].ending}.{compression}" if compression else FORMATS[form].ending
