"""Noise: what is no content of a seed's pages, a line each.

``css: SELECTOR`` leaves out elements with all that is in them, ``re: PATTERN`` what a regular expression
takes of the title and of the text, ``dates`` and ``counters`` what :mod:`crawler.reading.content.wordings`
knows. Patterns are those of RE2, in linear time, as in :mod:`crawler.rules.patterns`.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple

import re2

from crawler.reading.content.wordings import COUNTERS, DATES
from crawler.reading.html import takes_whole
from crawler.rules.patterns import BadPattern, compile_expression

MAX_NOISE = 100  # lines of a seed
MAX_SELECTOR = 500  # characters
_SAMPLE = "Some words of a page, and a price: 12.50 €"
_WORDINGS = {"dates": DATES, "counters": COUNTERS}
_MEMORY = 32 << 20  # bytes that RE2 may take for a wording


class BadNoise(ValueError):
    """A line that cannot be used; a sentence for people says why."""


class Noise(NamedTuple):
    """What is left out of pages, compiled."""

    selector: str = ""  # of all elements that are left out, as one list
    patterns: tuple[Any, ...] = ()  # RE2's, for the bytes of texts
    ignored: tuple[str, ...] = ()  # parameters in the queries of links, as a seed has them
    signature: int = 0  # 64 bits (signed) of all this, in whatever order; 0: nothing is left out

    def without(self, text: str) -> str:
        """A folded text without what the patterns take, folded again."""
        if not self.patterns:
            return text
        data = text.encode()
        for pattern in self.patterns:
            data = pattern.sub(b" ", data)
        return " ".join(data.decode(errors="ignore").split())


NO_NOISE = Noise()


def css_line(selector: str) -> str:
    """The line that leaves out what a selector takes."""
    return f"css: {selector}"


def check_noise_line(line: str) -> str:
    """The line, tidied; BadNoise with a sentence for people if it cannot be used or leaves out everything."""
    kind, rest = _parts(line)
    if kind in _WORDINGS:
        return kind
    if kind == "css" and _takes_whole(rest):
        raise BadNoise(f"“{rest}” leaves out whole pages. Name a part of them.")
    if kind == "re":
        _check_pattern(rest)
    return f"{kind}: {rest}"


def compile_noise(lines: Iterable[str], ignored: Iterable[str] = ()) -> Noise:
    """What the lines leave out. Raises BadNoise for a line that cannot be used.

    ``ignored`` names query parameters that do not change a page, as a seed has them.
    """
    return _compiled(tuple(sorted(set(lines))), tuple(sorted(set(ignored))))


@lru_cache(maxsize=1024)
def _compiled(lines: tuple[str, ...], ignored: tuple[str, ...]) -> Noise:
    if not lines and not ignored:
        return NO_NOISE
    parts = [_parts(line) for line in lines]
    selectors = [rest for kind, rest in parts if kind == "css"]
    for selector in selectors:
        _takes_whole(selector)
    patterns = [_pattern(rest) for kind, rest in parts if kind == "re"]
    known = [_wording(kind) for kind, _ in parts if kind in _WORDINGS]
    written = "\n".join([*lines, "", *ignored]).encode(errors="replace")
    signature = int.from_bytes(blake2b(written, digest_size=8).digest(), "big", signed=True)
    return Noise(", ".join(selectors), (*patterns, *known), ignored, signature)


@cache
def _wording(kind: str) -> Any:
    options = re2.Options()
    options.max_mem = _MEMORY
    return re2.compile(_WORDINGS[kind], options)


def _parts(line: str) -> tuple[str, str]:
    """The kind of a line, and what it says."""
    kind, colon, rest = line.partition(":")
    kind, rest = kind.strip().lower(), rest.strip()
    if kind in _WORDINGS and not colon:
        return kind, ""
    if kind not in {"css", "re"} or not colon:
        raise BadNoise(
            f"“{line}” says not what to leave out. Write 'css: .ads' for parts of pages, "
            "'re: Seen [0-9]+ times' for words, 'dates' or 'counters'."
        )
    if not rest:
        raise BadNoise(f"Nothing follows “{kind}:”. Write what to leave out, or take the line away.")
    return kind, rest


def _takes_whole(selector: str) -> bool:
    if len(selector) > MAX_SELECTOR:
        raise BadNoise(f"The selector is longer than {MAX_SELECTOR} characters.")
    try:
        return takes_whole(selector)
    except ValueError as error:
        reason = str(error).rpartition('": ')[2]
        raise BadNoise(f"“{selector}” is not a CSS selector that can be used: {reason}.") from error


def _pattern(expression: str) -> Any:
    try:
        return compile_expression(expression)
    except BadPattern as error:
        raise BadNoise(str(error)) from error


def _check_pattern(expression: str) -> None:
    pattern = _pattern(expression)
    if pattern.search(b"") is not None:
        raise BadNoise(f"“{expression}” matches also where nothing stands. Write + for *, or name a word.")
    if not pattern.sub(b"", _SAMPLE.encode()).strip():
        raise BadNoise(f"“{expression}” leaves out every text as a whole. Name the words to leave out.")
