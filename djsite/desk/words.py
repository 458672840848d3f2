"""Machine values as words for people: reasons, states of runs, spans of time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache

from django.utils import timezone

from catalog.models import Run
from catalog.models.run import SECOND_LOOK, WAITED
from crawler.outcomes import Limit, Reason
from crawler.reading.verdicts import kinds
from pipelines.runs import SEED_DELETED
from scheduler.clock import decisions


@dataclass(frozen=True)
class StateWords:
    """A state as a label, a tone for its dot or tag (good, warn, bad, run, idle or none), and a sentence."""

    label: str
    tone: str = ""
    sentence: str = ""


WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
REASONS: dict[str, str] = {
    Reason.MARKUP_ONLY: "only the markup changed",
    Reason.NOISE_ONLY: "only parts changed that do not count",
    Reason.SAME_VALUES: "no value of its fields changed",
    Reason.ROBOTS: "robots.txt forbids it",
    Reason.ROBOTS_UNREACHABLE: "robots.txt could not be read, so nothing may be asked",
    Reason.NOINDEX: "the page asks not to be kept (noindex)",
    Reason.STOPPED: "the run was stopped",
    Reason.MAX_DURATION: "the run's time limit was reached",
    Reason.LEFT_OUT: "its part of the site was left out while the run went",
    Reason.BLOCKED_ADDRESS: "its address is private and not allowed for this seed",
    Reason.BAD_URL: "not a usable web address",
    Reason.SEALED_HEADERS: "the seed's secret headers cannot be opened; the run says why",
    Reason.DNS: "no host of this name could be found",
    Reason.CONNECT: "no connection could be made",
    Reason.HOST_DOWN: "its host had failed for half an hour, so it was not asked",
    Reason.TLS: "the certificate or the encryption is not in order",
    Reason.TIMEOUT: "no complete answer in time",
    Reason.READ: "the connection broke before the answer was complete",
    Reason.BAD_RESPONSE: "the answer is not proper HTTP",
    Reason.DECODING: "the answer's compression is damaged or unknown",
    Reason.TOO_LARGE: "larger than the limit",
    Reason.CONTENT_TYPE: "not a page: its content type is not one we read",
    Reason.UNREADABLE: "not what its content type promises, damaged, or too much to read",
    Reason.REDIRECT_LOOP: "its redirects go round in a circle",
    Reason.TOO_MANY_REDIRECTS: "too many redirects in a row",
    Reason.BAD_REDIRECT: "redirects to something that is no web address",
    Reason.PARSER_KILLED: "this page killed its parser and was set aside",
    Reason.FETCH_KILLED: "asking for it killed or held up its worker, twice, so it was set aside",
    Reason.STORE_KILLED: "storing it killed or held up its worker, twice, so it was set aside",
    Reason.BLOCK_PAGE: "not the page: a guard against robots answered",
    Reason.LOGIN_PAGE: "not the page: a login was asked for",
    Reason.SOFT_404: "it says that there is no such page",
    Reason.EMPTY_SHELL: "empty without scripts",
    Reason.PARKED_DOMAIN: "the domain is parked or for sale",
    Reason.BAD_PATTERN: "a pattern of the seed cannot be used; its form says what to write instead",
    Reason.OPENING_KILLED: "opening it killed or held up its worker, again and again, so it was given up",
    Reason.INTERNAL_ERROR: "an error of ours; the log has more",
    Reason.SITEMAP: "a sitemap, read for its links",
    "not_in_archive": "its stored copy cannot be read from the archive",  # of a rereading
    # of runs
    decisions.WAITING: "it waits for the end of the earlier run",
    WAITED: "it waited for the end of the earlier run",
    decisions.LATE: "opened late: nothing could open it in time",
    decisions.DOWNTIME: "nothing could open it in time",
    decisions.OVERLAP: "the earlier run was still going",
    decisions.ONE_WAITS: "the earlier run was still going, and another slot waited already",
    decisions.SWITCHED_OFF: "its schedule was switched off before it could be opened",
    SECOND_LOOK: "a second look at pages that have changed, before anybody is told",
    SEED_DELETED: "its seed was deleted",
    # what turned links away
    Limit.DEPTH: "deeper than the seed goes",
    Limit.HOSTS: "on more hosts than a run takes of a domain",
    Limit.PAGES: "more pages than the seed wants",
    Limit.URL_LENGTH: "address too long",
    Limit.REPEATED_SEGMENTS: "the same part again and again in the address",
    Limit.PAGES_PER_HOST: "more pages of one host than the seed wants",
    Limit.SAME_TEXT: "pages of its kind said nothing new",
    Limit.SITEMAPS: "too many sitemaps",
}


def reason_words(reason: str | None) -> str:
    """A reason code as half a sentence; unknown codes as they are."""
    if not reason:
        return ""
    if reason.startswith("http_"):
        return f"the server answered {reason[5:]}"
    code, semicolon, more = reason.partition(";")
    return REASONS.get(code, code.replace("_", " ")) + semicolon + more


CUT_SHORT = {Reason.STOPPED, Reason.MAX_DURATION}


def run_words(state: str, reason: str, successes: int, failed: int) -> StateWords:
    """The state of a run with so many ``successes`` (pages stored or found unchanged) and failures."""
    if state != Run.State.FINISHED:
        return StateWords(Run.State(state).label, _TONES.get(state, "idle"))
    if reason.partition(";")[0] in CUT_SHORT:
        return StateWords("stopped", "warn")
    if failed and not successes:
        return StateWords("failed", "bad")
    return StateWords("finished, some failed", "warn") if failed else StateWords("finished", "good")


_TONES: dict[str, str] = {
    Run.State.OPEN: "run",
    Run.State.MISSED: "bad",
    Run.State.PAUSED: "warn",
    Run.State.STOPPING: "warn",
}


@cache
def is_verdict(reason: str | None) -> bool:
    """Whether a reason is a verdict on an answer, of ours or of another package."""
    return reason in kinds()


def span(seconds: float) -> str:
    """A length of time in at most two units: ``2 h 5 min``, ``45 s``."""
    parts = _units(seconds)
    return " ".join(text for size, text in parts[:2] if size * 60 >= parts[0][0])


def rough_span(seconds: float) -> str:
    """A length of time in its largest unit, whole ones only: ``2 h``, ``45 s``."""
    return _units(seconds)[0][1]


def _units(seconds: float) -> list[tuple[int, str]]:
    """The units that a time is made of, largest first, each with its length in seconds; never none."""
    remaining = max(0, round(seconds))
    parts = []
    for short, size in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        whole, remaining = divmod(remaining, size)
        if whole:
            parts.append((size, f"{whole} {short}"))
    return parts or [(1, "0 s")]


def ago(when: datetime, now: datetime | None = None) -> str:
    """A moment seen from now: ``3 min ago``, ``in 2 h``, ``now``."""
    seconds = ((now or timezone.now()) - when).total_seconds()
    if abs(seconds) < 1:
        return "now"
    return f"{rough_span(seconds)} ago" if seconds > 0 else f"in {rough_span(-seconds)}"
