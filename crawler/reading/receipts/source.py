"""Where in a body something stands: its bytes, its line, its text as it was written.

The engine counts characters of a text in which every line break is one character (HTML standard, section
13.2.3.5); here they become bytes of the body.
"""

from __future__ import annotations

import codecs
import re
from bisect import bisect_left
from functools import cached_property

import msgspec
import webencodings

from crawler.reading.encoding import decode

SHOWN = 1_000  # characters of a source
_PAIR = re.compile("\r\n")
_BOMS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a body. Bytes ``[start, end)``; lines are counted from 1."""

    start: int
    end: int
    line: int
    text: str  # as it is written there, cut


class Text:
    """The text of a body, which knows where its characters stand in the body."""

    def __init__(self, body: bytes, content_type: str) -> None:
        self._body = body
        self.written, self._encoding = decode(body, content_type)

    def between(self, start: int, end: int) -> Source | None:
        """The source of these characters, as the engine counts them; None if their bytes cannot be told."""
        return self._source(self._as_written(start), self._as_written(end))

    def only(self, part: str) -> Source | None:
        """The source of a text that stands in the body exactly once, word for word; else None."""
        start = self.written.find(part) if part else -1
        if start < 0 or self.written.find(part, start + 1) >= 0:
            return None
        return self._source(start, start + len(part))

    def _source(self, start: int, end: int) -> Source | None:
        text = self.written[start:end]
        try:
            before, within = self._bytes(self.written[:start]), self._bytes(text)
        except UnicodeError:
            return None
        first = self._begin + len(before)
        if self._body[self._begin : first + len(within)] != before + within:
            return None  # the body holds bytes that are no characters, or characters with two spellings
        line = self.written.count("\n", 0, start) + 1
        return Source(start=first, end=first + len(within), line=line, text=text[:SHOWN])

    def _bytes(self, text: str) -> bytes:
        return webencodings.encode(text, self._encoding)

    @cached_property
    def _begin(self) -> int:
        """Bytes of the byte order mark."""
        return next((len(bom) for bom in _BOMS if self._body.startswith(bom)), 0)

    @cached_property
    def _pairs(self) -> list[int]:
        """The places of line breaks of two characters, as the engine counts."""
        return [match.start() - at for at, match in enumerate(_PAIR.finditer(self.written))]

    def _as_written(self, at: int) -> int:
        return at + bisect_left(self._pairs, at)
