"""What an offer is, and how the fields of one are put together from values that were seen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from crawler.collections import Collection, Field, Rule
from crawler.reading.offers.guess import type_of
from crawler.reading.text import fold

SAMPLES = 5  # records whose values are shown
FIELDS = 20  # of a collection that is offered, at most
KEYED = 0.9  # of the records have the field that is proposed as key: an advertisement among them may not
VALUE_LENGTH = 500  # characters of a sample
_KEYS = ("sku", "gtin", "isbn", "id", "identifier", "productid", "code", "url", "link", "href")


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """A collection that could be taken of a document, with what it would give."""

    name: str
    reason: str  # where it was seen, in words for people
    collection: Collection
    records: int
    samples: tuple[Mapping[str, str], ...]  # of the first records: the texts by field, before any conversion
    worth: float  # the higher, the sooner it is offered


class Seen(msgspec.Struct, frozen=True):
    """A field as it was seen: the rule that reads it, and its text in each record; empty without a value."""

    name: str
    rule: Rule
    texts: Sequence[str]
    many: bool = False  # it is a list; its text is that of all entries
    type: str = ""  # empty: by what its texts look like


def build(
    name: str, reason: str, seen: Sequence[Seen], *, items: Rule | None = None, worth: float = 0.0
) -> Offer | None:
    """The offer of some fields; None if none of them has a value."""
    chosen = [field for field in _apart(seen) if any(field.texts)][:FIELDS]
    if not chosen:
        return None
    records = len(chosen[0].texts)
    fields = tuple(
        Field(
            name=field.name,
            rules=(field.rule,),
            many=field.many,
            type=field.type or ("text" if field.many else type_of(field.name, field.texts)),
        )
        for field in chosen
    )
    key = key_of(chosen) if items is not None else ()
    return Offer(
        name=name,
        reason=reason,
        collection=Collection(name=name, fields=fields, items=items, key=key),
        records=records,
        samples=tuple(_sample(chosen, position) for position in range(min(records, SAMPLES))),
        worth=worth,
    )


def _sample(fields: Sequence[Seen], position: int) -> dict[str, str]:
    return {field.name: fold(field.texts[position])[:VALUE_LENGTH] for field in fields}


def _apart(seen: Iterable[Seen]) -> list[Seen]:
    """Each with a name of its own."""
    named: dict[str, Seen] = {}
    for field in seen:
        name, number = field.name, 2
        while name in named:
            name, number = f"{field.name}_{number}", number + 1
        named[name] = msgspec.structs.replace(field, name=name)
    return list(named.values())


def key_of(fields: Sequence[Seen]) -> tuple[str, ...]:
    """The field that tells the records apart: a number of the site's own, else the address; or none."""
    for word in _KEYS:
        for field in fields:
            filled = [text for text in field.texts if text]
            telling = len(filled) >= KEYED * len(field.texts) and len(set(filled)) == len(filled)
            if telling and field.name.rpartition("_")[2] == word:
                return (field.name,)
    return ()
