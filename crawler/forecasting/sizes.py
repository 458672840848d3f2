"""How many addresses of each kind a site has, from the pages that were seen and the links on them.

What lists link to is extrapolated to all lists; where pages of one kind link to each other, it is told from
how often the same page was linked twice; sitemaps and numbers say it directly.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from statistics import fmean, pstdev

from crawler.forecasting.curves import Estimate, Samples, together
from crawler.forecasting.ends import Ends, nothing_at
from crawler.forecasting.kinds import Kinds
from crawler.forecasting.listed import Listed
from crawler.forecasting.numbers import counted
from crawler.forecasting.rows import Rows, place_of
from crawler.forecasting.seen import SeenPage, Survey

ROUNDS = 25  # of estimates that depend on each other
MOST = 10_000_000.0  # pages
A_DOUBLING = 0.08  # relative error, where there are twice as many pages as were seen
UNKNOWN = 1.5  # relative error of a number that is only the least
FURTHER = 1.2  # times what is known, where lists tell of more
FEW = 3  # pages that must have been read, to say something of their links
SATURATED = 12  # pages that must have been read, to say that nothing new comes
NEWS = 0.1  # of what they link to may be new
TWICE = 3  # addresses that must have been seen twice, for an estimate from that
BELOW = 0.5  # of the links to a kind must be to addresses below, for its pages to be parts of others
LISTS = 4  # that must have been read to say that they show something else than others


@dataclass(eq=False)
class Sizes:
    """What can be said of a survey, without the kinds in ``traps``."""

    survey: Survey
    traps: Set[str] = frozenset()
    guesses: bool = False  # rows whose end is not known are taken to be as long as others
    _samples: dict[tuple[str, str], Samples] = field(default_factory=dict)

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
            row: self.rows.all_of(row, self.ends.last_of(row, alike[self.kinds.of(row)]) if self.guesses else 0)
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
    def _by_depth(self) -> list[SeenPage]:
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

    def estimates(self) -> dict[str, Estimate]:
        """By kind: how many addresses a crawl would ask for."""
        sizes = {kind: Estimate(len(urls)) for kind, urls in self.known.items()}
        if self.complete:
            return sizes
        fixed = {
            kind: each
            for kind in self.listed.found - self.traps
            if (self.survey.uses_sitemaps or kind in self.known)
            and not self._is_all_linked(kind)
            and (each := self.listed.of(kind, self.known.get(kind, ()))) is not None
        }
        sizes |= fixed
        for _ in range(ROUNDS):
            before = dict(sizes)
            for kind in sizes.keys() - fixed.keys():
                sizes[kind] = self._of_kind(kind, before)
            if all(
                abs(sizes[kind].number - before[kind].number) < 0.01 * sizes[kind].number for kind in sizes
            ):
                break
        return sizes

    def stored_share(self, kind: str, sizes: Mapping[str, Estimate]) -> float:
        """Which share of the addresses of a kind are pages. A redirect stands for a page if no other link does."""
        answered = self.fetched.get(kind, ())
        if not answered:
            return 1.0
        moved = [page.leads_to for page in answered if page.leads_to]
        return (sum(page.stored for page in answered) + len(moved) * self._only_moved(moved, sizes)) / len(answered)

    def _only_moved(self, moved: Sequence[str], sizes: Mapping[str, Estimate]) -> float:
        """The share of pages to which redirects led, that are linked by no other address."""
        if not moved:
            return 0.0
        linked = sum(url in self.known.get(self.kinds.of(url), ()) for url in moved)
        kinds = {self.kinds.of(url) for url in moved} & sizes.keys() & self.known.keys()
        all_of = sum(sizes[kind].number for kind in kinds)
        seen = sum(len(self.known[kind]) for kind in kinds) / all_of if all_of else 1.0
        return max(0.0, 1 - linked / len(moved) / max(seen, 0.05))

    def _of_kind(self, kind: str, sizes: Mapping[str, Estimate]) -> Estimate:
        """From what others link to, and from the links between pages of this kind."""
        known = Estimate(len(self.known[kind]))
        listed = self._from_others(kind, sizes)
        own = self._from_own(kind)
        numbers = None if self._is_row(kind) else self._counted(kind)
        best = max(known, listed)
        if own is not None:
            best = together(best, own) if self._agree(best, own) else max(best, own)
        if numbers is not None:
            best = numbers if best.number < numbers.number else together(best, numbers)
        number = min(MOST, max(best.number, known.number))
        if own is None and numbers is None and number < FURTHER * known.number and self._goes_on(kind):
            return Estimate(number, UNKNOWN)
        return Estimate(number, math.hypot(best.error, A_DOUBLING * math.log2(number / known.number)))

    def _is_all_linked(self, kind: str) -> bool:
        """Whether the crawl goes by links alone, and the last pages that were read link to nothing new."""
        links = [page.links for page in self.pages if page.stored]
        if self.survey.uses_sitemaps:
            return False
        if all(urls <= self.survey.asked for urls in self.known.values()):
            return True
        if len(links) < SATURATED:
            return False
        half = len(links) // 2
        before = {url for each in links[:half] for url in each}
        after = {url for each in links[half:] for url in each if self.kinds.of(url) == kind}
        return 0 < len(after) and len(after - before) <= NEWS * len(after)

    def _counted(self, kind: str) -> Estimate | None:
        shown = ([url for url in links if self.kinds.of(url) == kind] for links in self.links.values())
        return counted(self.known[kind], shown)

    def _is_row(self, kind: str) -> bool:
        return any(place_of(url) for url in self.known.get(kind, ()))

    @staticmethod
    def _agree(first: Estimate, second: Estimate) -> bool:
        return first.range[1] >= second.range[0] and second.range[1] >= first.range[0]

    def _from_others(self, kind: str, sizes: Mapping[str, Estimate]) -> Estimate:
        """What the pages of all other kinds link to, together."""
        sources = [
            (self.samples(source, kind).after(sizes[source].number, apart=self._shows_parts(source, kind)), source)
            for source in self.fetched
            if source in sizes and self._leads_to(source, kind) and self.samples(source, kind).seen
        ]
        sources.sort(reverse=True)
        total, errors, before = 0.0, 0.0, list[str]()
        for estimate, source in sources:
            number = estimate.number * self._share_of_new(source, kind, before, total)
            total += number
            errors += number * math.hypot(estimate.error, sizes[source].error)
            before.append(source)
        return Estimate(total, errors / total if total else 0.0)

    def _shows_parts(self, source: str, kind: str) -> bool:
        """Whether pages of a kind are known to show different things each: rows, heads of rows, parts."""
        return self._is_row(source) or self._is_below(source, kind) or self._has_rows(source) or (
            self.samples(source, kind).count >= LISTS
        )

    def _has_rows(self, source: str) -> bool:
        return any(place_of(url) for page in self.fetched.get(source, ()) for url in page.links)

    def _share_of_new(self, source: str, kind: str, before: Sequence[str], total: float) -> float:
        """Of what a kind of lists shows: the share that the lists ``before``, of ``total`` things, do not.

        The first page of a row shows what its others do not. Else lists show the same, unless it is plain
        that they do not: fewer of their things were seen on the others than must have been.
        """
        if not before:
            return 1.0
        if any(self._is_head(source, other) or self._is_head(other, source) for other in before):
            return 1.0
        seen = {thing for other in before for thing in self.samples(other, kind).times}
        shares = [fmean(url in seen for url in urls) for urls in self._shown(source, kind) if urls]
        if len(shares) < LISTS:
            return 0.0
        error = pstdev(shares) / math.sqrt(len(shares)) + 1 / (len(shares) + 2) ** 2
        return max(0.0, 1 - (fmean(shares) + 2 * error) / min(1.0, len(seen) / total))

    def _is_head(self, head: str, rows: str) -> bool:
        """Whether the pages of a kind are the first of rows that have no first page of their own."""
        places = [place for url in self.known.get(rows, ()) if (place := place_of(url))]
        begins_later = bool(places) and min(each.number for each in places) > 1
        return begins_later and bool(self.samples(head, rows).seen)

    def _from_own(self, kind: str) -> Estimate | None:
        """From links of its own pages, and of those to which it leads; None if too few were seen twice."""
        if self._is_row(kind):
            return None
        samples = [self._met(source, kind) for source in self.fetched if not self._leads_to(source, kind)]
        enough = (each for each in samples if each.count >= FEW and each.twice >= TWICE)
        return max((each.total() for each in enough), default=None)

    def _met(self, source: str, target: str) -> Samples:
        """The links from one kind to another that meet by chance: a page and its parent always do."""
        pages = [page for page in self.fetched.get(source, ()) if page.stored]
        return Samples(
            [
                url
                for url in self.links[page.url]
                if self.kinds.of(url) == target and page.url not in self.links.get(url, ())
            ]
            for page in pages
        )

    def _goes_on(self, kind: str) -> bool:
        """Whether its pages lead to ever further ones, and nothing says where that ends."""
        own = self._met(kind, kind)
        listed = {
            url for page in self._by_depth if self.kinds.of(page.url) != kind for url in self.links[page.url]
        }
        new = sum(times == 1 and url not in listed for url, times in own.times.items())
        return own.count >= FEW and own.twice < TWICE and new >= own.count / 2

    def _leads_to(self, source: str, target: str) -> bool:
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
                    yield not self._is_below(source, target), -early * forth / (back + 0.2), source, target

    @cached_property
    def _ranks(self) -> dict[str, int]:
        """By kind: which page linked to it first."""
        ranks: dict[str, int] = {}
        for rank, page in enumerate(self._by_depth):
            for url in page.links:
                ranks.setdefault(self.kinds.of(url), rank + 1)
        return ranks | {self.kinds.of(url): 0 for url in self.survey.starts}

    @lru_cache  # noqa: B019
    def _is_below(self, source: str, target: str) -> bool:
        """Whether the pages of a kind are found on pages whose address theirs begins with."""
        shown = {url for page in self.fetched.get(source, ()) for url in page.links if self.kinds.of(url) == target}
        below = sum(len(self.below(page, target)) for page in self.fetched.get(source, ()) if page.stored)
        return below > 0 and below >= BELOW * len(shown)

    def below(self, page: SeenPage, target: str) -> list[str]:
        """The links of a page to addresses of a kind that begin with its own."""
        path = page.url.partition("?")[0].rstrip("/")
        if path.count("/") < 3:
            return []
        return [url for url in page.links if url.startswith((f"{path}/", f"{path}?")) and self.kinds.of(url) == target]

    def _links_each(self, source: str, target: str) -> float:
        """How many different pages of another kind a page of one shows."""
        pages = [page for page in self.fetched.get(source, ()) if page.stored]
        links = {url for page in pages for url in page.links if self.kinds.of(url) == target}
        return len(links) / len(pages) if pages else 0.0

    def samples(self, source: str, target: str) -> Samples:
        """The links from the pages of one kind that were read to pages of another."""
        if (source, target) not in self._samples:
            self._samples[source, target] = Samples(self._shown(source, target))
        return self._samples[source, target]

    def _shown(self, source: str, target: str) -> list[list[str]]:
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
