"""An answer with a verdict: the evidence, its source, and what people decide about it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from catalog.models import JudgedAnswer, Page, Seed, Visit
from crawler.reading.encoding import decode
from crawler.reading.verdicts import kinds
from djsite.browse.boxes.keys import key_of
from djsite.browse.roles import may_change_seeds, may_look
from djsite.desk import recrawls
from djsite.desk.read.pages import BodyMissing, body_of
from djsite.desk.shown import TEXT
from djsite.desk.verdicts import overruling


@require_safe
@may_look
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """What was answered instead of a page, as source and never as a page."""
    visit = _visit(pk)
    seed = visit.run.seed
    context: dict[str, Any] = {
        "visit": visit,
        "seed": seed,
        "page": Page.objects.filter(seed=seed, fingerprint=visit.fingerprint).first(),
        "overruled": overruling.standing(seed, [visit.url], visit.reason or ""),
        "places": overruling.choices(visit),
        "most": TEXT,
    }
    return render(request, "browse/answer.html", context | _source(visit))


@require_POST
@may_change_seeds
def overrule(request: HttpRequest, pk: int) -> HttpResponse:
    """This is a real page: the verdict counts no longer there, and the page is fetched again."""
    visit, place = _visit(pk), request.POST.get("place", overruling.PAGE)
    try:
        line = overruling.line_for(visit, place if place in overruling.PLACES else overruling.PAGE)
    except ValueError as error:
        messages.error(request, str(error))
        return redirect("visit-answer", pk)
    overruling.overrule(visit.run.seed, line, request.user)
    if not request.user.has_perm("catalog.add_run"):
        messages.success(request, "The verdict is overruled. The next run stores the page.")
        return redirect("visit-answer", pk)
    recrawl = recrawls.recrawl_urls([visit.url], timezone.now(), visit.run.seed)
    if not recrawl.ordered:
        messages.success(request, "The verdict is overruled for what the next runs find.")
        return redirect("visit-answer", pk)
    messages.success(request, "The verdict is overruled. The page is being fetched again now.")
    return redirect("run", recrawl.ordered[0].run.pk)


@require_POST
@may_change_seeds
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a verdict of a seed count again. What was stored meanwhile stays."""
    seed = get_object_or_404(Seed.objects.alive(), pk=pk)
    line = request.POST.get("line", "")
    if overruling.take_back(seed, line, request.user):
        messages.success(request, "The verdict counts again from the next run on. Stored versions stay.")
    else:
        messages.warning(request, "That verdict was not overruled any more.")
    if page := Page.objects.filter(seed=seed, pk=key_of(request.POST.get("page"))).first():
        return redirect("page", page.pk)
    if visit := Visit.objects.filter(run__seed=seed, pk=key_of(request.POST.get("visit"))).first():
        return redirect("visit-answer", visit.pk)
    return redirect("seed", seed.pk)


def _visit(pk: int) -> Visit:
    """A visit that ended with a verdict, of a seed that is there."""
    visits = Visit.objects.filter(run__seed__deleted_at=None, reason__in=kinds())
    return get_object_or_404(visits.select_related("run__seed", "host"), pk=pk)


def _source(visit: Visit) -> dict[str, Any]:
    """The source of the answer, or a sentence that says why it is not there."""
    kept = JudgedAnswer.objects.select_related("batch").filter(visit=visit).first()
    if kept is None:
        return {"missing": "This visit was made before answers with a verdict were kept."}
    try:
        return {"kept": kept, "source": decode(body_of(kept), visit.content_type)[0]}
    except BodyMissing as error:
        return {"kept": kept, "missing": str(error)}
