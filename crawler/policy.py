"""What a seed asks of its crawls, as a run freezes it when it opens."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple, Self

import msgspec

from crawler.collections import Collection, Field, of_fields
from crawler.seed_requests import SeedRequest


class Scope(enum.StrEnum):
    """Which URLs belong to a seed, measured from its start URLs."""

    PAGE = "page"  # the start URLs alone
    PREFIX = "prefix"  # same origin, path below the start URL's last slash
    HOST = "host"  # same host name, http or https, default ports
    DOMAIN = "domain"  # same registrable domain (public suffix list)


class ChangeMeans(enum.StrEnum):
    """What makes a new version of a page."""

    label: str

    def __new__(cls, value: str, label: str = "") -> Self:
        choice = str.__new__(cls, value)
        choice._value_ = value
        choice.label = label
        return choice

    CONTENT = "content", "other content: title, text, links, values"
    FIELDS = "fields", "other values of my fields"
    BYTES = "bytes", "any other byte"


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
    requests: tuple[SeedRequest, ...] = ()  # of other methods than GET, beside the start URLs
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
    collections: tuple[Collection, ...] = ()  # what is read from its pages
    allow_networks: tuple[str, ...] = ()  # CIDRs that the address guard lets through
    sitemaps: tuple[str, ...] = ()  # those that the seed names
    robots_sitemaps: bool = False  # use the ones that robots.txt of a start URL's host names
    ignore_params: tuple[str, ...] = ()  # more query parameters that the canonical form leaves out
    accept: tuple[str, ...] = ()  # verdicts that are overruled: "soft_404" or "soft_404 https://a.example/x*"
    change_means: ChangeMeans = ChangeMeans.CONTENT
    noise: tuple[str, ...] = ()  # what is no content: "css: .ads", "re: Seen \\d+ times", "dates", "counters"
    learn_noise: bool = True  # leave out too what changed by itself on several visits
    max_url_length: Annotated[int | None, Within(1, LARGE)] = 2000  # characters
    max_repeated_segments: Annotated[int | None, Within(1, SMALL)] = 3  # of one segment in a path
    max_pages_per_host: Annotated[int | None, Within(1, LARGE)] = 1_000_000
    max_same_text: Annotated[int | None, Within(1, LARGE)] = 100  # pages of a URL template without news

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Self:
        """The policy of a plain form; ValueError if it is not one. Unknown keys are ignored.

        Runs of release 0.1 have ``fields`` for what is now one collection of them.
        """
        fields = tuple(map(Field.of, plain.get("fields", ())))
        collections = (*of_fields(fields), *map(Collection.of, plain.get("collections", ())))
        requests = tuple(map(SeedRequest.of, plain.get("requests", ())))
        others = {name: plain[name] for name in plain.keys() - {"fields", "collections", "requests"}}
        policy = msgspec.convert(others, cls)
        return msgspec.structs.replace(policy, collections=collections, requests=requests)

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where a run begins: the start URLs, and the addresses of the requests."""
        return (*self.start_urls, *[request.url for request in self.requests])

    def plain(self) -> dict[str, Any]:
        """What :meth:`of` reads: values that JSON can hold."""
        collections = [collection.plain() for collection in self.collections]
        requests = [request.plain() for request in self.requests]
        return {**msgspec.to_builtins(self), "collections": collections, "requests": requests}
