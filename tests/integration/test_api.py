"""The API: who is let in, how lists are cut, what errors say, and that a write is done once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from catalog.models import Record, Token
from djsite.api import callers
from djsite.desk.access import tokens
from djsite.desk.rate_limits import RateLimit
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("archive")]
LIST = "/api/records"


def caller(role: str = "viewer", of: str = "operator", **values: Any) -> Client:
    """A program with a token of a role, whose owner has another."""
    user = factories.make_user(f"{of}-{role}-{Token.objects.count()}", of)
    made = tokens.make(user, "program", role, values.pop("expires_at", None))
    return Client(headers={"Authorization": f"Bearer {made.secret}"}, **values)


@pytest.fixture
def seed():
    return factories.shop(rounds=2)


def test_a_token_lists_the_values_of_a_seed(seed):
    answer = caller().get(LIST, {"seed": seed.pk})
    assert answer.status_code == 200, answer.content
    (newest, *_) = answer.json()["items"]
    record = Record.objects.get(pk=newest["id"])
    assert newest["values"] == record.values
    assert newest["url"] == record.page.url


def test_events_are_asked_for_by_hours(seed):
    factories.make_event(seed, at=timezone.now() - timedelta(hours=2))
    counts = [len(caller().get("/api/events", {"since": hours}).json()["items"]) for hours in ("1", "24")]
    assert counts == [0, 1]
    assert caller().get("/api/events", {"since": "2"}).status_code == 422


@pytest.mark.parametrize("path", ["/api/pages?seed={}", "/api/records?seed={}", "/api/runs?seed={}"])
def test_a_list_asks_the_database_as_often_for_many_as_for_few(seed, path: str):
    client, statements = caller(), []

    def watch(execute, sql, params, many, context):
        statements.append(sql)
        return execute(sql, params, many, context)

    counts = []
    client.get(path.format(seed.pk))
    for limit in (1, 2):
        statements.clear()
        with connection.execute_wrapper(watch):
            answer = client.get(f"{path.format(seed.pk)}&limit={limit}")
        assert len(answer.json()["items"]) == limit
        counts.append(len(statements))
    assert counts[0] == counts[1], statements


def test_a_list_is_read_to_its_end_by_its_cursor(seed):
    client, ids, cursor = caller(), [], ""
    while cursor is not None:
        answer = client.get(LIST, {"seed": seed.pk, "limit": 5, "cursor": cursor}).json()
        assert len(answer["items"]) <= 5
        ids += [item["id"] for item in answer["items"]]
        cursor = answer["next_cursor"]
    assert ids == list(Record.objects.order_by("-pk").values_list("pk", flat=True))


@pytest.mark.parametrize(
    ("path", "status", "field", "words"),
    [
        ("/api/records", 422, "seed", "seed is missing"),
        ("/api/records?seed=x", 422, "seed", "seed must be a whole number."),
        ("/api/records?seed=1&limit=501", 422, "limit", "limit must be at most 500."),
        ("/api/records?seed=1&sede=2", 422, "sede", "sede is not a name that this call knows."),
        ("/api/records?seed=999", 422, "seed", "seed 999 is none"),
        ("/api/records/999", 404, None, "There is nothing at this address."),
        ("/api/nothing", 404, None, "There is nothing at this address."),
        ("/api/records?seed=1%00", 400, None, "a character that none may have"),
    ],
)
def test_an_error_is_a_problem_that_names_the_field(seed, path: str, status: int, field: str, words: str):
    answer = caller().get(path)
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert words in problem["detail"]
    assert [error["field"] for error in problem.get("errors", [])] == ([field] if field else [])


@pytest.mark.parametrize("cursor", ["x", "bm90aGluZw", "WyItaWQiLCAiIl0", "WyJpZCIsICI1fjUiXQ"])
def test_a_cursor_that_is_none_never_means_the_beginning(seed, cursor: str):
    answer = caller().get(LIST, {"seed": seed.pk, "cursor": cursor})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "cursor"


def test_another_method_is_a_problem_that_says_which_are_taken():
    answer = caller().put(LIST)
    assert (answer.status_code, answer["Allow"]) == (405, "GET")
    assert answer.json()["detail"] == "This address takes GET only."


def test_an_error_of_ours_is_a_problem_without_our_secrets(monkeypatch: pytest.MonkeyPatch):
    def fails(seed: int, collection: str) -> None:
        raise RuntimeError("a password")

    monkeypatch.setattr("djsite.api.record_lists.collections_of", fails)
    answer = caller().get(LIST, {"seed": factories.make_seed().pk})
    assert answer.status_code == 500
    assert "password" not in answer.content.decode()
    assert answer.json()["title"] == "An error of ours"


def test_a_login_of_the_site_is_no_token():
    client = Client()
    factories.log_in(client, "operator")
    answer = client.get(LIST)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_a_token_ends_when_it_is_revoked_or_over_or_its_owner_leaves():
    now = timezone.now()
    client = caller()
    assert client.get("/api/records/1").status_code == 404
    token = Token.objects.get()
    for changed in ({"revoked_at": now}, {"expires_at": now - timedelta(seconds=1)}):
        Token.objects.update(**{"revoked_at": None, "expires_at": None} | changed)
        assert client.get("/api/records/1").status_code == 401
    Token.objects.update(revoked_at=None, expires_at=now + timedelta(days=1))
    assert client.get("/api/records/1").status_code == 404
    token.owner.is_active = False
    token.owner.save()
    assert client.get("/api/records/1").status_code == 401


def test_a_token_does_no_more_than_its_owner_may():
    client = caller("operator", of="operator")
    token = Token.objects.get()
    assert tokens.acting_user(token).has_perm(tokens.CHANGE_SEEDS)
    token.owner.groups.clear()
    assert client.get("/api/records/1").status_code == 403
    with pytest.raises(tokens.Refused):
        tokens.make(factories.make_user("vera", "viewer"), "more", "operator", None)


def test_a_token_of_an_administrator_is_none_of_staff():
    user = factories.make_user("root", None, is_staff=True, is_superuser=True)
    made = tokens.make(user, "program", "operator", None)
    acting = tokens.acting_user(made.token)
    assert acting.has_perm(tokens.CHANGE_SEEDS)
    assert not acting.is_staff
    assert not acting.has_perm("auth.change_user")


def test_its_last_use_is_written_once_a_minute():
    client = caller()
    client.get("/api/records/1")
    first = Token.objects.get().last_used_at
    client.get("/api/records/1")
    assert Token.objects.get().last_used_at == first
    Token.objects.update(last_used_at=first - timedelta(minutes=2))
    client.get("/api/records/1")
    assert Token.objects.get().last_used_at > first - timedelta(minutes=1)


def test_too_many_calls_are_told_when_to_come_again(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(callers, "CALLS", RateLimit(2, 60))
    client = caller()
    answers = [client.get("/api/records/1").status_code for _ in range(3)]
    assert answers == [404, 404, 429]
    assert 0 < int(client.get("/api/records/1")["Retry-After"]) <= 60


def test_the_document_is_open_and_every_call_has_its_errors(client: Client):
    document = client.get("/api/openapi.json").json()
    assert document["openapi"] == "3.1.0"
    calls = [call for path in document["paths"].values() for call in path.values()]
    assert all("4XX" in call["responses"] for call in calls)
    assert all(call["security"] for call in calls)
