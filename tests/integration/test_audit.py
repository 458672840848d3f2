"""Who changed a seed or an account can be read later: old and new values, and never a secret."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from catalog.models import Seed
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client: Client) -> Client:
    factories.log_in(client, "operator", is_staff=True, is_superuser=True)
    return client


def change(client: Client, model: str, pk: int, **values: object):
    url = reverse(f"admin:{model}_change", args=[pk])
    form = client.get(url).context["adminform"].form
    filled = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    filled = {name: value for name, value in filled.items() if value not in (None, False, [])}
    answer = client.post(url, {**filled, **values})
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    return client.get(reverse(f"admin:{model}_history", args=[pk])).content.decode()


def test_a_seed_says_what_was_changed(staff: Client):
    seed = factories.make_seed("Shop", start_urls="http://shop.example/", headers="X-Key: first")
    history = change(
        staff,
        "catalog_seed",
        seed.pk,
        name="Store",
        max_depth=3,
        start_urls="http://shop.example/\r\nhttp://shop.example/b",
        headers="X-Key: (kept)\nCookie: very-secret",
        rules="price = .price",
    )
    assert "“Shop” → “Store”" in history
    assert "Links deep: nothing → “3”" in history
    assert "“http://shop.example/” → “http://shop.example/ | http://shop.example/b”" in history
    assert "Request headers: replaced" in history
    assert "→ “price = .price”" in history
    for text in (history, "".join(LogEntry.objects.values_list("change_message", flat=True))):
        assert "very-secret" not in text and "first" not in text and "sealed:" not in text


def test_switches_and_copies_are_in_the_history(staff: Client):
    seed = factories.make_seed("Shop")
    staff.post(reverse("seed-pause", args=[seed.pk]))
    staff.post(
        reverse("admin:catalog_seed_changelist"), {"action": "duplicate", "_selected_action": [seed.pk]}
    )
    notes = dict(LogEntry.objects.values_list("object_repr", "change_message"))
    assert notes == {"Shop": "Schedule is switched on: yes → no", "Shop (copy)": "A copy of Shop"}
    staff.post(reverse("admin:catalog_seed_delete", args=[seed.pk]), {"post": "yes"})
    assert Seed.objects.get(pk=seed.pk).deleted_at
    assert LogEntry.objects.latest("pk").is_deletion()


def test_an_account_says_which_role_it_was_given(staff: Client):
    user = factories.make_user("vera", "viewer", password="correct horse")
    operator = Group.objects.get(name="operator")
    history = change(
        staff,
        "auth_user",
        user.pk,
        groups=[operator.pk],
        is_staff="on",
        date_joined_0="2026-01-01",
        date_joined_1="00:00:00",
    )
    assert "Groups: viewer → operator" in history
    assert "Staff status: no → yes" in history


def test_a_password_is_only_said_to_be_replaced(staff: Client):
    user = factories.make_user("vera", "viewer", password="correct horse")
    new = {"password1": "battery staple 9", "password2": "battery staple 9", "usable_password": "true"}
    staff.post(reverse("admin:auth_user_password_change", args=[user.pk]), new)
    own = Client()
    own.force_login(User.objects.get(pk=user.pk))
    again = {"new_password1": "battery staple 8", "new_password2": "battery staple 8"}
    assert own.post("/password/", {"old_password": "battery staple 9", **again}).status_code == 302
    notes = list(LogEntry.objects.filter(object_id=user.pk).values_list("change_message", flat=True))
    assert notes == ["password: replaced"] * 2
