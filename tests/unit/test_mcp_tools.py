"""The tools for language models: each is a call of the API, and a refusal is its sentence."""

from __future__ import annotations

import json
from typing import Any

import anyio
import httpx
import pytest
from mcp.shared.memory import create_connected_server_and_client_session
from mcp.types import CallToolResult, TextContent

from console import cli
from console.remote.client import Client
from console.remote.place import Place
from console.remote.tools import server_of

ANSWERS: dict[str, Any] = {
    "GET /api/seeds": {"items": [{"id": 3, "name": "Teas"}], "next_cursor": None},
    "GET /api/seeds/3/collections": ["products"],
    "GET /api/records": {"items": [{"values": {"price": 9}}], "next_cursor": None},
    "GET /api/events": {"items": [{"sentence": "Cheaper."}], "next_cursor": None},
    "GET /api/explain": {"verdict": "It is stored."},
    "POST /api/try": {"key": "k", "url": "/api/try/k"},
    "GET /api/try/k": {"done": True, "trial": {"title": "Tea"}},
    "POST /api/recrawl": {"runs": [{"run": 1}], "refused": []},
}


def call(name: str, **given: Any) -> tuple[CallToolResult, list[httpx.Request]]:
    """Have a model's client call a tool; the result, and what the API was asked."""
    asked: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        if "ftp" in str(request.url):
            headers = {"Content-Type": "application/problem+json"}
            return httpx.Response(422, json={"detail": "That is no address."}, headers=headers)
        return httpx.Response(200, json=ANSWERS[f"{request.method} {request.url.path}"])

    async def use() -> CallToolResult:
        with Client(Place("https://crawl.test", "cb_x"), httpx.MockTransport(handler)) as client:
            async with create_connected_server_and_client_session(server_of(client)._mcp_server) as session:
                return await session.call_tool(name, given)

    return anyio.run(use), asked


def text(result: CallToolResult) -> str:
    return "".join(part.text for part in result.content if isinstance(part, TextContent))


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("list_seeds", {}, "Teas"),
        ("list_collections", {"seed": 3}, "products"),
        ("list_records", {"seed": 3, "filters": {"price.lt": "20"}}, '"price": 9'),
        ("list_changes", {}, "Cheaper."),
        ("explain", {"url": "https://tea.test/"}, "It is stored."),
        ("try_page", {"url": "https://tea.test/"}, '"title": "Tea"'),
        ("recrawl", {"urls": ["https://tea.test/"]}, '"run": 1'),
    ],
)
def test_each_tool_is_a_call(name: str, given: dict[str, Any], words: str):
    result, asked = call(name, **given)
    assert not result.isError
    assert words in text(result)
    assert all(request.headers["Authorization"] == "Bearer cb_x" for request in asked)


def test_filters_are_those_of_the_api():
    asked = call("list_records", seed=3, filters={"price.lt": "20"})[1]
    assert asked[0].url.params["price.lt"] == "20"
    body = json.loads(call("recrawl", urls=["https://tea.test/"])[1][0].content)
    assert body == {"urls": ["https://tea.test/"]}


def test_a_refusal_is_told_to_the_model():
    result, _ = call("explain", url="ftp://a")
    assert result.isError
    assert "That is no address." in text(result)


def test_the_command_needs_an_instance(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("CRAWLBEAT_URL", raising=False)
    assert cli.main(["mcp"]) == 2
    assert "set CRAWLBEAT_URL to its address" in capsys.readouterr().err
