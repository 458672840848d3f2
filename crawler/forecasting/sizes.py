"""How many addresses of each kind a site has, from the pages that were seen and the links on them.

What lists link to is extrapolated to all lists; where pages of one kind link to each other, it is told from
how often the same page was linked twice; sitemaps and numbers say it directly.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import fmean, pstdev

from crawler.forecasting.curves import Estimate, Samples, together
from crawler.forecasting.known import Known
from crawler.forecasting.numbers import counted
from crawler.forecasting.rows import place_of

ROUNDS = 25  # of estimates that depend on each other
MOST = 10_000_000.0  # pages
A_DOUBLING = 0.08  # relative error, where there are twice as many pages as were seen
UNKNOWN = 1.5  # relative error of a number that is only the least
FURTHER = 1.2  # times what is known, where lists tell of more
FEW = 3  # pages that must have been read, to say something of their links
SATURATED = 12  # pages that must have been read, to say that nothing new comes
NEWS = 0.1  # of what they link to may be new
TWICE = 3  # addresses that must have been seen twice, for an estimate from that
LISTS = 4  # that must have been read to say that they show something else than others


class Sizes(Known):
    """What can be said of a survey, without the kinds in ``traps``."""

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
        """Which share of a kind are pages. A redirect stands for a page if no other link does."""
        answered = self.fetched.get(kind, ())
        if not answered:
            return 1.0
        moved = [page.leads_to for page in answered if page.leads_to]
        return (sum(page.stored for page in answered) + len(moved) * self._only_moved(moved, sizes)) / len(
            answered
        )

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
        numbers = None if self.is_row(kind) else self._counted(kind)
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
        return len(after) > 0 and len(after - before) <= NEWS * len(after)

    def _counted(self, kind: str) -> Estimate | None:
        shown = ([url for url in links if self.kinds.of(url) == kind] for links in self.links.values())
        return counted(self.known[kind], shown)

    @staticmethod
    def _agree(first: Estimate, second: Estimate) -> bool:
        return first.range[1] >= second.range[0] and second.range[1] >= first.range[0]

    def _from_others(self, kind: str, sizes: Mapping[str, Estimate]) -> Estimate:
        """What the pages of all other kinds link to, together."""
        sources = [
            (
                self.samples(source, kind).after(sizes[source].number, apart=self._shows_parts(source, kind)),
                source,
            )
            for source in self.fetched
            if source in sizes and self.leads_to(source, kind) and self.samples(source, kind).seen
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
        return (
            self.is_row(source)
            or self.is_below(source, kind)
            or self._has_rows(source)
            or (self.samples(source, kind).count >= LISTS)
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
        shares = [fmean(url in seen for url in urls) for urls in self.shown_by(source, kind) if urls]
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
        if self.is_row(kind):
            return None
        samples = [self._met(source, kind) for source in self.fetched if not self.leads_to(source, kind)]
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
            url for page in self.by_depth if self.kinds.of(page.url) != kind for url in self.links[page.url]
        }
        new = sum(times == 1 and url not in listed for url, times in own.times.items())
        return own.count >= FEW and own.twice < TWICE and new >= own.count / 2
