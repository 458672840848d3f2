"""Rules for every answer of the site and of the admin, and for what may be asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import resolve_url

from djsite.browse.views.errors import wrong_method

# No inline scripts or styles, nothing from elsewhere. Charts are SVG with attributes, which are not styles.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


class ContentSecurityPolicy:
    """Adds the policy unless the view set its own (the raw download's is a sandbox)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class NoNulls:
    """Refuses what no text of a form, address or cookie may hold, and PostgreSQL cannot take: NUL.

    In what is posted, forms refuse it beside their fields.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if any("\0" in text for text in _texts(request)):
            return HttpResponse(
                "The address or a cookie holds a character that none may have (NUL).\n",
                status=400,
                content_type="text/plain; charset=utf-8",
            )
        return self.get_response(request)


def _texts(request: HttpRequest) -> Iterator[str]:
    yield request.path_info
    yield from request.COOKIES.values()
    for name, values in request.GET.lists():
        yield name
        yield from values


class LoginForFragments:
    """Loads a page again that polls after its session has ended, so that no login form appears inside it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        target = response.headers.get("Location", "")
        if "HX-Request" in request.headers and target.startswith(resolve_url(settings.LOGIN_URL)):
            return HttpResponse(headers={"HX-Refresh": "true"})
        return response


class WordsForMethods:
    """Puts a page in place of the empty answer 405 that a browser shows when a button's address is opened."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and not response.content:
            return wrong_method(request, response.headers["Allow"])
        return response
