"""Mail, by SMTP (RFC 5321) through Django; the server is the channel's own."""

from __future__ import annotations

import smtplib
import socket
from collections.abc import Callable, Mapping, Sequence
from email.utils import formatdate, parseaddr
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.smtp import EmailBackend
from django.core.validators import validate_email

from crawler.requests.exchange import one_line
from crawler.requests.guard import AddressGuard, BlockedAddress
from pipelines.sockets import open_socket
from pipelines.telling.kinds.kind import (
    ANSWER_CHARACTERS,
    Answer,
    Problems,
    Sending,
    Setting,
    blocked_words,
    error_words,
)
from pipelines.telling.letters import html_of, text_of

LABEL = "Mail"
SECONDS = 20.0  # for each answer of the server
SUBJECT = 200  # characters
PORTS = {"starttls": 587, "tls": 465, "none": 25}
SETTINGS = (
    Setting("to", "To", "Mail addresses, a line each.", many=True),
    Setting("sender", "From", "The mail address that it comes from."),
    Setting("host", "Mail server", "Its name, such as smtp.example.org."),
    Setting("security", "Encryption", "none only for a server on this machine.", choices=tuple(PORTS)),
    Setting("port", "Port", "Empty: 587 with starttls, 465 with tls, else 25.", needed=False),
    Setting("user", "User name", "If the server asks for one.", needed=False),
    Setting("password", "Password", secret=True, needed=False),
)


def check(options: Mapping[str, Any], secret: Mapping[str, str]) -> Problems:
    """Addresses, server and port."""
    problems = {}
    to = options.get("to", ())
    if wrong := [each for each in to if not _is_address(each)]:
        problems["to"] = f"{wrong[0]!r} is no mail address."
    if not to:
        problems["to"] = "Give at least one mail address."
    if not _is_address(options.get("sender", "")):
        problems["sender"] = "Give a mail address, such as crawlbeat@example.org."
    if not _is_name(str(options.get("host", ""))):
        problems["host"] = "Give the name of the mail server, such as smtp.example.org."
    if options.get("security") not in PORTS:
        problems["security"] = f"Give one of {', '.join(PORTS)}."
    port = str(options.get("port", ""))
    if port and not (port.isdecimal() and 0 < int(port) < 65536):
        problems["port"] = "Give a number from 1 to 65535, or nothing."
    return problems


def send(sending: Sending) -> Answer:
    """Hand one mail over to the server."""
    try:
        letter(sending).send()
    except smtplib.SMTPAuthenticationError as error:
        return Answer(
            False, f"The mail server refuses user name and password ({error.smtp_code}).", refused=True
        )
    except smtplib.SMTPRecipientsRefused as error:
        return Answer(
            False, _short(f"The mail server refuses every recipient: {_codes(error)}."), refused=True
        )
    except smtplib.SMTPResponseException as error:
        return Answer(False, _short(f"The mail server answers {error.smtp_code} {_text(error)}"))
    except BlockedAddress as error:
        return Answer(False, blocked_words(error), refused=True)
    except (smtplib.SMTPException, OSError, UnicodeError) as error:
        return Answer(False, _short(f"The mail server did not take it: {error_words(error)}."))
    return Answer(True, "The mail server has taken it.")


def letter(sending: Sending) -> EmailMultiAlternatives:
    """The mail: text and HTML; its Message-ID is made of the message's id, so a double is seen as one."""
    options = sending.options
    domain = parseaddr(options["sender"])[1].rpartition("@")[2]
    headers = {
        "Message-ID": f"<{sending.uid}@{domain}>",
        "Date": formatdate(sending.created_at.timestamp()),
        "Auto-Submitted": "auto-generated",  # RFC 3834
        "List-Id": f"Crawlbeat <crawlbeat.{domain}>",  # RFC 2919
        "X-Auto-Response-Suppress": "All",
    }
    mail = EmailMultiAlternatives(
        one_line(sending.subject)[:SUBJECT],
        text_of(sending.body, sending.site),
        options["sender"],
        list(options["to"]),
        headers=headers,
        connection=_backend(sending),
    )
    mail.attach_alternative(html_of(sending.body, sending.site), "text/html")
    return mail


class _Guarded:
    """Of a connection by SMTP: it is made to an address that the guard lets through."""

    def __init__(self, *args: Any, guard: AddressGuard, **options: Any) -> None:
        self._guard = guard
        super().__init__(*args, **options)


class _Plain(_Guarded, smtplib.SMTP):
    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return open_socket(self._guard, host, port, timeout)


class _Encrypted(_Guarded, smtplib.SMTP_SSL):
    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        opened = open_socket(self._guard, host, port, timeout)
        return self.context.wrap_socket(opened, server_hostname=host)


class _Backend(EmailBackend):
    guard: AddressGuard

    @property
    def connection_class(self) -> Callable[..., smtplib.SMTP]:  # type: ignore[override]  # called only
        return partial(_Encrypted if self.use_ssl else _Plain, guard=self.guard)


def _backend(sending: Sending) -> _Backend:
    options, security = sending.options, sending.options["security"]
    backend = _Backend(
        host=options["host"],
        port=int(options.get("port") or PORTS[security]),
        username=options.get("user", ""),
        password=sending.secret.get("password", ""),
        use_tls=security == "starttls",
        use_ssl=security == "tls",
        timeout=int(SECONDS),
    )
    backend.guard = AddressGuard(sending.networks)
    return backend


def _is_address(text: str) -> bool:
    try:
        validate_email(parseaddr(text)[1])
    except ValidationError:
        return False
    return text.isprintable()


def _is_name(text: str) -> bool:
    return bool(text) and all(letter.isalnum() or letter in ".-:" for letter in text)


def _codes(error: smtplib.SMTPRecipientsRefused) -> str:
    refusals: Sequence[tuple[int, bytes]] = list(error.recipients.values())
    return ", ".join(sorted({str(code) for code, _ in refusals}))


def _text(error: smtplib.SMTPResponseException) -> str:
    raw = error.smtp_error
    return raw.decode("utf-8", "replace") if isinstance(raw, bytes) else str(raw)


def _short(text: str) -> str:
    return one_line(text)[:ANSWER_CHARACTERS]
