"""What trying takes and gives, as plain values: they pass to another process, to a browser, to JSON Lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from crawler.collections import Collection
from crawler.policy import CrawlPolicy
from crawler.reading.listings.listing import Listing
from crawler.reading.own_code import names
from crawler.requests.exchange import FetchResult

OK = "ok"  # the verdict of a page that a crawl would store; any other is a reason (docs/outcomes.md)


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """A body to be read, and what its seed asks for."""

    url: str  # as asked for
    final_url: str  # after redirects: what its links are resolved against
    body: bytes
    status: int | None = None
    content_type: str = ""
    x_robots_tag: str = ""
    refresh: str = ""  # the header
    headers: tuple[tuple[str, str], ...] = ()  # of the response, names in lower case
    user_agent: str = ""
    policy: dict[str, Any] = {}  # plain form of a crawler.policy.CrawlPolicy
    collections: list[dict[str, Any]] = []  # plain forms of crawler.collections.Collection
    extractors: str = ""  # the folder of those in Python
    robots: dict[str, tuple[int | None, bytes]] = {}  # by origin: status and body of its robots.txt

    @classmethod
    def of_answer(
        cls,
        url: str,
        result: FetchResult,
        *,
        user_agent: str,
        policy: CrawlPolicy,
        collections: Iterable[Collection],
        robots: Mapping[str, tuple[int | None, bytes]],
    ) -> Order:
        """The body of an answer to ``url``, to be read by a seed's rules."""
        return cls(
            url=url,
            final_url=result.url,
            body=result.body,
            status=result.status,
            content_type=result.header("content-type"),
            x_robots_tag="\n".join(value for name, value in result.headers if name == "x-robots-tag"),
            refresh=result.header("refresh"),
            headers=tuple(result.headers),
            user_agent=user_agent,
            policy=policy.plain(),
            collections=[each.plain() for each in collections],
            extractors=str(names.folder()),
            robots=dict(robots),
        )


class Refused(msgspec.Struct, frozen=True):
    """A link that a crawl would not follow."""

    url: str
    reason: str  # a sentence for people


class Links(msgspec.Struct, frozen=True, kw_only=True):
    """The links of a page, each once, in document order."""

    followed: list[str] = []
    refused: list[Refused] = []
    left_out: int = 0  # beyond those that are shown


class Offered(msgspec.Struct, frozen=True, kw_only=True):
    """A collection that could be taken of the page."""

    name: str
    reason: str
    records: int
    collection: dict[str, Any]  # its plain form
    samples: list[dict[str, str]]
    listing: Listing | None = None  # of a list whose items have pages of their own


class StepShown(msgspec.Struct, frozen=True):
    """What a clean-up step made of a match."""

    step: str
    texts: list[str]


class FieldShown(msgspec.Struct, frozen=True, kw_only=True):
    """A field of one record: what its rule matched, what each step made of that, and the value."""

    name: str
    rule: str
    matched: list[str] = []
    steps: list[StepShown] = []
    type: str = "text"
    value: Any = None
    problem: str = ""


class CollectionShown(msgspec.Struct, frozen=True, kw_only=True):
    """What the rules of a collection read from the page."""

    name: str
    records: int = 0
    values: list[dict[str, Any]] = []  # of the first records
    fields: list[FieldShown] = []  # of the first record
    problems: list[str] = []


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """All that is shown of one page."""

    url: str
    verdict: str = OK
    detail: str = ""  # a sentence for people, when the verdict is another
    final_url: str = ""
    status: int | None = None
    content_type: str = ""
    size: int = 0  # bytes of the body, decoded
    seconds: float = 0.0
    title: str = ""
    links: Links = Links()
    text: str = ""  # its begin
    structured: dict[str, str] = {}  # by source, as JSON text, cut
    offered: list[Offered] = []
    collections: list[CollectionShown] = []
    main_text: str = ""

    def plain(self) -> dict[str, Any]:
        """As ``crawlbeat try --json`` prints it."""
        values: dict[str, Any] = msgspec.to_builtins(self)
        values["offered"] = [
            {
                "name": offer.name,
                "fields": [field["name"] for field in offer.collection["fields"]],
                "records": offer.records,
                "reason": offer.reason,
                "collection": offer.collection,
                "samples": offer.samples,
            }
            for offer in self.offered
        ]
        return values
