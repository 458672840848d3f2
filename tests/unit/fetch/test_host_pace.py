"""The pace of a leased host: what it is made of, what answers teach, and what is left to the next session."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from catalog.models import Host
from crawler.rules.breaker import BREAKER_SECONDS, BREAKER_THRESHOLD, PROBES
from crawler.rules.robots import Robots
from pipelines.fetch.host_pace import HostPace
from tests.factories import NOW
from tests.unit.fetch.parts import answer, numbered_host, run_context

AT = NOW.timestamp()
DELAY = 2.0


def paced(host: Host | None = None, **policy: object) -> HostPace:
    """The pace of a host with one run, by default of two seconds."""
    pace = HostPace(host or numbered_host())
    pace.join([run_context(1, **({"delay": DELAY} | policy))])
    return pace


def moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def test_every_run_that_joins_can_only_make_the_pace_gentler():
    pace = paced(per_host=8)
    assert (pace.delay, pace.connections) == (DELAY, 8)
    pace.join([run_context(2, delay=5, per_host=3), run_context(3, delay=1, per_host=9)])
    assert (pace.delay, pace.connections) == (5, 3)
    assert [run for run in range(5) if pace.knows(run)] == [1, 2, 3]


@pytest.mark.parametrize(("wanted", "delay"), [("1", DELAY), ("7", 7), ("9000", 60)])
def test_a_crawl_delay_counts_within_its_bound(settings, wanted, delay):
    settings.MAX_CRAWL_DELAY = 60
    pace = paced()
    pace.heed(Robots.parse(f"User-agent: *\nCrawl-delay: {wanted}"))
    assert pace.delay == delay


@pytest.mark.parametrize("status", [429, 503])
def test_a_host_that_asks_for_it_is_asked_more_slowly_until_good_answers_have_made_up_for_it(status):
    host = numbered_host()
    pace = paced(host)
    pace.learn(answer(status), AT)
    pace.learn(answer(status), AT)
    assert (pace.delay, host.slowdown) == (4 * DELAY, 4)
    delays = []
    while pace.delay > DELAY:
        pace.learn(answer(), AT)
        delays.append(pace.delay)
    assert delays == sorted(delays, reverse=True)
    assert len(delays) > 3
    assert (pace.delay, host.slowdown) == (DELAY, 1)


@pytest.mark.parametrize("result", [answer(500), answer(404), answer(None, "timeout")])
def test_other_failures_do_not_slow_down(result):
    pace = paced()
    pace.learn(result, AT)
    assert pace.delay == DELAY


def test_the_slow_down_of_the_session_before_is_still_in_force():
    assert paced(numbered_host(slowdown=8)).delay == 8 * DELAY


def test_nothing_is_asked_before_the_time_that_retry_after_names():
    pace = paced()
    pace.learn(answer(503, retry_after=120), AT)
    pace.learn(answer(429, retry_after=10), AT + 1)  # asked meanwhile, on another connection
    assert pace.not_before == AT + 120


def test_a_retry_after_beside_a_lasting_failure_means_nothing():
    pace = paced()
    pace.learn(answer(404, retry_after=120), AT)
    assert pace.not_before == 0


def test_the_breaker_opens_after_failures_in_a_row(settings):
    settings.TIME_SCALE = 0.5
    host = numbered_host()
    pace = paced(host)
    for _ in range(BREAKER_THRESHOLD - 1):
        assert not pace.learn(answer(None, "timeout"), AT)
    assert host.open_until is None
    assert pace.learn(answer(None, "timeout"), AT)
    assert host.open_until == NOW + timedelta(seconds=BREAKER_SECONDS / 2)


def test_an_answer_that_is_no_failure_ends_the_row():
    host = numbered_host()
    pace = paced(host)
    for _ in range(3):
        for _ in range(BREAKER_THRESHOLD - 1):
            pace.learn(answer(500), AT)
        assert not pace.learn(answer(404), AT)
    assert (host.failures, host.open_until) == (0, None)


def test_after_the_breaker_one_connection_probes_and_its_success_closes_the_breaker():
    host = numbered_host(failures=BREAKER_THRESHOLD)
    pace = paced(host, per_host=8)
    assert pace.connections == 1
    assert not pace.learn(answer(), AT)
    assert paced(host, per_host=8).connections == 8  # of the next session


def test_the_breaker_opens_once_for_requests_under_way_together(settings):
    settings.TIME_SCALE = 1
    host = numbered_host()
    pace = paced(host, per_host=16)
    opened = [pace.learn(answer(503), AT + 0.5) for _ in range(16)]
    assert opened.index(True) == BREAKER_THRESHOLD - 1
    assert sum(opened) == 1
    assert host.open_until == NOW + timedelta(seconds=0.5 + BREAKER_SECONDS)
    assert host.slowdown == 2


def test_an_answer_under_way_as_the_breaker_opened_closes_it():
    host = numbered_host()
    pace = paced(host, per_host=16)
    for _ in range(BREAKER_THRESHOLD):
        pace.learn(answer(500), AT + 0.5)
    pace.learn(answer(), AT + 0.6)
    assert (host.failures, host.open_until) == (0, None)


def test_retries_of_the_same_urls_do_not_open_the_breaker():
    host = numbered_host()
    pace = paced(host)
    for _ in range(20):
        assert not pace.learn(answer(500), AT, first_try=False)
    assert (host.failures, host.open_until) == (0, None)


def test_a_section_that_fails_while_others_answer_neither_rests_nor_slows_the_host():
    host = numbered_host()
    pace = paced(host)
    for number in range(2):
        pace.learn(answer(503, url=f"http://1.test/a/{number}"), AT)
    pace.learn(answer(url="http://1.test/b/"), AT)
    slowdown = host.slowdown
    for number in range(2, 30):
        assert not pace.learn(answer(503, url=f"http://1.test/a/{number}"), AT)
    assert (host.failures, host.open_until, host.slowdown) == (0, None, slowdown)
    pace.learn(answer(429, url="http://1.test/a/99"), AT)
    pace.learn(answer(503, url="http://1.test/a/98", retry_after=60), AT)
    assert (host.slowdown, pace.not_before) == (2 * slowdown, AT + 60)


def test_a_host_is_given_up_only_by_a_probe_of_this_session():
    host = numbered_host(failures=BREAKER_THRESHOLD + PROBES)
    pace = paced(host)
    assert not pace.gave_up
    assert pace.learn(answer(500), AT)
    assert pace.gave_up
    pace.learn(answer(), AT)
    assert not pace.gave_up


def test_a_probe_that_fails_opens_the_breaker_again():
    assert paced(numbered_host(failures=BREAKER_THRESHOLD)).learn(answer(500), AT)


def test_a_host_taken_over_is_not_asked_before_its_delay_has_passed_since():
    """Its last holder may have asked it until its lease ran out."""
    pace = paced(numbered_host(lease_until=NOW))
    assert pace.not_before == AT + DELAY
    pace.join([run_context(2, delay=9)])
    assert pace.not_before == AT + DELAY  # for the requests of the last holder it is too late


def test_a_host_that_was_given_back_waits_as_long_as_it_was_told():
    assert paced(numbered_host(next_request_at=NOW)).not_before == AT
    assert paced().not_before == 0


def test_a_longer_wait_is_not_shortened_by_taking_over():
    host = numbered_host(lease_until=NOW, next_request_at=NOW + timedelta(hours=1))
    assert paced(host).not_before == AT + 3600


def test_the_next_request_is_due_a_delay_after_the_last_answer_or_when_the_host_allows_it():
    pace = paced()
    assert pace.next_request_at() is None
    pace.learn(answer(), AT)
    assert pace.next_request_at() == moment(AT + DELAY)
    pace.learn(answer(503, retry_after=30), AT + 1)
    assert pace.next_request_at() == moment(AT + 31)


def test_what_the_last_answer_was_is_kept_for_people():
    host = numbered_host()
    pace = paced(host)
    pace.learn(answer(503), AT)
    assert (host.last_status, host.last_reason, host.last_fetch_at) == (503, "http_503", NOW)
    pace.learn(answer(), AT + 1)
    assert (host.last_status, host.last_reason) == (200, "")


@pytest.mark.parametrize(
    ("delay", "connections", "visits"), [(0, 1, 128), (0.5, 2, 10), (30, 3, 3), (0.001, 8, 128)]
)
def test_a_window_is_two_seconds_of_work_and_at_most_a_batch(settings, delay, connections, visits):
    settings.BATCH_PAGES = 128
    assert paced(delay=delay, per_host=connections).window_size == visits
