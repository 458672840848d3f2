"""Calls for what people do on the site: channels, promises, pauses, files that resume, the site's filters."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from catalog.models import Channel, Export, Promise, Record, RecordVersion, Run, Seed
from djsite.desk.access import tokens
from pipelines.export import make_export
from pipelines.telling.sending import delivery
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("archive")]
HOOK = {"url": "https://hook.test/a-secret", "key": "whsec_" + "QUJD" * 8}


@pytest.fixture
def client() -> Client:
    return caller("operator")


def caller(role: str) -> Client:
    made = tokens.make(factories.make_user(f"{role}-{Seed.objects.count()}", "operator"), "p", role, None)
    return Client(headers={"Authorization": f"Bearer {made.secret}"})


def ask(client: Client, method: str, path: str, body: Any = None, status: int = 200) -> Any:
    answer = getattr(client, method)(f"/api/{path}", body, content_type="application/json")
    assert answer.status_code == status, answer.content
    return answer.json() if answer.content else None


def values(client: Client, **query: str) -> list[Any]:
    answer = client.get("/api/records", query)
    assert answer.status_code == 200, answer.content
    return [item["values"] for item in answer.json()["items"]]


def test_records_are_filtered_and_sorted_as_on_the_site(client: Client):
    seed = factories.shop(rounds=2)
    everything = values(client, seed=str(seed.pk))
    first = everything[0]["name"]
    assert [each["name"] for each in values(client, seed=str(seed.pk), **{"name.is": first})] == [first]
    names = [each["name"] for each in values(client, seed=str(seed.pk), sort="name")]
    assert sorted(names) == sorted(each["name"] for each in everything)
    assert names == sorted(names, key=str.casefold)
    versions = client.get("/api/records", {"seed": seed.pk, "view": "versions"}).json()["items"]
    assert len(versions) == Record.objects.count() + RecordVersion.objects.count()
    assert any(item["until"] for item in versions)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"price.less": "3"}, "price.less"),
        ({"price.between": "3"}, "price.between"),
        ({"as_of": "2300-01-01"}, "as_of"),
        ({"url": "http://shop.example/", "price.lt": "3"}, "price.lt"),
    ],
)
def test_a_filter_that_makes_no_sense_is_refused_by_its_name(client: Client, query: dict, field: str):
    seed = factories.shop(rounds=1)
    answer = client.get("/api/records", {"seed": seed.pk, **query})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


def test_a_cursor_is_of_one_list_with_its_filters(client: Client):
    seed = factories.shop(rounds=1)
    cursor = client.get("/api/records", {"seed": seed.pk, "limit": 2, "sort": "name"}).json()["next_cursor"]
    same = client.get("/api/records", {"seed": seed.pk, "limit": 2, "sort": "name", "cursor": cursor})
    assert same.status_code == 200
    assert client.get("/api/records", {"seed": seed.pk, "sort": "-name", "cursor": cursor}).status_code == 422


def test_a_file_resumes_where_a_download_broke_off(client: Client):
    factories.shop(rounds=1)
    export = Export.objects.create(kind="pages", format="csv")
    make_export(export.pk, factories.NOW)
    path = f"/api/exports/{export.pk}/file"
    whole = client.get(path)
    content, tag = whole.getvalue(), whole["ETag"]
    rest = client.get(path, headers={"Range": "bytes=10-", "If-Range": tag})
    assert (rest.status_code, rest["Content-Range"]) == (206, f"bytes 10-{len(content) - 1}/{len(content)}")
    assert content[:10] + b"".join(rest.streaming_content) == content
    other = client.get(path, headers={"Range": "bytes=10-", "If-Range": '"other"'})
    assert other.getvalue() == content
    beyond = client.get(path, headers={"Range": f"bytes={len(content)}-"})
    assert (beyond.status_code, beyond["Content-Range"]) == (416, f"bytes */{len(content)}")
    assert beyond.json()["title"] == "No such range"


def test_a_file_is_deleted_by_who_asked_for_it_and_by_operators(client: Client):
    export = Export.objects.create(kind="pages", format="csv")
    ask(caller("viewer"), "delete", f"exports/{export.pk}", status=403)
    ask(client, "delete", f"exports/{export.pk}", status=204)
    assert not Export.objects.exists()


@pytest.mark.usefixtures("valkey")
def test_a_channel_takes_secrets_and_never_gives_them_back(client: Client):
    made = ask(client, "post", "channels", {"kind": "webhook", "name": "Hook", "settings": HOOK}, 201)
    assert made["place"] == "hook.test"
    changed = ask(client, "patch", f"channels/{made['id']}", {"quiet_from": "22:00", "quiet_until": "06:00"})
    assert changed["quiet_until"] == "06:00"
    assert delivery.secrets_of(Channel.objects.get()) == HOOK
    texts = [json.dumps(ask(client, "get", f"channels{end}")) for end in ("", f"/{made['id']}")]
    assert not [text for text in texts if "a-secret" in text or "whsec" in text]
    message = ask(client, "post", f"channels/{made['id']}/test", status=202)
    assert ask(client, "get", f"channels/messages/{message['id']}")["state"] == "waiting"
    ask(client, "post", f"channels/messages/{message['id']}/replay", status=409)
    ask(client, "delete", f"channels/{made['id']}", status=204)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"kind": "pigeon"}, "kind"),
        ({"settings": {"url": "https://hook.test/"}}, "settings.key"),
        ({"settings": {**HOOK, "colour": "red"}}, "settings.colour"),
        ({"settings": {**HOOK, "allow_networks": ["10.0.0.0/8"]}}, "settings.allow_networks"),
        ({"time_zone": "Moon"}, "time_zone"),
    ],
)
def test_a_wrong_setting_of_a_channel_is_named(client: Client, wrong: dict, field: str):
    body = {"kind": "webhook", "name": "Hook", "settings": HOOK} | wrong
    problem = ask(client, "post", "channels", body, 422)
    assert problem["errors"][0]["field"] == field
    assert not Channel.objects.exists()


def test_only_staff_change_a_channel_that_reaches_private_networks(client: Client):
    inside = Channel.objects.create(
        name="In", kind="webhook", options={"allow_networks": ["10.0.0.0/8"]}, secret=json.dumps(HOOK)
    )
    ask(client, "patch", f"channels/{inside.pk}", {"name": "Out"}, 403)


def test_promises_are_made_changed_and_ended(client: Client):
    seed = factories.shop(rounds=1)
    body = {"deadline": "08:15", "weekdays": "401", "collection": ""}
    made = ask(client, "post", f"seeds/{seed.pk}/promises", body, 201)
    assert (made["weekdays"], made["time_zone"]) == ("014", seed.time_zone)
    assert made["words"].startswith("By 08:15")
    path = f"seeds/{seed.pk}/promises/{made['id']}"
    assert ask(client, "put", path, {"deadline": "09:00", "least": 5})["deadline"] == "09:00"
    problem = ask(client, "put", path, {"deadline": "09:00", "collection": "none"}, 422)
    assert problem["errors"][0]["field"] == "collection"
    other = factories.make_seed()
    ask(client, "delete", f"seeds/{other.pk}/promises/{made['id']}", status=404)
    ask(client, "delete", path, status=204)
    assert not Promise.objects.exists()


def test_everything_is_paused_and_goes_on(client: Client):
    seed = factories.make_seed()
    run = factories.make_run(seed, Run.State.OPEN)
    paused = ask(client, "post", "everything/pause")
    assert (paused["paused"], paused["seeds"], paused["runs"]) == (True, 1, 1)
    seed.refresh_from_db()
    assert not seed.enabled
    assert not ask(client, "post", "everything/resume")["paused"]
    run.refresh_from_db()
    assert run.state == Run.State.OPEN


def test_a_deleted_seed_comes_back(client: Client):
    seed = factories.make_seed()
    ask(client, "delete", f"seeds/{seed.pk}", status=204)
    assert [each["id"] for each in ask(client, "get", "seeds/deleted")["items"]] == [seed.pk]
    assert ask(client, "post", f"seeds/{seed.pk}/back")["id"] == seed.pk
    assert "is there already" in ask(client, "post", f"seeds/{seed.pk}/back", status=404)["detail"]


def test_pages_have_the_filters_of_the_site(client: Client):
    seed = factories.shop(rounds=2)
    new = ask(client, "get", f"pages?seed={seed.pk}&happened=new")["items"]
    changed = ask(client, "get", f"pages?seed={seed.pk}&happened=changed")["items"]
    assert new and changed
    assert {page["versions"] for page in new} == {1}
    assert min(page["versions"] for page in changed) > 1
