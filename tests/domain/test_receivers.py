"""Where webhooks may lead, and what signs them."""

from __future__ import annotations

import base64
from ipaddress import ip_network

import pytest

from domain.errors import Code, DomainError
from domain.receivers import Reach, hint_of, new_secret, receiver_url, signing_secret

ANYWHERE = Reach()
HERE = Reach((ip_network("127.0.0.0/8"), ip_network("::1/128"), ip_network("10.0.0.0/8")))


def refusal(url: str, reach: Reach = ANYWHERE) -> str:
    with pytest.raises(DomainError) as caught:
        receiver_url("url", url, reach)
    assert (caught.value.code, caught.value.field) == (Code.INVALID, "url")
    return caught.value.message


@pytest.mark.parametrize(
    "url",
    [
        "https://your-domain.com/webhook",
        "https://your-app.com/webhooks/clickup-brain",
        "https://example.com",
        "https://EXAMPLE.com.:8443/a/b?c=%20d&e",
        "https://xn--mnchen-3ya.de/",
        "https://a_b.example.com/",
        "https://8.8.8.8/",
        "https://[2606:4700::1111]:8443/",
        f"https://example.com/{'x' * 2028}",
    ],
)
def test_public_https_addresses_are_kept_as_they_are(url: str) -> None:
    assert receiver_url("url", url, ANYWHERE) == url


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://example.com/", "https"),
        ("ftp://example.com/", "such as"),
        ("example.com/webhook", "such as"),
        ("https:///webhook", "such as"),
        ("https://example.com:0/", "such as"),
        ("https://example.com:99999/", "such as"),
        ("https://[::1/", "such as"),
        ("", "ASCII"),
        ("https://münchen.de/", "ASCII"),
        ("https://example.com/a b", "ASCII"),
        ("https://example.com\\@evil.example/", "ASCII"),
        ("https://example.com/\r\nX: y", "ASCII"),
        ("https://example.com/#part", "fragment"),
        ("https://user:word@example.com/", "user name"),
        ("https://user@example.com/", "user name"),
        ("https://@example.com/", "user name"),
        ("https://*.example.com/", "name a host"),
        ("https://a..example.com/", "name a host"),
        ("https://example.com%00.evil/", "name a host"),
        ("https://127.1/", "name a host"),
        ("https://127.0.0.1./", "name a host"),
        ("https://2130706433/", "name a host"),
        ("https://0x7f000001/", "name a host"),
        ("https://0x7f.0.0.0x1/", "name a host"),
        ("https://0177.0.0.1/", "name a host"),
        ("https://[fe80::1%25eth0]/", "name a host"),
        ("https://[v1.example]/", "name a host"),
        ("https://[2606:4700::1111].example.com/", "name a host"),
        ("https://example.com[2606:4700::1111]/", "name a host"),
        ("https://127.0.0.1/", "public address"),
        ("https://10.1.2.3:8443/", "public address"),
        ("https://169.254.169.254/latest/meta-data", "public address"),
        ("https://[::1]/", "public address"),
        ("https://[::ffff:127.0.0.1]/", "public address"),
        ("https://[fd00:ec2::254]/", "public address"),
        ("https://localhost/", "local one"),
        ("https://LOCALHOST.:8443/", "local one"),
        ("https://app.localhost/", "local one"),
        ("https://printer.local/", "local one"),
        ("https://metadata.google.internal/", "local one"),
        ("https://receiver/", "local one"),
        (f"https://example.com/{'x' * 2029}", "2048"),
    ],
)
def test_everything_else_is_refused_with_the_rule_it_breaks(url: str, why: str) -> None:
    assert why in refusal(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9000/webhook",
        "http://[::1]:9000/",
        "http://localhost:9000/",
        "https://10.2.3.4/",
        "http://receiver:8080/",
        "http://receiver.internal/",
        "https://example.com/",
    ],
)
def test_an_operator_can_allow_networks(url: str) -> None:
    assert receiver_url("url", url, HERE) == url


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://8.8.8.8/", "https"),
        ("https://192.168.0.1/", "public address"),
        ("http://192.168.0.1/", "public address"),
        ("http://127.1/", "name a host"),
    ],
)
def test_what_was_not_allowed_is_refused_as_before(url: str, why: str) -> None:
    assert why in refusal(url, HERE)


def test_localhost_is_allowed_with_its_addresses_only() -> None:
    assert "local one" in refusal("http://localhost/", Reach((ip_network("10.0.0.0/8"),)))


def test_a_documented_secret_and_ours_will_do() -> None:
    for secret in ("your_webhook_secret", "12345678", "ключ-ключ", "x" * 512, new_secret()):
        assert signing_secret("secret", secret) == secret
    assert len(base64.b64decode(new_secret().removeprefix("whsec_"))) == 32
    assert new_secret() != new_secret()


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "1234567",
        "x" * 513,
        "12345678\x00",
        "whsec_",
        "whsec_not base64!",
        f"whsec_{base64.b64encode(b'x' * 23).decode()}",
        f"whsec_{base64.b64encode(b'x' * 65).decode()}",
    ],
)
def test_secrets_that_sign_nothing_well_are_refused(secret: str) -> None:
    with pytest.raises(DomainError) as caught:
        signing_secret("secret", secret)
    assert caught.value.field == "secret"


def test_a_hint_never_tells_much() -> None:
    assert [hint_of(each) for each in ("12345678", "your_webhook_secret")] == ["12", "your"]
    assert hint_of("whsec_" + "abcd" * 8) == "whsec_abcd"
