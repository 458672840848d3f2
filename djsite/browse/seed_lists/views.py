"""The page of a list of addresses: given, shown as what it holds, and saved by a second form."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from crawler.seeds.address_lists.checked import AddressList
from djsite.browse.roles import may_change_seeds
from djsite.browse.seed_lists.forms import ListForm, MakeForm
from djsite.desk.seed_files.addresses import make, sort

SHOWN = 50  # addresses of a kind


@require_http_methods(["GET", "HEAD", "POST"])
@may_change_seeds
def import_list(request: HttpRequest) -> HttpResponse:
    """A list, a preview of it, and the seeds made of it."""
    if request.method == "POST" and "addresses" in request.POST:
        return _save(request, MakeForm(request.POST))
    form = ListForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        return _preview(request, form.cleaned_data["listed"], form.name)
    return render(request, "browse/seed_import.html", {"form": form})


def _preview(request: HttpRequest, listed: AddressList, name: str) -> HttpResponse:
    parted = sort(listed)
    form = MakeForm(initial={"addresses": "\n".join(parted.new), "name": name, "each": ""})
    context = {"listed": listed, "parted": parted, "form": form, "most": SHOWN}
    return render(request, "browse/seed_import_preview.html", context)


def _save(request: HttpRequest, form: MakeForm) -> HttpResponse:
    if not form.is_valid():
        return render(request, "browse/seed_import_preview.html", {"form": form})
    try:
        # addresses that have become known since are left out
        made = make(sort(form.cleaned_data["addresses"]).new, form.wish, timezone.now(), request.user)
    except ValueError as error:
        form.add_error(None, str(error))
        return render(request, "browse/seed_import_preview.html", {"form": form})
    if len(made) == 1:
        messages.success(request, f"The seed {made[0].name} was made.")
        return redirect("seed", made[0].pk)
    messages.success(request, f"{len(made):,} seeds were made.")
    return redirect("seeds")
