"""The client classes of CRM-Ultra's documentation, run as printed but for their base URL and key."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.live.conftest import LiveServer
from tests.live.doors import crm_ultra
from tests.node import NODE, environment, needs_package

_PRINTED = Path(__file__).parent / "documented"


def _with_access(name: str, server: LiveServer) -> str:
    """The printed program with the two constants a reader of the documentation fills in."""
    program = (_PRINTED / name).read_text()
    for constant in ("https://api.crm-ultra.com/v1", "your_api_key_here"):
        assert constant in program
    program = program.replace("https://api.crm-ultra.com/v1", f"{server.base_url}/v1")
    return program.replace("your_api_key_here", server.demo["keys"]["crm_ultra"])


def _created(printed: str) -> str:
    found = re.search(r"Lead created:? (lead_\w+)", printed)
    assert found, printed
    return found[1]


def test_python_class(server: LiveServer, tmp_path: Path) -> None:
    more = """
assert api.get_lead(lead['id'])['email'] == 'customer@example.com'
listed = api.list_leads({'status': 'new', 'limit': 5})
assert lead['id'] in [each['id'] for each in listed['data']], listed
assert listed['pagination']['limit'] == 5
"""
    program = tmp_path / "client.py"
    program.write_text(_with_access("python_client.py.txt", server) + more)

    run = subprocess.run([sys.executable, program], capture_output=True, text=True, timeout=60, check=False)

    assert run.returncode == 0, run.stderr
    assert crm_ultra(server, "GET", f"/leads/{_created(run.stdout)}").status_code == 200


@needs_package("axios")
def test_axios_class(server: LiveServer, tmp_path: Path) -> None:
    more = "api.getLead('lead_123456789').then(lead => console.log('Lead read:', lead.firstName));\n"
    program = tmp_path / "client.js"
    program.write_text(_with_access("javascript_client.js.txt", server) + more)

    run = subprocess.run([NODE, program], capture_output=True, text=True, timeout=60, env=environment(), check=False)

    assert run.returncode == 0, run.stderr
    assert "Lead read: John" in run.stdout
    assert crm_ultra(server, "GET", f"/leads/{_created(run.stdout)}").json()["email"] == "customer@example.com"
