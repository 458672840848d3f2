"""Requests that a seed gives beside its start URLs: of another method than GET, with a body.

In plain form, as JSON and YAML hold them and as people write them, with one of four bodies:

    {"url": "https://api.example/search", "json": {"text": "lamp"}, "safe": true}
    {"url": "https://api.example/graphql", "query": "{ products { name } }", "variables": {}}
    {"url": "https://shop.example/find", "form": {"q": "lamp"}}
    {"url": "https://api.example/x", "body": "<ask/>", "type": "text/xml", "method": "PUT"}

Such a request is known by its address with a token behind ``#``, which no link has, as a browser's address
ends there: the same address may be asked in many ways, and each is a page of its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cached_property
from hashlib import blake2b
from typing import Any, Self
from urllib.parse import urlencode

import msgspec

METHODS = ("POST", "PUT", "PATCH", "QUERY")
MAX_BODY = 20_000  # characters: every run keeps them
MAX_REQUESTS = 100  # of a seed

_BODIES = ("json", "query", "form", "body")
_WORDS = frozenset((*_BODIES, "url", "method", "type", "variables", "headers", "safe"))
_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+(?:; ?[\w-]+=[\w.-]+)*", re.ASCII)


class SeedRequest(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """A request, as a run freezes it. Nothing in it is secret: that is what the seed's headers are for."""

    url: str
    method: str = "POST"
    body: str = ""
    type: str = ""  # of the body
    headers: tuple[tuple[str, str], ...] = ()
    safe: bool = False  # asking again does no harm, so that it is tried again when an answer is missing

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Self:
        """The request of a plain form; ValueError, with a sentence for people, if it is none."""
        if not isinstance(plain, Mapping) or not isinstance(plain.get("url"), str):
            raise ValueError(f"{plain!r} is not a request. Give it a 'url' and a body, such as 'json'.")
        if unknown := plain.keys() - _WORDS:
            raise ValueError(f"The request to {plain['url']} says {min(unknown)!r}, which is not known.")
        body, kind = _body(plain)
        headers = plain.get("headers", {})
        values = {
            "url": plain["url"],
            "method": plain.get("method", "POST"),
            "body": body,
            "type": kind,
            "headers": list(headers.items()) if isinstance(headers, Mapping) else headers,
            "safe": plain.get("safe", _is_query(plain)),
        }
        try:
            request = msgspec.convert(values, cls)
        except msgspec.ValidationError as error:
            raise ValueError(f"The request to {plain['url']} cannot be used: {error}.") from error
        return request._checked()

    def _checked(self) -> Self:
        if self.method not in METHODS:
            raise ValueError(f"{self.method!r} is not a method of requests. Choose {', '.join(METHODS)}.")
        if len(self.body) > MAX_BODY:
            raise ValueError(f"The body for {self.url} is longer than {MAX_BODY:,} characters.")
        if self.type and not _TYPE.fullmatch(self.type):
            raise ValueError(f"{self.type!r} is not a content type. Write it like 'text/xml; charset=utf-8'.")
        return self

    def plain(self) -> dict[str, Any]:
        """What :meth:`of` reads."""
        form = {"url": self.url, "method": self.method, "body": self.body, "type": self.type}
        return {**form, "headers": dict(self.headers), "safe": self.safe}

    @cached_property
    def token(self) -> str:
        """What tells it from other requests to its address, such as ``post-1f0c7e…``; readable in a URL."""
        parts = msgspec.json.encode([self.method, self.type, self.body, sorted(self.headers)])
        return f"{self.method.lower()}-{blake2b(parts, digest_size=8).hexdigest()}"


def split_token(url: str) -> tuple[str, str]:
    """An address to ask, and the token behind it; empty for a request by GET."""
    address, _, token = url.partition("#")
    return address, token


def with_token(url: str, token: str) -> str:
    """The address by which a request is known."""
    return f"{url}#{token}" if token else url


def _body(plain: Mapping[str, Any]) -> tuple[str, str]:
    """The one body that a plain form gives, and its type."""
    given = [word for word in _BODIES if word in plain]
    if len(given) != 1:
        raise ValueError(f"The request to {plain['url']} needs one of: {', '.join(_BODIES)}.")
    (word,) = given
    value = plain[word]
    if word in {"query", "body"} and not isinstance(value, str):
        raise ValueError(f"The {word!r} for {plain['url']} has to be a text.")
    if word == "form":
        return _encoded(plain["url"], value), "application/x-www-form-urlencoded"
    if word == "body":
        return value, plain.get("type", "text/plain; charset=utf-8")
    if word == "query":
        value = {"query": value, "variables": plain.get("variables", {})}
    return json.dumps(value, ensure_ascii=False), plain.get("type", "application/json")


def _encoded(url: str, form: object) -> str:
    if not isinstance(form, Mapping):
        raise ValueError(f"The 'form' for {url} has to be names with their values.")
    return urlencode(form, doseq=True)


def _is_query(plain: Mapping[str, Any]) -> bool:
    """GraphQL's queries change nothing (GraphQL, October 2021, section 6.2.1)."""
    query = plain.get("query")
    return isinstance(query, str) and not re.match(r"\s*(?:mutation|subscription)\b", query)
