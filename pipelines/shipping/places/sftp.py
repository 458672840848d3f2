"""A folder of an SFTP server (draft-ietf-secsh-filexfer-02), whose key is known before it is asked."""

from __future__ import annotations

import base64
import hashlib
import io
import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, BinaryIO

import paramiko

from crawler.requests.guard import AddressGuard, BlockedAddress
from pipelines.shipping.places.files import NAME, PIECE, put_all, try_out
from pipelines.shipping.places.place import FILE, Lot, Spot
from pipelines.sockets import open_socket
from pipelines.telling.kinds.kind import (
    ANSWER_CHARACTERS,
    Answer,
    Problems,
    Setting,
    blocked_words,
    error_words,
)

LABEL = "SFTP server"
TAKES = FILE
SECONDS = 20.0  # for each answer of the server
PART = ".part-"  # before the name of a file that is being written
_FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}")
_KEYS = (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey)
SETTINGS = (
    Setting("host", "Server", "Its name, such as sftp.example.org."),
    Setting("port", "Port", "Empty: 22.", needed=False),
    Setting("user", "User name"),
    Setting(
        "folder",
        "Folder",
        "Such as /upload/prices. It must be there. Empty: where the user begins.",
        needed=False,
    ),
    Setting(
        "fingerprints",
        "Fingerprints of the server's keys",
        "Such as SHA256:… as “ssh-keyscan HOST | ssh-keygen -lf -” prints them. Ask who runs the server.",
        many=True,
    ),
    Setting("password", "Password", secret=True, needed=False),
    Setting(
        "key",
        "Private key",
        "Instead of a password: the whole file, without a passphrase.",
        secret=True,
        needed=False,
        long=True,
    ),
    NAME,
)


class _Refused(Exception):
    """It will not be written there before somebody changes something."""


_FAILURES = (paramiko.SSHException, EOFError, OSError)


def check(options: Mapping[str, Any], secret: Mapping[str, str]) -> Problems:
    """Server, port, user, fingerprints and key."""
    problems = {}
    for name, what in (("host", "the name of the server"), ("user", "the user name")):
        if not str(options.get(name, "")).strip():
            problems[name] = f"Give {what}."
    port = str(options.get("port", ""))
    if port and not (port.isdecimal() and 0 < int(port) < 65536):
        problems["port"] = "Give a number from 1 to 65535, or nothing."
    fingerprints = options.get("fingerprints", ())
    if not fingerprints or not all(_FINGERPRINT.fullmatch(str(each).rstrip("=")) for each in fingerprints):
        problems["fingerprints"] = "Give at least one, each SHA256: and 43 characters, a line each."
    if not secret.get("password") and not secret.get("key"):
        problems |= {"password": "Give a password or a private key."}
    elif secret.get("key"):
        problems |= _check_key(secret["key"])
    return problems


def _check_key(text: str) -> Problems:
    try:
        _key_of(text)
    except ValueError as error:
        return {"key": str(error)}
    return {}


def send(lot: Lot) -> Answer:
    """Write the file."""

    def put(files: _Files) -> str:
        return put_all(lot, files)

    return _with_server(lot.spot, put)


def probe(spot: Spot) -> Answer:
    """Write a small file and delete it."""

    def put(files: _Files) -> str:
        try_out(files)
        return f"Files can be written on {spot.options['host']}."

    return _with_server(spot, put)


def _with_server(spot: Spot, put: Callable[[_Files], str]) -> Answer:
    try:
        with _connected(spot) as files:
            return Answer(True, put(files))
    except (_Refused, paramiko.AuthenticationException) as error:
        return Answer(False, _words(error), refused=True)
    except BlockedAddress as error:
        return Answer(False, blocked_words(error), refused=True)
    except _FAILURES as error:
        return Answer(False, _words(error))


def _words(error: Exception) -> str:
    if isinstance(error, EOFError):
        return "The server closed the connection."
    return f"The server did not take it: {error_words(error)}."[:ANSWER_CHARACTERS]


@contextmanager
def _connected(spot: Spot) -> Iterator[_Files]:
    options = spot.options
    guard, port = AddressGuard(spot.networks), int(options.get("port") or 22)
    with (
        open_socket(guard, options["host"], port, SECONDS) as opened,
        paramiko.Transport(opened) as transport,
    ):
        transport.banner_timeout = transport.auth_timeout = SECONDS
        transport.start_client(timeout=SECONDS)
        _check_server(transport.get_remote_server_key(), options["fingerprints"])
        _sign_in(transport, options["user"], spot.secret)
        client = paramiko.SFTPClient.from_transport(transport)
        client.get_channel().settimeout(SECONDS)
        yield _Files(client, str(options.get("folder", "")))


def _check_server(key: Any, fingerprints: Iterable[str]) -> None:
    own = fingerprint_of(key)
    if own not in {str(each).rstrip("=") for each in fingerprints}:
        raise _Refused(f"its key is {own}, which is none of those that you gave: it may be another server")


def fingerprint_of(key: Any) -> str:
    """As OpenSSH prints it."""
    digest = hashlib.sha256(key.asbytes()).digest()
    return f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}"


def _sign_in(transport: Any, user: str, secret: Mapping[str, str]) -> None:
    if secret.get("key"):
        transport.auth_publickey(user, _key_of(secret["key"]))
    else:
        transport.auth_password(user, secret["password"])
    if not transport.is_authenticated():
        raise _Refused("it wants more than this password or key")


def _key_of(text: str) -> Any:
    for kind in _KEYS:
        with suppress(paramiko.SSHException, ValueError, IndexError):
            return kind.from_private_key(io.StringIO(text.strip() + "\n"))
    raise ValueError("This is no private key of OpenSSH without a passphrase.")


class _Files:
    def __init__(self, client: Any, folder: str) -> None:
        self._client, self._folder = client, folder

    def put(self, name: str, file: BinaryIO, kept: Callable[[], None]) -> None:
        """Through a file of another name, which is renamed when it is whole."""
        part = self._path(f"{PART}{name}")
        size = 0
        with self._client.open(part, "wb") as target:
            target.set_pipelined(True)
            while piece := file.read(PIECE):
                target.write(piece)
                size += len(piece)
                kept()
        if (there := self._client.stat(part).st_size) != size:
            raise OSError(f"it has {there:,} of {size:,} bytes")
        kept()
        self._rename(part, self._path(name))

    def _rename(self, part: str, name: str) -> None:
        """In place of what is there; a server without OpenSSH's way has none of it for a moment."""
        try:
            self._client.posix_rename(part, name)
        except OSError:
            self._remove(name)
            self._client.rename(part, name)

    def names(self) -> Iterable[str]:
        return [str(name) for name in self._client.listdir(self._folder or ".")]

    def remove(self, name: str) -> None:
        self._remove(self._path(name))

    def _remove(self, path: str) -> None:
        with suppress(FileNotFoundError):
            self._client.remove(path)

    def _path(self, name: str) -> str:
        return posixpath.join(self._folder, name)
