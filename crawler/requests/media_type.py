"""What a body is: its Content-Type header as browsers read it, and the bytes that no text begins with.

Fetch standard, "extract a MIME type"; MIME Sniffing standard, "parse a MIME type" and section 6's tables.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

LONGEST_CHARSET = 40  # characters; the longest label of the Encoding standard has 19

_WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_VALUE = re.compile(r'(?:[^",]|"(?:[^"\\]|\\.)*+"?)++', re.DOTALL)  # between commas, but not those in quotes
_ESSENCE = re.compile(rf"[\t\r\n ]*({_WORD}/{_WORD})[\t\r\n ]*(?=;|$)")
_PARAMETER = re.compile(r';([^;=]*)(?:=\s*(?:"((?:[^"\\]|\\.)*+)[^;]*|([^;]*)))?', re.DOTALL)
_LABEL = re.compile(rf"[!-~]{{1,{LONGEST_CHARSET}}}")
_UNKNOWN = frozenset(("unknown/unknown", "application/unknown", "*/*"))  # MIME Sniffing section 7
_MARKUP = re.compile(r"text/html|(?:text|application)/(?:[^;]+\+)?xml")

SNIFFED = 512  # bytes
NOISE = 0.05  # of these may be binary in markup: browsers leave NUL and the like out of a page
_BINARY = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")  # MIME Sniffing section 3, "binary data byte"
_MAGIC = re.compile(
    rb"%PDF-|%!PS-Adobe-|GIF8[79]a|\x89PNG\r\n\x1a\n|\xff\xd8\xff|RIFF....(?:WEBPVP|WAVE|AVI )"
    rb"|\x00\x00\x01\x00|FORM....AIFF|ID3[\x02-\x04]\x00|OggS\x00|MThd\x00\x00\x00\x06|\x1a\x45\xdf\xa3|....ftyp|wOF[F2]"
    rb"|OTTO\x00|\x1f\x8b\x08|\x1f\x9d|PK\x03\x04|Rar!\x1a\x07|7z\xbc\xaf\x27\x1c|BZh[1-9]1AY"
    rb"|\xfd7zXZ\x00|\x28\xb5\x2f\xfd|\x7fELF|\xd0\xcf\x11\xe0",
    re.DOTALL,
)
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")  # UTF-16: its mark, or the first character of markup


def media_type(headers: Sequence[tuple[str, str]]) -> str:
    """``text/html; charset=utf-8``: the type in lower case with its charset alone, from all such fields.

    Empty when the headers name none, or none that can be read: then the bytes decide.
    """
    values = [value for name, value in headers if name == "content-type"]
    return _extracted(",".join(values)) if values else ""


@lru_cache(maxsize=512)
def _extracted(values: str) -> str:
    """The last type that can be read; its charset may come from an earlier one of the same type."""
    essence = charset = ""
    for value in _VALUE.findall(values):
        match = _ESSENCE.match(value)
        if match is None or match[1] == "*/*":
            continue
        own = _charset(value[match.end() :])
        if match[1].lower() != essence:
            essence, charset = match[1].lower(), own
        elif own:
            charset = own
    if essence in _UNKNOWN:
        return ""
    return f"{essence}; charset={charset}" if charset else essence


def _charset(parameters: str) -> str:
    """The first charset that can be a label."""
    for name, quoted, plain in _PARAMETER.findall(parameters):
        label: str = (plain or quoted.replace("\\", "")).strip()
        if name.strip().lower() == "charset" and _LABEL.fullmatch(label):
            return label
    return ""


def is_binary(body: bytes, kind: str) -> bool:
    """Whether a body is no text, whatever its :func:`media_type` says.

    Markup with a few bytes that do not belong there is still markup.
    """
    head = body[:SNIFFED]
    if _MAGIC.match(head):
        return True
    if not _BINARY.search(head) or head.startswith(_WIDE) or "charset=utf-16" in kind.lower():
        return False
    if _MARKUP.match(kind):
        return len(_BINARY.findall(head)) > NOISE * len(head)
    return True
