"""The documentation page works alone and shows every route in both languages."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import re
from html.parser import HTMLParser

import pytest
from graphql import parse, validate

from rest_compat.engine.app import DialectApp
from rest_compat.engine.documents import RouteDrift
from tests.rest_compat.asgi import call
from tests.rest_compat.conftest import SETTINGS
from tests.rest_compat.library.dialect import LIBRARY
from tests.rest_compat.library.schema import Library


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.links, self.ids, self.blocks, self._in_pre = [], [], [], [], False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in ("href", "src")]
        self.ids += [found["id"]] if "id" in found else []
        if tag == "pre":
            self.blocks.append("")
            self._in_pre = True

    def handle_endtag(self, tag):
        self._in_pre = self._in_pre and tag != "pre"

    def handle_data(self, data):
        if self._in_pre:
            self.blocks[-1] += data


@pytest.fixture
async def answer(app):
    return await call(app, "GET", "/docs")


@pytest.fixture
def page(answer):
    return Page(answer.body.decode())


def test_it_is_html_for_everybody(answer):
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


def test_it_needs_no_script_and_no_other_host(page):
    assert not {"script", "img", "iframe", "link", "object"} & set(page.tags)
    assert all(link.startswith(("#", "https://graph.example/")) for link in page.links)


def test_the_policy_allows_exactly_its_style(answer):
    style = re.search(r"<style>(.*?)</style>", answer.body.decode(), re.S)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in answer.headers["content-security-policy"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_links_inside_lead_somewhere_and_ids_are_unique(page):
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))


def test_it_has_the_landmarks_of_a_readable_page(answer, page):
    assert '<html lang="en">' in answer.body.decode()
    assert {"header", "nav", "main", "h1", "caption"} <= set(page.tags)


def test_each_route_shows_a_command_and_the_same_call_in_graphql(page):
    commands = [block for block in page.blocks if block.startswith("curl")]
    documents = [block for block in page.blocks if block.startswith(("query", "mutation"))]
    assert len(commands) == len(documents) == len(LIBRARY.routes)
    assert commands[1].startswith("curl -X GET 'https://graph.example/library/api/v9/books?kind=crime&tags=old,rare'")
    schema = Library().schema()
    for document in documents:
        assert validate(schema, parse(document)) == []
    assert not any("@percent" in document or "@unwrap" in document for document in documents)


def test_the_variables_are_those_of_the_example(page):
    variables = [json.loads(block) for block in page.blocks if block.startswith("{")]
    assert {"genre": "CRIME", "tags": ["old", "rare"], "first": 10, "skip": 0} in variables


def test_an_example_the_route_refuses_stops_the_process(services):
    routes = tuple(dataclasses.replace(each, example="") for each in LIBRARY.routes)
    with pytest.raises(RouteDrift, match="AddBook: refuses its own example"):
        DialectApp(dataclasses.replace(LIBRARY, routes=routes), Library().schema(), services, SETTINGS)
