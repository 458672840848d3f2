"""Pages of errors: in our words, and with a way on for the one who reads them."""

from __future__ import annotations

import re

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from djsite.browse.views import errors
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]
SIDEBAR = '<nav aria-label="Sections">'


def words(answer) -> str:
    return " ".join(answer.content.decode().split())


def test_a_name_that_is_not_known_is_told_with_what_to_set(client: Client):
    answer = client.get("/", HTTP_HOST="192.0.2.17:8000", SERVER_PORT="8000")
    page = words(answer)
    assert answer.status_code == 400
    assert "<b>192.0.2.17</b> is none of them" in page
    assert "ALLOWED_HOSTS=192.0.2.17 ./crawlbeat up --host 0.0.0.0 --port 8000" in page
    assert "script" not in words(client.get("/", HTTP_HOST="<script>x"))


def test_a_form_that_is_too_old_says_so():
    client = Client(enforce_csrf_checks=True)
    factories.log_in(client, "operator")
    answer = client.post(reverse("run-recrawl"), {"urls": "http://shop.example/"})
    assert answer.status_code == 403
    assert "This form is too old" in words(answer)
    assert SIDEBAR in words(answer)
    assert "This form is too old" in words(Client(enforce_csrf_checks=True).post("/login/", {}))


def test_an_address_of_a_button_cannot_be_opened(client: Client):
    factories.log_in(client, "operator")
    answer = client.get(reverse("seed-run", args=[1]))
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "Only a button leads here" in words(answer)
    assert "Only to look at" in words(client.post(reverse("runs")))


def test_what_is_not_there_keeps_the_sidebar_for_those_who_may_look(client: Client):
    assert SIDEBAR not in words(client.get("/nowhere/"))
    factories.log_in(client, "viewer")
    answer = client.get("/nowhere/")
    assert (answer.status_code, SIDEBAR in words(answer)) == (404, True)


def test_without_a_role_no_button_leads_to_the_same_refusal(client: Client):
    factories.log_in(client, None)
    page = words(client.get("/"))
    assert "Your account has no role yet" in page
    assert "Log out" in page
    assert ">Dashboard<" not in page
    factories.log_in(client, "viewer")
    assert SIDEBAR in words(client.get(reverse("try")))


@pytest.mark.parametrize("role", [None, "viewer", "operator"])
def test_whatever_an_error_offers_may_be_had(client: Client, role: str | None):
    factories.log_in(client, role)
    pages = [client.get(route) for route in ("/", "/nowhere/", reverse("try"), reverse("people"), "/you/")]
    pages += [client.post(reverse("runs")), client.get("/", HTTP_HOST="192.0.2.17")]
    pages.append(errors.broken(pages[0].wsgi_request))
    offered = {link for page in pages for link in re.findall(r'<a [^>]*href="(/[^"]*)"', words(page))}
    assert {link: status for link in offered if (status := client.get(link).status_code) >= 400} == {}
    assert ("/" in offered) == (role is not None)


def test_an_error_while_the_database_is_away_is_a_page_too(client: Client, monkeypatch: pytest.MonkeyPatch):
    request = client.get("/nowhere/").wsgi_request

    def is_away(_request: object) -> bool:
        raise OperationalError

    monkeypatch.setattr(errors, "can_look", is_away)
    answer = errors.broken(request)
    assert (answer.status_code, "<a " in words(answer)) == (500, False)
