"""Downloads that stream, and files made in the background."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from djsite.browse.roles import may_download


def export_list(request: HttpRequest) -> HttpResponse:
    return render(request, "browse/export_list.html", {})


def export_file(request: HttpRequest, pk: int) -> HttpResponse:
    return redirect("exports")


def download(request: HttpRequest, kind: str, format: str) -> HttpResponse:
    return redirect("exports")
