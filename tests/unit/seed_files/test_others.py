"""Lists of urlwatch and changedetection.io: what comes along, and a sentence for what does not."""

from __future__ import annotations

import json

from crawler.seeds.files.others import OTHERS

URLWATCH = """\
name: "Prices"
url: https://shop.example/lamp
filter:
  - css: .price
  - html2text
  - shellpipe: tr a b
headers:
  Accept-Language: de
cookies: {id: "7"}
tags: shop lamps
---
url: https://shop.example/old
filter: "xpath://h1,strip"
data: a=b
---
name: Browser
navigate: https://app.example/
---
name: Disk
command: df -h
---
name: Prices
url: https://shop.example/chair
"""


def test_jobs_of_urlwatch_become_seeds_of_single_pages():
    carried = OTHERS["urlwatch"](URLWATCH)
    assert not carried.problems
    assert [seed.name for seed in carried.seeds] == ["Prices", "https://shop.example/old", "Prices 2"]
    lamp = carried.seeds[0].settings
    assert (lamp["scope"], lamp["schedule"], lamp["tags"]) == ("page", "manual", ["shop", "lamps"])
    assert lamp["fields"] == [{"name": "watched", "css": ".price", "many": True}]
    assert lamp["headers"] == "Accept-Language: de\nCookie: id=7"
    assert [sentence.partition(":")[0] for sentence in carried.left_out] == [
        "line 1, 'Prices'",
        "line 12, 'https",
        "line 16, 'Browser'",
        "line 19, 'Disk'",
    ]
    assert "'shellpipe'" in carried.left_out[0]
    assert "write them under 'requests'" in carried.left_out[1]


def test_watches_of_changedetection_become_seeds_of_single_pages():
    watch = {
        "url": "https://shop.example/lamp",
        "title": "Lamp",
        "tags": ["t-1"],
        "paused": True,
        "include_filters": ["//span[@id='price']", "jqraw:.price"],
        "subtractive_selectors": [".ads"],
        "time_between_check": {"hours": 6, "minutes": None},
        "time_between_check_use_default": False,
        "trigger_text": ["sold out"],
    }
    whole = {
        "watching": {"a": watch, "b": {"url": "https://shop.example/{{ 1+1 }}"}},
        "settings": {"application": {"tags": {"t-1": {"title": "Shop"}}}},
    }
    carried = OTHERS["changedetection"](json.dumps(whole, indent=1))
    assert not carried.problems
    lamp, other = (seed.settings for seed in carried.seeds)
    assert (lamp["enabled"], lamp["tags"], lamp["noise"]) == (
        False,
        ["Shop"],
        "css: .ads",
    )
    assert (lamp["schedule"], lamp["interval_seconds"]) == ("interval", 21_600)
    assert lamp["fields"][0]["xpath"] == "//span[@id='price']"
    assert other["schedule"] == "manual"
    told = "\n".join(carried.left_out)
    assert "'Lamp': left out: its trigger texts" in told
    assert "the filter 'jqraw:.price'" in told
    assert "how often is not in the list" in told


def test_what_is_no_such_list_is_said():
    for name in OTHERS:
        for text in ("", "{", "[]", "42", "a: [1]"):
            carried = OTHERS[name](text)
            assert not carried.seeds
            assert carried.problems, (name, text)


def test_a_wrong_address_of_a_list_is_named_with_its_line():
    (problem,) = OTHERS["urlwatch"]("url: https://a.example/\n---\nurl: ftp://b.example/\n").problems
    assert problem.line == 3
    assert "cannot be crawled" in problem.text
