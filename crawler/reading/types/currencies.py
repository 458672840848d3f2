"""Currencies in texts: the ISO 4217 code behind a code, a sign or a name, by the locale where needed."""

from __future__ import annotations

import re
from functools import lru_cache

from babel.numbers import get_currency_precision, list_currencies
from price_parser.parser import extract_currency_symbol

from crawler.reading.types.locales import locale_of

_EVERYWHERE = {
    "€": "EUR",
    "$": "USD",
    "£": "GBP",
    "¥": "JPY",
    "￥": "JPY",
    "円": "JPY",
    "元": "CNY",
    "₹": "INR",
    "euro": "EUR",
    "euros": "EUR",
    "eur": "EUR",
    "usd": "USD",
    "gbp": "GBP",
    "chf": "CHF",
    "us$": "USD",
    "a$": "AUD",
    "au$": "AUD",
    "c$": "CAD",
    "ca$": "CAD",
    "nz$": "NZD",
    "hk$": "HKD",
    "s$": "SGD",
    "r$": "BRL",
    "nt$": "TWD",
    "mx$": "MXN",
    "ar$": "ARS",
    "cl$": "CLP",
    "cn¥": "CNY",
    "fr": "CHF",
    "sfr": "CHF",
    "zł": "PLN",
    "kč": "CZK",
    "ft": "HUF",
    "lei": "RON",
    "лв": "BGN",
    "₽": "RUB",
    "руб": "RUB",
    "р": "RUB",
    "₴": "UAH",
    "грн": "UAH",
    "₺": "TRY",
    "tl": "TRY",
    "₩": "KRW",
    "원": "KRW",
    "₪": "ILS",
    "฿": "THB",
    "₫": "VND",
    "₱": "PHP",
    "₦": "NGN",
    "rs": "INR",
    "rp": "IDR",
    "rm": "MYR",
    "₸": "KZT",
    "₾": "GEL",
    "₡": "CRC",
    "₲": "PYG",
    "₵": "GHS",
    "gh₵": "GHS",
    "৳": "BDT",
    "$us": "USD",
    "$ca": "CAD",
    "$au": "AUD",
    "dollar": "USD",
    "dollars": "USD",
    "pound": "GBP",
}
"""Signs and names by their most frequent meaning, in lower case and without a final point.

``kr`` is not here: it is the crown of four countries, and only a locale can tell which.
"""

_CODE = re.compile(r"(?<![^\W\d_])[A-Z]{3}(?![^\W\d_])")
_WORD = re.compile(r"[^\W\d_]{0,3}[^\w\s.,;:!?()\[\]/*+'\"&#%@|<>=~^-][^\W\d_]{0,2}|[^\W\d_]+")


_SHARED = {
    "$": frozenset(
        [
            "AUD",
            "BBD",
            "BMD",
            "BND",
            "BSD",
            "BZD",
            "CAD",
            "CLP",
            "COP",
            "FJD",
            "HKD",
            "JMD",
            "MXN",
            "NAD",
            "NZD",
            "SGD",
            "TTD",
            "TWD",
            "USD",
            "UYU",
            "XCD",
        ]
    ),
    "¥": frozenset(("JPY", "CNY")),
    "£": frozenset(("GBP", "EGP", "FKP", "GIP", "SHP", "LBP", "SYP")),
    "kr": frozenset(("SEK", "NOK", "DKK", "ISK")),
    "rs": frozenset(("INR", "PKR", "LKR", "NPR", "MUR", "SCR")),
}
"""Signs of several currencies. Beside such a sign the code of one of them counts, as in ``NZD $12``."""


@lru_cache(maxsize=4096)
def currency_of(words: str, locale: str) -> str | None:
    """The code of the only currency that the words around an amount name; None if they name none.

    ValueError with a sentence for people if they name several, or one that only a locale can tell.
    """
    signs = {word.strip().casefold() for word in _WORD.findall(words)}
    named = {word for word in _CODE.findall(words) if word in _codes()}
    codes = {code for sign in signs if (code := _meant(sign, named, locale))} or named
    codes = codes or _by_price_parser(words, locale)
    if len(codes) > 1:
        raise ValueError(f"It names {' and '.join(sorted(codes))}: take one with a step such as 'regex'.")
    return next(iter(codes), None)


def _meant(sign: str, named: set[str], locale: str) -> str | None:
    """What a sign or name stands for, None if it is none."""
    if beside := _SHARED.get(sign, frozenset()) & named:
        return min(beside)
    if sign.isalpha() and sign.upper() in _codes() and sign not in _EVERYWHERE:
        return None  # a code, if in capitals: they count less than signs, as "ALL" or "TOP" may be words
    code = _of_locale(locale).get(sign) or _EVERYWHERE.get(sign)
    if code is None and sign == "kr":
        raise ValueError("'kr' is the crown of several countries: give the field a locale, such as 'sv'.")
    return code


def decimals_of(currency: str | None) -> int:
    """How many decimals amounts of a currency have: two of most (ISO 4217)."""
    return 2 if currency is None else get_currency_precision(currency)


def is_code(code: str) -> bool:
    """Whether this is a code of ISO 4217, or was one."""
    return code in _codes()


def _by_price_parser(words: str, locale: str) -> set[str]:
    """What price-parser takes for a currency, if we know which it is and it is no part of a word."""
    symbol = (extract_currency_symbol(words, None) or "").strip()
    inside = rf"(?<![^\W\d_]){re.escape(symbol)}(?![^\W\d_])"
    code = (
        _meant(symbol.casefold().rstrip("."), set(), locale) if symbol and re.search(inside, words) else None
    )
    return {code} if code else set()


@lru_cache(maxsize=256)
def _of_locale(name: str) -> dict[str, str]:
    """Signs as a locale writes them, by CLDR: ``$`` is CAD in en-CA. Codes are not signs."""
    locale = locale_of(name)
    if locale is None:
        return {}
    symbols = locale.currency_symbols.items()
    return {symbol.casefold().rstrip("."): code for code, symbol in symbols if symbol != code}


@lru_cache(maxsize=1)
def _codes() -> frozenset[str]:
    return frozenset(list_currencies())
