"""Kinds of addresses: pages whose addresses are alike are counted together."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

MANY = 20  # folders beside each other; where there are more, they are names of things
SECTIONS = (
    6  # folders beside each other with pages of their own; where there are more, they are parts of one tree
)
DEEP = 3  # folders of a path that can name a kind
_NUMBER = re.compile(r"[0-9]+")


class Kinds:
    """The kinds of a site's addresses: their first folders, the length of the path, the query's names."""

    def __init__(self, urls: Iterable[str]) -> None:
        folders: dict[tuple[str, ...], set[str]] = defaultdict(set)  # by those above
        paths = set()
        for url in set(urls):
            site, words = _parts(url)
            paths.add((site, *words) if words[-1] else (site, *words[:-1]))
            for depth in range(min(len(words) - 1, DEEP)):
                folders[site, *words[:depth]].add(words[depth])
        beside = Counter(path[:-1] for path in paths)
        self._names = {above: _names(above, names, paths, beside[above]) for above, names in folders.items()}
        self._kept: dict[str, str] = {}

    def of(self, url: str) -> str:
        """The kind of an address, as a pattern for people: ``https://a.example/item/*``."""
        if url not in self._kept:
            self._kept[url] = self._kind(url)
        return self._kept[url]

    def _kind(self, url: str) -> str:
        site, words = _parts(url)
        above: tuple[str, ...] = (site,)
        named = []
        for word in words[:-1]:
            if word not in self._names.get(above, ()):
                break
            named.append(word)
            above = (*above, word)
        _, mark, query = url.partition("?")
        names = sorted({part.partition("=")[0] for part in query.split("&") if part})
        rest = ["*"] * (len(words) - len(named)) if words != [""] else [""]
        return f"{site}/{'/'.join([*named, *rest])}{mark}{'&'.join(names)}"


def _parts(url: str) -> tuple[str, list[str]]:
    address = url.partition("?")[0]
    slash = address.index("/", 8)
    return address[:slash], address[slash + 1 :].split("/")


def _names(above: Sequence[str], folders: set[str], paths: set[tuple[str, ...]], beside: int) -> set[str]:
    """The folders that name a kind, of those beside each other; ``beside``: how many pages are there."""
    names = {name for name in folders if not _NUMBER.fullmatch(name)}
    if len(names) > MANY:
        return set()
    pages = {name for name in names if (*above, name) in paths}
    apart = beside <= min(SECTIONS, len(pages)) and len(above) == 1
    return names if apart else names - pages
