"""What the bench of rules counts, and that its planted redesigns leave something to repair."""

from __future__ import annotations

import msgspec
import pytest

from benchmarks.extract.coverage import Coverage, coverage_of
from benchmarks.extract.redesigns import HELD_OUT, REDESIGNS, Redesign
from crawler.collections import Collection, Rule
from crawler.reading.record import ReadRecord
from tests.fakeweb.sites import DESIGNS, SITES, Expected


def _truth(*skus: str) -> list[Expected]:
    return [
        Expected("products", "/list", at, (sku,), {"sku": sku, "name": sku}) for at, sku in enumerate(skus)
    ]


def _read(*skus: str, name: str | None = None) -> list[ReadRecord]:
    return [
        ReadRecord(collection="products", key=(sku,), values={"sku": sku, "name": name or sku})
        for sku in skus
    ]


def _counted(truth: list[Expected], records: list[ReadRecord]) -> Coverage:
    coverage = Coverage()
    coverage.add(truth, records)
    return coverage


def test_the_truth_is_full_coverage() -> None:
    assert _counted(_truth("a", "b"), _read("a", "b")).is_full


def test_a_record_that_is_missed_or_beside_or_doubled_or_in_another_place_is_none() -> None:
    truth = _truth("a", "b")
    assert not _counted(truth, _read("a")).is_full
    assert _counted(truth, _read("a", "b", "advert")).beside == 1
    assert _counted(truth, _read("a", "b", "b")).beside == 1
    assert _counted(truth, _read("b", "a")).out_of_order == 1
    assert not _counted([], []).is_full


def test_a_wrong_value_is_counted_by_its_field() -> None:
    coverage = _counted(_truth("a"), _read("a", name="another"))
    assert coverage.wrong == {"products.name": 1}
    assert coverage.is_complete
    assert not coverage.is_full


@pytest.mark.parametrize(("name", "design"), [(name, design) for name in SITES for design in DESIGNS])
def test_the_right_rules_read_the_truth(name: str, design: str) -> None:
    coverage = coverage_of(SITES[name](), design)
    assert coverage.is_full, coverage.wrong


def test_twelve_redesigns_are_planted_over_six_sites() -> None:
    assert len(set(REDESIGNS)) == 12
    assert {redesign.site for redesign in REDESIGNS} == set(SITES)


@pytest.mark.parametrize("redesign", [*REDESIGNS, *HELD_OUT], ids=lambda redesign: "-".join(redesign))
def test_the_old_rules_lose_values_and_the_right_ones_find_them(redesign: Redesign) -> None:
    for old, right in zip(redesign.rules(), redesign.right_rules(), strict=True):
        assert not all(redesign.reads_truth(old).values())
        assert all(redesign.reads_truth(right).values())


def test_a_rule_that_finds_something_else_is_no_repair() -> None:
    redesign = Redesign("jobs", "a", "b")
    right = redesign.right_rules()[1]
    fields = tuple(
        msgspec.structs.replace(field, rules=(Rule("css", "h1"),)) if field.name == "company" else field
        for field in right.fields
    )
    proposed: Collection = msgspec.structs.replace(right, fields=fields)
    assert [name for name, is_right in redesign.reads_truth(proposed).items() if not is_right] == ["company"]
