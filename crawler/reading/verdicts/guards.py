"""The marks by which the answers of known guards against robots are told."""

from __future__ import annotations

import re
from typing import NamedTuple

from crawler.reading.verdicts.answer import Answer, quoted

FEW_WORDS = 60


class Mark(NamedTuple):
    """What a script or an address of a challenge holds, in lower case, and whose it is."""

    text: str
    guard: str
    most_words: int = FEW_WORDS  # on the page; ordinary pages behind the guard may hold the mark as well


MARKS = (
    Mark("_cf_chl_opt", "Cloudflare", 150),
    Mark("captcha-delivery.com", "DataDome", 150),
    Mark("_incapsula_resource", "Imperva", 5),
    Mark("gokuprops", "AWS WAF"),
    Mark("captcha.awswaf.com", "AWS WAF", 30),
    Mark("kpsdk", "Kasada", 5),
    Mark("/.well-known/vercel/security/", "Vercel"),
    Mark("/.within.website/x/cmd/anubis/", "Anubis", 150),
    Mark("validate.perfdrive.com", "Radware", 150),
    Mark("/_____tmd_____/punish", "Alibaba Cloud"),
    Mark("sec-cpt-if", "Akamai", 30),
    Mark("/_sec/cp_challenge/", "Akamai"),
    Mark("/.well-known/ddos-guard/", "DDoS-Guard", 30),
)


class Words(NamedTuple):
    """A title, whole or its beginning, and what scripts, addresses or text hold with it; whose both are."""

    title: str
    beside: re.Pattern[str]
    guard: str


IN_WORDS = (
    Words("attention required!", re.compile("cloudflare"), "Cloudflare"),
    Words("just a moment", re.compile("cloudflare|/cdn-cgi/challenge-platform/"), "Cloudflare"),
    Words("access denied", re.compile(r"reference #[0-9a-f]+(?:\.[0-9a-f]+){2,}"), "Akamai"),
    Words("request rejected", re.compile(r"support id is: ?<?[0-9]+"), "F5"),
    Words("access to this page has been denied", re.compile("_pxappid"), "PerimeterX"),
    Words("error: the request could not be satisfied", re.compile("cloudfront"), "CloudFront"),
    Words("", re.compile("incapsula incident id"), "Imperva"),
)


def mark_of_a_guard(answer: Answer) -> tuple[str, ...]:
    """The evidence that a known guard made a page of few words and links; none without its mark."""
    if answer.first("#px-captcha") is not None:
        return ("The element #px-captcha is there, as on challenges of PerimeterX.",)
    loaded = f"{answer.scripts} {' '.join(answer.sources)}".lower()
    for mark in MARKS:
        if mark.text in loaded and answer.words <= mark.most_words:
            return (f"A script or an address has {quoted(mark.text)}, as challenges of {mark.guard} do.",)
    return _words_of_a_guard(answer, f"{answer.text} {loaded}")


def _words_of_a_guard(answer: Answer, whole: str) -> tuple[str, ...]:
    for words in IN_WORDS:
        if answer.title.startswith(words.title) and (shown := words.beside.search(whole)):
            title = f"The title is {quoted(answer.document.title)} and it" if words.title else "It"
            return (f"{title} has {quoted(shown[0])}, as answers of {words.guard} do.",)
    return ()
