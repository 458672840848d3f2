"""Every route that the site answers, from the resolver and not from a list of ours."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RegexPattern
from django_celery_results.models import TaskResult

from catalog.models import (
    Alert,
    Channel,
    Export,
    Host,
    KeptView,
    Message,
    Outlet,
    Page,
    Run,
    Seed,
    Shipment,
    Snapshot,
    Token,
    Visit,
)

OTHERS = {
    "kind": "pages",
    "format": "csv",
    "app_label": "catalog",
    "url": "nowhere/",
    "date": "2026-03-10",
    "place": "folder",
}
OF_SITE: dict[str, type[Model]] = {
    "seeds": Seed,
    "runs": Run,
    "pages": Page,
    "versions": Snapshot,
    "visits": Visit,
    "hosts": Host,
    "exports": Export,
    "alerts": Alert,
    "channels": Channel,
    "outlets": Outlet,
    "shipments": Shipment,
    "messages": Message,
    "views": KeptView,
    "tokens": Token,
}
OF_ADMIN: dict[str, type[Model]] = {
    "seed": Seed,
    "run": Run,
    "visit": Visit,
    "page": Page,
    "host": Host,
    "export": Export,
    "taskresult": TaskResult,
    "user": User,
    "group": Group,
    "r": ContentType,
}


def routes() -> list[str]:
    """Every pattern of the resolver, with names in place of what varies; the API takes no logins."""
    return sorted(route for route in set(_walk("/", get_resolver().url_patterns)) if not _is_of_api(route))


def _is_of_api(route: str) -> bool:
    return route.startswith("/api/")


def _walk(prefix: str, patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
    for pattern in patterns:
        text = str(pattern.pattern)
        if isinstance(pattern.pattern, RegexPattern):
            text = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<\1>", text).strip("^$").replace("\\Z", "")
        here = prefix + re.sub(r"<\w+:(\w+)>", r"<\1>", text)
        if isinstance(pattern, URLResolver):
            yield from _walk(here, pattern.url_patterns)
        else:
            yield here


def address(route: str) -> str:
    """A route with a row that exists in place of what varies."""
    parts = route.split("/")
    kind = OF_ADMIN.get(next((part for part in parts[2:] if part in OF_ADMIN), ""))
    model = kind if parts[1] == "admin" else OF_SITE.get(parts[1])
    row = model._default_manager.order_by("pk").values_list("pk", flat=True).first() if model else 1
    return re.sub(r"<(\w+)>", lambda match: OTHERS.get(match[1], str(row)), route)
