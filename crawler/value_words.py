"""Values of records as words for people."""

from __future__ import annotations

import json
from typing import Any

from crawler.reading.record import is_money

_SIGNS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "INR": "₹", "PLN": "zł", "CZK": "Kč", "KRW": "₩"}


def value_words(value: Any) -> str:
    """A value of a record for people: money as ``9.90 EUR``, a list with commas, what is nested as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if is_money(value):
        return f"{amount_words(value['amount'])} {value['currency'] or ''}".rstrip()
    if isinstance(value, list) and all(isinstance(each, str | int | float) for each in value):
        return ", ".join(map(value_words, value))
    return json.dumps(value, ensure_ascii=False)


def money_words(value: Any) -> str:
    """An amount of money with the sign of its currency: ``9.90 €``."""
    currency = value["currency"] or ""
    return f"{amount_words(value['amount'])} {_SIGNS.get(currency, currency)}".rstrip()


def amount_words(amount: float | None) -> str:
    """With cents, and with what there is beyond them."""
    if amount is None:
        return "?"
    return f"{amount:.2f}" if round(amount, 2) == amount else str(amount)
