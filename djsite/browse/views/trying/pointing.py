"""Pointing at a page that was tried: the page in a safe rendering, and what a click could become.

A step is a GET, for it only reads, and its links are in a rendering in which no script runs. Nobody can
guess the key that it begins with.
"""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from djsite.browse.middleware import POLICY
from djsite.browse.roles import may_change_seeds
from djsite.browse.views.trying.trials import is_late
from djsite.desk.trials import pointing
from djsite.desk.trials import site as trials

WITH_FRAME = f"{POLICY}; frame-src 'self'"
SANDBOX = "allow-top-navigation-by-user-activation"
RENDERED = (
    f"default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; "
    f"frame-ancestors 'self'; sandbox {SANDBOX}"
)
STEPS = ("at", "items", "field", "drop", "key", "fill", "anew")
TYPES = ("text", "number", "money", "date", "datetime", "url", "boolean")


@require_safe
@may_change_seeds
def point(request: HttpRequest, key: str) -> HttpResponse:
    """Where somebody is on a tried page; a step leads to a page of its own, which waits for its answer."""
    try:
        here = pointing.answer(key)
        tried = trials.answer(here.tried if here else key)
    except LookupError as error:
        messages.error(request, str(error))
        return redirect("try")
    if tried is not None and not tried.can_point:
        messages.error(request, "There is nothing to point at: no page came, or it is too large.")
        return redirect("try-result", here.tried if here else key)
    if here is None and tried is not None:
        return _step(request, key, pointing.Steps())
    if here is None or tried is None:  # its place is taken by the answer, and its policy stays
        return _with_frame(render(request, "browse/try_wait.html", {"late": is_late(request)}))
    given = {name: value for name, value in request.GET.items() if isinstance(value, str)}
    if any(name in given for name in STEPS):
        try:
            return _step(request, here.tried, pointing.next_steps(here, given))
        except ValueError as error:
            messages.error(request, str(error))
    return _with_frame(render(request, "browse/try_point.html", _context(key, here, tried)))


def _with_frame(response: HttpResponse) -> HttpResponse:
    response.headers["Content-Security-Policy"] = WITH_FRAME
    return response


def _step(request: HttpRequest, tried: str, steps: pointing.Steps) -> HttpResponse:
    key = pointing.begin(tried, steps)
    if key is None:
        messages.error(request, "No worker can be asked now: Redis does not answer. Try again in a moment.")
        return redirect("try-result", tried)
    return redirect(f"{reverse('try-point', args=[key])}?{urlencode({'since': int(time.time())})}")


def _context(key: str, here: pointing.At, tried: trials.Tried) -> dict[str, Any]:
    collection, shown = here.collection, here.pointed.shown
    fields = collection.fields if collection else ()
    rows = [[record.get(field.name) for field in fields] for record in shown.values] if shown else []
    return {
        "key": key,
        "here": here,
        "pointing": here.pointed.pointing,
        "collection": collection,
        "shown": shown,
        "rows": rows,
        "tried": tried,
        "trial": tried.trial,
        "types": TYPES,
        "sandbox": SANDBOX,
    }


@require_safe
@may_change_seeds
@xframe_options_sameorigin
def rendered(request: HttpRequest, key: str) -> HttpResponse:
    """The rendering, for the frame: no script, no address but ours, a sandbox by its own policy."""
    try:
        here = pointing.answer(key)
    except LookupError:
        here = None
    if here is None:
        raise Http404
    response = HttpResponse(here.pointed.pointing.page, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = RENDERED
    return response
