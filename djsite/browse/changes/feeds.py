"""The Atom feeds of kept views: for whoever has the token, without a login."""

from __future__ import annotations

import hashlib

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from catalog.models import KeptView
from djsite.browse.changes.atom import MEDIA_TYPE, Site, atom_of
from djsite.desk.events.kept import entries_of, view_by_token

FRESH = 60  # seconds for which a feed is not made anew


@login_not_required
@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponseBase:
    """The last events of a view; 304 to who has them already, 404 for a token that is none (any more)."""
    view = view_by_token(token)
    if view is None:
        raise Http404
    key = _key(request, view)
    document = cache.get(key)
    if document is None:
        document = _document(request, view)
        cache.set(key, document, FRESH)
    tag = f'"{_digest(document)}"'
    headers = {"ETag": tag, "Cache-Control": f"private, max-age={FRESH}"}
    response = HttpResponse(document, content_type=MEDIA_TYPE, headers=headers)
    return get_conditional_response(request, etag=tag, response=response) or response


def _key(request: HttpRequest, view: KeptView) -> str:
    """A name for the document in the cache; its links are those of the address that was asked."""
    parts = (request.build_absolute_uri(request.path), view.token, view.query, view.name)
    return f"feed:{_digest(repr(parts).encode())}"


def _document(request: HttpRequest, view: KeptView) -> bytes:
    site = Site(request.build_absolute_uri("/").rstrip("/"), request.get_host())
    own = request.build_absolute_uri(reverse("feed", args=[view.token]))
    home = request.build_absolute_uri(f"{reverse('changes')}?{view.query}")
    return atom_of(view, entries_of(view, timezone.now()), site, own, home)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]
