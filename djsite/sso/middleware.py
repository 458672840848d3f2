"""Until a session has shown the second factor of its person, it is nobody's.

So no door has to be shut one by one: what a page lets nobody do, a password alone does not do either.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, resolve_url

from djsite.sso import factors
from djsite.sso.factors import Missing

PAGES = {Missing.CODE: "factor-code", Missing.SETUP: "factor-setup"}


class Held(NamedTuple):
    """Somebody who has logged in, and what is missing yet."""

    person: User
    missing: Missing


class SecondFactors:
    """Holds back who has something to show yet. Comes before what asks for a login."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        person = request.user
        if isinstance(person, User) and (missing := factors.missing(person, request.session)):
            request.held = Held(person, missing)  # type: ignore[attr-defined]
            request.user = AnonymousUser()
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        """To the page for what is missing, in place of the login."""
        held = held_of(request)
        if held is None or not getattr(view, "login_required", True):
            return None
        after = urlencode(
            {"next": request.get_full_path() if request.method == "GET" else resolve_url("dashboard")}
        )
        return redirect(f"{resolve_url(PAGES[held.missing])}?{after}")


def held_of(request: HttpRequest) -> Held | None:
    """Who is held back, if anybody is."""
    return getattr(request, "held", None)
