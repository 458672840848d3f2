"""A file as an answer: whole, or one range of it where the request has one, so that a download resumes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO

from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

BLOCK = 65_536  # bytes
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII | re.IGNORECASE)


def send_file(
    request: HttpRequest, file: IO[bytes], size: int, *, name: str, media_type: str
) -> HttpResponseBase:
    """A file that never changes, as a download; one range of it where the request has one.

    RFC 9110, sections 14.1 and 14.2: what cannot be understood is ignored and the whole is sent, as it is for
    several ranges at once. The name identifies the content, so it is the entity tag too.
    """
    tag = f'"{name}"'
    span = _span(request, size, tag)
    if span is None:
        whole = FileResponse(file, as_attachment=True, filename=name, content_type=media_type)
        whole["Accept-Ranges"], whole["ETag"], whole["Content-Length"] = "bytes", tag, str(size)
        return whole
    headers = {"Accept-Ranges": "bytes", "ETag": tag}
    if not span:
        file.close()
        return HttpResponse(status=416, headers={**headers, "Content-Range": f"bytes */{size}"})
    response = StreamingHttpResponse(_part(file, span), status=206, content_type=media_type, headers=headers)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Content-Range"] = f"bytes {span.start}-{span.stop - 1}/{size}"
    response["Content-Length"] = str(len(span))
    response._resource_closers.append(file.close)  # type: ignore[attr-defined]
    return response


def _span(request: HttpRequest, size: int, tag: str) -> range | None:
    """The bytes asked for: None for all of them, an empty range for none that exist."""
    match = _RANGE.fullmatch(request.headers.get("Range", "").strip())
    if match is None or request.headers.get("If-Range", tag) != tag:
        return None
    first, last = match.groups()
    if first:
        if last and int(last) < int(first):
            return None
        return range(int(first), min(int(last) + 1 if last else size, size))
    return range(max(size - int(last), 0), size) if last else None


def _part(file: IO[bytes], span: range) -> Iterator[bytes]:
    file.seek(span.start)
    left = len(span)
    while left and (block := file.read(min(BLOCK, left))):
        left -= len(block)
        yield block
