"""Field rules of one policy: compiled once, then read from every document."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache

import msgspec
from lxml import etree

from crawler.policy import FieldRule
from crawler.reading.fields.css import compiled, first


class Extractor:
    """The compiled rules of one policy. Built by :func:`compile_rules`."""

    def __init__(self, fields: Sequence[FieldRule]) -> None:
        self._rules = tuple((field.name, compiled(field.css)) for field in fields)

    def extract(self, tree: etree._Element | None) -> dict[str, str | None]:
        """Field name to folded text, None where nothing matches (or there is no tree)."""
        if tree is None:
            return {name: None for name, _ in self._rules}
        return {name: first(xpath, tree) for name, xpath in self._rules}


@lru_cache(maxsize=256)
def compile_rules(fields: tuple[FieldRule, ...]) -> Extractor:
    """The extractor of these rules; ValueError if a rule is not valid."""
    return Extractor(fields)


@lru_cache(maxsize=1024)
def rules_digest(fields: tuple[FieldRule, ...]) -> str:
    """What the rules are, whatever their order, as 16 hex characters; an empty string without rules."""
    if not fields:
        return ""
    rules = sorted((field.name, field.css) for field in fields)
    return hashlib.sha256(msgspec.json.encode(rules)).hexdigest()[:16]
