"""What the readers of HTML and of XML share, as both use trees of lxml."""

from __future__ import annotations

from lxml import etree


def parse(text: str, parser: etree.HTMLParser | etree.XMLParser) -> etree._Element | None:
    """The tree of a text, by a parser for UTF-8; None when there is nothing in it that can be read."""
    try:
        return etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        return None


def rel_of(element: etree._Element) -> list[str]:
    """The words of the ``rel`` of a link, in lower case."""
    rel = element.get("rel")
    return rel.lower().split() if rel else []
