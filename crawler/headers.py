"""Which request headers a seed may set."""

from __future__ import annotations

import re

RESERVED = frozenset(
    ("host", "connection", "keep-alive", "te", "trailer", "transfer-encoding", "content-length", "expect")
    + ("upgrade", "proxy-authorization", "proxy-connection", "accept-encoding", "range", "if-range")
    + ("if-none-match", "if-modified-since", "if-match", "if-unmodified-since")
)
"""Lower-case names of the fields that the fetcher sets itself, or that would break its framing."""

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")


def check_header(name: str, value: str) -> None:
    """Raise ValueError, with a sentence for people, unless this field may be sent (RFC 9110 section 5)."""
    if not _TOKEN.fullmatch(name):
        raise ValueError(f"{name!r} is not a header name")
    if name.lower() in RESERVED:
        raise ValueError(f"the header {name} is set by the crawler itself")
    if not _VALUE.fullmatch(value):
        raise ValueError(f"the value of the header {name} holds a line break or a character outside Latin-1")
