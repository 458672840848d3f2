"""What monitors are told, and who may hear it."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta

import pytest
import redis
from django.test import Client
from django.utils import timezone

from catalog.models import Host, Run
from crawler.lanes import Lane
from crawler.outcomes import Outcome
from pipelines.fetch.plan import Plan
from pipelines.fetch.session import run_session
from scheduler import queues
from scheduler.process import heartbeats
from scheduler.queues import QUEUE_NAMES
from scheduler.wakeups import call_session
from scheduler.watch import counters, metrics
from tests import factories
from tests.factories import Got
from tests.fakeweb import Answer, FakeWeb, linked_site
from tests.harness import path
from tests.harness.environment import ROOT
from tests.harness.path import crawl_seed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey", "archive")]
ELSEWHERE = {"REMOTE_ADDR": "192.0.2.7"}
LINE = re.compile(
    r'crawlbeat_(?P<name>[a-z_]+)(?:\{(?P<labels>(?:[a-z]+="[^"]*",?)+)\})? (?P<value>[-+.e\d]+)'
)


def scraped(client: Client) -> dict[str, float]:
    """Every sample of the text form, as ``name{labels}``; each must be declared before."""
    response = client.get("/metrics")
    assert response["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    samples, declared = {}, ""
    for line in response.content.decode().splitlines():
        if line.startswith("# TYPE "):
            declared = line.split()[2]
        elif not line.startswith("#"):
            found = LINE.fullmatch(line)
            assert found is not None, line
            assert declared == f"crawlbeat_{found['name']}", line
            samples[line.rpartition(" ")[0].removeprefix("crawlbeat_")] = float(found["value"])
    return samples


def test_measures_of_work_that_waits(client: Client):
    now = timezone.now()
    factories.make_host("http://a.test/", rank=25, due_at=now - timedelta(seconds=90))
    factories.make_host("http://b.test/", rank=21, due_at=now - timedelta(seconds=10))
    factories.make_host(
        "http://c.test/", lease_owner="w@a", lease_token="t", lease_until=now + timedelta(seconds=9)
    )
    factories.make_host("http://d.test/", open_until=now + timedelta(minutes=1))
    created_at = now - timedelta(seconds=50)
    factories.make_batch(due_at=now - timedelta(seconds=1), created_at=created_at)
    factories.make_batch(due_at=now + timedelta(minutes=1), created_at=created_at, state="parsed")
    late = factories.make_seed(next_slot=now - timedelta(seconds=30))
    factories.make_run(late, Run.State.OPEN, at=now, started_at=now + timedelta(seconds=4))
    factories.make_run(late, Run.State.MISSED, at=now - timedelta(seconds=1))
    heartbeats.beat(heartbeats.BEAT, now - timedelta(seconds=20))
    heartbeats.beat("all@a", now - timedelta(seconds=2))
    call_session(Lane.BULK)
    counters.count_expiries(3)
    found = scraped(client)
    assert found["redis_up"] == 1
    assert found['queue_messages{queue="fetch.bulk"}'] == 1
    assert {name for name in found if name.startswith("queue_messages")} == {
        f'queue_messages{{queue="{name}"}}' for name in QUEUE_NAMES
    }
    assert (found['lane_due_hosts{lane="bulk"}'], found['lane_due_hosts{lane="urgent"}']) == (2, 0)
    assert found['lane_oldest_due_seconds{lane="bulk"}'] == pytest.approx(90, abs=20)
    assert found['lane_oldest_due_seconds{lane="urgent"}'] == 0
    assert (found["hosts_leased"], found["hosts_resting"]) == (1, 1)
    assert (found['batches_open{state="fetched"}'], found['batches_open{state="parsed"}']) == (1, 1)
    assert found["batches_overdue"] == 1
    assert found["batches_oldest_seconds"] == pytest.approx(50, abs=20)
    assert found["slots_due"] == 1
    assert found["slots_lateness_seconds"] == pytest.approx(30, abs=20)
    assert found["slots_opened_lateness_seconds"] == pytest.approx(4)
    assert found['slots_lately{state="missed"}'] == 1
    assert found['runs_open{state="open"}'] == 1
    assert found["beat_age_seconds"] == pytest.approx(20, abs=20)
    assert found['worker_age_seconds{worker="all@a"}'] == pytest.approx(2, abs=20)
    assert found["lease_expiries_total"] == 3


def test_every_measure_is_documented():
    heartbeats.beat(heartbeats.BEAT, timezone.now())
    found = {measure.name for measure in metrics.collect(timezone.now())}
    table = (ROOT / "docs" / "operations.md").read_text().partition("| metric")[2]
    assert found == set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE))


@pytest.mark.django_db(transaction=True)
def test_a_session_counts_the_leases_that_it_took_over(valkey: redis.Redis):
    now = timezone.now()
    with FakeWeb(linked_site(pages=1)) as web:
        factories.open_run(factories.make_web_seed(web), Run.Kind.MANUAL, at=now)
        Host.objects.update(lease_owner="gone@a", lease_token="t", lease_until=now)
        plan = Plan(Lane.NORMAL, "w", lambda batch: None, lambda: False, 0.3, announce=lambda due: None)
        summary = run_session(plan)
    assert (summary.taken_over, summary.fetched) == (1, 1)


def test_outcomes_add_up_over_batches(client: Client):
    counters.count_ends(Counter({("stored", ""): 60, ("failed", "http_404"): 2}))
    counters.count_ends(Counter({("stored", ""): 4, ("again", "http_503"): 1}))
    found = scraped(client)
    assert {name: value for name, value in found.items() if name.startswith("visits_total")} == {
        'visits_total{outcome="stored",reason=""}': 64,
        'visits_total{outcome="failed",reason="http_404"}': 2,
        'visits_total{outcome="again",reason="http_503"}': 1,
    }


@pytest.mark.django_db(transaction=True)
def test_the_path_counts_each_end_once(valkey: redis.Redis, monkeypatch):
    ends: Counter[tuple[str, str]] = Counter()
    real = path.store_batch
    monkeypatch.setattr(path, "store_batch", lambda *args: noted(real(*args), ends))
    with FakeWeb(linked_site(pages=20)) as web:
        web.on("/p/3", Answer(status=404))
        web.on("/p/4", Answer(status=503), Answer(body="<h1>well again</h1>"))
        run = crawl_seed(factories.make_web_seed(web), valkey)
    assert ends == {
        ("stored", ""): run.stored,
        ("failed", "http_404"): 1,
        ("again", "http_503"): 1,
        ("skipped", "robots"): run.skipped,
    }


def noted(stored, ends):
    ends.update(stored.ends)
    return stored


def test_while_redis_is_away_the_rows_still_speak(client: Client, monkeypatch, tmp_path):
    nowhere = redis.Redis(unix_socket_path=f"{tmp_path}/nothing.sock")
    for module in (queues, metrics, counters):
        monkeypatch.setattr(module, "client", lambda database: nowhere)
    found = scraped(client)
    assert found["redis_up"] == 0
    assert "slots_due" in found
    assert not [name for name in found if name.startswith("queue_messages")]


def test_labels_are_escaped():
    measure = metrics.Measure("odd", "Odd.", [({"name": 'a"b\\c\nd'}, 0.5)])
    assert metrics.exposition([measure]).splitlines()[2] == 'crawlbeat_odd{name="a\\"b\\\\c\\nd"} 0.5'


@pytest.mark.parametrize(
    ("request_meta", "told"),
    [
        ({}, True),
        ({"REMOTE_ADDR": "::1"}, True),
        (ELSEWHERE, False),
        ({"REMOTE_ADDR": ""}, False),
        ({"HTTP_X_FORWARDED_FOR": "127.0.0.1"}, False),
        ({"HTTP_FORWARDED": "for=127.0.0.1"}, False),
        (ELSEWHERE | {"HTTP_X_FORWARDED_FOR": "127.0.0.1"}, False),
        (ELSEWHERE | {"HTTP_AUTHORIZATION": "Bearer right"}, True),
        (ELSEWHERE | {"HTTP_AUTHORIZATION": "bearer  right"}, True),
        (ELSEWHERE | {"HTTP_AUTHORIZATION": "Bearer wrong"}, False),
        (ELSEWHERE | {"HTTP_AUTHORIZATION": "Bearer \udcff"}, False),
        (ELSEWHERE | {"HTTP_AUTHORIZATION": "Basic right"}, False),
    ],
)
def test_details_are_for_this_machine_and_for_the_token(client: Client, settings, request_meta, told):
    settings.METRICS_TOKEN = "right"
    assert client.get("/metrics", **request_meta).status_code == (200 if told else 403)
    health = client.get("/health/", **request_meta)
    assert health.status_code == 200
    assert ("details" in health.json()) is told
    if told:
        assert health.json()["measures"]["queue_messages"]["control"] == 0


def test_without_a_token_set_none_fits(client: Client):
    assert client.get("/metrics", HTTP_AUTHORIZATION="Bearer ", **ELSEWHERE).status_code == 403


def test_behind_a_proxy_loopback_is_the_proxy(client: Client, settings):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert client.get("/metrics").status_code == 403


def test_only_reading_is_answered(client: Client):
    assert client.post("/metrics").status_code == 405
    assert client.head("/metrics").status_code == 200


def test_queries_do_not_grow_with_the_rows(client: Client, django_assert_max_num_queries):
    now = timezone.now()
    for number in range(30):
        factories.make_host(f"http://{number}.test/", rank=number, due_at=now)
        seed = factories.make_seed(next_slot=now - timedelta(seconds=number))
        factories.crawl(seed, [Got(f"http://s{number}.test/", Outcome.FAILED, "dns")], state="open")
    with django_assert_max_num_queries(33):  # channels, promises, outlets and search are eight
        client.get("/metrics")
