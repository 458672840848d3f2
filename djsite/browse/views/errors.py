"""The pages for errors: in our words and, for people who are logged in, in the frame of the site."""

from __future__ import annotations

import re

from django.core.exceptions import DisallowedHost
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from djsite.browse.roles import can_look

NAME = re.compile(r"[A-Za-z0-9.-]{1,100}|\[[0-9A-Fa-f:.]{2,60}\]")  # of a host, without its port
NO_ROLE = "Your account has no role yet. Whoever runs this Crawlbeat can give it one: viewer or operator."
NOT_THIS_ROLE = "Your role does not include this. Whoever runs this Crawlbeat can change that."
ONLY_SHOWS = ("Only to look at", "Nothing can be sent to this address. Open it instead.")
ONLY_DOES = (
    "Only a button leads here",
    "This address does something, so it cannot be opened. Go to the page with the button and press it there.",
)
OLD_FORM = (
    "This form is too old, or was opened before you logged in. Go back, load the page again and send it once "
    "more. If that does not help, let this site keep cookies."
)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: logged in, without the role."""
    return _page(request, 403, "Not for your account", NOT_THIS_ROLE if can_look(request) else NO_ROLE)


def old_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: a form without the token that this browser was given. Nothing was done."""
    return _page(request, 403, "Send that again", OLD_FORM)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404."""
    advice = "It may have been deleted, or pruned after its retention."
    return _page(request, 404, "Nothing here", advice)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: what was sent cannot be read, or asks for a name that is not ours. Nobody is looked up for it."""
    if isinstance(exception, DisallowedHost):
        return _unknown_host(request)
    advice = "What the browser sent cannot be read. Go back and try it again."
    return render(None, "browse/error.html", {"heading": "Not understood", "advice": advice}, status=400)


def _unknown_host(request: HttpRequest) -> HttpResponse:
    """400: asked by a name that is not in ALLOWED_HOSTS; it is shown only if it can be a name."""
    name = NAME.match(request.META.get("HTTP_HOST", ""))
    context = {"name": name[0] if name else "", "port": request.META.get("SERVER_PORT", "")}
    return render(None, "browse/unknown_host.html", context, status=400)


def broken(request: HttpRequest) -> HttpResponse:
    """500. The database may be what is broken: then nobody is known, and no way on is offered."""
    try:
        may_look = can_look(request)
    except DatabaseError:
        may_look = False
    return render(None, "500.html", {"may_look": may_look}, status=500)


def wrong_method(request: HttpRequest, allowed: str) -> HttpResponse:
    """405: an address that only forms send to was opened, or one that only shows was sent to."""
    heading, advice = ONLY_SHOWS if "GET" in allowed else ONLY_DOES
    response = _page(request, 405, heading, advice)
    response.headers["Allow"] = allowed
    return response


def _page(request: HttpRequest, status: int, heading: str, advice: str) -> HttpResponse:
    framed = can_look(request)
    context = {"heading": heading, "advice": advice, "may_look": framed}
    template = "browse/error_framed.html" if framed else "browse/error.html"
    return render(request, template, context, status=status)
