"""JSON (RFC 8259) and JSON Lines, by type or by the first character, where the rest bears that out."""

from __future__ import annotations

import re
from functools import lru_cache

from crawler.reading.document import Document
from crawler.reading.encoding import decode
from crawler.reading.sources import json_feed
from crawler.reading.sources.source import Unreadable, is_undecided, media_type_of
from crawler.reading.structured.json_value import Json, load_each, load_json, load_lines, show_json
from crawler.reading.text import fold

_JSON = re.compile(r"(?:application|text)/(?:[\w.-]+\+)?json")
_LINES = re.compile(r"(?:application|text)/(?:x-)?(?:ndjson|jsonl|jsonlines|json-lines|json-seq)")
_MAY_BE = re.compile(r"text/(?:html|plain)|(?:text|application)/(?:x-)?(?:javascript|ecmascript)")
_START = re.compile(rb"(?:\xef\xbb\xbf)?[ \t\r\n]*+[\[{]")


def sniff(body: bytes, content_type: str) -> bool:
    """Whether the type is JSON, or one above which JSON is met and the body begins with a bracket."""
    mime = media_type_of(content_type)
    if _is_promised(mime):
        return True
    return _START.match(body) is not None and (is_undecided(mime) or _MAY_BE.fullmatch(mime) is not None)


def read(body: bytes, content_type: str) -> Document | None:
    """The document: its data is the value, or the list of the lines' values; its text is JSON too."""
    mime = media_type_of(content_type)
    text, encoding = decode(body, content_type if _is_promised(mime) else "text/plain")
    try:
        value = load_each(text) if _LINES.fullmatch(mime) else _value(text)
    except ValueError as error:
        if not _is_promised(mime):
            return None
        raise Unreadable(f"The type is {mime}, but this is no JSON: {error}.") from error
    document = Document(encoding, fold(show_json(value)), data=value)
    json_feed.add(document)
    return document


def _value(text: str) -> Json:
    """One value, or those of the lines: JSON Lines often have the type of JSON."""
    try:
        return load_json(text)
    except ValueError:
        lines = load_lines(text)
        if lines is None:
            raise
        return lines


@lru_cache(maxsize=512)
def _is_promised(mime: str) -> bool:
    return _JSON.fullmatch(mime) is not None or _LINES.fullmatch(mime) is not None
