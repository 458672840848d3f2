"""From a request to the bytes that go over the wire, made of parts that are finished before."""

from __future__ import annotations

import functools
import re

import httpx

from crawler.outcomes import Reason
from crawler.requests import body
from crawler.requests.dial import Origin, origin_of
from crawler.requests.exchange import FetchRequest
from crawler.requests.headers import encode_field, standing_fields
from crawler.requests.response import Failed

_URL = re.compile(r"""(https?)://(?:[^/?#@]*@)?([!-"$-.0->A-~]+)([/?][!-"$-~]*)?""")


def prepare(request: FetchRequest) -> tuple[Origin, bytes]:
    """Where to send the request, and its bytes: the URL as it is, without user name and password.

    Raises:
        Failed: the URL is not a resolved one, or a header field cannot be sent.
        httpx.InvalidURL: its host or port cannot be one.
    """
    match = _URL.fullmatch(request.url)
    if match is None:
        raise Failed(Reason.BAD_URL, "not a resolved http or https URL")
    scheme, authority, target = match.groups("")
    if not target.startswith("/"):
        target = f"/{target}"
    origin, host = _origin(scheme, authority)
    try:
        fields = _standing_lines(host, request.user_agent, request.headers) + _conditions(request)
        fields += _content_lines(request)
    except ValueError as error:
        raise Failed(Reason.INTERNAL_ERROR, str(error)) from error
    head = b"%b %b HTTP/1.1\r\n%b\r\n" % (request.method.encode(), target.encode("ascii"), fields)
    return origin, head + request.content


@functools.lru_cache(maxsize=1024)
def _origin(scheme: str, authority: str) -> tuple[Origin, bytes]:
    """Where to connect, and the value of Host (RFC 9110 section 7.2)."""
    url = httpx.URL(f"{scheme}://{authority}/")
    return origin_of(url), url.netloc


@functools.lru_cache(maxsize=1024)
def _standing_lines(host: bytes, user_agent: str, own: tuple[tuple[str, str], ...]) -> bytes:
    """The lines that all requests of a seed to a host share."""
    return _lines((b"Host", host), *standing_fields(user_agent, own, body.ACCEPT_ENCODING))


def _conditions(request: FetchRequest) -> bytes:
    """What makes the request conditional (RFC 9110 section 13.1), and its cookies."""
    lines = _lines(encode_field("Cookie", request.cookie)) if request.cookie else b""
    if request.etag:
        lines += _lines(encode_field("If-None-Match", request.etag))
    if request.last_modified:
        lines += _lines(encode_field("If-Modified-Since", request.last_modified))
    return lines


def _content_lines(request: FetchRequest) -> bytes:
    """What describes the body (RFC 9110 section 8.6: a method that has one says so, also of an empty one)."""
    if request.method == "GET":
        return b""
    kind = _lines(encode_field("Content-Type", request.content_type)) if request.content_type else b""
    return kind + _lines((b"Content-Length", b"%d" % len(request.content)))


def _lines(*fields: tuple[bytes, bytes]) -> bytes:
    return b"".join(b"%b: %b\r\n" % field for field in fields)
