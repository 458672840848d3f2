"""What is wrong in a file of seeds is named with its line, its seed and its setting, in a clear sentence."""

from __future__ import annotations

import time

import pytest

from crawler.seeds.files.reading import read_seeds
from crawler.seeds.files.yaml_text import MAX_CHARACTERS

SHOP = "seeds:\n  - name: Shop\n    schedule: manual\n    start_urls:\n      - https://a.example/\n"


def problems_of(text: str) -> list[str]:
    """What is said of a file."""
    return [str(problem) for problem in read_seeds(text)[1]]


def test_a_file_in_order_has_no_problems():
    seeds, problems = read_seeds(SHOP)
    assert not problems
    assert [seed.name for seed in seeds] == ["Shop"]


@pytest.mark.parametrize(
    ("added", "said"),
    [
        ("      - ftp://b.example/\n", "line 6, seed 'Shop', start_urls: 'ftp://b.example/' cannot"),
        ("    delay: fast\n", "line 6, seed 'Shop', delay: It has to be a number."),
        ("    delay: -1\n", "line 6, seed 'Shop', delay: Ensure this value is greater than or equal to 0."),
        ("    per_host: 1.5\n", "line 6, seed 'Shop', per_host: Enter a whole number."),
        ("    per_host:\n", "line 6, seed 'Shop', per_host: It has to be a number."),
        ("    interval_seconds: 90.5\n", "interval_seconds: It has to be a number."),
        ("    enabled: no\n", "line 6, seed 'Shop', enabled: It has to be true or false."),
        ("    lane: 2\n", "lane: It has to be one of the words: urgent, normal, bulk."),
        ("    scope: [host]\n", "scope: It has to be one of the words: page, prefix, host, domain."),
        ("    user_agent: 12\n", "user_agent: It has to be a text; a number or"),
        ("    tags: prices\n", "tags: It has to be a list of texts, each on a line of its own"),
        ("    tags:\n      - a\n      - a\n", "line 6, seed 'Shop', tags: A tag stands here twice."),
        ("    include:\n      - ['*/a/*']\n", "include: It has to be a list of texts"),
        ("    fields:\n      - title = h1\n      - h2\n", "line 8, seed 'Shop', fields: 'h2' is no"),
        ("    fields:\n      - name: 3\n", "line 7, seed 'Shop', fields: {'name': 3} is not a field."),
        ("    collections:\n      - {name: a, fields: 3}\n", "collections: 'fields' of 'a'"),
        ("    requests: {}\n", "requests: It has to be a list"),
        ("    colour: red\n", "line 6, seed 'Shop', colour: There is no such setting."),
        ("    delay: 1\n    delay: 2\n", "line 7: 'delay' stands here twice, first in line 6."),
        ("\tdelay: 1\n", "line 6: The line begins with a tab. YAML takes spaces only"),
        ("    cron: 'x\n", "This is not YAML"),
        ("    user_agent: &a b\n", "line 6: Anchors and aliases (& and *) are not read."),
        ("    user_agent: *a\n", "line 6: Anchors and aliases (& and *) are not read."),
        ("    user_agent: !!python/name:os.system x\n", "line 6: Tags such as"),
        ('    user_agent: "a\\0"\n', "line 6: It holds a character that no text can have"),
        ("    ? [a]\n    : b\n", "line 6: A name before a colon has to be a text."),
        ("  - name: Shop\n    start_urls: [https://b.example/]\n", "line 6, seed 'Shop', name: A seed of"),
        ("  - start_urls: [https://b.example/]\n", "line 6, name: A seed needs a name"),
        ("  - Shop\n", "line 6: This is no seed. It begins with 'seeds:'"),
        ("  - name: No address\n    schedule: manual\n", "seed 'No address', start_urls: Give it"),
        ("---\nseeds: []\n", "A file is one list of seeds: leave out the line '---'."),
        ("more: 1\n", "line 6: 'more' is not known."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_line(added, said):
    told = problems_of(SHOP + added)
    assert any(said in sentence for sentence in told), told


@pytest.mark.parametrize("text", ["", "# nothing\n", "- name: Shop\n", "seeds: Shop\n", "42", "\0"])
def test_what_is_no_list_of_seeds_is_said(text):
    (told,) = problems_of(text)
    assert told.startswith("line 1: ")


def test_what_would_take_long_is_refused_at_once():
    began = time.process_time()
    bomb = "a: &a [" + "x," * 50 + "]\n" + "".join(f"b{n}: &b{n} [{'*a,' * 50}]\n" for n in range(50))
    assert "Anchors" in problems_of(bomb)[0]
    assert "nest" in problems_of("seeds: " + "[" * 100_000)[0]
    assert "Split it" in problems_of("#" * (MAX_CHARACTERS + 1))[0]
    assert time.process_time() - began < 5


def test_thousands_of_seeds_are_read_in_seconds():
    began = time.process_time()
    seeds, problems = read_seeds("seeds:\n" + "".join(
        f"  - name: Shop {n}\n    schedule: manual\n    start_urls:\n      - https://shop{n}.example/\n"
        for n in range(3_000)
    ))  # fmt: skip
    assert (len(seeds), problems) == (3_000, [])
    assert time.process_time() - began < 15
