"""The verdict ``login_page``: a login is asked for where a page was."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from turbohtml import Element

from crawler.reading.text import fold
from crawler.reading.verdicts.answer import Answer, count_words, phrases_in, quoted
from crawler.reading.verdicts.phrases import FORGOTTEN, GATE_SENTENCES, GATES, LOGIN_WORDS

MOST_WORDS = 40  # beside the form, the menus, the header and the footer
FEW_WORDS = 12
_LOGIN_PATH = re.compile(
    r"(?:^|[/_.-])(?:log-?in|sign-?in|log-?on|auth|sso|session|sessions|account|anmelden|anmeldung|connexion"
    r"|authorize|entrar|acceso|accedi|inloggen|logowanie|vhod|register|signup|sign-up|password|user|users|wp-login)"
    r"(?:[/_.-]|$)",
    re.IGNORECASE,
)
_LOGIN_HOST = re.compile(r"^(?:log-?in|sign-?in|auth|sso|accounts?|id|idp|identity)\.", re.IGNORECASE)
_NEW_PASSWORD = "input[autocomplete=new-password]"  # noqa: S105


def judge(answer: Answer) -> tuple[str, ...]:
    """The evidence: a form with one password, little beside it, and words or a redirect that name a login."""
    if is_login_url(answer.url):
        return ()
    fields = answer.tree.select("input[type=password i]")
    if not fields:
        return _name_first(answer)
    if len(fields) != 1 or answer.first(_NEW_PASSWORD) is not None:
        return ()
    form = fields[0].closest("form")
    if fields[0].closest("header, nav, aside, footer, dialog, [hidden], [role=dialog], .modal, .dropdown"):
        return ()
    password = f"It asks for a password ({_described(fields[0])})."
    if answer.final_url and answer.final_url != answer.url and is_login_url(answer.final_url):
        return (password, f"The request was led to {answer.final_url[:200]}.")
    if count_words(answer.own_text) > MOST_WORDS:
        return ()
    return _named(answer, form, password)


def _gate(answer: Answer) -> str:
    """The words by which it keeps all else for those who have a password."""
    names = answer.headings[0] if answer.headings else answer.title
    return next(phrases_in(names, GATES), next(phrases_in(answer.text, GATE_SENTENCES), ""))


def _name_first(answer: Answer) -> tuple[str, ...]:
    """A login that asks for the name first, where a request was led to a login."""
    if not answer.final_url or answer.final_url == answer.url or not is_login_url(answer.final_url):
        return ()
    if answer.first("form input") is None or count_words(answer.own_text) > MOST_WORDS:
        return ()
    word = next(phrases_in(answer.title, LOGIN_WORDS), None)
    led = f"The request was led to {answer.final_url[:200]}."
    return (led, f"The title has {quoted(word)}.") if word else ()


def is_login_url(url: str) -> bool:
    """Whether an address is by its name a login, so that a login is what was asked for."""
    parts = urlsplit(url)
    return bool(_LOGIN_PATH.search(parts.path) or _LOGIN_HOST.search(parts.hostname or ""))


def _named(answer: Answer, form: Element | None, password: str) -> tuple[str, ...]:
    """A title or heading that names a login, or words that keep all else for members.

    A button is enough if nothing else is said.
    """
    for shown in (*answer.title_parts[1:], answer.title, *answer.headings):
        if count_words(shown) <= 10 and (word := next(phrases_in(shown, LOGIN_WORDS), None)):
            return (password, f"The title or heading has {quoted(word)}.")
    if gate := _gate(answer):
        return (password, f"It says {quoted(gate)}, and little is there beside.")
    inside = fold(form.text).lower() if form is not None else answer.text
    if form is not None:
        inside += " ".join((each.attr("value") or "").lower() for each in form.select("input[type=submit i]"))
    word = next(phrases_in(inside, LOGIN_WORDS), None)
    if word and count_words(answer.own_text) <= 5:
        return (password, f"Its form has {quoted(word)}, and beside the form it says next to nothing.")
    word = next(phrases_in(answer.text, FORGOTTEN), None)
    if word and count_words(answer.own_text) <= FEW_WORDS:
        return (password, f"The text has {quoted(word)}, and little is there beside.")
    return ()


def _described(field: Element) -> str:
    name = field.attr("name") or field.attr("id") or ""
    return f"an input of the type password, {quoted(name)}" if name else "an input of the type password"
