"""Seeds in trouble: one that missed its slot, or whose last runs got nothing, until it is well."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Coverage, Run, Seed
from crawler.outcomes import Outcome
from djsite.desk.health import report
from scheduler.watch.troubles import troubles
from tests import factories
from tests.factories import NOW, Got

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]
FAILED = [Got("http://shop.example/", Outcome.FAILED, "timeout", None)]
STORED = [Got("http://shop.example/")]


def found() -> list[tuple[str, str]]:
    return [(trouble.seed.name, trouble.what) for trouble in troubles()]


def at(hours: float):
    return NOW + timedelta(hours=hours)


def failed(seed: Seed, hours: float, **values) -> Run:
    run = factories.make_run(seed, at=at(hours), **values)
    Run.objects.filter(pk=run.pk).update(discovered=1, failed=1)
    return run


def stored(seed: Seed, hours: float, **values) -> Run:
    run = factories.make_run(seed, at=at(hours), **values)
    Run.objects.filter(pk=run.pk).update(discovered=1, stored=1)
    return run


def test_a_missed_slot_is_told_until_a_run_gets_something():
    seed = factories.make_seed("shop")
    stored(seed, 0)
    assert found() == []
    factories.make_run(seed, Run.State.MISSED, at=at(1), finished_at=at(1), reason="downtime")
    assert found() == [("shop", "missed")]
    factories.make_run(seed, Run.State.SKIPPED, at=at(2), finished_at=at(2), reason="overlap")
    factories.make_run(seed, Run.State.OPEN, at=at(3))
    stored(seed, 2.5, kind=Run.Kind.RECRAWL)
    assert found() == [("shop", "missed")]
    stored(seed, 4)
    assert found() == []


def test_two_failures_in_a_row_are_told_and_one_is_not():
    seed = factories.make_seed("shop")
    stored(seed, 0)
    failed(seed, 1)
    assert found() == []
    failed(seed, 2)
    assert found() == [("shop", "failing")]
    stored(seed, 3)
    assert found() == []


def test_an_only_run_that_failed_is_told():
    failed(factories.make_seed("shop"), 0)
    bad = factories.make_seed("bad")
    factories.make_run(bad, at=NOW, reason="bad_url")
    assert found() == [("bad", "failing"), ("shop", "failing")]


def test_a_failure_after_a_missed_slot_is_told():
    seed = factories.make_seed("shop")
    factories.make_run(seed, Run.State.MISSED, at=at(1), finished_at=at(1))
    failed(seed, 2)
    assert found() == [("shop", "failing")]


def test_seeds_without_a_schedule_are_not_watched():
    for name, values in {
        "off": {"enabled": False}, "deleted": {"deleted_at": NOW}, "by hand": {"schedule": "manual"},
    }.items():  # fmt: skip
        failed(factories.make_seed(name, **values), 0)
    assert found() == []


def test_some_failures_among_successes_are_no_alert():
    seed = factories.make_seed("shop")
    for hours in range(3):
        run = factories.make_run(seed, at=at(hours))
        Run.objects.filter(pk=run.pk).update(discovered=3, failed=2, stored=1)
    assert found() == []


def fell(seed: Seed, hours: float, name: str = "price", **said) -> Run:
    """A measured run in which a field fell."""
    run = stored(seed, hours, compared=False)
    fall = {"since": at(hours).isoformat(), "pages": [], **said}
    counts = {"pages": 9, "holding": 9, "records": 9, "fields": {name: [1, 0]}}
    Coverage.objects.create(run=run, collection="products", fallen={name: fall} if name else {}, **counts)
    return run


def test_what_fell_is_told_once_for_each_seed_until_it_is_read_again_or_accepted():
    seed = factories.make_seed("by hand", schedule="manual", next_slot=None)
    run = fell(seed, 0)
    Coverage.objects.create(
        run=run, collection="details", fallen={"": {"since": at(-1).isoformat(), "pages": []}}
    )
    (trouble,) = troubles()
    assert (trouble.seed, trouble.what, trouble.run) == (seed, "fell", run)
    assert trouble.fall is not None
    assert trouble.fall.since == at(-1)
    assert trouble.fall.sentence == (
        "products: few values of price (1 of 9). details: read on 0 of 0 pages that had records."
    )
    stored(seed, 1, kind=Run.Kind.RECRAWL, compared=True)
    stored(seed, 2)  # not measured yet
    factories.make_run(seed, Run.State.MISSED, at=at(3), finished_at=at(3))
    assert [what for _, what in found()] == ["fell"]
    fell(seed, 4, accepted=at(5).isoformat())
    assert found() == []
    fell(factories.make_seed("off", enabled=False), 0)
    fell(factories.make_seed("deleted", deleted_at=NOW), 0)
    assert found() == []


def test_the_number_of_queries_does_not_grow(django_assert_num_queries):
    for number in range(12):
        seed = factories.make_seed(f"seed {number:02}")
        failed(seed, 1)
        failed(seed, 2)
    with django_assert_num_queries(3):
        assert len(troubles()) == 12
    assert len(troubles(5)) == 5


def test_the_report_the_dashboard_and_health_tell_them(client: Client):
    seed = factories.make_seed("shop <b>")
    factories.make_run(seed, Run.State.MISSED, at=NOW, finished_at=NOW)
    failed(factories.make_seed("other"), 0)
    told = report(NOW)
    assert "1 seed missed its latest slot." in told["problems"]
    assert "1 seed got nothing in its last runs." in told["problems"]
    health = client.get(reverse("health")).json()
    assert health["status"] == "degraded"
    assert [found["name"] for found in health["details"]["seeds"]] == ["other", "shop <b>"]
    assert "shop" not in client.get(reverse("health"), REMOTE_ADDR="192.0.2.7").content.decode()
    factories.log_in(client, "viewer")
    page = client.get(reverse("dashboard")).content.decode()
    assert "shop &lt;b&gt;</a>" in page and "did not run when it was due" in page
    assert f'href="{reverse("seed", args=[seed.pk])}"' in page
