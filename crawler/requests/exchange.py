"""One request and its result, as plain values."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec


class FetchRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One request to make: what the fetcher needs to know of a visit and of its page's last version."""

    url: str
    user_agent: str
    headers: tuple[tuple[str, str], ...] = ()  # the seed's own; sent to the start URLs' origins only
    allow_networks: tuple[str, ...] = ()
    etag: str = ""
    last_modified: str = ""
    cookie: str = ""  # what the server has set before, see crawler.rules.cookies
    sitemap: bool = False  # any content type, and the byte cap of sitemaps
    files: bool = False  # PDF and spreadsheets are pages too
    method: str = "GET"
    content: bytes = b""  # its body, with the type
    content_type: str = ""
    again: bool = True  # whether it may be sent once more on another connection (RFC 9110 section 9.2.2)


def first_header(headers: Sequence[tuple[str, str]], name: str) -> str:
    """The first value of a header by lower-case name, or an empty string."""
    for key, value in headers:  # no generator: called about six times a page
        if key == name:
            return value
    return ""


def one_line(text: str) -> str:
    """Text for people in which nothing controls a terminal or a log, or is refused by a database."""
    return text if text.isprintable() else "".join(char if char.isprintable() else " " for char in text)


class FetchResult(msgspec.Struct, frozen=True, kw_only=True):
    """The result of one request. Never an exception: ``reason`` says what went wrong.

    ``body`` is decoded content (no content coding left), complete and within the byte cap, or empty.
    ``location`` is the absolute target of a redirect. ``status`` is None when no response arrived.
    """

    url: str
    status: int | None = None
    reason: str | None = None  # None: a page (2xx with a body), a 304, or a redirect with a location
    headers: tuple[tuple[str, str], ...] = ()  # lower-case names, as received
    body: bytes = b""
    location: str | None = None
    elapsed: float = 0.0  # seconds, request to last byte
    started_at: float = 0.0  # epoch seconds
    retry_after: float | None = None  # seconds from the response, clamped
    transient: bool = False
    detail: str = ""  # one line for people, e.g. the resolver's message

    def header(self, name: str) -> str:
        """The first value of a header by lower-case name, or an empty string."""
        return first_header(self.headers, name)
