"""What a response means, before its body is read: a page, a redirect, nothing new, or a failure.

Which content types are pages: ``text/*``, XHTML, XML and JSON of any kind, CSV, or no type that can be read;
unless the body begins with binary data. PDF and spreadsheets are pages for a request that wants files. Of
types that say nothing, the name of the file decides. No other body is read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import unquote

from crawler.file_kinds import kind_of_bytes, kind_of_type
from crawler.outcomes import Reason, http_reason
from crawler.requests.exchange import FetchRequest, first_header
from crawler.requests.media_type import is_binary, media_type
from crawler.rules.urls import BadUrl, resolve, without_credentials

REDIRECTS = frozenset((301, 302, 303, 307, 308))
_EMPTY = frozenset((204, 205))
_PAGE_TYPE = re.compile(
    r"text/|application/(?:(?:[\w.-]+\+)?(?:xml|json)"
    r"|(?:x-)?(?:ndjson|jsonl|jsonlines|json-lines|json-seq|javascript|ecmascript|csv|tsv))(?:;|$)"
)
_SAYS_NOTHING = re.compile(
    r"(?:application|binary)/(?:octet-stream|(?:x-|force-)?download|zip|x-zip-compressed|vnd\.ms-excel)(?:;|$)"
)
_TEXT_NAME = re.compile(r"\.(?:csv|tsv|json|jsonl|ndjson|geojson|xml|rss|atom)", re.IGNORECASE)
_FILE_NAME = re.compile(r"\.(?:pdf|xlsx|ods)", re.IGNORECASE)
_DISPOSITION = re.compile(r"""filename\*?\s*=\s*(?:UTF-8'[\w-]*')?["']?([^"';]+)""", re.IGNORECASE)
_NOT_ASCII = re.compile(rb"[\x80-\xff]")


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
    kind = media_type(headers)
    if kind and not any_type and not _PAGE_TYPE.match(kind) and not _is_wanted(request, kind, headers):
        raise Failed(Reason.CONTENT_TYPE, kind[:200])
    return status not in _EMPTY


def _is_wanted(request: FetchRequest, kind: str, headers: Sequence[tuple[str, str]]) -> bool:
    """Whether to read a body that is no page by its type: a file, or a text that its name gives away."""
    if not _SAYS_NOTHING.match(kind):
        return request.files and bool(kind_of_type(kind))
    ending = _ending(request.url, headers)
    return bool(_TEXT_NAME.fullmatch(ending) or (request.files and _FILE_NAME.fullmatch(ending)))


def _ending(url: str, headers: Sequence[tuple[str, str]]) -> str:
    """The ending of the file's name, with its dot: by Content-Disposition, else of the URL's path."""
    named = _DISPOSITION.search(first_header(headers, "content-disposition"))
    name = named[1] if named else url.partition("?")[0].rpartition("/")[2]
    _, dot, ending = unquote(name).strip().rpartition(".")
    return dot + ending


def check_body(body: bytes, kind: str) -> None:
    """Raise Failed for a body that begins with binary data, whatever its type says; not for files we read."""
    if is_binary(body, kind) and not kind_of_bytes(body, kind):
        raise Failed(Reason.CONTENT_TYPE, f"{kind[:200] or 'no content type'}, and binary data")


def redirect_target(headers: Sequence[tuple[str, str]], base: str) -> str:
    """The absolute URL that a redirect leads to. Its bytes go back to the server as they came.

    Without user name and password: only the seed says where credentials go.

    Raises:
        Failed: there is none, or it is not an http or https URL.
    """
    location = first_header(headers, "location")
    if not location:
        raise Failed(Reason.BAD_REDIRECT, "a redirect without a Location")
    try:
        return without_credentials(resolve(_as_text(location), base))
    except BadUrl as error:
        raise Failed(Reason.BAD_REDIRECT, f"{location[:200]!r}: {error}") from error


def _as_text(location: str) -> str:
    """UTF-8, as most servers write it; else the bytes beyond ASCII percent-encoded one by one."""
    try:
        raw = location.encode("latin-1")
    except UnicodeEncodeError:  # a mock's text
        return location
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return _NOT_ASCII.sub(lambda byte: b"%%%02X" % byte[0][0], raw).decode("ascii")
