"""CSV and TSV (RFC 4180, and what is met): comma, semicolon, tab or bar, as the first lines say.

The data is a list of objects by heading, every value a text.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from functools import lru_cache

from crawler.reading.document import Document
from crawler.reading.encoding import decode
from crawler.reading.sources.source import Unreadable, is_undecided, media_type_of
from crawler.reading.sources.table import objects_of
from crawler.reading.text import fold, storable

MAX_CELLS = 1_000_000
LONGEST_CELL = 1_000_000  # characters
SNIFFED_LINES = 20
SNIFFED = 65536  # characters that these may be
DELIMITERS = ",;\t|"

_CSV = re.compile(r"(?:text|application)/(?:x-)?(?:csv|comma-separated-values)")
_TSV = re.compile(r"(?:text|application)/(?:x-)?(?:tsv|tab-separated-values)")
_QUOTED = re.compile(r'"(?:[^"]|"")*+"')
_SEPARATOR_LINE = re.compile(r"\s*sep=(.)\r?\n", re.IGNORECASE)  # as Excel writes it
_MARKUP = re.compile(rb"[\s\xef\xbb\xbf]*<")

csv.field_size_limit(LONGEST_CELL)


def sniff(body: bytes, content_type: str) -> bool:
    """Whether the type is CSV or TSV, or the body may be: files of servers that know no such type."""
    mime = media_type_of(content_type)
    if _is_promised(mime):
        return True
    may_be = mime == "text/plain" or (bool(mime) and is_undecided(mime))
    return may_be and not _MARKUP.match(body)


def read(body: bytes, content_type: str) -> Document | None:
    """The document; None if only its first lines could tell, and they have not the same columns."""
    mime = media_type_of(content_type)
    text, encoding = decode(body, content_type)
    text = text.lstrip("\ufeff")
    delimiter = "\t" if _TSV.fullmatch(mime) else ""
    if written := _SEPARATOR_LINE.match(text):
        delimiter, text = written[1], text[written.end() :]
    if not _is_promised(mime):
        delimiter = delimiter_of(text, every_line=True)
        if not delimiter:
            return None
    rows = _rows(text, delimiter or delimiter_of(text) or ",")
    return Document(encoding, fold(text), data=rows)


def delimiter_of(text: str, *, every_line: bool = False) -> str:
    """What most of the first lines have as often as the first one, outside of quotes; else nothing.

    ``every_line``: all of two or more lines have to, as lines of prose hardly do.
    """
    sample = _QUOTED.sub("", text[:SNIFFED]).splitlines()
    if len(text) > SNIFFED:
        sample.pop()  # it is cut
    lines = [line for line in sample if line.strip()][:SNIFFED_LINES]
    if not lines:
        return ""
    agreement, best = max((_agreement(lines, sign), sign) for sign in DELIMITERS)
    if every_line and (len(lines) < 2 or agreement[0] < len(lines)):
        return ""
    return best if agreement[1] else ""


def _agreement(lines: list[str], sign: str) -> tuple[int, int]:
    """In how many lines the sign comes as often as in the first, and how often that is."""
    often = lines[0].count(sign)
    return (Counter(line.count(sign) for line in lines)[often], often) if often else (0, 0)


def _rows(text: str, delimiter: str) -> list[dict[str, str | None]]:
    lines = storable(text).splitlines(keepends=True)
    try:
        return objects_of(csv.reader(lines, delimiter=delimiter), MAX_CELLS)
    except csv.Error as error:
        raise Unreadable(f"This is no table of texts: {error}.") from error


@lru_cache(maxsize=512)
def _is_promised(mime: str) -> bool:
    return _CSV.fullmatch(mime) is not None or _TSV.fullmatch(mime) is not None
