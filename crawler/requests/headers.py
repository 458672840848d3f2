"""The header fields of a request: what the crawler sends, and what a seed may add."""

from __future__ import annotations

import re
from collections.abc import Iterable

ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

RESERVED = frozenset(
    ("host", "connection", "keep-alive", "te", "trailer", "transfer-encoding", "content-length", "expect")
    + ("upgrade", "proxy-authenticate", "proxy-authorization", "proxy-connection", "accept-encoding")
    + ("user-agent",)  # it has its own box in the form, and robots.txt is read for it
    + ("range", "if-range", "if-none-match", "if-modified-since", "if-match", "if-unmodified-since")
)
"""Lower-case names of the fields that the crawler sets itself, or that would break the message framing."""

ETAG_LENGTH = 300  # bytes of a validator that are kept, as wide as its column
LAST_MODIFIED_LENGTH = 64

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_PLAIN_VALUE = re.compile(r"[\t\x20-\x7e]*")  # what a person may write
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")  # what may go over the wire

Fields = tuple[tuple[bytes, bytes], ...]


def check_header(name: str, value: str) -> None:
    """Raise ValueError, with a sentence for people, unless a seed may send this field."""
    if not _TOKEN.fullmatch(name):
        raise ValueError(f"{name!r} cannot be the name of a header. Use letters, digits and hyphens.")
    if not _PLAIN_VALUE.fullmatch(value):
        raise ValueError(f"The value of {name!r} holds characters that no header may have.")
    if name.lower() == "user-agent":
        raise ValueError("Write the user agent in its own box, so that robots.txt is read for it.")
    if name.lower() in RESERVED:
        raise ValueError(f"{name!r} is written by Crawlbeat itself. Leave it out.")


def sendable(fields: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """The fields that a request can hold: a row that was written without checks may have others."""
    return tuple(field for field in fields if _can_be_sent(*field))


def _can_be_sent(name: str, value: str) -> bool:
    writable = _TOKEN.fullmatch(name) and _VALUE.fullmatch(value)
    return bool(writable) and name.lower() not in RESERVED


def validator(value: str, longest: int) -> str:
    """An ETag or Last-Modified if it can be kept whole and sent back as it came, else nothing.

    Without a validator a request has no condition, and the page is fetched in full.
    """
    return value if len(value) <= longest and _VALUE.fullmatch(value) else ""


def encode_field(name: str, value: str) -> tuple[bytes, bytes]:
    """A field as it goes over the wire. Raises ValueError if RFC 9110 section 5 forbids it."""
    if not _TOKEN.fullmatch(name):
        raise ValueError(f"{name!r} is not a header name.")
    if not _VALUE.fullmatch(value):
        raise ValueError(f"The header {name} holds a line break or a character outside Latin-1.")
    return name.encode("ascii"), value.encode("latin-1")


def standing_fields(user_agent: str, own: tuple[tuple[str, str], ...], accept_encoding: str) -> Fields:
    """The fields that all requests of a seed share: ours, replaced by its own :func:`sendable` ones.

    Raises:
        ValueError: one of its own must not be sent.
    """
    for name, _ in own:
        if name.lower() in RESERVED:
            raise ValueError(f"The header {name} is set by the crawler itself.")
    replaced = {name.lower() for name, _ in own}
    ours = (("User-Agent", user_agent), ("Accept", ACCEPT), ("Accept-Encoding", accept_encoding))
    kept = [field for field in ours if field[0].lower() not in replaced]
    return tuple(encode_field(name, value) for name, value in (*kept, *own))
