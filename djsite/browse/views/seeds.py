"""Seeds: the list, one seed, and its buttons."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from catalog.models import Seed
from djsite.browse.forms import SeedFilter
from djsite.browse.roles import may_change_seeds, may_look, may_start_runs
from djsite.desk import runs, schedules, seeds
from djsite.desk.read.coverage import coverage_of_seed
from djsite.desk.read.keyset import cut
from djsite.desk.read.seeds import last_runs, list_seeds
from djsite.desk.read.tally import tally
from djsite.desk.rereadings.looking import wanted

STRIP = 30  # runs in the strip of a seed's page
SHORT_STRIP = 12  # and in the list


@require_safe
@may_look
def seed_list(request: HttpRequest) -> HttpResponse:
    """All seeds by name, each with its schedule and last runs."""
    form = SeedFilter(request.GET)
    part = cut(list_seeds(**form.values()), request.GET.get("after", ""), order="name")
    strips = last_runs(part.rows, SHORT_STRIP)
    rows = [(seed, strips[seed.pk]) for seed in part.rows]
    return render(request, "browse/seed_list.html", {"form": form, "slice": part, "rows": rows})


@require_safe
@may_look
def seed(request: HttpRequest, pk: int) -> HttpResponse:
    """One seed: when it runs, what it covers, how its last runs went."""
    seed = _seed(pk)
    context = {
        "seed": seed,
        "policy": seed.policy(),
        "header_names": seed.header_names(),
        "due": schedules.next_due(seed, timezone.now()),
        "runs": last_runs([seed], STRIP)[pk],
        "pages": tally(seed.pages.all()),
        "records": tally(seed.records.filter(gone_at=None)),
        "coverage": coverage_of_seed(seed),
        "wanted": wanted(seed),
        "schedule": schedules.describe(seed),
        "policies": schedules.describe_policies(seed),
    }
    return render(request, "browse/seed.html", context)


@require_POST
@may_start_runs
def run_now(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a run in the urgent lane."""
    seed = _seed(pk)
    asked = runs.run_now(seed, timezone.now())
    messages.success(request, asked.sentence)
    return redirect("run", asked.run.pk)


@require_POST
@may_change_seeds
def switch(request: HttpRequest, pk: int, enabled: bool) -> HttpResponse:
    """Switch a seed's schedule on or off."""
    seed = _seed(pk)
    seeds.switch([seed], enabled, request.user)
    state = "on" if enabled else "off: nothing is due any more"
    messages.success(request, f"The schedule of {seed.name} is {state}.")
    return redirect("seed", pk)


def _seed(pk: int) -> Seed:
    return get_object_or_404(Seed.objects.alive(), pk=pk)
