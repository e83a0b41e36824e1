"""Which addresses are the internet's, and which never leave somebody's network."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest

from domain.addresses import inside, is_public, parsed

PUBLIC = ["8.8.8.8", "1.1.1.1", "100.128.0.1", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
PRIVATE = [
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.7",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:808:808::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_the_internet_is_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize("address", PRIVATE)
def test_nothing_else_is(address: str) -> None:
    assert not is_public(ip_address(address))


def test_ipv4_written_inside_ipv6_is_in_the_networks_of_what_it_means() -> None:
    networks = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))
    assert inside(ip_address("10.1.2.3"), networks)
    assert inside(ip_address("::ffff:10.1.2.3"), networks)
    assert inside(ip_address("fd12::1"), networks)
    assert not inside(ip_address("11.1.2.3"), networks)
    assert not inside(ip_address("10.1.2.3"), ())


@pytest.mark.parametrize("text", ["example.com", "127.1", "2130706433", "0x7f000001", "010.0.0.1", "", "fe80::1%eth0"])
def test_only_addresses_written_in_full_are_addresses(text: str) -> None:
    assert parsed(text) is None


def test_brackets_belong_to_urls_not_to_addresses() -> None:
    assert parsed("[::1]") == parsed("::1") == ip_address("::1")
