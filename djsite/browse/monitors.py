"""Who may read what monitors are told, without a login: this machine, and whoever has the token.

A request from loopback is this machine's own unless a proxy brought it: such a site has CRAWLBEAT_HTTPS set
or its requests name whom they are forwarded for, and then only the token counts.
"""

from __future__ import annotations

import ipaddress
import secrets

from django.conf import settings
from django.http import HttpRequest

_FORWARDED = ("HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_HOST", "HTTP_X_REAL_IP", "HTTP_VIA")


def may_read(request: HttpRequest) -> bool:
    """Whether details may be told to this request."""
    return _has_token(request) or _is_local(request)


def _has_token(request: HttpRequest) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    wanted = settings.METRICS_TOKEN
    return (
        bool(wanted) and scheme.lower() == "bearer" and secrets.compare_digest(_bytes(token), _bytes(wanted))
    )


def _bytes(text: str) -> bytes:
    return text.strip().encode("utf-8", "surrogateescape")


def _is_local(request: HttpRequest) -> bool:
    if settings.SECURE_PROXY_SSL_HEADER or any(name in request.META for name in _FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
