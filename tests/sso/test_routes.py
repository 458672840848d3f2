"""Each route of the extra has a rule for every role, and a reason why the API has no such call."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import get_resolver

from tests.factories import log_in
from tests.fakeoidc import Provider
from tests.harness.environment import ROOT
from tests.integration.test_roles import OF_EXTRA, WHO, allowed

NO_CALL = {
    **dict.fromkeys(("oidc", "oidc-back", "factor-code"), "the API takes tokens"),
    **dict.fromkeys(
        ("factor-setup", "factor-off", "factor-codes", "oidc-disconnect"), "a token has no factors"
    ),
    **dict.fromkeys(("factors-require", "factor-reset"), "people let in people; a token lies in files"),
}


@pytest.fixture
def clients(provider: Provider) -> dict[str, Client]:
    """Somebody of each kind; nobody has a second factor."""
    clients = {who: Client() for who in WHO}
    log_in(clients["no role"], role=None)
    log_in(clients["viewer"], "viewer")
    log_in(clients["operator"], "operator")
    log_in(clients["administrator"], None, is_staff=True, is_superuser=True)
    return clients


@pytest.mark.django_db
def test_every_route_has_a_rule_and_keeps_it(clients: dict[str, Client]):
    patterns = get_resolver("djsite.sso.urls").url_patterns
    rows = []
    for route in sorted(f"/{pattern.pattern}".replace("<int:pk>", "<pk>") for pattern in patterns):
        target = route.replace("<pk>", "1")
        cells = [
            ", ".join(method for method in ("GET", "POST") if allowed(client, method, target)) or "–"
            for client in clients.values()
        ]
        rows.append(f"| `{route}` | {' | '.join(cells)} |")
    text = (ROOT / "docs" / "roles.md").read_text(encoding="utf-8").partition(OF_EXTRA)[2]
    written = [line for line in text.splitlines() if line.startswith("| `/")]
    assert written == rows, "the table as it is:\n" + "\n".join(rows)


def test_no_route_has_a_call_and_each_says_why():
    assert {pattern.name for pattern in get_resolver("djsite.sso.urls").url_patterns} == set(NO_CALL)
