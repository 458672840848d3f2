"""The dashboard: what runs, what is due, what went wrong."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from djsite.browse import charts
from djsite.browse.changes.views import lately_of
from djsite.browse.roles import may_look
from djsite.desk import health
from djsite.desk.health import Level
from djsite.desk.read.dashboard import KEPT_APART, due_next, live_runs, nothing_yet, tallies

TOLD_BY_SEED = ("seeds-missed", "seeds-failing", "seeds-fell")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@require_safe
@may_look
def dashboard(request: HttpRequest) -> HttpResponse:
    """The whole page."""
    now = timezone.now()
    return render(
        request,
        "browse/dashboard.html",
        lately_of(now) | _live(now) | _activity(now) | _health(now) | {"fresh": nothing_yet()},
    )


@require_safe
@may_look
def dashboard_live(request: HttpRequest) -> HttpResponse:
    """The part that changes; the page asks for it every two seconds."""
    return render(request, "browse/parts/dashboard_live.html", _live(timezone.now()))


@require_safe
@may_look
def dashboard_health(request: HttpRequest) -> HttpResponse:
    """How it is and what needs a person; asked for every ten seconds."""
    return render(request, "browse/parts/health.html", _health(timezone.now()))


def _health(now: datetime) -> dict[str, Any]:
    """The report, and apart what of it is about no seed: what is about one stands beside its name."""
    report, attention = health.report_with_attention(now)
    problems = [found for found in report["findings"] if found["level"] == Level.PROBLEM]
    others = [found for found in problems if found["code"] not in TOLD_BY_SEED]
    return {"health": report, "attention": attention, "problems": others}


def _live(now: datetime) -> dict[str, Any]:
    return {"live": live_runs(), "due": due_next(), "now": now}


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
