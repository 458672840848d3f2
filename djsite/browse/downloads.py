"""How downloads are sent: a few at a time to each account, and to all with a link; rows while read."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial, wraps
from itertools import chain
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from catalog.formats import media_type
from djsite.desk.exports import Rows, TooMuch, row_blocks

PARALLEL = 4  # downloads of one account under way at the same time

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
        user = request.user.pk or 0  # 0: all who have a link and no login
        if not _under_way.begin(user):
            return _too_many(request)
        with ExitStack() as undo:
            undo.callback(_under_way.end, user)
            response = view(request, *args, **kwargs)
            undo.pop_all()  # it ends with the response
        response._resource_closers.append(partial(_under_way.end, user))  # type: ignore[attr-defined]
        return response

    counted.is_download = True  # type: ignore[attr-defined]  # djsite.asgi has threads of their own for these
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


def send_rows(
    request: HttpRequest, rows: Rows, form: str, compression: str = "", *, name: str
) -> HttpResponseBase:
    """Rows as a download, sent while they are read where the format can be."""
    blocks = row_blocks(rows, form, compression)
    try:
        first = next(blocks, b"")  # what a format refuses is said before anything is sent
    except TooMuch as error:
        return _too_large(request, str(error))
    response = StreamingHttpResponse(chain([first], blocks), content_type=media_type(form, compression))
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response._resource_closers.append(blocks.close)  # type: ignore[attr-defined]
    return response


def _too_large(request: HttpRequest, reason: str) -> HttpResponse:
    advice = f"{reason} A file of this format is sent when it is whole. Ask for it under Exports."
    context = {"heading": "Too much to wait for", "advice": advice}
    return render(request, "browse/error.html", context, status=409)
