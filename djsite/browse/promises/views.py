"""Promises about the data of a seed: the list with its form, one of them, and the button that ends one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from catalog.models import Promise, Seed
from djsite.browse.promises.forms import PromiseForm
from djsite.browse.roles import may_change_seeds, may_look
from djsite.desk import promises


@require_http_methods(["GET", "HEAD", "POST"])
@may_look
def promise_list(request: HttpRequest, pk: int) -> HttpResponse:
    """Those of a seed with their states, and a form to make one."""
    seed = get_object_or_404(Seed.objects.alive(), pk=pk)
    if request.method == "POST":
        return _save(request, seed, PromiseForm(request.POST, seed=seed))
    return _list(request, seed, PromiseForm(seed=seed))


def _list(request: HttpRequest, seed: Seed, form: PromiseForm) -> HttpResponse:
    context: dict[str, Any] = {"seed": seed, "form": form, "rows": promises.list_promises(seed)}
    return render(request, "browse/promise_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@may_change_seeds
def promise(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Change one, or end it."""
    row = _promise(pk, number)
    if request.method == "POST":
        return _save(request, row.seed, PromiseForm(request.POST, seed=row.seed, instance=row))
    return _one(request, row.seed, PromiseForm(seed=row.seed, instance=row))


def _one(request: HttpRequest, seed: Seed, form: PromiseForm) -> HttpResponse:
    return render(request, "browse/promise.html", {"seed": seed, "form": form, "promise": form.instance})


@may_change_seeds
def _save(request: HttpRequest, seed: Seed, form: PromiseForm) -> HttpResponse:
    if not form.is_valid():
        return (_one if form.instance.pk else _list)(request, seed, form)
    row = form.save(commit=False)
    if row.pk is None and request.user.is_authenticated:
        row.owner = request.user
    promises.save(row, form.cleaned_data["channels"], request.user, timezone.now())
    messages.success(request, "Saved. It is checked at its next deadline.")
    return redirect("seed-promises", seed.pk)


@require_POST
@may_change_seeds
def delete(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """End one; what it held is held no more."""
    promises.delete(_promise(pk, number), request.user)
    messages.success(request, "This is promised no more.")
    return redirect("seed-promises", pk)


def _promise(pk: int, number: int) -> Promise:
    seed = get_object_or_404(Seed.objects.alive(), pk=pk)
    return get_object_or_404(Promise.objects.select_related("seed"), pk=number, seed=seed)
