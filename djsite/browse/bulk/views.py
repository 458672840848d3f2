"""Changing many seeds at once: choose an action, see what it would change, do it, undo it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST

from catalog.models import SeedGroup
from djsite.browse.boxes.keys import key_of
from djsite.browse.forms import SeedFilter
from djsite.browse.roles import may_change_seeds
from djsite.desk.bulk import changing, undoing
from djsite.desk.bulk.actions import ACTIONS, DELETE, RUN, TURNS, Refused
from djsite.desk.read.seeds import list_seeds

SHOWN = 50  # seeds of a preview that are named
NEEDS = {DELETE: "catalog.delete_seed", RUN: "catalog.add_run"}  # beside the right to change seeds


@require_http_methods(["GET", "HEAD", "POST"])
@may_change_seeds
def bulk(request: HttpRequest) -> HttpResponse:
    """The chosen seeds and what can be done to them, or what that would change. A post does it."""
    is_post = request.method == "POST"
    given = request.POST if is_post else request.GET
    keys = [key_of(part) for part in given.get("keys", "").split(",") if part] or _keys(given)
    seeds, name, text = changing.chosen(keys), given.get("action", ""), given.get("value", "")[:300]
    if name in NEEDS and not request.user.has_perm(NEEDS[name]):
        raise PermissionDenied
    context: dict[str, Any] = {
        "count": len(seeds),
        "keys": ",".join(str(seed.pk) for seed in seeds),
        "seeds": seeds[:SHOWN],
        "more": max(0, len(seeds) - SHOWN),
        "too_many": changing.MOST if len(keys) > changing.MOST else 0,
        "turns": list(TURNS.values()),
        "groups": list(SeedGroup.objects.values_list("name", flat=True)),
        "name": name,
        "text": text,
    }
    try:
        if name in (*ACTIONS, *NEEDS) and seeds:
            return _do(request, keys, name, text) if is_post else _preview(request, context, seeds)
    except Refused as error:
        context["refused"] = str(error)
    return render(request, "browse/seeds_bulk.html", context)


def _keys(given: QueryDict) -> list[int]:
    """The seeds that were ticked, or all that the filters of the list let through."""
    if "all" not in given:
        return [key_of(text) for text in given.getlist("seed")]
    found = list_seeds(**SeedFilter(given).values()).order_by("name")
    return list(found.values_list("pk", flat=True)[: changing.MOST + 1])


def _preview(request: HttpRequest, context: dict[str, Any], seeds: list[Any]) -> HttpResponse:
    name, text = context["name"], context["text"]
    plan = changing.plan(seeds, name, text)
    label = ACTIONS[name].label if name in ACTIONS else {DELETE: "Delete", RUN: "Run now"}[name]
    shown = {"plan": plan, "lines": plan.lines[:SHOWN], "label": label, "is_danger": name == DELETE}
    return render(
        request, "browse/seeds_bulk.html", context | shown | {"more": max(0, len(plan.lines) - SHOWN)}
    )


def _do(request: HttpRequest, keys: list[int], name: str, text: str) -> HttpResponse:
    done = changing.carry_out(keys, name, text, timezone.now(), request.user)
    if name == RUN:
        messages.success(request, f"{done.count:,} run{' is' if done.count == 1 else 's are'} asked for.")
        return redirect("runs")
    if not done.bulk:
        messages.warning(request, "Nothing was changed: all of them were so already.")
        return redirect("seeds")
    return redirect(f"{reverse('seeds')}?{urlencode({'bulk': done.bulk})}")


@require_POST
@may_change_seeds
def undo(request: HttpRequest) -> HttpResponse:
    """Bring back what was changed together, as far as nobody has changed it since."""
    now = timezone.now()
    what = undoing.undoable(request.POST.get("bulk", "")[:32], now)
    if what is None:
        messages.warning(request, "There is nothing to undo any more.")
        return redirect("seeds")
    if what.is_deletion and not request.user.has_perm("catalog.delete_seed"):
        raise PermissionDenied
    messages.success(request, undoing.undo(what.bulk, now, request.user))
    return redirect("seeds")
