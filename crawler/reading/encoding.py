"""From bytes to text as browsers do it: BOM, header, prescan, guess (HTML standard, section 13.2.3).

The bytes of an encoding are read by the tables of the Encoding standard, which are not quite Python's.
"""

from __future__ import annotations

import re

import webencodings
from turbohtml.detect import detect  # its module also makes the codecs known whose names begin with whatwg-

PRESCAN_BYTES = 1024
LATE_BYTES = 65536  # in which a late <meta> is looked for, and by which an undeclared encoding is guessed
FAULTS = 0.1  # of the characters beyond ASCII that may be broken in a text that passes for UTF-8

_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xfe\xff", "utf-16be"), (b"\xff\xfe", "utf-16le"))
_CHARSET = re.compile(r"""charset[\t\n\f\r ]*=[\t\n\f\r ]*(?:"([^"]*)"|'([^']*)'|([^\t\n\f\r ;"']+))""", re.I)
_XML_TYPE = re.compile(r"\s*(?:text/xml|application/(?:[\w.-]+\+)?xml)\s*(?:;|$)", re.I)
_XML_ENCODING = re.compile(
    rb"""<\?xml[^>]*?encoding[\x00-\x20]*=[\x00-\x20]*(["'])([^\x00-\x20"'>]+)\1[^>]*>"""
)
_TAG = re.compile(
    rb"<(?:(?P<comment>!--)|(?P<meta>[mM][eE][tT][aA])(?=[\t\n\f\r /])"
    rb"|(?P<other>/?[A-Za-z])|(?P<bogus>[!/?]))"
)
_ATTRIBUTE = re.compile(
    rb"""[\t\n\f\r /]*+ ([^\t\n\f\r />][^\t\n\f\r />=]*+)  # a name, which may begin with =
    (?: [\t\n\f\r ]*+ = [\t\n\f\r ]*+  # and a value, or neither; both have to end before the bytes do
        (?: "([^"]*)" | '([^']*)' | ([^\t\n\f\r >"'][^\t\n\f\r >]*+)? (?=[\t\n\f\r >]) )
    | (?=[\t\n\f\r />]) (?![\t\n\f\r ]*=) )""",
    re.VERBOSE,
)
_TAG_END = re.compile(rb"[\t\n\f\r /]*>")


def decode(body: bytes, content_type_header: str) -> tuple[str, str]:
    """The text of a body and the WHATWG name of its encoding. Never fails: a wrong byte becomes U+FFFD.

    The BOM wins, then the header, then the declaration in the document: an XML declaration for XML types,
    the prescan of 1024 bytes for HTML. Other text cannot declare an encoding.
    """
    for bom, name in _BOMS:
        if body.startswith(bom):
            return _decode(body[len(bom) :], name), name
    kind = content_type_header.lower()
    name = _declared(kind) or _prescan(body, kind) or _guess(body, late_meta="html" in kind or not kind)
    return _decode(body, name), name


def _declared(kind: str) -> str | None:
    """The encoding that a Content-Type header (or the content of a meta element) names."""
    for match in _CHARSET.finditer(kind):
        if encoding := webencodings.lookup(next(filter(None, match.groups()), "")):
            return encoding.name
    return None


def _prescan(body: bytes, kind: str) -> str | None:
    """The encoding that the document itself declares, if its type can."""
    if _XML_TYPE.match(kind):
        return _xml_encoding(body)
    if kind and "html" not in kind:
        return None
    if body.startswith(b"<\0?\0x\0"):
        return "utf-16le"
    if body.startswith(b"\0<\0?\0x"):
        return "utf-16be"
    return _meta_encoding(body[:PRESCAN_BYTES]) or _xml_encoding(body)


def _guess(body: bytes, *, late_meta: bool) -> str:
    """UTF-8 if the bytes say so; else what a late <meta> says; else by the frequencies of byte pairs."""
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        late = _meta_encoding(body[:LATE_BYTES]) if late_meta else None
        return late or ("utf-8" if _is_damaged_utf_8(body) else _by_frequency(body[:LATE_BYTES]))
    return "utf-8"


def _is_damaged_utf_8(body: bytes) -> bool:
    """Whether only few characters are broken: text of another encoding is seldom UTF-8 by chance."""
    text = body.decode("utf-8", "replace")
    beyond_ascii = len(text) - len(text.encode("ascii", "ignore"))
    return text.count("\ufffd") <= FAULTS * beyond_ascii


def _by_frequency(body: bytes) -> str:
    return (detect(body).encoding or "windows-1252").lower()


def _xml_encoding(body: bytes) -> str | None:
    """The standard's "get an XML encoding"."""
    match = _XML_ENCODING.match(body, 0, PRESCAN_BYTES)
    encoding = webencodings.lookup(match[2].decode("latin-1")) if match else None
    return _as_declared(encoding.name) if encoding else None


def _meta_encoding(head: bytes) -> str | None:
    """The standard's "prescan a byte stream to determine its encoding"."""
    position = 0
    while tag := _TAG.search(head, position):
        position = tag.end()
        if tag["comment"]:
            end = head.find(b"-->", position - 2)
            position = end + 3 if end >= 0 else len(head)
        elif tag["bogus"]:
            end = head.find(b">", position)
            position = end + 1 if end >= 0 else len(head)
        else:
            position, attributes = _attributes(head, tag)
            if tag["meta"] and (name := _meta_charset(attributes)):
                return name
    return None


def _attributes(head: bytes, tag: re.Match[bytes]) -> tuple[int, dict[str, str]]:
    """Where the tag's attributes end, and the first value of each name, in lower case.

    A tag that is cut off has none: the standard aborts there, and nothing can follow it.
    """
    attributes: dict[str, str] = {}
    position = tag.end()
    if tag["other"]:
        position = next((at for at in range(position, len(head)) if head[at] in b"\t\n\f\r >"), len(head))
    while match := _ATTRIBUTE.match(head, position):
        position = match.end()
        value = next((group for group in match.groups()[1:] if group is not None), b"")
        attributes.setdefault(match[1].lower().decode("latin-1"), value.lower().decode("latin-1"))
    closed = _TAG_END.match(head, position)
    return (closed.end(), attributes) if closed else (len(head), {})


def _meta_charset(attributes: dict[str, str]) -> str | None:
    """The encoding of a meta element, by ``charset`` or by the pragma."""
    if "charset" in attributes:
        encoding = webencodings.lookup(attributes["charset"])
        return _as_declared(encoding.name) if encoding else None
    if attributes.get("http-equiv") == "content-type":
        name = _declared(attributes.get("content", ""))
        return _as_declared(name) if name else None
    return None


def _as_declared(name: str) -> str:
    """A declaration that was read as ASCII cannot be in UTF-16; x-user-defined stands for windows-1252."""
    return {"utf-16be": "utf-8", "utf-16le": "utf-8", "x-user-defined": "windows-1252"}.get(name, name)


def _decode(body: bytes, name: str) -> str:
    return body.decode(name, "replace") if name == "utf-8" else body.decode(f"whatwg-{name}")
