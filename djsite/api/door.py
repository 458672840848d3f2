"""The middleware before the API: tokens, limits, idempotency keys, and every error as a problem.

It stands outside of sessions, so that a login of the site counts for nothing here.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable
from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from catalog.models import ApiWrite
from djsite.api.callers import READING, Caller, identify
from djsite.api.problems import SENTENCES, Problem, as_problem, field_refused
from djsite.desk.access import writes

log = logging.getLogger(__name__)
PREFIX = "/api/"
OPEN = {"/api/openapi.json"}  # for the tools that read it; it says nothing of what is crawled
KEY = "Idempotency-Key"
LONGEST_KEY = 255
_KEPT_HEADERS = ("Location", "Retry-After")
_FOR_THE_MOMENT = {409, 429}  # refused before anything was done


class ApiDoor:
    """Everything that is asked below ``/api/`` comes through here; the rest passes by."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        try:
            return as_problem(self._answer(request))
        except Problem as problem:
            return problem.response()
        except DatabaseError:
            log.exception("%s %s was not answered", request.method, request.path)
            return Problem(503, SENTENCES[503], headers={"Retry-After": "5"}).response()

    def _answer(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info in OPEN:
            return self.get_response(request)
        caller = identify(request)
        key = request.headers.get(KEY)
        if key is None or request.method in READING:
            return self.get_response(request)
        return self._once(request, caller, key)

    def _once(self, request: HttpRequest, caller: Caller, key: str) -> HttpResponseBase:
        """Do a write, or answer as when it was done."""
        write = _begin(request, caller, key)
        if write.status is not None:
            return _again(write)
        response = as_problem(self.get_response(request))
        if response.status_code >= 500 or response.status_code in _FOR_THE_MOMENT:
            writes.forget(write)
        else:
            writes.finish(write, response.status_code, _kept(response))
        return response


def _begin(request: HttpRequest, caller: Caller, key: str) -> ApiWrite:
    if not key or len(key) > LONGEST_KEY or not key.isascii() or not key.isprintable():
        raise field_refused(KEY, f"{KEY} must have 1 to {LONGEST_KEY} letters, digits or signs.")
    digest = hashlib.sha256(repr((request.method, request.get_full_path(), request.body)).encode())
    try:
        return writes.begin(caller.token, key, digest.hexdigest(), timezone.now())
    except writes.OtherRequest:
        raise field_refused(
            KEY, f"{KEY} “{key}” was used for another request. Use a new one for each write."
        ) from None
    except writes.NotAnswered as error:
        raise _not_answered(key, lost=error.lost) from None


def _not_answered(key: str, *, lost: bool) -> Problem:
    if lost:
        sentence = f"The answer to {KEY} “{key}” was lost. Look whether the write was done; use a new key."
        return Problem(409, sentence)
    sentence = f"The first call with {KEY} “{key}” has no answer yet. Ask again in a moment."
    return Problem(409, sentence, headers={"Retry-After": "1"})


def _kept(response: HttpResponseBase) -> dict[str, Any]:
    """What is kept of an answer: its JSON, and the headers that say where to look."""
    content = response.content if isinstance(response, HttpResponse) else b""
    return {
        "content": json.loads(content) if content else None,
        "type": response.headers.get("Content-Type", ""),
        "headers": {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers},
    }


def _again(write: ApiWrite) -> HttpResponse:
    kept: dict[str, Any] = write.body or {}
    response: HttpResponse
    if kept["content"] is None:
        response = HttpResponse(status=write.status)
    else:
        response = JsonResponse(kept["content"], safe=False, status=write.status, content_type=kept["type"])
    for name, value in {**kept["headers"], "Idempotency-Replayed": "true"}.items():
        response[name] = value
    return response
