"""Downloads that stream, and files made in the background for what is too large to wait for."""

from __future__ import annotations

from itertools import chain
from pathlib import PurePosixPath
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import slugify
from django.views.decorators.http import require_http_methods, require_safe

from catalog.formats import FORMATS
from catalog.models import Export, Run, Seed
from djsite.browse.downloads import few_at_a_time, send_file
from djsite.browse.forms import ExportForm
from djsite.browse.roles import may_download, may_look
from djsite.desk import exports
from djsite.desk.read.exports import list_exports
from djsite.desk.read.keyset import cut
from djsite.desk.read.runs import list_runs

BYTE_ORDER_MARK = "\ufeff"  # by it Excel knows UTF-8; it would be part of the first name to others


@require_safe
@may_download
@few_at_a_time
def download(request: HttpRequest, kind: str, format: str) -> StreamingHttpResponse:
    """Pages or records of a run, of a seed or of all seeds, streamed while they are read."""
    if kind not in Export.Kind or format not in FORMATS:
        raise Http404
    seed, run = _chosen(request)
    rows = exports.rows_of(kind, seed, run, every_outcome=bool(request.GET.get("all")))
    blocks = exports.blocks(rows, format)
    if format == "csv" and request.GET.get("excel"):
        blocks = chain([BYTE_ORDER_MARK], blocks)
    response = StreamingHttpResponse(blocks, content_type=FORMATS[format].media_type)
    response["Content-Disposition"] = f'attachment; filename="{_name(kind, seed, run)}.{format}"'
    return response


def _chosen(request: HttpRequest) -> tuple[Seed | None, Run | None]:
    """The run and the seed of the address line; 404 for one that does not exist, rather than everything."""
    seed, run = request.GET.get("seed"), request.GET.get("run")
    if not (seed or "0").isdecimal() or not (run or "0").isdecimal():
        raise Http404
    return (
        get_object_or_404(Seed.objects.alive(), pk=int(seed)) if seed else None,
        get_object_or_404(list_runs(), pk=int(run)) if run else None,
    )


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
    part = cut(list_exports(), request.GET.get("after", ""), size=25)
    busy = any(export.state == Export.State.WAITING for export in part.rows)
    return _list(request, {"form": form, "slice": part, "busy": busy})


def _list(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    return render(request, "browse/export_list.html", context | {"kept": settings.EXPORT_RETENTION_DAYS})


@may_download
def _ask(request: HttpRequest, form: ExportForm) -> HttpResponse:
    if not form.is_valid():
        return _list(request, {"form": form, "slice": cut(list_exports())})
    assert request.user.is_authenticated, "every role has a login"
    exports.ask(form.save(commit=False), request.user)
    messages.success(request, "The file is being made. It appears below as soon as it is ready.")
    return redirect("exports")


@require_safe
@may_download
@few_at_a_time
def export_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A file that is ready."""
    export = get_object_or_404(list_exports().filter(state=Export.State.DONE), pk=pk)
    try:
        file = exports.open_file(export)
    except OSError as error:
        raise Http404(f"{export.key} is not in the archive") from error
    name = f"{_name(export.kind, export.seed, export.run)}-{export.pk}{PurePosixPath(export.key).suffix}"
    media_type = FORMATS[export.format].media_type
    return send_file(request, file, file.size, name=name, media_type=media_type)
