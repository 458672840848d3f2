"""What is known of a survey by kind of address: which there are, what was read, which kind lists which."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from functools import cached_property

from crawler.forecasting.curves import Samples
from crawler.forecasting.ends import Ends, nothing_at
from crawler.forecasting.kinds import Kinds
from crawler.forecasting.listed import Listed
from crawler.forecasting.rows import Rows, place_of
from crawler.forecasting.seen import SeenPage, Survey

BELOW = 0.5  # of the links to a kind must be to addresses below, for its pages to be parts of others


@dataclass(eq=False)
class Known:
    """What is known of a survey, by kind, without the kinds in ``traps``."""

    survey: Survey
    traps: Set[str] = frozenset()
    guesses: bool = False  # rows whose end is not known are taken to be as long as others
    _samples: dict[tuple[str, str], Samples] = field(default_factory=dict)
    _parts: dict[tuple[str, str], bool] = field(default_factory=dict)

    @cached_property
    def pages(self) -> list[SeenPage]:
        """What was answered, but for pages that were asked for to see whether a sitemap tells the truth."""
        return [page for page in self.survey.pages if not page.unlinked]

    @cached_property
    def kinds(self) -> Kinds:
        """The kinds of all addresses that are known."""
        urls = [url for page in self.pages for url in (page.url, *page.links)]
        listed = [url for sitemap in self.survey.sitemaps for url in sitemap.sample]
        return Kinds(dict.fromkeys([*self.survey.starts, *urls, *listed]))

    @cached_property
    def rows(self) -> Rows:
        """The rows of numbered pages, up to the last number that is known to be a page or is linked."""
        there = [page for page in self.pages if page.stored and page.url not in self.missing]
        linked = {url for page in there for url in (page.url, *page.links)}
        return Rows(linked - self.missing)

    @cached_property
    def missing(self) -> set[str]:
        """Addresses that were guessed, at which there is nothing."""
        return nothing_at(self.pages)

    @cached_property
    def ends(self) -> Ends:
        """What is known of where rows end."""
        return Ends(self.pages, self.rows)

    @cached_property
    def links(self) -> dict[str, frozenset[str]]:
        """By page: its links; one to a row is one to all pages of the row."""
        alike: dict[str, list[str]] = defaultdict(list)
        for row in self.rows:
            alike[self.kinds.of(row)].append(row)
        whole = {
            row: self.rows.all_of(
                row, self.ends.last_of(row, alike[self.kinds.of(row)]) if self.guesses else 0
            )
            for row in self.rows
        }
        return {page.url: frozenset(_widened(page.links, whole)) for page in self.pages if page.stored}

    @cached_property
    def shown(self) -> Counter[str]:
        """By address: how many pages link to it."""
        return Counter(url for page in self.pages for url in {*page.links} - {page.url})

    @cached_property
    def known(self) -> dict[str, set[str]]:
        """By kind: the addresses that start the crawl or are linked."""
        known: dict[str, set[str]] = defaultdict(set)
        for url in (*self.survey.starts, *(url for links in self.links.values() for url in links)):
            if self.kinds.of(url) not in self.traps:
                known[self.kinds.of(url)].add(url)
        return known

    @property
    def by_depth(self) -> list[SeenPage]:
        return sorted((page for page in self.pages if page.stored), key=lambda page: page.depth)

    @cached_property
    def fetched(self) -> dict[str, list[SeenPage]]:
        """By kind: the pages that were asked for because something links to them."""
        fetched: dict[str, list[SeenPage]] = defaultdict(list)
        for page in self.pages:
            if page.url not in self.missing:
                fetched[self.kinds.of(page.url)].append(page)
        return fetched

    @cached_property
    def complete(self) -> bool:
        """Whether all addresses that are known were asked for: there are no others."""
        asked = self.survey.asked
        return not self.listed.found and all(urls <= asked for urls in self.known.values())

    @cached_property
    def listed(self) -> Listed:
        """What sitemaps list."""
        return Listed(self.survey, self.kinds)

    @property
    def listed_only(self) -> int:
        """Pages that sitemaps list, of kinds to which no link was seen, where the crawl goes by links."""
        if self.survey.uses_sitemaps:
            return 0
        return round(sum(self.listed.count(kind) for kind in self.listed.found - self.known.keys()))

    def example(self, kind: str) -> str:
        """An address of a kind."""
        return min(self.known.get(kind) or self.listed.sample(kind), default="")

    def is_row(self, kind: str) -> bool:
        return any(place_of(url) for url in self.known.get(kind, ()))

    def leads_to(self, source: str, target: str) -> bool:
        """Whether one kind lists the other: links back to lists tell little of how many those are."""
        return (source, target) in self._leads

    @cached_property
    def _leads(self) -> set[tuple[str, str]]:
        """Which kinds list which, the plainest first; never in a circle: an estimate in one has no end."""
        leads: set[tuple[str, str]] = set()
        for _, _, source, target in sorted(self._candidates()):
            if not _reaches(leads, target, source):
                leads.add((source, target))
        return leads

    def _candidates(self) -> Iterator[tuple[bool, float, str, str]]:
        """Pairs of kinds; those are least whose first one plainly lists the second."""
        ranks = self._ranks
        for source in self.fetched:
            for target in self.known.keys() - {source}:
                if "*" not in target and "?" not in target:
                    continue  # the front
                forth, back = self._links_each(source, target), self._links_each(target, source)
                if forth:
                    early = 1.0 if ranks.get(source, 0) < ranks.get(target, 0) else 0.5
                    yield not self.is_below(source, target), -early * forth / (back + 0.2), source, target

    @cached_property
    def _ranks(self) -> dict[str, int]:
        """By kind: which page linked to it first."""
        ranks: dict[str, int] = {}
        for rank, page in enumerate(self.by_depth):
            for url in page.links:
                ranks.setdefault(self.kinds.of(url), rank + 1)
        return ranks | {self.kinds.of(url): 0 for url in self.survey.starts}

    def is_below(self, source: str, target: str) -> bool:
        """Whether the pages of a kind are found on pages whose address theirs begins with."""
        if (source, target) not in self._parts:
            pages = [page for page in self.fetched.get(source, ()) if page.stored]
            shown = {url for page in pages for url in page.links if self.kinds.of(url) == target}
            below = sum(len(self.below(page, target)) for page in pages)
            self._parts[source, target] = below > 0 and below >= BELOW * len(shown)
        return self._parts[source, target]

    def below(self, page: SeenPage, target: str) -> list[str]:
        """The links of a page to addresses of a kind that begin with its own."""
        path = page.url.partition("?")[0].rstrip("/")
        if path.count("/") < 3:
            return []
        return [
            url
            for url in page.links
            if url.startswith((f"{path}/", f"{path}?")) and self.kinds.of(url) == target
        ]

    def _links_each(self, source: str, target: str) -> float:
        """How many different pages of another kind a page of one shows."""
        pages = [page for page in self.fetched.get(source, ()) if page.stored]
        links = {url for page in pages for url in page.links if self.kinds.of(url) == target}
        return len(links) / len(pages) if pages else 0.0

    def samples(self, source: str, target: str) -> Samples:
        """The links from the pages of one kind that were read to pages of another."""
        if (source, target) not in self._samples:
            self._samples[source, target] = Samples(self.shown_by(source, target))
        return self._samples[source, target]

    def shown_by(self, source: str, target: str) -> list[list[str]]:
        """By page of one kind that was read: its links to another."""
        return [
            [url for url in self.links[page.url] if self.kinds.of(url) == target]
            for page in self.fetched.get(source, ())
            if page.stored and self._shows_all(page, target)
        ]

    def _shows_all(self, page: SeenPage, target: str) -> bool:
        """Whether it is known how far the rows of a kind go to which a page leads."""
        if self.guesses:
            return True
        rows = {place.row for url in page.links if self.kinds.of(url) == target and (place := place_of(url))}
        return all(self.ends.next_of(row) is None for row in rows)


def _reaches(leads: Set[tuple[str, str]], source: str, target: str) -> bool:
    """Whether one kind leads to another, by others too."""
    if source == target:
        return True
    return any(first == source and _reaches(leads, then, target) for first, then in leads)


def _widened(links: Iterable[str], whole: Mapping[str, list[str]]) -> Iterable[str]:
    rows = set()
    for url in links:
        if place := place_of(url):
            rows.add(place.row)
        else:
            yield url
    for row in rows:
        yield from whole.get(row, ())
