"""What `up` says about where it can be reached."""

from __future__ import annotations

import socket

import pytest

from console.commands.up import Site, from_elsewhere


@pytest.fixture(autouse=True)
def _in_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("embedded.web_service.own_address", lambda: ["198.51.100.7"])


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000/"),
        ("0.0.0.0", "http://127.0.0.1:8000/"),
        ("::", "http://[::1]:8000/"),
        ("::1", "http://[::1]:8000/"),
        ("192.0.2.7", "http://192.0.2.7:8000/"),
    ],
)
def test_the_address_works_in_a_browser_of_this_machine(settings, host: str, address: str):
    settings.ALLOWED_HOSTS = settings.LOOPBACK_NAMES
    assert Site("up", host, 8000).address == address


def test_who_listens_everywhere_is_told_by_which_names(settings):
    settings.ALLOWED_HOSTS = settings.LOOPBACK_NAMES
    told = "\n".join(from_elsewhere(Site("up", "0.0.0.0", 8000)))
    assert "http://198.51.100.7:8000/" in told and f"http://{socket.gethostname()}:8000/" in told
    assert "set ALLOWED_HOSTS" in told and "plain http" in told
    assert from_elsewhere(Site("up", "127.0.0.1", 8000)) == []


def test_behind_a_proxy_with_tls_nothing_is_said_of_plain_http(settings):
    settings.HTTPS = True
    told = "\n".join(from_elsewhere(Site("up", "0.0.0.0", 8000)))
    assert "plain http" not in told and "only by the proxy with TLS" in told


def test_names_that_were_set_are_the_ones_named(settings):
    settings.ALLOWED_HOSTS = ["crawl.example.org"]
    assert Site("up", "::", 8000).address == "http://crawl.example.org:8000/"
    assert "http://crawl.example.org:8000/" in from_elsewhere(Site("up", "::", 8000))[0]
