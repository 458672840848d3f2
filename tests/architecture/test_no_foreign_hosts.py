"""The repository names no host of somebody's network: no registry, mirror or CDN, no path of a machine."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.source import tracked
from tests.harness.environment import ROOT

URL = re.compile(
    r"\b(?:https?|git|ssh|ftp)://(?:[^\s/@'\"<>`]*@)?([A-Za-z0-9.-]+\.[A-Za-z]{2,}|\[[0-9a-f:]+\])"
)
MACHINE_PATH = re.compile(r"(?<![\w./-])/(?:root|home|work|Users)/\w")
INDEX_OPTION = re.compile(r"--(?:extra-)?index-url|--find-links|--trusted-host")
RESERVED = (".example", ".test", ".invalid", ".localhost", "example.org", "example.com", "example.net")
DOCUMENTS = {  # cited, never asked
    "www.apache.org",
    "www.w3.org",
    "www.rfc-editor.org",
    "url.spec.whatwg.org",
    "encoding.spec.whatwg.org",
    "iipc.github.io",
    "netpreserve.org",  # names of WARC profiles
    "keepachangelog.com",
    "semver.org",
    "www.sitemaps.org",
    "jsonlines.org",
    "jsonfeed.org",
    "jmespath.org",
    "ogp.me",
    "schema.org",
    "json-schema.org",
    "opml.org",
    "adaptivecards.io",  # the name of a schema
}
NOT_OURS = ("tests", "benchmarks")  # test data is full of made-up addresses


def _texts() -> Iterator[tuple[Path, str]]:
    for path in tracked():
        name = path.relative_to(ROOT)
        if name.parts[0] in NOT_OURS or "vendor" in name.parts:
            continue
        try:
            yield name, path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


def _may_be_named(host: str) -> bool:
    if host in DOCUMENTS or host.endswith(RESERVED):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def test_only_reserved_and_cited_hosts_are_named() -> None:
    strays = {
        f"{name}: {match[0]}"
        for name, text in _texts()
        for match in URL.finditer(text)
        if not _may_be_named(match[1].lower())
    }
    assert not strays


def test_no_index_is_chosen_and_no_path_of_a_machine_is_named() -> None:
    strays = [
        f"{name}: {match[0]}"
        for name, text in _texts()
        for pattern in (MACHINE_PATH, INDEX_OPTION)
        for match in pattern.finditer(text)
    ]
    assert not strays
