"""The rows of html5lib-tests (their README describes the format), and a tree in the form that they use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from turbohtml import (
    CData,
    Comment,
    Doctype,
    Document,
    DocumentFragment,
    Element,
    Namespace,
    Node,
    ProcessingInstruction,
    Text,
)

FOLDER = Path(__file__).parent / "suites" / "html5lib-tests"
_PARTS = ("#data", "#errors", "#new-errors", "#document-fragment", "#script-on", "#script-off", "#document")
_PREFIXES = {Namespace.HTML: "", Namespace.SVG: "svg ", Namespace.MATHML: "math "}


class Row(NamedTuple):
    """A document and its tree."""

    file: str
    source: str
    tree: str


def rows() -> list[Row]:
    """All documents that are read without scripts."""
    return [row for path in sorted(FOLDER.glob("*.dat")) for row in _rows_of(path)]


def _rows_of(path: Path) -> Iterator[Row]:
    for parts in _tests(path.read_bytes().decode().split("\n")):
        if "#document-fragment" not in parts and "#script-on" not in parts:
            yield Row(path.stem, "\n".join(parts["#data"]), "\n".join(parts["#document"]).rstrip("\n"))


def _tests(lines: list[str]) -> Iterator[dict[str, list[str]]]:
    parts: dict[str, list[str]] = {}
    part = ""
    for line in lines:
        if line == "#data" and parts:
            yield parts
            parts = {}
        if line in _PARTS and (part != "#data" or line == "#errors"):
            part = line
            parts[part] = []
        else:
            parts[part].append(line)
    yield parts


def drawn(tree: Document) -> str:
    """A tree as the rows draw it."""
    return "\n".join(line for node in tree.children for line in _lines(node, "| "))


def _lines(node: Node, indent: str) -> Iterator[str]:
    match node:
        case Text(data) | CData(data):
            yield f'{indent}"{data}"'
        case Comment(data):
            yield f"{indent}<!-- {data} -->"
        case ProcessingInstruction(target, data):
            yield f"{indent}<?{target} {data}>"
        case Doctype():
            ids = f' "{node.public_id or ""}" "{node.system_id or ""}"'
            yield f"{indent}<!DOCTYPE {node.name}{ids if node.public_id or node.system_id else ''}>"
        case Element():
            yield f"{indent}<{_PREFIXES[node.namespace]}{node.tag}>"
            yield from _attributes(node, indent + "  ")
            for child in node.children:
                yield from _lines(child, indent + "  ")
        case DocumentFragment():
            yield f"{indent}content"
            for child in node.children:
                yield from _lines(child, indent + "  ")


def _attributes(element: Element, indent: str) -> Iterator[str]:
    names = {_attribute_name(element, name): element.attr(name) or "" for name in element.attrs}
    for name in sorted(names, key=lambda name: name.encode("utf-16-be")):
        yield f'{indent}{name}="{names[name]}"'


def _attribute_name(element: Element, name: str) -> str:
    """Attributes of a namespace are drawn with a space; the engine writes them with a colon."""
    if element.namespace is Namespace.HTML or not name.startswith(("xlink:", "xml:l", "xml:s", "xmlns:")):
        return name
    return name.replace(":", " ", 1)
