"""The programs that CopyCar's documentation prints for its SDKs, run literally.

The SDKs themselves cannot be had, and the document says all that these programs need of them: a key, and calls that
hand back the body of an answer. What stands in for them here says no more than that.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.live.conftest import LiveServer
from tests.node import NODE, needs_node
from tests.rest_compat.copycar.printed import as_printed

_PRINTED = Path(__file__).parent / "documented"
_SHAPES = ("accounts_research", "content_generate", "campaigns_create")
_JAVASCRIPT = """
const paths = { accounts: { research: 'accounts/research' }, content: { generate: 'content/generate' },
                campaigns: { create: 'campaigns/create' } };
module.exports = function CopyCarAI({ apiKey, environment, version }) {
  if (environment !== 'production' || version !== 'ultimate') throw new Error('unknown');
  const call = path => async body => {
    const headers = { 'Content-Type': 'application/json', 'X-API-Key': apiKey };
    const answer = await fetch(process.env.COPYCAR_URL + '/' + path,
                               { method: 'POST', headers, body: JSON.stringify(body) });
    return await answer.json();
  };
  for (const [group, calls] of Object.entries(paths))
    this[group] = Object.fromEntries(Object.entries(calls).map(([name, path]) => [name, call(path)]));
};
"""
_PYTHON = """
import json, os, urllib.request

class Calls:
    def __init__(self, key, **paths):
        for name, path in paths.items():
            setattr(self, name, lambda body, path=path: self.call(key, path, body))

    def call(self, key, path, body):
        headers = {'Content-Type': 'application/json', 'X-API-Key': key}
        request = urllib.request.Request(f"{os.environ['COPYCAR_URL']}/{path}", json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

class CopyCarAI:
    def __init__(self, api_key, environment, version):
        assert (environment, version) == ('production', 'ultimate')
        self.accounts = Calls(api_key, research='accounts/research')
        self.content = Calls(api_key, generate='content/generate')
        self.campaigns = Calls(api_key, create='campaigns/create')
"""


@needs_node
def test_the_javascript_program(server: LiveServer, tmp_path: Path) -> None:
    package = tmp_path / "node_modules" / "@copycarai" / "ultimate-sdk"
    package.mkdir(parents=True)
    (package / "index.js").write_text(_JAVASCRIPT)
    # `await` stands at the top of the printed program, beside `require`: no kind of module has both.
    printed = (_PRINTED / "copycar_usage.js.txt").read_text()
    more = "process.stdout.write(JSON.stringify([research, content, campaign]));"
    (tmp_path / "usage.js").write_text(f"(async () => {{\n{_with_key(printed, server)}\n{more}\n}})();")
    _check(_run(NODE, str(tmp_path / "usage.js"), server=server))


def test_the_python_program(server: LiveServer, tmp_path: Path) -> None:
    (tmp_path / "copycarai.py").write_text(_PYTHON)
    printed = (_PRINTED / "copycar_usage.py.txt").read_text()
    more = "import json; print(json.dumps([research, content, campaign]))"
    (tmp_path / "usage.py").write_text(f"{_with_key(printed, server)}\n{more}\n")
    _check(_run(sys.executable, str(tmp_path / "usage.py"), server=server))


def _with_key(program: str, server: LiveServer) -> str:
    assert program.count("your_api_key") == 1
    return program.replace("your_api_key", server.demo["keys"]["copycar"])


def _run(*command: str, server: LiveServer) -> list[Any]:
    environment = os.environ | {"COPYCAR_URL": f"{server.base_url}/v2/ultimate"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    found: list[Any] = json.loads(done.stdout)
    return found


def _check(told: list[Any]) -> None:
    for shape, body in zip(_SHAPES, told, strict=True):
        as_printed(shape, body)
    research, content, campaign = (each["data"] for each in told)
    assert research["profile"]["basic_info"]["name"] == "TechCorp Solutions"
    assert content["variants"][0]["channel"] == "email"
    assert [week["week"] for week in campaign["content_schedule"]] == [1, 2, 3, 4]
