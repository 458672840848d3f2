"""Versions that a seed does not keep: what goes, what stays whatever the rule says, and room given back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import count

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import (
    Batch,
    Chore,
    Page,
    Reading,
    Record,
    RecordVersion,
    Rereading,
    SecondLook,
    Seed,
    Snapshot,
)
from djsite.desk.read.pages import body_of
from pipelines.changes.feed import read_changes
from pipelines.export import page_rows
from pipelines.prune import prune, versions
from pipelines.prune.retention import Kept
from pipelines.receipts.receipts import receipt_of
from pipelines.rereading import ask
from tests import factories
from tests.factories import NOW, Got, crawl, make_seed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("archive")]
SITE = "http://shop.example"
DAY = timedelta(days=1)
DAYS = 6
AFTER = NOW + DAYS * DAY
LONG = 3600.0


def shop(pages: int = 1, *, same: bool = False, **rule: object) -> Seed:
    """Pages that had another text each day; and another price, if that is not the same."""
    seed = make_seed(**({"keep_versions": 2} | rule))
    Seed.objects.filter(pk=seed.pk).update(updated_at=NOW)
    for day in range(DAYS):
        got = [
            Got(f"{SITE}/{page}", text=f"day {day}", fields={"price": "1" if same else f"{day}"})
            for page in range(pages)
        ]
        crawl(seed, got, at=NOW + day * DAY)
    return seed


def texts(page: Page | None = None) -> list[str]:
    page = page or Page.objects.get()
    return [version.text.removeprefix("day ") for version in page.snapshots.order_by("pk")]


def test_the_first_the_newest_and_the_receipts_stay(archive):
    shop()
    assert prune(AFTER, seconds=LONG)
    assert texts() == ["0", "4", "5"]
    assert Reading.objects.count() == 3
    assert len(list(archive.rglob("segment.warc.gz"))) == Batch.objects.count() == 3, "room is given back"
    assert [body_of(version) for version in Snapshot.objects.select_related("batch")], "what stays is whole"


def test_a_seed_without_a_rule_keeps_all():
    shop(keep_versions=None)
    assert prune(AFTER, seconds=LONG)
    assert len(texts()) == DAYS
    assert not Chore.objects.exclude(name="prune").exists()


def test_the_receipt_of_a_value_stays_however_old_also_when_its_record_has_moved():
    seed = shop(2, same=True)
    first, second = Page.objects.order_by("pk")
    versions_of = first.snapshots.order_by("pk")
    moved = Record.objects.get(page=first)
    Record.objects.filter(pk=moved.pk).update(page=second, snapshot=versions_of[1].pk)
    held = {
        "price": {
            "held_since": NOW.isoformat(),
            "snapshot": second.snapshots.order_by("pk")[2].pk,
            "rule_set": 1,
        }
    }
    Record.objects.filter(page=second).exclude(pk=moved.pk).update(problems=held)
    assert prune(AFTER, seconds=LONG)
    assert texts(first) == ["0", "1", "4", "5"]
    assert texts(second) == ["0", "2", "4", "5"]
    assert seed.records.count() == 2


def test_what_is_pruned_is_said_to_be_where_it_is_missed(client: Client):
    seed = shop()
    assert prune(AFTER, seconds=LONG)
    record, page = Record.objects.get(), Page.objects.get()
    earlier = RecordVersion.objects.order_by("pk")[2]
    assert "pruned" in receipt_of(record.pk, earlier.pk).problem
    assert page.versions == DAYS, "it says how many there were"
    factories.log_in(client, "viewer")
    for url in (page, record):
        name = "page" if isinstance(url, Page) else "record"
        assert client.get(reverse(name, args=[url.pk])).status_code == 200
    assert client.get(reverse("version", args=[earlier.snapshot_id])).status_code == 404
    (row,) = page_rows(seed)
    assert (row["fields"], row["changes"]) == ({"price": "5"}, DAYS - 1)
    assert list(read_changes()), "the feed of changes can be read"
    for run in seed.runs.order_by("pk"):
        list(page_rows(run=run))


def test_pages_that_are_looked_at_again_wait_and_so_does_a_seed_that_is_read_again():
    seed = shop()
    look = SecondLook.objects.create(seed=seed, page_id=Page.objects.get().pk, since=AFTER, due_at=AFTER)
    assert prune(AFTER, seconds=LONG)
    assert len(texts()) == DAYS
    look.delete()
    ask(seed, AFTER)
    assert prune(AFTER + DAY, seconds=LONG)
    assert len(texts()) == DAYS
    Rereading.objects.update(finished_at=AFTER)
    assert prune(AFTER + DAY, seconds=LONG)
    assert texts() == ["0", "4", "5"]


def test_versions_of_the_last_hour_stay():
    shop()
    Snapshot.objects.update(fetched_at=AFTER - timedelta(minutes=30))
    assert prune(AFTER, seconds=LONG)
    assert len(texts()) == DAYS


def test_it_looks_once_a_day_and_after_the_rule_has_changed():
    seed = shop()
    assert prune(AFTER, seconds=LONG)
    crawl(seed, [Got(f"{SITE}/0", text="day 6")], at=AFTER + timedelta(hours=1))
    assert prune(AFTER + timedelta(hours=3), seconds=LONG)
    assert texts() == ["0", "4", "5", "6"]
    Seed.objects.update(updated_at=AFTER + timedelta(hours=2))
    assert prune(AFTER + timedelta(hours=3), seconds=LONG)
    assert texts() == ["0", "5", "6"]


class Killed(Exception):
    """The worker is dead."""


def test_a_walk_that_was_cut_off_goes_on_and_ends_as_if_it_had_not(monkeypatch):
    monkeypatch.setattr(versions, "PAGES", 1)
    monkeypatch.setattr(versions, "CHUNK", 1)
    seed = shop(3)

    calls = count(1)
    whole = versions._delete

    def delete(part: Sequence[Kept]) -> None:
        if next(calls) in {2, 5}:  # within a page, and at the beginning of one
            raise Killed
        whole(part)

    monkeypatch.setattr(versions, "_delete", delete)
    for _ in range(2):
        with pytest.raises(Killed):
            prune(AFTER, seconds=LONG)
    assert prune(AFTER, seconds=LONG)
    assert [texts(page) for page in Page.objects.order_by("pk")] == [["0", "4", "5"]] * 3
    chore = Chore.objects.get(name=versions.chore_of(seed.pk))
    assert (chore.place, chore.done_at, chore.result["versions"]) == (0, AFTER, 9)
    assert chore.result["bytes"] == sum(Snapshot.objects.values_list("length", flat=True))
    assert Batch.objects.count() == 3


def test_the_page_of_the_seed_says_what_is_kept_and_by_which_rule(client: Client):
    seed = shop(keep_days=30, keep_daily=True)
    factories.log_in(client, "viewer")
    url = reverse("seed", args=[seed.pk])
    rule = "the newest 2 versions of the last 30 days, and of older ones each day&#x27;s last"
    assert rule in client.get(url).content.decode()
    Seed.objects.update(keep_days=None, keep_daily=False)
    assert prune(AFTER, seconds=LONG)
    shown = " ".join(client.get(url).content.decode().split())
    assert "Of each page are kept: the newest 2 versions; always the first and the last two." in shown
    assert "3 were deleted" in shown
    page = client.get(reverse("page", args=[Page.objects.get().pk])).content.decode()
    assert "Kept of its 6 versions: 3." in page
    Seed.objects.update(keep_versions=None)
    assert "All versions of its pages are kept." in client.get(url).content.decode()


def test_what_is_known_of_a_deleted_seed_goes_too():
    seed = shop()
    assert prune(AFTER, seconds=LONG)
    Seed.objects.filter(pk=seed.pk).update(deleted_at=AFTER - 2 * DAY)
    assert prune(AFTER, seconds=LONG)
    assert not Chore.objects.filter(name=versions.chore_of(seed.pk)).exists()
