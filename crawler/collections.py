"""Collections: what a person says about the records of a seed. Plain values; nothing is read here.

A collection is a kind of record (products, offers, articles): on which pages it is, one record a page or one
for each item, which fields a record has and which of them are its key. Everything has a plain form, which
JSON and YAML can hold, as it is stored and as people write it:

    {"name": "products", "pages": ["https://shop.example/list*"], "items": {"css": "li.product"},
     "key": ["sku"], "next": {"css": "a.next::attr(href)"},
     "fields": [{"name": "sku", "css": "::attr(data-sku)", "required": true},
                {"name": "price", "css": ".price", "or": [{"meta": "price"}],
                 "steps": [{"replace": ["from ", ""]}], "type": "money", "locale": "de"},
                {"name": "offers", "css": ".offer", "many": true,
                 "fields": [{"name": "seller", "css": "b"}]}]}

Or a piece of Python reads it (:mod:`crawler.reading.own_code`), and the key names values that this gives:

    {"name": "products", "extractor": "shop", "key": ["sku"]}
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Self

import msgspec

PAGES = "pages"
"""The collection of a seed's plain fields: one record a page, on every page, without a key."""

_FIELD_WORDS = frozenset(("name", "or", "many", "steps", "type", "locale", "zone", "required", "fields"))


class Rule(msgspec.Struct, frozen=True):
    """Where values are: a kind (:mod:`crawler.reading.fields`) and a rule of that kind."""

    kind: str
    rule: str

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Self:
        """The rule of a plain form such as ``{"css": "h1"}``; ValueError if it is none."""
        values = _strings(plain, "a rule")
        if len(values) != 1:
            raise ValueError(f"{plain!r} is not a rule. Give it one kind, such as 'css': 'h1::text'.")
        ((kind, rule),) = values.items()
        return cls(kind, rule)

    def plain(self) -> dict[str, str]:
        """What :meth:`of` reads."""
        return {self.kind: self.rule}


class Step(msgspec.Struct, frozen=True):
    """One step of a clean-up chain (:mod:`crawler.reading.steps`): its kind and its arguments."""

    kind: str
    arguments: tuple[str, ...] = ()

    @classmethod
    def of(cls, plain: Mapping[str, Any] | str) -> Self:
        """The step of ``"trim"``, ``{"regex": "a+"}``, ``{"replace": ["a", "b"]}``, ``{"map": {"a": "b"}}``.

        The pairs of a mapping become arguments in turn. ValueError if the form is none of these.
        """
        if isinstance(plain, str):
            return cls(plain)
        if not isinstance(plain, Mapping) or len(plain) != 1:
            raise ValueError(f"{plain!r} is not a step. Write it like 'trim' or {{'replace': ['a', 'b']}}.")
        ((kind, given),) = plain.items()
        if isinstance(given, Mapping):
            given = [word for pair in given.items() for word in pair]
        arguments = [given] if isinstance(given, str) else given
        if not isinstance(arguments, Sequence) or not all(isinstance(word, str) for word in arguments):
            raise ValueError(f"{plain!r} is not a step: its arguments have to be texts.")
        return cls(kind, tuple(arguments))

    def plain(self) -> dict[str, list[str]] | str:
        """What :meth:`of` reads."""
        return {self.kind: list(self.arguments)} if self.arguments else self.kind


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One field of a record. Its rules are tried in turn: the first that matches gives the values."""

    name: str
    rules: tuple[Rule, ...]
    many: bool = False  # all matches, as a list; else the first
    steps: tuple[Step, ...] = ()  # on the text of each value, before it is converted
    type: str = "text"  # see crawler.reading.types
    locale: str = ""  # of numbers, money and dates, such as "de" or "en-GB"; empty: that of the page
    zone: str = ""  # of dates that name none, such as "Europe/Berlin"; empty: UTC
    required: bool = False
    fields: tuple[Field, ...] = ()  # of nested items: each match is an object with these

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Self:
        """The field of a plain form; ValueError unless that has a name and exactly one first rule."""
        if not isinstance(plain, Mapping):
            raise ValueError(f"{plain!r} is not a field. Give it a name and one rule.")
        kinds = {word: plain[word] for word in plain if word not in _FIELD_WORDS}
        if not isinstance(plain.get("name"), str) or len(kinds) != 1:
            raise ValueError(
                f"{dict(plain)!r} is not a field. Give it a name and one rule, such as 'css': 'h1::text'."
            )
        values = {word: plain[word] for word in _FIELD_WORDS & plain.keys() - {"or", "steps", "fields"}}
        others = tuple(map(Rule.of, _list(plain, "or")))
        steps = tuple(map(Step.of, _list(plain, "steps")))
        fields = tuple(map(Field.of, _list(plain, "fields")))
        parts = {"rules": (Rule.of(kinds), *others), "steps": steps, "fields": fields}
        return msgspec.convert({**values, **msgspec.to_builtins(parts)}, cls)

    def plain(self) -> dict[str, Any]:
        """What :meth:`of` reads; what is as usual is left out."""
        first, *others = self.rules
        form: dict[str, Any] = {"name": self.name, **first.plain()}
        if others:
            form["or"] = [rule.plain() for rule in others]
        for word in ("many", "type", "locale", "zone", "required"):
            if (value := getattr(self, word)) != _DEFAULTS[word]:
                form[word] = value
        if self.steps:
            form["steps"] = [step.plain() for step in self.steps]
        if self.fields:
            form["fields"] = [field.plain() for field in self.fields]
        return form


_DEFAULTS = {field.name: field.default for field in msgspec.structs.fields(Field)}


class Collection(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of record of a seed."""

    name: str
    fields: tuple[Field, ...]
    pages: tuple[str, ...] = ()  # patterns as in a scope (crawler.rules.patterns); empty: all pages
    items: Rule | None = None  # one record for each match; None: one a page
    key: tuple[str, ...] = ()  # names of fields; empty: page and position
    next: Rule | None = None  # the address of the list's next page
    extractor: str = ""  # the name of one in Python, instead of fields
    code: str = ""  # the version of that extractor, as a run has frozen it

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Self:
        """The collection of a plain form; ValueError if it is none."""
        if not isinstance(plain, Mapping) or not isinstance(plain.get("name"), str):
            raise ValueError(f"{plain!r} is not a collection. Give it a name and fields.")
        items, following = (Rule.of(plain[word]) if plain.get(word) else None for word in ("items", "next"))
        fields = tuple(map(Field.of, _list(plain, "fields")))
        pages, key = (tuple(_texts(plain, word)) for word in ("pages", "key"))
        if unknown := plain.keys() - set(cls.__struct_fields__):
            raise ValueError(f"The collection {plain['name']!r} says {min(unknown)!r}, which is not known.")
        extractor, code = (_text(plain, word) for word in ("extractor", "code"))
        return cls(
            name=plain["name"],
            fields=fields,
            pages=pages,
            items=items,
            key=key,
            next=following,
            extractor=extractor,
            code=code,
        )

    @property
    def required(self) -> list[str]:
        """The names of the fields that no record may be without."""
        return [field.name for field in self.fields if field.required]

    def plain(self) -> dict[str, Any]:
        """What :meth:`of` reads; what is as usual is left out."""
        form: dict[str, Any] = {"name": self.name}
        if self.pages:
            form["pages"] = list(self.pages)
        form |= {word: rule.plain() for word in ("items", "next") if (rule := getattr(self, word))}
        if self.key:
            form["key"] = list(self.key)
        form |= {word: value for word in ("extractor", "code") if (value := getattr(self, word))}
        if self.extractor and not self.fields:
            return form
        return {**form, "fields": [field.plain() for field in self.fields]}


def of_fields(fields: tuple[Field, ...]) -> tuple[Collection, ...]:
    """A seed's plain fields as a collection; nothing without fields."""
    return (Collection(name=PAGES, fields=fields),) if fields else ()


@lru_cache(maxsize=1024)
def rules_digest(collections: tuple[Collection, ...]) -> str:
    """A digest of the rules, as 16 hex characters; an empty string without any.

    Their order does not count: that of collections, and that of a seed's plain fields.
    """
    if not collections:
        return ""
    forms = sorted((collection.plain() for collection in collections), key=lambda form: str(form["name"]))
    parts = _pairs(collections) or forms
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()[:16]


def _pairs(collections: tuple[Collection, ...]) -> list[tuple[str, ...]]:
    """Plain fields that say no more than their rule, as digests have been made of them ever since.

    CSS has no kind here: it was the only kind when digests were first stored. Empty for all other rules.
    """
    fields = collections[0].fields
    if collections != of_fields(fields) or any(
        field != Field(name=field.name, rules=field.rules[:1]) for field in fields
    ):
        return []
    rules = [(field.name, field.rules[0]) for field in fields]
    return sorted(
        (name, rule.rule) if rule.kind == "css" else (name, rule.rule, rule.kind) for name, rule in rules
    )


def _strings(plain: object, what: str) -> dict[str, str]:
    try:
        return msgspec.convert(plain, dict[str, str])
    except msgspec.ValidationError as error:
        raise ValueError(f"{plain!r} is not {what}: {error}.") from error


def _text(plain: Mapping[str, Any], word: str) -> str:
    value = plain.get(word, "")
    if not isinstance(value, str):
        raise ValueError(f"{word!r} of {plain.get('name')!r} has to be a text.")
    return value


def _list(plain: Mapping[str, Any], word: str) -> Sequence[Any]:
    value = plain.get(word, ())
    if isinstance(value, str | Mapping) or not isinstance(value, Sequence):
        raise ValueError(f"{word!r} of {plain.get('name')!r} has to be a list.")
    return value


def _texts(plain: Mapping[str, Any], word: str) -> Sequence[str]:
    value = _list(plain, word)
    if not all(isinstance(each, str) for each in value):
        raise ValueError(f"{word!r} of {plain.get('name')!r} has to be a list of texts.")
    return value
