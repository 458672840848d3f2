"""Recrawl now: the buttons of a page, a seed and a host, and the form for a list of URLs."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from catalog.models import Host, Seed
from djsite.browse.forms import RecrawlForm
from djsite.browse.roles import may_start_runs
from djsite.desk import recrawls
from djsite.desk.read.pages import whole_pages

REFUSALS_SHOWN = 10


@require_POST
@may_start_runs
def recrawl_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Fetch a page again."""
    page = get_object_or_404(whole_pages(), pk=pk)
    return answer_recrawl(request, recrawls.recrawl_page(page, timezone.now())) or redirect("page", pk)


@require_POST
@may_start_runs
def recrawl_seed(request: HttpRequest, pk: int) -> HttpResponse:
    """Fetch all pages of a seed again."""
    seed = get_object_or_404(Seed.objects.alive(), pk=pk)
    return answer_recrawl(request, recrawls.recrawl_seed(seed, timezone.now())) or redirect("seed", pk)


@require_POST
@may_start_runs
def recrawl_host(request: HttpRequest, pk: int) -> HttpResponse:
    """Fetch all pages of a host again, of every seed that has some."""
    host = get_object_or_404(Host, pk=pk)
    return answer_recrawl(request, recrawls.recrawl_host(host.origin, timezone.now())) or redirect("host", pk)


@require_http_methods(["GET", "HEAD", "POST"])
@may_start_runs
def recrawl_urls(request: HttpRequest) -> HttpResponse:
    """Fetch a list of URLs again; a message names those that cannot be fetched."""
    form = RecrawlForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        urls, seed = form.cleaned_data["urls"], form.cleaned_data["seed"]
        if redirection := answer_recrawl(request, recrawls.recrawl_urls(urls, timezone.now(), seed)):
            return redirection
    return render(request, "browse/recrawl.html", {"form": form})


def answer_recrawl(request: HttpRequest, recrawl: recrawls.Recrawl) -> HttpResponse | None:
    """Messages about what is done and what is not, and a redirect to the run or runs; None without a run."""
    for sentence in recrawl.refused[:REFUSALS_SHOWN]:
        messages.warning(request, f"{'Left out' if recrawl.ordered else 'Nothing to do'}: {sentence}.")
    if more := len(recrawl.refused[REFUSALS_SHOWN:]):
        messages.warning(request, f"{more:,} more were left out for similar reasons.")
    if not recrawl.ordered:
        return None
    count, runs = sum(ordered.pages for ordered in recrawl.ordered), len(recrawl.ordered)
    pages = "1 page is" if count == 1 else f"{count:,} pages are"
    where = "" if runs == 1 else f", for {runs:,} seeds, each in a run of its own"
    messages.success(request, f"{pages} being fetched again now, before everything else{where}.")
    return redirect("run", recrawl.ordered[0].run.pk) if runs == 1 else redirect("runs")
