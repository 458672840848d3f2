"""Noise is learned from stored versions after runs, shown with its evidence, and switched by people."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from catalog.models import NoiseBlock, Page, Run, Seed, Snapshot, Visit
from catalog.packing import Saw, add_look
from crawler.outcomes import Outcome
from crawler.policy import ChangeMeans
from crawler.rules.keys import Keys
from pipelines import archive
from pipelines.noise.child import looks
from pipelines.noise.learning import learn_noise, may_learn
from tests import factories
from tests.factories import NOW, Got, crawl

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("archive")]
TEXT = " ".join(f"Sentence number {word} is about tea." for word in ("one", "two", "three", "four"))
URLS = [f"http://tea.example/tea/{number}" for number in range(3)]
State = NoiseBlock.State


@pytest.fixture(autouse=True)
def in_this_process(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bodies are compared in a process of their own, which takes a second to start: by one test."""
    if "in_a_child" not in request.node.name:
        monkeypatch.setattr("pipelines.noise.learning.looks_in_child", looks)


@pytest.fixture
def seed() -> Seed:
    return factories.make_seed("Teas", start_urls="http://tea.example/", fields=[])


def look(seed: Seed, day: int, outcome: Outcome = Outcome.STORED, kind: str = Run.Kind.SCHEDULED) -> Run:
    """A run that got three teas, each seen some more times than before."""
    seen = f"<main><h1>Tea</h1><p>{TEXT}</p></main><aside><p class='seen'>Seen {90 + day} times</p></aside>"
    got = [Got(url, outcome, text=seen) for url in URLS]
    return crawl(seed, got, at=NOW + timedelta(days=day), kind=kind)


def learn(seed: Seed, days: int, first: int = 0) -> int:
    """How many blocks are left out after so many runs."""
    return sum(learn_noise(look(seed, day).pk, NOW) for day in range(first, first + days))


def block() -> NoiseBlock:
    return NoiseBlock.objects.get(selector=".seen")


def test_a_counter_is_left_out_after_some_runs_in_a_child(seed: Seed) -> None:
    assert learn(seed, 2) == 0
    assert block().state == State.WATCHED
    assert learn(seed, 1, first=2) == 1
    row = block()
    assert (row.state, row.looks, row.changes, row.pages, row.alone) == (State.LEFT_OUT, 6, 6, 3, 6)
    assert row.learned_at == NOW
    assert row.template == Keys().template(URLS[0])
    assert row.samples[-1] == ["Seen 91 times", "Seen 92 times"]


def test_a_run_is_learned_from_once(seed: Seed) -> None:
    learn(seed, 2)
    run = Run.objects.latest("pk")
    before = block().looks
    assert learn_noise(run.pk, NOW) == 0
    assert block().looks == before


def test_pages_that_were_found_unchanged_meanwhile_say_that_nothing_changes_by_itself(seed: Seed) -> None:
    learn(seed, 1)
    look(seed, 1, Outcome.UNCHANGED)
    look(seed, 2, Outcome.UNCHANGED, kind=Run.Kind.RECRAWL)  # such as a second look, minutes later
    learn_noise(look(seed, 3).pk, NOW)
    assert (block().looks, block().changes) == (6, 3)


def test_looks_that_found_a_page_unchanged_count_though_their_visits_are_pruned(seed: Seed) -> None:
    learn(seed, 1)
    lately = b""
    for days, minutes in ((0, 0), (1, 0), (2, 0), (2, 5)):  # the last is a second look
        saw = Saw.SAME if days else Saw.CHANGE
        lately = add_look(lately, NOW + timedelta(days=days, minutes=minutes), saw)
    Visit.objects.all().delete()
    run = look(seed, 3)
    Page.objects.update(lately=add_look(lately, NOW + timedelta(days=3), Saw.CHANGE))
    learn_noise(run.pk, NOW)
    assert (block().looks, block().changes) == (9, 3)


def test_a_part_that_a_field_of_the_seed_reads_is_kept(seed: Seed) -> None:
    seed.fields = [{"name": "seen", "css": ".seen"}]
    seed.save()
    assert learn(seed, 4) == 0
    assert block().signs["kept"] == "a field reads it"


@pytest.mark.parametrize("how", [{"learn_noise": False}, {"change_means": ChangeMeans.BYTES}])
def test_a_seed_that_does_not_learn_is_not_learned_from(seed: Seed, how: dict[str, object]) -> None:
    Seed.objects.update(**how)
    seed.refresh_from_db()
    run = [look(seed, day) for day in range(2)][1]
    assert not may_learn(run.pk)
    assert learn_noise(run.pk, NOW) == 0
    assert not NoiseBlock.objects.exists()


def test_what_the_seed_leaves_out_by_itself_is_not_learned_too(seed: Seed) -> None:
    seed.noise = "css: .seen"
    seed.save()
    assert learn(seed, 3) == 0
    assert not NoiseBlock.objects.exists()


def test_versions_that_are_no_longer_in_the_archive_cost_nothing_else(seed: Seed) -> None:
    run = [look(seed, day) for day in range(2)][1]
    folder = Snapshot.objects.filter(run=run).values_list("batch__folder", flat=True).first()
    archive.delete_folder(folder or "")
    assert learn_noise(run.pk, NOW) == 0


def test_a_person_sees_the_evidence_and_lets_the_part_count_for_good(seed: Seed, client: Client) -> None:
    learn(seed, 3)
    factories.log_in(client, "operator")
    address = reverse("seed-noise", args=[seed.pk])
    text = client.get(address).content.decode()
    assert "Changed on 6 of 6 looks, at 3 pages; nothing else changed 6 times." in text
    assert "Only times, counters and tokens changed." in text
    assert "<s>Seen 91 times</s> → Seen 92 times" in text
    answer = client.post(address, {"block": block().pk, "to": "count"}, follow=True).content.decode()
    assert ".seen counts again from the next look on." in answer
    assert learn(seed, 3, first=3) == 0
    assert block().state == State.COUNTS
    client.post(address, {"block": block().pk, "to": "leave_out"})
    assert block().state == State.LEFT_OUT
    notes = list(LogEntry.objects.order_by("pk").values_list("change_message", flat=True))
    where = f"“.seen” of pages like {block().example_url}"
    assert notes == [f"Counts as content: {where}", f"Left out as noise: {where}"]
    assert "by operator" in client.get(address).content.decode()


def test_a_viewer_looks_and_switches_nothing(seed: Seed, client: Client) -> None:
    learn(seed, 3)
    factories.log_in(client, "viewer")
    address = reverse("seed-noise", args=[seed.pk])
    assert "Let it count" not in client.get(address).content.decode()
    assert client.post(address, {"block": block().pk, "to": "count"}).status_code == 403
    assert block().state == State.LEFT_OUT


def test_a_block_of_another_seed_is_not_switched(seed: Seed, client: Client) -> None:
    learn(seed, 3)
    factories.log_in(client, "operator")
    other = factories.make_seed("Others")
    for wanted in (str(block().pk), "x", ""):
        client.post(reverse("seed-noise", args=[other.pk]), {"block": wanted, "to": "count"})
    assert block().state == State.LEFT_OUT
