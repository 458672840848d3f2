"""The type ``money``: an amount and its currency, ``{"amount": 12.5, "currency": "EUR"}``.

The currency is a code of ISO 4217, or null where the text names none: then only the amount is known.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

from crawler.reading.record import Value
from crawler.reading.types.currencies import currency_of, decimals_of, is_code
from crawler.reading.types.exact import exact, is_number
from crawler.reading.types.locales import decimal_sign
from crawler.reading.types.numerals import Numeral, only_numeral, tidied
from crawler.reading.types.setting import Setting, short_text, shown

_SIGN_FOR_POINT = re.compile(r"(?<=[0-9])([€$£])([0-9]{2})(?![0-9.,])")  # 35€99
_FREE = frozenset(("free", "kostenlos", "gratis", "gratuit", "umsonst", "bezpłatnie", "ücretsiz", "無料"))
_AMOUNTS, _CURRENCIES = ("amount", "price", "value"), ("currency", "priceCurrency")


def money(raw: Value, setting: Setting) -> dict[str, Value]:
    """The amount and currency of a text, of a number, or of an object as JSON-LD has it for offers."""
    if isinstance(raw, Mapping):
        return _of_object(raw, setting)
    if is_number(raw):
        return {"amount": raw, "currency": None}
    text = _SIGN_FOR_POINT.sub(r".\2 \1", tidied(short_text(raw, "an amount of money")))
    numeral = only_numeral(text)
    if numeral is None:
        raise ValueError(_no_amount(raw, text))
    if numeral.after.lstrip().startswith("%"):
        raise ValueError(f"{shown(raw)} is a percentage, not an amount of money.")
    try:
        currency = currency_of(f"{numeral.before} {numeral.after}", setting.locale)
    except ValueError as error:
        raise ValueError(f"{shown(raw)} is not an amount of money. {error}") from error
    return {"amount": exact(_amount(raw, numeral, currency, setting)), "currency": currency}


def _amount(raw: Value, numeral: Numeral, currency: str | None, setting: Setting) -> Decimal:
    """The amount. Without a locale ``1.299`` is read as groups unless the currency has three decimals."""
    value = numeral.value(decimal_sign(setting.locale))
    if value is None and decimals_of(currency) < 3:
        whole = max(numeral.readings, key=lambda sign: numeral.readings[sign])
        value = numeral.value(whole)
    if value is None:
        raise ValueError(f"{shown(raw)} is {numeral.both()}: give the field a locale, such as 'en'.")
    return value


def _of_object(raw: Mapping[str, Value], setting: Setting) -> dict[str, Value]:
    amount = next((raw[name] for name in _AMOUNTS if raw.get(name) is not None), None)
    currency = next((raw[name] for name in _CURRENCIES if raw.get(name)), None)
    if amount is None or isinstance(amount, Mapping) or (currency and not is_code(str(currency))):
        raise ValueError(
            f"{shown(raw)} is not an amount of money: give it an amount, and a code of a currency."
        )
    value = money(amount, setting)
    return {"amount": value["amount"], "currency": currency or value["currency"]}


def _no_amount(raw: Value, text: str) -> str:
    if _FREE & set(text.casefold().strip(" !.").split()):
        return f"{shown(raw)} is not an amount of money. If it means 0, say so with the step 'map'."
    if any(char.isdigit() for char in text):
        return f"{shown(raw)} is not one amount of money. Take the amount out with a step such as 'regex'."
    return f"{shown(raw)} is not an amount of money."
