"""The types ``text`` and ``url``."""

from __future__ import annotations

import json

from crawler.reading.record import Value
from crawler.reading.text import storable
from crawler.reading.types.exact import is_number
from crawler.reading.types.setting import Setting, shown
from crawler.rules.urls import BadUrl, resolve


def text(raw: Value, setting: Setting) -> str:
    """The text as it is; a number, true or false as JSON writes it."""
    if isinstance(raw, str):
        return storable(raw)
    if not isinstance(raw, bool) and not is_number(raw):
        raise ValueError(f"{shown(raw)} is not a text.")
    return json.dumps(raw)


def url(raw: Value, setting: Setting) -> str:
    """The absolute http or https URL, resolved on the page."""
    if not isinstance(raw, str) or not raw.strip():
        raise ValueError(f"{shown(raw)} is not a web address.")
    try:
        return resolve(raw.strip(), setting.base or None)
    except BadUrl as error:
        raise ValueError(f"{shown(raw)} is not a web address: {error}.") from error
