"""The login: so many tries at an account from one address, and so many from anywhere, then a pause.

Tries are counted in Redis, where all processes of the site see them; while it is away each counts for
itself. They begin anew with a login that succeeds.
"""

from __future__ import annotations

import hashlib
import ipaddress
from math import ceil
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from djsite.desk.words import span
from scheduler.redis_server import BROKER, attempt, client


class Limit(NamedTuple):
    """So many tries in so many seconds, counted from the first of them."""

    tries: int
    seconds: int


FROM_AN_ADDRESS = Limit(10, 900)
FROM_ANYWHERE = Limit(100, 3600)  # NIST SP 800-63B section 5.2.2 has 100 as the most


class LoginForm(AuthenticationForm):
    """Django's, with a bound on the tries; whoever is over it is told so before any password is looked at."""

    def clean(self) -> dict[str, Any]:
        name = self.cleaned_data.get("username")
        if name is None or self.request is None:
            return super().clean()
        counted = _keys(name, address_of(self.request))
        for key, limit in counted.items():  # who is over the first does not count for the second
            if wait := _try(key, limit):
                said = f"Too many tries to log in. Try again in {span(ceil(wait / 60) * 60)}."
                raise ValidationError(said, code="too_many")
        cleaned = super().clean()
        _forget(list(counted))
        return cleaned


def address_of(request: HttpRequest) -> str:
    """Who asks: behind a proxy, whom the proxy names; of IPv6 the network, which is one person's."""
    told = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.SECURE_PROXY_SSL_HEADER else ""
    text = (told.rpartition(",")[2] or request.META.get("REMOTE_ADDR", "")).strip()
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return text
    if address.version == 6 and address.ipv4_mapped is None:
        return str(ipaddress.ip_network(f"{address}/64", strict=False))
    return text


def _keys(name: str, address: str) -> dict[str, Limit]:
    name = name.casefold()
    return {_key(f"{name}\0{address}"): FROM_AN_ADDRESS, _key(name): FROM_ANYWHERE}


def _key(what: str) -> str:
    return f"crawlbeat:login:{hashlib.sha256(what.encode()).hexdigest()}"


def _try(key: str, limit: Limit) -> float:
    """Count a try; the seconds to wait when it is one too many, else 0."""
    found: list[int] = []
    if not attempt(lambda: found.extend(_count(key, limit))):
        cache.add(key, 0, limit.seconds)
        found = [cache.incr(key), limit.seconds]
    count, left = found
    return max(left, 1) if count > limit.tries else 0


def _count(key: str, limit: Limit) -> tuple[int, int]:
    with client(BROKER).pipeline() as pipe:
        pipe.set(key, 0, ex=limit.seconds, nx=True)
        pipe.incr(key)
        pipe.ttl(key)
        _, count, left = pipe.execute()
    return count, left


def _forget(keys: list[str]) -> None:
    attempt(lambda: client(BROKER).delete(*keys))
    cache.delete_many(keys)
