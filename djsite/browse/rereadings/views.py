"""Reading stored pages again: the list with its form, one of them, and its buttons."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalog.models import Rereading, Seed
from djsite.browse.rereadings.forms import RereadingForm
from djsite.browse.roles import may_change_seeds, may_look
from djsite.desk import rereadings
from djsite.desk.audit import AnyUser
from djsite.desk.read.keyset import cut
from djsite.desk.rereadings import NoRereading
from djsite.desk.rereadings.looking import list_rereadings, look_at, wanted
from djsite.desk.rereadings.pace import Mark
from djsite.desk.rereadings.words import words_of

SIZE = 20  # of the list


@require_http_methods(["GET", "HEAD", "POST"])
@may_look
def rereading_list(request: HttpRequest, pk: int) -> HttpResponse:
    """Those that were asked for, and a form to ask for one."""
    seed = _seed(pk)
    if request.method == "POST":
        return _ask(request, seed, RereadingForm(request.POST, seed=seed))
    return _list(request, seed, RereadingForm(seed=seed))


def _list(request: HttpRequest, seed: Seed, form: RereadingForm) -> HttpResponse:
    part = cut(list_rereadings(seed), request.GET.get("after", ""), size=SIZE)
    rows = [(rereading, words_of(rereading)) for rereading in part.rows]
    context = {"seed": seed, "form": form, "slice": part, "rows": rows, "wanted": wanted(seed)}
    return render(request, "browse/rereading_list.html", context)


@may_change_seeds
def _ask(request: HttpRequest, seed: Seed, form: RereadingForm) -> HttpResponse:
    if not form.is_valid():
        return _list(request, seed, form)
    try:
        rereading = rereadings.ask(seed, timezone.now(), **form.wishes(), user=request.user)
    except NoRereading as error:
        messages.error(request, str(error))
        return redirect("seed-rereadings", seed.pk)
    return redirect("seed-rereading", seed.pk, rereading.pk)


@require_safe
@may_look
def rereading(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """One: how far it is, then what it would change. While it moves the page asks for itself again."""
    row = _rereading(pk, number)
    look = look_at(row, timezone.now(), Mark.parse(request.GET.get("mark", "")))
    response = render(request, "browse/rereading.html", {"seed": row.seed, "look": look, "rereading": row})
    if request.GET.get("state", row.state) != row.state:
        response["HX-Refresh"] = "true"
    return response


@require_POST
@may_change_seeds
def use(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Use the result, as a whole."""
    return _decided(request, _rereading(pk, number), rereadings.promote)


@require_POST
@may_change_seeds
def drop(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Drop the result, or what there is of it."""
    return _decided(request, _rereading(pk, number), rereadings.drop)


def _decided(
    request: HttpRequest, row: Rereading, decide: Callable[[Rereading, AnyUser], None]
) -> HttpResponse:
    try:
        decide(row, request.user)
    except NoRereading as error:
        messages.error(request, str(error))
    return redirect("seed-rereading", row.seed_id, row.pk)


def _seed(pk: int) -> Seed:
    return get_object_or_404(Seed.objects.alive(), pk=pk)


def _rereading(pk: int, number: int) -> Rereading:
    rows = Rereading.objects.select_related("seed", "rule_set", "created_by")
    return get_object_or_404(rows, pk=number, seed=_seed(pk))
