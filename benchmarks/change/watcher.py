"""A watcher of one site: what it takes for a change, by the same code as the path of pages.

Documents are read and signed as parse does, blocks are learned as after a run, and a change is told once a
look some minutes later agrees: it is withdrawn if the page then is what it was before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from benchmarks.change.sites import Site
from crawler.reading.content import content_signature, values_signature
from crawler.reading.content.evidence import Moment
from crawler.reading.content.learning import Known, LookedAt, is_noise, learn
from crawler.reading.content.noise import Noise, compile_noise, css_line
from crawler.reading.document import Document
from crawler.reading.extractor import compile_collections
from crawler.reading.reader import read_document
from pipelines.noise.child import looks
from pipelines.noise.order import OF_TEMPLATE, Body, Order, Pair

SECOND_LOOK = 5  # minutes
_TYPE = "text/html; charset=utf-8"


class Answer(NamedTuple):
    """A page as it was answered."""

    body: bytes
    minute: int
    revision: int  # of the facts that it shows


class Told(NamedTuple):
    """A change that people are told of."""

    page: int
    answer: Answer  # of the second look
    minute: int


class _Signed(NamedTuple):
    content: int
    values: int


class _Later(NamedTuple):
    page: int
    before: Answer
    after: Answer
    unchanged: int


@dataclass
class Watcher:
    """Of the pages of one site, by their numbers."""

    site: Site
    learns: bool = True
    looks: int = 0
    first_sight: int = 0  # changes that the first looks saw
    other_bytes: int = 0
    learned_after: dict[str, int] = field(default_factory=dict)  # block -> looks at each page, with the first
    known: Known = field(default_factory=dict)
    _noise: Noise = compile_noise(())
    _latest: dict[int, Answer] = field(default_factory=dict)
    _unchanged: dict[int, int] = field(default_factory=dict)
    _runs: int = 0
    _rounds: int = 0

    def run(self, ask: Callable[[int, int], Answer], pages: range, minute: int) -> list[Told]:
        """Look at all pages once, and some minutes later again at those that changed."""
        self._rounds += 1
        told: list[Told] = []
        pairs = [later for page in pages if (later := self._look(page, ask(page, minute)))]
        second = []
        for pair in pairs:
            answer = ask(pair.page, minute + SECOND_LOOK)
            if not self._is_same(answer, pair.before):
                told.append(Told(pair.page, answer, minute + SECOND_LOOK))
            if later := self._look(pair.page, answer, counted=False):
                second.append(later)
        for each in (pairs, second):
            self._learn(each)
        return told

    def _look(self, page: int, answer: Answer, *, counted: bool = True) -> _Later | None:
        """The version before and the new one; None if nothing has changed."""
        before = self._latest.get(page)
        if before is None:
            self._latest[page] = answer
            return None
        self.looks += counted
        self.other_bytes += counted and answer.body != before.body
        if self._is_same(answer, before):
            self._unchanged[page] = self._unchanged.get(page, 0) + counted
            return None
        self.first_sight += counted
        self._latest[page] = answer
        return _Later(page, before, answer, self._unchanged.pop(page, 0))

    def _is_same(self, one: Answer, other: Answer) -> bool:
        return self._signed(one.body) == self._signed(other.body)

    def _signed(self, body: bytes) -> _Signed:
        document = _document(body)
        records = compile_collections(self.site.rules).read(document)
        return _Signed(content_signature(document, self._noise), values_signature(records))

    def _learn(self, pairs: list[_Later]) -> None:
        self._runs += 1
        if not self.learns or not pairs:
            return
        remembered = {page for each in self.known.values() for page in each.signs.pages}
        chosen = sorted(pairs, key=lambda pair: str(pair.page) not in remembered)[:OF_TEMPLATE]
        order = Order(
            pairs=[self._pair(each) for each in chosen],
            known=list(self.known),
            noise=[],
            collections=[each.plain() for each in self.site.rules],
        )
        seen = [
            LookedAt(_moment(pair, self._runs), pair.unchanged, look)
            for pair, look in zip(chosen, looks(order).pairs, strict=True)
            if look is not None
        ]
        for evidence in self.known.values():
            evidence.signs.kept = ""
        learn(self.known, seen, list(self.learned_after))
        self._turn()

    def _turn(self) -> None:
        for selector, evidence in self.known.items():
            if selector not in self.learned_after and is_noise(selector, self.known):
                self.learned_after[selector] = self._rounds
            elif selector in self.learned_after and evidence.has_calmed:
                del self.learned_after[selector]
        self._noise = compile_noise(map(css_line, self.learned_after))

    def _pair(self, later: _Later) -> Pair:
        before, after = (
            Body(url=self.site.url(later.page), body=answer.body, content_type=_TYPE)
            for answer in (later.before, later.after)
        )
        return Pair(before=before, after=after)


def _moment(pair: _Later, run: int) -> Moment:
    since = pair.after.minute - pair.before.minute
    return Moment(pair.page, run, 60.0 * pair.after.minute, 60.0 * since)


def _document(body: bytes) -> Document:
    document = read_document(body, _TYPE, "robots")
    document.body = body
    return document
