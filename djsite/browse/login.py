"""The login and the change of a password, with limits on the tries: at an account and from an address.

What succeeds does not count; a login that succeeds begins the count of its account anew.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from math import ceil
from typing import Any

from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.contrib.auth.views import PasswordChangeView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse_lazy

from djsite.desk import audit, rate_limits
from djsite.desk.rate_limits import RateLimit
from djsite.desk.words import span

FROM_AN_ADDRESS = RateLimit(10, 900)
FROM_ANYWHERE = RateLimit(100, 3600)  # NIST SP 800-63B section 5.2.2 has 100 as the most
OF_ALL_NAMES = RateLimit(50, 900)  # from one address, which many people may share


class LoginForm(AuthenticationForm):
    """Django's form, with limits on the tries; above one no password is checked."""

    def clean(self) -> dict[str, Any]:
        name = self.cleaned_data.get("username")
        if name is None or self.request is None:
            return super().clean()
        with counted(f"login:{name.casefold()}", address_of(self.request)):
            return super().clean()


class PasswordForm(PasswordChangeForm):
    """Django's form; the old password can be tried as often as that of a login."""

    def __init__(self, *args: Any, address: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._address = address

    def clean_old_password(self) -> str:
        with counted(f"password:{self.user.pk}", self._address):
            return str(super().clean_old_password())


class ChangePassword(PasswordChangeView):
    """Everybody's own password."""

    form_class = PasswordForm
    success_url = reverse_lazy("dashboard")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"address": address_of(self.request)}

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        audit.note(form.user, [form.user], "password: replaced")
        return super().form_valid(form)


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


@contextmanager
def counted(account: str, address: str) -> Iterator[None]:
    """Count a try at an account; one that ends without an error does not count.

    Raises ValidationError if it is over a limit.
    """
    limits = _limits(account, address)
    _count(limits)
    yield
    rate_limits.forget(name for name in limits if name != _everybody(address))
    rate_limits.take_back(_everybody(address))


def _limits(account: str, address: str) -> dict[str, RateLimit]:
    """The names that are counted for a try at an account, each with its limit."""
    return {
        f"{account}\0{address}": FROM_AN_ADDRESS,
        _everybody(address): OF_ALL_NAMES,
        account: FROM_ANYWHERE,
    }


def _everybody(address: str) -> str:
    return f"address:{address}"


def _count(limits: Mapping[str, RateLimit]) -> None:
    """Count a try; ValidationError if it is over a limit.

    In this order: a try that is over the limit of one address must not count for all addresses.
    """
    for counted, limit in limits.items():
        if wait := rate_limits.count_once(counted, limit):
            sentence = f"Too many tries to log in. Try again in {span(ceil(wait / 60) * 60)}."
            raise ValidationError(sentence, code="too_many")
