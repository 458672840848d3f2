"""A web of our own for the tests: real sockets on loopback, linked sites, and servers that misbehave.

with FakeWeb(linked_site(pages=50)) as web:
    web.on("/flaky", Answer(503), Answer(body="<p>now it works"))
    ...
    assert [seen.path for seen in web.requests] == [...]
"""

from tests.fakeweb.answers import Answer, Behaviour, Request, Wire, redirect
from tests.fakeweb.bad import MISBEHAVIOURS
from tests.fakeweb.server import FakeWeb, Seen
from tests.fakeweb.site import LinkedSite, linked_site

__all__ = [
    "MISBEHAVIOURS",
    "Answer",
    "Behaviour",
    "FakeWeb",
    "LinkedSite",
    "Request",
    "Seen",
    "Wire",
    "linked_site",
    "redirect",
]
