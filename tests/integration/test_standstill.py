"""Pausing everything: what ran before goes on afterwards, and nothing else does."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from catalog.models import Page, Run, SecondLook, Seed
from djsite.desk.seeding import standstill
from scheduler import sweeps
from tests.factories import Got, crawl, make_run, make_seed
from tests.factories.people import log_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("archive", "valkey")]


def test_the_very_same_seeds_and_runs_go_on():
    on, off = make_seed(name="on"), make_seed(name="off", enabled=False)
    running, paused = make_run(on, Run.State.OPEN), make_run(off, Run.State.PAUSED)
    assert standstill.pause_everything(timezone.now()) == "Everything is paused: 1 schedule, 1 run."
    assert not Seed.objects.filter(enabled=True).exists()
    assert states(running, paused) == ["paused", "paused"]
    assert standstill.go_on(timezone.now()) == "Things go on: 1 schedule, 1 run."
    assert list(Seed.objects.filter(enabled=True)) == [on]
    assert states(running, paused) == ["open", "paused"]
    assert standstill.go_on(timezone.now()) == "Nothing is paused."


def test_paused_again_it_remembers_both_and_who_began():
    ann, bob = (User.objects.create(username=name) for name in ("ann", "bob"))
    first, second = make_seed(name="first"), make_seed(name="second", enabled=False)
    standstill.pause_everything(timezone.now(), ann)
    Seed.objects.filter(pk=second.pk).update(enabled=True)
    standstill.pause_everything(timezone.now(), bob)
    current = standstill.standstill()
    assert current is not None
    assert (current.by, set(current.seeds)) == ("ann", {first.pk, second.pk})
    standstill.go_on(timezone.now(), bob)
    assert Seed.objects.filter(enabled=True).count() == 2


def test_no_second_look_is_asked_meanwhile():
    seed = make_seed()
    crawl(seed, [Got("http://shop.example/assam")])
    SecondLook.objects.create(seed=seed, page_id=Page.objects.get().pk, due_at=timezone.now())
    standstill.pause_everything(timezone.now())
    sweeps.ask_second_looks(timezone.now())
    assert SecondLook.objects.get().state == SecondLook.State.WAITING
    standstill.go_on(timezone.now())
    sweeps.ask_second_looks(timezone.now())
    assert SecondLook.objects.get().state == SecondLook.State.ASKED


def test_every_page_says_so_and_an_operator_lets_it_go_on(client: Client):
    make_seed()
    user = log_in(client, "operator")
    assert "Pause everything" in client.get("/seeds/").text
    client.post("/seeds/pause-all/")
    for page in ("/", "/runs/", "/pages/"):
        assert f"Everything is paused</b> by {user.get_username()}" in client.get(page).text
    client.post("/seeds/resume-all/")
    assert "Everything is paused" not in client.get("/").text


def states(*those: Run) -> list[str]:
    return [Run.objects.get(pk=run.pk).state for run in those]
