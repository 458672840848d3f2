"""Signing in by the provider: to it, and back."""

from __future__ import annotations

import secrets
import time
from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import User
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from djsite.browse.login import address_of
from djsite.browse.people.views import BACKEND
from djsite.desk import audit, rate_limits
from djsite.desk.rate_limits import RateLimit
from djsite.sso import joining, provider
from djsite.sso.context import CONNECT_SALT, CONNECT_SECONDS
from djsite.sso.factors import BY_PROVIDER
from djsite.sso.provider import Asked, Found

KEPT = "oidc"  # in a session: what was sent along
SECONDS = 600  # that somebody may take at the provider
BEGINNINGS = RateLimit(60, 900)  # from one address: each is a request to the provider
FAILED = "Signing in did not work"


@login_not_required
@require_safe
@never_cache
def begin(request: HttpRequest) -> HttpResponse:
    """Send somebody to the provider; with ``connect``, to connect it with the account that is logged in."""
    if not settings.OIDC_ISSUER:
        raise Http404
    if rate_limits.count_once(f"oidc:{address_of(request)}", BEGINNINGS):
        return _failed(request, "Too many tries. Wait for a quarter of an hour.", 429)
    try:
        person = _to_connect(request)
        asked = _asked(request)
        target = provider.address_for(asked)
    except joining.Refused as error:
        return _failed(request, str(error), 403)
    except provider.Unavailable as error:
        return _failed(request, f"{error} Try again later, or log in with a password.", 503)
    kept = {"next": after(request), "connect": person, "at": time.time()}
    request.session[KEPT] = {**asked._asdict(), **kept}
    return redirect(target)


@login_not_required
@require_safe
@never_cache
def back(request: HttpRequest) -> HttpResponse:
    """Where the provider sends people back to, with a code."""
    kept = request.session.pop(KEPT, None)
    problem = _problem(request, kept)
    if problem:
        return _failed(request, problem, 400)
    asked = Asked(**{name: kept[name] for name in Asked._fields})
    try:
        found = provider.who_is(request.GET.get("code", ""), asked)
        if kept["connect"] is not None:
            return _connected(request, kept["connect"], found)
        person = joining.sign_in(found)
    except provider.Unavailable as error:
        return _failed(request, f"{error} Try again later, or log in with a password.", 503)
    except (provider.Untrusted, joining.Refused) as error:
        return _failed(request, str(error), 403)
    login(request, person, backend=BACKEND)
    request.session[BY_PROVIDER] = found.two_factors
    audit.note(person, [person], f"Signed in by {settings.OIDC_NAME}")
    return redirect(kept["next"])


@require_POST
def disconnect(request: HttpRequest) -> HttpResponse:
    """Sign in by the provider no more."""
    assert isinstance(request.user, User)
    try:
        joining.disconnect(request.user)
    except joining.Refused as error:
        return _failed(request, str(error), 400)
    return redirect("you")


def after(request: HttpRequest) -> str:
    """Where somebody wanted to go; only to a page of the site."""
    wanted = request.GET.get("next", "")
    secure = request.is_secure()
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=secure):
        return wanted
    return resolve_url("dashboard")


def _asked(request: HttpRequest) -> Asked:
    """What goes along with somebody: three texts that nobody guesses, and the way back."""
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    return Asked(state, nonce, verifier, request.build_absolute_uri(reverse("oidc-back")))


def _to_connect(request: HttpRequest) -> int | None:
    """The account that is to be connected; None to sign in. Raises Refused."""
    token = request.GET.get("connect", "")
    if not token:
        return None
    try:
        pk = signing.loads(token, salt=CONNECT_SALT, max_age=CONNECT_SECONDS)
    except signing.BadSignature:
        pk = None
    if pk is None or pk != request.user.pk:
        raise joining.Refused("This link is not yours, or is too old. Take the one on your page.")
    return int(pk)


def _problem(request: HttpRequest, kept: dict[str, Any] | None) -> str:
    """What is wrong with a way back; empty if nothing."""
    name = settings.OIDC_NAME
    if kept is None or time.time() - kept["at"] > SECONDS:
        return "This was not begun in this browser, or is too long ago. Begin again at the login."
    if not constant_time_compare(request.GET.get("state", ""), kept["state"]):
        return f"This is not the answer to what {name} was asked. Begin again at the login."
    if request.GET.get("iss", settings.OIDC_ISSUER) != settings.OIDC_ISSUER:  # RFC 9207
        return f"Somebody else than {name} has answered. Begin again at the login."
    if request.GET.get("error") or not request.GET.get("code"):
        return f"{name} did not let you in."
    return ""


def _connected(request: HttpRequest, pk: int, found: Found) -> HttpResponse:
    if request.user.pk != pk:
        raise joining.Refused("Somebody else has logged in here meanwhile.")
    assert isinstance(request.user, User)
    joining.connect(request.user, found)
    return redirect("you")


def _failed(request: HttpRequest, sentence: str, status: int) -> HttpResponse:
    return render(request, "browse/error.html", {"heading": FAILED, "advice": sentence}, status=status)
