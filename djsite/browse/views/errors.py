"""The pages for errors 403 and 404."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: logged in, without the role."""
    heading = "Not for your account"
    if request.user.has_perm("catalog.view_seed"):
        advice = "Your role does not include this. Whoever runs this Crawlbeat can change that."
    else:
        advice = (
            "Your account has no role yet. Whoever runs this Crawlbeat can give it one: viewer or operator."
        )
    return render(request, "browse/error.html", {"heading": heading, "advice": advice}, status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404."""
    context = {
        "heading": "Nothing here",
        "advice": "It may have been deleted, or pruned after its retention.",
    }
    return render(request, "browse/error.html", context, status=404)
