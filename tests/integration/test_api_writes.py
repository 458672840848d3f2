"""Writes of the API: done once for a key, by who may, and the same as the site does."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from catalog.models import ApiWrite, Run, Seed, SeedEdit, Token
from djsite.api.urls import api
from djsite.desk.access import tokens
from pipelines.prune import prune
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("archive")]
SEED = {"name": "Teas", "start_urls": ["https://tea.example/"], "schedule": "manual"}


@pytest.fixture
def client() -> Client:
    return caller("operator")


def caller(role: str) -> Client:
    made = tokens.make(factories.make_user(role, "operator"), "program", role, None)
    return Client(headers={"Authorization": f"Bearer {made.secret}"})


def post(client: Client, path: str, body: object = None, key: str = "", method: str = "post"):
    headers = {"Idempotency-Key": key} if key else {}
    return getattr(client, method)(path, body, content_type="application/json", headers=headers)


def test_the_same_key_does_it_once_and_gets_the_same_answer(client: Client):
    first, again = (post(client, "/api/seeds", SEED, "k1") for _ in range(2))
    assert first.status_code == again.status_code == 201, first.content
    assert first.json() == again.json()
    assert again["Idempotency-Replayed"] == "true"
    assert Seed.objects.count() == 1


def test_a_refusal_is_the_same_again_and_a_key_is_of_one_request(client: Client):
    wrong = {**SEED, "start_urls": ["tea.example"]}
    first, again = (post(client, "/api/seeds", wrong, "k1") for _ in range(2))
    assert (first.status_code, again.status_code) == (422, 422)
    assert again["Content-Type"] == "application/problem+json"
    other = post(client, "/api/seeds", SEED, "k1")
    assert other.status_code == 422
    assert other.json()["errors"][0]["field"] == "Idempotency-Key"
    assert not Seed.objects.exists()


def test_a_key_whose_first_call_has_no_answer_yet_is_not_done_a_second_time(client: Client):
    post(client, "/api/seeds", SEED, "k1")
    ApiWrite.objects.update(status=None, body=None)
    waits = post(client, "/api/seeds", SEED, "k1")
    assert (waits.status_code, waits["Retry-After"]) == (409, "1")
    write = ApiWrite.objects.get()
    ApiWrite.objects.update(created_at=write.created_at - timedelta(hours=1))
    lost = post(client, "/api/seeds", SEED, "k1")
    assert lost.status_code == 409
    assert "was lost" in lost.json()["detail"]


def test_the_key_of_another_token_is_another_key(client: Client):
    assert post(client, "/api/seeds", SEED, "k1").status_code == 201
    user = Token.objects.get().owner
    made = tokens.make(user, "second", "operator", None)
    other = Client(headers={"Authorization": f"Bearer {made.secret}"})
    assert post(other, "/api/seeds", SEED, "k1").status_code == 409  # the name is taken


def test_answers_are_pruned_after_a_day(client: Client):
    post(client, "/api/seeds", SEED, "k1")
    write = ApiWrite.objects.get()
    prune(write.created_at + timedelta(hours=23))
    assert ApiWrite.objects.exists()
    prune(write.created_at + timedelta(hours=25))
    assert not ApiWrite.objects.exists()


def test_who_changed_a_seed_by_the_api_is_written_down(client: Client):
    made = post(client, "/api/seeds", SEED).json()
    post(client, f"/api/seeds/{made['id']}/pause")
    assert client.delete(f"/api/seeds/{made['id']}").status_code == 204
    edits = SeedEdit.objects.order_by("pk").values_list("kind", "means", "person__username")
    assert list(edits) == [(kind, "api", "operator") for kind in ("created", "changed", "deleted")]


def test_a_seed_is_made_and_changed_as_a_file_of_seeds_says(client: Client):
    pk = post(client, "/api/seeds", SEED).json()["id"]
    answer = post(client, f"/api/seeds/{pk}", {"tags": ["tea"], "max_pages": 20}, method="patch")
    assert answer.status_code == 200, answer.content
    definition = client.get(f"/api/seeds/{pk}/definition").json()
    assert definition == {**SEED, "tags": ["tea"], "max_pages": 20}


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"start_urls": ["tea.example"]}, "start_urls", "has no http:// or https://"),
        ({"delay": "slow"}, "delay", "has to be a number"),
        ({"nonsense": 1}, "nonsense", "no such setting"),
        ({"name": ""}, "name", "needs a name"),
    ],
)
def test_a_wrong_setting_is_named_and_nothing_is_made(client: Client, changed: dict, field: str, words: str):
    answer = post(client, "/api/seeds", SEED | changed)
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["field"] == field
    assert words in error["detail"]
    assert not Seed.objects.exists()


def test_no_token_opens_private_networks():
    user = factories.make_user("root", None, is_staff=True, is_superuser=True)
    made = tokens.make(user, "program", "operator", None)
    client = Client(headers={"Authorization": f"Bearer {made.secret}"})
    wanted = {**SEED, "start_urls": ["http://10.0.0.1/"], "allow_networks": ["10.0.0.0/8"]}
    assert post(client, "/api/seeds", wanted).status_code == 403
    assert not Seed.objects.exists()


def test_a_token_that_may_look_writes_nothing_that_changes_a_crawl():
    seed = factories.shop(rounds=1)
    client, before = caller("viewer"), Run.objects.count()
    document = api.get_openapi_schema()
    allowed = set()
    for path, found in document["paths"].items():
        for method in found.keys() - {"get"}:
            address = path.replace("{pk}", str(seed.pk)).replace("{action}", "stop").replace("{number}", "1")
            if post(client, address, {}, method=method).status_code != 403:
                allowed.add(f"{method} {path}")
    assert {call.split("/")[2] for call in allowed} == {"views", "exports", "alerts"}
    assert Run.objects.count() == before


def test_a_body_that_is_no_json_or_holds_what_no_text_may_is_refused(client: Client):
    for body, words in (("{", "no JSON"), ('{"urls": ["a\\u0000"]}', "NUL"), ('{"a": NaN}', "no JSON")):
        answer = client.post("/api/recrawl", body, content_type="application/json")
        assert answer.status_code == 400
        assert words in answer.json()["detail"]
