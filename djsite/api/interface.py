"""The API as a whole: its document (OpenAPI 3.1), and what holds for every call."""

from __future__ import annotations

import functools
import json
import math
import re
from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.parser import Parser

from djsite.api.problems import MEDIA_TYPE, FieldProblem, Problem, handle_with, refused

DESCRIPTION = (
    "What the site shows and does, for programs. Send a token with each call: “Authorization: Bearer cb_…”. "
    "Lists have a cursor; writes take an Idempotency-Key; errors are problem details (RFC 9457). "
    "docs/api.md has examples."
)
_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong, and what to do."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "detail"],
                "properties": {"field": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}
_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "description": "For a day, the same request with the same key gets the same answer and does nothing.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}


class StrictParser(Parser):
    """JSON as RFC 8259 has it, and texts that every database can keep."""

    def parse_body(self, request: HttpRequest) -> Any:
        """The body. Raises Problem or ValueError for what is none."""
        body = json.loads(request.body, parse_constant=_no_number, parse_float=_number)
        if any("\0" in text or _is_torn(text) for text in _texts(body)):
            raise Problem(400, "A text holds what none may have: NUL, or half of a character (\\ud800).")
        return body


def _no_number(word: str) -> float:
    raise ValueError(word)


def _number(text: str) -> float:
    if math.isinf(number := float(text)):
        raise ValueError(text)
    return number


def _texts(value: Any) -> Iterator[str]:
    """All texts of a JSON value, names too."""
    left = [value]
    while left:
        match left.pop():
            case str(text):
                yield text
            case list(values):
                left += values
            case dict(members):
                left += [*members.keys(), *members.values()]


def _is_torn(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)


class Api(NinjaAPI):
    """An API whose document says what the door and the handlers of errors do."""

    def __init__(self) -> None:
        super().__init__(
            title=settings.PRODUCT,
            version=settings.VERSION,
            description=DESCRIPTION,
            docs_url=None,
            urls_namespace="api",
            parser=StrictParser(),
        )
        handle_with(self)

    def get_openapi_schema(self, **kwargs: Any) -> OpenAPISchema:
        """The document, with the errors and the idempotency key of each call."""
        document = super().get_openapi_schema(**kwargs)
        document["components"]["schemas"]["Problem"] = _PROBLEM
        for path in document["paths"].values():
            for method, operation in path.items():
                _complete(method, operation)
        return document


def _complete(method: str, operation: dict[str, Any]) -> None:
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    operation["responses"]["4XX"] = {"description": "What is wrong with the request.", "content": content}
    operation["responses"]["5XX"] = {"description": "An error of ours.", "content": content}
    if method != "get":
        operation["parameters"].append(_KEY)


Run = Callable[..., HttpResponseBase]


def names_of_filters(pattern: str, description: str) -> dict[str, Any]:
    """A part of a call's document: its query takes every name of a pattern, with a text."""
    names = {"type": "string", "pattern": pattern}
    return {
        "in": "query",
        "name": FILTERS,
        "style": "form",
        "explode": True,
        "description": description,
        "schema": {"type": "object", "propertyNames": names, "additionalProperties": {"type": "string"}},
    }


FILTERS = "filters"


def knows_every_name(run: Run) -> Run:
    """Refuses names in the query that a call does not know: a filter with a slip would filter nothing."""
    operation = run.__self__  # type: ignore[attr-defined]
    known, filters = _names(operation.models), _pattern_of_filters(operation)

    @functools.wraps(run)
    def checked(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        strange = [name for name in request.GET if name not in known and not filters.search(name)]
        if strange:
            offer = f"It knows {', '.join(sorted(known))}." if known else "It takes none."
            return refused(
                FieldProblem(name, f"{name} is not a name that this call knows. {offer}") for name in strange
            ).response()
        return run(request, **kwargs)

    return checked


def _pattern_of_filters(operation: Any) -> re.Pattern[str]:
    parameters = (operation.openapi_extra or {}).get("parameters", [])
    patterns = [each["schema"]["propertyNames"]["pattern"] for each in parameters if each["name"] == FILTERS]
    return re.compile("|".join(patterns) or r"(?!)")


def _names(models: list[Any]) -> set[str]:
    of_query = [model for model in models if model.__ninja_param_source__ == "query"]
    return {name for model in of_query for name in model.__ninja_flatten_map__}
