"""Rule sets: numbered by seed, once for the same rules, the newest being the one in force."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model

from catalog.models import RuleSet, Run, Seed
from djsite.desk.recrawls import recrawl_urls
from pipelines.runs import rule_sets
from pipelines.runs.opening import open_runs
from pipelines.runs.rule_sets import save_rules
from tests.factories import NOW, due_run, make_seed

pytestmark = pytest.mark.django_db
TITLE, PRICE = {"name": "title", "css": "h1"}, {"name": "price", "css": ".price"}


def plain(*fields: dict[str, str]) -> list[dict[str, object]]:
    """The collection of plain fields, as a rule set keeps it."""
    return [{"name": "pages", "fields": list(fields)}]


@pytest.fixture
def seed() -> Seed:
    return make_seed("shop", start_urls="http://shop.test/", fields=[])


def save(seed: Seed, *fields: dict[str, str]) -> None:
    seed.fields = list(fields)
    seed.save()


def rule_set_of_run(seed: Seed, hour: int) -> RuleSet | None:
    """That of a run that opens now, some hours after :data:`NOW`."""
    run = due_run(seed, at=NOW + timedelta(hours=hour))
    open_runs([run.pk], run.slot)
    run.refresh_from_db()
    return run.rule_set


def in_force(seed: Seed) -> RuleSet:
    return seed.rule_sets.latest("in_force_since")


def test_other_rules_are_the_next_number_and_the_same_rules_are_the_same_rule_set(seed: Seed) -> None:
    save(seed, TITLE)
    first = rule_set_of_run(seed, 1)
    assert first is not None
    assert (first.number, first.rules, first.created_by) == (1, plain(TITLE), None)
    assert first.created_at == first.in_force_since == NOW + timedelta(hours=1)
    assert rule_set_of_run(seed, 2) == first
    save(seed, TITLE, PRICE)
    second = rule_set_of_run(seed, 3)
    assert second is not None
    assert (second.number, second.rules) == (2, plain(TITLE, PRICE))
    save(seed, PRICE, TITLE)
    assert rule_set_of_run(seed, 4) == second == in_force(seed)


def test_a_run_without_fields_has_none(seed: Seed) -> None:
    assert rule_set_of_run(seed, 1) is None
    assert not RuleSet.objects.exists()


def test_who_goes_back_to_earlier_rules_has_their_number_again(seed: Seed) -> None:
    numbers = []
    for hour, fields in enumerate(([TITLE], [PRICE], [TITLE], [TITLE, PRICE], [PRICE])):
        save(seed, *fields)
        rule_set = rule_set_of_run(seed, hour)
        assert rule_set == in_force(seed)
        numbers.append(rule_set.number)
    assert numbers == [1, 2, 1, 3, 2]


def test_the_newest_is_certain_even_if_the_clock_stands_still_or_goes_back(seed: Seed) -> None:
    for hour, fields in ((5, [TITLE]), (5, [PRICE]), (3, [TITLE])):
        save(seed, *fields)
        run = due_run(seed, at=NOW + timedelta(minutes=Run.objects.count()))
        open_runs([run.pk], NOW + timedelta(hours=hour))
        assert in_force(seed).rules == plain(*fields)


def test_seeds_number_their_rules_apart(seed: Seed) -> None:
    other = make_seed("other")
    for one in (seed, other):
        save(one, TITLE)
        rule_set_of_run(one, 1)
    assert list(RuleSet.objects.order_by("pk").values_list("seed__name", "number")) == [
        ("shop", 1),
        ("other", 1),
    ]


def test_a_person_who_saves_rules_is_named(seed: Seed) -> None:
    user = get_user_model().objects.create(username="olga")
    save(seed, TITLE)
    save_rules(seed, NOW, user.pk)
    save_rules(seed, NOW, None)
    assert seed.rule_sets.get().created_by == user
    assert rule_set_of_run(seed, 1) == seed.rule_sets.get()
    save(seed)
    save_rules(seed, NOW, user.pk)
    assert seed.rule_sets.count() == 1
    user.delete()
    assert seed.rule_sets.get().created_by is None


def test_an_order_to_recrawl_freezes_the_rules_of_its_moment(seed: Seed) -> None:
    save(seed, TITLE)
    (ordered,) = recrawl_urls(["http://shop.test/a"], NOW, seed).ordered
    assert ordered.run.rule_set == seed.rule_sets.get()


def test_a_hundred_seeds_take_one_statement_when_nothing_is_new(django_assert_num_queries) -> None:
    seeds = [make_seed(fields=[TITLE, PRICE]) for _ in range(100)]

    def freeze(hour: int) -> list[tuple[Run, object]]:
        return [(due_run(seed, at=NOW + timedelta(hours=hour)), seed.policy()) for seed in seeds]

    frozen = freeze(1)
    rule_sets.give_rule_sets(frozen, NOW)
    assert RuleSet.objects.count() == 100
    again = freeze(2)
    with django_assert_num_queries(1):
        rule_sets.give_rule_sets(again, NOW)
    assert [run.rule_set_id for run, _ in again] == [run.rule_set_id for run, _ in frozen]


@pytest.mark.parametrize("theirs", [[TITLE], [PRICE]])
def test_who_is_overtaken_by_another_opening_looks_again(
    seed: Seed, theirs: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another run of the seed opens between the look for its rule sets and the insert."""
    look = rule_sets._known
    save(seed, *theirs)
    rule_set_of_run(seed, 1)
    save(seed, TITLE)
    looks: Iterator[dict[int, list[RuleSet]]] = iter([{seed.pk: []}])
    monkeypatch.setattr(rule_sets, "_known", lambda seed_ids: next(looks, None) or look(seed_ids))
    rule_set = rule_set_of_run(seed, 2)
    assert rule_set is not None
    assert (rule_set.rules, rule_set) == (plain(TITLE), in_force(seed))
    assert seed.rule_sets.count() == (1 if theirs == [TITLE] else 2)


def test_they_go_with_their_seed(seed: Seed) -> None:
    save(seed, TITLE)
    rule_set_of_run(seed, 1)
    seed.delete()
    assert not RuleSet.objects.exists()
