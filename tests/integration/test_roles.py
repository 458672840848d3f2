"""Every route has a rule for every role: the table of docs/roles.md, measured and compared with the resolver.

A route that is new, or that lets somebody else in, fails here until the table says so too. To write the table
anew, take what the failing test prints.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction
from django.http import HttpRequest
from django.template.backends.django import Template
from django.test import Client
from django_celery_results.models import TaskResult

from catalog.models import (
    Alert,
    Channel,
    Export,
    KeptView,
    Message,
    Outlet,
    Promise,
    Rereading,
    SeedGroup,
    Shipment,
    Token,
)
from pipelines.telling.content import body_of_test
from tests import factories
from tests.harness.environment import ROOT
from tests.harness.routes import address, routes

# every route for five kinds of people twice: minutes on a busy machine
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("archive"), pytest.mark.timeout(900)]

TABLE = ROOT / "docs" / "roles.md"
OF_EXTRA = "## With the extra `sso`"  # tests/sso/test_routes.py has that table
_DRAW = Template.render
WHO = ("nobody", "no role", "viewer", "operator", "administrator")


@pytest.fixture
def clients() -> dict[str, Client]:
    """Somebody of each kind, with rows of every kind to ask for."""
    seed = factories.shop(rounds=1)
    Rereading.objects.create(pk=seed.pk, seed=seed, rule_set=seed.rule_sets.get())
    SeedGroup.objects.create(pk=seed.pk, name="Shops")
    Promise.objects.create(pk=seed.pk, seed=seed, deadline="08:15")
    Export.objects.create(kind="pages", format="csv")
    Alert.objects.create(name="price", condition=Alert.Condition.FIELD_DOWN)
    KeptView.objects.create(name="Cheaper")
    TaskResult.objects.create(task_id="1")
    Message.objects.create(channel=Channel.objects.create(name="Mail", kind="mail"), body=body_of_test())
    outlet = Outlet.objects.create(name="Morning file", seed=seed, place="folder", format="csv")
    Shipment.objects.create(outlet=outlet, number=1, cause="hand", share="whole")
    Token.objects.create(name="of nobody here", owner=factories.make_user(role=None), digest="0")
    clients = {who: Client() for who in WHO}
    factories.log_in(clients["no role"], role=None)
    factories.log_in(clients["viewer"], "viewer")
    factories.log_in(clients["operator"], "operator")
    factories.log_in(clients["administrator"], None, is_staff=True, is_superuser=True)
    return clients


def allowed(client: Client, method: str, route: str) -> bool:
    """Whether somebody gets anything but a refusal or the login; what that changes is undone."""
    session = client.cookies.copy()
    with transaction.atomic():
        answer = getattr(client, method.lower())(address(route))
        answer.getvalue()  # all of it, so that a download has ended
        transaction.set_rollback(True)
    client.cookies = session
    to_login = answer.status_code == 302 and "/login/?next=" in answer["Location"]
    assert answer.status_code < 500, route
    return answer.status_code not in (403, 405) and not to_login


def _drawn_for_one(template: Template, context: Any = None, request: HttpRequest | None = None) -> str:
    """Who is let in is decided before a page is drawn; that each can be drawn is seen of one of them."""
    is_drawn = request is None or getattr(request.user, "is_superuser", False)
    return _DRAW(template, context, request) if is_drawn else ""


def measured(clients: dict[str, Client]) -> list[str]:
    """The rows of the table: for each route and kind of account, the methods that are answered."""
    rows = []
    for route in routes():
        cells = [
            ", ".join(method for method in ("GET", "POST") if allowed(client, method, route)) or "–"
            for client in clients.values()
        ]
        rows.append(f"| `{route}` | {' | '.join(cells)} |")
    return rows


def test_the_resolver_was_walked():
    assert {"/", "/seeds/<pk>/run/", "/admin/catalog/seed/<object_id>/delete/"} <= set(routes())
    assert len(routes()) > 60


def test_every_route_has_a_rule_and_keeps_it(monkeypatch: pytest.MonkeyPatch, clients: dict[str, Client]):
    monkeypatch.setattr(Template, "render", _drawn_for_one)
    text = TABLE.read_text(encoding="utf-8").partition(OF_EXTRA)[0]
    written = [line for line in text.splitlines() if line.startswith("| `/")]
    rows = measured(clients)
    assert written == rows, "the table as it is:\n" + "\n".join(rows)


def test_a_route_without_a_row_would_be_seen(monkeypatch: pytest.MonkeyPatch, clients: dict[str, Client]):
    monkeypatch.setattr("tests.integration.test_roles.routes", lambda: ["/", "/health/"])
    before = measured(clients)
    assert [row.split("`")[1] for row in before] == ["/", "/health/"]
    assert before[0].startswith("| `/` | – | – | GET | GET | GET |")
