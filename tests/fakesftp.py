"""An SFTP server on loopback with a folder behind it, for tests of what is sent there."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import paramiko

PASSWORD = "open-sesame"  # noqa: S105  # of the tests


class Server:
    """What the server has, and how it behaves."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = 0
        self.host_key = paramiko.ECDSAKey.generate()
        self.user_key = paramiko.ECDSAKey.generate()
        self.closes_after: int | None = None  # writes, then the connection is closed
        self.cannot_replace = False  # as servers without posix-rename@openssh.com


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """A server of an existing folder."""
    server = Server(folder)
    listener = socket.create_server(("127.0.0.1", 0))
    server.port = listener.getsockname()[1]
    transports: list[paramiko.Transport] = []

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            transport = paramiko.Transport(connection)
            transports.append(transport)
            transport.add_server_key(server.host_key)
            transport.set_subsystem_handler("sftp", paramiko.SFTPServer, _files_of(server, transport))
            try:
                transport.start_server(server=_Door(server))
            except (paramiko.SSHException, EOFError):
                transport.close()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for transport in transports:
            transport.close()
        thread.join()


class _Door(paramiko.ServerInterface):
    def __init__(self, server: Server) -> None:
        self._server = server

    def check_auth_password(self, username: str, password: str) -> int:
        return paramiko.AUTH_SUCCESSFUL if password == PASSWORD else paramiko.AUTH_FAILED

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        known = key.asbytes() == self._server.user_key.asbytes()
        return paramiko.AUTH_SUCCESSFUL if known else paramiko.AUTH_FAILED

    def get_allowed_auths(self, username: str) -> str:
        return "password,publickey"

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED


class _File(paramiko.SFTPHandle):
    written: list[None]
    server: Server
    transport: paramiko.Transport

    def write(self, offset: int, data: bytes) -> int:
        self.written.append(None)
        limit = self.server.closes_after
        if limit is not None and len(self.written) > limit:
            self.transport.close()
        return super().write(offset, data)


def _files_of(server: Server, transport: paramiko.Transport) -> type[paramiko.SFTPServerInterface]:
    class Files(paramiko.SFTPServerInterface):
        def _real(self, path: str) -> Path:
            return server.folder / path.lstrip("/")

        def open(self, path: str, flags: int, attr: paramiko.SFTPAttributes) -> paramiko.SFTPHandle | int:
            try:
                number = os.open(self._real(path), flags, 0o644)
            except OSError as error:
                return paramiko.SFTPServer.convert_errno(error.errno or 0)
            handle = _File(flags)
            handle.writefile = os.fdopen(number, "wb")
            handle.written, handle.server, handle.transport = [], server, transport
            return handle

        def stat(self, path: str) -> paramiko.SFTPAttributes | int:
            try:
                return paramiko.SFTPAttributes.from_stat(self._real(path).stat())
            except OSError as error:
                return paramiko.SFTPServer.convert_errno(error.errno or 0)

        def list_folder(self, path: str) -> list[paramiko.SFTPAttributes] | int:
            return [
                paramiko.SFTPAttributes.from_stat(each.stat(), each.name)
                for each in self._real(path).iterdir()
            ]

        def remove(self, path: str) -> int:
            try:
                self._real(path).unlink()
            except OSError as error:
                return paramiko.SFTPServer.convert_errno(error.errno or 0)
            return paramiko.SFTP_OK

        def rename(self, oldpath: str, newpath: str) -> int:
            if self._real(newpath).exists():
                return paramiko.SFTP_FAILURE
            self._real(oldpath).rename(self._real(newpath))
            return paramiko.SFTP_OK

        def posix_rename(self, oldpath: str, newpath: str) -> int:
            if server.cannot_replace:
                return paramiko.SFTP_OP_UNSUPPORTED
            self._real(oldpath).replace(self._real(newpath))
            return paramiko.SFTP_OK

    return Files
