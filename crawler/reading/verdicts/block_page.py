"""The verdict ``block_page``: a refusal or a challenge of a guard against robots instead of the page."""

from __future__ import annotations

import re
from collections.abc import Callable

from crawler.reading.verdicts.answer import Answer, phrases_in, quoted
from crawler.reading.verdicts.phrases import HUMAN_CHECKS, REFUSAL_SENTENCES, REFUSALS

MOST_WORDS = 150
FEW_WORDS = 5
MOST_LINKS = 15
REFUSING = frozenset((401, 403, 429, 503))
_CAPTCHA = (
    ".g-recaptcha, .h-captcha, .cf-turnstile, #px-captcha, iframe[src*='recaptcha'], iframe[src*='hcaptcha'],"
    " script[src*='/recaptcha/'], script[src*='hcaptcha.com'], script[src*='challenges.cloudflare.com'],"
    " img[src*='captcha' i], input[name*='captcha' i]"
)
_AKAMAI = re.compile(r"reference #[0-9a-f]+(?:\.[0-9a-f]+){2,}")
_SENTENCE_ENDS = " .!?:…\n"


def judge(answer: Answer) -> tuple[str, ...]:
    """The evidence that a guard answered. Pages with more than a few words and links are none of its."""
    if answer.words > MOST_WORDS or answer.links > MOST_LINKS:
        return ()
    for guard in _GUARDS:
        if evidence := guard(answer):
            return evidence
    return _human_check(answer) or _refusal(answer)


def _cloudflare(answer: Answer) -> tuple[str, ...]:
    if "_cf_chl_opt" in answer.scripts:
        return ("A script sets _cf_chl_opt, as challenges of Cloudflare do.",)
    if answer.title.startswith("attention required!") and "cloudflare" in f"{answer.title} {answer.text}":
        return (f"The title is {quoted(answer.document.title)}, as on refusals of Cloudflare.",)
    return ()


def _akamai(answer: Answer) -> tuple[str, ...]:
    if answer.title == "access denied" and (number := _AKAMAI.search(answer.text)):
        return (f"The title is “Access Denied” and the text has {quoted(number[0])}, as with Akamai.",)
    return ()


def _datadome(answer: Answer) -> tuple[str, ...]:
    hosts = [host for host in answer.source_hosts if host.endswith("captcha-delivery.com")]
    return (f"A script or frame comes from {hosts[0]}, as on challenges of DataDome.",) if hosts else ()


def _perimeterx(answer: Answer) -> tuple[str, ...]:
    if answer.first("#px-captcha") is not None:
        return ("The element #px-captcha is there, as on challenges of PerimeterX.",)
    if "_pxappid" in answer.scripts.lower() and any(map(_is_refusal, answer.title_parts)):
        return (f"The title is {quoted(answer.document.title)} and a script sets _pxAppId (PerimeterX).",)
    return ()


def _imperva(answer: Answer) -> tuple[str, ...]:
    if "incapsula incident id" in answer.text:
        return ("The text has “Incapsula incident ID”, as on refusals of Imperva.",)
    if answer.words <= 5 and any("_Incapsula_Resource" in source for source in answer.sources):
        return ("It says nothing but loads _Incapsula_Resource, as challenges of Imperva do.",)
    return ()


def _aws(answer: Answer) -> tuple[str, ...]:
    if answer.words <= 60 and "gokuProps" in answer.scripts:
        return ("A script sets gokuProps, as challenges of AWS WAF do.",)
    return ()


_GUARDS: tuple[Callable[[Answer], tuple[str, ...]], ...] = (
    _cloudflare,
    _akamai,
    _datadome,
    _perimeterx,
    _imperva,
    _aws,
)


def _human_check(answer: Answer) -> tuple[str, ...]:
    """A title or heading that asks for a human, and a captcha."""
    captcha = answer.first(_CAPTCHA)
    if captcha is None or answer.first("input[type=password i], textarea:not([name*=captcha])") is not None:
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
