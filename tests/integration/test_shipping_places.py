"""Places: what is sent is there whole, replaces what was, and who refuses says why."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection as own_connection
from django.utils import timezone
from standardwebhooks import Webhook

from catalog.models import Seed, Shipment
from pipelines import shipping
from pipelines.shipping import sending
from pipelines.shipping.places import folder, names, place_of, postgresql, s3, sftp, sheets, webhook
from pipelines.shipping.places.place import Spot
from pipelines.telling.kinds import posting
from pipelines.telling.kinds.webhook import new_key
from tests import fakes3, fakesftp
from tests.factories import NOW
from tests.factories.outlets import LOOPBACK, add_thing, change_thing, lose_thing, make_outlet
from tests.fakeweb import Answer, FakeWeb
from tests.fakeweb.misbehaviour import Raw
from tests.integration.lamp_shop import seed, send, set_rules, work

__all__ = ["seed"]  # a fixture
pytestmark = pytest.mark.django_db
ARRIVED = Shipment.State.ARRIVED
HOOK = "/rows-with-a-secret"


@pytest.fixture
def data(tmp_path: Path, settings: Any) -> Path:
    """The folder of the outlets."""
    settings.DATA_DIR = tmp_path
    return tmp_path / "outlets"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[fakesftp.Server]:
    with fakesftp.serving(tmp_path) as running:
        yield running


@pytest.fixture
def web() -> Iterator[FakeWeb]:
    with FakeWeb() as running:
        running.on(HOOK, Answer(200, "taken"))
        yield running


def test_every_place_says_what_it_needs() -> None:
    for name in names():
        place = place_of(name)
        needed = {setting.name for setting in place.SETTINGS if setting.needed}
        problems = place.check({}, {})
        assert problems, name
        assert set(problems) <= {setting.name for setting in place.SETTINGS}, name
        assert needed <= {*problems, "key"}, name


# Folder -------------------------------------------------------------------------------------------------


def test_a_folder_gets_the_file_with_its_manifest_and_keeps_so_many(seed: Seed, data: Path) -> None:
    add_thing(seed, "lamp", price=1)
    outlet = make_outlet(seed, name="Lamps", keep=2, options={"folder": "shop/lamps"}, format="csv")
    folder_of = data / "shop" / "lamps"
    folder_of.mkdir(parents=True)
    other = folder_of / "lamps-99-000001-whole.csv"
    other.write_text("of another outlet")
    for _ in range(3):
        assert send(outlet).state == ARRIVED
    stem = f"lamps-{outlet.pk}"
    assert sorted(path.name for path in folder_of.iterdir()) == sorted(
        [
            other.name,
            *(
                f"{stem}-00000{number}-whole.csv{ending}"
                for number in (2, 3)
                for ending in ("", ".manifest.json")
            ),
        ]
    )
    assert "lamp" in (folder_of / f"{stem}-000003-whole.csv").read_text()
    manifest = json.loads((folder_of / f"{stem}-000003-whole.csv.manifest.json").read_text())
    assert (manifest["number"], manifest["rows"]) == (3, 1)


def test_a_file_of_one_name_is_replaced(seed: Seed, data: Path) -> None:
    outlet = make_outlet(seed, options={"folder": "shop", "file_name": "lamps.jsonl"})
    send(outlet)
    add_thing(seed, "lamp", price=1)
    send(outlet)
    assert len((data / "shop" / "lamps.jsonl").read_text().splitlines()) == 1


@pytest.mark.parametrize("path", ["/etc", "../keys", "a/../../b", "", ".", "a/.ssh", "a\\b"])
def test_a_folder_elsewhere_is_refused(path: str) -> None:
    assert folder.check({"folder": path}, {})


def test_a_folder_that_cannot_be_written_says_so(seed: Seed, data: Path) -> None:
    data.parent.mkdir(exist_ok=True)
    data.write_text("a file where the folder should be")
    outlet = make_outlet(seed)
    assert "The folder did not take it" in send(outlet).reason
    assert not shipping.probe_place(outlet).delivered
    data.unlink()
    assert shipping.probe_place(outlet).delivered
    assert list((data / "shop").iterdir()) == []


# S3 and SFTP --------------------------------------------------------------------------------------------


def test_a_bucket_gets_the_object_and_keeps_so_many(seed: Seed) -> None:
    add_thing(seed, "lamp", price=1)
    with fakes3.serving() as bucket:
        options = {"endpoint": bucket.url, "bucket": "crawl", "folder": "shop", "access_key": "id"}
        secret = {"secret_key": "of-the-tests"}
        refused = make_outlet(seed, "s3", secret, options=options)
        assert "127.0.0.1 is refused: loopback" in send(refused).reason
        outlet = make_outlet(seed, "s3", secret, options=options | {"allow_networks": LOOPBACK}, keep=1)
        assert s3.check(outlet.options, secret) == {}
        assert shipping.probe_place(outlet).delivered
        assert bucket.objects == {}
        send(outlet)
        assert send(outlet).state == ARRIVED
        names = [f"shop/{outlet.shipments.get(number=2).name}{ending}" for ending in ("", ".manifest.json")]
        assert sorted(bucket.objects) == sorted(names)
        assert b"lamp" in bucket.objects[names[0]]
        bucket.refuses = True
        assert "403" in send(outlet).reason


def sftp_options(server: fakesftp.Server, **values: Any) -> dict[str, Any]:
    fingerprints = [sftp.fingerprint_of(server.host_key)]
    own = {"host": "127.0.0.1", "port": str(server.port), "user": "shop", "fingerprints": fingerprints}
    return own | {"allow_networks": LOOPBACK} | values


def test_an_sftp_server_gets_the_file(seed: Seed, server: fakesftp.Server) -> None:
    add_thing(seed, "lamp", price=1)
    (server.folder / "up").mkdir()
    password = {"password": fakesftp.PASSWORD}
    options = sftp_options(server, folder="/up", file_name="lamps.jsonl")
    outlet = make_outlet(seed, "sftp", password, options=options)
    assert sftp.check(options, password) == {}
    assert shipping.probe_place(outlet).text == "Files can be written on 127.0.0.1."
    assert send(outlet).state == ARRIVED
    server.cannot_replace = True
    add_thing(seed, "desk", price=1)
    assert send(outlet).state == ARRIVED
    assert len((server.folder / "up" / "lamps.jsonl").read_text().splitlines()) == 2
    assert len(list((server.folder / "up").iterdir())) == 2


def test_an_sftp_server_with_another_key_gets_neither_password_nor_file(
    seed: Seed, server: fakesftp.Server
) -> None:
    wrong = sftp_options(server, fingerprints=["SHA256:" + 43 * "A"])
    outlet = make_outlet(seed, "sftp", {"password": "never-sent"}, options=wrong)
    answer = shipping.probe_place(outlet)
    assert (answer.delivered, answer.refused) == (False, True)
    assert sftp.fingerprint_of(server.host_key) in answer.text
    assert not shipping.probe_place(
        make_outlet(seed, "sftp", {"password": "wrong"}, options=sftp_options(server))
    ).delivered


def test_an_sftp_server_that_closes_early_has_no_half_file(
    seed: Seed, server: fakesftp.Server, tmp_path: Path
) -> None:
    for number in range(40):
        add_thing(seed, f"lamp {number}", text="x" * 2000)
    key_file = tmp_path / "key"
    server.user_key.write_private_key_file(str(key_file))
    secret = {"key": key_file.read_text()}
    key_file.unlink()
    outlet = make_outlet(seed, "sftp", secret, options=sftp_options(server, file_name="lamps.jsonl"))
    assert sftp.check(outlet.options, secret) == {}
    server.closes_after = 1
    assert send(outlet).state == Shipment.State.WAITING
    assert not (server.folder / "lamps.jsonl").exists()
    server.closes_after = None
    shipping.try_now(outlet, NOW)
    work(NOW)
    assert len((server.folder / "lamps.jsonl").read_text().splitlines()) == 40


# Web receivers ------------------------------------------------------------------------------------------


def test_rows_arrive_signed_in_parts_with_ids_that_stay(
    seed: Seed, web: FakeWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "PART_ROWS", 2)
    for number in range(3):
        add_thing(seed, f"lamp {number}", price=number)
    key = new_key()
    secret = {"url": f"{web.url}{HOOK}", "key": key}
    outlet = make_outlet(seed, "webhook", secret, share="since", options={"allow_networks": LOOPBACK})
    web.on(HOOK, Answer(200, "taken"), Raw(b""), Answer(200, "taken"))
    now = timezone.now()
    assert send(outlet, now).state == Shipment.State.WAITING
    shipping.try_now(outlet, now)
    work(now)
    arrived: dict[str, Any] = {}
    for seen in web.seen(HOOK):
        body = json.loads(seen.body)
        assert arrived.setdefault(seen.headers["webhook-id"], body) == body, "a double is the same"
    parts = [body["data"] for body in arrived.values()]
    assert Webhook(key).verify(web.seen(HOOK)[0].body, web.seen(HOOK)[0].headers)
    assert [(part["part"], part["last"], len(part["rows"])) for part in parts] == [
        (1, False, 2),
        (2, True, 1),
    ]
    assert outlet.shipments.get().state == ARRIVED


def test_a_receiver_that_hangs_is_left_and_tried_again(
    seed: Seed, web: FakeWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting, "SECONDS", 0.3)
    web.on(HOOK, Answer(200, "taken", delay=5))
    secret = {"url": f"{web.url}{HOOK}", "key": new_key()}
    outlet = make_outlet(seed, "webhook", secret, options={"allow_networks": LOOPBACK})
    shipment = send(outlet)
    assert (shipment.state, shipment.reason) == (Shipment.State.WAITING, "No complete answer within 0 s.")


def test_a_sheet_s_script_answers_from_elsewhere_and_its_errors_are_told(
    seed: Seed, web: FakeWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets, "ANSWERS_AT", "127.0.0.1")
    add_thing(seed, "lamp", price=1.5, since="2026-11-20", note="=SUM(A1)")
    web.on(HOOK, Answer(302, "", headers=(("Location", "/echo"),)))
    web.on("/echo", Answer(200, "<html>Exception: no sheet</html>"), Answer(200, '{"ok":true}'))
    secret = {"url": f"{web.url}{HOOK}", "token": "0123456789abcdef"}
    outlet = make_outlet(seed, "sheets", secret, options={"allow_networks": LOOPBACK})
    assert "no sheet" in send(outlet).reason
    shipping.try_now(outlet, NOW)
    work(NOW)
    assert outlet.shipments.get().state == ARRIVED
    part = json.loads(web.seen(HOOK)[-1].body)
    row = dict(zip(part["columns"], part["rows"][0], strict=True))
    assert (row["field_price"], row["field_since"], part["whole"]) == (1.5, "2026-11-20", True)
    assert (row["collection"], row["key"]) == ("lamps", '["lamp"]')


# PostgreSQL ---------------------------------------------------------------------------------------------

on_postgresql = pytest.mark.skipif(
    own_connection.vendor != "postgresql", reason="needs a PostgreSQL to write to"
)
TABLE = {
    "host": "127.0.0.1",
    "database": "shop",
    "user": "shop",
    "encryption": "none",
    "table": "lamps",
    "allow_networks": LOOPBACK,
}


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> Iterator[psycopg.Connection]:
    """The tests' own server, by its socket; its tables for receivers are dropped."""
    settings = own_connection.settings_dict
    conninfo = {"host": settings["HOST"], "user": settings["USER"], "dbname": settings["NAME"]}
    monkeypatch.setattr(postgresql, "parameters", lambda _: conninfo)
    with psycopg.connect(**conninfo, autocommit=True) as receiver:
        yield receiver
        receiver.execute("DROP TABLE IF EXISTS lamps, crawlbeat_shipments")


def table(receiver: psycopg.Connection, columns: str) -> list[Any]:
    return receiver.execute(f"SELECT {columns} FROM lamps ORDER BY key").fetchall()


@on_postgresql
@pytest.mark.every_database
def test_a_table_has_typed_columns_and_follows_the_changes(
    seed: Seed, database: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    lamp = add_thing(seed, "lamp", price=19.99, since="2026-11-20")
    desk = add_thing(seed, "desk", price="on demand", since="soon")
    outlet = make_outlet(seed, "postgresql", share="since", options=TABLE)
    assert send(outlet).state == ARRIVED
    assert table(database, "key, field_price, field_since, not_of_their_type") == [
        (["desk"], None, None, {"field_price": "on demand", "field_since": "soon"}),
        (["lamp"], Decimal("19.99"), date(2026, 11, 20), None),
    ]
    lose_thing(desk)
    change_thing(lamp, price=21)
    add_thing(seed, "chair", price=1)
    second = send(outlet)
    assert (second.state, second.answer) == (ARRIVED, "3 rows of shipment 2 are in the table.")
    expected = [(["chair"], Decimal(1)), (["lamp"], Decimal(21))]
    assert table(database, "key, field_price") == expected
    state = database.execute("SELECT number, until FROM crawlbeat_shipments").fetchone()
    assert state == (2, outlet.cursor)


@on_postgresql
@pytest.mark.every_database
def test_a_table_has_a_shipment_once_or_not_at_all(
    seed: Seed, database: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_thing(seed, "lamp", price=1)
    outlet = make_outlet(seed, "postgresql", share="since", options=TABLE)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    shipping.order(outlet, "hand", NOW)
    shipping.make_shipment(outlet.pk, NOW)
    with monkeypatch.context() as patch:
        patch.setattr(sending, "end", die)
        with pytest.raises(KeyboardInterrupt):
            shipping.send_shipments(outlet.pk, NOW)
    assert len(table(database, "key")) == 1
    outlet.shipments.update(next_try_at=None)
    type(outlet).objects.update(lease_until=None)
    work(NOW)
    assert outlet.shipments.get().answer == "The table has shipment 1 already."
    other = make_outlet(seed, "postgresql", options=TABLE)
    assert "Another outlet writes the table lamps." in send(other).reason


@on_postgresql
@pytest.mark.every_database
def test_everything_takes_away_what_is_there_beside_it_and_columns_keep_their_types(
    seed: Seed, database: psycopg.Connection
) -> None:
    lamp = add_thing(seed, "lamp", price=1)
    add_thing(seed, "desk", price=2)
    outlet = make_outlet(seed, "postgresql", options=TABLE)
    assert shipping.probe_place(outlet).delivered
    send(outlet)
    lose_thing(lamp)
    fields = [{"name": "price", "css": "b::text"}, {"name": "size", "css": "u::text", "type": "number"}]
    set_rules(seed, fields)
    assert send(outlet).answer == "1 rows of shipment 2 are in the table. 1 others are gone."
    columns = "key, field_price, field_size, not_of_their_type"
    assert table(database, columns) == [(["desk"], None, None, {"field_price": "2"})]


def test_a_database_is_reached_at_an_address_that_the_guard_lets_through() -> None:
    found = postgresql.parameters(Spot(TABLE, {"password": "p"}))
    assert (found["hostaddr"], found["sslmode"], found["passfile"]) == ("127.0.0.1", "disable", "/dev/null")
    refused = postgresql.probe(Spot(TABLE | {"allow_networks": []}, {}))
    assert refused.refused
    assert "127.0.0.1 is refused: loopback" in refused.text
    assert postgresql.check(TABLE | {"host": "/run/postgresql"}, {})
    assert postgresql.check(TABLE | {"table": "lamps; drop"}, {})
