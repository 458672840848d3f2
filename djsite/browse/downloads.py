"""How downloads are sent: a few at a time to each account, and from the middle of a file where asked."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial, wraps
from typing import IO, Any

from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

PARALLEL = 4  # downloads of one account under way at the same time
BLOCK = 65_536  # bytes
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII | re.IGNORECASE)

View = Callable[..., HttpResponseBase]


class UnderWay:
    """The downloads under way of each account, in this process."""

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()
        self._lock = threading.Lock()

    def begin(self, user: int) -> bool:
        """Count one more; False if there are as many as may be."""
        with self._lock:
            free = self._counts[user] < PARALLEL
            self._counts[user] += free
            return free

    def end(self, user: int) -> None:
        """Count one less."""
        with self._lock:
            self._counts[user] -= 1
            if not self._counts[user]:
                del self._counts[user]


_under_way = UnderWay()


def few_at_a_time(view: View) -> View:
    """A view whose answers are downloads: more than :data:`PARALLEL` of an account at once get 429."""

    @wraps(view)
    def counted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        user = request.user.pk or 0  # every download asks for a role, so there is one
        if not _under_way.begin(user):
            return _too_many(request)
        with ExitStack() as undo:
            undo.callback(_under_way.end, user)
            response = view(request, *args, **kwargs)
            undo.pop_all()  # it ends with the response
        response._resource_closers.append(partial(_under_way.end, user))  # type: ignore[attr-defined]
        return response

    return counted


def _too_many(request: HttpRequest) -> HttpResponse:
    advice = (
        f"{PARALLEL} downloads of your account are under way. Wait until one has ended, or cancel one. "
        "For much at once, ask for a file under Exports."
    )
    context = {"heading": "Too many downloads at once", "advice": advice}
    response = render(request, "browse/error.html", context, status=429)
    response["Retry-After"] = "30"
    return response


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
