"""Errors as problem details (RFC 9457), each with a sentence that names what to change."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, cast

from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as ColumnError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

log = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"
TITLES = {
    400: "Not understood",
    401: "No token",
    403: "Not allowed",
    404: "Nothing there",
    405: "Not that way",
    409: "Not now",
    413: "Too large",
    416: "No such range",
    422: "Not accepted",
    429: "Too many calls",
    500: "An error of ours",
    503: "Not at the moment",
}
SENTENCES = {
    400: "The request could not be read.",
    403: "This token may not do that.",
    404: "There is nothing at this address. It may have been deleted, or pruned after its retention.",
    405: "This address does not take that method.",
    413: "That is more than the API takes in one request: 2.5 MB.",
    416: "The file has no such bytes: Content-Range says how many it has.",
    500: "An error of ours: the log of the site says which. Try again later.",
    503: "The database or Redis does not answer. Try again in some seconds.",
}


class FieldProblem(NamedTuple):
    """What is wrong with one field of a request."""

    field: str
    detail: str


class Problem(Exception):
    """An error to be answered."""

    def __init__(
        self,
        status: int,
        detail: str,
        errors: Sequence[FieldProblem] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.errors, self.headers = status, detail, errors, headers

    def response(self) -> HttpResponse:
        """The problem as an answer."""
        content: dict[str, Any] = {
            "type": "about:blank",
            "title": TITLES.get(self.status, "Not possible"),
            "status": self.status,
            "detail": self.detail,
        }
        if self.errors:
            content["errors"] = [error._asdict() for error in self.errors]
        headers = dict(self.headers or {})
        return JsonResponse(content, status=self.status, content_type=MEDIA_TYPE, headers=headers)


def refused(errors: Iterable[FieldProblem]) -> Problem:
    """The problem of fields that hold something wrong: the first in words, all of them in a list."""
    listed = list(errors)
    return Problem(422, " ".join(error.detail for error in listed[:3]), listed)


def field_refused(field: str, detail: str) -> Problem:
    """The problem of one field."""
    return refused([FieldProblem(field, detail)])


def handle_with(api: NinjaAPI) -> None:
    """Have an API answer every exception with a problem."""
    for kind in (Exception, Http404, HttpError, ValidationError):  # ninja has handlers of its own for these
        api.add_exception_handler(kind, _answer)


def _answer(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    match error:
        case Problem():
            problem = error
        case ValidationError():
            problem = _of_request(error)
        case ColumnError():
            problem = of_columns(error)
        case HttpError():
            problem = _of_ninja(error)
        case PermissionDenied():
            problem = Problem(403, str(error) or SENTENCES[403])
        case Http404():
            problem = Problem(404, SENTENCES[404])
        case _:
            log.error("%s %s failed", request.method, request.path, exc_info=cast(Exception, error))
            problem = Problem(500, SENTENCES[500])
    return problem.response()


def _of_ninja(error: HttpError) -> Problem:
    """A body that could not be read, with the reason if our parser gave one."""
    if isinstance(error.__cause__, Problem):
        return error.__cause__
    if error.status_code == 400:
        return Problem(400, "The body is no JSON. Send an object, and Content-Type: application/json.")
    return Problem(error.status_code, SENTENCES.get(error.status_code, str(error)))


def of_columns(error: ColumnError) -> Problem:
    """The sentences that a seed or another row was refused with."""
    if not hasattr(error, "error_dict"):
        return Problem(422, " ".join(error.messages))
    by_field = error.message_dict
    return refused(
        FieldProblem("" if field == "__all__" else field, f"{field}: {sentence}".removeprefix("__all__: "))
        for field, sentences in by_field.items()
        for sentence in sentences
    )


def _of_request(error: ValidationError) -> Problem:
    return refused(FieldProblem(_name(each), _sentence(_name(each), each)) for each in error.errors)


def _name(error: Mapping[str, Any]) -> str:
    """The field by its path, without the place in the request and the name of our argument for a body."""
    source, *path = (str(part) for part in error["loc"])
    return ".".join(path[1:] if source == "body" and len(path) > 1 else path) or source


def _sentence(name: str, error: Mapping[str, Any]) -> str:
    words = _WORDS.get(error["type"])
    return f"{name} {words.format(**error.get('ctx', {}))}" if words else f"{name}: {error['msg']}."


_WORDS = {
    "missing": "is missing.",
    "int_parsing": "must be a whole number.",
    "int_type": "must be a whole number.",
    "int_from_float": "must be a whole number.",
    "int_parsing_size": "is too large a number.",
    "float_parsing": "must be a number.",
    "float_type": "must be a number.",
    "finite_number": "must be a number.",
    "bool_parsing": "must be true or false.",
    "bool_type": "must be true or false.",
    "string_type": "must be a text.",
    "list_type": "must be a list.",
    "dict_type": "must be an object.",
    "model_attributes_type": "must be an object.",
    "model_type": "must be an object.",
    "greater_than_equal": "must be at least {ge}.",
    "less_than_equal": "must be at most {le}.",
    "too_long": "has too many entries: at most {max_length}.",
    "too_short": "has too few entries: at least {min_length}.",
    "string_too_long": "is too long: at most {max_length} characters.",
    "string_too_short": "is too short: at least {min_length} characters.",
    "literal_error": "must be {expected}.",
    "enum": "must be {expected}.",
    "extra_forbidden": "is not a name that this call knows.",
    "datetime_from_date_parsing": "must be a time such as 2026-03-10T08:00:00Z.",
    "datetime_parsing": "must be a time such as 2026-03-10T08:00:00Z.",
    "timezone_aware": "needs a time zone, as in 2026-03-10T08:00:00Z.",
}


_KEPT = ("Allow", "Retry-After", "Accept-Ranges", "Content-Range", "ETag")


def as_problem(response: HttpResponseBase) -> HttpResponseBase:
    """An answer; if it is an error that something before the calls gave, that error as a problem."""
    if response.status_code < 400 or _type(response).startswith(MEDIA_TYPE):
        return response
    detail = SENTENCES.get(response.status_code, "That is not possible.")
    if isinstance(response, HttpResponse) and _type(response).startswith("text/plain"):
        detail = response.text.strip() or detail
    if allow := response.headers.get("Allow"):
        detail = f"This address takes {allow} only."
    kept = {name: response.headers[name] for name in _KEPT if name in response.headers}
    return Problem(response.status_code, detail, headers=kept).response()


def _type(response: HttpResponseBase) -> str:
    return response.headers.get("Content-Type", "")
