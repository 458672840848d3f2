"""TLS for the fake web: certificates made once, valid until 2125 (except the one that is not).

Their keys are public by being here, and worth nothing: only the tests trust the issuer.
"""

from __future__ import annotations

import ssl
from pathlib import Path

_FOLDER = Path(__file__).parent / "tls"
ROOTS = _FOLDER / "roots.pem"
"""The issuer that ``good``, ``expired`` and ``other_name`` chain to; name it in SSL_CERT_FILE."""


def server_context(name: str = "good") -> ssl.SSLContext:
    """A server's settings with the certificate ``good`` (localhost, 127.0.0.1), ``expired``, ``other_name``
    or ``unknown_issuer``."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_FOLDER / f"{name}.pem")
    return context
