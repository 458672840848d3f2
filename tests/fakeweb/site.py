"""Linked sites: N pages that are all reachable from ``/``, with the untidiness of real ones.

Page ``i`` is ``/p/i`` (page 0 is ``/``) and links to pages ``FANOUT * i + 1`` and the following, so all are
reached; further links go anywhere, some as variants of one URL (fragment, tracking parameters, dot
segments), some into ``/private/``, which robots.txt forbids, and a few off the site.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field

from tests.fakeweb.answers import Answer, Request

FANOUT = 4
MODIFIED = 1_700_000_000.0
ROBOTS = "User-agent: *\nDisallow: /private/\n"
_PATH = re.compile(r"/(?:p/(\d+))?")
_WORDS = tuple(
    """
    time year people way day man thing woman life child world school state family student group
    country problem hand part place case week company system program question work government number
    night point home water room mother area money story fact month lot right study book eye job word
    business issue side kind head house service friend father power hour game line end member law
    car city community name president team minute idea kid body information back parent face others
    level office door health person art war history party result change morning reason research girl
    guy moment air teacher force education
    """.split()  # noqa: SIM905 - a list of literals would be ten times as long
)


@dataclass
class LinkedSite:
    """A site of ``pages`` pages; everything about it follows from ``seed``."""

    pages: int
    seed: int = 0
    links: int = 12  # on each page, about
    web_sizes: bool = False  # 8 to 80 KB, median 19 KB, instead of some 2 KB
    validators: bool = True  # ETag and Last-Modified, and 304 to those who send them back
    version: int = 0  # set it to another number and every price changes
    answered: dict[int, int] = field(default_factory=dict)  # how often each page was asked for

    def __post_init__(self) -> None:
        dice = random.Random(self.seed)
        self._prose = " ".join(dice.choices(_WORDS, k=40_000))

    @property
    def paths(self) -> list[str]:
        """The path of every page that may be crawled."""
        return [self.path(number) for number in range(self.pages)]

    @staticmethod
    def path(number: int) -> str:
        return f"/p/{number}" if number else "/"

    @staticmethod
    def page_of(target: str) -> int | None:
        """The number of the page that a request target asks for, whatever its query."""
        match = _PATH.fullmatch(target.partition("?")[0])
        return int(match[1] or 0) if match else None

    def title(self, number: int) -> str:
        return f"Page {number} of site {self.seed}"

    def price(self, number: int) -> str:
        dice = random.Random(f"{self.seed}/{number}/{self.version}")
        return f"{dice.randint(100, 99_999) / 100:.2f}"

    def answer(self, request: Request) -> Answer | None:
        """The answer to a path of the site, None for any other."""
        if request.path == "/robots.txt":
            return Answer(body=ROBOTS, content_type="text/plain")
        if request.path.startswith("/private/"):
            return Answer(body=f"<title>Private</title><h1>{request.path}</h1>")
        number = self.page_of(request.path)
        if number is None or number >= self.pages:
            return None
        self.answered[number] = self.answered.get(number, 0) + 1
        if not self.validators:
            return Answer(body=self.html(number))
        etag = f'"{self.seed}-{number}-{self.version}"'
        return Answer(body=self.html(number), etag=etag, modified=MODIFIED + self.version)

    def html(self, number: int) -> str:
        """The page's source; the same for the same seed, number and version."""
        dice = random.Random(f"{self.seed}/{number}")
        title, author = self.title(number), self.path(number % min(self.pages, 7))
        head = (
            '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
            f"<title>{title}</title>"
            f'<meta name="description" content="What page {number} is about"></head>\n<body>'
            f'<h1>{title}</h1>\n<p class="price">{self.price(number)}</p>'
            f'<p>Article <span class="sku">SKU-{self.seed}-{number:06}</span>'
            f' by <a class="author" rel="author" href="{author}">somebody</a></p>\n'
        )
        return head + self._link_list(number, dice) + self._text(dice, len(head)) + "</body></html>\n"

    def _link_list(self, number: int, dice: random.Random) -> str:
        children = [n for n in range(FANOUT * number + 1, FANOUT * number + FANOUT + 1) if n < self.pages]
        hrefs = [self.path(child) for child in children]
        while len(hrefs) < self.links:
            hrefs.append(self._variant(dice.randrange(self.pages), dice))
        if number % 3 == 0:
            hrefs.append(f"/private/{number}")
        if number % 10 == 0:
            hrefs += ["http://elsewhere.invalid/", "mailto:somebody@elsewhere.invalid", "javascript:void(0)"]
        items = (f'<li><a href="{href}">{dice.choice(_WORDS)} {href[-6:]}</a></li>' for href in hrefs)
        return "<ul>\n" + "\n".join(items) + "\n</ul>\n"

    def _variant(self, number: int, dice: random.Random) -> str:
        """A link to a page, now and then written in another way."""
        path = self.path(number)
        forms = (
            path,
            path,
            path,
            f"{path}#part-{dice.randrange(9)}",
            f"{path}?utm_source=feed",
            f"/p/..{path}",
        )
        return dice.choice(forms)

    def _text(self, dice: random.Random, used: int) -> str:
        """Paragraphs that bring the page to its size."""
        size = min(80_000, max(8_000, int(dice.lognormvariate(9.85, 0.6)))) if self.web_sizes else 2_000
        left = max(300, size - used - 60 * self.links)
        start = dice.randrange(len(self._prose) - left) if left < len(self._prose) else 0
        prose = self._prose[start : start + left]
        step = 700
        return "".join(f"<p>{prose[at : at + step]}</p>\n" for at in range(0, len(prose), step))


def linked_site(pages: int, **options: object) -> LinkedSite:
    """A linked site; the options are the fields of :class:`LinkedSite`."""
    return LinkedSite(pages, **options)  # type: ignore[arg-type]
