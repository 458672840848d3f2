"""A site as facts and designs: the same facts in other markup, and the records that are right for each page.

site = Shop(size=20)
status, headers, body = site.page("/list", revision=0, design="a")
site.expected("/list", 0, "a")  # the records of this page
site.records(0)  # all of them, by collection
site.collections("b")  # the rules, in plain form, that read design b

Every site has a front page, a list in pages of ten (``/list?page=2``), some picks of it (``/picks``, with the
same keys again), one page an item, robots.txt and a sitemap. What is gone answers 404 or 410.
"""

from __future__ import annotations

import hashlib
import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar
from urllib.parse import parse_qs, urlsplit

from tests.fakeweb.answers import Answer, Request
from tests.fakeweb.sites.facts import alive, e
from tests.fakeweb.sites.verdicts import SAMPLE_HOST, SAMPLES

DESIGNS = ("a", "b", "c")
PER_PAGE = 10
ROBOTS = "User-agent: *\nDisallow: /private/\nSitemap: {base}/sitemap.xml\n"
HTML = "text/html; charset=utf-8"

F = TypeVar("F", bound="Fact")


class Fact:
    """What a site knows of one item."""

    @property
    def slug(self) -> str:
        """The last segment of its page's path."""
        raise NotImplementedError

    @property
    def path(self) -> str:
        return f"/item/{self.slug}"


class Reply(NamedTuple):
    """An answer of a site."""

    status: int
    headers: dict[str, str]
    body: bytes


class Paging(NamedTuple):
    """Where a list page stands among the others."""

    page: int
    pages: int

    @property
    def next(self) -> str | None:
        """The path of the next page."""
        return f"/list?page={self.page + 1}" if self.page < self.pages else None


class Design(NamedTuple, Generic[F]):
    """One way to show the facts, and the rules that read it."""

    list_page: Callable[[Sequence[F], Paging], str]
    item_page: Callable[[F, Sequence[F]], str]  # the item, and others that are shown beside it
    collections: Sequence[Mapping[str, Any]]  # of the lists, and of the items' pages
    backwards: bool = False  # the list begins with the last
    media_type: str = HTML


@dataclass(frozen=True)
class Expected:
    """A record that has to be read from a page."""

    collection: str
    page: str  # the path with its query
    position: int
    key: tuple[str, ...]
    values: dict[str, Any]


@dataclass
class FactSite(ABC, Generic[F]):
    """A site. Over HTTP (:meth:`answer`) it has ``design``, ``revision`` and ``verdict``."""

    name: ClassVar[str]
    designs: ClassVar[Mapping[str, Design[Any]]]

    size: int = 20  # items at revision 0
    base: str = "http://site.test"  # what its absolute addresses begin with
    design: str = "a"
    revision: int = 0
    verdict: str = ""  # every page but the front's answers with a sample of this kind
    _numbers: dict[int, list[int]] = field(default_factory=dict, repr=False)
    _slugs: dict[str, int] = field(default_factory=dict, repr=False)

    @abstractmethod
    def fact(self, number: int, revision: int) -> F:
        """Item ``number`` as it is at a revision."""

    @abstractmethod
    def list_values(self, fact: F) -> dict[str, Any]:
        """The typed values of an item's record on a list."""

    @abstractmethod
    def item_values(self, fact: F) -> dict[str, Any]:
        """The typed values of the record of an item's own page."""

    def collections(self, design: str) -> list[dict[str, Any]]:
        """The right rules for a design, in plain form: of the lists first, then of the items' pages."""
        # A copy: a test may change the rules of its seed, and this list is everybody's.
        return [deepcopy(dict(collection)) for collection in self.designs[design].collections]

    def numbers(self, revision: int) -> list[int]:
        """The items that there are at a revision."""
        if revision not in self._numbers:
            self._numbers[revision] = alive(self.size, revision)
        return self._numbers[revision]

    def paths(self, revision: int) -> list[str]:
        """Every page with records: the lists, the picks, the items."""
        lists = [f"/list?page={page}" for page in range(1, self._pages(revision) + 1)]
        return [*lists, "/picks", *(self.fact(number, revision).path for number in self.numbers(revision))]

    def expected(self, path: str, revision: int, design: str) -> list[Expected]:
        """The records of a page, in document order; none of a page that has none."""
        listing, item = (collection for collection in self.designs[design].collections)
        if (facts := self._listed(path, revision, design)) is not None:
            values = [self.list_values(fact) for fact in facts]
            return [_expected(listing, path, at, each) for at, each in enumerate(values)]
        number = self._number(path, revision)
        if number is None:
            return []
        return [_expected(item, path, 0, self.item_values(self.fact(number, revision)))]

    def records(self, revision: int) -> dict[str, list[dict[str, Any]]]:
        """The values of all records by collection, each once, however many pages show it."""
        listing, item = (str(collection["name"]) for collection in self.designs["a"].collections)
        facts = [self.fact(number, revision) for number in self.numbers(revision)]
        return {
            listing: [self.list_values(fact) for fact in facts],
            item: [self.item_values(fact) for fact in facts],
        }

    def page(self, path: str, revision: int = 0, design: str = "a") -> Reply:
        """The answer to a path with its query."""
        if path == "/robots.txt":
            return _reply(ROBOTS.format(base=self.base), "text/plain")
        if path == "/sitemap.xml":
            return _reply(self._sitemap(revision), "application/xml")
        if path == "/":
            return _reply(front_page(self.name))
        look = self.designs[design]
        if (facts := self._listed(path, revision, design)) is not None:
            return _reply(look.list_page(facts, self._paging(path, revision)), look.media_type)
        if (number := self._number(path, revision)) is not None:
            shown = look.item_page(self.fact(number, revision), self._beside(number, revision))
            return _reply(shown, look.media_type)
        return _reply("<!doctype html><title>Not here</title><h1>Not here</h1>", status=self._missing(path))

    def answer(self, request: Request) -> Answer:
        """What a server on loopback answers (:class:`tests.fakeweb.FakeWeb`)."""
        reply = self.page(request.target, self.revision, self.design)
        if self.verdict and request.path not in {"/", "/robots.txt", "/sitemap.xml"}:
            reply = self._no_page()
        etag = f'"{hashlib.blake2b(reply.body, digest_size=8).hexdigest()}"'
        return Answer(reply.status, reply.body, content_type=reply.headers["Content-Type"], etag=etag)

    def _no_page(self) -> Reply:
        """A sample whose status lets the host go on being asked, as an answer of this very host."""
        sample = next(each for each in SAMPLES[self.verdict] if each.status == 200)
        host = urlsplit(self.base).hostname or SAMPLE_HOST
        status, headers, body = sample.reply
        return Reply(status, headers, body.replace(SAMPLE_HOST.encode(), host.encode()))

    def _listed(self, path: str, revision: int, design: str) -> list[F] | None:
        """The items of a list page in their order; None if it is no list page."""
        numbers = self.numbers(revision)[:: -1 if self.designs[design].backwards else 1]
        name, _, query = path.partition("?")
        if name == "/picks":
            numbers = numbers[::2][:5]
        elif name == "/list" and 1 <= (page := _page_of(query)) <= self._pages(revision):
            numbers = numbers[(page - 1) * PER_PAGE : page * PER_PAGE]
        else:
            return None
        return [self.fact(number, revision) for number in numbers]

    def _paging(self, path: str, revision: int) -> Paging:
        name, _, query = path.partition("?")
        return Paging(_page_of(query), self._pages(revision)) if name == "/list" else Paging(1, 1)

    def _pages(self, revision: int) -> int:
        return math.ceil(len(self.numbers(revision)) / PER_PAGE)

    def _number(self, path: str, revision: int) -> int | None:
        """The item whose page this is, if there is one at this revision."""
        for number in range(len(self._slugs), self._born(revision)):
            self._slugs[self.fact(number, 0).slug] = number
        number = self._slugs.get(path.removeprefix("/item/"), -1)
        return number if path.startswith("/item/") and number in self._present(revision) else None

    def _present(self, revision: int) -> frozenset[int]:
        return frozenset(self.numbers(revision))

    def _born(self, revision: int) -> int:
        return self.numbers(revision)[-1] + 1

    def _missing(self, path: str) -> int:
        """404, or 410 for every second item that was once there."""
        return 410 if self._slugs.get(path.removeprefix("/item/"), 0) // 10 % 2 else 404

    def _beside(self, number: int, revision: int) -> list[F]:
        """Three others, which people also looked at."""
        numbers = self.numbers(revision)
        return [self.fact(numbers[(number * 3 + step) % len(numbers)], revision) for step in (1, 2, 3)]

    def _sitemap(self, revision: int) -> str:
        entries = "".join(f"<url><loc>{e(self.base + path)}</loc></url>" for path in self.paths(revision))
        space = "http://www.sitemaps.org/schemas/sitemap/0.9"
        return f'<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="{space}">{entries}</urlset>'


def front_page(name: str) -> str:
    """Leads to the lists, and to a page that robots.txt forbids."""
    return html_page(
        f"The {name}",
        '<p>Welcome.</p><p><a href="/list?page=1">All</a> <a href="/picks">Our picks</a> '
        '<a href="/private/notes">Notes</a></p>',
    )


def html_page(title: str, body: str, *, head: str = "", language: str = "en") -> str:
    """A page with what most have around their content."""
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{e(title)}</title>{head}'
        f'</head><body><nav><a href="/">Home</a> <a href="/list?page=1">All</a></nav>'
        f"<main><h1>{e(title)}</h1>{body}</main>"
        "<footer>Made by hand, © 2026. From €0.00.</footer></body></html>"
    )


def page_numbers(paging: Paging) -> str:
    """Links to all pages, the current one as text."""
    pages = range(1, paging.pages + 1)
    return " ".join(
        f"<b class=current>{page}</b>" if page == paging.page else f'<a href="/list?page={page}">{page}</a>'
        for page in pages
    )


def _page_of(query: str) -> int:
    value = parse_qs(query).get("page", ["1"])[0]
    return int(value) if value.isascii() and value.isdigit() else 0


def _reply(body: str, media_type: str = HTML, status: int = 200) -> Reply:
    return Reply(status, {"Content-Type": media_type}, body.encode())


def _expected(collection: Mapping[str, Any], page: str, position: int, values: dict[str, Any]) -> Expected:
    key = tuple(str(values[name]) for name in collection["key"])
    return Expected(str(collection["name"]), page, position, key, values)
