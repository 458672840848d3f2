"""The buttons "Recrawl now" of a page and of a seed."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from djsite.browse import queries, steering
from djsite.browse.roles import may_start_runs
from djsite.catalog.models import Seed
from pipelines.recrawl import Recrawl


@require_POST
@may_start_runs
def recrawl_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Fetch a page again."""
    page = get_object_or_404(queries.one_page(), pk=pk)
    return _told(request, steering.recrawl_page(page, timezone.now()), "page", pk)


@require_POST
@may_start_runs
def recrawl_seed(request: HttpRequest, pk: int) -> HttpResponse:
    """Fetch all pages of a seed again."""
    seed = get_object_or_404(Seed.objects.alive(), pk=pk)
    return _told(request, steering.recrawl_seed(seed, timezone.now()), "seed", pk)


def _told(request: HttpRequest, asked: Recrawl, view: str, pk: int) -> HttpResponse:
    """Say what is done, on the run's page; what is not, where the button is."""
    for sentence in asked.refused:
        messages.warning(request, f"Nothing to do: {sentence}.")
    if not asked.ordered:
        return redirect(view, pk)
    (ordered,) = asked.ordered
    pages = "1 page is" if ordered.pages == 1 else f"{ordered.pages:,} pages are"
    messages.success(request, f"{pages} being fetched again now, in the urgent lane.")
    return redirect("run", ordered.run.pk)
