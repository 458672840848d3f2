"""A list of addresses, checked: those that can be crawled, each once, and why the others cannot."""

from __future__ import annotations

import re
from typing import NamedTuple

from crawler.rules.urls import canonical_url
from crawler.seeds import checks
from crawler.seeds.address_lists.written import written_addresses

MAX_BYTES = 2_000_000
MAX_ADDRESSES = 20_000
_BARE = re.compile(r"(?:[\w-]+\.)+[^\W\d]{2,}(?::\d+)?(?:[/?#]\S*)?")  # host name, and more
_SHOWN = 200  # characters


class WrongLine(NamedTuple):
    """A line that is no address, cut, and why, in a sentence; ``line`` counts from 1."""

    line: int
    text: str
    why: str


class AddressList(NamedTuple):
    """What came of a list. ``urls`` are as they will be requested, in their order."""

    kind: str
    urls: list[str]
    doubled: int
    wrong: list[WrongLine]
    warnings: tuple[str, ...]


def read_addresses(body: bytes, name: str = "", column: str = "") -> AddressList:
    """The addresses of a file of this name; www.example.org is taken for https://www.example.org.

    Raises:
        ValueError: nothing of it can be read, in a sentence for people.
    """
    if len(body) > MAX_BYTES:
        raise ValueError(f"The list is larger than {MAX_BYTES // 1_000_000} MB. Split it.")
    written = written_addresses(body, name, column)
    if len(written.lines) > MAX_ADDRESSES:
        raise ValueError(f"The list has more than {MAX_ADDRESSES:,} addresses. Split it.")
    if not written.lines:
        raise ValueError("There are no addresses in this list. Write one a line, or give a file.")
    urls: dict[str, str] = {}
    doubled, wrong = 0, []
    for line, text in written.lines:
        try:
            url = _address(text)
        except ValueError as error:
            wrong.append(WrongLine(line, text[:_SHOWN], str(error)))
            continue
        key = canonical_url(url)
        doubled += key in urls
        urls.setdefault(key, url)
    return AddressList(written.kind, list(urls.values()), doubled, wrong, written.warnings)


def _address(text: str) -> str:
    url = checks.address(f"https://{text}" if _BARE.fullmatch(text) else text)
    return checks.reachable(url, ())
