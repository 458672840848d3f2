"""Search in titles and texts of all pages."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from djsite.browse.roles import may_look
from djsite.browse.search.forms import SearchFilter
from djsite.desk.search.searching import progress, search
from djsite.desk.search.words import SYNTAX, count_words, progress_words


@require_safe
@may_look
def search_pages(request: HttpRequest) -> HttpResponse:
    """What was found for the words in the address; without words, how to write them."""
    form, now = SearchFilter(request.GET), timezone.now()
    asked, problems = form.wanted(now)
    hits = search(asked, now, request.GET.get("after", ""))
    context = {
        "form": form,
        "asked": asked,
        "problems": problems,
        "hits": hits,
        "count": count_words(hits),
        "progress": progress_words(progress()),
        "syntax": SYNTAX,
        "first": not request.GET.get("after"),
    }
    return render(request, "browse/search.html", context)
