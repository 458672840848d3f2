"""Repairing a collection: ask for proposals, look at their proof, take them."""

from __future__ import annotations

import time
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from catalog.models import Seed
from djsite.browse.roles import may_change_seeds
from djsite.browse.views.trying.trials import is_late
from djsite.desk import runs
from djsite.desk.trials import repairs

CHOICE = "choice-"  # before the name of a field, in the form


@require_POST
@may_change_seeds
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a worker look for rules; the answer has a page of its own."""
    seed = get_object_or_404(Seed.objects.alive(), pk=pk)
    key = repairs.ask(seed, request.POST.get("collection", ""))
    if key is None:
        messages.error(request, "No worker can be asked now: Redis does not answer. Try again in a moment.")
        return redirect("seed", pk)
    address = reverse("seed-repair-result", args=[pk, key])
    return redirect(f"{address}?{urlencode({'since': int(time.time())})}")


@require_POST
@may_change_seeds
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """What fell is really gone: it is held no more."""
    seed = get_object_or_404(Seed.objects.alive(), pk=pk)
    wanted = request.POST.get("coverage", "")
    number = int(wanted) if wanted.isdecimal() and len(wanted) < 19 else 0
    if collection := repairs.accept(seed, number, timezone.now(), request.user):
        sentence = f"What fell in {collection} is held no more: it is taken away in a moment."
        messages.success(request, sentence)
    else:
        messages.warning(request, "Nothing is held of that run any more.")
    return redirect("seed", pk)


@require_http_methods(["GET", "HEAD", "POST"])
@may_change_seeds
def proposed(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """What could be taken, with its proof; a post takes it."""
    seed = get_object_or_404(Seed.objects.alive(), pk=pk)
    try:
        proposals = repairs.answer(seed, key)
        if request.method == "POST" and proposals is not None:
            return _taken(request, seed, proposals)
    except LookupError as error:
        return render(request, "browse/repair.html", {"seed": seed, "failed": str(error.args[0])})
    return render(
        request, "browse/repair.html", {"seed": seed, "proposals": proposals, "late": is_late(request)}
    )


def _taken(request: HttpRequest, seed: Seed, proposals: repairs.Proposals) -> HttpResponse:
    """Write the rules, and begin a run that reads with them, for whoever may."""
    choices = {
        name.removeprefix(CHOICE): int(str(value))
        for name, value in request.POST.items()
        if name.startswith(CHOICE) and str(value).isdecimal() and len(str(value)) < 3
    }
    now = timezone.now()
    repairs.take(seed, proposals, choices, now, request.user)
    sentence = "The rules are repaired: a new rule set is in force."
    if request.user.has_perm("catalog.add_run"):
        sentence += f" {runs.run_now(seed, now).sentence}"
    messages.success(request, sentence)
    return redirect("seed", seed.pk)
