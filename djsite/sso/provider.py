"""What the provider says about somebody: OpenID Connect's authorization code flow, with PKCE and a nonce.

Every connection goes through the address guard. Nothing is kept between two sign-ins, so that new keys and
addresses of the provider are in force at once.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import logging
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar
from urllib.parse import quote, urlencode

import httpx
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jwt import JWTClaimsRegistry

from crawler.requests.transport import GuardedTransport

logging.getLogger("httpx").setLevel(logging.WARNING)  # below, it logs addresses

SECONDS = 15.0  # for all requests of one step
LONGEST_SUBJECT, LONGEST_MAIL = 255, 254  # characters that a row keeps
LEEWAY = 60  # seconds that two clocks may differ
# Signed with the provider's private key: "none", and HMAC with our own secret, are no signatures of its.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
Answer = TypeVar("Answer")
WELL_KNOWN = "/.well-known/openid-configuration"


class Unavailable(Exception):
    """The provider gives no usable answer; a sentence for people."""


class Untrusted(Exception):
    """The provider's answer proves nothing; a sentence for people."""


class Asked(NamedTuple):
    """What was sent along with somebody, and has to come back with them."""

    state: str
    nonce: str
    verifier: str
    back: str  # the address that the provider sends them to


@dataclass(frozen=True)
class Found:
    """Who somebody is, as the provider has signed it."""

    subject: str
    mail: str = ""  # verified by the provider; empty if there is none
    unverified: bool = False  # there is a mail address, and nobody has verified it
    name: str = ""
    groups: tuple[str, ...] = ()
    two_factors: bool = False  # it says that it has asked for more than one (RFC 8176)


def address_for(asked: Asked) -> str:
    """Where somebody goes to sign in. Raises Unavailable."""
    metadata = _run(_metadata_alone())
    challenge = base64.urlsafe_b64encode(hashlib.sha256(asked.verifier.encode()).digest()).rstrip(b"=")
    query = {
        "response_type": "code",
        "client_id": settings.OIDC_CLIENT_ID,
        "redirect_uri": asked.back,
        "scope": " ".join(settings.OIDC_SCOPES),
        "state": asked.state,
        "nonce": asked.nonce,
        "code_challenge": challenge.decode(),
        "code_challenge_method": "S256",
    }
    endpoint = _endpoint(metadata, "authorization_endpoint")
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"


def who_is(code: str, asked: Asked) -> Found:
    """Whom a code stands for. Raises Unavailable and Untrusted."""
    return _run(_who_is(code, asked))


def _run(work: Coroutine[Any, Any, Answer]) -> Answer:
    """Do it within its time; every way to fail is a sentence."""
    try:
        return asyncio.run(_in_time(work))
    except TimeoutError:
        raise Unavailable(f"{settings.OIDC_NAME} has not answered within {SECONDS:.0f} s.") from None
    except (httpx.TransportError, httpx.InvalidURL, UnicodeError) as error:
        raise Unavailable(f"{settings.OIDC_NAME} cannot be reached: {error}.") from error


async def _in_time(work: Coroutine[Any, Any, Answer]) -> Answer:
    async with asyncio.timeout(SECONDS):
        return await work


def _client() -> httpx.AsyncClient:
    ours = {"user-agent": settings.USER_AGENT, "accept": "application/json", "accept-encoding": "identity"}
    transport = GuardedTransport(settings.OIDC_NETWORKS)
    return httpx.AsyncClient(transport=transport, headers=ours, trust_env=False, timeout=SECONDS)


async def _metadata_alone() -> dict[str, Any]:
    async with _client() as client:
        return await _metadata(client)


async def _metadata(client: httpx.AsyncClient) -> dict[str, Any]:
    found = await _json(await client.get(settings.OIDC_ISSUER.rstrip("/") + WELL_KNOWN))
    if found.get("issuer") != settings.OIDC_ISSUER:
        raise Unavailable(f"{settings.OIDC_NAME} names itself otherwise than CRAWLBEAT_OIDC_ISSUER does.")
    return found


async def _who_is(code: str, asked: Asked) -> Found:
    async with _client() as client:
        metadata = await _metadata(client)
        answer = await _exchange(client, metadata, code, asked)
        keys = await _json(await client.get(_endpoint(metadata, "jwks_uri")))
        claims = verified(str(answer.get("id_token", "")), keys, asked.nonce)
        told: dict[str, Any] = {}
        if "userinfo_endpoint" in metadata and answer.get("access_token"):
            told = await _userinfo(client, metadata, answer, claims["sub"])
    return _found(claims, told)


async def _exchange(
    client: httpx.AsyncClient, metadata: dict[str, Any], code: str, asked: Asked
) -> dict[str, Any]:
    """The tokens of a code. RFC 6749, section 4.1.3; 2.3.1 has the two ways to show our secret."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": asked.back,
        "code_verifier": asked.verifier,
    }
    auth: httpx.Auth = httpx.Auth()  # none
    ours, secret = settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET
    if "client_secret_basic" in metadata.get(
        "token_endpoint_auth_methods_supported", ["client_secret_basic"]
    ):
        auth = httpx.BasicAuth(quote(ours, safe=""), quote(secret, safe=""))
    else:
        form |= {"client_id": ours, "client_secret": secret}
    response = await client.post(_endpoint(metadata, "token_endpoint"), data=form, auth=auth)
    if 400 <= response.status_code < 500:
        raise Untrusted(f"{settings.OIDC_NAME} did not take the code that it had given.")
    return await _json(response)


async def _userinfo(
    client: httpx.AsyncClient, metadata: dict[str, Any], answer: dict[str, Any], subject: str
) -> dict[str, Any]:
    """What is not in the token itself; it must be about the same person (section 5.3.2)."""
    bearer = {"authorization": f"Bearer {answer['access_token']}"}
    found = await _json(await client.get(_endpoint(metadata, "userinfo_endpoint"), headers=bearer))
    if found.get("sub") != subject:
        raise Untrusted(f"{settings.OIDC_NAME} has told about somebody else.")
    return found


def verified(token: str, keys: dict[str, Any], nonce: str) -> dict[str, Any]:
    """The claims of an ID token, checked as OpenID Connect Core 1.0, section 3.1.3.7 wants it.

    Raises Untrusted.
    """
    jwks: Any = keys  # of which nothing is known yet
    rules = JWTClaimsRegistry(
        leeway=LEEWAY,
        iss={"essential": True, "value": settings.OIDC_ISSUER},
        aud={"essential": True, "value": settings.OIDC_CLIENT_ID},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": nonce},
    )
    try:
        claims: dict[str, Any] = jwt.decode(token, KeySet.import_key_set(jwks), algorithms=ALGORITHMS).claims
        rules.validate(claims)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise Untrusted(f"The proof of {settings.OIDC_NAME} does not hold: {_words(error)}.") from error
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if claims.get("azp", None if several else settings.OIDC_CLIENT_ID) != settings.OIDC_CLIENT_ID:
        raise Untrusted(f"The proof of {settings.OIDC_NAME} is for another program.")
    return claims


def _words(error: Exception) -> str:
    return str(getattr(error, "error", "") or type(error).__name__).replace("_", " ")


def _found(claims: dict[str, Any], told: dict[str, Any]) -> Found:
    """Of what is in the token and of what userinfo tells, the token counts first."""
    both = {**told, **claims}
    if len(both["sub"]) > LONGEST_SUBJECT or "\0" in both["sub"]:
        raise Untrusted(f"{settings.OIDC_NAME} knows you by a name that cannot be kept.")
    # address and proof from one of the two: together they might be about two addresses
    mail = next((_mail(each) for each in (claims, told) if _is_verified(each)), "")
    groups, methods = both.get(settings.OIDC_ROLE_CLAIM), claims.get("amr")
    return Found(
        subject=both["sub"],
        mail=mail,
        unverified=not mail and bool(_mail(both)),
        name=str(both.get("preferred_username") or _mail(both).partition("@")[0] or both.get("name") or ""),
        groups=tuple(map(str, groups)) if isinstance(groups, list) else (str(groups or ""),),
        two_factors=isinstance(methods, list) and "mfa" in methods,
    )


def _is_verified(claims: dict[str, Any]) -> bool:
    return bool(_mail(claims)) and claims.get("email_verified") in (True, "true")  # some write it as a text


def _mail(claims: dict[str, Any]) -> str:
    """The mail address in claims; empty if there is none, or it could not be kept."""
    mail = str(claims.get("email") or "")
    try:
        EmailValidator()(mail)
    except ValidationError:
        return ""
    return mail if len(mail) <= LONGEST_MAIL else ""


def _endpoint(metadata: dict[str, Any], name: str) -> str:
    """An address of the provider; never one without TLS where the issuer has it."""
    address = metadata.get(name)
    scheme = settings.OIDC_ISSUER.partition("://")[0]
    if not isinstance(address, str) or not address.startswith(("https://", f"{scheme}://")):
        raise Unavailable(f"{settings.OIDC_NAME} gives no usable {name}.")
    return address


async def _json(response: httpx.Response) -> dict[str, Any]:
    if response.status_code != 200:
        raise Unavailable(f"{settings.OIDC_NAME} answered with status {response.status_code}.")
    try:
        found = response.json()
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Unavailable(f"{settings.OIDC_NAME} answered with something that is no JSON object.")
    return found
