"""People who open downloads and do not read them cost nobody else anything."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit

import httpx
import pytest
from django.test import Client

from catalog.models import Page
from tests import factories
from tests.factories import Got
from tests.harness.environment import overridden
from tests.harness.processes import Processes
from tests.harness.waiting import wait_until

PAGES, TITLE = 2_000, "t" * 9_000  # 18 MB of them: more than the buffers between two sockets hold
PATIENCE = 30.0  # seconds, of other people; those who do not read are cut off much later

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("archive")]


@pytest.fixture
def cookie() -> str:
    """The session of a viewer, to whom a seed with much to download is shown."""
    seed = factories.make_seed()
    factories.crawl(seed, [Got("http://shop.example/", title=TITLE)])
    factories.more_pages(Page.objects.get(), PAGES - 1)
    client = Client()
    factories.log_in(client, "viewer")
    return f"sessionid={client.cookies['sessionid'].value}"


class Reader:
    """Somebody who asks for the pages and then reads only when told to."""

    def __init__(self, site: str, cookie: str) -> None:
        self.connection = socket.create_connection((urlsplit(site).hostname, urlsplit(site).port), 30)
        self.connection.sendall(
            f"GET /download/pages.jsonl HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n\r\n".encode()
        )
        self.head = self.connection.recv(200)

    @property
    def status(self) -> int:
        return int(self.head.split()[1])

    def rest(self) -> bytes:
        """All that comes until the site ends the connection."""
        blocks = []
        try:
            while block := self.connection.recv(1_000_000):
                blocks.append(block)
        except ConnectionResetError:
            pass
        return b"".join(blocks)


@pytest.fixture
def readers(cookie: str) -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def _reader(readers: ExitStack, site: str, cookie: str) -> Reader:
    reader = Reader(site, cookie)
    readers.callback(reader.connection.close)
    return reader


def test_readers_who_do_not_read_hold_up_nobody(processes: Processes, readers: ExitStack, cookie: str):
    _, site = processes.web(**overridden(SEND_SECONDS=3600.0))
    assert [_reader(readers, site, cookie).status for _ in range(4)] == [200] * 4
    fifth = httpx.get(f"{site}/download/pages.jsonl", headers={"Cookie": cookie})
    assert fifth.status_code == 429
    assert "4 downloads of your account are under way" in fifth.text
    for path in ("/login/", "/health/") * 5:
        assert httpx.get(f"{site}{path}", timeout=PATIENCE).status_code == 200, path
    readers.close()
    again = {"Cookie": cookie}
    wait_until(
        lambda: httpx.get(f"{site}/download/pages.csv?seed=999", headers=again).status_code == 404,
        20,
        what="the account may download again",
    )


def test_a_reader_who_does_not_read_is_cut_and_sees_that_it_was(
    processes: Processes, readers: ExitStack, cookie: str
):
    web, site = processes.web(**overridden(SEND_SECONDS=3.0))
    reader = _reader(readers, site, cookie)
    wait_until(lambda: "was cut off" in web.output(), 30, what="the reader is cut off")
    rest = reader.rest()
    assert not rest.endswith(b"0\r\n\r\n"), "it must not look like the end of the download"
    assert len(rest) < PAGES * len(TITLE)
    assert Page.objects.count() == PAGES


def test_a_slow_reader_gets_everything(processes: Processes, readers: ExitStack, cookie: str):
    _, site = processes.web()
    with httpx.stream("GET", f"{site}/download/pages.jsonl", headers={"Cookie": cookie}) as response:
        assert sum(1 for _ in response.iter_lines()) == PAGES
