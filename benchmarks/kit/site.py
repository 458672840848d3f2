"""A generated web: linked pages of 8 to 80 KB (median some 19 KB, some 40 links each) in one file.

Every host has a site of its own, whose pages link only to each other: page ``i`` is ``/p/i.html`` (page 0 is
``/``) and links to pages ``FANOUT * i + 1`` and the following, so that all are reached. A page consists of a
part of its own (head and links) and of prose that it shares with others, so that a large web is a small file.
"""

from __future__ import annotations

import mmap
import random
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

FANOUT = 4
LINKS = 40
SMALLEST, LARGEST = 8_000, 80_000  # bytes
LOG_MEDIAN, LOG_DEVIATION = 9.85, 0.6  # of a page's size; a median of e**9.85, some 19 KB
SECTIONS = 2_500
ROBOTS = b"User-agent: *\nDisallow: /private/\n"
END = b"</main></body></html>\n"
FIELDS = {
    "headline": "h1::text",
    "price": ".price::text",
    "sku": ".sku::text",
    "author": "a[rel=author]::text",
    "published": "time::attr(datetime)",
}
"""The five fields that every contender extracts."""

_WORDS = (  # noqa: SIM905 - a list of literals would be ten times as long
    "time year people way day man thing woman life child world school state family student group country"
    " problem hand part place case week company system program question work government number night"
    " point home water room mother area money story fact month lot right study book eye job word business"
    " issue side kind head house service friend father power hour game line end member law car city"
    " community name president team minute idea body information back parent face others level office"
    " door health person art war history party result change morning reason research girl guy moment air"
    " teacher force education of the and a to in is that for with as on by it from at this are which or"
    " be was an not"
).split()


class Part(NamedTuple):
    """Where bytes lie in the web's file."""

    start: int
    end: int


class Page(NamedTuple):
    """An answer: the page's own part, headers included, and its prose."""

    own: Part
    prose: Part


@dataclass(frozen=True)
class Site:
    """The pages of one host."""

    address: str  # a loopback address
    pages: Sequence[Page]


class Web:
    """Sites on loopback addresses of their own. Equal ``sizes`` and ``seed`` give the same bytes."""

    def __init__(self, sizes: Sequence[int], seed: int = 0) -> None:
        """``sizes``: the number of pages of each site."""
        self._file = tempfile.TemporaryFile(prefix="crawlbeat-bench-")  # noqa: SIM115  see close()
        self._dice = random.Random(seed)
        self._prose = self._write_prose()
        self.sites = [
            Site(address(number), [self._write_page(number, page, size) for page in range(size)])
            for number, size in enumerate(sizes)
        ]
        self._file.flush()
        self.bytes = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)

    @property
    def page_count(self) -> int:
        return sum(len(site.pages) for site in self.sites)

    def urls(self, port: int) -> list[str]:
        """The start URL of every site."""
        return [f"http://{site.address}:{port}/" for site in self.sites]

    def close(self) -> None:
        self.bytes.close()
        self._file.close()

    def _write(self, data: bytes) -> Part:
        start = self._file.tell()
        self._file.write(data)
        return Part(start, start + len(data))

    def _write_prose(self) -> list[int]:
        """Write sections of prose; returns where each begins, and where the last ends."""
        starts = [self._write(_section(self._dice).encode()).start for _ in range(SECTIONS)]
        return [*starts, self._file.tell()]

    def _write_page(self, site: int, number: int, size: int) -> Page:
        body = _top(site, number, _links(number, size, self._dice), self._dice).encode()
        prose = self._pick_prose(_page_size(self._dice) - len(body))
        return Page(self._write(_head(len(body) + prose.end - prose.start + len(END)) + body), prose)

    def _pick_prose(self, size: int) -> Part:
        """A run of whole sections of about this many bytes."""
        first = self._dice.randrange(SECTIONS - LARGEST // 200)
        last = first + 1
        while self._prose[last] - self._prose[first] < size:
            last += 1
        return Part(self._prose[first], self._prose[last])


def address(number: int) -> str:
    """The loopback address of a site: 127.16.0.1 and the following."""
    return f"127.{16 + number // 60_000}.{number // 250 % 240}.{number % 250 + 1}"


def path(number: int) -> str:
    return f"/p/{number}.html" if number else "/"


def _page_size(dice: random.Random) -> int:
    return min(LARGEST, max(SMALLEST, int(dice.lognormvariate(LOG_MEDIAN, LOG_DEVIATION))))


def _links(number: int, size: int, dice: random.Random) -> list[int]:
    """The pages that a page links to: eight that all do, its children, and any others."""
    children = range(FANOUT * number + 1, min(FANOUT * number + FANOUT + 1, size))
    links = [*range(min(8, size)), *children]
    return links + [dice.randrange(size) for _ in range(LINKS - len(links))]


def _top(site: int, number: int, links: Sequence[int], dice: random.Random) -> str:
    """Everything of a page's source before its prose."""
    title = f"Page {number} of site {site}"
    menu = "".join(f'<li class="item"><a href="{path(link)}">Part {link}</a></li>' for link in links[:8])
    more = "\n".join(
        f'<li class="more"><a href="{path(link)}" title="Go to page {link}">{dice.choice(_WORDS)} {link}</a>'
        f" <small>{dice.choice(_WORDS)} {dice.choice(_WORDS)}</small></li>"
        for link in links[8:]
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<title>{title}</title><meta name="description" content="What page {number} is about">'
        '<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/style.css">'
        f"<script>window.page = {number};</script></head>\n"
        f"<body><nav><ul>{menu}</ul></nav>\n<main><article><h1>{title}</h1>\n"
        f'<p class="price">{dice.randint(100, 99_999) / 100:.2f}</p>'
        f'<p>Article <span class="sku">SKU-{site}-{number:06}</span> by'
        f' <a class="author" rel="author" href="{path(links[0])}">{dice.choice(_WORDS).title()}</a>,'
        f' <time datetime="2026-{number % 12 + 1:02}-{number % 28 + 1:02}">some day</time></p></article>\n'
        f'<aside><ul class="related">{more}</ul></aside>\n'
    )


def _section(dice: random.Random) -> str:
    """Some 200 to 900 bytes of prose with markup."""
    words = dice.choices(_WORDS, k=dice.randint(30, 130))
    marked = dice.randrange(len(words))
    words[marked] = f"<em>{words[marked]}</em>"
    return (
        f'<section class="s{dice.randrange(9)}"><h2>{" ".join(words[:4])}</h2>'
        f"<p>{' '.join(words[4:])}.</p></section>\n"
    )


def _head(length: int) -> bytes:
    """What a common server sends before a page."""
    return (
        "HTTP/1.1 200 OK\r\nServer: bench\r\nDate: Mon, 05 Jan 2026 10:00:00 GMT\r\n"
        f"Content-Type: text/html; charset=utf-8\r\nContent-Length: {length}\r\n"
        "Last-Modified: Sun, 04 Jan 2026 10:00:00 GMT\r\nConnection: keep-alive\r\n"
        f'ETag: "{length:x}-bench"\r\nAccept-Ranges: bytes\r\n\r\n'
    ).encode()
