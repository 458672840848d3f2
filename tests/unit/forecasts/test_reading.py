"""Pages of forecasts are read in a process that outlives a page, and not one that kills it."""

from __future__ import annotations

import pytest

from crawler.policy import CrawlPolicy
from pipelines.forecasts.order import Body
from pipelines.forecasts.reading import PageReader
from pipelines.trying.trial import Order

POLICY = CrawlPolicy(start_urls=("http://a.example/",)).plain()


def body(html: bytes, url: str = "http://a.example/") -> Body:
    order = Order(url=url, final_url=url, body=html, status=200, content_type="text/html", policy=POLICY)
    return Body(order=order)


def test_one_process_reads_several_pages_and_another_takes_over_when_it_is_killed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reader = PageReader()
    try:
        for name in ("x", "y"):
            page = reader.read(
                body(f'<title>t</title><p>text of a page<a href="/{name}">{name}</a>'.encode())
            ).page
            assert page and page.links == [f"http://a.example/{name}"]
        monkeypatch.setattr("pipelines.killable.SECONDS", 0.0)
        killed = reader.read(body(b"<p>" * 5_000_000)).page
        assert killed and (killed.stored, killed.reason) == (False, "parser_killed")
        monkeypatch.undo()
        again = reader.read(body(b'<p>text of a page<a href="/z">z</a>')).page
        assert again and again.links == ["http://a.example/z"]
    finally:
        reader.close()
