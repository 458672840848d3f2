"""What becomes of an answer that is no page, and how a seed overrules a verdict."""

from __future__ import annotations

import msgspec
import pytest

from crawler.outcomes import Outcome, Reason
from crawler.policy import CrawlPolicy
from crawler.rules.keys import Keys
from crawler.rules.overruled import Overruled
from crawler.seeds import check
from pipelines.handover import Parsed
from pipelines.parse import page_rules, parse_page
from pipelines.store.decisions import decide
from tests.factories import new_fetched

URL = "http://site.example/things/a"
GONE = "<title>Page not found</title><a href=/b>b</a><h1>Page not found</h1><p>It does not exist.</p>"
BLOCKED = "<title>Access Denied</title><h1>Access Denied</h1><p>Reference #18.2d351ab8.1767225600.a4e16ab</p>"
FETCHED = new_fetched(visit_id=7, url=URL, content_type="text/html; charset=utf-8")


def parse(page: str, *accept: str) -> Parsed:
    policy = CrawlPolicy(start_urls=("http://site.example/",), accept=accept)
    return parse_page(page.encode(), FETCHED, page_rules(policy, policy.start_urls))


def test_an_answer_that_is_no_page_fails_with_the_verdict_and_its_evidence():
    parsed = parse(GONE)
    assert (parsed.verdict, parsed.reason) == ("soft_404", Reason.SOFT_404)
    assert parsed.evidence[0] == "The title has “page not found”."
    assert (parsed.title, parsed.text_zstd, parsed.records) == ("", b"", ())
    keys = Keys.of(CrawlPolicy(start_urls=(URL,)))
    decision = decide(msgspec.structs.replace(FETCHED, reason=None), parsed, may_retry=True, keys=keys)
    assert (decision.outcome, decision.reason) == (Outcome.FAILED, "soft_404")


def test_the_text_of_a_guard_is_no_news_of_a_template():
    assert parse(BLOCKED).signature is None
    assert parse(GONE).signature is not None


def test_a_seed_overrules_a_verdict_for_all_pages_or_for_some():
    assert parse(GONE, "soft_404").title == "Page not found"
    assert parse(GONE, "soft_404 http://site.example/things/*").verdict == ""
    assert parse(GONE, "soft_404 http://site.example/other/*").verdict == "soft_404"
    assert parse(GONE, "block_page").verdict == "soft_404"


def test_a_pattern_that_cannot_be_used_overrules_nothing():
    assert not Overruled(["soft_404 re:("]).covers("soft_404", URL)


def test_what_a_seed_accepts_is_checked_by_line():
    tidied, problems = check({"accept": "soft_404\nlogin_page   http://a.example/*\nspam\nsoft_404 x*"})
    assert tidied["accept"] == "soft_404\nlogin_page http://a.example/*"
    assert [problem.line for problem in problems] == [3, 4]
    assert "'spam' is not a verdict. The verdicts are: block_page" in str(problems[0])


@pytest.mark.parametrize("body", [b"", b"Access Denied", b'{"error": "not found"}'])
def test_only_html_is_judged(body):
    fetched = msgspec.structs.replace(FETCHED, content_type="text/plain")
    policy = CrawlPolicy(start_urls=(URL,))
    assert parse_page(body, fetched, page_rules(policy, policy.start_urls)).verdict == ""
