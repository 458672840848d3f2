"""Seeds: the list, one seed, and its buttons."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from catalog.models import Run, Seed
from djsite.browse.forms import SeedFilter
from djsite.browse.roles import may_change_seeds, may_look, may_start_runs
from djsite.browse.seeding.history import history
from djsite.desk import runs, schedules, seeds
from djsite.desk.bulk.undoing import Undoable, undoable
from djsite.desk.events.kept import view_of_seed
from djsite.desk.events.summary import latest
from djsite.desk.forecasts.of_seed import shown_of_seed
from djsite.desk.promises.holds import holds_on
from djsite.desk.read.coverage import coverage_of_seed
from djsite.desk.read.keyset import cut
from djsite.desk.read.seeds import has_one_offs, kept_versions, last_runs, list_seeds
from djsite.desk.read.tally import tally
from djsite.desk.rereadings.looking import wanted
from djsite.desk.seeding import standstill
from djsite.desk.seeding.deleting import deleted

STRIP = 30  # runs in the strip of a seed's page
SHORT_STRIP = 12  # and in the list
LATEST = 5  # of what changed


@require_safe
@may_look
def seed_list(request: HttpRequest) -> HttpResponse:
    """All seeds by name, each with its schedule and last runs."""
    form = SeedFilter(request.GET)
    part = cut(list_seeds(**form.values()), request.GET.get("after", ""), order="name")
    strips = last_runs(part.rows, SHORT_STRIP)
    rows = [(seed, strips[seed.pk]) for seed in part.rows]
    context = {
        "form": form,
        "slice": part,
        "rows": rows,
        "one_offs": has_one_offs(),
        "undo": _undo(request),
        "bulk": _bulk(request),
    }
    return render(request, "browse/seed_list.html", context)


def _undo(request: HttpRequest) -> Seed | None:
    """The seed that was deleted just now, for whoever may bring it back."""
    number = request.GET.get("deleted", "")
    if not number.isdecimal() or len(number) > 18 or not request.user.has_perm("catalog.delete_seed"):
        return None
    return deleted().filter(pk=int(number)).first()


def _bulk(request: HttpRequest) -> Undoable | None:
    """What was done to many seeds just now, for whoever may undo it."""
    if not request.user.has_perm("catalog.change_seed"):
        return None
    what = undoable(request.GET.get("bulk", "")[:32], timezone.now())
    return None if what and what.is_deletion and not request.user.has_perm("catalog.delete_seed") else what


@require_safe
@may_look
def seed(request: HttpRequest, pk: int) -> HttpResponse:
    """One seed: when it runs, what it covers, how its last runs went."""
    seed, now = _seed(pk), timezone.now()
    runs_shown = last_runs([seed], STRIP)[pk]
    context = {
        "seed": seed,
        "policy": seed.policy(),
        "header_names": seed.header_names(),
        "due": schedules.next_due(seed, now),
        "latest": latest(now, LATEST, seed),
        "feed": view_of_seed(seed),
        "runs": runs_shown,
        "pages": tally(seed.pages.all()),
        "records": tally(seed.records.filter(gone_at=None)),
        "coverage": coverage_of_seed(seed),
        "wanted": wanted(seed),
        "kept": kept_versions(seed),
        "holds": holds_on(seed, None),
        "forecast": shown_of_seed(seed),
        "schedule": schedules.describe(seed),
        "live": _is_live(seed, runs_shown, now),
        "history": history(seed),
        "policies": schedules.describe_policies(seed),
    }
    return render(request, "browse/seed.html", context)


def _is_live(seed: Seed, shown: list[Run], now: datetime) -> bool:
    """Whether a run is going, or the first one is due: then the list of runs is asked for again and again."""
    if shown:
        return shown[0].state in Run.LIVE
    return seed.next_slot is not None and seed.next_slot <= now


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


@require_POST
@may_change_seeds
def pause_everything(request: HttpRequest) -> HttpResponse:
    """Switch off every schedule and pause every run."""
    messages.success(request, standstill.pause_everything(timezone.now(), request.user))
    return redirect("seeds")


@require_POST
@may_change_seeds
def go_on(request: HttpRequest) -> HttpResponse:
    """Let go on what was paused with everything."""
    messages.success(request, standstill.go_on(timezone.now(), request.user))
    return redirect("seeds")


@require_POST
@may_change_seeds
def mute(request: HttpRequest, pk: int, days: int) -> HttpResponse:
    """Say nothing of a seed's troubles for some days; with 0, say it again."""
    seed, now = _seed(pk), timezone.now()
    seeds.mute(seed, days, now, request.user)
    end = f"muted for {days} days: nothing says what is wrong with it" if days else "heard of again"
    messages.success(request, f"{seed.name} is {end}.")
    return redirect("dashboard")


def _seed(pk: int) -> Seed:
    return get_object_or_404(Seed.objects.alive(), pk=pk)
