"""Who may read the details for monitors without a login: this machine, and clients with the token.

A request from loopback comes from this machine unless a proxy forwards it. Behind a proxy CRAWLBEAT_HTTPS is
set, or the request has a header of a proxy; then only the token counts.
"""

from __future__ import annotations

import ipaddress
import secrets

from django.conf import settings
from django.http import HttpRequest

_FORWARDED = ("HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_HOST", "HTTP_X_REAL_IP", "HTTP_VIA")


def may_read(request: HttpRequest) -> bool:
    """Whether this request may read the details."""
    return _has_token(request) or _is_local(request)


def _has_token(request: HttpRequest) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    secret = settings.METRICS_TOKEN
    return (
        bool(secret) and scheme.lower() == "bearer" and secrets.compare_digest(_bytes(token), _bytes(secret))
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
