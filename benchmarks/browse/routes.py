"""Every route of the site that answers GET, from the URL resolver, with examples of its arguments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from catalog.models import Export, Host, Page, Record, Rereading, Run, Seed, Snapshot, Visit

LEFT_OUT = {
    "download": "measured by itself",
    "export-file": "needs a file",
    **dict.fromkeys(
        (
            *("seed-repair-result", "try-result", "try-point", "try-page", "try-item", "try-details"),
            "record-receipt",
        ),
        "of an answer that is kept for an hour",
    ),
    "visit-answer": "of a visit with a verdict; the tables have none",
    "admin:login": "for people who are not signed in",
    "admin:view_on_site": "no table has one",
    "admin:autocomplete": "asked by a form that the admin pages do not have",
}
_OWNERS: dict[str, type[Model]] = {
    "seed": Seed,
    "run": Run,
    "page": Page,
    "version": Snapshot,
    "visit": Visit,
    "record": Record,
    "host": Host,
    "export": Export,
}
_ANSWERS = {200, 302}
_NOT_SHOWN = {403, 405}  # tables that nobody may change, and what takes POST only


@dataclass(frozen=True)
class Route:
    """A path with a query, as it is asked."""

    name: str
    path: str


def routes() -> Iterator[Route]:
    """Each route of the resolver with its queries, those for POST left out when they are asked."""
    for name, parameters in _names(get_resolver()):
        if name in LEFT_OUT:
            continue
        path = reverse(name, kwargs={key: _example(name, key) for key in parameters})
        for query in ("", *_queries(name)):
            yield Route(f"{name} {query}".strip(), f"{path}{'?' if query else ''}{query}")


def _names(resolver: URLResolver, space: str = "") -> Iterator[tuple[str, list[str]]]:
    for part in resolver.url_patterns:
        if isinstance(part, URLResolver):
            inner = f"{space}{part.namespace}:" if part.namespace else space
            yield from _names(part, inner)
        elif isinstance(part, URLPattern) and part.name:
            yield f"{space}{part.name}", list(part.pattern.converters or part.pattern.regex.groupindex)


def _example(name: str, parameter: str) -> Any:
    if parameter == "date":
        return "2026-01-01"
    if parameter == "app_label":
        return "catalog"
    if parameter == "number":
        model: type[Model] = Rereading
    else:
        model = _OWNERS[name.partition("-")[0]] if parameter == "pk" else _admin_model(name)
    pk = model._default_manager.order_by("pk").values_list("pk", flat=True).first()
    return pk or 1


def _admin_model(name: str) -> type[Model]:
    for model in admin.site._registry:
        options = model._meta
        if name.startswith(f"admin:{options.app_label}_{options.model_name}_"):
            return model
    raise KeyError(f"a route without an example: {name}")


def _queries(name: str) -> list[str]:
    """What people ask a list for besides its first slice."""
    seed, run = Seed.objects.order_by("pk")[0].pk, Run.objects.order_by("-stored")[0].pk
    url = Page.objects.order_by("pk")[0].url
    moment = Page.objects.order_by("pk")[0].last_changed_at.isoformat().replace("+", "%2B")
    return {
        "seeds": ["text=site+1", "state=off"],
        "runs": ["state=finished", "state=missed", f"seed={seed}", "kind=recrawl"],
        "run": ["outcome=stored", "outcome=failed", "outcome=waiting", "reason=http_500", "reason=no"],
        "pages": [
            f"seed={seed}", "text=articles", "text=no-such-text", f"text={url}", f"seed={seed}&text={url}",
            "happened=changed&since=24", "happened=unseen&since=24", "sort=-last_fetched_at",
            f"after={moment}~1000", f"seed={seed}&after={moment}~1000", "happened=unchanged",
        ],
        "hosts": ["text=host-77", "text=no-such-host", "shown=trouble", "shown=queued", f"run={run}"],
        "records": [f"seed={seed}", f"seed={seed}&after=50000~50000"],
        "admin:catalog_seed_changelist": ["q=site", "p=2"],
        "admin:catalog_page_changelist": ["p=199", "o=2", "o=-5", f"q={url}", "q=nothing"],
        "admin:catalog_visit_changelist": [
            "p=199", "o=2", "o=4", "o=5", "o=7", "state__exact=3", "outcome__exact=4", f"q={url}",
        ],
        "admin:catalog_run_changelist": ["state__exact=finished", "kind__exact=recrawl", "o=4", "o=7", "o=9"],
        "admin:catalog_host_changelist": ["q=host-77", "o=2", "o=8"],
        "admin:catalog_export_changelist": ["state__exact=done"],
    }.get(name, [])  # fmt: skip


def ask(client: Client, route: Route) -> bool:
    """Ask once; False for a route that shows nothing. Raises AssertionError for another answer."""
    answer = client.get(route.path, HTTP_HOST="localhost")
    answer.close()  # else a download stays under way, of which an account has few
    if answer.status_code in _NOT_SHOWN:
        return False
    assert answer.status_code in _ANSWERS, f"{route.path} answers {answer.status_code}"
    return True
