"""Leaving a part of a site out of a run while it goes, after a page that says what that would skip."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from crawler.rules.patterns import MAX_PATTERN
from djsite.browse.roles import may_change_seeds
from djsite.desk.read.runs import all_runs
from djsite.desk.steering import leaving_out
from djsite.desk.steering.leaving_out import Refused


@require_http_methods(["GET", "HEAD", "POST"])
@may_change_seeds
def leave_out(request: HttpRequest, pk: int) -> HttpResponse:
    """Say how many waiting addresses a pattern matches; a post leaves them out."""
    run = get_object_or_404(all_runs(), pk=pk)
    given = request.POST if request.method == "POST" else request.GET
    pattern = given.get("pattern", "")[: MAX_PATTERN + 1]
    context = {"run": run, "pattern": pattern, "folders": leaving_out.folders(run)}
    try:
        if request.method == "POST":
            sentence = leaving_out.leave_out(run, pattern, timezone.now(), request.user)
            messages.success(request, sentence)
            return redirect("run", pk)
        if pattern:
            context["preview"] = leaving_out.preview(run, pattern)
    except Refused as error:
        context["refused"] = str(error)
    return render(request, "browse/leave_out.html", context)
