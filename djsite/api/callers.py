"""Who calls: the token of a request, and the roles that calls need."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from catalog.models import Token
from djsite.api.problems import Problem
from djsite.desk import rate_limits
from djsite.desk.access import tokens
from djsite.desk.rate_limits import RateLimit

CALLS = RateLimit(3000, 60)  # of one token
WRITES = RateLimit(300, 60)  # of these, that change something
READING = {"GET", "HEAD", "OPTIONS"}
_CALLER = "crawlbeat.caller"  # in a request's META, beside what the server says of it
WITHOUT = (
    "Send a token: “Authorization: Bearer cb_…”. Make one in the site, under Tokens. A login of the site "
    "does not count here."
)
NOT_IN_FORCE = "This token is none, was revoked, or is over. Make another in the site, under Tokens."


class Caller(NamedTuple):
    """A token, and its owner with what the token may do."""

    token: Token
    user: User


def identify(request: HttpRequest) -> Caller:
    """Who holds the token of a request; the call is counted.

    Raises:
        Problem: 401 without a token in force, 429 above the limit.
    """
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise Problem(401, WITHOUT, headers={"WWW-Authenticate": 'Bearer realm="Crawlbeat"'})
    token = tokens.token_of(secret.strip(), timezone.now())
    if token is None:
        challenge = {"WWW-Authenticate": 'Bearer realm="Crawlbeat", error="invalid_token"'}
        raise Problem(401, NOT_IN_FORCE, headers=challenge)
    _count(token, request)
    caller = Caller(token, tokens.acting_user(token))
    request.META[_CALLER] = caller
    return caller


def _count(token: Token, request: HttpRequest) -> None:
    limits = {f"api:{token.digest}": CALLS}
    if request.method not in READING:
        limits[f"api-write:{token.digest}"] = WRITES
    for name, limit in limits.items():
        if wait := rate_limits.count_once(name, limit):
            sentence = f"A token makes at most {limit.times:,} such calls a minute. Wait {wait:.0f} s."
            raise Problem(429, sentence, headers={"Retry-After": f"{wait:.0f}"})


def caller_of(request: HttpRequest) -> Caller:
    """Who calls; the call has been let in."""
    caller: Caller = request.META[_CALLER]
    return caller


def user_of(request: HttpRequest) -> User:
    """The person in whose name a call is made, with what the token may do."""
    return caller_of(request).user


class Bearer(HttpBearer):
    """Lets in the tokens that have a permission; the door has read the token before."""

    def __init__(self, permission: str) -> None:
        super().__init__()
        self.permission = permission

    def __call__(self, request: HttpRequest) -> Any:
        caller: Caller | None = request.META.get(_CALLER)
        return caller and self.authenticate(request, caller.token.name)

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        if not user_of(request).has_perm(self.permission):
            raise Problem(403, f"The token “{token}” may not do that: its role or its owner's is too small.")
        return caller_of(request)


may_look = Bearer(tokens.LOOK)
may_download = Bearer(tokens.DOWNLOAD)
may_have_alerts = Bearer(tokens.HAVE_ALERTS)
may_change_seeds = Bearer(tokens.CHANGE_SEEDS)
may_start_runs = Bearer(tokens.START_RUNS)
may_steer_runs = Bearer(tokens.STEER_RUNS)
