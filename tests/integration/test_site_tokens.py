"""The page of tokens: one is made and shown once, listed without its secret, and revoked."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from catalog.models import Token
from tests import factories

pytestmark = [pytest.mark.django_db]
PAGE = "/tokens/"


def test_a_secret_is_shown_once_and_opens_the_api_until_it_is_revoked(client: Client):
    factories.log_in(client, "viewer")
    shown = client.post(PAGE, {"name": "report", "role": "viewer", "days": "30"}).content.decode()
    secret = re.search(r'value="(cb_[^"]+)"', shown)[1]
    assert secret not in client.get(PAGE).content.decode()
    assert not Token.objects.filter(digest=secret).exists()
    program = Client(headers={"Authorization": f"Bearer {secret}"})
    assert program.get("/api/seeds").status_code == 200
    client.post(f"{PAGE}{Token.objects.get().pk}/revoke/")
    assert program.get("/api/seeds").status_code == 401
    assert "revoked" in client.get(PAGE).content.decode()


def test_a_viewer_makes_no_token_that_changes_anything(client: Client):
    factories.log_in(client, "viewer")
    assert "may look, run and change" not in client.get(PAGE).content.decode()
    client.post(PAGE, {"name": "report", "role": "operator", "days": "30"})
    assert not Token.objects.exists()


def test_nobody_sees_or_ends_the_tokens_of_others(client: Client):
    other = factories.make_user("other", "operator")
    token = Token.objects.create(name="theirs", owner=other, digest="0")
    factories.log_in(client, "operator", is_staff=True)
    assert "theirs" not in client.get(PAGE).content.decode()
    assert client.post(f"{PAGE}{token.pk}/revoke/").status_code == 404
