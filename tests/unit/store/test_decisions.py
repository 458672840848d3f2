"""What a fetch and its parse amount to: stored, another try, or an end with its reason."""

from __future__ import annotations

import pytest

from crawler.outcomes import Outcome, Reason
from crawler.outlinks import VisitKind
from crawler.rules.keys import Keys
from pipelines.handover import Parsed
from pipelines.store.decisions import MAX_HOPS, Decision, decide
from tests.factories import new_fetched as fetched

PAGE = Parsed(visit_id=1)


def test_a_page_is_stored() -> None:
    assert decide(fetched(), PAGE, may_retry=True, keys=Keys()) == Decision(Outcome.STORED)


def test_a_known_body_is_unchanged_without_a_parse() -> None:
    assert decide(fetched(unchanged=True), None, may_retry=True, keys=Keys()) == Decision(Outcome.UNCHANGED)


@pytest.mark.parametrize("reason", ["dns", "connect", "timeout", "read", "http_500", "http_503", "http_599"])
def test_transient_failures_wait_and_try_again(reason: str) -> None:
    decision = decide(fetched(reason=reason, status=None), None, may_retry=True, keys=Keys())
    assert decision.outcome is None
    assert decision.retry_in is not None
    assert decision.retry_in > 0


def test_the_last_try_fails_with_its_reason() -> None:
    decision = decide(fetched(reason="timeout", attempts=4), None, may_retry=True, keys=Keys())
    assert decision == Decision(Outcome.FAILED, "timeout")


def test_a_run_that_ends_makes_no_further_try() -> None:
    assert decide(fetched(reason="timeout"), None, may_retry=False, keys=Keys()) == Decision(
        Outcome.FAILED, "timeout"
    )


def test_the_server_s_retry_after_is_waited_for() -> None:
    decision = decide(fetched(reason="http_503", retry_after=900.0), None, may_retry=True, keys=Keys())
    assert decision.retry_in is not None
    assert decision.retry_in >= 900


@pytest.mark.parametrize(
    ("reason", "outcome"),
    [
        ("robots", Outcome.SKIPPED),
        ("content_type", Outcome.SKIPPED),
        ("http_404", Outcome.FAILED),
        ("tls", Outcome.FAILED),
        ("blocked_address", Outcome.FAILED),
        ("too_large", Outcome.FAILED),
    ],
)
def test_permanent_reasons_end_the_visit(reason: str, outcome: Outcome) -> None:
    assert decide(fetched(reason=reason), None, may_retry=True, keys=Keys()) == Decision(outcome, reason)


def test_what_the_parser_says_of_a_page_counts() -> None:
    noindex = Parsed(visit_id=1, reason=Reason.NOINDEX)
    assert decide(fetched(), noindex, may_retry=True, keys=Keys()) == Decision(Outcome.SKIPPED, "noindex")
    killed = Parsed(visit_id=1, reason=Reason.PARSER_KILLED)
    assert decide(fetched(), killed, may_retry=True, keys=Keys()) == Decision(Outcome.FAILED, "parser_killed")


def test_a_body_that_nobody_parsed_is_a_failure_and_no_page() -> None:
    assert decide(fetched(), None, may_retry=True, keys=Keys()) == Decision(Outcome.FAILED, "internal_error")


def test_redirects_end_by_going_in_circles_or_on_too_long() -> None:
    there = decide(fetched(location="http://a.test/y", status=301), None, may_retry=True, keys=Keys())
    assert there == Decision(Outcome.REDIRECTED)
    same = decide(fetched(location="http://a.test/x", status=301), None, may_retry=True, keys=Keys())
    assert same == Decision(Outcome.FAILED, "redirect_loop")
    far = decide(fetched(location="http://a.test/y", hops=MAX_HOPS), None, may_retry=True, keys=Keys())
    assert far == Decision(Outcome.FAILED, "too_many_redirects")


def test_a_redirect_to_the_same_resource_goes_on_there() -> None:
    page = fetched(url="http://a.test/x?ref=1&utm_source=y", location="http://a.test/x?ref=1", status=301)
    assert decide(page, None, may_retry=True, keys=Keys()) == Decision(moved_to="http://a.test/x?ref=1")
    assert decide(page, None, may_retry=False, keys=Keys()) == Decision(Outcome.REDIRECTED)
    other = fetched(url="http://a.test/x?ref=1", location="http://a.test/x", status=301)
    assert decide(other, None, may_retry=True, keys=Keys()) == Decision(Outcome.REDIRECTED)
    assert decide(other, None, may_retry=True, keys=Keys(("ref",))) == Decision(moved_to="http://a.test/x")


def test_a_sitemap_that_was_read_is_no_page() -> None:
    sitemap = fetched(kind=VisitKind.SITEMAP)
    assert decide(sitemap, PAGE, may_retry=True, keys=Keys()) == Decision(Outcome.SKIPPED, "sitemap")
    killed = Parsed(visit_id=1, reason=Reason.PARSER_KILLED)
    assert decide(sitemap, killed, may_retry=True, keys=Keys()) == Decision(Outcome.FAILED, "parser_killed")
