"""Runs: the ledger, one run with its visits, and its buttons."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from catalog.models import Run
from crawler.outcomes import Outcome
from djsite.browse.forms import RunFilter
from djsite.browse.roles import may_look, may_steer_runs
from djsite.desk import actions, host_queries, queries
from djsite.desk.keyset import cut

TABS = (*(outcome.label for outcome in Outcome), queries.WAITING)


@require_safe
@may_look
def run_list(request: HttpRequest) -> HttpResponse:
    """All runs, newest first."""
    form = RunFilter(request.GET)
    part = cut(queries.runs(**form.values()), request.GET.get("after", ""))
    return render(request, "browse/run_list.html", {"form": form, "slice": part})


@require_safe
@may_look
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """One run: its sum, the reasons, the visits of one outcome."""
    found = _run(pk)
    tab = _tab(request, found)
    reason = request.GET.get("reason", "")[:40]
    context = _counts(found) | {
        "tab": tab,
        "reason": reason,
        "reasons": queries.reasons(found),
        "slice": cut(
            queries.visits(found, tab),
            request.GET.get("after", ""),
            order="id",
            search=Q(reason=reason) if reason else None,
        ),
        "hosts": host_queries.hosts_of(found),
        "retention": settings.VISIT_RETENTION_DAYS,
        "download": urlencode({"run": found.pk}),
    }
    return render(request, "browse/run.html", context)


@require_safe
@may_look
def run_live(request: HttpRequest, pk: int) -> HttpResponse:
    """The counters, asked for every two seconds while the run is open; then the page loads anew once."""
    found = _run(pk)
    response = render(request, "browse/parts/run_live.html", _counts(found) | {"alone": True})
    if request.GET.get("state") != found.state:
        response["HX-Refresh"] = "true"
    return response


@require_POST
@may_steer_runs
def steer(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """Stop, pause or resume."""
    found = _run(pk)
    done = actions.steer(found, action, timezone.now())
    level = messages.SUCCESS if done else messages.WARNING
    messages.add_message(request, level, actions.said(action, done))
    return redirect("run", pk)


def _run(pk: int) -> Run:
    return get_object_or_404(queries.runs(), pk=pk)


def _counts(found: Run) -> dict[str, Any]:
    counts = [(label, getattr(found, label)) for label in TABS[:-1]]
    waiting = max(0, found.discovered - found.done)
    return {
        "run": found,
        "counts": counts,
        "waiting": waiting,
        "live": found.state in Run.LIVE,
        "tabs": [*counts, ("waiting", waiting)],
    }


def _tab(request: HttpRequest, found: Run) -> str:
    """The outcome asked for; else what needs a look: failures, then what was stored, and so on."""
    asked = request.GET.get("outcome", "")
    if asked in TABS:
        return asked
    order = ("failed", "stored", "unchanged", "redirected", "skipped")
    return next((label for label in order if getattr(found, label)), queries.WAITING)
