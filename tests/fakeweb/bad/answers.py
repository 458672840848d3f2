"""Odd statuses, and redirects to nowhere."""

from __future__ import annotations

from dataclasses import dataclass

from tests.fakeweb.answers import Answer, Behaviour, Request, Wire, redirect
from tests.fakeweb.bad.case import Case, failing, group
from tests.fakeweb.misbehaviour import PAGE, Raw, ok

REFUSALS = (400, 401, 402, 403, 404, 405, 406, 408, 409, 410, 418, 421, 425, 426, 429, 431, 451, 499)
FAULTS = (500, 501, 502, 503, 504, 505, 507, 508, 511, 520, 530, 599, 600, 777, 999)


@dataclass(frozen=True)
class Onwards(Behaviour):
    """A redirect to the same path with another query, again and again."""

    async def play(self, request: Request, wire: Wire) -> None:
        count = int(request.target.partition("=")[2] or 0) + 1
        wire.send(redirect(f"{request.path}?n={count}").encode(request))


def _bodiless(status: int, body: bytes = b"") -> Raw:
    return Raw(b"HTTP/1.1 %d No\r\nContent-Length: %d\r\n\r\n" % (status, len(body)) + body, end="open")


def _empty(name: str, does: str, behaviour: Behaviour, status: int) -> Case:
    return Case(name, does, behaviour, status=status, body=b"", title="")


def _moved(name: str, does: str, location: bytes) -> Case:
    head = b"HTTP/1.1 302 Found\r\nLocation: " + location + b"\r\nContent-Length: 0\r\n\r\n"
    return Case(name, does, Raw(head, end="open"), "redirected", None, 302, b"", "")


def _nowhere(name: str, does: str, location: str) -> Case:
    return failing(name, does, redirect(location), "bad_redirect", status=302)


def _status(status: int) -> Case:
    return failing(
        f"status-{status}", f"answers {status}", Answer(status, PAGE), f"http_{status}", status=status
    )


ANSWERS = group(
    "Statuses and redirects",
    [
        *(
            Case(f"status-{status}", f"answers {status}", Answer(status, PAGE), status=status)
            for status in (201, 203, 299)
        ),
        *map(_status, (300, 305, 306, *REFUSALS, *FAULTS)),
        failing("part", "answers 206 unasked", Answer(206, PAGE), "http_206", status=206),
        failing("not-modified", "answers 304 unasked", _bodiless(304), "bad_response", status=304),
        failing(
            "not-modified-with-body",
            "304 unasked, with a body",
            _bodiless(304, PAGE),
            "bad_response",
            status=304,
        ),
        _empty("no-content", "answers 204", _bodiless(204), 204),
        _empty("no-content-with-body", "answers 204 with a body", _bodiless(204, PAGE), 204),
        _empty("reset-content", "answers 205", _bodiless(205), 205),
        _empty("reset-content-with-body", "answers 205 with a body", _bodiless(205, PAGE), 205),
        _empty("empty", "answers 200 and nothing", Answer(), 200),
        Case(
            "early-hints",
            "103 before the answer",
            Raw(b"HTTP/1.1 103 Hints\r\nLink: </x>\r\n\r\n" + ok(), "open"),
        ),
        Case("continue", "100 before the answer", Raw(b"HTTP/1.1 100 Continue\r\n\r\n" + ok(), "open")),
        failing(
            "interim-with-body",
            "100 with a body",
            Raw(b"HTTP/1.1 100 Continue\r\nContent-Length: 5\r\n\r\nhello" + ok()),
            "bad_response",
        ),
        failing("interim-alone", "102 and the end", Raw(b"HTTP/1.1 102 Processing\r\n\r\n"), "read"),
        failing(
            "switching-protocols",
            "answers 101",
            Raw(b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nboo"),
            "bad_response",
        ),
        Case(
            "two-answers",
            "a second answer behind the first",
            Raw(ok() + ok(body=b"<title>Other</title>"), "open"),
        ),
        _nowhere("redirect-without-location", "redirects to nowhere", ""),
        _nowhere("redirect-to-file", "redirects to file:", "file:///etc/passwd"),
        _nowhere("redirect-to-script", "redirects to javascript:", "javascript:alert(1)"),
        _nowhere("redirect-to-data", "redirects to data:", "data:text/html,x"),
        _nowhere("redirect-to-gopher", "redirects to gopher:", "gopher://127.0.0.1:6379/_FLUSHALL"),
        _nowhere("redirect-to-no-host", "redirects to http://", "http://"),
        _nowhere("redirect-to-bad-port", "redirects to a port beyond 65535", "http://x.test:99999/"),
        _nowhere("redirect-to-long-url", "redirects to a URL of 9 KB", "/" + "x" * 9000),
        Case(
            "redirect-to-self",
            "redirects to itself",
            redirect("/odd/redirect-to-self"),
            "failed",
            "redirect_loop",
            302,
            b"",
            "",
        ),
        Case("redirect-onwards", "redirects for ever", Onwards(), "redirected", None, 302, b"", ""),
        _moved("redirect-utf-8", "a target in UTF-8", "/gr\u00f6\u00dfe".encode()),
        _moved("redirect-latin-1", "a target in Latin-1", b"/gr\xf6\xdfe"),
        _moved("redirect-controls", "control characters in the target", b"/a\x01b\x1b\x7f"),
        _moved(
            "redirect-to-metadata", "redirects to cloud metadata", b"http://169.254.169.254/latest/meta-data/"
        ),
        _moved("redirect-credentials", "name and password in the target", b"http://user:word@127.0.0.1/x"),
    ],
)
