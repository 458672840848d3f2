"""Patterns on the site: no URL makes one slow, and what cannot be used is explained."""

from __future__ import annotations

import time

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Run, Seed
from djsite.desk.recrawls import recrawl_urls
from tests import factories
from tests.factories import NOW
from tests.integration.test_site_pages import text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("archive")]


@pytest.fixture
def operator(client: Client) -> Client:
    factories.log_in(client, "operator")
    return client


@pytest.mark.parametrize("pattern", ["re:public.invalid/(a+)+$", "re:/([a-z0-9]+-?)+/$", "*a" * 60 + "*b"])
def test_the_site_answers_whatever_pattern_a_url_meets(operator: Client, pattern: str):
    factories.make_seed("Slow", start_urls="http://public.invalid/start", include=pattern)
    began = time.process_time()
    answer = operator.post(reverse("run-recrawl"), {"urls": "http://public.invalid/" + "a" * 48 + "!"})
    assert answer.status_code in {200, 302}
    assert time.process_time() - began < 5
    assert not Run.objects.exists()


def test_a_seed_with_a_pattern_that_cannot_be_used_covers_nothing_and_says_so(operator: Client):
    seed = factories.make_seed("Old", start_urls="http://public.invalid/start")
    Seed.objects.filter(pk=seed.pk).update(exclude="re:(?!x)")  # no form writes this
    assert recrawl_urls(["http://public.invalid/other"], NOW).ordered == []
    run = factories.open_run(Seed.objects.get(pk=seed.pk))
    assert (run.state, run.reason) == (Run.State.FINISHED, "bad_pattern")
    assert "looks ahead" in text(operator, reverse("run", args=[run.pk]))
    assert "a pattern of the seed cannot be used" in text(operator, reverse("seed", args=[seed.pk]))
