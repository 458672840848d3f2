"""The guide for people who use the site; everybody who has a login may read it."""

from __future__ import annotations

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from djsite.browse.guide.chapters import chapter, chapters, picture
from djsite.browse.roles import may_look


@require_safe
@may_look
def guide(request: HttpRequest) -> HttpResponse:
    """The first chapter."""
    return redirect("guide-chapter", chapters()[0].slug)


@require_safe
@may_look
def guide_chapter(request: HttpRequest, slug: str) -> HttpResponse:
    """A chapter beside the list of all."""
    if (shown := chapter(slug)) is None:
        raise Http404("The guide has no such chapter.")
    return render(request, "browse/guide.html", {"chapter": shown, "chapters": chapters()})


@require_safe
@may_look
def guide_picture(_request: HttpRequest, name: str) -> FileResponse:
    """A picture of a chapter."""
    if (path := picture(name)) is None:
        raise Http404("The guide has no such picture.")
    return FileResponse(path.open("rb"), content_type="image/png")
