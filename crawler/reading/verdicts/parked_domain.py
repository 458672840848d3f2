"""The verdict ``parked_domain``: a domain without a site, which shows advertisements or is for sale."""

from __future__ import annotations

import re

from crawler.reading.text import fold
from crawler.reading.verdicts.answer import Answer, host_of, phrases_in, quoted
from crawler.reading.verdicts.phrases import FOR_SALE, OFFERS, PLACEHOLDERS
from crawler.rules.urls import registrable_domain

MOST_WORDS = 150
FEW_WORDS = 60
PARKING_HOSTS = (
    "sedoparking.com", "parkingcrew.net", "bodis.com", "parklogic.com", "parking.namecheap.com",
    "d38psrni17bvxu.cloudfront.net", "above.com", "domainsponsor.com", "skenzo.com",
    "smartname.com", "trafficclub.com", "parkweb.com", "voodoo.com", "cashparking.com", "fabulous.com",
    "rookdns.com", "uniregistry.com", "parking.reg.ru", "domaincntrol.com", "ztomy.com", "trellian.com",
)  # fmt: skip
"""Hosts whose scripts, frames and pictures only parked domains load."""

PARKING_PATHS = ("/parking-lander/", "parking-crew", "/park.js", "/px.js?ch=")
_TO_A_LANDER = re.compile(r"location(?:\.href)?\s*=\s*[\"']/lander")


def judge(answer: Answer) -> tuple[str, ...]:
    """The evidence: a parking host's script on a page of few words, or the domain's own name and an offer."""
    if answer.words > MOST_WORDS:
        return ()
    return _by_host(answer) or _by_words(answer)


def _by_host(answer: Answer) -> tuple[str, ...]:
    for source in answer.sources:
        host = host_of(source)
        if any(host == known or host.endswith(f".{known}") for known in PARKING_HOSTS):
            return (f"It loads {quoted(source)}, which parked domains do.",)
        if any(path in source for path in PARKING_PATHS):
            return (f"It loads {quoted(source)}, as parked domains do.",)
    if not answer.words and _TO_A_LANDER.search(answer.scripts):
        return ("It says nothing, and a script leads to /lander, as parked domains do.",)
    return ()


def _by_words(answer: Answer) -> tuple[str, ...]:
    """A page that stands for a site not made yet, or offers the very domain that it is on."""
    domain = registrable_domain(host_of(answer.url))
    shown = f"{answer.title} {answer.text}"
    if answer.words <= FEW_WORDS and (phrase := next(phrases_in(shown, PLACEHOLDERS), None)):
        return (f"The text has {quoted(phrase)}, as registrars say for a site that nobody has made.",)
    if not domain or domain not in shown:
        return ()
    openings = (answer.title, answer.text, *answer.headings)
    offers = [offer for offer in _offers_of(domain) if any(text.startswith(offer) for text in openings)]
    unnamed = fold(shown.replace(f"www.{domain}", " ").replace(domain, " "))
    phrases = list(dict.fromkeys([*offers, *phrases_in(unnamed, FOR_SALE)]))
    if not phrases or answer.words > (MOST_WORDS if len(phrases) > 1 else FEW_WORDS):
        return ()
    if len(phrases) == 1 and not any(domain in each for each in (answer.title, *answer.headings)):
        return ()
    return (
        f"It names its own domain, {domain}.",
        *(f"The text has {quoted(phrase)}." for phrase in phrases[:2]),
    )


def _offers_of(domain: str) -> list[str]:
    return [offer.format(domain) for offer in OFFERS]
