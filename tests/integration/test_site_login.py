"""The login bounds the tries at an account, with Redis and without."""

from __future__ import annotations

import pytest
import redis
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client, RequestFactory

from djsite.browse import login
from djsite.browse.login import address_of
from djsite.desk import rate_limits
from djsite.desk.rate_limits import RateLimit
from tests import factories

pytestmark = pytest.mark.django_db
RIGHT = "correct horse"


@pytest.fixture(autouse=True)
def _vera() -> None:
    cache.clear()
    factories.make_user("vera", "viewer", password=RIGHT)
    factories.make_user("otto", "operator", password=RIGHT)


@pytest.fixture(params=["with Redis", "without"])
def counter(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where tries are counted."""
    if request.param == "with Redis":
        request.getfixturevalue("valkey")
    else:
        monkeypatch.setattr(rate_limits, "attempt", lambda hint: False)


def log_in(name: str = "vera", password: str = "wrong", address: str = "192.0.2.1") -> str:
    """What the login says; empty when it let somebody in."""
    response = Client().post("/login/", {"username": name, "password": password}, REMOTE_ADDR=address)
    return "" if response.status_code == 302 else response.content.decode()


@pytest.mark.usefixtures("counter")
def test_after_ten_wrong_passwords_even_the_right_one_must_wait():
    for _ in range(10):
        assert "Please enter a correct" in log_in()
    said = log_in(password=RIGHT)
    assert "Too many tries to log in. Try again in 15 min" in said
    assert "Too many tries" in log_in("VERA")  # the same account
    assert log_in(password=RIGHT, address="192.0.2.2") == ""  # from elsewhere
    assert log_in("otto", RIGHT) == ""  # another account


@pytest.mark.usefixtures("counter")
def test_a_login_that_succeeds_begins_the_count_anew():
    for _ in range(3):
        for _ in range(9):
            log_in()
        assert log_in(password=RIGHT) == ""


@pytest.mark.usefixtures("counter")
def test_many_addresses_are_bounded_together(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(login, "FROM_ANYWHERE", RateLimit(12, 3600))
    for number in range(12):
        assert "Please enter a correct" in log_in(address=f"192.0.2.{number}")
    assert "Try again in 1 h" in log_in(address="198.51.100.7", password=RIGHT)


@pytest.mark.usefixtures("counter")
def test_one_address_alone_locks_nobody_else_out(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(login, "FROM_ANYWHERE", RateLimit(12, 3600))
    for _ in range(20):
        log_in(address="192.0.2.66")
    assert log_in(password=RIGHT) == ""


@pytest.mark.usefixtures("counter")
def test_an_address_is_bounded_over_all_names():
    for number in range(50):
        assert "Please enter a correct" in log_in(f"name-{number}")
    assert "Too many tries to log in. Try again in 15 min" in log_in("name-50")
    assert "Too many tries" in log_in(password=RIGHT)
    assert log_in(password=RIGHT, address="192.0.2.2") == ""


@pytest.mark.usefixtures("counter")
def test_logins_that_succeed_use_up_nothing_of_their_address(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(login, "OF_ALL_NAMES", RateLimit(3, 900))
    for _ in range(5):
        assert log_in(password=RIGHT) == ""


@pytest.mark.usefixtures("counter")
def test_an_own_account_does_not_begin_the_count_of_an_address_anew(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(login, "OF_ALL_NAMES", RateLimit(6, 900))
    for number in range(6):
        assert "Please enter a correct" in log_in(f"name-{number}")
        if number < 5:
            assert log_in("otto", RIGHT) == ""
    assert "Too many tries" in log_in("name-7")


@pytest.mark.usefixtures("counter")
def test_the_old_password_cannot_be_tried_without_end(client: Client):
    client.force_login(User.objects.get(username="vera"))
    new = {"new_password1": "battery staple 9", "new_password2": "battery staple 9"}
    for _ in range(10):
        answer = client.post("/password/", {"old_password": "wrong", **new})
        assert "was entered incorrectly" in answer.content.decode()
    assert "Too many tries" in client.post("/password/", {"old_password": RIGHT, **new}).content.decode()
    elsewhere = client.post("/password/", {"old_password": RIGHT, **new}, REMOTE_ADDR="192.0.2.9")
    assert elsewhere.status_code == 302


def test_the_admin_has_no_second_door_to_a_password(client: Client):
    factories.log_in(client, "operator", is_staff=True)
    assert client.get("/admin/password_change/")["Location"] == "/password/"


@pytest.mark.parametrize("password", ["8361940275", "veraverave", "password12", "short"])
def test_a_weak_password_is_refused(client: Client, password: str):
    client.force_login(User.objects.get(username="vera"))
    new = {"old_password": RIGHT, "new_password1": password, "new_password2": password}
    assert client.post("/password/", new).status_code == 200
    assert User.objects.get(username="vera").check_password(RIGHT)


def test_a_count_ends_with_its_time(valkey: redis.Redis):
    for _ in range(11):
        log_in()
    keys = list(valkey.scan_iter("crawlbeat:rate:*"))
    assert sorted(0 < valkey.ttl(key) <= 3600 for key in keys) == [True, True, True]
    assert "vera" not in " ".join(keys)
    for key in keys:
        valkey.expire(key, 0)
    assert log_in(password=RIGHT) == ""


@pytest.mark.parametrize(
    ("remote", "forwarded", "behind", "found"),
    [
        ("192.0.2.1", "198.51.100.7", False, "192.0.2.1"),  # anybody can write that header
        ("10.0.0.1", "203.0.113.9, 198.51.100.7", True, "198.51.100.7"),
        ("10.0.0.1", "", True, "10.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "", False, "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "", False, "::ffff:192.0.2.1"),
        ("", "", False, ""),
    ],
)
def test_where_a_try_comes_from(settings, remote: str, forwarded: str, behind: bool, found: str):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if behind else None
    request = RequestFactory().get("/login/", REMOTE_ADDR=remote, HTTP_X_FORWARDED_FOR=forwarded)
    assert address_of(request) == found
