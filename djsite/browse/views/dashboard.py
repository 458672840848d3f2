"""The dashboard: what runs, what is due, what went wrong."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from djsite.browse import charts
from djsite.browse.roles import may_look
from djsite.desk import health
from djsite.desk.read.coverage import recent_falls
from djsite.desk.read.dashboard import KEPT_APART, due_next, live_runs, recent_trouble, tallies

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@require_safe
@may_look
def dashboard(request: HttpRequest) -> HttpResponse:
    """The whole page."""
    now = timezone.now()
    return render(
        request, "browse/dashboard.html", _live(now) | _activity(now) | {"health": health.report(now)}
    )


@require_safe
@may_look
def dashboard_live(request: HttpRequest) -> HttpResponse:
    """The part that changes; the page asks for it every two seconds."""
    return render(request, "browse/parts/dashboard_live.html", _live(timezone.now()))


@require_safe
@may_look
def dashboard_health(request: HttpRequest) -> HttpResponse:
    """Beat, workers and lanes; asked for every ten seconds."""
    return render(request, "browse/parts/health.html", {"health": health.report(timezone.now())})


def _live(now: datetime) -> dict[str, Any]:
    return {
        "live": live_runs(),
        "due": due_next(),
        "trouble": recent_trouble(),
        "falls": recent_falls(),
        "now": now,
    }


def _activity(now: datetime) -> dict[str, Any]:
    """The last 24 hours by the hour; while all runs fit into one hour, that hour by the minute."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    rows = tallies(hour - timedelta(hours=23), "hour")
    totals = {name: sum(row[name] for row in rows.values()) for name in (*KEPT_APART, "runs")}
    young = rows and min(rows) >= hour - timedelta(hours=1)
    last, step = (now.replace(second=0, microsecond=0), MINUTE) if young else (hour, HOUR)
    if young:
        rows = tallies(last - 59 * MINUTE, "minute")
    columns = {begin: {name: row[name] for name in KEPT_APART} for begin, row in rows.items()}
    return {"totals": totals, "columns": charts.columns(columns, last, step), "young": young}
