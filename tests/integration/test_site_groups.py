"""Groups: settings in one place for many seeds; what a seed sets itself is its own, and is shown as such."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Run, Seed, SeedEdit, SeedGroup
from djsite.desk import seeds as desk
from pipelines import runs
from tests import factories
from tests.factories import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]
GIVES = {"name": "Shops", "schedule": "every 6 hours", "time_zone": "Europe/Berlin", "delay": "5"}


@pytest.fixture
def operator(client: Client) -> Client:
    factories.log_in(client, "operator")
    return client


@pytest.fixture
def group(operator: Client) -> SeedGroup:
    assert operator.post(reverse("seed-groups"), GIVES).status_code == 302
    return SeedGroup.objects.get()


@pytest.fixture
def members(operator: Client, group: SeedGroup) -> list[Seed]:
    """Three seeds of the group, brought into it from the list."""
    keys = [factories.make_seed(f"Seed {number}").pk for number in range(3)]
    data = {"keys": ",".join(map(str, keys)), "action": "group", "value": "Shops"}
    operator.post(reverse("seeds-bulk"), data)
    return [Seed.objects.get(pk=pk) for pk in keys]


def again(seed: Seed) -> Seed:
    return Seed.objects.get(pk=seed.pk)


def change(client: Client, group: SeedGroup, **values: str) -> str:
    """The address to which a changed group leads."""
    return client.post(reverse("seed-group", args=[group.pk]), GIVES | values).headers["Location"]


def test_a_seed_that_joins_takes_what_the_group_gives_and_nothing_else(members):
    for seed in members:
        assert (seed.interval_seconds, seed.time_zone, seed.delay) == (21600, "Europe/Berlin", 5.0)
        assert seed.inherits == ["schedule", "delay"]
        assert (seed.per_host, seed.user_agent) == (1, "")


def test_changed_in_one_place_it_is_changed_in_all_that_take_it_and_can_be_undone(operator, group, members):
    own = members[0]
    own.delay = 9.0
    desk.save(own, NOW, None)
    assert again(own).inherits == ["schedule"]
    bulk = change(operator, group, delay="2").partition("bulk=")[2]
    assert [again(seed).delay for seed in members] == [9.0, 2.0, 2.0]
    assert SeedEdit.objects.filter(bulk=bulk).count() == 2
    operator.post(reverse("seeds-bulk-undo"), {"bulk": bulk})
    assert [again(seed).delay for seed in members] == [9.0, 5.0, 5.0]
    assert again(members[1]).inherits == ["schedule"]


def test_a_setting_that_the_group_gives_no_more_stays_as_it_is(operator, group, members):
    change(operator, group, delay="", user_agent="Ours")
    assert [(again(seed).delay, again(seed).user_agent) for seed in members] == [(5.0, "Ours")] * 3
    assert again(members[0]).inherits == ["schedule", "user_agent"]


def test_the_form_of_a_seed_says_what_comes_from_its_group(operator, group, members):
    own = members[0]
    own.delay = 9.0
    desk.save(own, NOW, None)
    text = operator.get(reverse("seed-edit", args=[own.pk])).content.decode()
    assert text.count("from group Shops") == text.count("from group Shops</span>") == 2  # schedule and zone
    page = operator.get(reverse("seed-group", args=[group.pk])).content.decode()
    assert "its own: Seconds between requests" in page
    operator.post(reverse("seed-group-take", args=[group.pk]), {"seed": own.pk})
    assert (again(own).delay, again(own).inherits) == (5.0, ["schedule", "delay"])


def test_a_run_that_is_open_keeps_what_its_seed_had(operator, group, members):
    run = factories.due_run(members[0])
    runs.start_run(run, NOW)
    change(operator, group, delay="60")
    assert Run.objects.get(pk=run.pk).policy.delay == 5.0


def test_its_seeds_stay_as_they_are_when_it_is_deleted(operator, group, members):
    operator.post(reverse("seed-group-delete", args=[group.pk]))
    assert [(again(seed).delay, again(seed).group_id, again(seed).inherits) for seed in members] == [
        (5.0, None, [])
    ] * 3


def test_what_a_group_cannot_give_is_said_beside_its_box(operator):
    text = operator.post(reverse("seed-groups"), GIVES | {"schedule": "often"}).content.decode()
    assert "is no schedule" in text
    text = operator.post(reverse("seed-groups"), GIVES | {"delay": "-3"}).content.decode()
    assert "errorlist" in text
    assert not SeedGroup.objects.exists()
