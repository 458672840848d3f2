"""URLs: resolving by the WHATWG URL standard, and the canonical form that makes one resource one key.

The URL that is requested is the one found on the page, resolved and without its fragment. The canonical
form is only the key by which pages are told apart:

- scheme, host, default port and dot segments as the standard serialises them; one trailing dot of the
  host, user name and password dropped;
- percent-encoding: upper-case digits; what needs no encoding decoded (RFC 3986 section 6.2.2.2, and the
  marks that RFC 2396 section 2.3 counted among the unreserved); what RFC 3986 does not allow raw encoded;
- fragment, empty query and empty parameters dropped; the order of the query kept;
- tracking parameters (:data:`TRACKING` and a seed's own) and session ids (:data:`SESSION`) dropped, and
  the order in which a listing of a web server sorts its files.
"""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import blake2b
from urllib.parse import quote

import webencodings

# The C interface below ada_url.URL: without its object per URL, resolving a link takes half the time.
from ada_url._ada_wrapper import ffi, lib
from publicsuffixlist import PublicSuffixList

MAX_LENGTH = 8000  # characters; RFC 9110 section 4.1 asks for support of at least 8000 octets

_OF_MATOMO = ("campaign", "kwd", "keyword", "source", "medium", "content", "cid", "group", "placement")
TRACKING = (
    *("utm_*", "gclid", "gclsrc", "gbraid", "wbraid", "dclid", "gad_source", "gad_campaignid", "srsltid"),
    *("_ga", "_gl", "fbclid", "fb_action_ids", "fb_action_types", "igshid", "igsh", "msclkid", "twclid"),
    *("ttclid", "yclid", "ysclid", "_openstat", "li_fat_id", "rb_clickid", "s_kwcid", "ef_id"),
    *("mc_cid", "mc_eid", "mkt_tok", "_hsenc", "_hsmi", "__hssc", "__hstc", "__hsfp", "hsctatracking"),
    *("hsa_acc", "hsa_cam", "hsa_grp", "hsa_ad", "hsa_src", "hsa_tgt", "hsa_kw", "hsa_mt", "hsa_net"),
    *("hsa_ver", "oly_anon_id", "oly_enc_id", "vero_conv", "vero_id"),
    *(f"{tool}_{what}" for tool in ("pk", "mtm", "piwik") for what in _OF_MATOMO),
)
"""Query parameters that say how a visitor came, not what is shown. ``*`` ends a prefix; case is ignored."""

_HEX = re.compile("[0-9A-Fa-f]{32,}")
_TOKEN = re.compile("(?=[A-Za-z]*[0-9])[0-9A-Za-z]{20,}.*|[A-Z]{24}", re.DOTALL)
SESSION = {
    **dict.fromkeys(("sid", "session_id"), _HEX),
    **dict.fromkeys(("phpsessid", "jsessionid", "aspsessionid", "oscsid", "zenid", "sessionid"), _TOKEN),
    **dict.fromkeys(("epik", "wickedid"), _TOKEN),
}
"""Query parameters that hold a random value if it looks like one. With any other they may choose a page.

The name of Active Server Pages goes on with eight letters. ``cfid`` is a number, and is told by ``cftoken``.
"""

_LISTING = re.compile("C=[NMSD][;&]O=[AD]")  # of files, by Apache, nginx and others
_PATH_SESSION = re.compile(
    r"(?<!/\.)(?<!/\.\.);jsessionid=[^/;]*"  # servlets; what is left must not be a dot segment
    r"|/\((?:[ASF]\([\w-]+\))+\)(?=/)",  # ASP.NET
    re.IGNORECASE | re.ASCII,
)
_NOT_PLAIN = re.compile(r"[%?;'()*\[\]|^`{}\\]")
_RECODABLE = re.compile(r"[%'\[\]|^`{}\\](?:(?<=%)[0-9A-Fa-f]{2})?")  # begins with a set: sre skips fast
_NEEDS_NO_CODE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!*()")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")


class BadUrl(ValueError):
    """Not an http(s) URL by the WHATWG standard, or longer than :data:`MAX_LENGTH`."""


def resolve(href: str, base: str | None = None) -> str:
    """The absolute http(s) URL that a browser would request for ``href`` on ``base``, without fragment.

    Raises:
        BadUrl: the standard calls it a failure, its scheme is not http or https, or it is too long.
    """
    if len(href) > MAX_LENGTH:
        raise BadUrl("the URL is too long")
    url = _parse(_encode(href), None if base is None else _encode(base))
    if not url.startswith(("http://", "https://")):
        raise BadUrl("not an http or https URL")
    url = url.partition("#")[0]
    if len(url) > MAX_LENGTH:
        raise BadUrl("the URL is too long")
    return url


def canonical_url(url: str, extra: tuple[str, ...] = ()) -> str:
    """The key of the resource that ``url`` names; idempotent. See the module's docstring for its rules.

    ``extra`` names more query parameters to drop, written like :data:`TRACKING`; a seed's own are added
    by its :class:`crawler.rules.keys.Keys`.

    Raises:
        BadUrl: as :func:`resolve`.
    """
    return canonical_of(resolve(url), extra)


def canonical_of(url: str, extra: tuple[str, ...] = ()) -> str:
    """:func:`canonical_url` of a URL that is resolved already, at a tenth of its cost."""
    slash = url.index("/", 8)
    return _authority(url[:slash])[0] + canonical_target(url[slash:], extra)


def canonical_target(target: str, extra: tuple[str, ...] = ()) -> str:
    """The same of a path with its query, also as a link has it that is not resolved."""
    return _tidy(target, extra) if _NOT_PLAIN.search(target) else target


def url_fingerprint(canonical: str) -> int:
    """64 bits (signed, for a database's bigint) of the BLAKE2b hash of a canonical URL."""
    return int.from_bytes(blake2b(canonical.encode(), digest_size=8).digest(), "big", signed=True)


def origin_of(url: str) -> str:
    """Scheme, host and port of a resolved URL, the port always written: ``https://example.org:443``."""
    return _authority(url[: url.index("/", 8)])[1]


def host_of(url: str) -> str:
    """The host of a resolved URL, an IPv6 address in its brackets."""
    return origin_of(url).partition("://")[2].rpartition(":")[0]


def in_page_encoding(href: str, encoding: str) -> str:
    """``href`` of a page that is not in UTF-8, its query written as a browser sends it.

    The standard encodes a query in the page's own encoding ("percent-encode after encoding", section 1.3;
    a character that it lacks becomes ``&#…;``), everything else in UTF-8. ``encoding`` is a WHATWG label.
    """
    before, mark, query = href.partition("?")
    if href.isascii() or not mark or "#" in before or encoding.lower().startswith("utf"):
        return href
    query, hash_mark, fragment = query.partition("#")

    def encoded(run: re.Match[str]) -> str:
        return quote(webencodings.encode(run[0], encoding, "xmlcharrefreplace"), safe="")

    return before + mark + _NOT_ASCII.sub(encoded, query) + hash_mark + fragment


def without_credentials(url: str) -> str:
    """A resolved URL without user name and password: neither may be kept, or sent because a page says so."""
    if "@" not in url:
        return url
    scheme, _, address = url.partition("://")
    authority, slash, path = address.partition("/")
    return f"{scheme}://{authority.rpartition('@')[2]}{slash}{path}"


@lru_cache(maxsize=4096)
def registrable_domain(host: str) -> str:
    """The part of a host name that somebody registered (public suffix list, private suffixes too).

    A host that has none (an IP address, a public suffix, a single label) stands for itself.
    """
    host = host.rstrip(".")
    if host.startswith("[") or host.rpartition(".")[2].isdigit():
        return host
    return _suffixes().privatesuffix(host) or host


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    """The list, read at first use (0.1 s)."""
    return PublicSuffixList()


def _encode(text: str) -> bytes:
    """UTF-8, with lone surrogates replaced (the standard works on scalar value strings)."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()


def _parse(href: bytes, base: bytes | None) -> str:
    """The serialised URL of any scheme, from ada's C interface."""
    if base is None:
        parsed = lib.ada_parse(href, len(href))
    else:
        parsed = lib.ada_parse_with_base(href, len(href), base, len(base))
    try:
        text = lib.ada_get_href(parsed)
        if not text.length:
            raise BadUrl("not a valid URL")
        url: str = ffi.unpack(text.data, text.length).decode()
        return url
    finally:
        lib.ada_free(parsed)


@lru_cache(maxsize=8192)
def _authority(prefix: str) -> tuple[str, str]:
    """From a resolved URL's scheme and authority: the canonical form, and the origin with its port."""
    scheme, _, authority = prefix.partition("://")
    host, port = _split_port(authority.rpartition("@")[2])
    if host.endswith(".") and not host.endswith("..") and host != ".":
        host = host[:-1]
    canonical = f"{scheme}://{host}{port}"
    return canonical, canonical if port else canonical + (":443" if scheme == "https" else ":80")


def _split_port(authority: str) -> tuple[str, str]:
    """Host, and the port with its colon or nothing; the brackets of IPv6 hold colons of their own."""
    host, colon, port = authority.rpartition(":")
    return (host, colon + port) if colon and not port.endswith("]") else (authority, "")


def _tidy(target: str, extra: tuple[str, ...]) -> str:
    """The canonical form of path and query."""
    path, _, query = _RECODABLE.sub(_recode, target).partition("?")
    if ";" in path or "/(" in path:
        path = _PATH_SESSION.sub("", path)
    if not query or (query[:2] == "C=" and path[-1:] in ("/", "") and _LISTING.fullmatch(query)):
        return path
    names, prefixes = _noise(extra)
    parts = query.split("&")
    kept = "&".join([part for part in parts if part and not _is_noise(part, names, prefixes)])
    if "cftoken=" in kept or "CFTOKEN=" in kept:
        kept = _without_coldfusion(kept)
    return f"{path}?{kept}" if kept else path


def _is_noise(part: str, names: frozenset[str], prefixes: tuple[str, ...]) -> bool:
    """Whether the canonical form leaves out this ``name=value`` of a query."""
    name, _, value = part.partition("=")
    name = name.lower()
    if name in names or name.startswith(prefixes):
        return True
    token = SESSION.get(name[:12])  # the longest is the one that goes on
    return token is not None and token.fullmatch(value) is not None


def _without_coldfusion(query: str) -> str:
    """A query without the two parameters of a session of ColdFusion, if it has both."""
    names = [part.partition("=")[0].lower() for part in query.split("&")]
    if not {"cfid", "cftoken"} <= set(names):
        return query
    parts = zip(names, query.split("&"), strict=True)
    return "&".join(part for name, part in parts if name not in {"cfid", "cftoken"})


@lru_cache(maxsize=256)
def _noise(extra: tuple[str, ...]) -> tuple[frozenset[str], tuple[str, ...]]:
    """The names of parameters to drop, and the prefixes."""
    patterns = [name.lower() for name in (*TRACKING, *extra)]
    names = frozenset(name for name in patterns if not name.endswith("*"))
    return names, tuple(name[:-1] for name in patterns if name.endswith("*"))


def _recode(match: re.Match[str]) -> str:
    return _CODES[match[0]]


def _codes() -> dict[str, str]:
    """The replacement of every percent triplet, a stray percent sign and each character not allowed raw."""
    table = {char: f"%{ord(char):02X}" for char in "%'[]|^`{}\\"}
    digits = "0123456789ABCDEFabcdef"
    for triplet in (f"%{high}{low}" for high in digits for low in digits):
        char = chr(int(triplet[1:], 16))
        table[triplet] = char if char in _NEEDS_NO_CODE else triplet.upper()
    return table


_CODES = _codes()
