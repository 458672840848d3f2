"""What somebody typed as an address: with or without a scheme, with or without sense."""

from __future__ import annotations

import re

from catalog.models import Host
from crawler.rules.urls import origin_of
from crawler.seeds import checks

_BARE = re.compile(r"/{0,2}(?:[^\s/?#:@]+\.[^\s/?#:@]+|localhost|\[[0-9a-fA-F:.]+\])(?::\d+)?(?:[/?#]|$)")


def address_in(text: str) -> str:
    """The address that a text names, as it would be requested; of one without a scheme the one we know.

    Raises:
        ValueError: it names none; a sentence for people says why.
    """
    text = text.strip()
    if not text:
        raise ValueError("Write an address, such as https://example.org/page or www.example.org/page.")
    if not _BARE.match(text):
        if not set(text) & set("/.:"):
            raise ValueError(
                f"{text[:200]!r} is no web address. Write it like https://example.org/page; to look for "
                "words, search the pages."
            )
        return checks.address(text)
    bare = text.lstrip("/")
    by_origin = {origin_of(url): url for scheme in ("https", "http") if (url := _with(scheme, bare))}
    known = set(Host.objects.filter(origin__in=by_origin).values_list("origin", flat=True))
    return next((url for origin, url in by_origin.items() if origin in known), _with("https", bare))


def _with(scheme: str, bare: str) -> str:
    return checks.address(f"{scheme}://{bare}")
