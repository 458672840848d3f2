"""URLs as people write them: those that will be requested, and a sentence for each that cannot be."""

from __future__ import annotations

import re
from collections.abc import Iterable

from crawler.rules.urls import BadUrl, resolve, without_credentials

_CREDENTIALS = re.compile(r"//[^/?#]*@")


def usable(what: str, lines: Iterable[str]) -> tuple[list[str], list[str]]:
    """URLs as they will be requested, and a sentence for each line that is none; no secret is in either.

    ``what`` begins the sentences, such as "start URL".
    """
    good: dict[str, None] = {}
    refused = []
    for line in lines:
        shown = _CREDENTIALS.sub("//…@", line)[:200]
        try:
            url = resolve(line)
        except BadUrl as error:
            refused.append(f"{what} {shown}: {error}")
            continue
        if url != without_credentials(url):
            refused.append(f"{what} {shown}: no user name or password can be in it; use a header instead")
        else:
            good[url] = None
    return list(good), refused
