"""Clean-up steps: from the texts that a rule matched to the texts that are converted.

A step is a function of this folder that takes the step's arguments and gives an :data:`Apply`; ValueError,
with a sentence for people, if the arguments cannot be used. Packages add steps as entry points of the group
``crawlbeat.steps``. Steps are data that people write: no part of one is code. Each takes a time that grows
with the text and no faster.
"""

from __future__ import annotations

import inspect
from functools import lru_cache

from crawler.collections import Step
from crawler.plugs import load, plugged
from crawler.reading.steps.apply import Apply, bounded
from crawler.reading.text import storable

GROUP = "crawlbeat.steps"
STEPS = {
    "trim": "crawler.reading.steps.letters:trim",
    "collapse": "crawler.reading.steps.letters:collapse",
    "lower": "crawler.reading.steps.letters:lower",
    "upper": "crawler.reading.steps.letters:upper",
    "prefix": "crawler.reading.steps.letters:prefix",
    "suffix": "crawler.reading.steps.letters:suffix",
    "replace": "crawler.reading.steps.letters:replace",
    "regex": "crawler.reading.steps.regex:regex",
    "split": "crawler.reading.steps.parts:split",
    "first": "crawler.reading.steps.parts:first",
    "last": "crawler.reading.steps.parts:last",
    "nth": "crawler.reading.steps.parts:nth",
    "map": "crawler.reading.steps.choice:choose",
    "default": "crawler.reading.steps.choice:default",
    "strip_tags": "crawler.reading.steps.markup:strip_tags",
    "unescape": "crawler.reading.steps.markup:unescape",
    "join": "crawler.reading.steps.address:join",
}
"""The function of every step, by its kind in plain form; its module is loaded at first use."""

MAX_STEPS = 50  # of a chain
MAX_ARGUMENT = 2000  # characters
MAX_ARGUMENTS = 1000  # of a step; a mapping of 500 words


def check(step: Step) -> None:
    """ValueError with a sentence for people if a step cannot be used."""
    _compiled(step)


def clean(texts: list[str], steps: tuple[Step, ...], *, base: str) -> list[str]:
    """The texts after all steps, each taken through them alone. ``base`` is the page's URL.

    Without texts the steps are taken once without any, for ``default``. ValueError with a sentence for people
    if a step cannot be used, or if a text is or becomes longer than a million characters.
    """
    if not steps:
        return [storable(text) for text in texts]
    cleaned: list[str] = []
    for parts in [[text] for text in texts] or [[]]:
        stages = _stages(parts, steps, base)
        cleaned += stages[-1]
    return cleaned


def trace(text: str, steps: tuple[Step, ...], *, base: str) -> list[tuple[Step, list[str]]]:
    """Each step with the texts after it, to be shown; ValueError as in :func:`clean`."""
    return list(zip(steps, _stages([text], steps, base), strict=True))


def _stages(texts: list[str], steps: tuple[Step, ...], base: str) -> list[list[str]]:
    """The texts after each step."""
    if len(steps) > MAX_STEPS:
        raise ValueError(f"{len(steps)} steps are too many: a field may have {MAX_STEPS}.")
    texts = bounded([storable(text) for text in texts])
    stages = []
    for step in steps:
        texts = bounded(_compiled(step)(texts, base))
        stages.append(texts)
    return stages


@lru_cache(maxsize=1024)
def _compiled(step: Step) -> Apply:
    kinds = {**plugged(GROUP), **STEPS}
    if step.kind not in kinds:
        raise ValueError(f"{step.kind[:60]!r} is not a step. The steps are: {', '.join(kinds)}.")
    if len(step.arguments) > MAX_ARGUMENTS or any(len(word) > MAX_ARGUMENT for word in step.arguments):
        raise ValueError(
            f"The step {step.kind!r} has too long arguments: {MAX_ARGUMENTS} of {MAX_ARGUMENT} characters."
        )
    if any(storable(word) != word for word in step.arguments):
        raise ValueError(f"The step {step.kind!r} holds a character that cannot be stored.")
    function = load(kinds[step.kind])
    try:
        inspect.signature(function).bind(*step.arguments)
    except TypeError as error:
        raise ValueError(_usage(step.kind, inspect.signature(function))) from error
    apply: Apply = function(*step.arguments)
    return apply


def _usage(kind: str, signature: inspect.Signature) -> str:
    """Which arguments a step takes, by the names that its function has for them."""
    names = [
        f"{name} (or nothing)" if parameter.default is not parameter.empty else name
        for name, parameter in signature.parameters.items()
    ]
    if not names:
        return f"The step {kind!r} takes nothing: write just {kind!r}."
    return f"The step {kind!r} takes {len(names)}: {', '.join(names)}."
