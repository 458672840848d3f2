"""Repair proposes rules that read the last good values on pages of another design, with the proof of it."""

from __future__ import annotations

import pytest

from benchmarks.extract.redesigns import REDESIGNS, Redesign
from benchmarks.extract.repairs import false_alarms, pages_of, repairs
from crawler.collections import Collection
from crawler.reading.extractor.coverage import Count, has_fallen
from crawler.reading.repair import propose, repair

SHOP, REFERENCE, API = (Redesign(site, "a", "b") for site in ("shop", "reference", "api"))


def _products() -> Collection:
    return SHOP.rules()[0]


@pytest.mark.parametrize("redesign", [SHOP, REFERENCE, API], ids=lambda each: each.site)
def test_most_fields_that_a_redesign_breaks_get_the_right_rule_first(redesign: Redesign) -> None:
    counts = repairs([redesign])
    assert counts.planted > 5
    assert counts.first >= counts.planted - 1, counts.missed


def test_there_are_twelve_redesigns() -> None:
    assert len(REDESIGNS) == 12


def test_items_are_found_by_what_they_hold_and_not_by_what_repeats() -> None:
    old, new = (pages_of(SHOP, design, "products") for design in "ab")
    best = propose(_products(), None, old, [page.document for page in new])[0]
    assert best.proof.new_right == best.proof.new_of > 20
    assert "not([data-anzeige])" in best.rule.rule, "the advertisement is no product"


def test_a_proof_shows_the_values_before_and_after() -> None:
    old, new = (pages_of(SHOP, design, "products") for design in "ab")
    best = propose(_products(), "price", old, [page.document for page in new])[0]
    assert best.proof.new_right == best.proof.new_of
    assert best.proof.samples
    assert all(sample.before == sample.after for sample in best.proof.samples)
    assert f"{best.proof.new_right} of {best.proof.new_of}" in best.proof.sentences[0]


def test_a_whole_collection_is_repaired_at_once() -> None:
    old, new = (pages_of(SHOP, design, "products") for design in "ab")
    mended = repair(_products(), old, [page.document for page in new]).collection
    assert all(SHOP.reads_truth(mended).values())


def test_objects_of_a_page_are_repaired_with_their_fields() -> None:
    details = SHOP.rules()[1]
    old, new = (pages_of(SHOP, design, "details") for design in "ab")
    best = propose(details, "offers", old, [page.document for page in new])[0]
    assert SHOP.reads_truth(best.collection)["offers"]
    offers = next(field for field in best.collection.fields if field.name == "offers")
    assert best.rule == offers.rules[0]
    assert {field.name: field.type for field in offers.fields} == {"seller": "text", "price": "money"}


def test_nothing_is_proposed_for_what_still_reads_right() -> None:
    old = pages_of(SHOP, "a", "products")
    same = repair(_products(), old, [page.document for page in old])
    assert (same.items, same.fields, same.collection) == (None, {}, _products())


def test_nothing_is_proposed_where_no_old_value_is() -> None:
    old, other = pages_of(SHOP, "a", "products"), pages_of(REFERENCE, "a", "cities")
    assert propose(_products(), "price", old, [page.document for page in other]) == []
    assert propose(_products(), None, [], []) == []


@pytest.mark.parametrize(
    ("now", "before"),
    [
        (Count(0, 10), [Count(10, 10)]),
        (Count(0, 3), [Count(3, 3), Count(3, 3)]),
        (Count(10, 100), [Count(80, 100), Count(90, 110), Count(85, 100)]),
    ],
)
def test_a_fall_far_below_what_was_usual_is_noticed(now: Count, before: list[Count]) -> None:
    assert has_fallen(now, before)


@pytest.mark.parametrize(
    ("now", "before"),
    [
        (Count(0, 10), []),  # nothing is known yet
        (Count(0, 0), [Count(10, 10)]),  # no page was read
        (Count(0, 20), [Count(1, 20), Count(0, 20), Count(1, 20)]),  # always rarely filled
        (Count(8, 10), [Count(10, 10), Count(9, 10)]),
        (Count(4, 10), [Count(9, 10), Count(2, 10), Count(6, 10)]),  # it varies
        (Count(0, 2), [Count(1, 2), Count(2, 2)]),
        (Count(9_000, 10_000), [Count(10_000, 10_000)]),  # sure, and small
    ],
)
def test_what_varies_or_was_rare_is_no_fall(now: Count, before: list[Count]) -> None:
    assert not has_fallen(now, before)


def test_runs_without_a_redesign_raise_no_alarm() -> None:
    assert not false_alarms(36)
