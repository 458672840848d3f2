"""Each clean-up step gives what its name says, and refuses what it cannot do with a sentence."""

from __future__ import annotations

from time import process_time

import pytest

from crawler.collections import Step
from crawler.reading.steps import MAX_STEPS, STEPS, check, clean, trace
from crawler.reading.steps.apply import MAX_PARTS, MAX_TEXT

BASE = "https://shop.example/a/list?page=2"

CASES = [
    ("trim", "  a b\n", ["a b"]),
    ("trim", "\u00a0a\u2003", ["a"]),
    ({"trim": "*-"}, "-*a-b*", ["a-b"]),
    ("collapse", " a \n\t b\u00a0c ", ["a b c"]),
    ("lower", "ÄB", ["äb"]),
    ("upper", "äß", ["ÄSS"]),
    ({"prefix": "SKU-"}, "1", ["SKU-1"]),
    ({"suffix": " EUR"}, "12", ["12 EUR"]),
    ({"replace": ["from ", ""]}, "from 12 from", ["12 from"]),
    ({"replace": ["a", "aa"]}, "aba", ["aabaa"]),
    ({"replace": ["A", "x"]}, "aA", ["ax"]),
    ({"replace": [".", ""]}, "a.b", ["ab"]),
    ({"regex": r"\d+"}, "a 12 b 34", ["12"]),
    ({"regex": r"(\w+)@(\w+)"}, "me@home", ["me"]),
    ({"regex": r"x(y)?"}, "x", []),
    ({"regex": r"\d+"}, "none", []),
    ({"regex": "é(.)"}, "né€", ["€"]),
    ({"regex": "(?i)sku: (.*)"}, "SKU: ab", ["ab"]),
    ({"regex": [r"(\d+)-(\d+)", r"\2/\1"]}, "1-2 3-4", ["2/1 4/3"]),
    ({"regex": [r"\s+", ""]}, "1 2 3", ["123"]),
    ({"regex": [r"\d", r"<\0>"]}, "é1", ["é<1>"]),
    ({"regex": ["b", "\\\\"]}, "abc", ["a\\c"]),
    ({"regex": ["x?", "-"]}, "é€", ["-é-€-"]),
    ({"regex": ["x*", "-"]}, "axb", ["-a--b-"]),
    ({"regex": [r"^\d", ""]}, "123", ["23"]),
    ({"split": ","}, "a,b,,c", ["a", "b", "", "c"]),
    ({"split": ","}, "abc", ["abc"]),
    ({"split": [" / ", "2"]}, "a / b / c", ["b"]),
    ({"split": ["/", "-1"]}, "a/b/c", ["c"]),
    ({"split": ["/", "-2"]}, "a/b/c", ["b"]),
    ({"split": ["/", "4"]}, "a/b/c", []),
    ("first", "a", ["a"]),
    ("last", "a", ["a"]),
    ({"nth": "1"}, "a", ["a"]),
    ({"nth": "2"}, "a", []),
    ({"map": {"yes": "true", "no": "false"}}, " yes ", ["true"]),
    ({"map": {"yes": "true"}}, "maybe", ["maybe"]),
    ({"default": "none"}, "  ", ["none"]),
    ({"default": "none"}, "a", ["a"]),
    ({"default": ""}, " ", [""]),
    ("strip_tags", "<p>a <b>b</b></p><p>c</p>", ["a b c"]),
    ("strip_tags", "a<script>b</script>&amp;<br>c", ["a& c"]),
    ("strip_tags", "1 < 2", ["1 < 2"]),
    ("unescape", "R&amp;D &#8364;&nbsp;1", ["R&D €\u00a01"]),
    ("unescape", "&amp;lt;", ["&lt;"]),
    ("join", "../b.html", ["https://shop.example/b.html"]),
    ("join", "?page=3", ["https://shop.example/a/list?page=3"]),
    ("join", "//cdn.example/x#y", ["https://cdn.example/x"]),
]

REFUSED = [
    ("shuffle", "not a step"),
    ({"trim": ["a", "b"]}, "takes 1"),
    ({"collapse": "a"}, "takes nothing"),
    ({"replace": ["a"]}, "takes 2: old, new"),
    ({"replace": ["", "a"]}, "nothing to look for"),
    ({"split": ""}, "nothing to cut at"),
    ({"split": ["/", "0"]}, "number of a part"),
    ({"nth": "first"}, "number of a part"),
    ("nth", "takes 1"),
    ({"regex": ""}, "no expression"),
    ({"regex": "a("}, "not a regular expression"),
    ({"regex": "(?=a)"}, "looks ahead"),
    ({"regex": ["a", r"\1"]}, "lacks"),
    ({"regex": ["a", "\\"]}, "lacks"),
    ({"regex": "a" * 501}, "longer than"),
    ({"map": ["a"]}, "pairs"),
    ("map", "pairs"),
    ({"map": {}}, "pairs"),
    ({"default": "\ud800"}, "cannot be stored"),
    ({"prefix": "a" * 3000}, "too long"),
]


def chain(*steps) -> tuple[Step, ...]:
    return tuple(map(Step.of, steps))


@pytest.mark.parametrize(("step", "text", "texts"), CASES)
def test_a_step_makes_of_a_text(step, text, texts) -> None:
    check(Step.of(step))
    assert clean([text], chain(step), base=BASE) == texts


@pytest.mark.parametrize(("step", "reason"), REFUSED)
def test_a_step_that_cannot_be_used_is_refused(step, reason) -> None:
    with pytest.raises(ValueError, match=reason):
        check(Step.of(step))


def test_every_step_of_the_registry_is_tried_here() -> None:
    assert STEPS.keys() == {Step.of(step).kind for step, _, _ in CASES}


def test_a_chain_takes_each_text_by_itself() -> None:
    steps = chain({"split": "/"}, "last", "trim")
    assert clean(["a / b", "c / d"], steps, base=BASE) == ["b", "d"]


def test_without_a_text_a_default_is_the_text() -> None:
    assert clean([], chain("trim", {"default": "no"}), base=BASE) == ["no"]
    assert clean([], chain("trim", "join"), base=BASE) == []
    assert clean(["a"], chain({"regex": r"\d"}, {"default": "0"}), base=BASE) == ["0"]


def test_without_steps_texts_stay_but_for_what_cannot_be_stored() -> None:
    assert clean([" a", "b\0\ud800"], (), base=BASE) == [" a", "b"]


def test_each_step_is_shown() -> None:
    steps = chain({"split": "|"}, "last", {"replace": ["x", "y"]})
    assert trace("a|x", steps, base=BASE) == [(steps[0], ["a", "x"]), (steps[1], ["x"]), (steps[2], ["y"])]
    assert trace("a", (), base=BASE) == []


def test_a_link_that_is_none_gets_a_sentence() -> None:
    with pytest.raises(ValueError, match=r"'mailto:me' is not a web address"):
        clean(["mailto:me"], chain("join"), base=BASE)


def test_a_chain_has_a_bound() -> None:
    clean(["a"], chain("trim") * MAX_STEPS, base=BASE)
    with pytest.raises(ValueError, match="too many"):
        clean(["a"], chain("trim") * (MAX_STEPS + 1), base=BASE)


@pytest.mark.parametrize(
    ("step", "text"),
    [
        ("trim", "a" * (MAX_TEXT + 1)),
        ({"replace": ["a", "a" * 2000]}, "a" * MAX_TEXT),
        ({"regex": ["a", "a" * 2000]}, "a" * 5000),
        ({"regex": ["a.*b|a", "c"]}, "a" * MAX_TEXT),
        ({"split": "a"}, "a" * (MAX_PARTS + 1)),
        ({"suffix": "b"}, "a" * MAX_TEXT),
        ("upper", "ß" * MAX_TEXT),
    ],
)
def test_what_grows_too_large_is_refused_soon(step, text) -> None:
    begin = process_time()
    with pytest.raises(ValueError, match=r"longer than|more than|too many"):
        clean([text], chain(step), base=BASE)
    assert process_time() - begin < 5


@pytest.mark.parametrize(
    "step", [{"regex": "(a*)*b"}, {"regex": "(a|a)*$"}, "strip_tags", "unescape", "collapse"]
)
@pytest.mark.parametrize("part", ["a", "<div>", "&#1", "&", "a "])
def test_a_long_text_takes_a_time_that_grows_with_it(step, part) -> None:
    begin = process_time()
    clean([part * (200_000 // len(part))], chain(step), base=BASE)
    assert process_time() - begin < 5
