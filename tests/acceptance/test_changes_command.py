"""``changes`` after crawls with ``--name``: what is new, changed and gone, and on from a cursor."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakeweb import Answer, FakeWeb
from tests.harness.embedded import Embedded

pytestmark = pytest.mark.timeout(400)
CRAWL = [
    "--allow-network", "127.0.0.0/8", "--delay", "0", "--per-host", "8", "-o", "-", "--name", "lamps",
    "--field", "price=b",
]  # fmt: skip


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Embedded]:
    own = Embedded(tmp_path)
    yield own
    own.end()


def changes(own: Embedded, *since: str) -> list[dict[str, Any]]:
    done = own.run("changes", "-o", "-", "--seed", "lamps", *since)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def prices(lines: list[dict[str, Any]]) -> set[tuple[str, str, str, str | None]]:
    """Of each record: what became of it, its page, its price now and before."""
    return {
        (each["kind"], each["url"][-2:], each["values"]["price"], each["old"].get("price"))
        for each in lines
        if each["of"] == "record" and each["url"][-2:-1] == "/" and each["url"][-1] in "123"
    }


def page(price: str, *paths: str) -> Answer:
    return Answer(body=f"<b>{price}</b>" + "".join(f'<a href="{path}">x</a>' for path in paths))


def test_lines_say_what_is_new_changed_and_gone_and_a_cursor_goes_on(own: Embedded) -> None:
    with FakeWeb() as web:
        web.on("/", page("0", "/1", "/2"))
        web.on("/1", page("10"))
        web.on("/2", page("20"))
        assert own.run("crawl", f"{web.url}/", *CRAWL).returncode == 0
        first = changes(own)
        assert prices(first) == {("new", "/1", "10", None), ("new", "/2", "20", None)}
        web.on("/", page("0", "/1", "/3"))
        web.on("/1", page("11"))
        web.on("/3", page("30"))
        assert own.run("crawl", f"{web.url}/", *CRAWL).returncode == 0
    second = changes(own, "--since", first[-1]["cursor"])
    assert prices(second) == {
        ("changed", "/1", "11", "10"),
        ("gone", "/2", "20", None),
        ("new", "/3", "30", None),
    }
    assert changes(own, "--since", second[-1]["cursor"]) == []
    half = first[: len(first) // 2]
    rest = changes(own, "--since", half[-1]["cursor"])
    assert {"/1", "/2", "/3"} <= {each["url"][-2:] for each in [*half, *rest]}


def test_what_is_no_cursor_is_refused_in_one_line(own: Embedded) -> None:
    with FakeWeb() as web:
        web.on("/", page("0"))
        assert own.run("crawl", f"{web.url}/", *CRAWL).returncode == 0
    done = own.run("changes", "-o", "-", "--since", "yesterday")
    assert (done.returncode, done.stdout) == (2, "")
    assert "is no cursor" in done.stderr
    assert done.stderr.count("\n") == 1
