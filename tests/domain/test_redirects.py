"""Which addresses an authorization may send people back to."""

from __future__ import annotations

import pytest

from domain.errors import DomainError
from domain.redirects import redirect_uri


@pytest.mark.parametrize(
    "uri",
    [
        "https://app.example.com/callback",
        "https://app.example.com:8443/callback?source=trigraph",
        "https://app.example.com",
        "http://127.0.0.1:8765/callback",
        "http://127.1.2.3/callback",
        "http://[::1]:8765/callback",
        "http://localhost/callback",
        "com.example.app:/oauth",
        "com.example.app://oauth/back",
    ],
)
def test_what_can_be_registered_is_kept_as_it_is(uri: str) -> None:
    assert redirect_uri("redirectUris", uri) == uri


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "/callback",
        "app.example.com/callback",
        "http://app.example.com/callback",
        "http://127.0.0.1.example.com/callback",
        "http://localhost.example.com/",
        "https://",
        "https:///callback",
        "https:callback",
        "https://app.example.com/callback#part",
        "https://app.example.com/callback#",
        "https://user@app.example.com/callback",
        "https://user:word@app.example.com/callback",
        "https://*.example.com/callback",
        "https://app.example.com:port/callback",
        "https://app.example.com:99999/callback",
        "https://app.example.com\\@evil.example/callback",
        "https://app.example.com/call back",
        "https://app.example.com/\ncallback",
        "https://äpp.example.com/callback",
        "javascript:alert(1)",
        "data:text/html,hello",
        "myapp:/callback",
        "com.example.app:",
        "com.example.app:/",
        "ftp://app.example.com/callback",
        "https://app.example.com/" + 2000 * "a",
    ],
)
def test_what_cannot_be_registered_is_refused_by_its_field(uri: str) -> None:
    with pytest.raises(DomainError) as refused:
        redirect_uri("redirectUris", uri)
    assert refused.value.field == "redirectUris"
