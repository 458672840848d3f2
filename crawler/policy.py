"""What a seed asks of its crawls, as a run freezes it when it opens."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Any

import msgspec


class Scope(enum.StrEnum):
    """Which URLs belong to a seed, measured from its start URLs."""

    PAGE = "page"  # the start URLs alone
    PREFIX = "prefix"  # same origin, path below the start URL's last slash
    HOST = "host"  # same host name, http or https, default ports
    DOMAIN = "domain"  # same registrable domain (public suffix list)


class FieldRule(msgspec.Struct, frozen=True):
    """One extracted field: its name, the kind of its rule (:mod:`crawler.reading.fields`) and the rule.

    In plain form, as it is stored and as people write it, the kind is a key:
    ``{"name": "price", "css": ".price::text"}``.
    """

    name: str
    kind: str
    rule: str

    @classmethod
    def of(cls, plain: Mapping[str, str]) -> FieldRule:
        """The rule of a plain form; ValueError if that lacks a name, or has not one rule of some kind."""
        values = msgspec.convert(plain, dict[str, str])
        if "name" not in values or len(values) != 2:
            raise ValueError(
                f"{plain!r} is not a field. Give it a name and one rule, such as 'css': 'h1::text'."
            )
        name = values.pop("name")
        ((kind, rule),) = values.items()
        return cls(name, kind, rule)

    def plain(self) -> dict[str, str]:
        """What :meth:`of` reads."""
        return {"name": self.name, self.kind: self.rule}


class CrawlPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """What a seed asks for, frozen into a run when it opens. Secrets (headers) are not part of it."""

    start_urls: tuple[str, ...]
    scope: Scope = Scope.HOST
    include: tuple[str, ...] = ()  # patterns with * and ?, or "re:" and a regular expression
    exclude: tuple[str, ...] = ()
    max_depth: int | None = None
    max_pages: int | None = None
    max_seconds: int | None = None
    delay: float = 1.0  # seconds between the end of a response and the next request to the host
    per_host: int = 1  # connections
    user_agent: str = ""
    obey_robots: bool = True
    fields: tuple[FieldRule, ...] = ()
    allow_networks: tuple[str, ...] = ()  # CIDRs that the address guard lets through
    sitemaps: tuple[str, ...] = ()  # those that the seed names
    robots_sitemaps: bool = False  # use the ones that robots.txt of a start URL's host names
    ignore_params: tuple[str, ...] = ()  # more query parameters that the canonical form does without
    max_url_length: int | None = 2000  # characters
    max_repeated_segments: int | None = 3  # times that one segment may be in a path
    max_pages_per_host: int | None = 1_000_000
    max_same_text: int | None = 100  # pages of one URL template in a row that say nothing new

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> CrawlPolicy:
        """The policy of a plain form; ValueError if that is none. Keys that no policy has are left out."""
        fields = tuple(map(FieldRule.of, plain.get("fields", ())))
        return msgspec.convert({**plain, "fields": fields}, cls)

    def plain(self) -> dict[str, Any]:
        """What :meth:`of` reads: values that JSON has."""
        return {**msgspec.to_builtins(self), "fields": [field.plain() for field in self.fields]}
