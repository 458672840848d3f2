"""WARC/1.1 segments, written by hand: one gzip member per WARC record, which can be read by its range.

ISO 28500:2017. Only responses and revisits are written: no requests, so no secret of a seed can get
into the archive. Bodies are stored decoded; the response headers say so, and the headers that the server had
sent instead are kept under ``X-Archive-Orig-``.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from datetime import UTC, datetime
from http import HTTPStatus

from django.conf import settings
from isal import isal_zlib

from crawler.requests.exchange import FetchResult

GZIP = 31  # zlib's window bits for a gzip member
LEVEL = 2  # of 0 to 3; on 20 KB pages both quicker and smaller than 1
IDENTICAL = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
# Headers that describe the bytes on the wire, not the decoded body that is stored.
REWRITTEN = frozenset({"content-encoding", "transfer-encoding", "content-length"})

_DAMAGED: tuple[type[Exception], ...] = (isal_zlib.IsalError, EOFError)  # type: ignore[assignment]
_PHRASES = {status.value: status.phrase for status in HTTPStatus}
_UNSAFE = re.compile(r"[\x00-\x1f\x7f\ud800-\udc7f\udd00-\udfff]+")


class SegmentWriter:
    """Collects the WARC records of one segment in memory; batches are bounded, so segments are too."""

    def __init__(self, user_agent: str = "") -> None:
        """Start with a ``warcinfo`` record that names the crawler."""
        fields = f"software: {_line(user_agent or settings.USER_AGENT)}\r\nformat: WARC File Format 1.1\r\n"
        self._data = bytearray()
        head = {"WARC-Type": "warcinfo", "WARC-Date": _date(datetime.now(UTC))}
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
        head = _response_head("response", result.url, fetched_at, digest)
        return self._append(head, "application/http;msgtype=response", _http_head(result), result.body)

    def add_revisit(
        self, result: FetchResult, fetched_at: datetime, digest: str, refers_to: datetime | None = None
    ) -> tuple[int, int]:
        """Add a revisit (WARC/1.1 section 6.7): a 304, or a body with the digest of the stored version.

        ``digest`` is that version's; ``refers_to`` when it was fetched.
        """
        head = _response_head("revisit", result.url, fetched_at, digest)
        head["WARC-Profile"] = NOT_MODIFIED if result.status == HTTPStatus.NOT_MODIFIED else IDENTICAL
        head["WARC-Refers-To-Target-URI"] = head["WARC-Target-URI"]
        if refers_to is not None:
            head["WARC-Refers-To-Date"] = _date(refers_to)
        return self._append(head, "application/http;msgtype=response", _http_head(result))

    def copy(self, member: bytes) -> tuple[int, int]:
        """Add a WARC record of another segment as it is."""
        offset = len(self._data)
        self._data += member
        return offset, len(member)

    def _append(
        self, head: dict[str, str], content_type: str, block: bytes, body: bytes = b""
    ) -> tuple[int, int]:
        lines = "".join([f"{name}: {value}\r\n" for name, value in head.items()])
        top = (
            f"WARC/1.1\r\n{lines}WARC-Record-ID: <urn:uuid:{uuid.uuid4()}>\r\n"
            f"Content-Type: {content_type}\r\nContent-Length: {len(block) + len(body)}\r\n\r\n"
        )
        record = b"".join((top.encode(errors="replace"), block, body, b"\r\n\r\n"))
        return self.copy(isal_zlib.compress(record, LEVEL, GZIP))

    def bytes(self) -> bytes:
        """The segment."""
        return bytes(self._data)


def response_body(member: bytes) -> bytes:
    """The body in a WARC record of a response, from its gzip member. ValueError if it is another."""
    try:
        record = isal_zlib.decompress(member, GZIP)
    except _DAMAGED as error:
        raise ValueError(f"not a gzip member ({error})") from error
    top, end, block = record.partition(b"\r\n\r\n")
    if not end or not top.startswith(b"WARC/1."):
        raise ValueError("not a WARC record")
    _, end, body = block.partition(b"\r\n\r\n")
    if not end or b"\r\nWARC-Type: response\r\n" not in top:
        raise ValueError("not a response record")
    return body[:-4]


def _response_head(kind: str, url: str, fetched_at: datetime, digest: str) -> dict[str, str]:
    return {
        "WARC-Type": kind,
        "WARC-Target-URI": _line(url).replace(" ", "%20"),
        "WARC-Date": _date(fetched_at),
        "WARC-Payload-Digest": f"sha256:{digest}",
    }


def _http_head(result: FetchResult) -> bytes:
    """The status line and headers as bytes that describe the body as it is stored."""
    status = result.status or 0
    lines = [f"HTTP/1.1 {status} {_PHRASES.get(status, '')}\r\n"]
    for name, value in result.headers:
        shown = f"X-Archive-Orig-{name}" if name in REWRITTEN else name
        lines.append(f"{_line(shown).replace(':', '')}: {_line(value)}\r\n")
    if status != HTTPStatus.NOT_MODIFIED:
        lines.append(f"Content-Length: {len(result.body)}\r\n")
    lines.append("\r\n")
    return "".join(lines).encode("utf-8", "surrogateescape")


def _line(value: str) -> str:
    """A value that cannot start another line or end the headers."""
    return _UNSAFE.sub(" ", value).strip() if not value.isprintable() else value


def _date(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
