"""A tree of more than a thousand HTML files: every page once, none missing and none extra.

The tree is Debian's postgresql-doc-15; DOCUMENTATION_TREE names another folder with an ``index.html`` (such
as one unpacked by ``dpkg -x``). Where there is none that test is skipped, and a generated site remains.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urldefrag, urljoin

import pytest
import redis

from catalog.models import Attempt, Page, Run, Snapshot
from tests.factories import make_web_seed
from tests.fakeweb import MISBEHAVIOURS, Answer, Behaviour, FakeWeb, Request, linked_site
from tests.fakeweb.server import Site
from tests.harness.path import crawl_seed

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("archive")]
TREE = Path(os.environ.get("DOCUMENTATION_TREE", "/usr/share/doc/postgresql-doc-15/html"))
FAILURES: tuple[Behaviour, ...] = (
    Answer(500),
    Answer(502),
    *(MISBEHAVIOURS[name] for name in ("reset", "reset-in-body", "close-in-body")),
)


@dataclass
class Folder:
    """Serves the files of a folder at the root."""

    root: Path

    def answer(self, request: Request) -> Answer | None:
        file = self.root / request.path[1:]
        return Answer(body=file.read_bytes(), content_type="text/html") if file.is_file() else None


@dataclass
class FailsFirst:
    """A site of which one page in ten fails when it is first asked for, each in its own way."""

    site: Site
    failed: set[str] = field(default_factory=set)

    def answer(self, request: Request) -> Behaviour | None:
        dice = zlib.crc32(request.path.encode())
        if dice % 10 or request.path == "/robots.txt" or request.path in self.failed:
            return self.site.answer(request)
        self.failed.add(request.path)
        return FAILURES[dice // 10 % len(FAILURES)]


class _Links(HTMLParser):
    """What a page links to, read by another parser than the product's."""

    def __init__(self) -> None:
        super().__init__()
        self.hrefs: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag == "a" and (href := dict(attributes).get("href")):
            self.hrefs.append(href)


def reachable(root: Path) -> set[str]:
    """The files that can be reached by links from ``index.html``."""
    found, todo = {"index.html"}, ["index.html"]
    while todo:
        name = todo.pop()
        parser = _Links()
        parser.feed((root / name).read_text(encoding="utf-8", errors="replace"))
        for href in parser.hrefs:
            target = urldefrag(urljoin(f"file:///{name}", href)).url.removeprefix("file:///")
            if target not in found and "://" not in target and (root / target).is_file():
                found.add(target)
                todo.append(target)
    return found


def check(run: Run, web: FakeWeb, paths: set[str]) -> None:
    """Every page is stored once, and was asked for once more than it failed; nothing else was."""
    site = web.site
    assert isinstance(site, FailsFirst)
    assert set(Page.objects.values_list("url", flat=True)) == {web.url + path for path in paths}
    assert run.stored == len(paths) > 1000
    assert run.failed == 0
    asked = [seen.path.partition("?")[0] for seen in web.requests if seen.path != "/robots.txt"]
    assert sorted(asked) == sorted([*paths, *site.failed])
    # what breaks on a kept connection before it answers is asked again at once (RFC 9110 section 9.2.2)
    assert len(site.failed) >= Attempt.objects.count() > len(paths) / 15


def test_a_documentation_tree_is_crawled_whole(valkey: redis.Redis) -> None:
    if not (TREE / "index.html").exists():
        pytest.skip(f"no documentation in {TREE}: install postgresql-doc-15, or set DOCUMENTATION_TREE")
    files = reachable(TREE)
    assert files == {str(path.relative_to(TREE)) for path in TREE.rglob("*.html")}
    with FakeWeb(FailsFirst(Folder(TREE))) as web:
        run = crawl_seed(make_web_seed(web, start_urls=f"{web.url}/index.html"), valkey, timeout=110)
        check(run, web, {f"/{name}" for name in files})
    stored = Snapshot.objects.values_list("final_url", "digest")
    digests = {url.removeprefix(f"{web.url}/"): digest for url, digest in stored}
    assert digests == {name: hashlib.sha256((TREE / name).read_bytes()).hexdigest() for name in files}
    assert (run.discovered, run.limits) == (len(files), {})


def test_a_generated_site_is_crawled_whole(valkey: redis.Redis) -> None:
    site = linked_site(pages=1200)
    with FakeWeb(FailsFirst(site)) as web:
        run = crawl_seed(make_web_seed(web), valkey, timeout=110)
        check(run, web, set(site.paths))
    assert run.limits == {}
