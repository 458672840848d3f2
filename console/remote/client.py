"""One client of the API for all commands: what goes wrong becomes a sentence."""

from __future__ import annotations

import hashlib
import ssl
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO, Any, NoReturn, Self

import httpx

from console.remote.place import TOKEN, URL, Place
from embedded.errors import Trouble

SECONDS = 60.0  # for an answer; some calls wait for a page
LONGEST_WAIT = 120.0  # seconds that we wait because an answer says so, in all
TRIES = 8  # of a download that breaks off, without a byte in between
EVERY = 1.0  # seconds between looks at work that is under way
_AGAIN = {429, 503}
Params = Mapping[str, Any]


class Refused(Trouble):
    """The instance refuses a call: its sentence, and by field what is wrong."""

    def __init__(self, status: int, detail: str, errors: Sequence[Mapping[str, str]]) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail
        self.fields = {each["field"]: each["detail"] for each in errors}
        self.sentences = [each["detail"] for each in errors] or [detail]


class Client:
    """Calls of one instance. ``transport`` and ``sleep`` are for tests."""

    def __init__(
        self,
        place: Place,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.place, self.sleep = place, sleep
        self._http = httpx.Client(
            base_url=f"{place.url}/api/",
            headers={"Authorization": f"Bearer {place.token}"},
            timeout=httpx.Timeout(SECONDS, connect=10.0),
            transport=transport,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def get(self, path: str, params: Params | None = None) -> Any:
        """The JSON of an answer."""
        return _json(self.send("GET", path, params=_said(params)), self.place)

    def text(self, path: str, params: Params | None = None) -> str:
        """The text of an answer that is no JSON."""
        return self.send("GET", path, params=_said(params)).text

    def post(self, path: str, body: Params | None = None) -> Any:
        """The JSON of an answer to a write, which is done once, however often it is sent."""
        key = {"Idempotency-Key": str(uuid.uuid4())}
        return _json(self.send("POST", path, json=dict(body or {}), headers=key), self.place)

    def rows(self, path: str, params: Params | None = None) -> Iterator[dict[str, Any]]:
        """All rows of a list."""
        cursor: str | None = ""
        while cursor is not None:
            part = self.get(path, {**(params or {}), "limit": 500, "cursor": cursor})
            yield from part["items"]
            cursor = part["next_cursor"]

    def until(self, path: str, done: Callable[[Any], bool], seconds: float = float("inf")) -> Any:
        """Ask again and again until an answer is ``done``, or the time is over; the last answer."""
        end = time.monotonic() + seconds
        while not done(answer := self.get(path)) and time.monotonic() < end:
            self.sleep(EVERY)
        return answer

    def send(self, method: str, path: str, **more: Any) -> httpx.Response:
        """An answer that is no error. Too many calls, or none at the moment: it waits as it is told.

        Raises:
            Refused: the instance does not do it.
            Trouble: there is no instance to be reached.
        """
        waited = 0.0
        while True:
            with _explained(self.place):
                answer = self._http.request(method, path, **more)
            wait = _wait(answer)
            if wait is None or waited + wait > LONGEST_WAIT:
                return _checked(answer, self.place)
            self.sleep(wait)
            waited += wait

    def download(self, path: str, file: IO[bytes]) -> str:
        """Write a file; where the line breaks it goes on. Its SHA-256 in hex."""
        checksum, place, tag, tries = hashlib.sha256(), 0, "", 0
        while True:
            before = place
            headers = {"Accept-Encoding": "identity"}
            if place:
                headers |= {"Range": f"bytes={place}-", "If-Range": tag}
            try:
                with self._http.stream("GET", path, headers=headers) as answer:
                    if answer.status_code not in (200, 206):
                        answer.read()
                        _checked(answer, self.place)
                    if place and answer.status_code == 200:
                        raise Trouble("the file was made anew meanwhile; give the command again")
                    tag = answer.headers.get("ETag", "")
                    for block in answer.iter_bytes():
                        file.write(block)
                        checksum.update(block)
                        place += len(block)
                return checksum.hexdigest()
            except httpx.TransportError as error:
                tries = 0 if place > before else tries + 1
                if tries >= TRIES or not tag:
                    _explain(error, self.place)
                self.sleep(min(2.0**tries, 30.0))


def _said(params: Params | None) -> dict[str, Any]:
    """Parameters without those that say nothing."""
    return {name: value for name, value in (params or {}).items() if value not in (None, "", [])}


def _wait(answer: httpx.Response) -> float | None:
    """The seconds after which to ask again, if an answer says so."""
    seconds = answer.headers.get("Retry-After", "")
    if answer.status_code not in _AGAIN or not seconds.isdecimal():
        return None
    return max(float(seconds), 1.0)


@contextmanager
def _explained(place: Place) -> Iterator[None]:
    try:
        yield
    except httpx.TransportError as error:
        _explain(error, place)


def _explain(error: httpx.TransportError, place: Place) -> NoReturn:
    """Say why there is no answer."""
    if (tls := _cause(error)) is not None:
        reason = getattr(tls, "verify_message", "") or str(tls)
        raise Trouble(
            f"no safe connection to {place.url} ({reason}). Is its certificate in order? One of your own "
            "authority is trusted when SSL_CERT_FILE names it."
        ) from error
    if isinstance(error, httpx.TimeoutException):
        raise Trouble(f"{place.url} did not answer in time. Try again later.") from error
    raise Trouble(
        f"no connection to {place.url} ({error}). Does it run, and is {URL} its address?"
    ) from error


def _cause(error: BaseException | None) -> ssl.SSLError | None:
    while error is not None and not isinstance(error, ssl.SSLError):
        error = error.__cause__ or error.__context__
    return error


def _checked(answer: httpx.Response, place: Place) -> httpx.Response:
    """The answer. Raises Refused or Trouble if it is an error, with what to do."""
    if answer.is_success:
        return answer
    if answer.is_redirect:
        target = str(answer.headers.get("Location", "")).partition("/api/")[0]
        raise Trouble(f"{place.url} leads to {target}: set {URL} to that")
    problem = _problem(answer)
    if problem is None:
        raise Trouble(f"{place.url} answers {answer.status_code}, and not as Crawlbeat does: check {URL}")
    detail = str(problem.get("detail", ""))
    if answer.status_code == 401:
        raise Trouble(f"{TOKEN}: {detail}")
    raise Refused(answer.status_code, detail, problem.get("errors", ()))


def _problem(answer: httpx.Response) -> dict[str, Any] | None:
    if not answer.headers.get("Content-Type", "").startswith("application/problem+json"):
        return None
    problem: dict[str, Any] = answer.json()
    return problem


def _json(answer: httpx.Response, place: Place) -> Any:
    try:
        return answer.json()
    except ValueError as error:
        raise Trouble(f"{place.url} does not answer as Crawlbeat does: check {URL}") from error
