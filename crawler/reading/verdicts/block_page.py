"""The verdict ``block_page``: a refusal or a challenge of a guard against robots instead of the page."""

from __future__ import annotations

from crawler.reading.verdicts.answer import Answer, phrases_in, quoted
from crawler.reading.verdicts.guards import mark_of_a_guard
from crawler.reading.verdicts.phrases import HUMAN_CHECKS, REFUSAL_SENTENCES, REFUSALS

MOST_WORDS = 150
FEW_WORDS = 5
MOST_LINKS = 15
REFUSING = frozenset((401, 403, 429, 503))
_CAPTCHA = (
    ".g-recaptcha, .h-captcha, .cf-turnstile, #px-captcha, iframe[src*='recaptcha'], iframe[src*='hcaptcha'],"
    " script[src*='/recaptcha/'], script[src*='hcaptcha.com'], script[src*='challenges.cloudflare.com'],"
    " img[src*='captcha' i], input[name*='captcha' i], form[action*='captcha' i]"
)
_ASKED_OF_PEOPLE = "input[type=password i], input[type=email i], textarea:not([name*=captcha])"
_SENTENCE_ENDS = " .!:…\n"


def judge(answer: Answer) -> tuple[str, ...]:
    """The evidence that a guard answered. Pages with more than a few words and links are none of its."""
    if answer.words > MOST_WORDS or answer.links > MOST_LINKS:
        return ()
    return mark_of_a_guard(answer) or _human_check(answer) or _refusal(answer)


def _human_check(answer: Answer) -> tuple[str, ...]:
    """A title or heading that asks for a human, and a captcha."""
    captcha = answer.first(_CAPTCHA)
    if captcha is None or answer.first(_ASKED_OF_PEOPLE) is not None:
        return ()
    for shown in (answer.title, *answer.headings, answer.text if answer.words <= 60 else ""):
        if phrase := next(phrases_in(shown, HUMAN_CHECKS), None):
            return (
                f"It asks {quoted(phrase)}.",
                f"It has a captcha: the element <{captcha.tag}> of {quoted(_name_of(captcha.attrs))}.",
            )
    return ()


def _name_of(attributes: object) -> str:
    values = dict(attributes) if isinstance(attributes, dict) else {}
    return str(values.get("class") or values.get("id") or values.get("src") or values.get("name") or "")


def _refusal(answer: Answer) -> tuple[str, ...]:
    """A title or heading that is a refusal, and a status or sentence of one, or nothing else at all."""
    shown = next(filter(_is_refusal, (*answer.title_parts, *answer.headings)), None)
    if shown is None:
        return ()
    evidence = f"The title or heading is {quoted(shown)}."
    if answer.status in REFUSING:
        return (evidence, f"The status is {answer.status}.")
    if phrase := next(phrases_in(answer.text, REFUSAL_SENTENCES), None):
        return (evidence, f"The text has {quoted(phrase)}.")
    if answer.words <= FEW_WORDS and _is_refusal(answer.title) and any(map(_is_refusal, answer.headings)):
        return (evidence, "It says next to nothing else.")
    return ()


def _is_refusal(text: str) -> bool:
    return text.strip(_SENTENCE_ENDS) in REFUSALS or text in REFUSALS
