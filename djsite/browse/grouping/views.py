"""Groups of seeds: the list, one group with its seeds and what it gives, and its buttons."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST

from catalog.models import SeedGroup
from djsite.browse.boxes.keys import key_of
from djsite.browse.grouping.forms import GroupForm
from djsite.browse.roles import may_change_seeds, may_look
from djsite.desk.bulk.undoing import undoable
from djsite.desk.grouping import groups, settings


@require_http_methods(["GET", "HEAD", "POST"])
@may_look
def group_list(request: HttpRequest) -> HttpResponse:
    """All groups; a post makes one."""
    form = GroupForm(request.POST or None)
    if request.method == "POST":
        return _made(request, form)
    return _list(request, form)


def _list(request: HttpRequest, form: GroupForm) -> HttpResponse:
    counted = SeedGroup.objects.annotate(count=Count("seeds", filter=Q(seeds__deleted_at=None)))
    rows = [(group, [settings.LABELS[name] for name in settings.given(group.settings)]) for group in counted]
    return render(request, "browse/group_list.html", {"rows": rows, "form": form})


@may_change_seeds
def _made(request: HttpRequest, form: GroupForm) -> HttpResponse:
    if not form.is_valid():
        return _list(request, form)
    groups.write(form.save(commit=False), timezone.now(), request.user)
    messages.success(request, "The group is made. Tick seeds in the list to bring them into it.")
    return redirect("seed-groups")


@require_http_methods(["GET", "HEAD", "POST"])
@may_look
def group(request: HttpRequest, pk: int) -> HttpResponse:
    """What a group gives, and its seeds; a post changes it."""
    row = get_object_or_404(SeedGroup, pk=pk)
    form = GroupForm(request.POST or None, instance=row)
    if request.method == "POST":
        return _changed(request, row, form)
    return render(request, "browse/group.html", _context(row, form))


def _context(row: SeedGroup, form: GroupForm) -> dict[str, object]:
    return {"group": row, "form": form, "members": groups.members(row)}


@may_change_seeds
def _changed(request: HttpRequest, row: SeedGroup, form: GroupForm) -> HttpResponse:
    if not form.is_valid():
        return render(request, "browse/group.html", _context(row, form))
    bulk = groups.write(form.save(commit=False), timezone.now(), request.user)
    if undoable(bulk, timezone.now()):
        return redirect(f"{reverse('seeds')}?{urlencode({'bulk': bulk})}")
    messages.success(request, "The group is saved. No seed changed by it.")
    return redirect("seed-group", row.pk)


@require_POST
@may_change_seeds
def take_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Have one of its seeds take all that the group gives."""
    row = get_object_or_404(SeedGroup, pk=pk)
    seed = get_object_or_404(row.seeds.filter(deleted_at=None), pk=key_of(request.POST.get("seed")))
    groups.take_again(row, seed, timezone.now(), request.user)
    messages.success(request, f"{seed.name} takes all settings of {row.name}.")
    return redirect("seed-group", pk)


@require_POST
@may_change_seeds
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a group; its seeds stay as they are."""
    row = get_object_or_404(SeedGroup, pk=pk)
    groups.delete(row, timezone.now(), request.user)
    messages.success(request, f"The group {row.name} is deleted. Its seeds stay as they are.")
    return redirect("seed-groups")
