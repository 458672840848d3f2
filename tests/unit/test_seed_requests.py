"""Requests that a seed gives: their plain forms, what tells them apart, and sentences about wrong ones."""

from __future__ import annotations

import json

import pytest

from crawler.policy import CrawlPolicy
from crawler.rules.keys import Keys
from crawler.seed_requests import SeedRequest, split_token, with_token
from crawler.seeds import check, spec_of

URL = "https://e.org/api?utm_source=x&q=1"


def request(**plain: object) -> SeedRequest:
    return SeedRequest.of({"url": URL, **plain})


@pytest.mark.parametrize(
    ("plain", "body", "kind"),
    [
        ({"json": {"größe": [1]}}, '{"größe": [1]}', "application/json"),
        ({"json": None}, "null", "application/json"),
        ({"query": "{ a }"}, '{"query": "{ a }", "variables": {}}', "application/json"),
        (
            {"query": "{ a }", "variables": {"n": 1}},
            '{"query": "{ a }", "variables": {"n": 1}}',
            "application/json",
        ),
        ({"form": {"a": "b c", "d": ["1", "2"]}}, "a=b+c&d=1&d=2", "application/x-www-form-urlencoded"),
        ({"body": "<a/>", "type": "text/xml"}, "<a/>", "text/xml"),
        ({"body": "words"}, "words", "text/plain; charset=utf-8"),
    ],
)
def test_a_body_is_given_in_one_of_four_ways(plain, body, kind):
    asked = request(**plain)
    assert (asked.method, asked.body, asked.type) == ("POST", body, kind)
    assert SeedRequest.of(asked.plain()) == asked


def test_only_a_query_of_graphql_is_known_to_do_no_harm():
    assert request(query="query Q { a }").safe
    assert not request(query=" mutation { a }").safe
    assert not request(json={}).safe
    assert request(json={}, safe=True).safe


@pytest.mark.parametrize(
    "plain",
    [
        {},
        {"json": {}, "body": ""},
        {"json": {}, "method": "GET"},
        {"json": {}, "method": 3},
        {"body": 3},
        {"query": {}},
        {"form": "a=b"},
        {"json": {}, "headers": {"a": 1}},
        {"json": {}, "headers": "a: b"},
        {"json": {}, "safe": "yes"},
        {"json": {}, "typo": 1},
        {"body": "x", "type": "a\r\nb"},
        {"body": "x", "type": "text"},
        {"body": "x" * 200_000},
    ],
)
def test_what_is_no_request_is_told_with_its_address_or_its_word(plain):
    with pytest.raises(ValueError, match="[a-z].*[.]$"):
        request(**plain)


@pytest.mark.parametrize("plain", ["https://e.org/", {"json": {}}, {"url": 3, "json": {}}, None])
def test_a_request_has_an_address(plain):
    with pytest.raises(ValueError, match="is not a request"):
        SeedRequest.of(plain)


def test_all_that_is_sent_tells_requests_apart_and_nothing_else():
    asked = request(json={"a": 1})
    others = [request(json={"a": 2}), request(json={"a": 1}, method="PUT"), request(body='{"a": 1}')]
    others.append(request(json={"a": 1}, headers={"X-A": "1"}))
    assert len({asked.token, *[other.token for other in others]}) == 5
    assert request(json={"a": 1}, safe=True).token == asked.token == "post-" + asked.token[5:]


def test_its_page_is_its_own_and_shows_its_address():
    keys, asked = Keys(), request(json={})
    link = keys.link(with_token(URL, asked.token))
    assert split_token(link.url) == (URL, asked.token)
    assert keys.canonical(link.url) == f"https://e.org/api?q=1#{asked.token}"
    assert link.fingerprint != keys.link(URL).fingerprint
    assert keys.link(link.url) == link
    assert keys.outlink(link.url, None) == keys.link(URL)  # no page leads to it


def test_a_run_freezes_it():
    policy = CrawlPolicy(start_urls=(), requests=(request(json={"a": 1}, headers={"X-A": "b"}),))
    assert CrawlPolicy.of(json.loads(json.dumps(policy.plain()))) == policy
    assert policy.addresses == (URL,)


def test_a_seed_keeps_what_was_written():
    plain = {"url": URL, "json": {"a": 1}}
    tidied, problems = check({"requests": [plain]})
    assert (tidied["requests"], problems) == ([plain], [])
    assert spec_of({"start_urls": "", **tidied}).policy().requests == (SeedRequest.of(plain),)


@pytest.mark.parametrize("requests", [[{"url": URL, "json": {}}] * 101, {"url": URL, "json": {}}, "words"])
def test_requests_are_a_list_of_some(requests):
    _, (problem,) = check({"requests": requests})
    assert (problem.field, problem.text) == ("requests", "Write a list of at most 100 requests.")


@pytest.mark.parametrize(
    ("plain", "sentence"),
    [
        ({"url": "e.org", "json": {}}, "no http:// or https://"),
        ({"url": "http://127.0.0.1/", "json": {}}, "not on the public internet"),
        ({"url": URL, "json": {}, "headers": {"Authorization": "x"}}, "under 'Request headers'"),
        ({"url": URL, "json": {}, "headers": {"X-Api-Key": "x"}}, "under 'Request headers'"),
        ({"url": URL, "json": {}, "headers": {"Content-Length": "1"}}, "Leave it out"),
        ({"url": URL}, "needs one of"),
        ("words", "is not a request"),
    ],
)
def test_what_is_wrong_with_it_is_said_by_its_place(plain, sentence):
    tidied, (problem,) = check({"requests": [{"url": URL, "json": {}}, plain]})
    assert (problem.field, problem.line) == ("requests", 2)
    assert sentence in problem.text
    assert len(tidied["requests"]) == 1
