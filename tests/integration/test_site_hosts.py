"""Hosts on the site: what is said of them is true, escaped, and had in a bounded number of queries."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.models import Attempt, Host, Page, Run, RunHost, Visit
from crawler.lanes import Lane
from crawler.outcomes import Outcome
from djsite.desk.hosts import detail, listing
from djsite.desk.hosts.pace import open_policies, pace_in_force
from tests import factories
from tests.factories import Got
from tests.integration.test_site_escaping import PAYLOADS, assert_harmless
from tests.integration.test_site_pages import SESSION, text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("archive")]

ROBOTS = "User-agent: *\nDisallow: /private\nAllow: /private/open\nCrawl-delay: 120\nSitemap: http://shop.example/map.xml\n"


@pytest.fixture
def viewer(client: Client) -> Client:
    factories.log_in(client, "viewer")
    return client


def host_of(url: str, **values) -> Host:
    """The host of a URL, with these columns."""
    host = factories.make_host(url)
    Host.objects.filter(pk=host.pk).update(**values)
    host.refresh_from_db()
    return host


def page_of(client: Client, host: Host) -> str:
    return text(client, reverse("host", args=[host.pk]))


def read_robots(body: str = ROBOTS, status: int | None = 200) -> dict:
    now = timezone.now()
    return {
        "robots_body": body.encode().decode("latin-1"),
        "robots_status": status,
        "robots_fetched_at": now - timedelta(hours=1),
        "robots_expires_at": now + timedelta(hours=23),
    }


def test_a_host_says_its_rules_and_its_delay_with_the_reasons(viewer: Client):
    seed = factories.make_seed("Corner shop", delay=2, per_host=3)
    factories.crawl(seed, [Got("http://shop.example/")], state="open", waiting=4)
    host = host_of("http://shop.example/", slowdown=2.0, **read_robots(ROBOTS + "# füße"))
    page = page_of(viewer, host)
    assert "http://shop.example</h1>" in page
    for said in (
        "Disallow: /private (line 2)",
        "Allow: /private/open (line 3)",
        "as for everybody (*)",
        "http://shop.example/map.xml",
        "read, 200",
        "# füße",
        "robots.txt asks for 2 min; no more than this is granted",
        "the delay of the seeds with open runs here",
        "after answers 429 or 503",
    ):
        assert said in page, said
    pace = pace_in_force(host, open_policies([host.pk])[host.pk])
    assert (pace.run_delay, pace.clamped_crawl_delay, pace.slowdown, pace.delay, pace.connections) == (
        2,
        60,
        2,
        60,
        3,
    )


def test_what_is_queued_is_told_by_lane_and_run(viewer: Client):
    urgent = factories.make_seed("News", lane=Lane.URGENT)
    one = factories.crawl(urgent, [Got("http://shop.example/a")], state="open", waiting=3)
    Visit.objects.filter(run=one, state=Visit.State.QUEUED).update(rank=4)
    two = factories.crawl(factories.make_seed("Shop"), [], state="open")
    for number in range(2):
        factories.make_visit(
            two, Got(f"http://shop.example/b{number}"), state=Visit.State.QUEUED, due_at=factories.NOW
        )
    RunHost.objects.filter(run=two).update(discovered=77)
    page = page_of(viewer, factories.make_host("http://shop.example/"))
    assert '<b class="num">3</b> before all others' in page and '<b class="num">2</b> in line' in page
    assert "News" in page and "Shop" in page and "77 found here" in page
    assert reverse("run", args=[two.pk]) in page
    assert "1</dd>" in page  # pages stored


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "After 5 failures in a row it would be left alone for a while."),
        ({"failures": 2}, "2 failures in a row; it is left alone after 5."),
        ({"failures": 7}, "After 7 failures in a row the next request tries"),
        ({"failures": 7, "open_until": timedelta(minutes=5)}, "Nothing is asked after 7 failures in a row"),
        (read_robots("", 404), "The site has no robots.txt for us: everything is allowed."),
        (read_robots("", 503), "Until it can be read, nothing may be asked."),
        (read_robots("", None), "no answer"),
        (read_robots("", 302), "Its redirects do not end"),
        ({"lease_owner": "fetch@a", "lease_until": timedelta(seconds=20)}, "fetch@a, which has it until"),
        ({"next_request_at": timedelta(minutes=3)}, "not before"),
        ({"slowdown": 4.0}, "The next one begins with the delay × 4"),
    ],
)
def test_states_are_told_in_words(viewer: Client, values: dict, said: str):
    now = timezone.now()
    columns = {name: now + value if isinstance(value, timedelta) else value for name, value in values.items()}
    assert said in page_of(viewer, host_of("http://shop.example/", **columns))


def test_last_answers_are_those_of_visits_and_of_tries(viewer: Client):
    seed = factories.make_seed()
    got = [Got(f"http://shop.example/{n}", depth=1) for n in range(25)]
    run = factories.crawl(seed, [*got, Got("http://shop.example/x", Outcome.FAILED, "http_500", 500)])
    factories.crawl(seed, [], state="open", waiting=1, at=factories.NOW + timedelta(hours=1))
    tried = Visit.objects.get(state=Visit.State.QUEUED)
    Visit.objects.filter(pk=tried.pk).update(attempts=1)
    Attempt.objects.create(
        visit=tried,
        number=1,
        reason="timeout",
        fetched_at=factories.NOW + timedelta(hours=1),
        elapsed_ms=30_000,
        next_due_at=factories.NOW + timedelta(hours=2),
    )
    host = factories.make_host("http://shop.example/")
    answers = detail.answers(host, detail.queue_of(host))
    assert len(answers) == 20
    assert answers[0].retried and answers[0].visit.pk == tried.pk
    assert answers[1].visit.url == "http://shop.example/x"
    page = page_of(viewer, host)
    assert "no complete answer in time" in page and "try 1" in page and "30 000 ms" in page
    assert "the server answered 500" in page
    assert reverse("run", args=[run.pk]) in page
    assert reverse("page", args=[Page.objects.order_by("pk").last().pk]) in page


def test_answers_for_deleted_seeds_are_gone(viewer: Client):
    factories.crawl(factories.make_seed(deleted_at=factories.NOW), [Got("http://shop.example/secret")])
    assert "/secret" not in page_of(viewer, factories.make_host("http://shop.example/"))


def test_hosts_are_listed_and_filtered(viewer: Client):
    now = timezone.now()
    seed = factories.make_seed("Shop", delay=3, start_urls="http://a.example/")
    run = factories.crawl(seed, [Got("http://a.example/")], state="open", waiting=5)
    host_of("http://a.example/", slowdown=2.0, due_at=now, last_fetch_at=now, last_status=200)
    host_of("https://b.example/", failures=9, open_until=now + timedelta(minutes=9))
    host_of("http://c.example:8080/", lease_owner="fetch@c", lease_until=now + timedelta(seconds=9))
    host_of("http://d.example/", **read_robots("", 503))
    page = text(viewer, reverse("hosts"))
    for said in (
        "http://a.example<",
        "https://b.example<",
        "http://c.example:8080<",
        "6 s",
        ">5<",
        "being asked",
    ):
        assert said in page, said
    assert "left alone" in page and "9 failures in a row" in page and "by fetch@c" in page
    expected = {"trouble": "abd", "breaker": "b", "slowed": "a", "robots": "d", "leased": "c", "queued": "a"}
    for shown, letters in expected.items():
        page = text(viewer, reverse("hosts"), shown=shown)
        assert [x for x in "abcd" if f"//{x}.example" in page] == list(letters), shown
    assert "//a.example" not in text(viewer, reverse("hosts"), text="https://b.example/")
    assert "//b.example" not in text(viewer, reverse("hosts"), run=run.pk)
    for run_id in ("-1", "9" * 30, "x"):
        assert "//b.example" in text(viewer, reverse("hosts"), run=run_id)


def test_the_list_goes_on_after_the_last_row(viewer: Client):
    Host.objects.bulk_create(Host(origin=f"http://h{number:03}.example:80") for number in range(60))
    page = text(viewer, reverse("hosts"))
    assert "h049" in page and "h050" not in page
    after = page.partition("?after=")[2].partition('"')[0]
    page = viewer.get(reverse("hosts") + "?after=" + after).content.decode()
    assert "h050" in page and "h059" in page and "h049" not in page


def test_queries_of_the_list_do_not_grow(viewer: Client, django_assert_num_queries):
    seed = factories.make_seed()
    run = factories.crawl(
        seed, [Got(f"http://s{number}.example/") for number in range(30)], state="open", waiting=2
    )
    Host.objects.update(**read_robots())
    assert run.pk
    with django_assert_num_queries(SESSION + 4):
        page = text(viewer, reverse("hosts"))
    assert page.count("1 min") == 31


def test_queries_of_a_host_do_not_grow(viewer: Client, django_assert_num_queries):
    for number in range(8):
        seed = factories.make_seed(delay=number, user_agent=f"Bot{number}/1")
        got = [Got(f"http://shop.example/{n}", Outcome.FAILED, "http_500", 500) for n in range(5)]
        factories.crawl(seed, got, state="open", waiting=5)
    host = host_of("http://shop.example/", **read_robots())
    Visit.objects.update(attempts=2)
    for visit in Visit.objects.all():
        Attempt.objects.create(
            visit=visit,
            number=1,
            reason="timeout",
            fetched_at=factories.NOW,
            next_due_at=factories.NOW,
        )
    with django_assert_num_queries(SESSION + 7):
        page = page_of(viewer, host)
    assert page.count('class="tag failed"') + page.count("try 1") == 20


def test_counts_stop_where_they_say(viewer: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(listing, "QUEUED", 3)
    monkeypatch.setattr(detail, "MANY", 3)
    factories.crawl(factories.make_seed(), [], state="open", waiting=5)
    assert ">3+<" in text(viewer, reverse("hosts"))
    queue = detail.queue_of(factories.make_host("http://shop.example/"))
    assert sum(queue.runs.values()) == 3


def test_pages_runs_and_visits_lead_to_the_host(viewer: Client):
    factories.shop(rounds=1)
    link = f'href="{reverse("host", args=[factories.make_host("http://shop.example/").pk])}"'
    run = reverse("run", args=[Run.objects.get().pk])
    assert link in text(viewer, reverse("page", args=[Page.objects.first().pk]))
    assert text(viewer, run, outcome="stored").count(link) == 1  # the run's hosts
    assert text(viewer, run, outcome="failed").count(link) == 3


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_a_host_says_is_shown_as_text(viewer: Client, payload: str):
    seed = factories.make_seed(payload, user_agent=payload)
    failed = Got(f"http://shop.example/?q={payload}", Outcome.FAILED, payload[:40], 500, detail=payload)
    moved = Got("http://shop.example/r", Outcome.REDIRECTED, None, 301, location=payload)
    factories.crawl(seed, [failed, moved], state="open", waiting=1)
    robots = f"User-agent: *\nDisallow: {payload}\nSitemap: {payload}\n{payload}"
    host = host_of(
        "http://shop.example/", lease_owner=payload, last_reason=payload[:40], last_fetch_at=factories.NOW,
        lease_until=timezone.now() + timedelta(hours=1), **read_robots(robots),
    )  # fmt: skip
    for route in (reverse("host", args=[host.pk]), reverse("hosts")):
        assert_harmless(viewer.get(route).content.decode(), route)
    for query in ("text", "after", "shown", "run"):
        assert_harmless(viewer.get(reverse("hosts"), {query: payload}).content.decode(), query)
