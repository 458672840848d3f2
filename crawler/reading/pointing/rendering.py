"""A page in a safe rendering: elements and attributes of our own choice, and nothing that could act or load.

Nothing of the page is copied but its texts, escaped, and the names of a few tags. Its links, pictures, frames
and forms become texts; styles, scripts and all attributes are left out. Each text is a link of ours to
``../point/?at=NUMBER``, where the number is that of its element in document order. So a click, or Tab and
Enter, says which element is meant, and no script has to run beside the page.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from html import escape

import msgspec
import turbohtml
from turbohtml import Element, Text

from crawler.reading.text import fold, storable

TEXTS = 5_000  # that are shown
LENGTH = 300  # characters of one text
DEPTH = 100  # levels of elements
# fmt: off
_BLOCKS = frozenset((
    "address", "article", "aside", "blockquote", "caption", "dd", "details", "div", "dl", "dt", "figcaption",
    "figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "li", "main", "nav", "ol", "p", "pre",
    "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
))
_INLINE = frozenset((
    "abbr", "b", "cite", "code", "del", "em", "i", "ins", "mark", "q", "s", "small", "strong", "sub", "sup",
    "time", "u",
))
_VOID = frozenset(("br", "hr"))
_UNSEEN = frozenset((
    "head", "script", "style", "template", "noscript", "title", "meta", "link", "base", "svg", "math",
))
# fmt: on
_PICTURES = frozenset(("img", "picture", "video", "audio", "canvas", "iframe", "object", "embed", "input"))
_STYLE = """
:root{color-scheme:light}body{margin:12px;font:15px/1.5 system-ui,sans-serif;color:#222;background:#fff;
overflow-wrap:anywhere}a{color:inherit;text-decoration:none}a:hover,a:focus-visible{background:#fde68a;
outline:2px solid #b45309}ul,ol{padding-left:20px}table{border-collapse:collapse}td,th{border:1px solid #ddd;
padding:3px 8px;text-align:left;vertical-align:top}.box{display:inline-block;padding:2px 8px;border:1px dashed
#999;color:#555;font-size:13px}.item{outline:2px solid #60a5fa;outline-offset:1px}.field{background:#bbf7d0}
.at{outline:3px solid #b45309;background:#fef3c7}dd{margin-left:20px}
"""


class Marks(msgspec.Struct, frozen=True):
    """Elements that are shown with a mark."""

    items: Collection[Element] = ()
    fields: Collection[Element] = ()
    at: Element | None = None


def numbered(tree: turbohtml.Document) -> list[Element]:
    """The elements of a document in document order: the position of one is its number."""
    return [tree.root, *tree.root.find_all()] if tree.root is not None else []


def render(elements: list[Element], marks: Marks) -> str:
    """The HTML of a page of the site that shows a stranger's page."""
    writer = _Writer({element: number for number, element in enumerate(elements)}, marks)
    body = "".join(writer.element(elements[0], 0)) if elements else ""
    cut = f"<p class=box>Only the first {TEXTS:,} texts are shown.</p>" if writer.texts > TEXTS else ""
    return (
        f'<!doctype html><html><head><meta charset="utf-8"><title>Page</title><style>{_STYLE}</style></head>'
        f"<body>{body}{cut}</body></html>"
    )


class _Writer:
    """Writes the elements of one page."""

    def __init__(self, numbers: Mapping[Element, int], marks: Marks) -> None:
        self._numbers = numbers
        self._marks = marks
        self.texts = 0

    def element(self, element: Element, depth: int) -> Iterator[str]:
        """An element and what is in it; what cannot be shown is a box or left out."""
        if element.tag in _UNSEEN or depth > DEPTH or self.texts > TEXTS:
            return
        if element.tag in _VOID:
            yield f"<{element.tag}>"
        elif element.tag in _PICTURES and not element.find_all():
            yield self._link(element, _named(element), "box")
        else:
            tag = element.tag if element.tag in _BLOCKS or element.tag in _INLINE else _other(element)
            yield f'<{tag} id="e{self._numbers[element]}"{self._marked(element)}{_spans(element)}>'
            yield from self._children(element, depth)
            yield f"</{tag}>"

    def _children(self, element: Element, depth: int) -> Iterator[str]:
        for child in element.children:
            if isinstance(child, Element):
                yield from self.element(child, depth + 1)
            elif type(child) is Text and child.data:
                yield self._link(element, child.data, "") if child.data.strip() else " "

    def _link(self, element: Element, text: str, kind: str) -> str:
        self.texts += 1
        number = self._numbers[element]
        name = f' class="{kind}"' if kind else ""
        link = f'<a href="../point/?at={number}" target="_top"{name}>{_shown(text)}</a>'
        return f'<span id="e{number}"{self._marked(element)}>{link}</span>' if kind else link

    def _marked(self, element: Element) -> str:
        marks = self._marks
        marked = {"item": element in marks.items, "field": element in marks.fields, "at": element is marks.at}
        names = [name for name, is_marked in marked.items() if is_marked]
        return f' class="{" ".join(names)}"' if names else ""


def _other(element: Element) -> str:
    """What stands for a tag that is not copied: the body and forms are boxes, all else is within a line."""
    return "div" if element.tag in {"html", "body", "form", "fieldset", "center", "hgroup"} else "span"


def _spans(element: Element) -> str:
    """How many columns and rows a cell covers."""
    spans = ((name, element.attr(name) or "") for name in ("colspan", "rowspan"))
    if element.tag not in {"td", "th"}:
        return ""
    return "".join(f' {name}="{n}"' for name, n in spans if n.isascii() and n.isdecimal() and len(n) < 4)


def _named(element: Element) -> str:
    """The words for what is not shown: its text for those who do not see, else the name of its file."""
    alt = fold(element.attr("alt") or element.attr("title") or element.attr("aria-label") or "")
    source = element.attr("src") or ""
    file = "" if source.startswith("data:") else source.partition("?")[0].rpartition("/")[2]
    return alt or file or element.tag


def _shown(text: str) -> str:
    """A text with its spaces as they were at both ends: words must not run into each other."""
    words = fold(storable(text))
    words = words if len(words) <= LENGTH else f"{words[: LENGTH - 1]}…"
    before, after = (" " if text[at].isspace() else "" for at in (0, -1))
    return f"{before}{escape(words)}{after}"
