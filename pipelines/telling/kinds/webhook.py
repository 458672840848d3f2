"""A webhook, signed as Standard Webhooks say (standardwebhooks.com, specification 1.0)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pipelines.telling.kinds.kind import Answer, Problems, Sending, Setting, check_address
from pipelines.telling.kinds.posting import post

LABEL = "Webhook"
PREFIX = "whsec_"
LEAST_KEY, MOST_KEY = 24, 64  # bytes, by the specification
SETTINGS = (
    Setting("url", "Address", "Where to send to by POST, as JSON.", secret=True),
    Setting(
        "key",
        "Signing key",
        "whsec_ and 24 to 64 random bytes in Base64. Copy it into the receiver, which checks by it.",
        secret=True,
    ),
)


def new_key() -> str:
    """A random signing key."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def check(options: Mapping[str, Any], secret: Mapping[str, str]) -> Problems:
    """Address and key."""
    problems = check_address(secret)
    try:
        key_bytes(secret.get("key", ""))
    except ValueError as error:
        problems["key"] = str(error)
    return problems


def key_bytes(key: str) -> bytes:
    """The bytes of a signing key; ValueError, with a sentence."""
    try:
        decoded = base64.b64decode(key.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        decoded = b""
    if not LEAST_KEY <= len(decoded) <= MOST_KEY:
        raise ValueError("Give whsec_ and 24 to 64 random bytes in Base64.")
    return decoded


def send(sending: Sending) -> Answer:
    """POST the body; it is the same at each attempt, the time and the signature are the attempt's."""
    content = payload(sending)
    headers = signed_headers(sending.uid, content, sending.secret["key"], sending.at)
    return post(sending.secret["url"], content, headers, sending.networks)


def signed_headers(uid: str, content: bytes, key: str, at: datetime) -> dict[str, str]:
    """The headers of JSON with an id, signed with a key of :func:`new_key`."""
    stamp = str(int(at.timestamp()))
    signed = f"{uid}.{stamp}.".encode() + content
    digest = hmac.new(key_bytes(key), signed, hashlib.sha256).digest()
    return {
        "content-type": "application/json",
        "webhook-id": uid,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


def payload(sending: Sending) -> bytes:
    """``{"type", "timestamp", "data"}``: the time is the message's, the data is its body."""
    kind = "crawlbeat.test" if sending.body.get("test") else "crawlbeat.events"
    plain = {"type": kind, "timestamp": sending.created_at.isoformat(), "data": sending.body}
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode()
