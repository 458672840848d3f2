"""Which addresses may be reached: one table of refused networks, checked for every connection.

The table follows the IANA special-purpose address registries (RFC 6890 and its updates) and adds the
forms that carry an IPv4 address inside an IPv6 one, because `ipaddress.is_global` lets many of both
through. An allow-list of networks (a run's own, e.g. ``10.0.0.0/8``) makes exceptions to it.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

REFUSED_NETWORKS: tuple[tuple[str, str], ...] = (
    ("0.0.0.0/8", "this network"),
    ("10.0.0.0/8", "private"),
    ("100.64.0.0/10", "carrier-grade NAT"),
    ("127.0.0.0/8", "loopback"),
    ("168.63.129.16/32", "cloud metadata"),
    ("169.254.0.0/16", "link-local, cloud metadata"),
    ("172.16.0.0/12", "private"),
    ("192.0.0.0/24", "IETF protocol assignments, cloud metadata"),
    ("192.0.2.0/24", "documentation"),
    ("192.31.196.0/24", "AS112"),
    ("192.52.193.0/24", "AMT relay"),
    ("192.88.99.0/24", "6to4 relay"),
    ("192.168.0.0/16", "private"),
    ("192.175.48.0/24", "AS112"),
    ("198.18.0.0/15", "benchmarking"),
    ("198.51.100.0/24", "documentation"),
    ("203.0.113.0/24", "documentation"),
    ("224.0.0.0/4", "multicast"),
    ("240.0.0.0/4", "reserved, broadcast"),
    ("::/96", "unspecified, loopback, IPv4-compatible"),
    ("::ffff:0:0/96", "IPv4-mapped"),
    ("::ffff:0:0:0/96", "IPv4-translated"),
    ("64:ff9b::/96", "NAT64"),
    ("64:ff9b:1::/48", "local NAT64"),
    ("100::/64", "discard"),
    ("100:0:0:1::/64", "dummy prefix"),
    ("2001::/23", "IETF protocol assignments, Teredo, ORCHID"),
    ("2001:db8::/32", "documentation"),
    ("2002::/16", "6to4"),
    ("2620:4f:8000::/48", "AS112"),
    ("3ffe::/16", "6bone"),
    ("3fff::/20", "documentation"),
    ("5f00::/16", "segment routing"),
    ("fc00::/7", "unique local, cloud metadata"),
    ("fe80::/10", "link-local"),
    ("fec0::/10", "site-local"),
    ("ff00::/8", "multicast"),
)
"""Network and what it is. Anything outside 2000::/3 that is not listed is unassigned and refused too."""

GLOBAL_IPV6 = ipaddress.IPv6Network("2000::/3")

_REFUSED = tuple((ipaddress.ip_network(network), name) for network, name in REFUSED_NETWORKS)
_REMEMBERED = 4096  # addresses whose refusals one guard caches


class BlockedAddress(Exception):
    """The address guard refused to connect; the message says which address and why."""


class AddressGuard:
    """Lets through public unicast addresses and those of ``allow_networks`` (CIDRs)."""

    def __init__(self, allow_networks: Sequence[str] = ()) -> None:
        """Raise ValueError for anything in ``allow_networks`` that is not an address or network."""
        self._allowed = tuple(ipaddress.ip_network(network, strict=False) for network in allow_networks)
        self._refusals: dict[str, str] = {}

    def check(self, ip: str) -> None:
        """Raise BlockedAddress unless this textual IP address may be connected to."""
        refusal = self._refusals.get(ip)
        if refusal is None:
            if len(self._refusals) >= _REMEMBERED:
                self._refusals.clear()
            refusal = self._refusals[ip] = self._refusal_of(ip)
        if refusal:
            raise BlockedAddress(f"{ip} is refused: {refusal}")

    def _refusal_of(self, ip: str) -> str:
        """The reason to refuse an address, or an empty string."""
        try:
            address = ipaddress.ip_address(ip.partition("%")[0])
        except ValueError:
            return "not an IP address"
        # The kernel connects to a mapped address by IPv4: allowing the IPv4 address allows both.
        target = getattr(address, "ipv4_mapped", None) or address
        if any(target in network for network in self._allowed):
            return ""
        for network, name in _REFUSED:
            if address in network:
                return name
        if address.version == 6 and address not in GLOBAL_IPV6:
            return "not global unicast"
        return ""
