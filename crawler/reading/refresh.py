"""Declarative refreshes: ``<meta http-equiv=refresh>`` and the header ``Refresh``."""

from __future__ import annotations

import re
from typing import NamedTuple

_REFRESH = re.compile(
    r"[\t\n\f\r ]*+(?:(?P<seconds>[0-9]++)|(?=\.))[0-9.]*+"
    r"(?:(?=[;,\t\n\f\r ])[\t\n\f\r ]*+[;,]?+[\t\n\f\r ]*+(?P<url>.*+))?\Z",
    re.DOTALL,
)
_NAME = re.compile(r"url[\t\n\f\r ]*+=[\t\n\f\r ]*+", re.IGNORECASE)


class Refresh(NamedTuple):
    """Where a document leads after how many seconds; as written, empty for the document itself."""

    seconds: int
    url: str


def read_refresh(content: str) -> Refresh | None:
    """By the shared declarative refresh steps (HTML standard, section 7.4.4); None if it is no refresh."""
    match = _REFRESH.match(content)
    if match is None:
        return None
    seconds, url = match["seconds"] or "0", match["url"] or ""
    if name := _NAME.match(url):
        url = url[name.end() :]
    if url[:1] in {'"', "'"}:
        url = url[1:].partition(url[0])[0]
    return Refresh(int(seconds[:9]), url)
