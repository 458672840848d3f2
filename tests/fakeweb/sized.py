"""Sites of a size that is known, each of another build: what forecasts are measured on.

Each is a function from a path with its query to the paths that its page links to; None where is no page.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from tests.fakeweb.answers import Answer, Request

Links = Callable[[str], Sequence[str] | None]
_SPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
_WORDS = [
    "amber",
    "birch",
    "cedar",
    "delta",
    "ember",
    "fern",
    "grove",
    "hazel",
    "iris",
    "juniper",
    "kelp",
    "lotus",
    "maple",
    "nettle",
    "olive",
    "pine",
]


@dataclass
class SizedSite:
    """A site of ``pages`` pages; ``trap`` tells the paths that a trap makes up, which are not counted."""

    name: str
    pages: int
    links: Links
    listed: Sequence[str] = ()  # in its sitemap
    parts: int = 1  # files of its sitemap
    trap: str = ""  # what its pages are a trap by, for people
    base: str = ""

    def answer(self, request: Request) -> Answer:
        """What a server on loopback answers (:class:`tests.fakeweb.FakeWeb`)."""
        if request.path == "/robots.txt":
            lines = ["User-agent: *", "Disallow: /private/"]
            lines += [f"Sitemap: {self.base}/sitemap.xml"] if self.listed else []
            return Answer(body="\n".join(lines) + "\n", content_type="text/plain")
        if request.path.startswith("/sitemap") and self.listed:
            return self._sitemap(request.path)
        links = self.links(request.target)
        if links is None:
            return Answer(404, "<!doctype html><title>Not here</title><h1>Not here</h1>")
        return Answer(body=_html(request.target, links))

    def _sitemap(self, path: str) -> Answer:
        if path == "/sitemap.xml" and self.parts > 1:
            entries = "".join(
                f"<sitemap><loc>{self.base}/sitemap-{part}.xml</loc></sitemap>" for part in range(self.parts)
            )
            body = f'<sitemapindex xmlns="{_SPACE}">{entries}</sitemapindex>'
            return Answer(body=body, content_type="application/xml")
        size = -(-len(self.listed) // self.parts)
        at = 0 if self.parts == 1 else int(path.removeprefix("/sitemap-").removesuffix(".xml"))
        urls = self.listed[at * size : (at + 1) * size]
        entries = "".join(f"<url><loc>{self.base}{url}</loc></url>" for url in urls)
        return Answer(body=f'<urlset xmlns="{_SPACE}">{entries}</urlset>', content_type="application/xml")


def _html(path: str, links: Sequence[str]) -> str:
    dice = random.Random(path)
    prose = " ".join(dice.choices(_WORDS, k=dice.randrange(80, 400)))
    items = "".join(f'<li><a href="{link}">{link[-9:]}</a></li>' for link in links)
    return f"<!doctype html><title>{path}</title><h1>{path}</h1><ul>{items}</ul><p>{prose}</p>"


def slug(number: int) -> str:
    """A name without a number that could be counted."""
    digest = hashlib.blake2b(f"{number}".encode(), digest_size=6).digest()
    return "-".join(_WORDS[byte % 16] + _WORDS[byte // 16][:2] for byte in digest)


def brochure(pages: int) -> SizedSite:
    """A front page that leads to all others."""
    names = [f"/{slug(number)}" for number in range(pages - 1)]

    def links(path: str) -> Sequence[str] | None:
        return ["/", *names] if path == "/" else ["/", *names[:6]] if path in names else None

    return SizedSite("brochure", pages, links)


def documentation(chapters: int, sections: int, topics: int) -> SizedSite:
    """A tree of folders; a page names its children, its parent and its neighbours."""

    def links(path: str) -> Sequence[str] | None:
        words = path.strip("/").split("/") if path != "/" else []
        widths = [chapters, sections, topics]
        if len(words) > 3 or any(
            word not in _names(width) for word, width in zip(words, widths, strict=False)
        ):
            return None
        children = (
            [f"{path.rstrip('/')}/{name}" for name in _names(widths[len(words)])] if len(words) < 3 else []
        )
        up = f"/{'/'.join(words[:-1])}"
        beside = [f"{up.rstrip('/')}/{name}" for name in _names(widths[len(words) - 1])] if words else []
        return ["/", up, *[f"/{name}" for name in _names(chapters)], *beside, *children]

    pages = 1 + chapters * (1 + sections * (1 + topics))
    return SizedSite("documentation", pages, links)


def _names(count: int) -> list[str]:
    return [slug(1000 + number) for number in range(count)]


def wiki(pages: int) -> SizedSite:
    """Articles that link to any others, by names."""
    numbers = {f"/wiki/{slug(number)}": number for number in range(pages - 1)}
    names = list(numbers)

    def links(path: str) -> Sequence[str] | None:
        if path == "/":
            return names[:20]
        if path not in numbers:
            return None
        dice, number = random.Random(path), numbers[path]
        return ["/", names[(number + 1) % len(names)], names[number // 2], *dice.choices(names, k=15)]

    return SizedSite("wiki", pages, links)


def shop(
    categories: int, products: int, per_page: int, *, name: str, all_numbers: bool, parts: int = 0
) -> SizedSite:
    """Categories of products in pages, with a link to the next page or to all; maybe with a sitemap."""
    each = products // categories
    names = {f"/product/{slug(number)}": number for number in range(each * categories)}
    last = -(-each // per_page)

    def of_category(category: int, page: int) -> Sequence[str] | None:
        if category >= categories or not 1 <= page <= last:
            return None
        begin = category * each + (page - 1) * per_page
        shown = [
            f"/product/{slug(number)}"
            for number in range(begin, min(begin + per_page, (category + 1) * each))
        ]
        pages = range(2, last + 1) if all_numbers else range(page + 1, min(page + 2, last + 1))
        return ["/", *shown, *[f"/category/{_names(categories)[category]}?page={each}" for each in pages]]

    def links(path: str) -> Sequence[str] | None:
        if path == "/":
            return [f"/category/{name}" for name in _names(categories)]
        folder, _, query = path.partition("?")
        if folder.startswith("/category/"):
            chosen = folder.removeprefix("/category/")
            page = int(query.removeprefix("page=") or 1)
            return (
                of_category(_names(categories).index(chosen), page) if chosen in _names(categories) else None
            )
        if path not in names:
            return None
        number = names[path]
        return [
            "/",
            f"/category/{_names(categories)[number // each]}",
            f"/product/{slug((number + 7) % len(names))}",
        ]

    pages = 1 + categories * last + len(names)
    return SizedSite(name, pages, links, list(names) if parts else (), max(parts, 1))


def blog(posts: int) -> SizedSite:
    """Posts by day, a list that leads to older ones, archives of months, and tags."""
    first = date(2015, 1, 1)
    paths = [f"/{(first + timedelta(days=2 * number)):%Y/%m/%d}/{slug(number)}" for number in range(posts)]
    numbers = {path: number for number, path in enumerate(paths)}
    months: dict[str, list[str]] = {}
    for path in paths:
        months.setdefault(path[:8], []).append(path)
    tags = {f"/tag/{slug(5000 + tag)}": paths[tag::40] for tag in range(40)}
    last = -(-posts // 10)

    def links(path: str) -> Sequence[str] | None:
        if path == "/" or path.startswith("/page/"):
            page = int(path.removeprefix("/page/")) if path != "/" else 1
            if not 1 <= page <= last:
                return None
            older = [f"/page/{page + 1}"] if page < last else []
            shown = paths[::-1][(page - 1) * 10 : page * 10]
            return ["/", *shown, *older, *(months if page == 1 else ())]
        if path in numbers:
            number = numbers[path]
            beside = paths[max(0, number - 1) : number + 2]
            return ["/", *beside, f"/tag/{slug(5000 + number % 40)}", path[:8]]
        return ["/", *months[path]] if path in months else ["/", *tags[path]] if path in tags else None

    return SizedSite("blog", posts + len(months) + len(tags) + last, links)


def forum(boards: int, threads: int, replies: int) -> SizedSite:
    """Boards with lists of threads in pages, threads in pages; numbers that count."""
    last, pages = -(-threads // 25), -(-replies // 10)

    def links(path: str) -> Sequence[str] | None:
        if path == "/":
            return [f"/board/{board}" for board in range(1, boards + 1)]
        folder, _, query = path.partition("?")
        kind, _, text = folder.strip("/").partition("/")
        if not text.isdigit():
            return None
        number, page = int(text), int(query.removeprefix("page=") or 1)
        if kind == "board" and 1 <= number <= boards and 1 <= page <= last:
            begin = (number - 1) * threads + (page - 1) * 25
            shown = [f"/thread/{each}" for each in range(begin, min(begin + 25, number * threads))]
            return [
                "/",
                *shown,
                *[f"{folder}?page={each}" for each in (page + 1, last) if page < each <= last],
            ]
        if kind == "thread" and 0 <= number < boards * threads and 1 <= page <= pages:
            more = [f"{folder}?page={page + 1}"] if page < pages else []
            return ["/", f"/board/{number // threads + 1}", *more]
        return None

    return SizedSite("forum", 1 + boards * last + boards * threads * pages, links)


def sparse(items: int) -> SizedSite:
    """Items whose numbers have large gaps, in one list."""
    dice = random.Random(7)
    numbers = sorted(dice.sample(range(100_000, 9_999_999), items))
    there, last = set(numbers), -(-items // 30)

    def links(path: str) -> Sequence[str] | None:
        if path == "/" or path.startswith("/list?from="):
            begin = int(path.removeprefix("/list?from=")) if path != "/" else 0
            if begin >= items or begin % 30:
                return None
            more = [f"/list?from={begin + 30}"] if begin + 30 < items else []
            return ["/", *[f"/item/{number}.html" for number in numbers[begin : begin + 30]], *more]
        number = path.removeprefix("/item/").removesuffix(".html")
        return ["/"] if path.startswith("/item/") and number.isdigit() and int(number) in there else None

    return SizedSite("sparse numbers", items + last, links)


def with_calendar(pages: int) -> SizedSite:
    """A small site with a calendar that has no end."""
    site = brochure(pages)

    def links(path: str) -> Sequence[str] | None:
        if path.startswith("/calendar?month="):
            year, month = map(int, path.removeprefix("/calendar?month=").split("-"))
            at = year * 12 + month - 1
            return ["/", *[f"/calendar?month={each // 12}-{each % 12 + 1:02}" for each in (at - 1, at + 1)]]
        links = site.links(path)
        return [*links, "/calendar?month=2026-05"] if links is not None else None

    return SizedSite("calendar", pages, links, trap="calendar")


def with_sessions(categories: int, products: int) -> SizedSite:
    """A shop whose links carry a session that is new on each page."""
    site = shop(categories, products, 20, name="sessions", all_numbers=True)

    def links(path: str) -> Sequence[str] | None:
        plain = path.partition("?sid=")[0].partition("&sid=")[0]
        links = site.links(plain)
        if links is None:
            return None
        session = hashlib.blake2b(path.encode(), digest_size=16).hexdigest()
        return [f"{link}{'&' if '?' in link else '?'}sid={session}" for link in links]

    return SizedSite("sessions", site.pages, links, trap="session")


def with_filters(products: int) -> SizedSite:
    """A list whose filters combine to thousands of addresses that show the same items."""
    site = shop(5, products, 25, name="filters", all_numbers=True)
    values = {"color": 8, "size": 6, "brand": 12, "sort": 4}

    def links(path: str) -> Sequence[str] | None:
        folder, _, query = path.partition("?")
        if not folder.startswith("/category/") or query.startswith("page="):
            return site.links(path)
        chosen = dict(part.split("=") for part in query.split("&") if part)
        links = site.links(folder)
        if links is None or not chosen.keys() <= values.keys():
            return None
        more = []
        for name, count in values.items():
            for value in range(count):
                both = sorted({**chosen, name: str(value)}.items())
                more.append(f"{folder}?{'&'.join(f'{key}={each}' for key, each in both)}")
        return [*links, *more]

    return SizedSite("filters", site.pages, links, trap="filters")
