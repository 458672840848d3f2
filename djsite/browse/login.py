"""The login, with two limits on the tries at an account: from one address, and from all addresses together.

After a login that succeeds, counting starts again.
"""

from __future__ import annotations

import ipaddress
from math import ceil
from typing import Any

from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from djsite.desk import rate_limits
from djsite.desk.rate_limits import RateLimit
from djsite.desk.words import span

FROM_AN_ADDRESS = RateLimit(10, 900)
FROM_ANYWHERE = RateLimit(100, 3600)  # NIST SP 800-63B section 5.2.2 has 100 as the most


class LoginForm(AuthenticationForm):
    """Django's form, with a limit on the tries; above it no password is checked."""

    def clean(self) -> dict[str, Any]:
        name = self.cleaned_data.get("username")
        if name is None or self.request is None:
            return super().clean()
        limits = _limits(name, address_of(self.request))
        # in this order: a try that is over the limit of one address must not count for all addresses
        for counted, limit in limits.items():
            if wait := rate_limits.count_once(counted, limit):
                sentence = f"Too many tries to log in. Try again in {span(ceil(wait / 60) * 60)}."
                raise ValidationError(sentence, code="too_many")
        cleaned = super().clean()
        rate_limits.forget(limits)
        return cleaned


def address_of(request: HttpRequest) -> str:
    """The client's address: behind a proxy, the one that the proxy names; of IPv6 its /64 network, which one
    client has for itself."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.SECURE_PROXY_SSL_HEADER else ""
    text = (forwarded.rpartition(",")[2] or request.META.get("REMOTE_ADDR", "")).strip()
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return text
    if address.version == 6 and address.ipv4_mapped is None:
        return str(ipaddress.ip_network(f"{address}/64", strict=False))
    return text


def _limits(name: str, address: str) -> dict[str, RateLimit]:
    """The names that are counted, each with its limit."""
    name = name.casefold()
    return {f"login:{name}\0{address}": FROM_AN_ADDRESS, f"login:{name}": FROM_ANYWHERE}
