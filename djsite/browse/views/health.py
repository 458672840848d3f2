"""A sign of health for monitors and containers: no login, so no details."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from scheduler.health import report


@require_safe
@never_cache
@login_not_required
def health(request: HttpRequest) -> JsonResponse:
    """200 while this site can serve; ``status`` says whether the rest is in order. 503 without a database."""
    try:
        found = report(timezone.now())
    except DatabaseError:
        return JsonResponse({"status": "down", "database": False}, status=503)
    beat = found["beat"]
    summary = {
        "status": "degraded" if found["problems"] else "ok",
        "database": True,
        "redis": found["redis"],
        "beat": bool(beat and beat["alive"]),
        "workers": sum(bool(worker["alive"]) for worker in found["workers"]),
        "problems": len(found["problems"]),
    }
    return JsonResponse(summary)
