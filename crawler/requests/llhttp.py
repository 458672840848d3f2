"""How llhttp reads answers here: as leniently as browsers where that cannot be abused, and within limits."""

from __future__ import annotations

import functools

import httpx
from httptools import HttpParserError, HttpResponseParser

MAX_FIELDS = 128
MAX_FIELD_BYTES = 32768  # one header field
EXPLAINED_BYTES = 8192  # of a broken answer are read again for the sentence about it


def decoded(fields: list[tuple[bytes, bytes]]) -> tuple[tuple[str, str], ...]:
    """Lower-case names, and values without the space around them (RFC 9110 section 5.5)."""
    if len(fields) > MAX_FIELDS:
        raise httpx.RemoteProtocolError(f"more than {MAX_FIELDS} header fields")
    return tuple([_field(name, value) for name, value in fields])


@functools.lru_cache(maxsize=512)
def _field(name: bytes, value: bytes) -> tuple[str, str]:
    """Cached, because most fields of a server are the same in each of its answers."""
    if len(name) + len(value) > MAX_FIELD_BYTES:
        raise httpx.RemoteProtocolError(f"a header field of more than {MAX_FIELD_BYTES} bytes")
    if b"\0" in value:
        raise httpx.RemoteProtocolError("a header field with a null byte")
    return name.lower().decode("latin-1"), value.rstrip(b" \t").decode("latin-1")


def lenient_parser(protocol: object) -> HttpResponseParser:
    """A parser that calls the ``on_`` methods of the protocol."""
    parser = HttpResponseParser(protocol)
    parser.set_dangerous_leniencies(
        lenient_headers=True,
        lenient_version=True,  # RFC 9110 section 2.5: a higher minor version is read as ours
        lenient_optional_cr_before_lf=True,  # RFC 9112 section 2.2
        lenient_spaces_after_chunk_size=True,
    )
    return parser


def explain(error: HttpParserError, answer: bytes) -> str:
    """One line for people: what is wrong, and the line where the parser stopped, if the answer is given."""
    if isinstance(error.__context__, httpx.RemoteProtocolError):
        return str(error.__context__)  # raised by one of our callbacks
    parser = lenient_parser(object())
    for line in answer[:EXPLAINED_BYTES].splitlines(keepends=True):
        try:
            parser.feed_data(line)
        except HttpParserError:
            return f"{error}: {line[:80].rstrip()!r}"
    return str(error)
