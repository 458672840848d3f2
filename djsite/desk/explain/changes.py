"""What would have to change for an address that was asked, or left out, for a reason."""

from __future__ import annotations

from crawler.outcomes import Reason
from djsite.desk.explain.explanation import Change
from djsite.desk.words import is_verdict

_OF_SITE = "Nothing in the seed: "
_OF_REASON: dict[str, Change] = {
    Reason.ROBOTS: Change(
        "The owner of the site may allow it. If they have allowed you, the seed can be told not to obey "
        "robots.txt, with the reason.",
        "obey_robots",
    ),
    Reason.ROBOTS_UNREACHABLE: Change(f"{_OF_SITE}its host has to answer for robots.txt again."),
    Reason.NOINDEX: Change(
        "The page itself would have to drop its noindex; a seed that does not obey robots.txt keeps it.",
        "obey_robots",
    ),
    Reason.STOPPED: Change("Let a run go on to its end."),
    Reason.LEFT_OUT: Change("Take the pattern out of what the seed excludes.", "exclude"),
    Reason.MAX_DURATION: Change(
        "Give the runs more minutes, or a shorter delay if the site allows it.", "max_minutes"
    ),
    Reason.SAME_TEXT: Change(
        "Raise max_same_text in the seed, or write the address as a start URL.", "max_same_text"
    ),
    Reason.BLOCKED_ADDRESS: Change("An administrator can write its network in the seed.", "allow_networks"),
    Reason.SEALED_HEADERS: Change("Write the seed's secret headers again.", "headers"),
    Reason.DNS: Change(
        "Look whether the host name is spelt right, and whether this machine resolves it.", "start_urls"
    ),
    Reason.TLS: Change(
        f"{_OF_SITE}the certificate has to be in order, or its authority be known here (docs/operations.md)."
    ),
    Reason.TOO_LARGE: Change(f"{_OF_SITE}the answer is larger than what is read."),
    Reason.CONTENT_TYPE: Change(
        "Documents such as PDF are read where a collection of the seed names the page.", "collections"
    ),
    Reason.BAD_PATTERN: Change("Mend the pattern in the seed.", "include"),
    Reason.SITEMAP: Change(
        "Nothing: a sitemap is read for its addresses. To store it as a page, write it as a start URL.",
        "start_urls",
    ),
}
_VERDICT = Change(
    "If the answer is a real page, overrule the verdict: on the page of the answer, or in the seed.",
    "accept",
)


def change_after(reason: str, host: str) -> Change:
    """What would have to change after a visit that ended for ``reason``; ``host`` is that of the address."""
    if reason in _OF_REASON:
        return _OF_REASON[reason]
    if is_verdict(reason):
        return _VERDICT
    if reason in ("http_404", "http_410"):
        return Change(
            "Nothing in the seed: the site says that there is no such page. Links to it are out of date."
        )
    if reason in ("http_401", "http_403", "login_page"):
        return Change(
            "Give the seed the request headers by which the site lets it in, or ask its owner.", "headers"
        )
    return Change(
        f"{_OF_SITE}{host} has to answer properly. Fetch the page again by hand to see whether it does now."
    )
