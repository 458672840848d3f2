"""Outlets: data of a seed that go out by themselves."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router
from ninja.responses import Status

from catalog.models import Outlet
from djsite.api.callers import may_change_seeds, may_look, user_of
from djsite.api.nouns.out.shapes import Change, OutletList, OutletShape, Part, Wanted
from djsite.api.paging import Id, Parts, cut_part, next_cursor
from djsite.api.problems import FieldProblem, Problem, refused
from djsite.api.rows import named_seed, row_of
from djsite.desk.access import receivers
from djsite.desk.outlets import reading, saving

router = Router()


@router.get("", response=OutletList, auth=may_look, operation_id="list_outlets")
def list_of(request: HttpRequest, part: Parts) -> OutletList:
    """All outlets by name."""
    found = cut_part(reading.list_outlets(), part, order="name")
    items = [OutletShape.of(row) for row in found.rows]
    return OutletList(items=items, next_cursor=next_cursor(found, "name"))


@router.get("/{int:pk}", response=OutletShape, auth=may_look, operation_id="get_outlet")
def one(request: HttpRequest, pk: Id) -> OutletShape:
    """One outlet."""
    return OutletShape.of(row_of(reading.list_outlets(), pk))


@router.post("", response={201: OutletShape}, auth=may_change_seeds, operation_id="make_outlet")
def make(request: HttpRequest, wanted: Wanted) -> Status[OutletShape]:
    """Have data go out by themselves. Nothing is sent by this: its times do, a run, or ``/send``."""
    outlet = Outlet(place=wanted.place)
    _write(request, outlet, wanted, set(Change.model_fields))
    return Status(201, OutletShape.of(row_of(reading.list_outlets(), outlet.pk)))


@router.patch("/{int:pk}", response=OutletShape, auth=may_change_seeds, operation_id="change_outlet")
def change(request: HttpRequest, pk: Id, wanted: Part) -> OutletShape:
    """Change the settings that the body has; ``options`` are replaced whole."""
    outlet = row_of(reading.list_outlets(), pk)
    if not receivers.may_change(user_of(request), outlet):
        raise Problem(403, "Only staff change what may be sent into private networks.")
    _write(request, outlet, wanted, wanted.model_fields_set)
    return OutletShape.of(row_of(reading.list_outlets(), pk))


@router.delete("/{int:pk}", response={204: None}, auth=may_change_seeds, operation_id="delete_outlet")
def delete(request: HttpRequest, pk: Id) -> HttpResponse:
    """Delete an outlet and its log; what has arrived stays where it is."""
    outlet = row_of(reading.list_outlets(), pk)
    if not receivers.may_change(user_of(request), outlet):
        raise Problem(403, "Only staff change what may be sent into private networks.")
    saving.remove(outlet, user_of(request))
    return HttpResponse(status=204)


@router.post("/{int:pk}/enable", response=OutletShape, auth=may_change_seeds, operation_id="enable_outlet")
def enable(request: HttpRequest, pk: Id) -> OutletShape:
    """Let it go on."""
    return _switch(request, pk, True)


@router.post("/{int:pk}/pause", response=OutletShape, auth=may_change_seeds, operation_id="pause_outlet")
def pause(request: HttpRequest, pk: Id) -> OutletShape:
    """Send nothing until it goes on."""
    return _switch(request, pk, False)


def _write(request: HttpRequest, outlet: Outlet, wanted: Change, names: set[str]) -> None:
    """Put what a body says into an outlet. Raises Problem for what is wrong, by field."""
    for name in names - {"seed", "secret"}:
        setattr(outlet, name, getattr(wanted, name))
    if "seed" in names and wanted.seed is not None:
        outlet.seed = named_seed(wanted.seed)
    if not outlet.name:
        outlet.name = saving.free_name(outlet)
    problems = saving.check(outlet, wanted.secret, timezone.now())
    if problems:
        raise refused(FieldProblem(name, f"{name}: {sentence}") for name, sentence in problems.items())
    saving.save(outlet, wanted.secret, timezone.now(), user_of(request))


def _switch(request: HttpRequest, pk: int, enabled: bool) -> OutletShape:
    saving.switch(row_of(reading.list_outlets(), pk), enabled, timezone.now(), user_of(request))
    return OutletShape.of(row_of(reading.list_outlets(), pk))
