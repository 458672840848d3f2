"""What a forecast asks for next: that from which it learns most."""

from __future__ import annotations

import math
import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Set
from statistics import fmean, pstdev
from typing import NamedTuple
from zlib import crc32

from crawler.forecasting.forecast import sizes_of
from crawler.forecasting.rows import place_of
from crawler.forecasting.seen import MOST_REQUESTS, Survey
from crawler.forecasting.sizes import Sizes

PARTS = 6  # of an index of sitemaps that are read
CLIMBS = 24  # requests for the ends of rows
NEW_KIND = 20.0  # links that are news on a page of a kind of which none was read
PROBES = 4  # pages of a kind that only a sitemap names
ROWS = 6  # of a kind whose ends are looked for


class Wanted(NamedTuple):
    """An address to ask for; ``guessed`` if nobody names it, ``unlinked`` if a sitemap alone does."""

    url: str
    depth: int = 0
    guessed: bool = False
    unlinked: bool = False
    sitemap: bool = False


def next_wanted(survey: Survey) -> Wanted | None:
    """What to ask for next; None when enough is known. A sitemap is taken from those that are to be read."""
    if survey.requests >= MOST_REQUESTS:
        return None
    if (url := next((url for url in survey.starts if url not in survey.asked), None)) is not None:
        return Wanted(url)
    if (sitemap := _sitemap(survey)) is not None:
        return Wanted(sitemap, sitemap=True)
    sizes, _ = sizes_of(survey)
    asked = survey.asked
    return (
        next(_ends(survey, sizes, asked), None)
        or next(_unlinked(survey, sizes, asked), None)
        or _sampled(survey, sizes, asked)
    )


def _sitemap(survey: Survey) -> str | None:
    """The next sitemap; of the parts of indexes the first, the last, and some between."""
    if survey.unread_sitemaps:
        return survey.unread_sitemaps.pop(0)
    read = survey.part_count - len(survey.unread_parts)
    if not survey.unread_parts or read >= PARTS:
        return None
    at = (0, -1, len(survey.unread_parts) // 2, len(survey.unread_parts) // 3)[read % 4]
    return survey.unread_parts.pop(at)


def _ends(survey: Survey, sizes: Sizes, asked: Set[str]) -> Iterator[Wanted]:
    """Pages that show where rows end: twice as far each time, then between what is there and what is not."""
    if sum(place_of(page.url) is not None for page in survey.pages) >= CLIMBS:
        return
    for row in _to_climb(sizes):
        if sizes.kinds.of(row) not in sizes.traps and (number := sizes.ends.next_of(row)) is not None:
            url = row.format(number)
            if url not in asked:
                yield Wanted(url, _depth(survey) + 1, guessed=number > sizes.rows.last(row))


def _unlinked(survey: Survey, sizes: Sizes, asked: Set[str]) -> Iterator[Wanted]:
    """Some pages that sitemaps list and nothing links to: are they there?"""
    probed = Counter(sizes.kinds.of(page.url) for page in survey.pages if page.unlinked)
    for kind in sorted(sizes.listed.found & sizes.known.keys() - sizes.traps):
        if len(sizes.fetched.get(kind, ())) <= PROBES or probed[kind] >= PROBES:
            continue
        left = sorted(set(sizes.listed.sample(kind)) - sizes.known[kind] - asked)
        if len(left) > len(sizes.known[kind]) / 4:
            yield Wanted(_dice(survey).choice(left), _depth(survey), unlinked=True)


def _dice(survey: Survey) -> random.Random:
    return random.Random(f"{survey.starts}{survey.requests}")


def _to_climb(sizes: Sizes) -> list[str]:
    """The rows whose ends are looked for: those that were begun, and any others, some of each kind."""
    kinds: dict[str, list[str]] = defaultdict(list)
    for row in sizes.rows:
        kinds[sizes.kinds.of(row)].append(row)
    chosen = []
    for rows in kinds.values():
        rows.sort(key=lambda row: (not sizes.ends.is_begun(row), crc32(row.encode())))
        chosen += rows[:ROWS]
    ended = {kind: sizes.ends.ended(rows) for kind, rows in kinds.items()}
    return sorted(chosen, key=lambda row: (not sizes.ends.is_begun(row), ended[sizes.kinds.of(row)]))


def _depth(survey: Survey) -> int:
    return max((page.depth for page in survey.pages), default=0)


def _sampled(survey: Survey, sizes: Sizes, asked: Set[str]) -> Wanted | None:
    """A page by chance, of the kind of which least is known for what is linked."""
    left = {kind: sorted(urls - asked) for kind, urls in sizes.known.items()}
    for kind in sizes.listed.found - sizes.traps if survey.uses_sitemaps else ():
        left[kind] = left.get(kind) or sorted(set(sizes.listed.sample(kind)) - asked)
    scores = {kind: _worth(sizes, kind, len(urls)) for kind, urls in left.items() if urls}
    if not scores:
        return None
    kind = max(scores, key=lambda each: (scores[each], each))
    return Wanted(_dice(survey).choice(left[kind]), _depth_of(survey, left[kind]))


def _worth(sizes: Sizes, kind: str, left: int) -> float:
    """How much one page more of a kind would tell: of how many pages, and how they differ.

    As samples of strata are sized (J. Neyman 1934), but with roots, as sizes are known by factors only.
    """
    read = [page for page in sizes.fetched.get(kind, ()) if page.stored]
    many = math.sqrt(left + 1)
    if len(read) < 2:
        return many * (NEW_KIND if not read else NEW_KIND / 4)
    news = [sum(sizes.shown[url] == 1 for url in page.links) for page in read]
    return many * (pstdev(news) + fmean(news) / 4 + 0.3) / (len(read) + 0.5)


def _depth_of(survey: Survey, urls: list[str]) -> int:
    known = set(urls)
    return min((page.depth + 1 for page in survey.pages if not known.isdisjoint(page.links)), default=1)
