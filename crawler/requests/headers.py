"""The header fields of a request: what the crawler sends, and what a seed may add."""

from __future__ import annotations

import re

ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

RESERVED = frozenset(
    ("host", "connection", "keep-alive", "te", "trailer", "transfer-encoding", "content-length", "expect")
    + ("upgrade", "proxy-authorization", "proxy-connection", "accept-encoding", "user-agent")
    + ("range", "if-range", "if-none-match", "if-modified-since", "if-match", "if-unmodified-since")
)
"""Lower-case names of the fields that the crawler sets itself, or that would break its framing."""

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")

Fields = tuple[tuple[bytes, bytes], ...]


def check_header(name: str, value: str) -> None:
    """Raise ValueError, with a sentence for people, unless a seed may send this field."""
    if name.lower() in RESERVED:
        raise ValueError(f"The header {name} is set by the crawler itself.")
    encode_field(name, value)


def encode_field(name: str, value: str) -> tuple[bytes, bytes]:
    """A field as it goes over the wire. Raises ValueError where RFC 9110 section 5 forbids it."""
    if not _TOKEN.fullmatch(name):
        raise ValueError(f"{name!r} is not a header name.")
    if not _VALUE.fullmatch(value):
        raise ValueError(f"The header {name} holds a line break or a character outside Latin-1.")
    return name.encode("ascii"), value.encode("latin-1")


def standing_fields(user_agent: str, own: tuple[tuple[str, str], ...], accept_encoding: str) -> Fields:
    """The fields that all requests of a seed share: ours, and its own in the place of ours.

    Raises:
        ValueError: one of the seed's own must not be sent.
    """
    for name, value in own:
        check_header(name, value)
    replaced = {name.lower() for name, _ in own}
    ours = (("User-Agent", user_agent), ("Accept", ACCEPT), ("Accept-Encoding", accept_encoding))
    kept = [field for field in ours if field[0].lower() not in replaced]
    return tuple(encode_field(name, value) for name, value in (*kept, *own))
