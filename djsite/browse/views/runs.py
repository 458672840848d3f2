"""Runs: the ledger, one run with its visits, and its buttons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from catalog.models import KnownFailure, Run, Visit
from crawler.outcomes import Outcome
from djsite.browse.forms import RunFilter
from djsite.browse.roles import may_look, may_steer_runs
from djsite.desk import runs
from djsite.desk.events.summary import changes_of_run
from djsite.desk.known.showing import known_among, known_by_reason
from djsite.desk.read.coverage import coverage_of_run
from djsite.desk.read.keyset import cut
from djsite.desk.read.runs import (
    WAITING,
    ReasonRow,
    all_runs,
    found_on,
    hosts_of,
    list_runs,
    reasons_of,
    visits_at,
    visits_of,
)
from djsite.desk.read.small_runs import why_small
from djsite.desk.steering.beside_before import beside_before
from djsite.desk.steering.time_left import time_left

TABS = (*(outcome.label for outcome in Outcome), WAITING)


@require_safe
@may_look
def run_list(request: HttpRequest) -> HttpResponse:
    """All runs, newest first."""
    form = RunFilter(request.GET)
    part = cut(list_runs(**form.values()), request.GET.get("after", ""))
    return render(request, "browse/run_list.html", {"form": form, "slice": part})


@require_safe
@may_look
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """One run: its sum, the reasons, the visits of one outcome."""
    run = _run(pk)
    reason, text = request.GET.get("reason", "")[:40], request.GET.get("text", "").strip()
    at = visits_at(run, text) if text else None
    tab = _tab(request, run) if at is None else ""
    part = cut(
        visits_of(run, tab) if at is None else at,
        request.GET.get("after", ""),
        order="id",
        search=_search(reason, text) if at is None else None,
    )
    context = _counts(run) | {
        "tab": tab,
        "reason": reason,
        "text": text,
        "seed": run.seed,
        "coverage": coverage_of_run(run),
        "why_small": why_small(run),
        "reasons": _with_known(run, reasons_of(run)),
        "slice": part,
        "visits": _with_parents(run, part.rows),
        "limits": {name: links for name, links in run.limits.items() if links},
        "hosts": hosts_of(run),
        "retention": settings.VISIT_RETENTION_DAYS,
        "download": urlencode({"run": run.pk}),
    }
    return render(request, "browse/run.html", context)


@require_safe
@may_look
def run_live(request: HttpRequest, pk: int) -> HttpResponse:
    """The counters, asked for every two seconds while the run is open; then the page loads again, once."""
    run = _run(pk)
    response = render(request, "browse/parts/run_live.html", _counts(run) | {"alone": True})
    if request.GET.get("state") != run.state:
        response["HX-Refresh"] = "true"
    return response


@require_POST
@may_steer_runs
def steer(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """Stop, pause or resume."""
    changed = runs.steer(_run(pk), action, timezone.now())
    level = messages.SUCCESS if changed else messages.WARNING
    messages.add_message(request, level, runs.steered(action, changed))
    return redirect("run", pk)


def _with_parents(run: Run, visits: Sequence[Visit]) -> list[tuple[Visit, Visit | None, KnownFailure | None]]:
    """Visits with those on which they were found, as far as these are kept, and the failures accepted."""
    parents = found_on(visits)
    known = known_among(run.seed_id, visits) if run.known_failures else {}
    return [(visit, parents.get(visit.found_on or 0), known.get(visit.pk)) for visit in visits]


def _with_known(run: Run, rows: Sequence[ReasonRow]) -> list[tuple[ReasonRow, int]]:
    """Reasons, each with how many of its failures are accepted."""
    known = known_by_reason(run)
    return [(row, known.get(row.reason, 0) if row.outcome == Outcome.FAILED else 0) for row in rows]


def _search(reason: str, text: str) -> Q | None:
    condition = Q(reason=reason) if reason else Q()
    return condition & Q(url__icontains=text) if text else condition or None


def _run(pk: int) -> Run:
    return get_object_or_404(all_runs(), pk=pk)


def _counts(run: Run) -> dict[str, Any]:
    counts = [(label, getattr(run, label)) for label in TABS[:-1]]
    waiting = max(0, run.discovered - run.done)
    return {
        "run": run,
        "counts": counts,
        "waiting": waiting,
        "changes": changes_of_run(run),
        "live": run.state in Run.LIVE,
        "beside": beside_before(run),
        "left": time_left(run, timezone.now()),
        "tabs": [*counts, ("waiting", waiting)],
    }


def _tab(request: HttpRequest, run: Run) -> str:
    """The outcome that the request names; else failures if there are any, then what was stored, and so on."""
    outcome = request.GET.get("outcome", "")
    if outcome in TABS:
        return outcome
    order = ("failed", "stored", "unchanged", "redirected", "skipped")
    return next((label for label in order if getattr(run, label)), WAITING)
