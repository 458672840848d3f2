"""The bad server: every way in which a web server is wrong, slow or hostile, as data.

``CASES`` has them by name; every FakeWeb answers them at ``/odd/NAME``. ``docs/bad-server.md`` is made from
them by ``python -m tests.fakeweb.bad.document``.
"""

from __future__ import annotations

from tests.fakeweb.bad.answers import ANSWERS
from tests.fakeweb.bad.case import Case, Group
from tests.fakeweb.bad.codings import CODINGS
from tests.fakeweb.bad.connections import CONNECTIONS
from tests.fakeweb.bad.documents import DOCUMENTS
from tests.fakeweb.bad.framing import FRAMING
from tests.fakeweb.bad.headers import HEADERS
from tests.fakeweb.bad.limits import LIMITS
from tests.fakeweb.bad.texts import TEXTS

GROUPS: tuple[Group, ...] = (CONNECTIONS, LIMITS, FRAMING, ANSWERS, HEADERS, CODINGS, TEXTS, DOCUMENTS)
CASES: dict[str, Case] = {case.name: case for group in GROUPS for case in group.cases}
MISBEHAVIOURS = {name: case.behaviour for name, case in CASES.items()}
