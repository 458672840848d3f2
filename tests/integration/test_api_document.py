"""The API keeps its document: schemathesis asks every call, and each action of the site has its call."""

from __future__ import annotations

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from django.urls import URLPattern, get_resolver
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from catalog.models import Alert, Export, KeptView, Outlet, Record, Shipment
from djsite.api.urls import api
from djsite.desk.access import tokens
from tests import factories

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
EXAMPLES = settings(
    max_examples=4,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
CALL_OF: dict[str, str] = {
    "changes-keep": "POST /api/views",
    "kept-view": "PATCH /api/views/{pk}",
    "seed-feed": "POST /api/views",
    "seed-forecast": "POST /api/forecasts",
    "seed-run": "POST /api/seeds/{pk}/run",
    "seed-recrawl": "POST /api/seeds/{pk}/recrawl",
    "seed-enable": "POST /api/seeds/{pk}/enable",
    "seed-pause": "POST /api/seeds/{pk}/pause",
    "run-recrawl": "POST /api/recrawl",
    "run-stop": "POST /api/runs/{pk}/{action}",
    "run-pause": "POST /api/runs/{pk}/{action}",
    "run-resume": "POST /api/runs/{pk}/{action}",
    "run-retry": "POST /api/recrawl",
    "run-accept": "POST /api/known-failures",
    "run-leave-out": "POST /api/runs/{pk}/leave-out",
    "seed-known": "DELETE /api/known-failures/{pk}",
    "page-recrawl": "POST /api/pages/{pk}/recrawl",
    "alert-new": "POST /api/alerts",
    "alert-edit": "PATCH /api/alerts/{pk}",
    "alert-enable": "POST /api/alerts/{pk}/enable",
    "alert-pause": "POST /api/alerts/{pk}/pause",
    "alert-delete": "DELETE /api/alerts/{pk}",
    "outlet-new-at": "POST /api/outlets",
    "outlet-edit": "PATCH /api/outlets/{pk}",
    "outlet-delete": "DELETE /api/outlets/{pk}",
    "outlet-send": "POST /api/outlets/{pk}/send",
    "outlet-send-all": "POST /api/outlets/{pk}/send-all",
    "outlet-test": "POST /api/outlets/{pk}/test",
    "outlet-enable": "POST /api/outlets/{pk}/enable",
    "outlet-pause": "POST /api/outlets/{pk}/pause",
    "shipment-anyway": "POST /api/outlets/{pk}/shipments/{number}/anyway",
    "try": "POST /api/try",
    "exports": "POST /api/exports",
    "seed-new": "POST /api/seeds",
    "seed-edit": "PATCH /api/seeds/{pk}",
    "seed-delete": "DELETE /api/seeds/{pk}",
    "seed-groups": "POST /api/seeds/file",
    "seed-group": "POST /api/seeds/file",
    "seed-import": "POST /api/seeds/addresses",
    "host-recrawl": "POST /api/recrawl",
    "records-keep": "POST /api/views",
    "pause-everything": "POST /api/everything/pause",
    "go-on": "POST /api/everything/resume",
    "seed-back": "POST /api/seeds/{pk}/back",
    "seed-mute": "POST /api/seeds/{pk}/mute",
    "seed-unmute": "POST /api/seeds/{pk}/unmute",
    "seed-noise": "POST /api/seeds/{pk}/noise/{number}",
    "seed-gone": "POST /api/seeds/{pk}/coverage/{number}/gone",
    "seed-rereadings": "POST /api/seeds/{pk}/rereadings",
    "seed-rereading-use": "POST /api/seeds/{pk}/rereadings/{number}/use",
    "seed-rereading-drop": "POST /api/seeds/{pk}/rereadings/{number}/drop",
    "seed-promises": "POST /api/seeds/{pk}/promises",
    "seed-promise": "PUT /api/seeds/{pk}/promises/{number}",
    "seed-promise-delete": "DELETE /api/seeds/{pk}/promises/{number}",
    "export-delete": "DELETE /api/exports/{pk}",
    "channel-new": "POST /api/channels",
    "channel-edit": "PATCH /api/channels/{pk}",
    "channel-test": "POST /api/channels/{pk}/test",
    "channel-enable": "POST /api/channels/{pk}/enable",
    "channel-pause": "POST /api/channels/{pk}/pause",
    "channel-delete": "DELETE /api/channels/{pk}",
    "message-replay": "POST /api/channels/messages/{pk}/replay",
}
POINTED = "a person looks at a page and points at it"
JUDGED = "a person judges what an answer or a rule is worth"
GROUPED = "a program gives each seed its settings"
NO_CALL: dict[str, str] = {
    "seed-group-take": GROUPED,
    "seed-group-delete": GROUPED,
    "seeds-bulk": "a program changes each seed",
    "seeds-bulk-undo": "a program changes each seed",
    "login": "the API takes tokens",
    "logout": "the API takes tokens",
    "password_change": "the API takes tokens",
    "tokens": "a token makes no other",
    **dict.fromkeys(
        ("people", "person-role", "person-link", "person-deactivate", "person-activate", "person-withdraw"),
        "people let in people; a token lies in files",
    ),
    "join": "it makes a login",
    "token-revoke": "a token ends no other",
    "try-item": POINTED,
    "try-details": POINTED,
    "seed-repair": POINTED,
    "seed-repair-result": POINTED,
    "page-compare-without-noise": "what it shows is for eyes",
    "visit-overrule": JUDGED,
    "seed-verdict-back": JUDGED,
    "record-receipt-ask": "the receipt is a picture of a place on a page",
}


@pytest.mark.django_db
@pytest.mark.usefixtures("archive", "valkey", "connection_stays")
def test_no_call_fails_or_leaves_the_document():
    seed = factories.shop(rounds=1)
    Export.objects.create(kind="pages", format="csv")
    Alert.objects.create(name="price", condition=Alert.Condition.FIELD_DOWN, seed=seed)
    KeptView.objects.create(name="Cheaper")
    outlet = Outlet.objects.create(name="Morning file", seed=seed, place="folder", format="csv")
    Shipment.objects.create(outlet=outlet, number=1, cause="hand", share="whole")
    assert Record.objects.exists()
    made = tokens.make(factories.make_user("program", "operator"), "program", "operator", None)
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", get_wsgi_application())
    headers = {"Authorization": f"Bearer {made.secret}"}
    count = 0
    for result in schema.get_all_operations():

        @EXAMPLES
        @given(case=result.ok().as_strategy())
        def ask(case: schemathesis.Case) -> None:
            case.call_and_validate(headers=headers, checks=CHECKS)

        ask()
        count += 1
    assert count > 40


def calls() -> set[str]:
    document = api.get_openapi_schema()
    return {f"{method.upper()} {path}" for path, found in document["paths"].items() for method in found}


def actions() -> set[str]:
    """The routes of the site that take a POST, by their views."""
    return {
        str(pattern.name)
        for pattern in get_resolver("djsite.browse.urls").url_patterns
        if isinstance(pattern, URLPattern) and "POST" in methods_of(pattern)
    }


def methods_of(pattern: URLPattern) -> set[str]:
    """Those that its view's decorator lets through; a class says it by its methods."""
    view = pattern.callback
    while view is not None:
        if view_class := getattr(view, "view_class", None):
            return {name.upper() for name in ("get", "post") if hasattr(view_class, name)}
        for cell in getattr(view, "__closure__", None) or ():
            if isinstance(cell.cell_contents, list) and set(cell.cell_contents) <= {"GET", "HEAD", "POST"}:
                return set(cell.cell_contents)
        view = getattr(view, "__wrapped__", None)
    raise AssertionError(f"{pattern.name} says no methods")


def test_every_action_of_the_site_has_its_call_or_a_reason_why_not():
    assert actions() == {*CALL_OF, *NO_CALL}
    assert not CALL_OF.keys() & NO_CALL.keys()
    assert set(CALL_OF.values()) <= calls()
