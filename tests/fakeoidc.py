"""A provider of OpenID Connect on loopback: discovery, authorize, token, userinfo and keys, signed for real.

What it says of the person who signs in can be changed before each sign-in, and so can how it misbehaves.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey

CLIENT, SECRET = "crawlbeat", "secret: of tests"


class Provider:
    """What the provider knows and does."""

    def __init__(self) -> None:
        self.issuer = ""
        self.key = ECKey.generate_key("P-256", {"kid": "now", "use": "sig", "alg": "ES256"})
        self.signs_with = self.key
        self.algorithm = "ES256"
        self.person: dict[str, Any] = {"sub": "1"}  # of who signs in
        self.userinfo: dict[str, Any] = {}  # what is told there only; the token does not have it
        self.changed: dict[
            str, Any
        ] = {}  # claims of the token that are other than they should be; None: not there
        self.down = False
        self.asked: list[dict[str, str]] = []  # queries of authorize
        self._codes: dict[str, dict[str, str]] = {}

    def authorize(self, query: dict[str, str]) -> str:
        """Where the browser is sent; each code is good once."""
        self.asked.append(query)
        code = secrets.token_urlsafe(8)
        self._codes[code] = query
        back = {"code": code, "state": query["state"], "iss": self.issuer}
        return f"{query['redirect_uri']}?{urlencode(back)}"

    def token(self, form: dict[str, str], authorization: str) -> dict[str, Any] | None:
        """The tokens of a code; None for whoever cannot show the secret and the verifier of PKCE."""
        asked = self._codes.pop(form["code"], None)
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        name, _, secret = base64.b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
        shown = (unquote(name), unquote(secret)) == (CLIENT, SECRET)
        if asked is None or not shown or challenge != asked["code_challenge"]:
            return None
        return {
            "access_token": "of-" + self.person["sub"],
            "token_type": "Bearer",
            "id_token": self._sign(asked),
        }

    def _sign(self, asked: dict[str, str]) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": asked["client_id"],
            "nonce": asked["nonce"],
            "iat": now,
            "exp": now + 300,
            **self.person,
            **self.changed,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        header = {"alg": self.algorithm, "kid": "now"}
        return str(jwt.encode(header, claims, self.signs_with, algorithms=[self.algorithm]))

    def answer(self, path: str) -> dict[str, Any]:
        """What is got with GET, as JSON."""
        if path == "/.well-known/openid-configuration":
            return {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "userinfo_endpoint": f"{self.issuer}/userinfo",
            }
        if path == "/keys":
            return {"keys": [self.key.as_dict(private=False)]}
        return {"sub": self.person["sub"], **self.userinfo}


@contextmanager
def serving() -> Iterator[Provider]:
    """A provider until the block ends."""
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if provider.down:
                self.send_error(502)
            elif parts.path == "/authorize":
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                self.send_response(302)
                self.send_header("Location", provider.authorize(query))
                self.send_header("Content-Length", "0")
                self.end_headers()
            else:
                self._json(200, provider.answer(parts.path))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            found = provider.token(form, self.headers.get("Authorization", ""))
            self._json(200 if found else 400, found or {"error": "invalid_grant"})

        def _json(self, status: int, content: dict[str, Any]) -> None:
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    provider.issuer = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
