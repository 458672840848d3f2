"""Recrawl now: chosen pages, whatever was fetched a moment ago, and nothing besides them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import redis
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.models import Host, Page, Run, Seed, Visit
from crawler.lanes import Lane, lane_of
from djsite.desk import recrawls
from djsite.desk.recrawls import Recrawl
from pipelines import runs
from pipelines.runs import recrawl_orders
from scheduler import sweeps
from scheduler.queues import QUEUE_NAMES, depths
from tests import factories
from tests.fakeweb import Answer, FakeWeb, linked_site, redirect
from tests.harness.path import crawl_seed, drive, outcomes

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("archive", "valkey")]
PAGES = 12


@pytest.fixture
def web() -> Iterator[FakeWeb]:
    with FakeWeb(linked_site(pages=PAGES)) as server:
        yield server


@pytest.fixture
def seed(web: FakeWeb, valkey: redis.Redis) -> Seed:
    """A seed whose pages were all fetched a moment ago."""
    crawl_seed(factories.make_web_seed(web, name="site"), valkey)
    web.requests.clear()
    return Seed.objects.get()


def driven(recrawl: Recrawl, valkey: redis.Redis) -> Run:
    """The one run of a request, brought to its end."""
    (ordered,) = recrawl.ordered
    return drive(ordered.run, valkey)


def asked_for(web: FakeWeb) -> list[str]:
    return sorted(seen.path for seen in web.requests if seen.path != "/robots.txt")


def waiting() -> dict[str, int]:
    return {queue: depth for queue, depth in depths(QUEUE_NAMES).items() if depth}


def test_a_page_fetched_a_second_ago_is_fetched_again_and_no_link_is_followed(web, seed, valkey):
    url = f"{web.url}/p/1"
    run = driven(recrawls.recrawl_urls([url], timezone.now()), valkey)
    assert (run.kind, lane_of(run.rank)) == (Run.Kind.RECRAWL, Lane.URGENT)
    assert (run.discovered, run.unchanged) == (1, 1)
    web.site.version = 2
    run = driven(recrawls.recrawl_urls([url], timezone.now()), valkey)
    assert outcomes(run) == {url: ("stored", None)}
    assert asked_for(web) == ["/p/1", "/p/1"]
    assert (run.out_of_scope, run.limits) == (0, {})
    assert Page.objects.get(url=url).versions == 2


def test_opened_at_once_it_calls_the_urgent_lane(web, seed, valkey):
    valkey.flushall()
    recrawls.recrawl_urls([f"{web.url}/p/1"], timezone.now())
    assert waiting() == {"fetch.urgent": 1}


def test_every_seed_that_has_the_page_gets_a_run_of_its_own(web, seed, valkey):
    other = factories.make_web_seed(web, name="other", start_urls=f"{web.url}/p/1", scope="page")
    crawl_seed(other, valkey)
    covering = factories.make_web_seed(web, name="covers it, has it not")
    url = f"{web.url}/p/1"
    found = recrawls.recrawl_urls([url, url], timezone.now())
    assert [(one.run.seed, one.pages) for one in found.ordered] == [(other, 1), (seed, 1)]
    (only,) = recrawls.recrawl_urls([url], timezone.now(), covering).ordered
    assert only.run.seed == covering


def test_a_url_that_no_seed_has_goes_to_those_that_cover_it(web, seed, valkey):
    web.on("/new", Answer(body="<h1>new</h1>"))
    run = driven(recrawls.recrawl_urls([f"{web.url}/new?utm_source=x"], timezone.now()), valkey)
    assert run.stored == 1
    assert Page.objects.filter(url=f"{web.url}/new", seed=seed).exists()


def test_urls_that_nobody_owns_and_lines_that_are_no_urls_are_reported(web, seed):
    lines = ["http://stranger.test/x", "nonsense", f"{web.url.replace('//', '//me:secret@')}/"]
    found = recrawls.recrawl_urls(lines, timezone.now())
    assert found.ordered == []
    told = "\n".join(found.refused)
    assert "http://stranger.test/x belongs to no seed" in told
    assert "URL: 'nonsense' has no http:// or https:// before it" in told
    assert "secret" not in told
    (told,) = recrawls.recrawl_urls(lines[:1], timezone.now(), seed).refused
    assert "does not belong to seed “site”" in told
    with pytest.raises(ValueError, match="too many"):
        recrawls.recrawl_urls(["x"] * 10_001, timezone.now())


def test_a_deleted_seed_owns_nothing(web, seed):
    Seed.objects.update(deleted_at=timezone.now())
    assert recrawls.recrawl_urls([f"{web.url}/p/1"], timezone.now()).ordered == []
    assert recrawls.recrawl_host(Host.objects.get().origin, timezone.now()).ordered == []


def test_redirects_and_secrets_go_no_further_than_in_a_crawl(web, seed, valkey):
    with FakeWeb(linked_site(pages=2)) as elsewhere:
        seed.headers = "X-Key: secret"
        seed.save()
        web.on("/p/1", redirect(f"{elsewhere.url}/p/1"))
        web.on("/p/2", redirect("/p/3"))
        urls = [f"{web.url}/p/1", f"{web.url}/p/2"]
        run = driven(recrawls.recrawl_urls(urls, timezone.now()), valkey)
        assert run.redirected == 2
        assert asked_for(web) == ["/p/1", "/p/2", "/p/3"]
        assert elsewhere.requests == []
        assert {seen.headers.get("x-key") for seen in web.requests} == {"secret"}
        web.on("/", redirect(f"{elsewhere.url}/"))  # a start URL may lead to one page elsewhere
        run = driven(recrawls.recrawl_urls([f"{web.url}/"], timezone.now()), valkey)
        assert (run.redirected, run.stored) == (1, 1)
        assert [seen.headers.get("x-key") for seen in elsewhere.requests if seen.path == "/"] == [None]


def test_a_url_is_asked_for_as_it_was_found(web, seed, valkey):
    web.on("/p/1", redirect("/p/1?utm_source=self"), Answer(body="<h1>one</h1>"))
    driven(recrawls.recrawl_urls([f"{web.url}/p/1"], timezone.now()), valkey)
    page = Page.objects.select_related("seed", "latest").get(url=f"{web.url}/p/1")
    driven(recrawls.recrawl_page(page, timezone.now()), valkey)
    assert web.requests[-1].path == "/p/1?utm_source=self"


def test_all_pages_of_a_seed_and_of_a_host(web, seed, valkey):
    run = driven(recrawls.recrawl_seed(seed, timezone.now()), valkey)
    assert run.unchanged == PAGES
    run = driven(recrawls.recrawl_host(Host.objects.get().origin, timezone.now()), valkey)
    assert run.unchanged == PAGES
    assert len(asked_for(web)) == 2 * PAGES
    nothing = recrawls.recrawl_seed(seed, timezone.now(), "http://stranger.test:80")
    assert nothing.refused == ["seed “site” has no page yet of http://stranger.test:80"]
    nothing = recrawls.recrawl_host("http://stranger.test:80", timezone.now())
    assert nothing.refused == ["no seed has a page of http://stranger.test:80"]


def test_a_large_one_is_opened_by_a_worker_in_parts(web, seed, valkey, monkeypatch):
    monkeypatch.setattr(recrawl_orders, "PART", 5)
    valkey.flushall()
    run = recrawls.recrawl_seed(seed, timezone.now()).ordered[0].run
    assert waiting() == {"control": 1}
    assert run.visits.count() == 0
    runs.start_run(run, timezone.now())
    run.refresh_from_db()
    assert run.state == Run.State.OPEN
    assert set(run.visits.values_list("state", flat=True)) == {Visit.State.QUEUED}
    assert drive(run, valkey).unchanged == PAGES
    assert "recrawl" not in run.policy_json


def test_an_interrupted_opening_is_begun_again(web, seed, valkey, monkeypatch):
    monkeypatch.setattr(recrawl_orders, "PART", 5)
    run = recrawls.recrawl_seed(seed, timezone.now()).ordered[0].run
    half_way(run, monkeypatch)
    Run.objects.filter(pk=run.pk).update(created_at=timezone.now() - timedelta(minutes=1))
    sweeps.open_due_runs(timezone.now())
    assert drive(run, valkey).unchanged == PAGES


def half_way(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Open a run and die after two parts."""
    with monkeypatch.context() as patch:
        real, calls = recrawl_orders._admit, []

        def admit(*args, **kwargs):
            calls.append(1)
            if len(calls) > 2:
                raise RuntimeError("killed")
            return real(*args, **kwargs)

        patch.setattr(recrawl_orders, "_admit", admit)
        with pytest.raises(RuntimeError):
            runs.start_run(run, timezone.now())
    run.refresh_from_db()
    assert (run.state, run.discovered) == (Run.State.DUE, 10)
    assert set(run.visits.values_list("state", flat=True)) == {Visit.State.HELD}


def test_one_stopped_while_it_opens_leaves_nothing_open(web, seed, valkey, monkeypatch):
    monkeypatch.setattr(recrawl_orders, "PART", 5)
    run = recrawls.recrawl_seed(seed, timezone.now()).ordered[0].run
    half_way(run, monkeypatch)
    assert runs.stop_run(run, timezone.now())
    runs.settle_run(run.pk, timezone.now())
    assert runs.start_run(run, timezone.now()) == set()
    assert runs.finish_run(run.pk, timezone.now())
    run.refresh_from_db()
    assert (run.discovered, run.skipped) == (10, 10)


def test_two_in_the_same_moment_are_two_runs(web, seed):
    now = timezone.now()
    first = recrawls.recrawl_seed(seed, now).ordered[0].run
    second = recrawls.recrawl_seed(seed, now).ordered[0].run
    assert first.pk != second.pk


def test_pages_pruned_meanwhile_leave_an_empty_run(web, seed, monkeypatch):
    monkeypatch.setattr(recrawl_orders, "PART", 5)
    run = recrawls.recrawl_seed(seed, timezone.now()).ordered[0].run
    Page.objects.all().delete()
    assert runs.start_run(run, timezone.now()) == set()
    run.refresh_from_db()
    assert run.state == Run.State.FINISHED


def test_a_seed_that_may_reach_private_networks_recrawls_what_its_scope_covers_alone(client: Client, valkey):
    """Else a page that it had before staff opened them, its name moved into one, would be a way in."""
    factories.log_in(client, "operator")
    seed = factories.shop(rounds=1)
    before = seed.pages.count()
    inside = Page.objects.get(url__endswith="/p/1")
    outside = Page.objects.get(url__endswith="/p/2")
    Seed.objects.filter(pk=seed.pk).update(
        allow_networks="10.0.0.0/8", scope="page", start_urls=inside.url, headers="X-Key: 1"
    )
    for answer, visited in (
        (client.post(reverse("run-recrawl"), {"urls": f"{inside.url}\n{outside.url}"}), [inside.url]),
        (client.post(reverse("page-recrawl", args=[outside.pk])), []),
        (client.post(reverse("host-recrawl", args=[outside.host_id])), [inside.url]),
        (client.post(reverse("seed-recrawl", args=[seed.pk])), [inside.url]),
    ):
        run = Run.objects.get(pk=answer.url.strip("/").rpartition("/")[2])
        assert list(run.visits.values_list("url", flat=True)) == visited
        assert run.warnings == [recrawl_orders.OUTSIDE]
    assert before > 2


def test_the_form_for_a_list_of_addresses(client: Client, valkey):
    factories.log_in(client, "operator")
    shop = factories.shop(rounds=1)
    first, second = Page.objects.order_by("pk")[:2]
    route = reverse("run-recrawl")
    assert route in client.get(reverse("runs")).content.decode()
    assert "Addresses, one a line" in client.get(route).content.decode()
    lines = f"{first.url}\n\n  {second.url} \n{first.url}\nhttp://stranger.test/x"
    answer = client.post(route, {"urls": lines}, follow=True)
    run = Run.objects.order_by("-pk").first()
    assert answer.redirect_chain == [(reverse("run", args=[run.pk]), 302)]
    assert "2 pages are being fetched again now, before everything else." in answer.content.decode()
    assert "Left out: http://stranger.test/x belongs to no seed" in answer.content.decode()
    assert (run.kind, run.state, run.discovered) == (Run.Kind.RECRAWL, Run.State.OPEN, 2)
    answer = client.post(route, {"urls": "http://stranger.test/x", "seed": shop.pk})
    assert "Nothing to do: http://stranger.test/x does not belong to seed" in answer.content.decode()
    assert "http://stranger.test/x" in answer.content.decode().partition("<textarea")[2]
    assert "at least one address" in client.post(route, {"urls": " "}).content.decode()
    many = "\n".join(f"http://a.test/{number}" for number in range(10_001))
    assert "10,001 are too many" in client.post(route, {"urls": many}).content.decode()


def test_the_button_of_a_host_is_for_every_seed_that_has_pages_of_it(client: Client, valkey):
    factories.log_in(client, "operator")
    factories.shop(rounds=1)
    page = Page.objects.first()
    copy = Page.objects.get(pk=page.pk)
    copy.pk, copy.seed = None, factories.make_seed("Other")
    copy.save()
    route = reverse("host-recrawl", args=[page.host_id])
    assert route in client.get(reverse("host", args=[page.host_id])).content.decode()
    answer = client.post(route, follow=True)
    assert answer.redirect_chain == [(reverse("runs"), 302)]
    assert "13 pages are being fetched again now" in answer.content.decode()
    assert "for 2 seeds, each in a run of its own" in answer.content.decode()
    Page.objects.all().delete()
    answer = client.post(route, follow=True)
    assert "Nothing to do: no seed has a page of" in answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_the_buttons_of_a_page_and_of_a_seed(client: Client, valkey):
    factories.log_in(client, "operator")
    seed = factories.shop(rounds=1)
    page = Page.objects.first()
    for name, pk, pages in (
        ("page", page.pk, "1 page is"),
        ("seed", seed.pk, "12 pages are"),
    ):
        route = reverse(f"{name}-recrawl", args=[pk])
        assert route in client.get(reverse(name, args=[pk])).content.decode()
        answer = client.post(route, follow=True)
        run = Run.objects.order_by("-pk").first()
        assert answer.redirect_chain == [(reverse("run", args=[run.pk]), 302)]
        assert f"{pages} being fetched again now, before everything else." in answer.content.decode()
        assert (run.kind, run.state) == (Run.Kind.RECRAWL, Run.State.OPEN)
        assert client.get(route).status_code == 405
    empty = factories.make_seed("Empty")
    answer = client.post(reverse("seed-recrawl", args=[empty.pk]), follow=True)
    assert "seed “Empty” has no page yet" in answer.content.decode()
    factories.log_in(client, "viewer")
    assert client.post(route).status_code == 403
