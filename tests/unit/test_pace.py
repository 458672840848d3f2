"""The pace of a host, and what it is made of."""

from __future__ import annotations

import pytest

from crawler.policy import CrawlPolicy
from crawler.rules.pace import Lessons, Pace, pace_of
from crawler.rules.robots import Robots


def policy(**values) -> CrawlPolicy:
    return CrawlPolicy(start_urls=(), **values)


def pace(*policies: CrawlPolicy, robots: str | None = None, lessons: Lessons | None = None) -> Pace:
    return pace_of(
        policies,
        None if robots is None else Robots.parse(robots),
        lessons or Lessons(),
        user_agent="Crawlbeat/1",
        max_crawl_delay=60,
    )


def test_the_largest_delay_and_the_fewest_connections_count() -> None:
    found = pace(policy(delay=0.5, per_host=4), policy(delay=2, per_host=3))
    assert (found.delay, found.connections, found.run_delay) == (2, 3, 2)
    assert (found.crawl_delay, found.clamped_crawl_delay) == (None, 0)


@pytest.mark.parametrize(("asked", "delay"), [("5", 5), ("0.1", 1), ("600", 60)])
def test_a_crawl_delay_counts_within_its_bound(asked: str, delay: float) -> None:
    found = pace(policy(), robots=f"User-agent: *\nCrawl-delay: {asked}")
    assert found.delay == delay
    assert found.crawl_delay == float(asked)


def test_a_crawl_delay_counts_for_those_who_obey_and_are_meant() -> None:
    file = "User-agent: crawlbeat\nCrawl-delay: 3\nDisallow:\nUser-agent: other\nCrawl-delay: 9"
    assert pace(policy(), robots=file).delay == 3
    assert pace(policy(), policy(user_agent="Other/2"), robots=file).delay == 9
    assert pace(policy(), policy(user_agent="Other/2", obey_robots=False), robots=file).delay == 3
    assert pace(policy(obey_robots=False), robots=file).crawl_delay is None


def test_slowing_down_multiplies_and_probing_takes_one_connection() -> None:
    found = pace(policy(per_host=8), lessons=Lessons(4, 5))
    assert (found.delay, found.connections, found.probing) == (4, 1, True)


def test_without_an_open_run_there_is_no_delay() -> None:
    assert pace() == Pace(0, 1, 0, None, 0, 1, False)


def test_the_rules_for_a_crawler_as_people_read_them() -> None:
    robots = Robots.parse("User-agent: *\nDisallow: /a\n\nUser-agent: Crawlbeat\nAllow: /ab\nDisallow: /a\n")
    assert robots.group("Crawlbeat/1 (+x)") == "Crawlbeat"
    assert robots.rules("Crawlbeat/1 (+x)") == ("Allow: /ab (line 5)", "Disallow: /a (line 6)")
    assert robots.group("Other") == "*"
    assert Robots.parse("").group("Other") == ""
