"""The process in which candidates for rules are looked for: see :mod:`pipelines.killable`. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from crawler.collections import Collection, Field, Rule
from crawler.reading.document import Document
from crawler.reading.reader import read_document
from crawler.reading.record import Value
from crawler.reading.repair import Candidate, repair
from pipelines.killable import ChildKilled, answer_order, in_child
from pipelines.quality.proposals import SHOWN, Body, Broken, Order, Proposals, Proposed

AGENT = "crawlbeat"


class _Seen(NamedTuple):
    document: Document
    values: list[dict[str, Value]]


def proposals_in_child(order: Order) -> Proposals:
    """What could be proposed; a problem if the pages cannot be read within the limits."""
    try:
        return in_child(__name__, order, Proposals)
    except ChildKilled as error:
        return Proposals(collection=order.collection, problem=f"The pages could not be read: {error}.")


def proposals(order: Order) -> Proposals:
    """Read the pages, and look for rules that give the last good values."""
    collection = Collection.of(order.collection)
    old = [_Seen(_document(body), body.values) for body in order.old]
    found = repair(collection, old, [_document(body) for body in order.new])
    broken = [_broken_items(collection.items, found.items)] if found.items else []
    before = {field.name: field for field in collection.fields}
    broken += [_broken(before[name], candidates) for name, candidates in found.fields.items()]
    return Proposals(collection=order.collection, broken=broken, pages=len(order.new))


def _document(body: Body) -> Document:
    document = read_document(body.body, body.content_type, AGENT)
    document.url, document.headers = body.url, body.headers
    return document


def _broken_items(before: Rule | None, candidate: Candidate) -> Broken:
    return Broken(
        name="",
        before=_words(before) if before else "",
        proposed=[_proposed(candidate, _words(candidate.rule), candidate.rule.plain())],
    )


def _broken(before: Field, candidates: Sequence[Candidate]) -> Broken:
    changed = [
        next(field for field in each.collection.fields if field.name == before.name) for each in candidates
    ]
    return Broken(
        name=before.name,
        before=_field_words(before),
        proposed=[
            _proposed(each, _field_words(field), field.plain())
            for each, field in zip(candidates[:3], changed, strict=False)
        ],
    )


def _proposed(candidate: Candidate, words: str, plain: Mapping[str, object]) -> Proposed:
    proof = candidate.proof
    return Proposed(
        rule=words,
        steps=", ".join(json.dumps(step.plain(), ensure_ascii=False) for step in candidate.steps),
        right=proof.new_right,
        of=proof.new_of,
        sentences=proof.sentences,
        samples=[[each.url, _shown(each.before), _shown(each.after)] for each in proof.samples],
        plain=dict(plain),
    )


def _words(rule: Rule) -> str:
    return f"{rule.kind}: {rule.rule}"


def _field_words(field: Field) -> str:
    """Its first rule, and those of the fields within."""
    within = ", ".join(f"{each.name} by {_field_words(each)}" for each in field.fields)
    return _words(field.rules[0]) + (f" with {within}" if within else "")


def _shown(value: Value) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text[:SHOWN]


if __name__ == "__main__":
    answer_order(Order, proposals)
