"""Candidates for one field, from the places where its records are."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec

from crawler.collections import Collection, Field, Rule
from crawler.reading.extractor import compile_collections
from crawler.reading.extractor.reading import Reading
from crawler.reading.fields import compile_rule
from crawler.reading.fields.kind import Place, RuleReader
from crawler.reading.record import Value
from crawler.reading.repair.candidate import SAMPLES, Attempt, Sample
from crawler.reading.repair.from_data import json_attempts, thing_attempts
from crawler.reading.repair.from_elements import element_attempts
from crawler.reading.repair.places import Spot
from crawler.reading.repair.values import Wanted, is_empty, same, typed, variants

LOOKED_AT = 5  # places in which values are looked for; what comes of it is tested on all
MOST_RULES = 250
ENOUGH = 0.5  # of the values that a candidate has to give
_LOCALES = ("", "en", "de", "fr", "es")


class Reads(msgspec.Struct, frozen=True):
    """A field with another rule, and how many of the known values it gives."""

    field: Field
    right: int
    of: int
    frailty: float
    samples: tuple[Sample, ...]

    @property
    def score(self) -> float:
        return self.right / max(self.of, 1) - 0.001 * self.frailty


def field_candidates(
    field: Field, spots: Sequence[Spot], languages: Sequence[str], until: float
) -> list[Reads]:
    """What reads the known values of a field, best first; tested until a CPU time of this thread."""
    known = [spot.known.get(field.name) for spot in spots]
    reads: list[Reads] = []
    for attempt in _attempts(field, spots, known):
        if time.thread_time() > until:
            break
        if (each := _tested(field, attempt, spots, known, languages)) is not None:
            reads.append(each)
    return sorted(reads, key=lambda each: -each.score)


def is_good(field: Field, spots: Sequence[Spot]) -> bool:
    """Whether a field still gives most of the known values."""
    known = [spot.known.get(field.name) for spot in spots]
    full = [value for value in known if not is_empty(value)]
    read = _read_by(field, spots)
    right = sum(same(*pair) and not is_empty(pair[1]) for pair in zip(read, known, strict=True))
    return right >= ENOUGH * len(full)


def reads_of(field: Field, spots: Sequence[Spot], frailty: float) -> Reads | None:
    """How much a field gives of what is known; None if that is little."""
    known = [spot.known.get(field.name) for spot in spots]
    return _reads(field, _read_by(field, spots), spots, known, frailty)


def _read_by(field: Field, spots: Sequence[Spot]) -> list[Value]:
    """What a field gives in each place."""
    reader = compile_collections((Collection(name="alone", fields=(field,)),)).readers[0].fields[0]
    return [reader.read(spot.place, Reading(spot.place.document), {}) for spot in spots]


def _attempts(field: Field, spots: Sequence[Spot], known: Sequence[Value]) -> list[Attempt]:
    """Rules by how often they were met in the places that were looked at, robust ones first."""
    met: Counter[Rule] = Counter()
    best: dict[Rule, Attempt] = {}
    full = [at for at, value in enumerate(known) if not is_empty(value)]
    for at in full[:: max(1, len(full) // LOOKED_AT)][:LOOKED_AT]:
        spot = spots[at]
        wanted = Wanted(known[at], field.type, spot.url)
        for attempt in dict.fromkeys(_all_attempts(spot.place, wanted)):
            met[attempt.rule] += 1
            if attempt.rule not in best or attempt.frailty < best[attempt.rule].frailty:
                best[attempt.rule] = attempt
    ordered = sorted(best.values(), key=lambda each: (-met[each.rule], each.frailty))
    return ordered[:MOST_RULES]


def _all_attempts(place: Place, wanted: Wanted) -> Iterator[Attempt]:
    for source in (thing_attempts, json_attempts, element_attempts):
        yield from source(place, wanted)


def _tested(
    field: Field, attempt: Attempt, spots: Sequence[Spot], known: Sequence[Value], languages: Sequence[str]
) -> Reads | None:
    """The best that a rule gives with one of the clean-up chains and locales."""
    try:
        reader = compile_rule(attempt.rule)
    except ValueError:
        return None
    raws = [matched(reader, field, spot.place) for spot in spots]
    best: tuple[float, Field] | None = None
    for steps in variants(field, raws, known):
        for locale in _locales(field, languages):
            changed = msgspec.structs.replace(field, rules=(attempt.rule,), steps=steps, locale=locale)
            right = _right(changed, raws, spots, known)
            value = right - 0.01 * len(steps) - 0.001 * (locale != field.locale)
            if best is None or value > best[0]:
                best = value, changed
        if best is not None and best[0] >= len(spots) - 0.02:
            break
    if best is None:
        return None
    changed = best[1]
    read = [typed(raw, changed, spot.url) for raw, spot in zip(raws, spots, strict=True)]
    return _reads(changed, read, spots, known, attempt.frailty)


def matched(reader: RuleReader, field: Field, place: Place) -> list[Value]:
    """What a rule gives in a place, as a field takes it."""
    if field.many:
        return list(reader.all(place))
    value = reader.first(place)
    return [] if value is None else [value]


def _locales(field: Field, languages: Sequence[str]) -> list[str]:
    if field.type not in {"money", "number", "date", "datetime"}:
        return [field.locale]
    return list(dict.fromkeys([field.locale, *languages, *_LOCALES]))


def _right(
    field: Field, raws: Sequence[Sequence[Value]], spots: Sequence[Spot], known: Sequence[Value]
) -> int:
    """How often the known value comes out; soon 0 if it never does."""
    right = 0
    for at, (raw, spot, value) in enumerate(zip(raws, spots, known, strict=True)):
        right += same(typed(raw, field, spot.url), value)
        if at == 12 and not right:
            return 0
    return right


def _reads(
    field: Field, read: Sequence[Value], spots: Sequence[Spot], known: Sequence[Value], frailty: float
) -> Reads | None:
    full = [at for at, value in enumerate(known) if not is_empty(value)]
    right_full = sum(same(read[at], known[at]) for at in full)
    if right_full < ENOUGH * len(full) or not right_full:
        return None
    right = sum(same(value, before) for value, before in zip(read, known, strict=True))
    samples = tuple(Sample(spots[at].url, known[at], read[at]) for at in full[:SAMPLES])
    return Reads(field, right, len(spots), frailty + 0.2 * len(field.steps), samples)
