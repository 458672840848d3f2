"""Pages: the list, one page over time, one of its versions, and that version's body as a download."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from catalog.formats import ROW_FORMATS, ending
from djsite.browse.downloads import few_at_a_time, send_rows
from djsite.browse.forms import MomentFilter, PageFilter
from djsite.browse.roles import may_download, may_look
from djsite.desk.known.showing import known_among
from djsite.desk.pages.table import page_list_rows
from djsite.desk.read.history import compare, compare_slice, field_names, fields_of, records_of, versions_of
from djsite.desk.read.keyset import cut
from djsite.desk.read.pages import (
    BodyMissing,
    body_name,
    body_of,
    visits_of,
    whole_pages,
    whole_versions,
)
from djsite.desk.shown import TEXT
from djsite.desk.verdicts.overruling import standing

VERSIONS = 20
KEPT_BY_ALL = 3  # versions of a page that every seed keeps
VISITS = 20
OUTLINKS = 200
RECORDS = 50


@require_safe
@may_look
def page_list(request: HttpRequest) -> HttpResponse:
    """Pages of all seeds or of one, filtered, changed or fetched last."""
    form = PageFilter(request.GET)
    asked = form.asked()
    rows, search, is_address = asked.found(timezone.now())
    part = cut(rows, request.GET.get("after", ""), order=asked.order, search=search)
    whole = search is None and not is_address
    download = urlencode({"seed": asked.seed} if asked.seed else {})
    context = {"form": form, "slice": part, "whole": whole, "download": download}
    return render(request, "browse/page_list.html", context | {"filters": urlencode(form.values())})


@require_safe
@may_download
@few_at_a_time
def page_file(request: HttpRequest, format: str) -> HttpResponseBase:
    """The list that the address asks for, all of it, streamed while it is read."""
    if format not in ROW_FORMATS:
        raise Http404
    asked = PageFilter(request.GET).asked()
    pages, search, _ = asked.found(timezone.now())
    rows = page_list_rows(pages, asked.order, search)
    return send_rows(request, rows, format, name=f"pages-chosen.{ending(format)}")


@require_safe
@may_look
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """One page: its versions with what changed in their fields, and its visits."""
    page = get_object_or_404(whole_pages(), pk=pk)
    form = MomentFilter(request.GET)
    moment = form.values().get("as_of")
    part = cut(versions_of(page, moment), request.GET.get("after", ""), size=VERSIONS)
    rows = compare_slice(page, part)
    visits = visits_of(page, VISITS)
    context = {
        "page": page,
        "form": form,
        "moment": moment,
        "slice": part,
        "versions": rows,
        "fields": [cell.name for cell in rows[0].cells] if rows else [],
        "visits": visits,
        "known": known_among(page.seed_id, visits[:1]).get(visits[0].pk) if visits else None,
        "kept": page.snapshots.count() if page.versions > KEPT_BY_ALL else page.versions,
        "records": page.records.order_by("collection", "position")[:RECORDS],
        "overruled": standing(page.seed, {page.url, *(visit.url for visit in visits)}),
    }
    return render(request, "browse/page.html", context)


@require_safe
@may_look
def version(request: HttpRequest, pk: int) -> HttpResponse:
    """One version: fields beside those of the version before, text, links."""
    version = get_object_or_404(whole_versions(), pk=pk)
    siblings = versions_of(version.page)
    before = siblings.filter(pk__lt=pk).order_by("-id").first()
    after = siblings.filter(pk__gt=pk).order_by("id").first()
    row = compare([version, before] if before else [version])[0]
    outlinks = version.outlinks
    context = {
        "version": version,
        "page": version.page,
        "before": before,
        "after": after,
        "cells": row.cells,
        "collections": [_table(name, records) for name, records in records_of(version).items()],
        "text": version.text,
        "text_shown": TEXT,
        "outlinks": outlinks[:OUTLINKS],
        "outlink_count": len(outlinks),
    }
    return render(request, "browse/version.html", context)


@require_safe
@may_download
@few_at_a_time
def raw(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The body as it was, for saving only: no browser may run scripts of a crawled page."""
    version = get_object_or_404(whole_versions(), pk=pk)
    try:
        body = body_of(version)
    except BodyMissing as error:
        return render(request, "browse/missing_body.html", {"version": version, "error": error}, status=404)
    headers = {
        "Content-Disposition": f'attachment; filename="{body_name(version)}"',
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
    }
    return FileResponse(io.BytesIO(body), content_type="application/octet-stream", headers=headers)


@require_safe
@may_download
@few_at_a_time
def whole(request: HttpRequest, pk: int) -> HttpResponseBase:
    """All that was read from a version, as JSON: what its page shows, without cuts."""
    version = get_object_or_404(whole_versions(), pk=pk)
    content = {
        "url": version.page.url,
        "title": version.title,
        "fields": fields_of(version),
        "records": records_of(version),
        "text": version.text,
        "links": [link.url for link in version.outlinks],
    }
    body = json.dumps(content, ensure_ascii=False, indent=2).encode("utf-8", "replace")
    return FileResponse(
        io.BytesIO(body), as_attachment=True, filename=f"version-{pk}.json", content_type="application/json"
    )


def _table(name: str, records: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The first records of a collection as rows of values in the order of its fields."""
    columns = field_names(records)
    rows = [[record.get(column, "") for column in columns] for record in records[:RECORDS]]
    return {"name": name, "count": len(records), "columns": columns, "rows": rows}
