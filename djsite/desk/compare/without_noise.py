"""Two versions without noise, for the site: a worker reads them, and the result of its task is the answer."""

from __future__ import annotations

import msgspec

from djsite.desk.compare.versions import Comparison
from pipelines.comparing.order import WithoutNoise
from scheduler import dispatch, results

__all__ = ["WithoutNoise", "answer", "ask"]


def ask(comparison: Comparison) -> str | None:
    """Have a worker compare them; the key of its answer, or None when Redis is away."""
    return dispatch.compare_without_noise(comparison.before.pk, comparison.after.pk)


def answer(comparison: Comparison, key: str) -> WithoutNoise | None:
    """The answer; None while there is none.

    Raises:
        LookupError: the worker failed, or was asked for other versions; with a sentence.
    """
    try:
        result = results.result_of(key, "compare_without_noise")
    except LookupError as error:
        raise LookupError(
            "The pages could not be compared, by a fault of ours: the worker's log says which."
        ) from error
    if result is None:
        return None
    if result["versions"] != [comparison.before.pk, comparison.after.pk]:
        raise LookupError("This answer is of other versions.")
    return msgspec.convert(result["answer"], WithoutNoise)
