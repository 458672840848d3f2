"""Every route has a rule for every role: the table of docs/roles.md, measured and compared with the resolver.

A route that is new, or that lets somebody else in, fails here until the table says so too. To write the table
anew, take what the failing test prints.
"""

from __future__ import annotations

import pytest
from django.db import transaction
from django.test import Client
from django_celery_results.models import TaskResult

from catalog.models import Export, Rereading
from tests import factories
from tests.harness.environment import ROOT
from tests.harness.routes import address, routes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("archive")]

TABLE = ROOT / "docs" / "roles.md"
WHO = ("nobody", "no role", "viewer", "operator", "administrator")


@pytest.fixture
def clients() -> dict[str, Client]:
    """Somebody of each kind, with rows of every kind to ask for."""
    seed = factories.shop(rounds=1)
    Rereading.objects.create(pk=seed.pk, seed=seed, rule_set=seed.rule_sets.get())
    Export.objects.create(kind="pages", format="csv")
    TaskResult.objects.create(task_id="1")
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


def test_every_route_has_a_rule_and_keeps_it(clients: dict[str, Client]):
    written = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if line.startswith("| `/")]
    rows = measured(clients)
    assert written == rows, "the table as it is:\n" + "\n".join(rows)


def test_a_route_without_a_row_would_be_seen(monkeypatch: pytest.MonkeyPatch, clients: dict[str, Client]):
    monkeypatch.setattr("tests.integration.test_roles.routes", lambda: ["/", "/health/"])
    before = measured(clients)
    assert [row.split("`")[1] for row in before] == ["/", "/health/"]
    assert before[0].startswith("| `/` | – | – | GET | GET | GET |")
