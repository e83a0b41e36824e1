"""The page and its files, without a browser."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest
from graphql import build_schema, parse, validate
from starlette.applications import Starlette

from gateway import graphiql
from gateway.graphiql import GraphiQLConfig, graphiql_page, graphiql_routes

PACKAGE = Path(graphiql.__file__).parent
SDL = PACKAGE.parents[1] / "schema" / "schema.graphql"
TABS = sorted((PACKAGE / "source" / "tabs").glob("*.graphql"))
HASHED = re.compile(r"-([A-Z0-9]{8})\.\w+$")


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app = Starlette(routes=graphiql_routes(GraphiQLConfig()))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://trigraph") as client:
        yield client


def configuration(html: str) -> dict[str, object]:
    written = re.search(r'<script type="application/json" id="graphiql-configuration">(.*?)</script>', html, re.S)
    assert written
    return json.loads(written.group(1))


def body(config: GraphiQLConfig, served_at: str | None = None) -> str:
    return bytes(graphiql_page(config, served_at).body).decode()


async def test_the_page_names_only_files_that_are_served(client: httpx.AsyncClient):
    page = await client.get("/graphiql")
    names = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    files = [name for name in names if not name.startswith("data:")]
    assert len(files) == 3
    for file in files:
        assert (await client.get(urljoin("/graphiql", file))).status_code == 200


async def test_every_built_file_is_kept_for_good_under_the_hash_of_its_content(client: httpx.AsyncClient):
    for file in (PACKAGE / "static").iterdir():
        if not (hashed := HASHED.search(file.name)):
            assert file.name in {"manifest.json", "LICENSES.txt"}
            continue
        answer = await client.get(f"/graphiql/static/{file.name}")
        assert answer.content == file.read_bytes()
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert hashed.group(1) in answer.headers["etag"]
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("ending", "content_type"),
    [("js", "text/javascript; charset=utf-8"), ("css", "text/css; charset=utf-8"), ("ttf", "font/ttf")],
)
async def test_content_types_do_not_depend_on_the_machine(client: httpx.AsyncClient, ending: str, content_type: str):
    for file in (PACKAGE / "static").glob(f"*.{ending}"):
        answer = await client.head(f"/graphiql/static/{file.name}")
        assert answer.headers["content-type"] == content_type


@pytest.mark.parametrize("coding", ["identity", "gzip", "br;q=1.0, gzip;q=0", "deflate, gzip;q=0.5"])
async def test_a_file_is_compressed_for_who_takes_it(client: httpx.AsyncClient, coding: str):
    file = next((PACKAGE / "static").glob("boot-*.js"))
    takes = "gzip" in coding and not coding.endswith("gzip;q=0")
    async with client.stream("GET", f"/graphiql/static/{file.name}", headers={"Accept-Encoding": coding}) as answer:
        raw = b"".join([part async for part in answer.aiter_raw()])
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.headers.get("content-encoding") == ("gzip" if takes else None)
    assert (gzip.decompress(raw) if takes else raw) == file.read_bytes()


async def test_a_file_the_browser_has_is_not_sent_again(client: httpx.AsyncClient):
    path = f"/graphiql/static/{next((PACKAGE / 'static').glob('main-*.css')).name}"
    tag = (await client.get(path)).headers["etag"]
    again = await client.get(path, headers={"If-None-Match": f'"other", W/{tag}'})
    assert (again.status_code, again.content) == (304, b"")
    assert (await client.get(path, headers={"If-None-Match": '"other"'})).status_code == 200
    plain = await client.get(path, headers={"Accept-Encoding": "identity"})
    assert plain.headers["etag"] != tag


@pytest.mark.parametrize("name", ["manifest.json", "none.js", "%2e%2e%2fpage.py", "..%2f__init__.py"])
async def test_nothing_else_of_the_package_is_served(client: httpx.AsyncClient, name: str):
    assert (await client.get(f"/graphiql/static/{name}")).status_code == 404


async def test_the_policy_lets_nothing_come_from_elsewhere(client: httpx.AsyncClient):
    page = await client.get("/graphiql")
    policy = dict(part.split(" ", 1) for part in page.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["worker-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert {source for sources in policy.values() for source in sources.split()} <= {
        "'none'",
        "'self'",
        "data:",
        "'unsafe-inline'",
    }
    assert "unsafe-inline" not in policy["script-src"]
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["referrer-policy"] == "same-origin"
    assert page.headers["cache-control"] == "no-store"


def test_values_of_the_configuration_cannot_leave_their_place():
    hostile = "</script><script>alert(1)</script><!--\u2028&"
    html = body(GraphiQLConfig(title=hostile, default_headers={"X-API-Key": hostile}))
    assert "alert(1)</script>" not in html
    assert html.count("<script") == 3
    assert configuration(html)["title"] == hostile
    assert configuration(html)["defaultHeaders"] == {"X-API-Key": hostile}


@pytest.mark.parametrize("headers", [None, {}])
def test_no_header_is_invented(headers: dict[str, str] | None):
    assert configuration(body(GraphiQLConfig(default_headers=headers)))["defaultHeaders"] is None


@pytest.mark.parametrize(
    ("graphql_path", "served_at"),
    [
        ("/graphql", "/graphql"),
        ("/graphql", "/graphiql"),
        ("/api/v2/graphql", "/api/v2/graphql"),
        ("/api/graphql", "/graphiql"),
    ],
)
@pytest.mark.parametrize("prefix", ["", "/office/trigraph"])
def test_addresses_follow_from_where_the_page_is_found(graphql_path: str, served_at: str, prefix: str):
    html = body(GraphiQLConfig(graphql_path=graphql_path), served_at)
    found_at = f"https://example.org:8443{prefix}{served_at}"
    assert urljoin(found_at, str(configuration(html)["endpoint"])) == f"https://example.org:8443{prefix}{graphql_path}"
    script = re.search(r'<script type="module" src="([^"]+)"', html)
    assert script
    assert urljoin(found_at, script.group(1)).startswith(f"https://example.org:8443{prefix}/graphiql/static/main-")


def test_the_page_speaks_to_readers_without_script():
    html = body(GraphiQLConfig(title="Sales & Co"))
    assert '<html lang="en">' in html
    assert "<title>Sales &amp; Co · GraphiQL</title>" in html
    assert re.search(r"<noscript>.*POST to <code>/graphql</code>", html)


@pytest.mark.parametrize("tab", TABS, ids=lambda tab: tab.stem)
def test_a_default_tab_is_valid_against_the_schema_and_part_of_the_build(tab: Path):
    document = tab.read_text("utf-8")
    assert validate(build_schema(SDL.read_text("utf-8")), parse(document)) == []
    script = next((PACKAGE / "static").glob("main-*.js")).read_text("utf-8")
    assert document.splitlines()[0] in script


def test_the_source_pins_exact_versions_and_names_no_registry():
    package = json.loads((PACKAGE / "source" / "package.json").read_text("utf-8"))
    pinned = package["dependencies"] | package["devDependencies"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in pinned.values()), pinned
    lock = (PACKAGE / "source" / "package-lock.json").read_text("utf-8")
    assert "://" not in lock
