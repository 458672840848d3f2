"""Signs of health for monitors and containers: no login, and details for those who may read them only."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from djsite.browse.monitors import may_read
from scheduler.watch import metrics
from scheduler.watch.health import report


@require_safe
@never_cache
@login_not_required
def health(request: HttpRequest) -> JsonResponse:
    """200 while this site can serve; ``status`` says whether the rest is in order. 503 without a database."""
    try:
        found = report(timezone.now())
        told = _summary(found) | (_details(found) if may_read(request) else {})
    except DatabaseError:
        return JsonResponse({"status": "down", "database": False}, status=503)
    return JsonResponse(told)


def _summary(found: dict[str, Any]) -> dict[str, Any]:
    beat = found["beat"]
    return {
        "status": "degraded" if found["problems"] else "ok",
        "database": True,
        "redis": found["redis"],
        "beat": bool(beat and beat["alive"]),
        "workers": sum(bool(worker["alive"]) for worker in found["workers"]),
        "problems": len(found["problems"]),
    }


def _details(found: dict[str, Any]) -> dict[str, Any]:
    return {"details": found, "measures": metrics.plain(metrics.collect(timezone.now()))}


@require_safe
@never_cache
@login_not_required
def scrape(request: HttpRequest) -> HttpResponse:
    """All measures for Prometheus; 403 for those who may not read them, 503 without a database."""
    if not may_read(request):
        told = "Ask from this machine, or with CRAWLBEAT_METRICS_TOKEN as a bearer token.\n"
        return HttpResponse(told, status=403, content_type="text/plain")
    try:
        text = metrics.exposition(metrics.collect(timezone.now()))
    except DatabaseError:
        return HttpResponse("The database does not answer.\n", status=503, content_type="text/plain")
    return HttpResponse(text, content_type=metrics.CONTENT_TYPE)
