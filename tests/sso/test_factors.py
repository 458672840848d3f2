"""Second factors: codes of an app, recovery codes, and who must have them."""

from __future__ import annotations

import io
import re

import pyotp
import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client

from djsite.browse import login as limits
from djsite.desk.access import tokens
from djsite.desk.rate_limits import RateLimit
from djsite.sso.models import Identity, RecoveryCode, RequiredFor, SecondFactor
from tests.factories import log_in, make_user
from tests.fakeoidc import Provider
from tests.sso.conftest import sign_in

pytestmark = pytest.mark.django_db
PASSWORD = "four words of no use"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
NOON = 1_800_000_000 // 30 * 30


def code_at(moment: float) -> str:
    return pyotp.TOTP(SECRET).at(moment)


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as travelling:
        yield travelling


@pytest.fixture
def vera() -> User:
    person = make_user("vera", "viewer", password=PASSWORD)
    SecondFactor.objects.create(person=person, secret=SECRET, last_step=0)
    return person


def after_password(next_page: str = "/runs/") -> Client:
    client = Client()
    answer = client.post("/login/", {"username": "vera", "password": PASSWORD, "next": next_page})
    assert answer.status_code == 302
    return client


def give(client: Client, code: str, next_page: str = "/runs/"):
    return client.post(f"/login/code/?next={next_page}", {"code": code})


def switch_on(client: Client) -> tuple[str, list[str]]:
    """The secret of somebody who switches two factors on, and the recovery codes that are shown."""
    page = client.get("/login/two-factors/").content.decode()
    (shown,) = re.findall(r'id="secret">([A-Z2-7 ]+)<', page)
    secret = shown.replace(" ", "")
    answer = client.post("/login/two-factors/", {"code": pyotp.TOTP(secret).now()})
    return secret, re.findall(r"<code>([a-z2-7-]+)</code>", answer.content.decode())


def notes() -> list[str]:
    return list(LogEntry.objects.order_by("pk").values_list("change_message", flat=True))


def test_a_password_alone_opens_nothing(clock, vera):
    client = after_password()
    for page in (
        "/",
        "/runs/",
        "/you/",
        "/password/",
        "/admin/",
        "/you/two-factors/off/",
        "/login/two-factors/",
    ):
        answer = client.get(page)
        assert answer.status_code == 302, page
        assert answer["Location"].startswith("/login/"), page
    assert client.get("/runs/")["Location"] == "/login/code/?next=%2Fruns%2F"
    assert client.post("/tokens/", {"name": "mine", "role": "viewer"})["Location"].startswith("/login/code/")
    assert "checks" not in client.get("/health/", headers={"accept": "application/json"}).json()
    assert client.get("/live/", headers={"hx-request": "true"})["HX-Refresh"] == "true"


def test_the_right_code_lets_in_and_leads_on(clock, vera):
    client = after_password()
    key = client.session.session_key
    answer = give(client, code_at(NOON))
    assert (answer.status_code, answer["Location"]) == (302, "/runs/")
    assert client.session.session_key != key
    assert client.get("/runs/").status_code == 200
    assert after_password().get("/runs/").status_code == 302  # another browser has shown nothing


@pytest.mark.parametrize(
    ("shift", "is_right"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)]
)
def test_a_clock_may_differ_by_a_step(clock, vera, shift, is_right):
    assert (give(after_password(), code_at(NOON + shift)).status_code == 302) is is_right


def test_a_code_is_taken_once_and_none_before_it(clock, vera):
    assert give(after_password(), code_at(NOON)).status_code == 302
    for used in (code_at(NOON), code_at(NOON - 30)):
        answer = give(after_password(), used)
        assert answer.status_code == 200
        assert "used already" in answer.content.decode()
    assert give(after_password(), code_at(NOON + 30)).status_code == 302


@pytest.mark.parametrize("code", ["000000", "", "12345", "١٢٣٤٥٦", "\0", "x" * 41, "aaaa-bbbb-cccc-dddd"])
def test_a_wrong_code_lets_nobody_in(clock, vera, code):
    client = after_password()
    assert give(client, code).status_code == 200
    assert client.get("/runs/").status_code == 302


def test_tries_are_bounded_as_those_of_a_password(clock, vera, monkeypatch):
    client = after_password()
    for _ in range(10):
        assert "not right" in give(client, "000000").content.decode()
    assert "Too many tries" in give(client, code_at(NOON)).content.decode()
    assert client.post("/login/code/", {"code": code_at(NOON)}, REMOTE_ADDR="192.0.2.9").status_code == 302
    monkeypatch.setattr(limits, "FROM_ANYWHERE", RateLimit(3, 3600))
    for number in range(4):
        answer = after_password().post("/login/code/", {"code": "1"}, REMOTE_ADDR=f"192.0.2.{20 + number}")
    assert "Try again in 1 h" in answer.content.decode()


def test_switching_on_shows_a_picture_and_codes_that_are_good_once(clock):
    client = Client()
    vera = make_user("vera", "viewer", password=PASSWORD)
    client.force_login(vera)
    page = client.get("/login/two-factors/")
    drawn = page.content.decode()
    assert re.search(r'<svg[^>]* viewBox="[^"]+" class="qr">', drawn)
    assert "style=" not in drawn
    assert "script-src 'self'" in page["Content-Security-Policy"]
    for wrong in ("000000", "١٢٣٤٥٦", code_at(NOON)):
        assert "not right" in client.post("/login/two-factors/", {"code": wrong}).content.decode()
    assert not SecondFactor.objects.exists()
    secret, codes = switch_on(client)
    assert len(set(codes)) == 10
    assert secret not in SecondFactor.objects.get().secret
    assert SecondFactor.objects.get().secret.startswith("sealed:")
    assert client.get("/you/").status_code == 200  # this browser has shown it
    assert give(after_password(), pyotp.TOTP(secret).now()).status_code == 200  # the first code was used
    assert give(after_password(), codes[0].upper()).status_code == 302
    assert give(after_password(), codes[0]).status_code == 200
    assert give(after_password(), codes[1].replace("-", " ")).status_code == 302
    assert "Recovery codes left</dt><dd>8" in client.get("/you/").content.decode()
    assert notes() == [
        "Second factor switched on",
        "Recovery code used; left: 9",
        "Recovery code used; left: 8",
    ]


def test_other_sessions_of_a_person_have_to_show_it_too(clock):
    vera = make_user("vera", "viewer", password=PASSWORD)
    here, elsewhere = Client(), Client()
    here.force_login(vera)
    elsewhere.force_login(vera)
    switch_on(here)
    assert elsewhere.get("/runs/")["Location"].startswith("/login/code/")


def test_switching_off_and_new_codes_ask_for_a_code(clock, vera):
    client = after_password()
    give(client, code_at(NOON))
    assert client.post("/you/two-factors/off/", {"code": code_at(NOON)}).status_code == 200  # used
    clock.shift(30)
    made = client.post("/you/two-factors/codes/", {"code": code_at(NOON + 30)})
    assert len(re.findall(r"<code>", made.content.decode())) == RecoveryCode.objects.count() == 10
    clock.shift(30)
    assert client.post("/you/two-factors/off/", {"code": code_at(NOON + 60)})["Location"] == "/you/"
    assert not SecondFactor.objects.exists()
    assert not RecoveryCode.objects.exists()
    assert after_password().get("/runs/").status_code == 200
    assert notes() == ["Recovery codes made anew", "Second factor switched off"]


def test_an_administrator_requires_it_of_roles(clock):
    admin, client = Client(), Client()
    log_in(admin, None, is_superuser=True, is_staff=True)
    otto = make_user("otto", "operator", password=PASSWORD)
    client.force_login(otto)
    viewer = Client()
    log_in(viewer, "viewer")
    admin.post("/people/two-factors/", {"roles": ["operator"]})
    assert client.get("/runs/")["Location"] == "/login/two-factors/?next=%2Fruns%2F"
    assert client.get("/login/code/?next=/runs/")["Location"] == "/runs/"
    assert viewer.get("/runs/").status_code == 200
    assert "must have a second factor" in client.get("/login/two-factors/").content.decode()
    secret, _ = switch_on(client)
    assert client.get("/runs/").status_code == 200
    clock.shift(30)
    refused = client.post("/you/two-factors/off/", {"code": pyotp.TOTP(secret).now()})
    assert "Your role must have" in refused.content.decode()
    admin.post("/people/two-factors/", {"roles": []})
    assert not RequiredFor.objects.exists()
    assert notes() == [
        "Second factor required",
        "Second factor switched on",
        "Second factor no longer required of: operator",
    ]


def test_an_administrator_resets_it_for_a_person(clock, vera):
    admin = Client()
    boss = log_in(admin, None, is_superuser=True, is_staff=True)
    assert "has a second factor" in admin.get("/people/").content.decode()
    assert admin.post(f"/people/{vera.pk}/two-factors/reset/").status_code == 302
    assert not SecondFactor.objects.exists()
    assert after_password().get("/runs/").status_code == 200
    entry = LogEntry.objects.get()
    assert (entry.user_id, entry.change_message) == (boss.pk, "Second factor reset")
    admin.post(f"/people/{boss.pk}/two-factors/reset/")
    assert LogEntry.objects.count() == 1


def test_the_machine_resets_it_for_the_last_administrator(clock, vera):
    call_command("reset_second_factor", "vera", verbosity=0, stdout=io.StringIO())
    assert after_password().get("/runs/").status_code == 200
    with pytest.raises(CommandError, match="There is no account nora"):
        call_command("reset_second_factor", "nora")


def test_tokens_of_programs_are_not_asked(clock, vera):
    RequiredFor.objects.create(role="viewer")
    made = tokens.make(vera, "program", "viewer", None)
    answer = Client().get("/api/seeds", headers={"authorization": f"Bearer {made.secret}"})
    assert answer.status_code == 200


def test_a_sign_in_by_the_provider_is_asked_too_unless_it_has_asked(
    client, provider: Provider, vera, settings
):
    Identity.objects.create(person=vera, issuer=provider.issuer, subject="1")
    assert sign_in(client, provider).status_code == 302
    assert client.get("/runs/")["Location"].startswith("/login/code/")
    provider.person["amr"] = ["pwd"]
    sign_in(client, provider)
    assert client.get("/runs/").status_code == 302
    provider.person["amr"] = ["pwd", "otp", "mfa"]
    sign_in(client, provider)
    assert client.get("/runs/").status_code == 200


def test_the_secret_goes_with_new_keys_of_the_installation(clock, vera, settings):
    settings.SECRETS_KEYS = ["z" * 40, *settings.SECRETS_KEYS]
    call_command("rotate_keys", verbosity=0)
    settings.SECRETS_KEYS = settings.SECRETS_KEYS[:1]
    assert give(after_password(), code_at(NOON)).status_code == 302
    settings.SECRETS_KEYS = ["w" * 40]
    clock.shift(30)
    answer = give(after_password(), code_at(NOON + 30))
    assert "None of the keys opens a secret" in answer.content.decode()
