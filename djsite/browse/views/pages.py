"""Pages: the list, one page over time, one of its versions, and that version's body as a download."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from catalog.models import Page, Snapshot
from djsite.browse.forms import PageFilter
from djsite.browse.roles import may_download, may_look
from djsite.desk import queries
from djsite.desk.keyset import cut
from pipelines import archive

VERSIONS = 20
VISITS = 20
OUTLINKS = 200


@require_safe
@may_look
def page_list(request: HttpRequest) -> HttpResponse:
    """Pages of all seeds or of one, filtered, changed or fetched last."""
    form = PageFilter(request.GET)
    asked, now = form.values(), timezone.now()
    search = form.search(now)
    pages = form.narrowed(queries.pages(asked.get("seed")), now)
    part = cut(pages, request.GET.get("after", ""), order=form.order, search=search)
    download = urlencode({"seed": asked["seed"]} if "seed" in asked else {})
    context = {"form": form, "slice": part, "whole": search is None, "download": download}
    return render(request, "browse/page_list.html", context)


@require_safe
@may_look
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """One page: its versions with what changed in their fields, and its visits."""
    found = get_object_or_404(queries.one_page(), pk=pk)
    part = cut(queries.versions(found), request.GET.get("after", ""), size=VERSIONS)
    rows = _compared(found, part.rows, bool(part.following))
    visits = found.visits.select_related("run").order_by("-id")[:VISITS]
    context = {
        "page": found,
        "slice": part,
        "versions": rows,
        "fields": [cell.name for cell in rows[0].cells] if rows else [],
        "visits": visits,
    }
    return render(request, "browse/page.html", context)


def _compared(found: Page, shown: list[Snapshot], more: bool) -> list[queries.VersionRow]:
    """The versions shown, the last one compared to the next that is not."""
    beyond = list(queries.versions(found).filter(pk__lt=shown[-1].pk).order_by("-id")[:1]) if more else []
    return queries.compare([*shown, *beyond])[: len(shown)]


@require_safe
@may_look
def version(request: HttpRequest, pk: int) -> HttpResponse:
    """One version: fields beside those of the version before, text, links."""
    found = _version(pk)
    siblings = queries.versions(found.page)
    before = siblings.filter(pk__lt=pk).order_by("-id").first()
    after = siblings.filter(pk__gt=pk).order_by("id").first()
    row = queries.compare([found, before] if before else [found])[0]
    outlinks = found.outlinks
    context = {
        "version": found,
        "page": found.page,
        "before": before,
        "after": after,
        "cells": row.cells,
        "text": found.text,
        "outlinks": outlinks[:OUTLINKS],
        "outlink_count": len(outlinks),
    }
    return render(request, "browse/version.html", context)


@require_safe
@may_download
def raw(request: HttpRequest, pk: int) -> HttpResponse:
    """The body as it was, for saving only: no browser may run what a crawled page holds."""
    found = _version(pk)
    try:
        body = archive.read_record_body(found.batch.folder, found.offset, found.length)
    except archive.ArchiveError as error:
        return render(request, "browse/missing_body.html", {"version": found, "error": error}, status=404)
    headers = {
        "Content-Disposition": f'attachment; filename="version-{pk}.bin"',
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(body, content_type="application/octet-stream", headers=headers)


def _version(pk: int) -> Snapshot:
    versions = Snapshot.objects.filter(page__seed__deleted_at=None)
    versions = versions.select_related("page__seed", "run", "batch").prefetch_related(queries.RECORDS)
    return get_object_or_404(versions, pk=pk)
