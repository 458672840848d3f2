"""Downloads that stream, and files made in the background for what is too large to wait for."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalog.formats import COMPRESSIONS, FORMATS, ending, media_type
from catalog.kinds import KINDS, problem_with
from catalog.models import Export, Run, Seed
from djsite.browse.downloads import few_at_a_time, send_rows
from djsite.browse.forms import ExportForm
from djsite.browse.roles import may_download, may_look
from djsite.desk import exports
from djsite.desk.as_of.moments import moment_of
from djsite.desk.promises.holds import Hold, holds_on
from djsite.desk.read.exports import list_exports
from djsite.desk.read.keyset import cut
from djsite.desk.read.runs import all_runs
from djsite.desk.sending.files import send_file
from djsite.desk.sending.names import name_of, name_of_export


@require_safe
@may_download
@few_at_a_time
def download(request: HttpRequest, kind: str, format: str) -> HttpResponseBase:
    """Pages or records of a run, of a seed or of all seeds, streamed while they are read."""
    compression = request.GET.get("compress", "")
    if kind not in KINDS or format not in FORMATS or compression not in ("", *COMPRESSIONS):
        raise Http404
    seed, run = _chosen(request)
    moment, every = _moment(request), bool(request.GET.get("all"))
    asked = {"of_run": run is not None, "as_of": moment is not None, "every_outcome": every}
    if problem := problem_with(kind, format, compression, **asked):
        raise Http404(problem.sentence)
    holds = [] if moment else holds_on(seed, run)
    if holds and not request.GET.get("held"):
        return _held(request, holds)
    rows = exports.rows_of(kind, seed, run, every_outcome=every, as_of=moment)
    name = f"{name_of(kind, seed, run, moment)}.{ending(format, compression)}"
    return send_rows(request, rows, format, compression, name=name)


def _held(request: HttpRequest, holds: list[Hold]) -> HttpResponse:
    """Why nothing is sent, and the way to it all the same. 409: the data are not as was promised."""
    anyway = request.GET.copy()
    anyway["held"] = "1"
    context = {"holds": holds, "anyway": f"?{anyway.urlencode()}"}
    return render(request, "browse/held.html", context, status=409)


def _chosen(request: HttpRequest) -> tuple[Seed | None, Run | None]:
    """The run and the seed of the address line; 404 for one that does not exist, rather than everything."""
    seed, run = request.GET.get("seed"), request.GET.get("run")
    if not (seed or "0").isdecimal() or not (run or "0").isdecimal():
        raise Http404
    return (
        get_object_or_404(Seed.objects.alive(), pk=int(seed)) if seed else None,
        get_object_or_404(all_runs(), pk=int(run)) if run else None,
    )


def _moment(request: HttpRequest) -> datetime | None:
    """The moment of the address line; 404 for what is none, rather than how things are now."""
    text = request.GET.get("as_of")
    try:
        return moment_of(text, timezone.now()) if text else None
    except ValueError as error:
        raise Http404(str(error)) from error


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
    context |= {"kept": settings.EXPORT_RETENTION_DAYS, "kinds": KINDS.values()}
    return render(request, "browse/export_list.html", context)


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
    sent_as = media_type(export.format, export.compression)
    return send_file(request, file, file.size, name=name_of_export(export), media_type=sent_as)


@require_safe
@may_download
def export_manifest(request: HttpRequest, pk: int) -> HttpResponse:
    """What a file that is ready holds, as JSON."""
    export = get_object_or_404(list_exports().filter(state=Export.State.DONE), pk=pk)
    response = JsonResponse(export.manifest, json_dumps_params={"indent": 2, "ensure_ascii": False})
    response["Content-Disposition"] = f'attachment; filename="{name_of_export(export)}.manifest.json"'
    return response


@require_POST
@may_download
def export_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a file, or give it up; only who asked for it, and operators."""
    export = get_object_or_404(list_exports(), pk=pk)
    if not exports.may_delete(request.user, export):
        raise PermissionDenied
    exports.delete(export)
    messages.success(request, "The file is deleted.")
    return redirect("exports")
