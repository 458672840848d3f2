"""The dashboard: what runs, what is due, what went wrong."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from djsite.browse import charts, queries
from djsite.browse.roles import may_look
from scheduler import health


@require_safe
@may_look
def dashboard(request: HttpRequest) -> HttpResponse:
    """The whole page."""
    now = timezone.now()
    return render(request, "browse/dashboard.html", _live(now) | _day(now) | {"health": health.report(now)})


@require_safe
@may_look
def dashboard_live(request: HttpRequest) -> HttpResponse:
    """The part that moves; the page asks for it every two seconds."""
    return render(request, "browse/parts/dashboard_live.html", _live(timezone.now()))


@require_safe
@may_look
def dashboard_health(request: HttpRequest) -> HttpResponse:
    """Beat, workers and lanes; asked for every ten seconds."""
    return render(request, "browse/parts/health.html", {"health": health.report(timezone.now())})


def _live(now: datetime) -> dict[str, Any]:
    return {
        "live": queries.live_runs(),
        "due": queries.due_next(),
        "trouble": queries.recent_trouble(),
        "now": now,
    }


def _day(now: datetime) -> dict[str, Any]:
    hours = queries.last_day(now)
    totals = {
        name: sum(row[name] for row in hours.values()) for name in ("stored", "unchanged", "failed", "runs")
    }
    tallies = {
        hour: {name: row[name] for name in ("stored", "unchanged", "failed")} for hour, row in hours.items()
    }
    last = now.replace(minute=0, second=0, microsecond=0)
    return {"totals": totals, "columns": charts.hour_columns(tallies, last)}
