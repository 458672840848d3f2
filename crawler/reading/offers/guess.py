"""What kind of value a text looks like, and what a field could be called; guesses that people see at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from crawler.reading.selectors.names import words_of

MOST = 0.8  # of the texts that are not empty: so many have to look alike
_CURRENCY = (
    r"(?:[$€£¥₹₽₩₺₴₫฿₪]|zł|kr\.?|Kč|Fr\.|R\$"
    r"|\b(?:USD|EUR|GBP|CHF|JPY|CNY|SEK|NOK|DKK|PLN|CZK|CAD|AUD|INR|BRL)\b)"
)
_NUMBER = r"[+-]?\d{1,3}(?:[.,'\u00a0\u202f ]\d{3})*(?:[.,]\d{1,3})?|[+-]?\d+(?:[.,]\d+)?"
_MONEY = re.compile(
    rf"\D{{0,20}}?(?:{_CURRENCY}\s*(?:{_NUMBER})|(?:{_NUMBER})\s*{_CURRENCY}).{{0,20}}", re.IGNORECASE
)
_PLAIN_NUMBER = re.compile(rf"(?:{_NUMBER})(?:\s?(?:%|kg|g|km|m|cm|mm|l|ml|h|min|s|MB|GB|kB))?")
_MONTH = (
    r"(?:jan|feb|mar|mär|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez"
    r"|févr|avr|juin|juil|août|ene|abr|ago|dic)[a-zéû]*\.?"
)
_DATE = re.compile(
    rf"\d{{4}}-\d\d-\d\d(?:[T ]\d\d:\d\d.*)?|\d{{1,2}}[./]\d{{1,2}}[./]\d{{2,4}}.{{0,12}}"
    rf"|(?:\w{{2,10}},?\s)?\d{{1,2}}(?:st|nd|rd|th|\.)?\s(?:de\s)?{_MONTH},?\s(?:de\s)?\d{{4}}.{{0,12}}"
    rf"|(?:\w{{2,10}},?\s)?{_MONTH}\s\d{{1,2}}(?:st|nd|rd|th)?,?\s\d{{4}}.{{0,12}}",
    re.IGNORECASE,
)
_BOOLEAN = re.compile(r"true|false")  # as data have it
_URL = re.compile(
    r"(?:https?://|/|\.{1,2}/)\S*|\S+\.(?:html?|php|jpe?g|png|webp|gif|svg|avif)(?:\?\S*)?", re.IGNORECASE
)
_SHORT = 60  # characters: what is longer is neither a number nor a date
_TESTS = (("money", _MONEY), ("date", _DATE), ("number", _PLAIN_NUMBER), ("url", _URL), ("boolean", _BOOLEAN))
_ADDRESS_NAMES = frozenset(
    ["url", "link", "href", "image", "img", "src", "logo", "photo", "thumbnail", "sameas"]
)
_MONEY_NAMES = frozenset(
    ["price", "lowprice", "highprice", "cost", "amount", "preis", "prix", "precio", "prezzo", "salary"]
)
_TEXT_NAMES = frozenset(
    [
        "sku",
        "gtin",
        "gtin13",
        "gtin8",
        "gtin12",
        "mpn",
        "id",
        "isbn",
        "phone",
        "telephone",
        "zip",
        "postal",
        "code",
    ]
)


def looks_like(text: str) -> str:
    """``money``, ``date``, ``number``, ``url``, ``boolean`` or ``text``."""
    text = text.strip()
    if text and " " not in text and _URL.fullmatch(text):
        return "url"
    if not text or len(text) > _SHORT:
        return "text"
    return next((kind for kind, test in _TESTS if test.fullmatch(text)), "text")


def type_of(name: str, texts: Iterable[str]) -> str:
    """The type of a field by what its texts look like, and by its name; ``text`` when they differ."""
    kinds = [looks_like(text) for text in texts if text]
    words = {name.lower(), name.lower().rpartition("_")[2]}
    if words & _TEXT_NAMES or not kinds:
        return "text"
    if words & _ADDRESS_NAMES and "url" in kinds:
        return "url"
    kind = max(set(kinds), key=lambda each: (kinds.count(each), each))
    if kind == "number" and words & _MONEY_NAMES:
        return "money"
    return kind if kinds.count(kind) >= MOST * len(kinds) else "text"


def field_name(written: str, taken: Sequence[str] = ()) -> str:
    """A field's name from a class, a property or a heading: letters, digits and underscores; may be empty."""
    words = [word for word in words_of(written) if word not in taken]
    name = "_".join(words)[:60].strip("_")
    return name if name and not name[0].isdigit() else f"n_{name}"[:60] if name else ""


def plural(word: str) -> str:
    """A collection's name from that of one of its records: ``product`` gives ``products``."""
    if word.endswith(("s", "list", "news", "results")):
        return word
    return f"{word[:-1]}ies" if word.endswith("y") and word[-2:-1] not in "aeiou" else f"{word}s"


def short_name(path: str, paths: Sequence[str]) -> str:
    """A name for a path of properties: ``price`` for ``offers.price``, ``brand`` for ``brand.name``.

    Where another path would have the same name, the whole path.
    """
    short = _short(path)
    alone = sum(_short(other) == short for other in paths) == 1
    return field_name(short if alone else path.replace(".", "_"))


def _short(path: str) -> str:
    *before, last = path.split(".")
    return before[-1] if before and last == "name" else last
