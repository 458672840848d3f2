"""Deleting a seed after a page that says what goes, and bringing it back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalog.models import Seed
from djsite.browse.roles import may_delete_seeds
from djsite.desk import seeds
from djsite.desk.read.keyset import cut
from djsite.desk.seeding import deleting
from djsite.desk.seeding.edits import Author


@require_http_methods(["GET", "HEAD", "POST"])
@may_delete_seeds
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what goes with a seed; a post deletes it, and leads to the list, where it can be undone."""
    seed = get_object_or_404(Seed.objects.alive(), pk=pk)
    if request.method == "POST":
        seeds.delete([seed], timezone.now(), request.user)
        return redirect(f"{reverse('seeds')}?{urlencode({'deleted': pk})}")
    return render(request, "browse/seed_delete.html", {"seed": seed, "going": deleting.going(seed)})


@require_safe
@may_delete_seeds
def deleted(request: HttpRequest) -> HttpResponse:
    """The seeds that can be brought back, until when."""
    part = cut(deleting.deleted(), request.GET.get("after", ""))
    rows = [(seed, deleting.until(seed)) for seed in part.rows]
    return render(request, "browse/seeds_deleted.html", {"slice": part, "rows": rows})


@require_POST
@may_delete_seeds
def bring_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo a deletion."""
    seed = deleting.bring_back(pk, timezone.now(), Author(request.user))
    if seed is None:
        messages.warning(request, "It cannot be brought back: its day is over, or it is there already.")
        return redirect("seeds-deleted")
    messages.success(request, f"{seed.name} is back, with all of its pages and records.")
    return redirect("seed", pk)
