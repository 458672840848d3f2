"""From release 0.1's records to things: values by the newest rules, earlier values, one change set."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.harness.migrating import migrate

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("up_to_date_afterwards")]
OLD, NEW = [("catalog", "0007_leases")], [("catalog", "0009_records_of_readings")]
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class Old:
    """The tables before, and rows in them."""

    def __init__(self, apps: Any) -> None:
        self._apps = apps
        self.number = 0
        self.host = self.make("Host", origin="http://a.test:80")
        self.batch = self.make("Batch", folder="batches/x", lane=1, rank=15, visits_count=1, due_at=NOW)
        self.seed = self.make("Seed", name="a", start_urls="http://a.test/", schedule="manual")
        self.rules = [self.rule_set(number) for number in (1, 2)]

    def make(self, model: str, **values: Any) -> Any:
        return self._apps.get_model("catalog", model).objects.create(**values)

    def rule_set(self, number: int) -> Any:
        since, rules = NOW + timedelta(days=number), [{"name": f"rule{number}", "css": "p"}]
        return self.make(
            "RuleSet", seed=self.seed, number=number, rules=rules, digest=str(number), in_force_since=since
        )

    def page(self, *versions: dict[int, Any]) -> Any:
        """A page with versions, an hour apart, each with what each rule set read from it."""
        self.number += 1
        page = self.make(
            "Page", seed=self.seed, host=self.host, url=f"http://a.test/{self.number}", digest="0" * 64,
            fingerprint=self.number, first_stored_at=NOW, last_fetched_at=NOW + timedelta(days=1),
            last_changed_at=NOW, versions=len(versions),
        )  # fmt: skip
        for hour, read in enumerate(versions):
            page.latest = self.make(
                "Snapshot", page=page, batch=self.batch, offset=0, length=1, final_url=page.url, status=200,
                size=1, digest="0" * 64, fetched_at=NOW + timedelta(hours=hour),
            )  # fmt: skip
            for number, data in read.items():
                rule_set = self.rules[number - 1]
                values = {"rule_set": rule_set, "page": page, "seed": self.seed, "data": data}
                self.make("Record", snapshot=page.latest, **values)
        page.save()
        return page


@pytest.fixture
def old() -> Old:
    return Old(migrate(OLD))


def migrated() -> Any:
    """The tables after, by name."""
    apps = migrate(NEW)
    return lambda name: apps.get_model("catalog", name).objects


def test_a_page_s_values_are_a_record_and_what_differed_before_its_history(old: Old) -> None:
    one, two = {"b": "1", "a": None}, {"b": "2", "a": "ä"}
    page = old.page({1: one}, {1: one}, {1: two}, {1: two})
    table = migrated()
    (record,) = table("Record").all()
    assert (record.seed_id, record.collection, record.key, record.key_hash) == (old.seed.pk, "pages", [], 1)
    assert (record.page_id, record.values, record.gone_at) == (page.pk, two, None)
    assert (record.first_seen_at, record.last_seen_at) == (NOW, NOW + timedelta(days=1))
    assert record.last_changed_at == NOW + timedelta(hours=2)
    (earlier,) = table("RecordVersion").all()
    assert (earlier.record_id, earlier.values) == (record.pk, one)
    assert (earlier.since, earlier.until) == (NOW, NOW + timedelta(hours=2))
    (changes,) = table("ChangeSet").all()
    assert changes.number == 1
    assert {earlier.changed_in_id, record.changed_in_id, record.new_in_id} == {changes.pk}
    assert table("Page").filter(changed_in=changes.pk, new_in=changes.pk).count() == 1
    read = list(table("Reading").order_by("pk").values_list("data", flat=True))
    assert read == [{"pages": [data]} for data in (one, one, two, two)]
    rules = table("RuleSet").order_by("number").values_list("rules", flat=True)
    assert rules[0] == [{"name": "pages", "fields": [{"name": "rule1", "css": "p"}]}]


def test_of_a_version_the_newest_rules_count_and_the_order_of_fields_does_not(old: Old) -> None:
    old.page({1: {"x": "old"}, 2: {"a": "1", "b": "2"}}, {2: {"b": "2", "a": "1"}})
    table = migrated()
    assert table("Record").get().values == {"a": "1", "b": "2"}
    assert table("Reading").count() == 3
    assert not table("RecordVersion").exists()


def test_what_was_not_read_from_the_latest_version_is_no_record(old: Old) -> None:
    old.page({1: {"a": "1"}}, {})
    old.page({})
    old.page({1: {}})
    table = migrated()
    assert [record.values for record in table("Record").all()] == [{}]
    assert table("Reading").count() == 2


def test_of_nothing_nothing_is_made(old: Old) -> None:
    table = migrated()
    assert not table("ChangeSet").exists()
