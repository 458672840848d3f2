"""Documents that are no HTML: JSON, tables, feeds, PDF and spreadsheets; broken, or written to do harm."""

from __future__ import annotations

from collections.abc import Callable

from tests.fakeweb.answers import Answer, Behaviour
from tests.fakeweb.bad.case import Case, group
from tests.fakeweb.documents import (
    Rows,
    lying_sheet,
    ods,
    pdf,
    repeated_cells,
    sheet_bomb,
    sparse_sheet,
    xlsx,
)
from tests.fakeweb.misbehaviour import Lazy

JSON, PDF, ODS = "application/json", "application/pdf", "application/vnd.oasis.opendocument.spreadsheet"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROWS: Rows = [["name", "price"], ["a", 1], ["b", 2.5]]


def _read(name: str, does: str, kind: str | None, body: str | bytes, title: str = "") -> Case:
    return Case(name, does, Answer(body=body, content_type=kind), body=None, title=title)


def _refused(name: str, does: str, kind: str | None, make: Callable[[], bytes]) -> Case:
    """A body that is read, and then is not what its type says, or is too much."""

    def answer() -> Behaviour:
        return Answer(body=make(), content_type=kind)

    return Case(name, does, Lazy(answer), "failed", "unreadable", 200, None, "")


DOCUMENTS = group(
    "Documents that are no HTML",
    [
        _read("json", "JSON", JSON, '{"a": [1, 2]}'),
        _read("json-as-html", "JSON that it calls HTML", "text/html", '{"a": [1, 2]}'),
        _read("json-untyped", "JSON without a Content-Type", None, '{"a": [1, 2]}'),
        _read("json-lines", "JSON Lines that it calls JSON", JSON, '{"a": 1}\n{"a": 2}\n'),
        _read("json-half-a-line", "JSON Lines, the last half", "application/x-ndjson", '{"a": 1}\n{"a'),
        _read("json-nan", "NaN in JSON", JSON, '{"a": NaN, "b": 1e999, "c": 123456789012345678901234567890}'),
        _read("json-nulls", "NUL and half a character in JSON", JSON, '{"a\\u0000": "\\ud83d"}'),
        _refused("json-half", "half of a JSON", JSON, lambda: b'{"a": [1, 2'),
        _refused("json-html", "HTML that it calls JSON", JSON, lambda: b"<!doctype html><p>Log in"),
        _refused("json-empty", "nothing that it calls JSON", JSON, lambda: b""),
        _refused("json-deep", "1,000,000 nested lists", JSON, lambda: b"[" * 1_000_000 + b"]" * 1_000_000),
        _read("csv", "CSV", "text/csv", "name;price\na;1\n"),
        _read("csv-open-quote", "CSV with a quote that does not end", "text/csv", 'name,price\n"a,1\nb,2\n'),
        _refused("csv-cells", "CSV of 4 million cells", "text/csv", lambda: b"a,b\n" * 2_000_000),
        _read(
            "feed",
            "a feed",
            "application/rss+xml",
            "<rss><channel><title>A page</title><item><title>a</title></item></channel></rss>",
            title="A page",
        ),
        _read("pdf", "a PDF", PDF, pdf(["words"], title="A page"), title="A page"),
        _read("pdf-typed-html", "a PDF that it calls HTML", "text/html", pdf(["words"])),
        _refused("pdf-half", "half of a PDF", PDF, lambda: pdf(["words"])[:300]),
        _refused("pdf-html", "HTML that it calls PDF", PDF, lambda: b"<!doctype html><p>Log in"),
        _read("xlsx", "a workbook", XLSX, xlsx({"One": ROWS})),
        _read("xlsx-as-zip", "a workbook that it calls HTML", "text/html", xlsx({"One": ROWS})),
        _read("ods", "a spreadsheet", ODS, ods(ROWS)),
        _refused("xlsx-half", "half of a workbook", XLSX, lambda: xlsx({"One": ROWS})[:-200]),
        _refused("xlsx-bomb", "a workbook that unpacks to 110 MB", XLSX, lambda: sheet_bomb(110_000_000)),
        _refused("xlsx-lies", "a workbook larger than it says", XLSX, lying_sheet),
        _refused("xlsx-sparse", "two cells, far apart", XLSX, sparse_sheet),
        _refused("ods-repeated", "a cell, 17 billion times", ODS, repeated_cells),
    ],
)
