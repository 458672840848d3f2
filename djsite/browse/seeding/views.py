"""The page that makes or changes a seed, and its live due times."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from catalog.models import Seed
from crawler.collections import Collection, Field
from crawler.seeds.collection_text import read_collections
from djsite.browse.roles import may_add_seeds, may_change_seeds
from djsite.browse.seeding import drafts
from djsite.browse.seeding.asking import forecast_seed, try_address
from djsite.browse.seeding.beginnings import begin, values_for
from djsite.browse.seeding.folds import folds, mistakes
from djsite.browse.seeding.forms import WHEN, SiteSeedForm, blank
from djsite.browse.seeding.starts import STARTS
from djsite.browse.views.trying.trials import is_number
from djsite.desk import audit, runs, schedules, seeds
from djsite.desk.grouping.settings import from_group

TRY, ROW, FORECAST = "try", "row", "forecast"  # buttons of the form, beside the one that saves


@require_http_methods(["GET", "HEAD", "POST"])
@may_add_seeds
def new(request: HttpRequest) -> HttpResponse:
    """Make a seed; the address may say of what: a page that was tried, a seed to copy, a starting point."""
    return _answer(request, _new_seed(request))


@require_http_methods(["GET", "HEAD", "POST"])
@may_change_seeds
@transaction.atomic
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a seed, locked while it is written: what may be changed depends on its present row."""
    alive = Seed.objects.alive()
    rows = alive.select_for_update() if request.method == "POST" else alive
    return _answer(request, get_object_or_404(rows, pk=pk))


@require_safe
@may_change_seeds
def due(request: HttpRequest) -> HttpResponse:
    """The next due times of the schedule as it is being written."""
    number = request.GET.get("seed", "")
    seed = Seed.objects.alive().filter(pk=int(number)).first() if is_number(number) else None
    return render(request, "browse/parts/seed_due.html", _due(request, seed or Seed(), request.GET))


def _new_seed(request: HttpRequest) -> Seed:
    """An empty one, or a copy with a name of its own of the seed that the address names."""
    number = request.GET.get("copy", "")
    if not is_number(number):
        return Seed()
    seed = get_object_or_404(Seed.objects.alive(), pk=int(number))
    if not seeds.may_steer(request.user, seed):
        raise PermissionDenied("It may reach private networks, so only staff copy it.")
    return seeds.copy_of(seed)


def _answer(request: HttpRequest, seed: Seed) -> HttpResponse:
    if request.method != "POST":
        return _page(request, begin(request, seed))
    values = values_for(request, seed)
    form = SiteSeedForm(request.POST, instance=seed, user=request.user, values=values)
    if (step := request.POST.get("step")) in (TRY, ROW):
        initial = drafts.as_initial(form)
        again = SiteSeedForm(instance=seed, initial=initial, user=request.user, values=values)
        return (try_address(request, again) if step == TRY else None) or _page(request, again)
    if not form.is_valid():
        return _page(request, form)
    return forecast_seed(request, form) if step == FORECAST else _saved(request, form)


def _saved(request: HttpRequest, form: SiteSeedForm) -> HttpResponse:
    seed, is_new = form.instance, form.instance.pk is None
    seeds.save(seed, timezone.now(), request.user)
    audit.note(request.user, [seed], audit.changes(form), added=is_new)
    drafts.forget(request)
    messages.success(request, _first_run(request, seed) if is_new else f"{seed.name} is saved.")
    return redirect("seed", seed.pk)


def _first_run(request: HttpRequest, seed: Seed) -> str:
    """Say when a new seed runs for the first time; one that runs by hand only is begun here."""
    added, by_hand = f"{seed.name} was added successfully.", seed.schedule == Seed.Schedule.MANUAL
    if by_hand and request.user.has_perm("catalog.add_run"):
        runs.run_now(seed, timezone.now())
    elif by_hand or not seed.enabled:
        return f"{added} It runs when you say so."
    return f"{added} It runs now."


def _page(request: HttpRequest, form: SiteSeedForm) -> HttpResponse:
    is_fresh = form.instance.pk is None and not form.is_bound and not request.GET
    context = {
        "form": form,
        "folds": folds(form, blank(request.user)),
        "mistakes": list(mistakes(form)) if form.is_bound else [],
        "starts": STARTS if is_fresh else (),
        "collections": _collections(form),
        "from_group": from_group(form.instance),
        **_due(request, form.instance, {name: form[name].value() for name in WHEN}),
    }
    return render(request, "browse/seed_form.html", context)


def _due(request: HttpRequest, seed: Seed, boxes: Mapping[str, Any]) -> dict[str, Any]:
    """The next due times by what the boxes of the schedule say, or sentences that say why there are none."""
    form = SiteSeedForm(boxes, instance=copy(seed), user=request.user)
    form.keep_only(WHEN)
    wrong = [] if form.is_valid() else [text for name in WHEN for text in form.errors.get(name, ())]
    slots = [] if wrong else schedules.would_be_due(form.instance, timezone.now())
    zone = schedules.zone_of(form.instance)
    return {"due": slots, "zone": zone, "wrong": wrong, "seed": seed, "schedule": form.instance.schedule}


def _collections(form: SiteSeedForm) -> list[tuple[Collection, list[tuple[Field, Any]]]]:
    """The collections that the box holds, each with its fields and their last values; none if it is wrong."""
    try:
        present = read_collections(str(form["collections"].value() or ""))
    except ValueError:
        return []
    return [
        (each, [(field, form.values.get(each.name, {}).get(field.name)) for field in each.fields])
        for each in present
    ]
