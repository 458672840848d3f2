"""What a response means, before its body is read: a page, a redirect, nothing new, or a failure.

Which content types are pages: ``text/*``, XHTML, and XML of any kind (feeds, sitemaps); a body without a
type unless it starts with binary data. No other body is read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress

from crawler.outcomes import Reason, http_reason
from crawler.requests.exchange import FetchRequest, first_header
from crawler.rules.urls import BadUrl, resolve, without_credentials

REDIRECTS = frozenset((301, 302, 303, 307, 308))
_EMPTY = frozenset((204, 205))
_PAGE_TYPE = re.compile(r"\s*(?:text/|application/(?:xml|[\w.-]+\+xml)\s*(?:;|$))", re.IGNORECASE)
_BINARY = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")  # WHATWG MIME Sniffing section 3
_SNIFFED = 512  # bytes


class Failed(Exception):
    """A fetch ends without a page; the message is one line for people."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(detail)
        self.reason = reason


def has_body(
    request: FetchRequest, status: int, headers: Sequence[tuple[str, str]], *, any_type: bool
) -> bool:
    """Whether to read the body of this answer to the request.

    Raises:
        Failed: the status or the content type makes it no page.
    """
    if status in REDIRECTS or (status == 304 and (request.etag or request.last_modified)):
        return False
    if not 200 <= status < 300 or status == 206:  # a part that was not asked for is no page
        raise Failed(http_reason(status))
    kind = first_header(headers, "content-type")
    if kind and not any_type and not _PAGE_TYPE.match(kind):
        raise Failed(Reason.CONTENT_TYPE, kind[:200])
    return status not in _EMPTY


def check_untyped(body: bytes) -> None:
    """Raise Failed for a body without a content type that starts with binary data."""
    if _BINARY.search(body, 0, _SNIFFED):
        raise Failed(Reason.CONTENT_TYPE, "no content type, and binary data")


def redirect_target(headers: Sequence[tuple[str, str]], base: str) -> str:
    """The absolute URL that a redirect leads to; browsers read the bytes of a Location as UTF-8.

    Without user name and password: only the seed says where credentials go.

    Raises:
        Failed: there is none, or it is not an http or https URL.
    """
    location = first_header(headers, "location")
    if not location:
        raise Failed(Reason.BAD_REDIRECT, "a redirect without a Location")
    with suppress(UnicodeError):
        location = location.encode("latin-1").decode("utf-8")
    try:
        return without_credentials(resolve(location, base))
    except BadUrl as error:
        raise Failed(Reason.BAD_REDIRECT, f"{location[:200]!r}: {error}") from error
