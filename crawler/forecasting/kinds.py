"""Kinds of addresses: pages whose addresses are alike are counted together."""

from __future__ import annotations

import re
from collections.abc import Iterable

MANY = 20  # first folders; a site with more has names for folders
CHAPTERS = 3  # folders with a page of their own; as many are parts of one tree
_NUMBER = re.compile(r"[0-9]+")


class Kinds:
    """The kinds of a site's addresses: their first folder, the length of the path, the query's names."""

    def __init__(self, urls: Iterable[str]) -> None:
        known = set(urls)
        folders = {_first_of(url): _site_of(url) for url in known}
        folders.pop("", None)
        chapters = {name for name, site in folders.items() if {f"{site}/{name}", f"{site}/{name}/"} & known}
        self._folders = set() if len(folders) > MANY else set(folders)
        if len(chapters) >= CHAPTERS:
            self._folders -= chapters
        self._kept: dict[str, str] = {}

    def of(self, url: str) -> str:
        """The kind of an address, as a pattern for people: ``https://a.example/item/*``."""
        if url not in self._kept:
            self._kept[url] = self._kind(url)
        return self._kept[url]

    def _kind(self, url: str) -> str:
        address, mark, query = url.partition("?")
        slash = address.index("/", 8)
        words = address[slash + 1 :].split("/")
        first = words[0] if len(words) > 1 and words[0] in self._folders else "*"
        first = "*" if _NUMBER.fullmatch(first) else first
        if words == [""]:
            first = ""
        names = sorted({part.partition("=")[0] for part in query.split("&") if part})
        return f"{address[:slash]}/{'/'.join([first, *['*'] * (len(words) - 1)])}{mark}{'&'.join(names)}"


def _first_of(url: str) -> str:
    """The first folder of an address's path; empty for one without folders."""
    words = url.partition("?")[0].split("/", 4)
    return words[3] if len(words) > 4 else ""


def _site_of(url: str) -> str:
    return url[: url.index("/", 8)]
