"""Failures of a run: trying them again, accepting them, and the list of those that a seed has accepted."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST

from catalog.models import KnownFailure, Page, Run, Seed
from djsite.browse.boxes.keys import key_of
from djsite.browse.roles import may_change_seeds, may_look, may_start_runs
from djsite.browse.views.recrawl import answer_recrawl
from djsite.desk import recrawls
from djsite.desk.known.accepting import accept, failures_of, take_back
from djsite.desk.known.showing import known_of_seed
from djsite.desk.read.keyset import cut
from djsite.desk.read.runs import all_runs
from djsite.desk.seeding.edits import Author


@require_POST
@may_change_seeds
def accept_failures(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept the failures of a run for a reason, or one of them."""
    run, reason = get_object_or_404(all_runs(), pk=pk), request.POST.get("reason", "")[:40]
    failures = failures_of(run, reason)
    if visit := key_of(request.POST.get("visit")):
        failures = failures.filter(pk=visit)
    count = accept(run, failures, timezone.now(), Author(request.user))
    if count:
        messages.success(request, _accepted(count))
    else:
        messages.warning(request, "Nothing to accept: these are accepted, or no longer kept.")
    if page := Page.objects.filter(seed=run.seed_id, pk=key_of(request.POST.get("page"))).first():
        return redirect("page", page.pk)
    return redirect(_failed_of(run, reason if not visit else ""))


def _accepted(count: int) -> str:
    what = "1 failure is" if count == 1 else f"{count:,} failures are"
    return f"{what} accepted, and colours no run until the address answers, or fails for another reason."


@require_POST
@may_start_runs
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Fetch the addresses again that failed for a reason."""
    run, reason = get_object_or_404(all_runs(), pk=pk), request.POST.get("reason", "")[:40]
    urls = list(failures_of(run, reason).order_by("pk").values_list("url", flat=True)[: recrawls.MAX_URLS])
    if not urls:
        messages.warning(request, "Nothing to try again: these addresses are no longer kept.")
        return redirect("run", pk)
    recrawl = recrawls.recrawl_urls(urls, timezone.now(), run.seed)
    return answer_recrawl(request, recrawl) or redirect(_failed_of(run, reason))


@require_http_methods(["GET", "HEAD", "POST"])
@may_look
def known_list(request: HttpRequest, pk: int) -> HttpResponse:
    """The known failures of a seed; a post takes one back, or all of them."""
    seed = get_object_or_404(Seed.objects.alive(), pk=pk)
    if request.method == "POST":
        return _take_back(request, seed)
    part = cut(known_of_seed(seed.pk), request.GET.get("after", ""))
    return render(request, "browse/known_failures.html", {"seed": seed, "slice": part})


@may_change_seeds
def _take_back(request: HttpRequest, seed: Seed) -> HttpResponse:
    known = KnownFailure.objects.all()
    if "all" not in request.POST:
        known = known.filter(pk=key_of(request.POST.get("known")))
    ended = take_back(known, seed, timezone.now(), Author(request.user))
    if ended:
        messages.success(request, f"{ended:,} failure{' counts' if ended == 1 else 's count'} again.")
    else:
        messages.warning(request, "It was over already.")
    if run := all_runs().filter(seed=seed, pk=key_of(request.POST.get("run"))).first():
        return redirect(_failed_of(run, ""))
    return redirect("seed-known", seed.pk)


def _failed_of(run: Run, reason: str) -> str:
    query = {"outcome": "failed"} | ({"reason": reason} if reason else {})
    return f"{reverse('run', args=[run.pk])}?{urlencode(query)}"
