"""Many seeds changed at once: what would change is shown first, each has its line, and it can be undone."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.models import Run, Seed, SeedEdit
from crawler.lanes import Lane
from djsite.desk.bulk.actions import Refused, read_schedule
from djsite.desk.bulk.changing import carry_out, plan
from djsite.desk.bulk.undoing import undo
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]


@pytest.fixture
def seeds() -> list[Seed]:
    tags: tuple[list[str], ...] = (["shops"], [], ["Shops", "old"], [])
    return [factories.make_seed(f"Seed {number}", tags=tags[number]) for number in range(4)]


@pytest.fixture
def operator(client: Client) -> Client:
    factories.log_in(client, "operator")
    return client


def of(seeds: list[Seed], column: str) -> list[object]:
    return [getattr(Seed.objects.get(pk=seed.pk), column) for seed in seeds]


def page(client: Client, **query) -> str:
    return " ".join(client.get(reverse("seeds-bulk"), query).content.decode().split())


def posted(client: Client, seeds: list[Seed], action: str, value: str = "") -> str:
    """The address to which a change leads."""
    keys = ",".join(str(seed.pk) for seed in seeds)
    data = {"keys": keys, "action": action, "value": value}
    return client.post(reverse("seeds-bulk"), data).headers["Location"]


def test_what_would_change_is_shown_and_nothing_is_changed(operator, seeds):
    text = page(operator, seed=[seed.pk for seed in seeds[:3]], action="add-tag", value="shops")
    assert "Add tags: 1 seed" in text and "2 already so" in text
    assert of(seeds, "tags") == [["shops"], [], ["Shops", "old"], []]


def test_all_that_fit_the_filters_are_chosen_wherever_they_stand(operator, seeds):
    assert "1 seed chosen" in page(operator, all="1", tag="shops", seed=[seeds[1].pk])
    assert "4 seeds chosen" in page(operator, all="1", text="seed")


def test_each_seed_that_changes_has_one_line_and_all_are_undone_together(operator, seeds):
    bulk = posted(operator, seeds, "schedule", "every 6 hours").partition("bulk=")[2]
    assert of(seeds, "interval_seconds") == [21600] * 4
    assert SeedEdit.objects.filter(bulk=bulk).count() == 4
    assert "Undo" in operator.get(reverse("seeds"), {"bulk": bulk}).content.decode()
    Seed.objects.filter(pk=seeds[0].pk).update(interval_seconds=60)
    operator.post(reverse("seeds-bulk-undo"), {"bulk": bulk})
    assert of(seeds, "interval_seconds") == [60, 3600, 3600, 3600]


def test_a_deletion_is_undone_for_a_day(operator, seeds):
    bulk = posted(operator, seeds[:3], "delete").partition("bulk=")[2]
    assert Seed.objects.alive().count() == 1
    user = factories.make_user("operator")
    assert undo(bulk, timezone.now() + timedelta(days=2), user) == "There is nothing to undo any more."
    operator.post(reverse("seeds-bulk-undo"), {"bulk": bulk})
    assert Seed.objects.alive().count() == 4


def test_lane_switch_and_runs(operator, seeds):
    posted(operator, seeds[:2], "turn", "after all others")
    assert of(seeds, "lane") == [Lane.BULK, Lane.BULK, Lane.NORMAL, Lane.NORMAL]
    posted(operator, seeds, "off")
    assert of(seeds, "enabled") == [False] * 4
    assert posted(operator, seeds[:2], "run") == reverse("runs")
    assert Run.objects.filter(kind=Run.Kind.MANUAL).count() == 2


def test_what_cannot_be_understood_changes_nothing(operator, seeds):
    assert "is no schedule" in page(operator, seed=seeds[0].pk, action="schedule", value="often")
    user = factories.make_user("operator")
    with pytest.raises(Refused):
        carry_out([seed.pk for seed in seeds], "schedule", "61 25 * * *", timezone.now(), user)
    assert plan(seeds, "remove-tag", "SHOPS").same == 2
    assert not SeedEdit.objects.exists()


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("every 6 hours", {"schedule": "interval", "interval_seconds": 21600}),
        ("Every day", {"schedule": "interval", "interval_seconds": 86400}),
        ("daily at 8:05", {"schedule": "cron", "cron": "5 8 * * *"}),
        ("*/5 * * * 1-5", {"schedule": "cron", "cron": "*/5 * * * 1-5"}),
        ("by hand", {"schedule": "manual"}),
    ],
)
def test_a_schedule_is_read_as_people_write_it(text, columns):
    assert read_schedule(text) == columns


def test_a_viewer_has_no_boxes_and_changes_nothing(client: Client, seeds):
    factories.log_in(client, "viewer")
    assert not re.search('name="seed"', client.get(reverse("seeds")).content.decode())
    assert client.get(reverse("seeds-bulk")).status_code == 403
