"""A seed's definition and the policy that a run freezes: what is kept, and what is left out."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.collections import Field
from crawler.lanes import Lane
from crawler.policy import CrawlPolicy, Scope
from crawler.seeds.spec import CatchUp, Overlap, Schedule, SeedSpec, lines, spec_of
from tests.harness.rules import field_of, pages_of

START = ("http://e.org/",)
PRICE = field_of("price", "css", ".price::text")

words = st.text(max_size=10)
counts = st.none() | st.integers(0, 2**31 - 1)
kinds = words.filter(lambda kind: kind not in Field.__struct_fields__ and kind != "or")
rules = st.builds(field_of, words, kinds, words)
policies = st.builds(
    CrawlPolicy,
    start_urls=st.lists(words, max_size=3).map(tuple),
    scope=st.sampled_from(Scope),
    include=st.lists(words, max_size=3).map(tuple),
    max_depth=counts,
    max_pages=counts,
    delay=st.floats(0, 3600),
    obey_robots=st.booleans(),
    collections=st.lists(rules, max_size=3).map(lambda fields: pages_of(*fields)),
    ignore_params=st.lists(words, max_size=3).map(tuple),
    max_same_text=counts,
)


# Field rules ----------------------------------------------------------------------------------------------


def test_the_kind_of_a_rule_is_its_key():
    assert Field.of({"name": "price", "css": ".price::text"}) == PRICE
    assert Field.of({"xpath": "//h1", "name": "title"}) == field_of("title", "xpath", "//h1")
    assert PRICE.plain() == {"name": "price", "css": ".price::text"}


@given(rules)
def test_a_rule_survives_its_plain_form(rule):
    assert Field.of(rule.plain()) == rule


@pytest.mark.parametrize(
    "plain",
    [
        {},
        {"name": "price"},
        {"css": ".price"},
        {"css": ".price", "xpath": "//h1"},
        {"name": "price", "css": ".price", "xpath": "//h1"},
    ],
)
def test_a_field_has_a_name_and_one_rule(plain):
    with pytest.raises(ValueError, match="is not a field. Give it a name and one rule"):
        Field.of(plain)


@pytest.mark.parametrize("plain", ["ab", 7, {"name": "price", "css": None}, {"name": 1, "css": "a"}])
def test_a_field_is_made_of_words(plain):
    with pytest.raises(ValueError, match="is not a (field|rule)"):
        Field.of(plain)


def test_reading_a_plain_form_does_not_change_it():
    plain = {"name": "price", "css": ".price"}
    Field.of(plain)
    assert plain == {"name": "price", "css": ".price"}


# Policies -------------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(policies)
def test_a_policy_survives_a_column_of_json(policy):
    assert CrawlPolicy.of(json.loads(json.dumps(policy.plain()))) == policy


def test_keys_that_no_policy_has_are_left_out():
    """Runs that an older or a newer version opened are read too."""
    assert CrawlPolicy.of({"start_urls": START, "shoe_size": 43}) == CrawlPolicy(start_urls=START)


def test_what_is_missing_has_its_default():
    policy = CrawlPolicy.of({"start_urls": ["http://e.org/"]})
    assert policy.start_urls == START
    assert (policy.scope, policy.delay, policy.per_host, policy.obey_robots) == (Scope.HOST, 1.0, 1, True)
    assert (policy.max_depth, policy.max_pages, policy.max_seconds) == (None, None, None)
    assert (policy.collections, policy.sitemaps, policy.robots_sitemaps) == ((), (), False)


@pytest.mark.parametrize(
    "plain",
    [
        {},
        {"start_urls": "http://e.org/"},
        {"start_urls": START, "scope": "planet"},
        {"start_urls": START, "max_depth": "2"},
        {"start_urls": START, "max_pages": 2.5},
        {"start_urls": START, "obey_robots": "no"},
        {"start_urls": START, "fields": [{"name": "price"}]},
        {"start_urls": START, "fields": ["price"]},
    ],
)
def test_what_is_no_policy_is_refused(plain):
    with pytest.raises(ValueError):
        CrawlPolicy.of(plain)


def test_a_policy_can_be_the_key_of_a_cache():
    assert hash(CrawlPolicy(start_urls=START, collections=pages_of(PRICE))) == hash(
        CrawlPolicy(start_urls=START, collections=pages_of(PRICE))
    )


# Definitions ----------------------------------------------------------------------------------------------


def test_lines_are_those_with_something_in_them():
    assert lines(" a \n\n\t\r\nb c\n") == ["a", "b c"]
    assert lines("") == lines(" \n ") == []


def test_a_definition_is_read_from_what_was_written():
    spec = spec_of(
        {
            "name": "Shop",
            "start_urls": "http://e.org/\n\n http://f.org/ ",
            "scope": "domain",
            "include": "*/a/*\n*/b/*",
            "exclude": "",
            "sitemaps": "http://e.org/sitemap.xml",
            "ignore_params": "ref\nref_*",
            "allow_networks": "10.0.0.0/8",
            "headers": "X-A: b: c\nCookie:d=e",
            "fields": [{"name": "price", "css": ".price::text"}],
            "schedule": "cron",
            "cron": "0 8 * * *",
            "overlap": "both",
            "catch_up": "all",
            "lane": 2,
        }
    )
    assert spec == SeedSpec(
        name="Shop",
        start_urls=("http://e.org/", "http://f.org/"),
        scope=Scope.DOMAIN,
        include=("*/a/*", "*/b/*"),
        sitemaps=("http://e.org/sitemap.xml",),
        ignore_params=("ref", "ref_*"),
        allow_networks=("10.0.0.0/8",),
        headers=(("X-A", "b: c"), ("Cookie", "d=e")),
        fields=(PRICE,),
        schedule=Schedule.CRON,
        cron="0 8 * * *",
        overlap=Overlap.BOTH,
        catch_up=CatchUp.ALL,
        lane=Lane.BULK,
    )


def test_reading_a_definition_leaves_what_was_written():
    written = {"start_urls": "http://e.org/", "headers": "X-A: b"}
    spec_of(written)
    assert written == {"start_urls": "http://e.org/", "headers": "X-A: b"}


def test_a_definition_that_is_none_is_refused():
    for wrong in ({"scope": "planet"}, {"lane": 7}, {"fields": [{"css": "h1"}]}, {"overlap": "sometimes"}):
        with pytest.raises(ValueError):
            spec_of({"start_urls": "http://e.org/"} | wrong)


@pytest.mark.parametrize("choices", [Schedule, Overlap, CatchUp])
def test_a_choice_is_kept_as_a_word_and_shown_as_a_sentence(choices):
    for choice in choices:
        assert choices(choice.value) is choice
        assert choice == choice.value == str(choice)
        assert len(choice.label) > len(choice)


def test_a_run_freezes_what_the_seed_says_of_its_crawls():
    spec = SeedSpec(start_urls=START, scope=Scope.PREFIX, max_pages=9, delay=0.5, fields=(PRICE,))
    policy = spec.policy()
    assert type(policy) is CrawlPolicy
    assert policy == CrawlPolicy(
        start_urls=START,
        scope=Scope.PREFIX,
        max_pages=9,
        delay=0.5,
        collections=pages_of(PRICE),
        robots_sitemaps=True,
    )


def test_no_secret_is_frozen():
    policy = SeedSpec(start_urls=START, headers=(("Authorization", "Bearer hunter2"),)).policy()
    assert "hunter2" not in json.dumps(policy.plain())
    assert "headers" not in policy.plain()


@pytest.mark.parametrize(("minutes", "seconds"), [(None, None), (1, 60), (90, 5400)])
def test_a_run_is_timed_in_seconds(minutes, seconds):
    assert SeedSpec(start_urls=START, max_minutes=minutes).policy().max_seconds == seconds


@pytest.mark.parametrize(
    ("scope", "depth", "follows"),
    [
        (Scope.HOST, None, True),
        (Scope.PREFIX, 1, True),
        (Scope.DOMAIN, 5, True),
        (Scope.HOST, 0, False),
        (Scope.PAGE, None, False),
        (Scope.PAGE, 3, False),
    ],
)
def test_sitemaps_serve_seeds_that_follow_links(scope, depth, follows):
    sitemaps = ("http://e.org/sitemap.xml",)
    spec = SeedSpec(start_urls=START, scope=scope, max_depth=depth, sitemaps=sitemaps, use_sitemaps=True)
    assert spec.policy().sitemaps == (sitemaps if follows else ())
    assert spec.policy().robots_sitemaps is follows


def test_a_seed_can_do_without_the_sitemaps_that_robots_names():
    sitemaps = ("http://e.org/sitemap.xml",)
    policy = SeedSpec(start_urls=START, sitemaps=sitemaps, use_sitemaps=False).policy()
    assert (policy.sitemaps, policy.robots_sitemaps) == (sitemaps, False)
