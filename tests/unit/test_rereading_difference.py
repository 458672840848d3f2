"""What a result changes in each field: values that are others, that are there at last, that are no more."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from pipelines.rereading.difference import LENGTH, Difference, OfField, add_pairs
from pipelines.rereading.history import Life, Shown
from pipelines.rereading.slices import Pair
from pipelines.store.record_row import RecordRow

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
OLD_VERSION, NEW_VERSION = 3, 4


def pair(old: dict[str, Any] | None, new: dict[str, Any] | None) -> Pair:
    shown = Shown(NEW_VERSION, 1, 0, ["lamp"], new or {}, {})
    life = Life(shown, shown, NOW, NOW, NOW, 1) if new is not None else None
    receipt = (NOW, old or {}, OLD_VERSION, 1, NOW)
    record = RecordRow(1, "products", 7, ["lamp"], NOW, 1, [], 0, {}, *receipt) if old is not None else None
    return Pair("products", 7, record, life)


def test_each_field_is_counted_by_what_becomes_of_its_values() -> None:
    difference: Difference = {}
    add_pairs(
        difference,
        [
            pair({"price": "1", "place": None, "old": "x"}, {"price": "2", "place": "a", "old": None}),
            pair({"price": "1", "place": ""}, {"price": "1", "place": "b"}),
            pair({"price": "1"}, {"price": "1"}),
            pair(None, {"price": "5", "place": []}),
            pair({"price": "5"}, None),
        ],
    )
    part = difference["products"]
    assert (part.new, part.changed, part.gone, part.same) == (1, 2, 1, 1)
    assert part.values == {
        "price": OfField(changed=1, appeared=1, vanished=1),
        "place": OfField(appeared=2),
        "old": OfField(vanished=1),
    }


def test_samples_say_which_version_has_the_values() -> None:
    difference: Difference = {}
    add_pairs(difference, [pair({"a": "1"}, {"a": "2"}), pair(None, {"a": "1"}), pair({"a": "1"}, None)])
    versions = {
        kind: [each.version for each in kept] for kind, kept in difference["products"].samples.items()
    }
    assert versions == {"changed": [NEW_VERSION], "new": [NEW_VERSION], "gone": [OLD_VERSION]}


def test_long_values_of_samples_are_cut_and_counted_all_the_same() -> None:
    difference: Difference = {}
    add_pairs(difference, [pair({"text": "a" * 5000}, {"text": ["b" * 5000]})])
    (sample,) = difference["products"].samples["changed"]
    assert (len(sample.old["text"]), len(sample.new["text"])) == (LENGTH + 1, LENGTH + 1)
    assert difference["products"].values == {"text": OfField(changed=1)}
