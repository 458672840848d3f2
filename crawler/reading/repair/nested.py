"""Candidates for a field of objects, such as the offers of a product: where they stand, and their fields.

What tells the objects apart has to do so on one page only: the same sellers stand on many.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Sequence

import msgspec

from crawler.collections import Collection, Field, Rule
from crawler.reading.repair.fields import Reads, field_candidates, is_good, reads_of
from crawler.reading.repair.items import Blocks, item_candidates
from crawler.reading.repair.places import Spot, Telling, spots_of_items

LOOKED_AT = 6  # pages in which the objects are looked for
MOST_RULES = 3  # of the objects, whose fields are looked for


def nested_candidates(
    field: Field, spots: Sequence[Spot], languages: Sequence[str], until: float
) -> list[Reads]:
    """What reads the known objects of whole pages, best first; of items on a page, none."""
    pages = [spot for spot in spots if spot.place.part is None and spot.known.get(field.name)]
    tellings = [(spot, Telling(_inner(field), spot.known[field.name])) for spot in pages]
    reads: list[Reads] = []
    for rule, frailty in _rules(field, tellings[:LOOKED_AT]):
        within = [each for spot, telling in tellings for each in _objects(rule, spot, telling)]
        changed = _mended(field, rule, within, languages, until)
        if changed is not None and (each := reads_of(changed, spots, frailty)) is not None:
            reads.append(each)
        if time.thread_time() > until or (reads and reads[-1].right == reads[-1].of):
            break
    return sorted(reads, key=lambda each: -each.score)


def _inner(field: Field) -> Collection:
    """The objects of a page, as if they were its records."""
    return Collection(name=field.name, items=field.rules[0], fields=field.fields)


def _rules(field: Field, tellings: Sequence[tuple[Spot, Telling]]) -> Iterator[tuple[Rule, float]]:
    """Rules of items by how many objects of all pages have one of their own."""
    by_rule: dict[Rule, list[Blocks]] = defaultdict(list)
    for spot, telling in tellings:
        for blocks in item_candidates(telling, [spot.place.document], field.rules[0]):
            by_rule[blocks.rule].append(blocks)
    fits = {rule: sum(each.right - 0.5 * each.beside for each in group) for rule, group in by_rule.items()}
    for rule in sorted(by_rule, key=lambda rule: (-fits[rule], by_rule[rule][0].frailty))[:MOST_RULES]:
        yield rule, by_rule[rule][0].frailty


def _objects(rule: Rule, spot: Spot, telling: Telling) -> list[Spot]:
    return spots_of_items(rule, telling, [spot.place.document])


def _mended(
    field: Field, rule: Rule, within: Sequence[Spot], languages: Sequence[str], until: float
) -> Field | None:
    """With the best rule of each field that reads less than it did; None if one has none."""
    fields: list[Field] = []
    for each in field.fields:
        if is_good(each, within):
            fields.append(each)
        elif reads := field_candidates(each, within, languages, until):
            fields.append(reads[0].field)
        else:
            return None
    return msgspec.structs.replace(field, rules=(rule,), fields=tuple(fields))
