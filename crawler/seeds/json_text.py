"""JSON as people write it: a mistake is a sentence that says where it is and what to do."""

from __future__ import annotations

import json
from typing import Any


def read_json(text: str) -> Any:
    """The value of a text; ValueError with a sentence for people if it is no JSON."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(
            f"Line {error.lineno}, character {error.colno}: this is not JSON ({error.msg}). Texts stand in "
            "double quotes, and a comma stands between two entries but not after the last."
        ) from error
    except RecursionError as error:
        raise ValueError("It is nested too deep.") from error
