"""A file of seeds says again what it was written of, for every setting; and the published schema is true."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.models.seed import written_names
from crawler.lanes import Lane
from crawler.reading.verdicts import kinds
from crawler.seeds.definition import CHOICES, check
from crawler.seeds.files.reading import read_seeds
from crawler.seeds.files.schema import schema_text
from crawler.seeds.files.settings import SETTINGS, Kind, default_of, kind_of, may_be_nothing
from crawler.seeds.files.writing import write_seeds
from crawler.seeds.numbers import is_whole, numbers, range_of

ROOT = Path(__file__).resolve().parents[3]
WORDS = st.sampled_from(
    ["yes", "no", "12:30", "1e3", "08", "0x1f", "~", "null", "- a", "a: b # c", "'", "&a", "ä"]
)
LINE = st.one_of(WORDS, st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp", "Zs")), min_size=1))
ENTRIES: dict[str, st.SearchStrategy[str]] = {
    "start_urls": st.integers(1, 99).map(lambda n: f"https://shop.example/{n}?a=b#c"),
    "sitemaps": st.integers(1, 99).map(lambda n: f"https://shop.example/sitemap{n}.xml"),
    "include": st.sampled_from(["*/products/*", r"re:/p/\d+: #$", "https://shop.example/*'\""]),
    "ignore_params": st.sampled_from(["ref", "utm_*", "yes", "0"]),
    "allow_networks": st.sampled_from(["10.0.0.0/8", "fd00::/8"]),
    "headers": st.sampled_from(["Authorization: (kept)", "Accept-Language: de, en;q=0.5", "X-A: 12:30"]),
    "accept": st.sampled_from([*kinds(), "soft_404 https://shop.example/*"]),
    "noise": st.sampled_from(["css: .ads", "re: Seen [0-9]+ times", "dates", "counters"]),
}
ENTRIES["exclude"] = ENTRIES["include"]
PARTS: dict[str, st.SearchStrategy[Any]] = {
    "requests": st.lists(
        st.fixed_dictionaries({"url": st.just("https://api.example/x"), "json": st.dictionaries(LINE, LINE)}),
        max_size=2,
    ),
    "fields": st.lists(
        st.sampled_from(
            [
                {"name": "title", "css": "h1::text"},
                {"name": "words", "xpath": "count(//p)", "required": True},
                {"name": "price", "css": ".p", "or": [{"meta": "price"}], "type": "money", "locale": "de"},
                {"name": "day", "css": "time", "steps": [{"replace": ["from ", ""]}], "type": "date"},
                {"name": "offers", "css": ".offer", "many": True, "fields": [{"name": "by", "css": "b"}]},
            ]
        ),
        max_size=5,
        unique_by=lambda field: field["name"],
    ),
    "collections": st.just([{"name": "things", "items": {"css": "li"}, "key": ["no"], "fields": [
        {"name": "no", "css": "::attr(data-no)"}, {"name": "yes", "css": "b", "steps": ["trim"]}]}]),
}  # fmt: skip


def values(name: str) -> st.SearchStrategy[Any]:
    """What a setting may be, in the form that is checked."""
    kind = kind_of(name)
    if name == "tags":
        return st.lists(LINE.map(lambda tag: tag[:50]).filter(str.strip), max_size=4, unique=True)
    if kind is Kind.LINES:
        return st.lists(ENTRIES[name], min_size=1, max_size=3, unique=True).map("\n".join)
    if kind is Kind.PARTS:
        return PARTS[name]
    if kind is Kind.FLAG:
        return st.booleans()
    if kind is Kind.CHOICE:
        return st.sampled_from(list(CHOICES[name]))
    if kind is Kind.NUMBER and name in numbers():
        least, most = range_of(name)
        number = st.integers(int(least), int(most)) if is_whole(name) else st.floats(least, most)
        return st.none() | number if may_be_nothing(name) else number
    return TEXTS[name]


TEXTS: dict[str, st.SearchStrategy[Any]] = {
    "name": LINE.map(lambda name: name[:200]),
    "interval_seconds": st.integers(60, 366 * 86400),
    "cron": st.sampled_from(["0 8 * * 1-5", "*/5 * * * *"]),
    "time_zone": st.sampled_from(["UTC", "Europe/Berlin"]),
    "user_agent": st.sampled_from(["Bot/1.0 (+https://bot.example)", "yes", ""]),
    "robots_reason": LINE,
    "group": st.sampled_from(["", "Shops", "yes"]),
}


@settings(max_examples=40, deadline=None)
@given(st.fixed_dictionaries({name: values(name) for name in SETTINGS}))
def test_every_setting_is_read_as_it_was_written(written):
    tidied, problems = check(written)
    assert not problems
    read, wrong = read_seeds(write_seeds([tidied]))
    assert not wrong
    assert read[0].settings == tidied


def test_only_what_is_not_as_usual_is_written():
    usual = {name: default_of(name) for name in SETTINGS}
    urls = "https://a.example/\nhttps://b.example/"
    text = write_seeds([usual | {"name": "Shop", "start_urls": urls, "lane": Lane.BULK}])
    assert text.splitlines()[1:] == [
        "seeds:",
        "  - name: Shop",
        "    start_urls:",
        "      - https://a.example/",
        "      - https://b.example/",
        "    lane: bulk",
    ]


def test_a_file_has_every_setting_that_a_person_may_say():
    assert SETTINGS.keys() == {*written_names(), "enabled", "tags", "group"}


def test_the_published_schema_is_that_of_the_definition():
    """``crawlbeat seeds schema > docs/seeds.schema.json`` writes it anew."""
    published = (ROOT / "docs" / "seeds.schema.json").read_text(encoding="utf-8")
    assert json.loads(published) == json.loads(schema_text())
