"""Every other service, by Apprise (github.com/caronc/apprise), in a process of its own.

Apprise opens connections itself. Its process refuses each that our address guard refuses, and starts no other
program.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

from pipelines.killable import ChildKilled, in_child
from pipelines.telling.kinds.apprise_child import Done, Order
from pipelines.telling.kinds.kind import Answer, Problems, Sending, Setting, fitted

LABEL = "Another service (Apprise)"
MISSING = "Apprise is not installed. Install it where the workers run: pip install 'crawlbeat[apprise]'."
SETTINGS = (Setting("url", "Apprise address", "Such as tgram://bottoken/ChatID.", secret=True),)
MOST = 3_000  # characters; Apprise splits or cuts what a service does not take
REFUSED = frozenset(
    ("dbus", "file", "form", "forms", "glib", "gnome", "json", "jsons", "kde", "macosx", "mailto", "mailtos")
    + ("qt", "sendmail", "syslog", "windows", "xml", "xmls")
)
"""Schemes that reach this machine, or that another kind of channel does better."""


def check(options: Mapping[str, Any], secret: Mapping[str, str]) -> Problems:
    """The address; whether Apprise knows its scheme shows when a test is sent."""
    if not installed():
        return {"url": MISSING}
    scheme, mark, _ = secret.get("url", "").partition("://")
    if not mark or not secret["url"].isprintable():
        return {"url": "This is no address of Apprise. Give one such as tgram://bottoken/ChatID."}
    if scheme.lower() in REFUSED:
        return {"url": f"{scheme}:// is not taken. Use the channel for mail or webhooks instead."}
    return {}


def installed() -> bool:
    """Whether the optional package is there."""
    return find_spec("apprise") is not None


def send(sending: Sending) -> Answer:
    """Hand one message over to Apprise."""
    if not installed():
        return Answer(False, MISSING, refused=True)
    text = fitted([sentence for sentence, _ in sending.entries()], MOST)
    order = Order(sending.secret["url"], sending.subject, text, list(sending.networks))
    try:
        done = in_child("pipelines.telling.kinds.apprise_child", order, Done)
    except ChildKilled as error:
        return Answer(False, f"Apprise gave no answer: {error}.")
    return Answer(done.delivered, done.text)
