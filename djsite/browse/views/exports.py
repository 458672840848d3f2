"""Downloads that stream, and files made in the background for what is too large to wait for."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import slugify
from django.views.decorators.http import require_http_methods, require_safe

from catalog.models import Export, Run, Seed
from djsite.browse.forms import ExportForm
from djsite.browse.roles import may_download, may_look
from djsite.desk import queries
from djsite.desk.keyset import cut
from pipelines import archive
from pipelines.export import Rows, blocks, page_rows, record_rows
from scheduler import dispatch

TYPES = {"jsonl": "application/x-ndjson; charset=utf-8", "csv": "text/csv; charset=utf-8"}


@require_safe
@may_download
def download(request: HttpRequest, kind: str, format: str) -> StreamingHttpResponse:
    """Pages or records of a run, of a seed or of all seeds, streamed while they are read."""
    if kind not in Export.Kind or format not in TYPES:
        raise Http404
    seed, run = _asked(request)
    rows = _rows(kind, seed, run, every_outcome=bool(request.GET.get("all")))
    response = StreamingHttpResponse(blocks(rows, format), content_type=TYPES[format])
    response["Content-Disposition"] = f'attachment; filename="{_name(kind, seed, run)}.{format}"'
    return response


def _asked(request: HttpRequest) -> tuple[Seed | None, Run | None]:
    """The run and the seed of the address line; 404 for one that does not exist, rather than everything."""
    seed, run = request.GET.get("seed"), request.GET.get("run")
    if not (seed or "0").isdecimal() or not (run or "0").isdecimal():
        raise Http404
    return (
        get_object_or_404(Seed.objects.alive(), pk=int(seed)) if seed else None,
        get_object_or_404(queries.runs(), pk=int(run)) if run else None,
    )


def _rows(kind: str, seed: Seed | None, run: Run | None, *, every_outcome: bool) -> Rows:
    if kind == Export.Kind.RECORDS:
        return record_rows(seed, run)
    return page_rows(seed, run, every_outcome=every_outcome)


def _name(kind: str, seed: Seed | None, run: Run | None) -> str:
    """A file name made by us: nothing of a seed's name but letters, digits and hyphens."""
    if run:
        return f"{kind}-run-{run.pk}"
    return f"{kind}-{slugify(seed.name)[:60] or seed.pk}" if seed else f"{kind}-all"


@require_http_methods(["GET", "HEAD", "POST"])
@may_look
def export_list(request: HttpRequest) -> HttpResponse:
    """Files that were asked for, and a form to ask for one."""
    form = ExportForm(request.POST or None)
    if request.method == "POST":
        return _ask(request, form)
    part = cut(queries.exports(), request.GET.get("after", ""), size=25)
    busy = any(export.state == Export.State.WAITING for export in part.rows)
    return _list(request, {"form": form, "slice": part, "busy": busy})


def _list(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    return render(request, "browse/export_list.html", context | {"kept": settings.EXPORT_RETENTION_DAYS})


@may_download
def _ask(request: HttpRequest, form: ExportForm) -> HttpResponse:
    if not form.is_valid():
        return _list(request, {"form": form, "slice": cut(queries.exports())})
    form.instance.created_by = request.user
    dispatch.make_export(form.save())
    messages.success(request, "The file is being made. It appears below as soon as it is ready.")
    return redirect("exports")


@require_safe
@may_download
def export_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A file that is ready."""
    export = get_object_or_404(queries.exports().filter(state=Export.State.DONE), pk=pk)
    try:
        file = archive.storage().open(export.key, "rb")
    except OSError as error:
        raise Http404(f"{export.key} is not in the archive") from error
    name = f"{_name(export.kind, export.seed, export.run)}-{export.pk}{PurePosixPath(export.key).suffix}"
    return FileResponse(file, as_attachment=True, filename=name, content_type=TYPES[export.format])
