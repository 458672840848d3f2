"""What a search found, for templates."""

from __future__ import annotations

from collections.abc import Iterable

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from djsite.desk.search.searching import Piece
from djsite.desk.shown import shown

register = template.Library()


@register.filter
def pieces(parts: Iterable[Piece]) -> SafeString:
    """A text in parts; what was looked for is marked, and all of it is text."""
    return format_html_join("", "{}", ((_piece(part),) for part in parts))


def _piece(part: Piece) -> str:
    return format_html("<mark>{}</mark>", shown(part.text)) if part.matched else shown(part.text)
