"""Answers that deserve a verdict, several of each kind, and others that only look so."""

from __future__ import annotations

from typing import NamedTuple

from tests.fakeweb.sites.facts import prose

SAMPLE_HOST = "site.test"
"""The host that the samples name as theirs."""

_PROSE = f"<p>{prose('verdicts', sentences=12)}</p>"
_SCRIPT = '<script src="/static/js/main.4f2a.js"></script>'


class Sample(NamedTuple):
    """One answer."""

    what: str
    status: int
    html: str

    @property
    def reply(self) -> tuple[int, dict[str, str], bytes]:
        return self.status, {"Content-Type": "text/html; charset=utf-8"}, self.html.encode()


def _page(title: str, body: str, head: str = "") -> str:
    return f"<!doctype html><html><head><title>{title}</title>{head}</head><body>{body}</body></html>"


SAMPLES = {
    "block_page": [
        Sample(
            "a check of the browser",
            503,
            _page(
                "Just a moment...",
                "<h1>Checking your browser</h1><p>"
                "Please enable cookies. This process is automatic.</p><form id=challenge-form></form>"
                "<script>window._cf_chl_opt = {cvId: '3'};</script>",
            ),
        ),
        Sample(
            "denied with a reference",
            403,
            _page(
                "Access Denied",
                "<h1>Access Denied</h1><p>You don't have "
                "permission to access this page on this server.</p><p>Reference #18.4f2a.1764.9b</p>",
            ),
        ),
        Sample(
            "a captcha with status 200",
            200,
            _page(
                "Are you a robot?",
                "<p>We have detected unusual traffic "
                "from your network. Solve this to go on.</p><div class=g-recaptcha data-sitekey=x></div>",
            ),
        ),
        Sample(
            "press and hold",
            403,
            _page(
                "Verify you are human",
                "<div id=px-captcha></div><p>Press and hold to confirm you are a human (and not a bot).</p>",
            ),
        ),
        Sample(
            "too many requests, in words",
            200,
            _page(
                "Slow down",
                "<h1>Too many requests</h1><p>Your IP has "
                "been temporarily blocked because of automated access.</p>",
            ),
        ),
    ],
    "login_page": [
        Sample(
            "a form and nothing else",
            200,
            _page(
                "Sign in",
                "<h1>Sign in</h1><form action=/login method=post>"
                "<input name=email type=email><input name=password type=password><button>Sign in</button>"
                "</form>",
            ),
        ),
        Sample(
            "in German",
            200,
            _page(
                "Anmelden",
                "<h1>Bitte melden Sie sich an</h1><form method=post>"
                "<input name=nutzer><input type=password name=kennwort><button>Anmelden</button></form>",
            ),
        ),
        Sample(
            "members only",
            200,
            _page(
                "Members only",
                "<p>Please log in to continue.</p><form action=/session"
                " method=post><input type=text name=login><input type=password name=pass></form>",
            ),
        ),
    ],
    "soft_404": [
        Sample(
            "not found with status 200",
            200,
            _page(
                "Page not found",
                "<h1>Page not found</h1><p>Sorry, the "
                "page you are looking for does not exist.</p><a href=/>Home</a>",
            ),
        ),
        Sample(
            "in German",
            200,
            _page("Seite nicht gefunden", "<h1>Fehler 404</h1><p>Diese Seite gibt es nicht mehr.</p>"),
        ),
        Sample(
            "no longer offered",
            200,
            _page(
                "404",
                "<h1>Oops!</h1><p>We can't find that page. It may have been "
                "removed.</p><form><input type=search></form>",
            ),
        ),
    ],
    "empty_shell": [
        Sample("a root and a script", 200, _page("App", f"<div id=root></div>{_SCRIPT}")),
        Sample(
            "asks for JavaScript",
            200,
            _page(
                "App",
                "<noscript>You need to enable JavaScript to run this app."
                f"</noscript><div id=app></div>{_SCRIPT}",
            ),
        ),
        Sample(
            "a spinner",
            200,
            _page("Loading", f"<div id=__next><div class=spinner>Loading…</div></div>{_SCRIPT}"),
        ),
    ],
    "parked_domain": [
        Sample(
            "for sale",
            200,
            _page(
                "site.test is for sale",
                "<h1>The domain site.test is for sale</h1><p>Buy this "
                "domain.</p><a href=/inquire>Make an offer</a>",
            ),
        ),
        Sample(
            "related links",
            200,
            _page(
                "site.test",
                "<p>This domain is parked free, courtesy of a registrar.</p>"
                "<h2>Related searches</h2><ul><li>Cheap flights</li><li>Insurance</li></ul>",
            ),
        ),
    ],
}
"""By verdict."""

INNOCENT = [
    Sample("a tiny page", 200, _page("Yes", "<p>Yes.</p>")),
    Sample(
        "an article about captchas",
        200,
        _page(
            "How captchas work",
            f"<h1>How captchas work</h1>{_PROSE}"
            "<p>Are you a robot? Access denied, it said, and: verify you are human.</p>",
        ),
    ),
    Sample(
        "an article about 404",
        200,
        _page(
            "Page not found: a history",
            f"<h1>Page not found: a history</h1>"
            f"{_PROSE}<p>The page you are looking for does not exist, it said.</p>",
        ),
    ),
    Sample(
        "a form to log in, beside content",
        200,
        _page(
            "News",
            f"<form action=/login><input type=password></form><h1>News of the day</h1>{_PROSE}{_PROSE}",
        ),
    ),
    Sample(
        "a comment form with a captcha",
        200,
        _page(
            "A story",
            f"<h1>A story</h1>{_PROSE}{_PROSE}<form><textarea>"
            "</textarea><div class=g-recaptcha></div></form>",
        ),
    ),
    Sample(
        "a list without results",
        200,
        _page(
            "Search",
            "<h1>Search</h1><p>No results for your filter. 0 items.</p><a href=/list?page=1>All items</a>",
        ),
    ),
    Sample(
        "a page that was written by a script, with content",
        200,
        _page("Shop", f"<div id=root><h1>Kettles</h1>{_PROSE}</div>{_SCRIPT}"),
    ),
    Sample(
        "an article about parked domains",
        200,
        _page("Domains for sale", f"<h1>Domains for sale</h1>{_PROSE}<p>Buy this domain, they say.</p>"),
    ),
    Sample("a true 404", 404, _page("Page not found", "<h1>Page not found</h1>")),
    Sample("a failing server", 500, _page("Error", "<h1>Internal server error</h1>")),
]
"""None of these gets a verdict: an honest status needs none, and few words are no fault."""
