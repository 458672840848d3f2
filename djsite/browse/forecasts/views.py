"""Asking how large a seed is, and the page that says so."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from catalog.models import Forecast, Seed
from djsite.browse.roles import may_change_seeds, may_look
from djsite.browse.seeding import drafts
from djsite.desk.forecasts import asking, words


@require_POST
@may_change_seeds
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a forecast made for a seed."""
    seed = get_object_or_404(Seed.objects.alive(), pk=pk)
    if not seed.policy().start_urls:
        messages.error(request, "This seed has no start address to begin from.")
        return redirect("seed", pk)
    return redirect("forecast", asking.ask_for_seed(seed, request.user, timezone.now()).pk)


@require_safe
@may_look
def forecast(request: HttpRequest, pk: int) -> HttpResponse:
    """A forecast: how far it is, then what it says."""
    row = get_object_or_404(Forecast.objects.select_related("seed", "created_by"), pk=pk)
    context = {"row": row, "waiting": row.state == Forecast.State.WAITING, "back": _back(request, row)}
    return render(request, "browse/forecast.html", context | said(row))


def _back(request: HttpRequest, row: Forecast) -> str:
    """The way to the form that it was asked from, with all that was written there; empty if there is none."""
    if not drafts.is_kept(request, drafts.of_forecast(row.pk)):
        return ""
    form = reverse("seed-edit", args=[row.seed_id]) if row.seed_id else reverse("seed-new")
    return f"{form}?forecast={row.pk}"


def said(row: Forecast) -> dict[str, object]:
    """What a forecast says, in words; nothing while it is made."""
    result = asking.result_of(row)
    if result is None:
        return {"result": None}
    came = asking.what_came(row)
    return {
        "result": result,
        "headline": words.headline(result),
        "facts": [
            ("A run takes", words.time_needed(result)),
            ("Requests a day", words.asked_a_day(result)),
            ("Storage", words.storage(result)),
            ("A page has", words.page_size(result)),
        ],
        "cautions": list(words.cautions(result)),
        "traps": [(trap, words.trap_words(trap)) for trap in result.traps],
        "came": came,
        "came_words": words.came_words(result.pages, came.pages, came.difference) if came else "",
    }
