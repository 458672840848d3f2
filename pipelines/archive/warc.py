"""WARC/1.1 segments, written by hand: one gzip member per WARC record, which can be read by its range.

ISO 28500:2017. Responses and revisits are written, and of requests only the method and the body that a seed
gives, with no header but the type: so no secret of a seed can get into the archive. Bodies are stored
decoded; the response headers say so, and the headers that the server had sent instead are kept under
``X-Archive-Orig-``.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from datetime import UTC, datetime
from functools import lru_cache
from http import HTTPStatus
from urllib.parse import urlsplit

from django.conf import settings
from isal import isal_zlib

from crawler.requests.exchange import FetchResult
from crawler.seed_requests import SeedRequest

_BLANK = b"\r\n\r\n"  # ends a head
GZIP = 31  # zlib's window bits for a gzip member
LEVEL = 2  # of 0 to 3; on 20 KB pages both quicker and smaller than 1
IDENTICAL = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
# Headers that describe the bytes on the wire, not the decoded body that is stored.
REWRITTEN = frozenset({"content-encoding", "transfer-encoding", "content-length"})

_HTTP_REQUEST = "application/http;msgtype=request"
_ORIGINAL = "X-Archive-Orig-"
_HTTP_RESPONSE = "application/http;msgtype=response"
_DAMAGED: tuple[type[Exception], ...] = (isal_zlib.IsalError, EOFError)  # type: ignore[assignment]
_PHRASES = {status.value: status.phrase for status in HTTPStatus}
_UNSAFE = re.compile(r"[\x00-\x1f\x7f\ud800-\udc7f\udd00-\udfff]+")


class SegmentWriter:
    """Collects the WARC records of one segment in memory; batches are bounded, so segments are too."""

    def __init__(self, user_agent: str = "") -> None:
        """Start with a ``warcinfo`` record that names the crawler."""
        fields = f"software: {_line(user_agent or settings.USER_AGENT)}\r\nformat: WARC File Format 1.1\r\n"
        self._data = bytearray()
        self._name = str(uuid.uuid4())[:28]  # of the segment: 90 random bits, its records are numbered
        self._records = 0
        head = f"WARC-Type: warcinfo\r\nWARC-Date: {_date(datetime.now(UTC))}\r\n"
        self._append(head, "application/warc-fields", fields.encode())

    @property
    def size(self) -> int:
        """Compressed bytes so far."""
        return len(self._data)

    def add(self, result: FetchResult, fetched_at: datetime, digest: str = "") -> tuple[int, int]:
        """Add a response; returns (offset, length) of its member.

        ``digest`` is the sha256 hex of the body, where already known.
        """
        digest = digest or hashlib.sha256(result.body).hexdigest()
        head = _head("response", _uri(result.url), fetched_at, digest)
        return self._append(head, _HTTP_RESPONSE, _http_head(result), result.body)

    def add_request(self, request: SeedRequest, url: str, fetched_at: datetime) -> tuple[int, int]:
        """Add the request (WARC/1.1 section 6.4) that the response just added answers."""
        parts = urlsplit(url)
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        body = request.body.encode()
        lines = [
            f"{request.method} {target} HTTP/1.1",
            f"Host: {parts.netloc}",
            f"Content-Type: {_line(request.type)}",
            f"Content-Length: {len(body)}",
        ]
        head = f"WARC-Type: request\r\nWARC-Target-URI: {_uri(url)}\r\nWARC-Date: {_date(fetched_at)}\r\n"
        head += f"WARC-Concurrent-To: {self._id(self._records)}\r\n"
        return self._append(head, _HTTP_REQUEST, "\r\n".join([*lines, "\r\n"]).encode(), body)

    def _id(self, number: int) -> str:
        """The id of a record of this segment."""
        return f"<urn:uuid:{self._name}{number:08x}>"

    def add_revisit(
        self, result: FetchResult, fetched_at: datetime, digest: str, refers_to: datetime | None = None
    ) -> tuple[int, int]:
        """Add a revisit (WARC/1.1 section 6.7): a 304, or a body with the digest of the stored version.

        ``digest`` is that version's; ``refers_to`` when it was fetched.
        """
        uri = _uri(result.url)
        profile = NOT_MODIFIED if result.status == HTTPStatus.NOT_MODIFIED else IDENTICAL
        head = _head("revisit", uri, fetched_at, digest)
        head += f"WARC-Profile: {profile}\r\nWARC-Refers-To-Target-URI: {uri}\r\n"
        if refers_to is not None:
            head += f"WARC-Refers-To-Date: {_date(refers_to)}\r\n"
        return self._append(head, _HTTP_RESPONSE, _http_head(result))

    def add_missing(self, url: str, fetched_at: str, reason: str) -> tuple[int, int]:
        """Add a metadata record (WARC/1.1 section 6.6) that says why an answer is not here."""
        head = f"WARC-Type: metadata\r\nWARC-Target-URI: {_uri(url)}\r\nWARC-Date: {fetched_at}\r\n"
        return self._append(head, "application/warc-fields", f"missing: {_line(reason)}\r\n".encode())

    def copy(self, member: bytes) -> tuple[int, int]:
        """Add a WARC record of another segment as it is."""
        offset = len(self._data)
        self._data += member
        return offset, len(member)

    def _append(self, head: str, content_type: str, block: bytes, body: bytes = b"") -> tuple[int, int]:
        self._records += 1
        top = (
            f"WARC/1.1\r\n{head}WARC-Record-ID: {self._id(self._records)}\r\n"
            f"Content-Type: {content_type}\r\nContent-Length: {len(block) + len(body)}\r\n\r\n"
        )
        record = b"".join((top.encode(errors="replace"), block, body, b"\r\n\r\n"))
        return self.copy(isal_zlib.compress(record, LEVEL, GZIP))

    def take(self) -> bytes:
        """What was added since the last call, for a file that is written bit by bit."""
        data, self._data = bytes(self._data), bytearray()
        return data

    def bytes(self) -> bytes:
        """The segment."""
        return bytes(self._data)


def response_body(member: bytes) -> bytes:
    """The body in a WARC record of a response, from its gzip member. ValueError if it is another."""
    return _response(member)[1]


def response_headers(member: bytes) -> list[tuple[str, str]]:
    """The headers of a response as the server sent them, names in lower case; ValueError as before."""
    lines = _response(member)[0].decode("utf-8", "replace").split("\r\n")[1:]
    pairs = [line.partition(":") for line in lines]
    archived = {name.lower() for name, _, _ in pairs if name.startswith(_ORIGINAL)}
    return [
        (name.removeprefix(_ORIGINAL).lower(), value.strip())
        for name, colon, value in pairs
        if colon and f"{_ORIGINAL}{name}".lower() not in archived
    ]


def _response(member: bytes) -> tuple[bytes, bytes]:
    """The head and the body in a WARC record of a response."""
    try:
        record = isal_zlib.decompress(member, GZIP)
    except _DAMAGED as error:
        raise ValueError(f"not a gzip member ({error})") from error
    end = record.find(_BLANK)
    if end < 0 or not record.startswith(b"WARC/1."):
        raise ValueError("not a WARC record")
    body_at = record.find(_BLANK, end + 4)
    if body_at < 0 or record.find(b"\r\nWARC-Type: response\r\n", 0, end + 2) < 0:
        raise ValueError("not a response record")
    return record[end + 4 : body_at], record[body_at + 4 : -4]


def _head(kind: str, uri: str, fetched_at: datetime, digest: str) -> str:
    return (
        f"WARC-Type: {kind}\r\nWARC-Target-URI: {uri}\r\nWARC-Date: {_date(fetched_at)}\r\n"
        f"WARC-Payload-Digest: sha256:{digest}\r\n"
    )


def _http_head(result: FetchResult) -> bytes:
    """The status line and headers as bytes that describe the body as it is stored."""
    status = result.status or 0
    lines = [f"{_shown(name)}: {value}" for name, value in result.headers if name != "set-cookie"]
    if not "".join(lines).isprintable():
        lines = [_line(line) for line in lines]
    if status != HTTPStatus.NOT_MODIFIED:
        lines.append(f"Content-Length: {len(result.body)}")
    head = "\r\n".join([f"HTTP/1.1 {status} {_PHRASES.get(status, '')}", *lines, "\r\n"])
    return head.encode("utf-8", "surrogateescape")


@lru_cache(maxsize=256)
def _shown(name: str) -> str:
    """The name under which a header is stored."""
    return f"{_ORIGINAL}{name}" if name in REWRITTEN else name.replace(":", "")


def _uri(url: str) -> str:
    return _line(url).replace(" ", "%20")


def _line(value: str) -> str:
    """A value that cannot start another line or end the headers."""
    return _UNSAFE.sub(" ", value).strip() if not value.isprintable() else value


def _date(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
