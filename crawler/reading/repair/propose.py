"""Proposals for a collection, or for one of its fields."""

from __future__ import annotations

import time
from collections.abc import Sequence

import msgspec

from crawler.collections import Collection, Field, Rule
from crawler.reading.document import Document
from crawler.reading.extractor import compile_collections
from crawler.reading.repair.candidate import Candidate, Proof, Seen
from crawler.reading.repair.fields import Reads, field_candidates, is_good
from crawler.reading.repair.items import Blocks, item_candidates
from crawler.reading.repair.nested import nested_candidates
from crawler.reading.repair.places import Spot, Telling, spots_of_items, spots_of_pages
from crawler.reading.repair.values import is_empty, same

MOST = 5  # candidates
SECONDS = 1.5  # of CPU, after which no further rule is tested: a busy machine proposes the same, later
MOST_PAGES = 20
GOOD = 0.9  # score of a candidate, after which other rules of items are not tried
OTHER_ITEMS = 0.1  # by which other rules of items may be worse than the best and be tried too


def propose(
    collection: Collection, field_name: str | None, old_pages: Sequence[Seen], new: Sequence[Document]
) -> list[Candidate]:
    """Candidates for a field, or for the rule of items (None), best first; at most :data:`MOST`.

    ``new`` are new versions, of the same pages for a collection with one record a page. A candidate for a
    field of items has another rule of items too, if the old one finds little any more.
    """
    until = time.thread_time() + SECONDS
    old, new = old_pages[:MOST_PAGES], new[:MOST_PAGES]
    if field_name is None:
        return [_of_blocks(collection, blocks, old) for blocks in _blocks(collection, old, new)[:MOST]]
    field = next(field for field in collection.fields if field.name == field_name)
    candidates: list[Candidate] = []
    for base, spots in _bases(collection, old, new):
        reads = _candidates(field, spots, _languages(new), until)
        candidates += [_of_reads(base, each, old) for each in reads[:MOST]]
        if candidates and candidates[0].score > GOOD:
            break
    return _best(candidates)


class Repair(msgspec.Struct, frozen=True):
    """What is broken in a collection, and what could be there instead."""

    items: Candidate | None  # None: the rule of items still fits, or nothing fits better
    fields: dict[str, list[Candidate]]  # of each field that reads less than it did; on top of ``items``
    collection: Collection  # with the best of all


def repair(collection: Collection, old: Sequence[Seen], new: Sequence[Document]) -> Repair:
    """Candidates for each rule that reads less than it did, as :func:`propose` has them."""
    old, new = old[:MOST_PAGES], new[:MOST_PAGES]
    bases = _bases(collection, old, new)
    if not bases:
        return Repair(None, {}, collection)
    base, spots = bases[0]
    changed = base.items != collection.items
    items = _of_blocks(collection, _blocks(collection, old, new)[0], old) if changed else None
    fields: dict[str, list[Candidate]] = {}
    mended = base
    for field in base.fields:
        if not is_good(field, spots):
            until = time.thread_time() + SECONDS
            reads = _candidates(field, spots, _languages(new), until)
            fields[field.name] = _best([_of_reads(base, each, old) for each in reads[:MOST]])
            mended = _with(mended, reads[0].field) if reads else mended
    return Repair(items, fields, mended)


def _bases(
    collection: Collection, old: Sequence[Seen], new: Sequence[Document]
) -> list[tuple[Collection, list[Spot]]]:
    """The collection with each rule of items that is worth a try, and the places that it finds."""
    if collection.items is None:
        return [(collection, spots_of_pages(old, new))]
    telling = Telling(collection, [record for page in old for record in page.values])
    best = item_candidates(telling, new, collection.items)
    return [
        (msgspec.structs.replace(collection, items=blocks.rule), spots_of_items(blocks.rule, telling, new))
        for blocks in best[:3]
        if blocks.score >= best[0].score - OTHER_ITEMS
    ]


def _blocks(collection: Collection, old: Sequence[Seen], new: Sequence[Document]) -> list[Blocks]:
    telling = Telling(collection, [record for page in old for record in page.values])
    return item_candidates(telling, new, collection.items)


def _candidates(field: Field, spots: Sequence[Spot], languages: Sequence[str], until: float) -> list[Reads]:
    source = nested_candidates if field.fields else field_candidates
    return source(field, spots, languages, until)


def _languages(new: Sequence[Document]) -> list[str]:
    """The languages that the pages say they are in."""
    roots = [document.tree.root for document in new if document.tree is not None]
    written = [(root.attr("lang") or "").strip() for root in roots if root is not None]
    return list(dict.fromkeys(language for language in written if 1 < len(language) < 12))


def _best(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Best first, each rule once."""
    unique: dict[tuple[Rule, Rule | None], Candidate] = {}
    for candidate in sorted(candidates, key=lambda each: -each.score):
        unique.setdefault((candidate.rule, candidate.collection.items), candidate)
    return list(unique.values())[:MOST]


def _with(collection: Collection, changed: Field) -> Collection:
    fields = tuple(changed if field.name == changed.name else field for field in collection.fields)
    return msgspec.structs.replace(collection, fields=fields)


def _of_reads(base: Collection, reads: Reads, old: Sequence[Seen]) -> Candidate:
    collection = _with(base, reads.field)
    right, of = _on_old(collection, reads.field.name, old)
    proof = Proof(right, of, reads.right, reads.of, reads.samples)
    return Candidate(collection, reads.field.rules[0], proof, reads.score, reads.field.steps)


def _of_blocks(collection: Collection, blocks: Blocks, old: Sequence[Seen]) -> Candidate:
    changed = msgspec.structs.replace(collection, items=blocks.rule)
    right = sum(len(page.values) for page in old if len(page.values) == len(_read(changed, page.document)))
    proof = Proof(right, sum(len(page.values) for page in old), blocks.right, blocks.of)
    return Candidate(changed, blocks.rule, proof, blocks.score)


def _on_old(collection: Collection, name: str, old: Sequence[Seen]) -> tuple[int, int]:
    """How often a field has the known value on the old pages, and of how many."""
    right = of = 0
    for page in old[:8]:
        records = _read(collection, page.document)
        of += len(page.values)
        if len(records) == len(page.values):
            right += sum(
                same(record.get(name), known.get(name)) and not is_empty(known.get(name))
                for record, known in zip(records, page.values, strict=True)
            )
    return right, of


def _read(collection: Collection, document: Document) -> list[dict[str, object]]:
    anywhere = msgspec.structs.replace(collection, pages=())
    return [record.values for record in compile_collections((anywhere,)).read(document)]
