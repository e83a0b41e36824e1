"""The commands the three documents print about credentials, run as printed but for address and credentials."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.factories.jwts import signed
from tests.gateway.pages.browsing import Reader
from tests.live.conftest import LiveServer

_PRINTED = Path(__file__).parent / "documented"
_JWT_BEGINS = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"


def filled(name: str, server: LiveServer, known: Mapping[str, str]) -> str:
    """A printed text with what a reader of the documentation fills in; nothing of that is left over."""
    text = (_PRINTED / f"{name}.txt").read_text()
    for host in ("https://api.copycarai.com", "https://api.clickup-brain.com", "https://api.crm-ultra.com"):
        text = text.replace(host, server.base_url)
    for placeholder, value in known.items():
        assert placeholder in text, placeholder
        text = text.replace(placeholder, value)
    assert not re.search(r"YOUR_|your_api_key|AUTHORIZATION_CODE|https://api", text), text
    return text


def run(*command: str) -> Any:
    """What a program prints, which has to be JSON."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def shell(name: str, server: LiveServer, known: Mapping[str, str], before: str = "") -> Any:
    """What a printed curl command answers."""
    return run("bash", "-c", before + filled(name, server, known))


def sent(name: str, server: LiveServer, known: Mapping[str, str]) -> Any:
    """What a printed HTTP request answers, its body byte for byte as printed."""
    head, _, body = filled(name, server, known).partition("\n\n")
    (method, path), *headers = [line.split(" ", 1) for line in head.splitlines()]
    named = [part for line in headers for part in ("-H", " ".join(line))]
    with_body = ["--data-binary", body] if body else []
    # The samples' own placeholder for any endpoint.
    return run("curl", "-X", method, server.base_url + path.replace("/endpoint", "/quotas"), *named, *with_body)


def own(server: LiveServer, client: str) -> tuple[str, str, str]:
    """Key, client id and secret of a client of the demo."""
    oauth = server.demo["oauth"][client]
    return server.demo["keys"][client], oauth["client_id"], oauth["client_secret"]


@pytest.fixture(scope="module")
def copycar_token(server: LiveServer) -> str:
    """A token by the printed JavaScript."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("needs node")
    key, client_id, secret = own(server, "copycar")
    known = {"YOUR_API_KEY": key, "YOUR_CLIENT_ID": client_id, "YOUR_CLIENT_SECRET": secret}
    program = filled("copycar_token.js", server, known)
    more = "console.log(JSON.stringify({ access_token, expires_in, token_type }));"
    told = run(node, "--input-type=module", "-e", program + more)
    assert (told["expires_in"], told["token_type"]) == (3600, "Bearer")
    return str(told["access_token"])


def test_copycars_key_with_secret(server: LiveServer) -> None:
    key, _, secret = own(server, "copycar")
    _techcorp(shell("copycar_api_key_plus_secret.sh", server, {"YOUR_API_KEY": key, "YOUR_API_SECRET": secret}))


def test_copycars_token_with_key(server: LiveServer, copycar_token: str) -> None:
    known = {"YOUR_ACCESS_TOKEN": copycar_token, "YOUR_API_KEY": own(server, "copycar")[0]}
    _techcorp(shell("copycar_bearer_plus_api_key.sh", server, known))


def test_copycars_oauth_token(server: LiveServer, copycar_token: str) -> None:
    _techcorp(shell("copycar_oauth2_bearer.sh", server, {"YOUR_OAUTH_TOKEN": copycar_token}))


def test_copycars_error_points_to_pages_that_answer(server: LiveServer) -> None:
    known = {"YOUR_API_KEY": own(server, "copycar")[0], "YOUR_API_SECRET": "wrong"}
    error = shell("copycar_api_key_plus_secret.sh", server, known)["error"]
    assert error["code"] == "INVALID_API_KEY"
    for name in ("documentation_url", "support_url"):
        assert error[name].startswith(f"{server.base_url}/copycar/docs/")
        assert httpx.get(error[name]).status_code == 200


def _techcorp(told: Any) -> None:
    """The account that the document prints is there under its printed id."""
    assert told["success"] is True
    assert {
        "account_id": "acc_123456789",
        "name": "TechCorp Solutions",
        "domain": "techcorp.com",
        "industry": "Software Development",
        "size": "350 employees",
        "revenue": "$25M",
        "location": "San Francisco, CA",
        "founded": "2018",
        "website": "https://techcorp.com",
    } in told["data"]["accounts"]


@pytest.mark.parametrize("name", ["clickup_brain_api_key_bearer.http", "clickup_brain_quotas.http"])
def test_clickup_brains_key(server: LiveServer, name: str) -> None:
    _quotas(sent(name, server, {"YOUR_API_KEY": own(server, "clickup_brain")[0]}))


def test_clickup_brains_jwt(server: LiveServer) -> None:
    _, client_id, secret = own(server, "clickup_brain")
    jwt = signed({"iss": client_id, "exp": int(time.time()) + 300}, secret)
    assert jwt.startswith(_JWT_BEGINS)
    _quotas(sent("clickup_brain_jwt_bearer.http", server, {f"{_JWT_BEGINS}...": jwt}))


def test_clickup_brains_token(server: LiveServer) -> None:
    _, client_id, secret = own(server, "clickup_brain")
    known = {"YOUR_CLIENT_ID": client_id, "YOUR_CLIENT_SECRET": secret}
    told = sent("clickup_brain_token.http", server, known)
    assert (told["token_type"], told["expires_in"], told["scope"]) == ("Bearer", 3600, "read write")
    _quotas(sent("clickup_brain_quotas.http", server, {"YOUR_API_KEY": told["access_token"]}))


def _quotas(told: Any) -> None:
    assert list(told) == ["api_requests", "document_processing"]
    assert told["api_requests"]["used"] >= 1


def test_crm_ultras_key(server: LiveServer) -> None:
    assert shell("crm_ultra_api_key.sh", server, {"your_api_key_here": own(server, "crm_ultra")[0]})["data"]


def test_crm_ultras_authorization_code_and_refresh_token(server: LiveServer) -> None:
    _, client_id, secret = own(server, "crm_ultra")
    back = server.demo["oauth"]["crm_ultra"]["redirect_uri"]
    client = {"YOUR_CLIENT_ID": client_id, "YOUR_CLIENT_SECRET": secret}
    known = {"YOUR_CLIENT_ID": client_id, "YOUR_REDIRECT_URI": back, "RANDOM_STATE_STRING": "xyz 1"}
    address = filled("crm_ultra_authorize.http", server, known).removeprefix("GET ").replace("\n  ", "").strip()
    code = _allowed(server, address)

    # The printed commands leave the name of the program out.
    known = client | {"AUTHORIZATION_CODE": code, "YOUR_REDIRECT_URI": back}
    first = shell("crm_ultra_authorization_code.sh", server, known, before="curl -X ")
    known = client | {"YOUR_REFRESH_TOKEN": first["refresh_token"]}
    second = shell("crm_ultra_refresh_token.sh", server, known, before="curl -X ")

    assert (first["token_type"], first["expires_in"], first["scope"]) == ("Bearer", 7200, "read write")
    assert second["refresh_token"] == first["refresh_token"]
    for token in (first["access_token"], second["access_token"]):
        assert shell("crm_ultra_oauth_bearer.sh", server, {"YOUR_ACCESS_TOKEN": token})["data"]


def _allowed(server: LiveServer, address: str) -> str:
    """The code a user's browser brings back, having signed in and allowed what was asked."""
    user = server.demo["user"]
    typed = {"sign-in": {"email": user["email"], "password": user["password"]}, "allow": {}}
    with httpx.Client(follow_redirects=True) as browser:
        answer = browser.get(address, headers={"Accept": "text/html"})
        for action, values in typed.items():
            form = Reader(answer.text).form(action)
            data = {**form.fields, **values, "action": action}
            headers = {"Origin": server.base_url, "Referer": str(answer.url), "Sec-Fetch-Site": "same-origin"}
            answer = browser.post(answer.url.join(form.action), data=data, headers=headers, follow_redirects=False)
            if action == "sign-in":
                answer = browser.get(answer.url.join(answer.headers["location"]), headers={"Accept": "text/html"})
    told = parse_qs(urlsplit(answer.headers["location"]).query)
    assert told["state"] == ["xyz 1"]
    return told["code"][0]
