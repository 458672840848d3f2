"""Where the calls of the API are. The door (:mod:`djsite.api.door`) stands before all of them."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern, include, path

from djsite.api.interface import Api, knows_every_name
from djsite.api.nouns import (
    changes,
    events,
    explain,
    exports,
    forecasts,
    health,
    pages,
    records,
    recrawl,
    runs,
    search,
    seeds,
    trying,
    views,
)
from djsite.api.nouns.decided import coverage, known_failures, rereadings
from djsite.api.nouns.of_seeds import everything, lists, noise, promises
from djsite.api.nouns.out import outlets, shipments
from djsite.api.nouns.telling import alerts, channels

api = Api()
for noun, router in {
    "seeds": seeds.router,
    "try": trying.router,
    "forecasts": forecasts.router,
    "runs": runs.router,
    "pages": pages.router,
    "records": records.router,
    "changes": changes.router,
    "events": events.router,
    "views": views.router,
    "exports": exports.router,
    "outlets": outlets.router,
    "alerts": alerts.router,
    "known-failures": known_failures.router,
    "channels": channels.router,
    "everything": everything.router,
    "recrawl": recrawl.router,
    "search": search.router,
    "explain": explain.router,
    "health": health.router,
}.items():
    api.add_router(f"/{noun}", router, tags=[noun])
for router in (lists.router, promises.router, noise.router, coverage.router, rereadings.router):
    api.add_router("/seeds", router, tags=["seeds"])
api.add_router("/outlets", shipments.router, tags=["outlets"])
api.add_decorator(knows_every_name, mode="view")

_calls, _app, _namespace = api.urls
for _call in _calls:
    assert isinstance(_call, URLPattern)
    _call.callback = login_not_required(_call.callback)  # the door asks for a token instead

urlpatterns = [path("", include((_calls, _app), namespace=_namespace))]
