"""What a list says of its size: "page 3 of 12", "1-24 of 280", "280 results"."""

from __future__ import annotations

import re
from typing import NamedTuple

_BEGIN = 20_000  # characters of a text that are looked at
_OF = r"(?:of|/|von|de|di|van|sur|z|out of)"
_COUNT = r"([0-9]{1,3}(?:[,.\u00a0\u202f' ][0-9]{3})+|[0-9]{1,7})"
_THINGS = (
    "results|items|products|entries|articles|records|threads|topics|posts|jobs|offers|hits|listings"
    "|Ergebnisse|Artikel|Treffer|Produkte|résultats|produits|articles|resultados|productos|risultati|prodotti"
)
_PAGES = re.compile(
    rf"\b(?:page|seite|pagina|página|pág\.|strona)\s+[0-9]{{1,6}}\s*{_OF}\s*{_COUNT}\b", re.IGNORECASE
)
_SPAN = re.compile(
    rf"\b[0-9]{{1,7}}\s*(?:-|–|—|to|bis|à|a)\s*[0-9]{{1,7}}\s+{_OF}\s+{_COUNT}\b", re.IGNORECASE
)
_TOTAL = re.compile(rf"(?<![\w.,-]){_COUNT}\s+(?:{_THINGS})\b", re.IGNORECASE)
_NO_DIGIT = re.compile(r"[^0-9]")


class Said(NamedTuple):
    """Numbers that a text names; 0 where it does not."""

    pages: int = 0
    things: int = 0


def said_in(text: str) -> Said:
    """What a page's text says of the list on it."""
    begin = text[:_BEGIN]
    return Said(_first(_PAGES, begin), _first(_SPAN, begin) or _first(_TOTAL, begin))


def _first(pattern: re.Pattern[str], text: str) -> int:
    match = pattern.search(text)
    return int(_NO_DIGIT.sub("", match[1])) if match else 0
