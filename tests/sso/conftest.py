"""A provider, the settings that name it, and how a browser goes through a sign-in."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client

from tests import fakeoidc
from tests.fakeoidc import Provider


@pytest.fixture(autouse=True)
def _nothing_counted_yet() -> None:
    cache.clear()


@pytest.fixture(scope="session")
def _running() -> Iterator[Provider]:
    with fakeoidc.serving() as provider:
        yield provider


@pytest.fixture
def provider(_running: Provider, settings) -> Iterator[Provider]:
    """A provider that knows somebody, and that the settings name."""
    settings.OIDC_ISSUER, settings.OIDC_NAME = _running.issuer, "Our directory"
    settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = fakeoidc.CLIENT, fakeoidc.SECRET
    settings.OIDC_NETWORKS = ["127.0.0.0/8"]
    _running.__dict__.update(signs_with=_running.key, algorithm="ES256", changed={}, userinfo={}, down=False)
    _running.asked.clear()
    _running.person = {"sub": "1", "email": "anna@example.org", "email_verified": True}
    return _running


def at_provider(provider: Provider, answer: HttpResponse) -> str:
    """What the provider does with somebody who is sent to it: the address that it sends them back to."""
    assert answer.status_code == 302, answer.content.decode()
    query = parse_qs(urlsplit(answer["Location"]).query)
    return provider.authorize({name: values[0] for name, values in query.items()})


def sign_in(client: Client, provider: Provider, query: str = "") -> HttpResponse:
    """The last answer of a sign-in in a browser."""
    return client.get(at_provider(provider, client.get(f"/login/with/{query}")))
