"""Which addresses may be reached: the table of research, and what an allow-list opens."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.requests.guard import REFUSED_NETWORKS, AddressGuard, BlockedAddress

REFUSED = """
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.255 127.0.0.1 127.1.2.3 127.255.255.255
168.63.129.16 169.254.169.254 169.254.170.2 172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.8 192.0.0.192
192.0.2.1 192.88.99.1 192.168.0.1 192.168.255.255 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1
224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
:: ::1 ::7f00:1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::ffff:8.8.8.8
::ffff:0:127.0.0.1 64:ff9b::7f00:1 64:ff9b::8.8.8.8 64:ff9b:1::1 100::1 2001::1 2001:2::1 2001:10::1
2001:20::1 2001:db8::1 2002:7f00:1:: 2002:a00:1::1 2002:808:808::1 3fff::1 3ffe::1 5f00::1
fc00::1 fd00::1 fd00:ec2::254 fd20:ce::254 fe80::1 fe80::1%eth0 febf::1 fec0::1 feff::1 ff02::1 ff0e::1
4000::1 8000::1 1000::1
""".split()  # noqa: SIM905 - a table

PUBLIC = """
1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.1 169.253.0.1
172.15.255.255 172.32.0.0 192.0.1.1 192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0 223.255.255.255
2001:4860:4860::8888 2606:4700:4700::1111 2a00:1450:4001:81b::200e 2400:cb00:2048:1::c629:d7a2 2620:fe::fe
""".split()  # noqa: SIM905 - a table

NO_ADDRESSES = ["", "localhost", "127.1", "0x7f.0.0.1", "2130706433", "0177.0.0.1", "127.0.0.1.", "[::1]"]


@pytest.mark.parametrize("ip", REFUSED)
def test_refuses_what_is_not_public_unicast(ip):
    with pytest.raises(BlockedAddress, match=ip.partition("%")[0]):
        AddressGuard().check(ip)


@pytest.mark.parametrize("ip", PUBLIC)
def test_lets_public_addresses_through(ip):
    AddressGuard().check(ip)


@pytest.mark.parametrize("ip", NO_ADDRESSES)
def test_refuses_what_is_no_plain_address(ip):
    with pytest.raises(BlockedAddress):
        AddressGuard(["0.0.0.0/0", "::/0"]).check(ip)


@pytest.mark.parametrize("network", [network for network, _ in REFUSED_NETWORKS])
def test_refuses_both_ends_of_every_network(network):
    block = ipaddress.ip_network(network)
    for address in (block[0], block[-1]):
        with pytest.raises(BlockedAddress):
            AddressGuard().check(str(address))


def test_an_allowed_network_opens_itself_alone():
    guard = AddressGuard(["127.0.0.0/8", "fd00:1::/32", "10.1.2.3"])
    for ip in ("127.0.0.1", "127.9.9.9", "fd00:1::5", "10.1.2.3", "8.8.8.8"):
        guard.check(ip)
    for ip in ("10.1.2.4", "fd00:2::5", "::1", "169.254.169.254"):
        with pytest.raises(BlockedAddress):
            guard.check(ip)


def test_a_mapped_address_is_allowed_with_its_ipv4_address():
    AddressGuard(["127.0.0.0/8"]).check("::ffff:127.0.0.1")
    with pytest.raises(BlockedAddress):
        AddressGuard(["10.0.0.0/8"]).check("::ffff:127.0.0.1")


def test_host_bits_in_an_allowed_network_are_forgiven():
    AddressGuard(["127.0.0.1/8"]).check("127.0.0.2")


@pytest.mark.parametrize("network", ["localhost", "10.0.0.0/33", "10.0.0", "", "http://10.0.0.1"])
def test_a_malformed_network_is_refused_at_once(network):
    with pytest.raises(ValueError):
        AddressGuard([network])


def test_the_message_says_which_and_why():
    with pytest.raises(BlockedAddress, match=r"^169\.254\.169\.254 is refused: link-local, cloud metadata$"):
        AddressGuard().check("169.254.169.254")


def test_a_verdict_stays_the_same_when_asked_again():
    guard = AddressGuard()
    for _ in range(3):
        guard.check("8.8.8.8")
        with pytest.raises(BlockedAddress):
            guard.check("10.0.0.1")


@settings(deadline=None)
@given(st.ip_addresses(v=4))
def test_never_more_lenient_than_the_standard_library(address):
    try:
        AddressGuard().check(str(address))
    except BlockedAddress:
        return
    assert address.is_global


@settings(deadline=None)
@given(st.ip_addresses(v=6))
def test_never_more_lenient_than_the_standard_library_with_ipv6(address):
    try:
        AddressGuard().check(str(address))
    except BlockedAddress:
        return
    assert address.is_global
