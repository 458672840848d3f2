"""What a forecast asks for next: that from which it learns most."""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Iterator, Set
from typing import NamedTuple
from zlib import crc32

from crawler.forecasting.forecast import sizes_of
from crawler.forecasting.rows import place_of
from crawler.forecasting.seen import MOST_REQUESTS, Survey
from crawler.forecasting.sizes import Sizes

PARTS = 6  # of an index of sitemaps that are read
CLIMBS = 24  # requests for the ends of rows
ROWS = 6  # of a kind whose ends are looked for


class Wanted(NamedTuple):
    """An address to ask for; ``guessed`` if no page links to it."""

    url: str
    depth: int = 0
    guessed: bool = False
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
    return next(_ends(survey, sizes, asked), None) or _sampled(survey, sizes, asked)


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
    for kind in sizes.listed.found - sizes.traps:
        left[kind] = left.get(kind) or sorted(set(sizes.listed.sample(kind)) - asked)
    scores = {
        kind: math.sqrt(len(urls) + 1) / (len(sizes.fetched.get(kind, ())) + 0.5)
        for kind, urls in left.items()
        if urls
    }
    if not scores:
        return None
    kind = max(scores, key=lambda each: (scores[each], each))
    dice = random.Random(f"{survey.starts}{survey.requests}")
    return Wanted(dice.choice(left[kind]), _depth_of(survey, left[kind]))


def _depth_of(survey: Survey, urls: list[str]) -> int:
    known = set(urls)
    return min((page.depth + 1 for page in survey.pages if not known.isdisjoint(page.links)), default=1)
