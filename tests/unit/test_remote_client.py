"""The client of commands: what goes wrong on the way is a sentence, and a download goes on where it broke."""

from __future__ import annotations

import hashlib
import io
import ssl
from collections.abc import Callable, Iterator

import httpx
import pytest

from console import arguments, cli
from console.remote.client import Client, Refused
from console.remote.place import Place, place_of
from embedded.errors import Trouble, UsageError

PLACE = Place("https://crawl.test", "cb_secret")
BODY = bytes(range(256)) * 20
Handler = Callable[[httpx.Request], httpx.Response]


def client(handler: Handler, waits: list[float] | None = None) -> Client:
    return Client(PLACE, httpx.MockTransport(handler), (waits if waits is not None else []).append)


def problem(status: int, detail: str, **more: object) -> httpx.Response:
    headers = {"Content-Type": "application/problem+json", **more.pop("headers", {})}  # type: ignore[dict-item]
    return httpx.Response(status, json={"detail": detail, **more}, headers=headers)


def raises(error: Exception) -> Handler:
    def handler(request: httpx.Request) -> httpx.Response:
        raise error

    return handler


def tls_failure() -> httpx.ConnectError:
    error = httpx.ConnectError("failed")
    error.__cause__ = ssl.SSLCertVerificationError(1, "self-signed certificate")
    return error


@pytest.mark.parametrize(
    ("handler", "words"),
    [
        (raises(httpx.ConnectError("refused")), "no connection to https://crawl.test (refused). Does it run"),
        (raises(httpx.ReadTimeout("slow")), "https://crawl.test did not answer in time"),
        (raises(tls_failure()), "One of your own authority is trusted when SSL_CERT_FILE names it"),
        (lambda _: problem(401, "This token is none."), "CRAWLBEAT_TOKEN: This token is none."),
        (lambda _: problem(403, "Its role is too small."), "Its role is too small."),
        (lambda _: httpx.Response(200, text="<html>"), "does not answer as Crawlbeat does"),
        (lambda _: httpx.Response(502, text="bad"), "answers 502, and not as Crawlbeat does"),
        (
            lambda _: httpx.Response(301, headers={"Location": "https://other.test/api/seeds"}),
            "leads to https://other.test: set CRAWLBEAT_URL to that",
        ),
    ],
)
def test_what_goes_wrong_is_a_sentence(handler: Handler, words: str):
    with pytest.raises(Trouble) as error:
        client(handler).get("seeds")
    assert words in str(error.value)
    assert "cb_secret" not in str(error.value)


def test_too_many_calls_wait_as_long_as_the_answer_says():
    answers = iter([problem(429, "Wait.", headers={"Retry-After": "7"}), httpx.Response(200, json={"a": 1})])
    waits: list[float] = []
    assert client(lambda _: next(answers), waits).get("seeds") == {"a": 1}
    assert waits == [7.0]


def test_waiting_has_an_end():
    waits: list[float] = []
    with pytest.raises(Refused):
        client(lambda _: problem(429, "Wait.", headers={"Retry-After": "50"}), waits).get("seeds")
    assert waits == [50.0, 50.0]


def test_a_write_that_is_sent_again_has_the_same_key():
    keys: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        keys.append(request.headers["Idempotency-Key"])
        if len(keys) == 1:
            return problem(503, "Not now.", headers={"Retry-After": "1"})
        return httpx.Response(201, json={})

    client(handler).post("seeds", {"name": "Teas"})
    assert len(keys) == 2
    assert len(set(keys)) == 1


class Breaks(httpx.SyncByteStream):
    """The first bytes of a body, and then no more."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def __iter__(self) -> Iterator[bytes]:
        yield self.content
        raise httpx.ReadError("the line broke")


def test_a_download_goes_on_where_the_line_broke():
    asked: list[tuple[str, str]] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append((request.headers.get("Range", ""), request.headers.get("If-Range", "")))
        begin = 0 if len(asked) == 1 else 1000
        if len(asked) == 1:
            return httpx.Response(200, stream=Breaks(BODY[:1000]), headers={"ETag": '"a"'})
        return httpx.Response(206, content=BODY[begin:], headers={"ETag": '"a"'})

    file = io.BytesIO()
    checksum = client(handler).download("exports/1/file", file)
    assert file.getvalue() == BODY
    assert checksum == hashlib.sha256(BODY).hexdigest()
    assert asked == [("", ""), ("bytes=1000-", '"a"')]


def test_a_download_whose_file_is_another_now_is_given_up():
    answers = iter(
        [
            httpx.Response(200, stream=Breaks(BODY[:10]), headers={"ETag": '"a"'}),
            httpx.Response(200, content=BODY, headers={"ETag": '"b"'}),
        ]
    )
    with pytest.raises(Trouble, match="made anew"):
        client(lambda _: next(answers)).download("exports/1/file", io.BytesIO())


@pytest.mark.parametrize(
    ("url", "token", "words"),
    [
        ("crawl.test", "cb_x", "CRAWLBEAT_URL"),
        ("https://user@crawl.test", "cb_x", "CRAWLBEAT_URL"),
        ("https://crawl.test", "", "CRAWLBEAT_TOKEN is not set: make a token on the site"),
        ("https://crawl.test", "cb x", "CRAWLBEAT_TOKEN is no token"),
    ],
)
def test_a_place_that_is_none_is_refused(url: str, token: str, words: str):
    with pytest.raises(UsageError, match=words):
        place_of(url, token)
    assert place_of("", token) is None


@pytest.mark.parametrize("words", ["doctor", "up", "backup x.tar"])
def test_a_command_of_a_data_folder_says_so(
    words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("CRAWLBEAT_URL", "https://crawl.test/")
    monkeypatch.setenv("CRAWLBEAT_TOKEN", "cb_x")
    assert cli.main(words.split()) == 2
    assert "it works on a data folder of this machine" in capsys.readouterr().err


def test_a_command_elsewhere_makes_no_data_folder(
    tmp_path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("CRAWLBEAT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("CRAWLBEAT_TOKEN", "cb_x")
    monkeypatch.setattr(cli, "set_up", lambda folder: None)
    assert arguments.parse(["recrawl", "--seed", "a", "--data", str(tmp_path / "none")]).data
    assert cli.main(["recrawl", "--seed", "a", "--data", str(tmp_path / "none")]) == 1
    assert "no connection to http://127.0.0.1:9" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()
