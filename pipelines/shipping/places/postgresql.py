"""A table of a PostgreSQL database: a row for each thing, typed, up to date with the last shipment.

A shipment is one transaction, with the row that says which shipment the table has: it is there once, or not
at all. Whoever writes holds that row, so no two shipments are written at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg

from crawler.requests.exchange import one_line
from crawler.requests.guard import AddressGuard, BlockedAddress
from pipelines.shipping.places.place import ROWS, Lot, Spot
from pipelines.shipping.places.table import Refused, apply, try_table
from pipelines.sockets import address_of
from pipelines.telling.kinds.kind import ANSWER_CHARACTERS, Answer, Problems, Setting, blocked_words

LABEL = "PostgreSQL table"
TAKES = ROWS
SECONDS = 20  # for a connection, for a lock, and for a silence of the network
STATEMENT_SECONDS = 50  # for each statement: shorter than a lease
ENCRYPTIONS = {"verify": "verify-full", "require": "require", "none": "disable"}
_NAME = r"[a-z_][a-z0-9_]{0,62}"
_TABLE = re.compile(rf"(?:{_NAME}\.)?{_NAME}")
SETTINGS = (
    Setting("host", "Server", "Its name, such as db.example.org."),
    Setting("port", "Port", "Empty: 5432.", needed=False),
    Setting("database", "Database"),
    Setting("user", "User name"),
    Setting(
        "encryption",
        "Encryption",
        "verify: the server proves its name, too. none only for a server on this machine.",
        choices=tuple(ENCRYPTIONS),
    ),
    Setting(
        "table", "Table", "Such as prices or shop.prices. It is made if it is not there; the schema is not."
    ),
    Setting("password", "Password", secret=True, needed=False),
)


def check(options: Mapping[str, Any], secret: Mapping[str, str]) -> Problems:
    """Server, database, user and table."""
    problems = {}
    for name, what in (
        ("host", "the name of the server"),
        ("database", "the name of the database"),
        ("user", "the user name"),
    ):
        text = str(options.get(name, ""))
        if not text.strip() or not text.isprintable() or (name == "host" and ("/" in text or "," in text)):
            problems[name] = f"Give {what}."
    port = str(options.get("port", ""))
    if port and not (port.isdecimal() and 0 < int(port) < 65536):
        problems["port"] = "Give a number from 1 to 65535, or nothing."
    if options.get("encryption") not in ENCRYPTIONS:
        problems["encryption"] = f"Give one of {', '.join(ENCRYPTIONS)}."
    if not _TABLE.fullmatch(str(options.get("table", ""))):
        problems["table"] = "Give small letters, digits and _, such as prices or shop.prices."
    return problems


def send(lot: Lot) -> Answer:
    """Apply the lot to the table."""
    return _with_connection(lot.spot, lambda connection: apply(connection, lot))


def probe(spot: Spot) -> Answer:
    """See whether the table may be made or written, and roll it back."""
    return _with_connection(spot, lambda connection: try_table(connection, spot.options["table"]))


def _with_connection(spot: Spot, work: Callable[[psycopg.Connection], str]) -> Answer:
    try:
        with connected(spot) as connection:
            return Answer(True, work(connection))
    except BlockedAddress as error:
        return Answer(False, blocked_words(error), refused=True)
    except Refused as error:
        return Answer(False, str(error), refused=True)
    except (psycopg.Error, OSError) as error:
        text = one_line(f"The database did not take it: {error}")[:ANSWER_CHARACTERS]
        return Answer(False, text, refused=_is_refusal(error))


def _is_refusal(error: Exception) -> bool:
    """Rights, names and types, by the classes 28, 3D, 3F and 42 of SQLSTATE: a person has to mend them."""
    state = getattr(error, "sqlstate", None) or ""
    return state[:2] in {"28", "3D", "3F", "42"}


@contextmanager
def connected(spot: Spot) -> Iterator[psycopg.Connection]:
    """A connection in a transaction, which is committed in the end."""
    with psycopg.connect(**parameters(spot)) as connection:
        yield connection


def parameters(spot: Spot) -> dict[str, Any]:
    """What libpq is called with: the address that the guard lets through, and no files of this machine.

    Raises OSError and :class:`BlockedAddress`.
    """
    options = spot.options
    encryption = ENCRYPTIONS[options["encryption"]]
    return {
        "host": options["host"],
        "hostaddr": address_of(AddressGuard(spot.networks), options["host"]),
        "port": int(options.get("port") or 5432),
        "dbname": options["database"],
        "user": options["user"],
        "password": spot.secret.get("password", ""),
        "passfile": "/dev/null",
        "sslmode": encryption,
        **({"sslrootcert": "system"} if encryption == "verify-full" else {}),
        "gssencmode": "disable",
        "connect_timeout": SECONDS,
        "keepalives_idle": SECONDS,
        "tcp_user_timeout": SECONDS * 1000,
        "application_name": "crawlbeat",
        "options": f"-c statement_timeout={STATEMENT_SECONDS * 1000} -c lock_timeout={SECONDS * 1000} "
        "-c timezone=UTC",
    }
