"""What a seed asks of its crawls, as a run freezes it when it opens."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple, Self

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
        """The rule of a plain form; ValueError unless that has a name and exactly one rule."""
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


class Within(NamedTuple):
    """The least and the most that a person may write for a number."""

    least: float
    most: float


SMALL, LARGE = 2**15 - 1, 2**31 - 1  # the largest numbers in the columns of a database


class CrawlPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """What a seed asks for, frozen into a run when it opens. Secrets (headers) are not part of it.

    A number is declared here with its range and default, and nowhere else: column, form and command line
    ask :func:`crawler.seeds.numbers.range_of`. None means no limit.
    """

    start_urls: tuple[str, ...]
    scope: Scope = Scope.HOST
    include: tuple[str, ...] = ()  # patterns with * and ?, or "re:" and a regular expression
    exclude: tuple[str, ...] = ()
    max_depth: Annotated[int | None, Within(0, SMALL)] = None  # links from a start URL
    max_pages: Annotated[int | None, Within(1, LARGE)] = None
    max_seconds: int | None = None
    delay: Annotated[float, Within(0, 3600)] = 1.0  # seconds from the end of an answer to the next request
    per_host: Annotated[int, Within(1, 64)] = 1  # connections
    user_agent: str = ""
    obey_robots: bool = True
    fields: tuple[FieldRule, ...] = ()
    allow_networks: tuple[str, ...] = ()  # CIDRs that the address guard lets through
    sitemaps: tuple[str, ...] = ()  # those that the seed names
    robots_sitemaps: bool = False  # use the ones that robots.txt of a start URL's host names
    ignore_params: tuple[str, ...] = ()  # more query parameters that the canonical form leaves out
    accept: tuple[str, ...] = ()  # verdicts that are overruled: "soft_404" or "soft_404 https://a.example/x*"
    max_url_length: Annotated[int | None, Within(1, LARGE)] = 2000  # characters
    max_repeated_segments: Annotated[int | None, Within(1, SMALL)] = 3  # of one segment in a path
    max_pages_per_host: Annotated[int | None, Within(1, LARGE)] = 1_000_000
    max_same_text: Annotated[int | None, Within(1, LARGE)] = 100  # pages of a URL template without news

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Self:
        """The policy of a plain form; ValueError if it is not one. Unknown keys are ignored."""
        fields = tuple(map(FieldRule.of, plain.get("fields", ())))
        return msgspec.convert({**plain, "fields": fields}, cls)

    def plain(self) -> dict[str, Any]:
        """What :meth:`of` reads: values that JSON can hold."""
        return {**msgspec.to_builtins(self), "fields": [field.plain() for field in self.fields]}
