"""From release 0.1 on: every record, run and page gets its rule set, in few steps, all of them or none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.db import IntegrityError, connection

from catalog.models import Seed
from crawler.collections import rules_digest
from tests.harness.migrating import migrate

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("up_to_date_afterwards")]
migration = import_module("catalog.migrations.0002_rule_sets")
OLD, NEW = [("catalog", "0001_initial")], [("catalog", "0002_rule_sets")]
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
NAME, PRICE = {"name": "näme", "css": "h1"}, {"name": "price", "css": ".price::text"}


def digest(*fields: dict[str, str]) -> str:
    """As release 0.1 computed it, and this one still."""
    return rules_digest(Seed(start_urls="http://a.test/", fields=list(fields)).policy().collections)


class Old:
    """The tables of release 0.1, and rows in them."""

    def __init__(self, apps: Any) -> None:
        self._apps = apps
        self._number = 0
        self.host = self._make("Host", origin="http://a.test:80")
        self.batch = self._make("Batch", folder="batches/x", lane=1, rank=15, visits_count=1, due_at=NOW)

    def _make(self, model: str, **values: Any) -> Any:
        return self._apps.get_model("catalog", model).objects.create(**values)

    def seed(self, name: str, *fields: dict[str, str]) -> Any:
        return self._make("Seed", name=name, start_urls="http://a.test/", schedule="manual", fields=fields)

    def run(self, seed: Any, hour: int, *fields: dict[str, str], **values: Any) -> Any:
        """A run that opened so many hours after :data:`NOW`."""
        at = NOW + timedelta(hours=hour)
        policy = {"start_urls": ["http://a.test/"], "fields": fields}
        return self._make(
            "Run",
            **(
                {"seed": seed, "kind": "manual", "slot": at, "policy_json": policy, "started_at": at} | values
            ),
        )

    def page(self, seed: Any, rules: str) -> Any:
        self._number += 1
        return self._make(
            "Page", seed=seed, host=self.host, url=f"http://a.test/{self._number}", fingerprint=self._number,
            first_stored_at=NOW, last_fetched_at=NOW, last_changed_at=NOW, digest="0" * 64, rules=rules,
        )  # fmt: skip

    def version(self, page: Any, run: Any, data: dict[str, str | None] | None) -> Any:
        """A version, now the latest; without a run when that is pruned, a year ago. Returns its record."""
        self._number += 1
        at = run.started_at if run else NOW - timedelta(days=366) + timedelta(hours=self._number)
        snapshot = self._make(
            "Snapshot", page=page, run=run, batch=self.batch, offset=0, length=1, final_url=page.url,
            status=200, size=1, digest="0" * 64, fetched_at=at,
        )  # fmt: skip
        page.latest = snapshot
        page.save()
        if data is None:
            return None
        return self._make("Record", snapshot=snapshot, page=page, seed=page.seed, data=data)


@pytest.fixture
def old(monkeypatch: pytest.MonkeyPatch) -> Old:
    """The database as release 0.1 has it."""
    monkeypatch.setattr(migration, "CHUNK", 2)
    monkeypatch.setattr(migration, "SPAN", 2)
    return Old(migrate(OLD))


class New:
    """The tables after the migration, whatever later ones make of them."""

    def __init__(self) -> None:
        self._apps = migrate(NEW)

    def table(self, model: str) -> Any:
        return self._apps.get_model("catalog", model).objects

    def rule_sets(self, seed: Any) -> list[tuple[int, list[dict[str, str]]]]:
        """Number and rules of a seed's rule sets."""
        of_seed = self.table("RuleSet").filter(seed=seed.pk)
        return list(of_seed.order_by("number").values_list("number", "rules"))

    def newest(self, seed: Any) -> Any:
        return self.table("RuleSet").filter(seed=seed.pk).latest("in_force_since")

    def numbers(self, *rows: Any) -> list[int | None]:
        """The numbers of the rule sets that runs, pages or records of before have now."""
        return [
            self.table(type(row).__name__).values_list("rule_set__number", flat=True).get(pk=row.pk)
            for row in rows
        ]


def test_what_runs_have_frozen_is_numbered_by_time(old: Old) -> None:
    seed, other = old.seed("a", NAME), old.seed("b")
    later = old.run(seed, 3, PRICE, NAME)
    runs = [old.run(seed, hour, NAME) for hour in (1, 2, 4)]
    same = old.run(seed, 5, NAME, PRICE, kind="recrawl", state="due", started_at=None, created_at=NOW)
    opened = old.run(other, 1)
    due = old.run(other, 2, policy_json={}, started_at=None, state="due")
    page = old.page(seed, digest(NAME))
    records = [old.version(page, run, {"näme": "x"}) for run in (runs[0], runs[2])]
    records.insert(1, old.version(old.page(seed, digest(NAME, PRICE)), later, {"näme": "x", "price": None}))
    plain = old.page(other, "")
    old.version(plain, opened, None)
    new = New()
    assert new.rule_sets(seed) == [(1, [NAME, PRICE]), (2, [NAME])]  # the order to recrawl came first
    assert new.numbers(*runs, later, same, opened, due) == [2, 2, 2, 1, 1, None, None]
    assert new.numbers(*records) == [2, 1, 2]
    assert new.numbers(page, plain) == [2, None]
    newest = new.newest(seed)
    assert newest.rules == [NAME]
    assert NOW + timedelta(hours=3) < newest.in_force_since <= NOW + timedelta(hours=4)
    assert newest.digest == digest(NAME)


def test_what_no_run_has_any_more_is_taken_from_pages_and_seeds(old: Old) -> None:
    known, saved = old.seed("known", PRICE), old.seed("saved", NAME)
    run = old.run(known, 1, NAME)
    of_known, of_saved = old.page(known, digest(NAME)), old.page(saved, digest(NAME))
    records = [old.version(page, None, {"näme": "x"}) for page in (of_known, of_saved)]
    new = New()
    assert new.rule_sets(known) == new.rule_sets(saved) == [(1, [NAME])]
    assert new.numbers(run, of_known, of_saved, *records) == [1, 1, 1, 1, 1]


def test_of_rules_that_nobody_knows_the_names_are_kept(old: Old) -> None:
    seed = old.seed("a", PRICE)
    old.run(seed, 1, PRICE)
    page, lost = old.page(seed, digest(PRICE)), old.page(seed, "0123456789abcdef")
    prices = [old.version(page, None, {"price": value}) for value in ("1", "2")]
    both = [old.version(page, None, {"price": "3", "näme": value}) for value in ("x", None, "y")]
    latest = old.version(page, None, {"price": "4"})
    of_lost = old.version(lost, None, {"price": "5"})
    new = New()
    named = [{"name": "näme"}, {"name": "price"}]
    assert new.rule_sets(seed) == [(1, [{"name": "price"}]), (2, named), (3, [PRICE])]
    assert new.numbers(*prices, *both, latest, of_lost) == [1, 1, 2, 2, 2, 3, 1]
    assert new.numbers(page, lost) == [3, 1]
    assert {row.number for row in new.table("RuleSet").filter(digest__startswith="?")} == {1, 2}
    assert new.newest(seed).rules == [PRICE]


def test_an_interruption_leaves_everything_as_it_was(old: Old, monkeypatch: pytest.MonkeyPatch) -> None:
    seed = old.seed("a", NAME)
    record = old.version(old.page(seed, digest(NAME)), old.run(seed, 1, NAME), {"näme": "x"})

    def die(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(migration, "_number", die)
        New()
    assert "catalog_ruleset" not in connection.introspection.table_names()
    assert New().numbers(record) == [1]


def test_a_version_may_be_read_by_many_rule_sets_afterwards(old: Old) -> None:
    seed = old.seed("a", NAME)
    page = old.page(seed, digest(NAME))
    old.run(seed, 1, PRICE)
    record = old.version(page, old.run(seed, 2, NAME), {"näme": "x"})
    new = New()
    first = new.table("RuleSet").get(number=1)
    values = {"snapshot_id": record.snapshot_id, "page_id": page.pk, "seed_id": seed.pk}
    new.table("Record").create(rule_set=first, **values)
    with pytest.raises(IntegrityError):
        new.table("Record").create(rule_set=first, **values)
