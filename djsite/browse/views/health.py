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
from djsite.desk.health import EXPOSITION_TYPE, exposition, measures, report


@require_safe
@never_cache
@login_not_required
def health(request: HttpRequest) -> JsonResponse:
    """200 while this site can serve; ``status`` says whether the rest is in order. 503 without a database."""
    try:
        state = report(timezone.now())
        answer = _summary(state) | (_details(state) if may_read(request) else {})
    except DatabaseError:
        return JsonResponse({"status": "down", "database": False}, status=503)
    return JsonResponse(answer)


def _summary(state: dict[str, Any]) -> dict[str, Any]:
    beat = state["beat"]
    return {
        "status": "degraded" if state["problems"] else "ok",
        "database": True,
        "redis": state["redis"],
        "beat": bool(beat and beat["alive"]),
        "workers": sum(bool(worker["alive"]) for worker in state["workers"]),
        "problems": len(state["problems"]),
    }


def _details(state: dict[str, Any]) -> dict[str, Any]:
    return {"details": state, "measures": measures(timezone.now())}


@require_safe
@never_cache
@login_not_required
def scrape(request: HttpRequest) -> HttpResponse:
    """All measures for Prometheus; 403 for those who may not read them, 503 without a database."""
    if not may_read(request):
        advice = "Ask from this machine, or with CRAWLBEAT_METRICS_TOKEN as a bearer token.\n"
        return HttpResponse(advice, status=403, content_type="text/plain")
    try:
        text = exposition(timezone.now())
    except DatabaseError:
        return HttpResponse("The database does not answer.\n", status=503, content_type="text/plain")
    return HttpResponse(text, content_type=EXPOSITION_TYPE)
