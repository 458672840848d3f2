"""People: invited by a link, with a role that others give, and out at once when an account is ended."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.models import Channel, Token
from djsite.desk.access import tokens
from djsite.desk.people import letters
from djsite.desk.people.listing import Role, role_of
from tests import factories

pytestmark = pytest.mark.django_db
PASSWORD = "four words of no use"  # noqa: S105


@pytest.fixture
def admin(client: Client) -> Client:
    factories.log_in(client, None, is_staff=True, is_superuser=True)
    return client


def invite(admin: Client, role: str = "viewer", email: str = "") -> str:
    """The path of the link that is shown."""
    answer = admin.post(reverse("people"), {"email": email, "role": role})
    assert answer.status_code == 200
    (path,) = re.findall(r'value="http://testserver(/join/[^"]+)"', answer.content.decode())
    return path


def take(path: str, name: str = "anna", password: str = PASSWORD) -> tuple[Client, object]:
    client = Client()
    words = {"username": name, "new_password1": password, "new_password2": password}
    return client, client.post(path, words)


def test_whoever_has_the_link_chooses_name_and_password_and_is_in(admin: Client):
    path = invite(admin, "operator", "anna@example.org")
    assert b"Welcome" in Client().get(path).content
    client, answer = take(path)
    assert answer.status_code == 302
    anna = User.objects.get(username="anna")
    assert (role_of(anna), anna.email, anna.is_active) == (Role.OPERATOR, "anna@example.org", True)
    assert client.get(reverse("you")).status_code == 200
    assert Client().login(username="anna", password=PASSWORD)


def test_a_link_is_good_once_and_for_a_day_and_until_another_is_made(admin: Client):
    path = invite(admin)
    with time_machine.travel(timezone.now() + timedelta(days=1, minutes=1)):
        assert Client().get(path).status_code == 404
    person = User.objects.get(is_active=False)
    shown = admin.post(reverse("person-link", args=[person.pk])).content.decode()
    (other,) = re.findall(r'value="http://testserver(/join/[^"]+)"', shown)
    assert Client().get(path).status_code == 404
    take(other)
    assert take(other, "eve")[1].status_code == 404
    assert not User.objects.filter(username="eve").exists()


@pytest.mark.parametrize(
    ("name", "password", "words"),
    [("vera", PASSWORD, "Somebody else has this name"), ("anna", "password", "too common")],
)
def test_name_and_password_are_checked(admin: Client, name: str, password: str, words: str):
    factories.make_user("Vera")
    answer = take(invite(admin), name, password)[1]
    assert words in answer.content.decode()
    assert not User.objects.filter(username="anna").exists()


def test_a_deactivated_person_and_their_programs_are_out_at_once(admin: Client):
    client = Client()
    vera = factories.log_in(client, "operator")
    made = tokens.make(vera, "report", "viewer", None)
    admin.post(reverse("person-deactivate", args=[vera.pk]))
    assert client.get(reverse("you")).status_code == 302
    assert Token.objects.get().revoked_at is not None
    headers = {"Authorization": f"Bearer {made.secret}"}
    assert Client(headers=headers).get("/api/seeds").status_code == 401
    admin.post(reverse("person-activate", args=[vera.pk]))
    assert Client(headers=headers).get("/api/seeds").status_code == 401
    notes = LogEntry.objects.filter(object_id=str(vera.pk)).values_list("change_message", flat=True)
    assert {"Deactivated; tokens revoked: 1", "Activated"} <= set(notes)


def test_a_role_is_changed_and_written_down(admin: Client):
    vera = factories.make_user("vera", "viewer")
    admin.post(reverse("person-role", args=[vera.pk]), {"role": "operator"})
    assert role_of(User.objects.get(pk=vera.pk)) == Role.OPERATOR
    assert LogEntry.objects.filter(change_message="Role: viewer → operator").exists()


def test_nobody_locks_themselves_out(admin: Client):
    me = User.objects.get(is_superuser=True)
    admin.post(reverse("person-role", args=[me.pk]), {"role": "viewer"})
    admin.post(reverse("person-deactivate", args=[me.pk]))
    me.refresh_from_db()
    assert me.is_superuser
    assert me.is_active


def test_staff_who_manage_people_make_no_administrators(client: Client):
    staff = factories.log_in(client, "operator", is_staff=True)
    staff.user_permissions.add(Permission.objects.get(codename="change_user"))
    root = factories.make_user("root", None, is_staff=True, is_superuser=True)
    vera = factories.make_user("vera")
    client.post(reverse("person-role", args=[vera.pk]), {"role": "administrator"})
    client.post(reverse("person-deactivate", args=[root.pk]))
    answer = client.post(reverse("people"), {"role": "administrator"})
    assert "Only an administrator" in answer.content.decode()
    assert list(User.objects.filter(is_superuser=True, is_active=True)) == [root]
    assert User.objects.count() == 3


def test_an_invitation_is_sent_by_the_mail_server_of_a_channel(admin: Client, monkeypatch):
    Channel.objects.create(
        name="Mail", kind="mail", options={"to": ["all@x.test"], "sender": "crawl@x.test", "host": "x"}
    )
    sent = []

    def send(sending):
        sent.append((sending.options["to"], sending.body["events"][0]["url"]))
        return letters.Answer(True, "taken")

    monkeypatch.setattr(letters.mail, "send", send)
    path = invite(admin, email="anna@example.org")
    assert sent == [(["anna@example.org"], f"http://testserver{path}")]


def test_an_invitation_is_withdrawn(admin: Client):
    path = invite(admin)
    person = User.objects.get(is_active=False)
    admin.post(reverse("person-withdraw", args=[person.pk]))
    assert Client().get(path).status_code == 404
    vera = factories.make_user("vera")
    admin.post(reverse("person-withdraw", args=[vera.pk]))
    assert User.objects.filter(pk=vera.pk).exists()
