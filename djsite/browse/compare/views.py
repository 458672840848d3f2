"""Two versions of a page, compared by words; and by lines of their source where that is asked for."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from djsite.browse.downloads import few_at_a_time
from djsite.browse.roles import may_download, may_look
from djsite.browse.views.trying.trials import is_late
from djsite.desk.compare import without_noise
from djsite.desk.compare.versions import LINKS, Comparison, choices, compared
from djsite.desk.read.pages import BodyMissing, whole_pages

VIEWS = ("side", "inline")


@require_safe
@may_look
def page_compare(request: HttpRequest, pk: int) -> HttpResponse:
    """What changed between two versions: title, fields, text and links."""
    page = get_object_or_404(whole_pages(), pk=pk)
    comparison = compared(page, _number(request, "from"), _number(request, "to"))
    context: dict[str, Any] = {"page": page, "comparison": comparison}
    if comparison is None:
        if "from" in request.GET or "to" in request.GET:
            raise Http404
        return render(request, "browse/page_compare.html", context)
    gone, new = comparison.links
    context |= _differences(request, comparison)
    context |= {
        "view": request.GET["view"] if request.GET.get("view") in VIEWS else "",
        "choices": choices(page, comparison),
        "links": [("Links that are gone", gone[:LINKS], len(gone)), ("New links", new[:LINKS], len(new))],
    }
    return render(request, "browse/page_compare.html", context)


def _differences(request: HttpRequest, comparison: Comparison) -> dict[str, Any]:
    """Of text and title: as they are, or without noise, where a worker was asked for that."""
    key = request.GET.get("without_noise")
    if not key:
        return {"text": comparison.text, "title": comparison.title}
    try:
        answer = without_noise.answer(comparison, key[:100])
    except LookupError as error:
        return {"without_noise": key, "problem": str(error.args[0])}
    if answer is None:
        return {"without_noise": key, "waiting": True, "late": is_late(request)}
    return {"without_noise": key, "problem": answer.problem, "text": answer.text, "title": answer.title}


@require_POST
@may_download
def ask_without_noise(request: HttpRequest, pk: int) -> HttpResponse:
    """Have two versions compared without noise; the page waits for it."""
    page = get_object_or_404(whole_pages(), pk=pk)
    comparison = compared(page, _number(request, "from"), _number(request, "to"))
    if comparison is None:
        raise Http404
    query: dict[str, Any] = {"from": comparison.before.pk, "to": comparison.after.pk}
    if (key := without_noise.ask(comparison)) is None:
        messages.error(request, "No worker can be asked now: Redis does not answer. Try again in a moment.")
    else:
        query |= {"without_noise": key, "since": int(time.time())}
    return redirect(f"{reverse('page-compare', args=[pk])}?{urlencode(query)}")


@require_safe
@may_download
@few_at_a_time
def page_compare_source(request: HttpRequest, pk: int) -> HttpResponse:
    """The source of both bodies as they were, by lines."""
    page = get_object_or_404(whole_pages(), pk=pk)
    comparison = compared(page, _number(request, "from"), _number(request, "to"))
    if comparison is None:
        raise Http404
    context = {"page": page, "comparison": comparison} | _source(comparison)
    return render(request, "browse/page_compare_source.html", context)


def _source(comparison: Comparison) -> dict[str, Any]:
    try:
        return {"source": comparison.source()}
    except BodyMissing as error:
        return {"missing": str(error)}


def _number(request: HttpRequest, name: str) -> int | None:
    """The id of a version in the address line; 404 for what is none."""
    text = request.GET.get(name)
    if text is None:
        return None
    if not text.isascii() or not text.isdecimal() or len(text) > 18:
        raise Http404
    return int(text)
