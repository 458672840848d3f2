"""What sitemaps say of a site's size, and how far they can be believed."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection

from crawler.forecasting.curves import Estimate
from crawler.forecasting.kinds import Kinds
from crawler.forecasting.seen import Survey
from crawler.rules.urls import url_fingerprint

BELIEVED = 0.1  # of the linked pages must be listed, or the sitemap is of something else
FEW = 5  # linked pages, from which can be said how many of them are listed


class Listed:
    """The pages that sitemaps list, by kind; parts of an index that were not read are as the others."""

    def __init__(self, survey: Survey, kinds: Kinds) -> None:
        self._sitemaps = [sitemap for sitemap in survey.sitemaps if sitemap.count]
        self._kinds = kinds
        read = survey.part_count - len(survey.unread_parts)
        self._share = read / survey.part_count if survey.part_count else 1.0
        counts: Counter[str] = Counter()
        for sitemap in self._sitemaps:
            for url in sitemap.sample:
                counts[kinds.of(url)] += sitemap.every
        self._counts = counts
        self._answers = {page.url: page.stored for page in survey.pages}

    @property
    def found(self) -> set[str]:
        """The kinds that are listed."""
        return set(self._counts)

    def count(self, kind: str) -> float:
        """How many pages of a kind are listed, in the parts that were not read too."""
        return self._counts[kind] / max(self._share, 0.01)

    def there(self, kind: str, linked: Collection[str]) -> float:
        """How many of the listed pages exist, by those that were asked for although nothing links to them."""
        unlinked = set(self.sample(kind)).difference(linked)
        asked = [stored for url, stored in self._answers.items() if url in unlinked]
        if not asked or all(asked):
            return self.count(kind)
        gone = len(unlinked) / max(1, len(self.sample(kind))) * (1 - sum(asked) / len(asked))
        return self.count(kind) * (1 - gone)

    def sample(self, kind: str) -> list[str]:
        """Some pages of a kind that are listed."""
        return [url for sitemap in self._sitemaps for url in sitemap.sample if self._kinds.of(url) == kind]

    def of(self, kind: str, linked: Collection[str]) -> Estimate | None:
        """How many pages of a kind there are; None if the sitemap is of no use for it.

        Of the pages that others link to, as many are listed as of all pages (Lincoln and Petersen).
        """
        count = self.there(kind, linked)
        if count < max(FEW, len(linked) / 4):
            return None
        asked, there = self._looked_up(linked)
        if asked < FEW:
            return Estimate(count, 0.1 if self._share < 1 else 0.05)
        covered = min(1.0, there / asked / max(self._share, 0.01))
        if covered < BELIEVED:
            return None
        error = math.sqrt((1 - covered) / max(there, 1)) + (0.05 if self._share < 1 else 0.0)
        return Estimate(count / covered, error)

    def _looked_up(self, linked: Collection[str]) -> tuple[int, int]:
        """Of the linked pages those that could have been kept, and those that were."""
        every = max((sitemap.every for sitemap in self._sitemaps), default=1)
        kept = {url for sitemap in self._sitemaps for url in sitemap.sample}
        chosen = [url for url in linked if url_fingerprint(url) % every == 0]
        return len(chosen), sum(url in kept for url in chosen)
