"""Patterns of people: what they match, that no URL makes them slow, and what is refused."""

from __future__ import annotations

import re
import time
import warnings

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from crawler.rules.patterns import MAX_PATTERN, BadPattern, Patterns, check_pattern

ATOMS = [
    "a", "b", "/", "-", "1", ".", r"\.", r"\d", r"\w", r"\W", r"\s", r"\b", r"\B", "^", "$", r"\A", r"\Z",
    "[a-c]", "[^/]", "[]a]", r"[\d-]", r"[\]\[]", r"[\u0061-\u0063]", r"\u002f", "(?i:A)", "x{", "{", "}",
]  # fmt: skip
REPEATS = ["", "*", "+", "?", "*?", "+?", "??", "{2}", "{1,3}", "{,2}", "{2,}", "{0}", "{2}?", "++", "{2}+"]


def _grown(inner):
    return st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map("|".join),
        st.tuples(inner, st.sampled_from(REPEATS)).map(lambda pair: f"(?:{pair[0]}){pair[1]}"),
        inner.map(lambda part: f"({part})"),
    )


LEAVES = st.tuples(st.sampled_from(ATOMS), st.sampled_from(REPEATS)).map("".join)
EXPRESSIONS = st.recursive(LEAVES, _grown, max_leaves=8)
NOISE = st.text(r"ab1/\.[](){}?*+^$|,-:=!<>PZzu0", max_size=12)
URLS = st.text("abcAx1/.-_?=%~", max_size=12).map("http://e.org/".__add__)


def _of_re(expression: str) -> re.Pattern[str]:
    """The expression as Python understands it; it may warn of some."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        try:
            return re.compile(expression)
        except (re.error, OverflowError):
            assume(False)
            raise


@settings(max_examples=600, deadline=None)
@given(st.one_of(EXPRESSIONS, NOISE), URLS)
def test_an_expression_that_re_takes_too_means_the_same(expression: str, url: str) -> None:
    expected = _of_re(expression)
    try:
        pattern = Patterns([f"re:{expression}"])
    except BadPattern:
        return
    assert pattern.match(url) is bool(expected.search(url))


@settings(max_examples=300, deadline=None)
@given(st.text("ab/?*.[", max_size=12), st.text("ab/?.[", max_size=12))
def test_stars_and_question_marks_stand_for_anything_and_one_character(pattern: str, url: str) -> None:
    expected = "".join({"*": ".*", "?": "."}.get(char, re.escape(char)) for char in pattern)
    assert Patterns([pattern]).match(url) is bool(re.fullmatch(expected, url))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(LEAVES.map("re:".__add__), st.just("*a/*"), st.just("re:(?i)B")), min_size=2), URLS)
def test_a_list_matches_what_one_of_its_patterns_matches(patterns: list[str], url: str) -> None:
    good = []
    for pattern in patterns:
        try:
            good.append(Patterns([pattern]))
        except BadPattern:
            assume(False)
    assert Patterns(patterns).match(url) is any(each.match(url) for each in good)


@settings(max_examples=500, deadline=None)
@given(st.text(max_size=40))
def test_any_text_is_a_pattern_or_is_refused_with_a_sentence(text: str) -> None:
    for pattern in (text, f"re:{text}"):
        try:
            Patterns([pattern]).match("http://e.org/")
        except BadPattern as refused:
            assert str(refused).endswith(".")


@pytest.mark.parametrize(
    "pattern",
    [
        r"re:/x/(a+)+$",
        r"re:/([a-z0-9]+-?)+/$",
        r"re:(a|aa)+$",
        r"re:(.*a){20}b$",
        r"re:(((a{1,10}){1,10}){1,10})$",
        "*a" * 100 + "*b",
        "*" + "?" * 400 + "b",
    ],
)
def test_no_url_makes_a_pattern_slow(pattern: str) -> None:
    check_pattern(pattern)
    began = time.process_time()
    Patterns([pattern]).match("http://e.org/x/" + "a" * 7_900 + "!")
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    "pattern",
    ["*", "http://e.org/*", "https://e.org", "?ttp://*", "re:a+", "re:^http", r"re:\.html\Z", r"re:[\u0061]"],
)
def test_good_patterns(pattern: str) -> None:
    assert check_pattern(pattern) == pattern


@pytest.mark.parametrize(
    ("pattern", "sentence"),
    [
        ("", "The pattern is empty."),
        ("  ", "The pattern is empty."),
        ("/private/*", "can never match"),
        ("e.org/*", "can never match"),
        ("re:(", "is not a regular expression"),
        ("re:a{99999999999999999999}", "Write . or . for a part"),
        ("re:a{1001}", "Write . or . for a part"),
        ("re:a{2}+", "keeps what it has matched"),
        ("re:a++b", "keeps what it has matched"),
        ("re:(?>a)b", "keeps what it has matched"),
        ("re:^(?!.*private)", "what must not as an excluded pattern"),
        ("re:(?<=/)a", "what must not as an excluded pattern"),
        (r"re:(a)\1", "refers to a group"),
        ("re:(?P<n>a)(?P=n)", "refers to a group"),
        ("re:(?x) a", "is not a regular expression"),
        ("re:[[:alpha:]]", "Write its characters"),
        (r"re:\pL{300}", "is too large"),
        ("re:\ud800", "half a character"),
        ("*" + "a" * MAX_PATTERN, "longer than"),
    ],
)
def test_broken_patterns_are_explained(pattern: str, sentence: str) -> None:
    with pytest.raises(BadPattern, match=sentence):
        check_pattern(pattern)


def test_a_list_that_is_too_large_is_refused() -> None:
    with pytest.raises(BadPattern, match="too many"):
        Patterns([f"*/a-folder-with-a-name-{number}/*" for number in range(1000)])


def test_what_is_refused_is_not_written_to_the_log(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(BadPattern):
        check_pattern("re:(?=a)")
    assert capfd.readouterr().err == ""
