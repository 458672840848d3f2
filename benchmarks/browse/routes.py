"""Every route that answers GET, with examples: the site's by its URL resolver, the API's by its document."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import StreamingHttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from benchmarks.browse.queries import api_queries, examples, site_queries
from catalog.models import (
    Alert,
    Channel,
    Export,
    Host,
    KeptView,
    Message,
    Outlet,
    Page,
    Record,
    Rereading,
    Run,
    Seed,
    SeedGroup,
    Shipment,
    Snapshot,
    Visit,
)
from djsite.api.urls import api

LEFT_OUT = {
    "download": "measured by itself",
    "export-file": "needs a file",
    "export-manifest": "needs a file",
    "changes-file": "as long as its list",
    "pages-file": "as long as its list",
    "records-file": "as long as its list",
    "feed": "of a token that somebody keeps",
    "kept-file": "as long as its list",
    "token-revoke": "of somebody's own token",
    **dict.fromkeys(
        (
            *("seed-repair-result", "try-result", "try-point", "try-page", "try-item", "try-details"),
            *("record-receipt", "outlet-tested"),
        ),
        "of an answer that is kept for an hour",
    ),
    "join": "of an invitation; the tables have none",
    **dict.fromkeys(
        [f"person-{name}" for name in ("role", "link", "deactivate", "activate", "withdraw")], "takes POST"
    ),
    **dict.fromkeys(
        ("oidc", "oidc-back", "oidc-disconnect", "factor-code", "factor-setup", "factor-off", "factor-codes"),
        "of the extra sso: a login, or the account of who looks",
    ),
    **dict.fromkeys(("factors-require", "factor-reset"), "of the extra sso; takes POST"),
    "guide-picture": "a file",
    "page-compare-source": "of two stored bodies; the tables have none",
    "forecast": "of a forecast; the tables have none",
    "seed-promise": "of a promise; the tables have none",
    "shipment-file": "needs a file",
    "visit-answer": "of a visit with a verdict; the tables have none",
    "admin:login": "for people who are not signed in",
    "admin:view_on_site": "no table has one",
    "admin:autocomplete": "asked by a form that the admin pages do not have",
}
OF_ONE_LIST = {"records-file"}  # there is none without a query
_OWNERS: dict[str, type[Model]] = {
    "seed": Seed,
    "run": Run,
    "page": Page,
    "version": Snapshot,
    "visit": Visit,
    "record": Record,
    "host": Host,
    "export": Export,
    "alert": Alert,
    "channel": Channel,
    "message": Message,
    "outlet": Outlet,
    "shipment": Shipment,
    "kept": KeptView,
}
_CALLED: dict[str, type[Model]] = {"get_version": Snapshot, "get_body": Snapshot, "get_message": Message}
CALLS_LEFT_OUT = {
    "get_trial": "of an answer that is kept for an hour",
    "get_export_file": "needs a file",
    "get_manifest": "needs a file",
    "get_shipment_file": "needs a file",
    "get_outlet_test": "of an answer that is kept for an hour",
    "get_forecast": "of a forecast; the tables have none",
}
_WORDS = {
    "date": "2026-01-01",
    "kind": "webhook",
    "slug": "fields",
    "app_label": "catalog",
    "format": "jsonl",
    "place": "folder",
}
_ANSWERS = {200, 302}
_NOT_SHOWN = {403, 405}  # tables that nobody may change, and what takes POST only


@dataclass(frozen=True)
class Route:
    """A path with a query, as it is asked."""

    name: str
    path: str


def routes(*, every: bool = True) -> Iterator[Route]:
    """Each route that answers GET, with each of its queries or with one; POST is seen when it is asked."""
    for path, queries in _paths():
        for query in queries if every else queries[:1]:
            yield Route(f"{path.name} {query}".strip(), f"{path.path}{'?' if query else ''}{query}")


def _paths() -> Iterator[tuple[Route, list[str]]]:
    queries = site_queries(examples())
    for name, parameters in _names(get_resolver()):
        if name in LEFT_OUT:
            continue
        path = reverse(name, kwargs={key: _example(name, key) for key in parameters})
        alone = [] if name in OF_ONE_LIST else [""]
        yield Route(name, path), [*alone, *queries.get(name, [])]
    yield from _calls()


def _calls() -> Iterator[tuple[Route, list[str]]]:
    """Each GET of the API's document with its queries."""
    queries = api_queries(examples())
    for path, methods in api.get_openapi_schema()["paths"].items():
        call = methods.get("get", {}).get("operationId")
        if call is None or call in CALLS_LEFT_OUT:
            continue
        noun = path.split("/")[2]
        key = _first(_CALLED.get(call, _OWNERS.get(noun.removesuffix("s"), Seed)))
        here = path.format(pk=key, number=_first(Rereading))
        yield Route(f"api {call}", here), queries.get(call, [""])


def _names(resolver: URLResolver, space: str = "") -> Iterator[tuple[str, list[str]]]:
    for part in resolver.url_patterns:
        if isinstance(part, URLResolver) and part.namespace == "api":
            continue  # see _calls
        if isinstance(part, URLResolver):
            inner = f"{space}{part.namespace}:" if part.namespace else space
            yield from _names(part, inner)
        elif isinstance(part, URLPattern) and part.name:
            yield f"{space}{part.name}", list(part.pattern.converters or part.pattern.regex.groupindex)


def _example(name: str, parameter: str) -> Any:
    if parameter in _WORDS:
        return _WORDS[parameter]
    if parameter == "token":
        return KeptView.objects.order_by("pk")[0].token
    if parameter == "number":
        model: type[Model] = Rereading
    else:
        model = _owner(name) if parameter == "pk" else _admin_model(name)
    return _first(model)


def _owner(name: str) -> type[Model]:
    """Whose number a route has."""
    return SeedGroup if name.startswith("seed-group") else _OWNERS[name.partition("-")[0]]


def _first(model: type[Model]) -> int:
    return model._default_manager.order_by("pk").values_list("pk", flat=True).first() or 1


def _admin_model(name: str) -> type[Model]:
    for model in admin.site._registry:
        options = model._meta
        if name.startswith(f"admin:{options.app_label}_{options.model_name}_"):
            return model
    raise KeyError(f"a route without an example: {name}")


def ask(client: Client, route: Route) -> bool:
    """Ask once; False for a route that shows nothing. Raises AssertionError for another answer."""
    answer = client.get(route.path)
    if answer.status_code not in _NOT_SHOWN | _ANSWERS:
        raise AssertionError(f"{route.path} answers {answer.status_code}: {answer.content[:200]!r}")
    if isinstance(answer, StreamingHttpResponse):
        next(iter(answer.streaming_content), b"")
    answer.close()  # else a download stays under way, of which an account has few
    return answer.status_code in _ANSWERS
