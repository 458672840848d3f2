"""Crawler traps: what gives away URLs without end. All pure; the frontier and the store keep the counts.

A trap of calendars, session ids or filters makes ever new URLs from one pattern and says nothing new on
them. So URLs are told apart by their template, and texts by a signature that overlooks what a page repeats
of its own URL.
"""

from __future__ import annotations

import re
from collections import Counter

from crawler.urls import url_fingerprint

_CHANGING = re.compile(r"(?<![0-9A-Za-z])[A-Za-z]*+[0-9][0-9A-Za-z]*+")  # a word with a digit
_NUMBER = re.compile(r"[0-9]+")
_ID_LENGTH = 6  # characters from which a word with a digit is an id rather than a number


def most_repeated(url: str) -> int:
    """How often the commonest segment of a resolved URL's path is in it: links that feed on themselves."""
    return max(Counter(url.partition("?")[0].split("/")[3:]).values())


def template_of(url: str) -> str:
    """What a resolved URL has in common with its likes: words with digits are ``#``, of a query the names."""
    address, _, query = url.partition("?")
    slash = address.index("/", 8)
    path = _CHANGING.sub("#", address[slash:])
    names = sorted({part.partition("=")[0] for part in query.split("&") if part})
    return f"{address[:slash]}{path}?{'&'.join(names)}"


def text_signature(text: str, url: str) -> int:
    """64 bits that are the same for texts that differ only in what their own URLs say.

    Left out are the ids in the URL, and its numbers with those before and after (previous, next), however
    many zeros are before them: ``2031-05`` is no news on ``/calendar/2031/5``.
    """
    own = _CHANGING.findall(url[url.index("/", 8) :])
    for word in own:
        if len(word) >= _ID_LENGTH and not word.isdigit():
            text = text.replace(word, "")
    known = {str(near) for word in own if word.isdigit() for near in _neighbours(word)}
    if any(number in text for number in known):  # most often not, and looking is far quicker
        text = _NUMBER.sub(lambda number: "" if (number[0].lstrip("0") or "0") in known else number[0], text)
    return url_fingerprint(text)


def _neighbours(number: str) -> range:
    value = int(number[:18])
    return range(value - 1, value + 2)
