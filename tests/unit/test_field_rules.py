"""Field rules: their plain form, their kinds, and the digest that tells one set of rules from another."""

from __future__ import annotations

import json
import sys

import pytest

from crawler.collections import Field, Rule, rules_digest
from crawler.policy import CrawlPolicy, Scope
from crawler.reading import fields
from crawler.reading.fields import check_rule, kind_of
from crawler.reading.fields.kind import Place, ReadsAll
from crawler.reading.reader import read_document
from tests.harness.rules import field_of, pages_of, values_of

PRICE = field_of("price", "css", ".price::text")


class TitleKind:
    """A kind that needs no tree: the title without its ending."""

    def check(self, rule: str) -> None:
        if not rule:
            raise ValueError("Say which ending the title is to lose.")

    def compile(self, rule: str):
        class Title(ReadsAll):
            def all(self, place: Place) -> list[str]:
                title = place.document.title.removesuffix(rule)
                return [title] if title else []

        return Title()


@pytest.fixture
def title_kind(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setitem(sys.modules, "kind_of_a_test", TitleKind())
    monkeypatch.setitem(fields.KINDS, "title_without", "kind_of_a_test")
    return "title_without"


class TestPlainForm:
    def test_the_kind_is_a_key(self):
        assert PRICE.plain() == {"name": "price", "css": ".price::text"}
        assert Field.of({"css": ".price::text", "name": "price"}) == PRICE

    @pytest.mark.parametrize(
        "plain",
        [
            *[{}, {"no": "name"}, {"name": "x"}, {"css": "h1"}, {"name": "x", "css": "h1", "xpath": "//h1"}],
            *[{"name": 1, "css": "h1"}, {"name": "x", "css": ["h1"]}, ["name", "css"], "name", None],
        ],
    )
    def test_whatever_else_is_refused(self, plain):
        with pytest.raises(ValueError):  # noqa: PT011
            Field.of(plain)

    def test_the_refusal_says_what_is_wanted(self):
        with pytest.raises(ValueError, match=r"'price'.* is not a field. Give it a name and one rule"):
            Field.of({"name": "price"})

    def test_a_policy_goes_through_json_and_back(self):
        policy = CrawlPolicy(
            start_urls=("http://a.example/",),
            scope=Scope.DOMAIN,
            collections=pages_of(PRICE),
            max_depth=0,
            delay=2.5,
        )
        stored = json.dumps(policy.plain())
        assert CrawlPolicy.of(json.loads(stored)) == policy
        assert json.loads(stored)["collections"] == [
            {"name": "pages", "fields": [{"name": "price", "css": ".price::text"}]}
        ]

    def test_a_policy_needs_no_more_than_start_urls_and_ignores_what_it_does_not_know(self):
        assert CrawlPolicy.of({"start_urls": [], "recrawl": {}}) == CrawlPolicy(start_urls=())
        with pytest.raises(ValueError, match="start_urls"):
            CrawlPolicy.of({})
        with pytest.raises(ValueError, match="is not a field"):
            CrawlPolicy.of({"start_urls": [], "fields": [{"no": "name"}]})


class TestKinds:
    def test_a_kind_reads_from_the_whole_document(self, title_kind):
        rules = (field_of("name", title_kind, " | Shop"), field_of("heading", "css", "h1"))
        document = read_document(b"<title>Lamp | Shop</title><h1>A lamp</h1>", "text/html", "")
        assert values_of(document, *rules) == {"name": "Lamp", "heading": "A lamp"}

    def test_a_kind_checks_its_own_rules(self, title_kind):
        check_rule(Rule(title_kind, "x"))
        with pytest.raises(ValueError, match="Say which ending"):
            check_rule(Rule(title_kind, ""))
        with pytest.raises(ValueError, match="is not a CSS selector that can be used"):
            check_rule(Rule("css", "h1["))

    def test_an_unknown_kind_is_refused_by_name(self):
        rule = Rule("magic", "x")
        for refuse in (kind_of, check_rule):
            with pytest.raises(ValueError, match=r"'magic' is not a kind of field. The kinds are: css"):
                refuse(rule)

    def test_a_stored_rule_that_cannot_be_used_has_no_value_and_costs_no_other(self, caplog):
        rules = (field_of("a", "css", "p:contains('x')"), field_of("b", "css", "h1"))
        document = read_document(b"<h1>x</h1>", "text/html", "")
        assert values_of(document, *rules) == {"a": None, "b": "x"}
        assert (
            "the field a has no value on any page: \"p:contains('x')\" is not a CSS selector" in caplog.text
        )

    def test_every_kind_is_there(self):
        assert {"css", "xpath"} <= fields.KINDS.keys()
        for name in fields.KINDS:
            kind = kind_of(Rule(name, ""))
            assert callable(kind.check)
            assert callable(kind.compile)
            assert name != "name"

    @pytest.mark.parametrize(
        ("body", "content_type"), [(b"plain <h1>x</h1>", "text/plain"), (b"", "text/html"), (b"", "text/xml")]
    )
    def test_without_a_tree_there_is_nothing_to_read(self, body, content_type):
        rules = (field_of("a", "css", "h1"), field_of("b", "xpath", "//h1"))
        document = read_document(body, content_type, "")
        assert values_of(document, *rules) == {"a": None, "b": None}


class TestDigest:
    ONE, TWO = field_of("a", "css", "h1"), field_of("b", "css", "h2")

    def test_the_order_does_not_count_and_the_rules_do(self):
        assert rules_digest(pages_of()) == ""
        assert rules_digest(pages_of(self.ONE, self.TWO)) == rules_digest(pages_of(self.TWO, self.ONE))
        assert rules_digest(pages_of(self.ONE)) != rules_digest(pages_of(self.TWO))

    def test_css_rules_have_the_digests_that_are_stored(self):
        assert rules_digest(pages_of(self.ONE, self.TWO)) == "da79d2dc58e57acb"
        assert rules_digest(pages_of(PRICE)) == "f7b4bc05af680bff"

    def test_the_same_words_in_another_kind_are_another_rule(self):
        assert rules_digest(pages_of(self.ONE)) != rules_digest(pages_of(field_of("a", "xpath", "h1")))
