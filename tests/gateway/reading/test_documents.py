"""The General Data Protection Regulation as PDF, sent to ClickUp Brain's door and looked at in the graph."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from domain.outside import Outside
from domain.viewer import Dialect, Viewer
from gateway.connections import Connections
from gateway.database import Database
from gateway.graphql.door import Door
from gateway.graphql.http import GraphQLEndpoint
from gateway.graphql.limits import GraphQLLimits
from gateway.graphql.pipeline import Pipeline
from gateway.graphql.points import Points
from gateway.guard import Guard
from gateway.reading.opening import open_reading
from gateway.settings_reading import ReadingSettings
from gateway.settings_webhooks import OutgoingSettings
from rest_compat.clickup_brain.dialect import CLICKUP_BRAIN
from schema.graph import graphql_schema
from tests.factories.contexts import contexts_of
from tests.factories.credentials import make_key
from tests.factories.limits import limits_of
from tests.factories.organizations import make_organization, make_user, make_viewer
from tests.gateway.graphql.world import nothing_trusted
from tests.gateway.reading.samples import children, pdf
from tests.graphs import Graph
from tests.rest_compat.asgi import Answer, call
from tests.rest_compat.clickup_brain.printed import example, fits
from tests.rest_compat.doors import served
from tests.waiting import until

GDPR = Path(__file__).parents[2] / "data" / "gdpr.pdf"
FOUND = """query ($id: ID!) { complianceDocument(id: $id) { pages content
  deadlines: findings(kind: DEADLINE, first: 100) { nodes { place count unit } }
  penalties: findings(kind: PENALTY, first: 100) { nodes { place amount currency fraction } }
  items(where: {search: "72 hours"}) { nodes { place count unit deadline riskLevel } } } }"""
NOTHING = {"complianceDocuments": {"totalCount": 0}, "events": {"totalCount": 0}}


@pytest.fixture
async def reading(embedded: Database) -> AsyncIterator[Database]:
    """A database whose documents are read as the process reads them."""
    parts = open_reading(ReadingSettings(), OutgoingSettings())
    embedded.outside = Outside(reader=parts.reader, fetcher=parts.fetcher)
    yield embedded
    await parts.close()


async def by_dialect(database: Database, viewer: Viewer, content: bytes, leaves: asyncio.Event | None = None) -> Answer:
    user = await make_user(database, viewer.organization_id)
    key = await make_key(database, viewer.organization_id, user=user, dialect=Dialect.CLICKUP_BRAIN)
    sent = example("compliance_documents_create", "request") | {"jurisdiction": "EU"}
    fields = {
        name: value if isinstance(value, str) else json.dumps(value) for name, value in sent.items() if name != "file"
    }
    parts = [
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()
    ]
    head = '--b\r\nContent-Disposition: form-data; name="file"; filename="document.pdf"\r\n\r\n'
    body = "".join([*parts, head]).encode() + content + b"\r\n--b--\r\n"
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "multipart/form-data; boundary=b"}
    app = served(CLICKUP_BRAIN, database)
    return await call(app, "POST", "/api/v1/compliance/documents", body=body, headers=headers, leaves=leaves)


async def by_graphql(database: Database, viewer: Viewer, content: bytes, leaves: asyncio.Event) -> Answer:
    bounds = GraphQLLimits(body_bytes=2 * len(content))

    async def authenticate(_: Mapping[str, str], __: str | None) -> Viewer:
        return viewer

    points = Points(limits_of(database), database.clock, bounds.anonymous_points)
    pipeline = Pipeline(graphql_schema, contexts_of(database).make, points, bounds)
    door = Door(pipeline, authenticate, Guard(database.clock), Connections(database.clock), bounds, nothing_trusted())
    sent = {"jurisdiction": "EU", "documentType": "REGULATION", "base64": base64.b64encode(content).decode()}
    upload = "uploadComplianceDocument(input: $input) { errors { code } }"
    query = f"mutation ($input: UploadComplianceDocumentInput!) {{ {upload} }}"
    body = json.dumps({"query": query, "variables": {"input": sent}}).encode()
    headers = {"Content-Type": "application/json"}
    return await call(GraphQLEndpoint(door), "POST", "/graphql", body=body, headers=headers, leaves=leaves)


async def test_the_gdpr(reading: Database) -> None:
    viewer = await make_viewer(reading, await make_organization(reading))
    answer = await by_dialect(reading, viewer, GDPR.read_bytes())
    assert answer.status == 200, answer.body
    fits("compliance_documents_create", answer.json())
    assert answer.json()["risk_level"] == "critical"
    found = (await Graph(reading, viewer).data(FOUND, id=answer.json()["document_id"]))["complianceDocument"]
    assert found["pages"] == 67
    # Words that were broken at the end of a line or page are whole, and page numbers do not fall between them.
    words = " ".join(found["content"].split())
    assert "certification or the withdrawal of such certification" in words
    assert "shall be adapted to the principles" in words
    assert "pursuant to Article 27, represents the controller" in words
    deadlines = [(each["place"], each["count"], each["unit"]) for each in found["deadlines"]["nodes"]]
    assert ("Article 33(1)", 72, "HOUR") in deadlines
    assert ("Article 12(3)", 1, "MONTH") in deadlines
    penalties = [(each["place"], each["amount"], each["fraction"]) for each in found["penalties"]["nodes"]]
    assert ("Article 83(4)", 10_000_000, 0.02) in penalties
    assert ("Article 83(5)", 20_000_000, 0.04) in penalties
    notify = {"place": "Article 33(1)", "count": 72, "unit": "HOUR", "deadline": None}
    assert [each for each in found["items"]["nodes"] if notify.items() <= each.items()]


async def test_what_cannot_be_read_leaves_nothing(reading: Database) -> None:
    viewer = await make_viewer(reading, await make_organization(reading))
    for content in (pdf("Secret.", encrypted=True), b"%PDF-1.7 and then nothing", b"\x00\x01\x02" * 50):
        answer = await by_dialect(reading, viewer, content)
        assert answer.status == 400, answer.body
        assert list(answer.json()["error"]["details"]) == ["file"]
    assert await stored(reading, viewer) == NOTHING


@pytest.mark.parametrize("upload", [by_dialect, by_graphql])
async def test_a_client_that_leaves_is_not_read_for(reading: Database, upload: Any) -> None:
    viewer = await make_viewer(reading, await make_organization(reading))
    leaves = asyncio.Event()
    uploading = asyncio.create_task(upload(reading, viewer, b"Within 72 hours. " * 500_000, leaves))
    await until(children)
    leaves.set()
    answer = await uploading
    assert (answer.status, answer.body, children()) == (0, b"", [])
    assert await stored(reading, viewer) == NOTHING


async def stored(database: Database, viewer: Viewer) -> Any:
    return await Graph(database, viewer).data("{ complianceDocuments { totalCount } events { totalCount } }")
