"""The process in which both bodies are read: it has limits, and may be killed."""

from __future__ import annotations

from crawler.reading.content import Noise, compile_noise, text_without_noise
from crawler.reading.difference.texts import words_difference
from crawler.reading.reader import read_document
from crawler.reading.sources.source import Unreadable
from pipelines.comparing.order import Body, Order, WithoutNoise
from pipelines.killable import ChildKilled, answer_order, in_child

AGENT = "robots"  # what pages say to robots makes no difference here


def compare_in_child(order: Order) -> WithoutNoise:
    """The difference; with a problem if a body cannot be read within the limits."""
    try:
        return in_child(__name__, order, WithoutNoise)
    except ChildKilled as error:
        return WithoutNoise(problem=f"The stored pages could not be read: {error}.")


def compare(order: Order) -> WithoutNoise:
    """Read both, and compare what is left of them."""
    noise = compile_noise(order.noise)
    try:
        before, after = (_read(body, noise) for body in (order.before, order.after))
    except Unreadable as error:
        return WithoutNoise(problem=f"A stored page cannot be read: {error}.")
    text, title = (words_difference(*pair) for pair in zip(before, after, strict=True))
    return WithoutNoise(text=text, title=title)


def _read(body: Body, noise: Noise) -> tuple[str, str]:
    """Text and title without noise."""
    document = read_document(body.body, body.content_type, AGENT)
    return text_without_noise(document, noise), noise.without(document.title)


if __name__ == "__main__":
    answer_order(Order, compare)
