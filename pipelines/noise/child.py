"""The process in which versions are compared: see :mod:`pipelines.killable`. Pure."""

from __future__ import annotations

from crawler.collections import Collection
from crawler.reading.content import Noise, compile_noise
from crawler.reading.content.block_looks import PairLooks, Version, differences, looks_at
from crawler.reading.content.blocks import Differences
from crawler.reading.extractor import Extractor, compile_collections
from crawler.reading.sources.source import Unreadable
from pipelines.killable import answer_order, in_child
from pipelines.noise.order import Body, Looks, Order, Pair

_Compared = tuple[Version, Version, Differences]


def looks_in_child(order: Order) -> Looks:
    """A look at all pairs. Raises :class:`pipelines.killable.ChildKilled`."""
    return in_child(__name__, order, Looks)


def looks(order: Order) -> Looks:
    """First where the pairs differ; then each block that differs in one of them is looked at in all."""
    collections = tuple(map(Collection.of, order.collections))
    extractor = compile_collections(tuple(each for each in collections if not each.extractor))
    noise = compile_noise(order.noise)
    compared = [_compared(pair, extractor, noise) for pair in order.pairs]
    found = [selector for each in compared if each is not None for selector in each[2].selectors]
    known = list(dict.fromkeys([*order.known, *found]))
    return Looks(pairs=[_look(each, known) for each in compared])


def _compared(pair: Pair, extractor: Extractor, noise: Noise) -> _Compared | None:
    before, after = (_version(body, extractor, noise) for body in (pair.before, pair.after))
    try:
        return before, after, differences(before, after)
    except (Unreadable, RecursionError):
        return None


def _look(compared: _Compared | None, known: list[str]) -> PairLooks | None:
    return looks_at(*compared, known) if compared is not None else None


def _version(body: Body, extractor: Extractor, noise: Noise) -> Version:
    return Version(body.body, body.content_type, body.url, extractor, noise)


if __name__ == "__main__":
    answer_order(Order, looks)
