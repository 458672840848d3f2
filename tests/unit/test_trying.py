"""What a try shows of a body: all of it plain values that pass to another process, however odd the page."""

from __future__ import annotations

import json

import msgspec
import pytest

from crawler.policy import CrawlPolicy, Scope
from pipelines.trying.reading import read
from pipelines.trying.trial import Order, Trial

HOME = "https://shop.test/list/"


def tried(body: str, **policy: object) -> Trial:
    plain = CrawlPolicy(start_urls=(HOME,), **policy).plain()
    order = Order(url=HOME, final_url=HOME, body=body.encode(), content_type="text/html", policy=plain)
    return msgspec.msgpack.decode(msgspec.msgpack.encode(read(order)), type=Trial)


@pytest.mark.parametrize(
    "data",
    [
        '{"@type": "Product", "name": "\\ud800", "\\ud800": "x", "sku": ' + "9" * 30 + "}",
        '{"@type": "Product", "price": ' + "9" * 5000 + "}",
        '{"@type": "\\ud800"}',
        "[" * 5000 + "]" * 5000,
        '{"@type": "Product", "price": NaN, "name": 1e999}',
        '{"a": {"b": ' * 200 + "1" + "}}" * 200,
    ],
)
def test_odd_data_for_machines_is_shown_or_left_out(data):
    trial = tried(f'<title>x</title><script type="application/ld+json">{data}</script>')
    assert trial.title == "x"
    assert trial.verdict == "ok"
    json.dumps(trial.plain()).encode()


LINKS = (
    '<a href="a">1</a><a href="./a#b">2</a><a href="/other">3</a><a href="b?x=1">4</a>'
    '<a href="javascript:x()">5</a>'
)


def reasons(trial: Trial) -> dict[str, str]:
    return {refused.url: refused.reason for refused in trial.links.refused}


def test_links_that_leave_the_scope_say_by_which_rule():
    trial = tried(LINKS, scope=Scope.PREFIX, exclude=("*x=*",))
    assert trial.links.followed == [f"{HOME}a"]
    assert reasons(trial) == {
        "https://shop.test/other": "it is not below the folder of a start URL",
        f"{HOME}b?x=1": "a pattern of 'No pages that match' leaves it out",
        "javascript:x()": reasons(trial)["javascript:x()"],
    }
    narrow = tried(LINKS, include=("*/other",))
    assert narrow.links.followed == ["https://shop.test/other"]
    assert "no pattern of 'Only pages that match' matches" in reasons(narrow)[f"{HOME}a"]


def test_what_a_page_asks_of_robots_is_heeded_and_shown():
    trial = tried(f'<meta name="robots" content="noindex,nofollow">{LINKS}')
    assert trial.verdict == "noindex"
    assert trial.links.followed == []
    assert reasons(trial)[f"{HOME}a"] == "the page asks not to follow it (nofollow)"
    assert tried(f'<meta name="robots" content="noindex">{LINKS}', obey_robots=False).verdict == "ok"
