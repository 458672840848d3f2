"""The process that says whether pairs of stored versions have the same content; as :mod:`.child`."""

from __future__ import annotations

from crawler.collections import Collection
from crawler.policy import ChangeMeans
from crawler.reading.content import Noise, compile_noise, content_signature, values_signature
from crawler.reading.extractor import Extractor, compile_collections
from crawler.reading.reader import read_document
from crawler.reading.sources.source import Unreadable
from pipelines.comparing.child import AGENT
from pipelines.comparing.order import Body, Pair, Pairs, Same
from pipelines.killable import answer_order, in_child


def same_in_child(order: Pairs) -> Same:
    """Which pairs are the same. Raises :class:`pipelines.killable.ChildKilled`."""
    return in_child(__name__, order, Same)


def same(order: Pairs) -> Same:
    """By the signatures that make versions; of a pair that cannot be read, nobody can say that it is."""
    collections = tuple(map(Collection.of, order.collections))
    extractor = compile_collections(tuple(each for each in collections if not each.extractor))
    fields = order.change_means == ChangeMeans.FIELDS
    return Same(same=[_is_same(pair, extractor, order.ignored, fields=fields) for pair in order.pairs])


def _is_same(pair: Pair, extractor: Extractor, ignored: list[str], *, fields: bool) -> bool:
    noise = compile_noise(pair.noise, ignored)
    try:
        before, after = (
            _signed(body, pair.url, extractor, noise, fields=fields) for body in (pair.before, pair.after)
        )
    except (Unreadable, RecursionError):
        return False
    return before == after


def _signed(
    body: Body, url: str, extractor: Extractor, noise: Noise, *, fields: bool
) -> tuple[int | None, int]:
    """Content and values; without the content where values alone count and there are some."""
    document = read_document(body.body, body.content_type, AGENT)
    document.url, document.headers, document.body = url, body.headers, body.body
    content = content_signature(document, noise)
    values = values_signature(extractor.read(document, []))
    return (None if fields and values else content), values


if __name__ == "__main__":
    answer_order(Pairs, same)
