"""The links of a document's main part, as far as they say what it is about.

Links are compared as they are written: resolving each would cost more than reading the page. Left out are
those in menus, headers and footers, fragments, and what a server makes anew for each visitor: parameters of
sessions and tracking (:mod:`crawler.rules.urls`), and tokens in a query.
"""

from __future__ import annotations

import re
from functools import lru_cache

from crawler.reading.document import Document
from crawler.reading.html import hrefs_beside
from crawler.rules.urls import canonical_target

_MARKED = re.compile(r"[?#;%:(]")
_NO_ADDRESS = re.compile(r"\s*(?:javascript|data|blob):", re.IGNORECASE)
_TOKEN_NAME = re.compile(
    r"token|nonce|csrf|xsrf|captcha|session|visitor|cache|rand|rnd|stamp|expires|hmac|signature|build_id"
    r"|^(?:_|t|ts|cb|sig|sid|state|_r|_t)$",
    re.IGNORECASE,
)
_RANDOM_NAME = re.compile(r"(?=[0-9A-Za-z]{6,}\Z)[0-9A-Za-z]*[0-9][A-Za-z]+[0-9][0-9A-Za-z]*")
_RANDOM_VALUE = re.compile(r"(?=[^0-9]*[0-9])[\w.~%=+/:|!*-]{8,}", re.ASCII)  # also a moment in seconds


def main_links(document: Document, selector: str = "", ignored: tuple[str, ...] = ()) -> str:
    """The distinct links, one a line, in document order; ``selector`` takes elements that are left out."""
    beside = hrefs_beside(document.tree, selector) if document.tree is not None else set()
    hrefs = [
        href for links in (document.hrefs, document.nofollow_hrefs) for href in links if href not in beside
    ]
    joined = "\n".join(hrefs)
    if not _MARKED.search(joined):
        return joined
    tidied = dict.fromkeys([_tidied(href, ignored) for href in hrefs])
    return _without_origin("\n".join(tidied), document.url)


def _without_origin(links: str, url: str) -> str:
    """Links to the document's own site are the same with its origin and without."""
    origin = url[: url.find("/", 8)]
    return f"\n{links}".replace(f"\n{origin}/", "\n/")[1:] if origin else links


@lru_cache(maxsize=16_384)
def _tidied(href: str, ignored: tuple[str, ...]) -> str:
    """A link without what changes by itself; empty if it leads nowhere."""
    if _NO_ADDRESS.match(href):
        return ""
    target = canonical_target(href.partition("#")[0], ignored)
    address, mark, query = target.partition("?")
    if not mark:
        return target
    kept = "&".join([part for part in query.split("&") if not _is_token(part)])
    return f"{address}?{kept}" if kept else address


def _is_token(part: str) -> bool:
    """Whether a ``name=value`` of a query looks as if it were made anew each time."""
    name, _, value = part.partition("=")
    if _RANDOM_NAME.fullmatch(name):
        return True
    return _TOKEN_NAME.search(name) is not None and _RANDOM_VALUE.fullmatch(value) is not None
