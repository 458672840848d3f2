"""Patterns (:mod:`crawler.rules.patterns`) from addresses that were seen: of the items' pages, of a list.

A pattern that people read at once comes first (``https://shop.example/item/*``); a regular expression is
proposed only where no such pattern keeps the items' pages from the list.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from os.path import commonprefix

from crawler.rules.patterns import MAX_PATTERN, Patterns

SHARED = 0.8  # of the items have a part of the address: those without it are advertisements
LEAST = 2  # addresses: a single one says nothing of its kind
_PARTS = re.compile(r"[^/?&=]+|[/?&=]")  # of an address: what stands between its signs, and the signs
_SPECIAL = re.compile(r"[.\\+*?()\[\]{}|^$]")
_BOUND = re.compile(r"[^0-9A-Za-z]")

_Parts = tuple[str, ...]
_Kind = Callable[[list[str]], str]


def alike(urls: Iterable[str]) -> list[str]:
    """The addresses that most of a list have in common, each once: without those of advertisements."""
    distinct = list(dict.fromkeys(urls))
    shapes = Counter(map(_shape, distinct))
    shape, count = max(shapes.items(), key=lambda pair: pair[1], default=((), 0))
    if count >= SHARED * len(distinct):
        distinct = [url for url in distinct if _shape(url) == shape]
    for url in distinct[:1]:
        for at in range(len(_parts_of(url))):
            distinct = _sharing(distinct, at)
    return distinct


def pattern_of(urls: Sequence[str], apart: Sequence[str], beside: Sequence[str] = ()) -> str:
    """A pattern that matches all of ``urls`` and none of ``apart``; empty if none is known.

    Of several the first that matches the fewest of ``beside``, which are other addresses on the page.
    """
    if len(set(urls)) < LEAST:
        return ""
    usable = [
        (sum(map(patterns.match, beside)), pattern)
        for pattern in _proposed(urls)
        if (patterns := Patterns([pattern]))
        if all(map(patterns.match, urls)) and not any(map(patterns.match, apart))
    ]
    return min(usable, key=lambda pair: pair[0], default=(0, ""))[1]


def patterns_of_list(url: str, following: str, apart: Sequence[str]) -> tuple[str, ...]:
    """Patterns for a list page and, if it has one, for its next pages; none of them matches ``apart``."""
    if not following:
        return (url,)
    pages = next((each for each in _counted(url, following) if _is_free(each, apart)), following)
    return (pages,) if Patterns([pages]).match(url) else (url, pages)


def _is_free(pattern: str, apart: Sequence[str]) -> bool:
    return len(pattern) <= MAX_PATTERN and not any(map(Patterns([pattern]).match, apart))


def _parts_of(url: str) -> _Parts:
    return tuple(_PARTS.findall(url))


def _shape(url: str) -> _Parts:
    """The signs of an address, and the names of its parameters."""
    parts = _parts_of(url)
    return tuple(
        part if part in "/?&=" or parts[at + 1 : at + 2] == ("=",) else "" for at, part in enumerate(parts)
    )


def _sharing(urls: list[str], at: int) -> list[str]:
    """Those with the part at a place that nearly all of them have; all of them if there is none such."""
    parts = [_parts_of(url)[at : at + 1] for url in urls]
    part, count = Counter(parts).most_common(1)[0]
    return (
        [url for url, own in zip(urls, parts, strict=True) if own == part] if _is_most(count, urls) else urls
    )


def _is_most(count: int, urls: list[str]) -> bool:
    return SHARED * len(urls) <= count < len(urls)


def _proposed(urls: Sequence[str]) -> Iterator[str]:
    """Patterns for some addresses, the plainest first."""
    start = re.sub(r"[^/?&=]*\Z", "", commonprefix(urls))
    patterns = [f"{start}*"]
    if len(set(map(_shape, urls))) == 1:
        columns = [list(column) for column in zip(*map(_parts_of, urls), strict=True)]
        patterns += [
            "".join(_written(column, lambda _: "*", str) for column in columns),
            *(
                f"re:^{''.join(_written(column, kind, _escaped) for column in columns)}$"
                for kind in (_any, _with_letter, _with_digit)
            ),
        ]
    yield from (pattern for pattern in dict.fromkeys(patterns) if len(pattern) <= MAX_PATTERN)


def _written(column: list[str], kind: _Kind, text: Callable[[str], str]) -> str:
    """What stands at a place of all addresses: the same text, or what differs between what is the same."""
    if len(set(column)) == 1:
        return text(column[0])
    before = commonprefix(column)
    before = before[: max((match.end() for match in _BOUND.finditer(before)), default=0)]
    rest = [part[len(before) :] for part in column]
    after = commonprefix([part[::-1] for part in rest])[::-1]
    bound = _BOUND.search(after)
    after = after[bound.start() :] if bound else ""
    return text(before) + kind([part[: len(part) - len(after)] for part in rest]) + text(after)


def _any(texts: list[str]) -> str:
    if all(text.isdecimal() for text in texts):
        return "[0-9]+"
    return f"[^/?&#]{'+' if all(texts) else '*'}"


def _with_letter(texts: list[str]) -> str:
    """Words that are no numbers, if all are so; else as any."""
    return "[^/?&#]*[^/?&#0-9][^/?&#]*" if all(re.search("[^0-9]", text) for text in texts) else _any(texts)


def _with_digit(texts: list[str]) -> str:
    """Words with a number in them, if all have one; else as any."""
    return "[^/?&#]*[0-9][^/?&#]*" if all(re.search("[0-9]", text) for text in texts) else _any(texts)


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\g<0>", text)


def _counted(url: str, following: str) -> Iterator[str]:
    """Patterns for the next pages of a list: what of their address differs from the first, if it counts."""
    parts, own = _parts_of(following), _parts_of(url)
    new = [at for at, part in enumerate(parts) if own[at : at + 1] != (part,)]
    values = [at for at in new if parts[at - 1 : at] == ("=",)]
    changing = values or [at for at in new if re.search("[0-9]", parts[at])]
    if changing:
        yield "".join(_starred(part, values) if at in changing else part for at, part in enumerate(parts))
        exact = (_digits(part, values) if at in changing else _escaped(part) for at, part in enumerate(parts))
        yield f"re:^{''.join(exact)}$"


def _starred(part: str, values: list[int]) -> str:
    return "*" if values else re.sub("[0-9]+", "*", part)


def _digits(part: str, values: list[int]) -> str:
    return "[^&#]+" if values else re.sub("[0-9]+", "[0-9]+", _escaped(part))
