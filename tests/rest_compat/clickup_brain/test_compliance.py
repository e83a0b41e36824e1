"""Compliance as documented: the printed requests literally, their answers in the printed form."""

from __future__ import annotations

import base64
import json
from datetime import date
from typing import Any

import pytest

from domain.compliance import ComplianceStatus
from domain.levels import Level, RiskLevel
from domain.viewer import Dialect
from rest_compat.clickup_brain.dialect import CLICKUP_BRAIN
from tests.factories.compliance import item_row, update_row
from tests.factories.credentials import make_key
from tests.factories.law import ACT, give_library
from tests.factories.limits import limits_of
from tests.factories.organizations import store
from tests.rest_compat.asgi import call
from tests.rest_compat.clickup_brain.printed import example, fits, refused
from tests.rest_compat.doors import served
from tests.rest_compat.printed import same_form

DOCUMENTS, MONITORING, UPDATES = "/compliance/documents", "/compliance/monitoring", "/compliance/updates"
BOUNDARY = "----x"


@pytest.fixture
def ask(app, key, database):
    """Send a request as the documents do; the answer."""
    give_library(database, act=ACT)

    async def asked(method: str, path: str, body: Any = None, base: str = "/api/v1", label: str = "application/json"):
        headers = {"Authorization": f"Bearer {key}"} | ({"Content-Type": label} if label else {})
        sent = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        return await call(app, method, f"{base}{path}", body=sent, headers=headers)

    return asked


def multipart(**fields: Any) -> bytes:
    parts = []
    for name, value in fields.items():
        file = isinstance(value, bytes)
        head = f'Content-Disposition: form-data; name="{name}"' + ('; filename="act.txt"' if file else "")
        parts.append(f"--{BOUNDARY}\r\n{head}\r\n\r\n".encode() + (value if file else str(value).encode()) + b"\r\n")
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def extracted(answer: Any) -> Any:
    assert answer.status == 200, answer.body
    fits("compliance_documents_create", answer.json())
    assert list(answer.json()) == list(example("compliance_documents_create"))
    return answer.json()["extracted_data"]


async def test_the_printed_upload(ask):
    # The label says multipart, the body is JSON, and all there is of the file is its name (CB-02).
    sent = example("compliance_documents_create", "request")
    for base, label in (("/api/v1", "multipart/form-data"), ("/v1", "application/json")):
        assert extracted(await ask("POST", DOCUMENTS, sent, base, label)) == {
            "deadlines": [],
            "requirements": [],
            "penalties": [],
            "entities": [],
        }
    sent["file"] = ACT
    answer = await ask("POST", DOCUMENTS, sent)
    extracted(answer)
    # A whole score prints without a fraction; the shape has looked at it.
    same_form(example("compliance_documents_create"), answer.json() | {"compliance_score": 0.85})
    assert answer.json()["extracted_data"]["deadlines"] == ["2024-12-31"]
    assert answer.json()["created_at"] == "2024-01-15T14:30:00Z"


async def test_every_form_of_an_upload_says_the_same(ask, graph):
    known = {"jurisdiction": "US", "document_type": "regulation"}
    metadata = json.dumps(example("compliance_documents_create", "request")["metadata"])
    answers = [
        await ask("POST", DOCUMENTS, body, label=label)
        for body, label in (
            (multipart(file=ACT.encode(), **known, metadata=metadata), f"multipart/form-data; boundary={BOUNDARY}"),
            (
                multipart(**{"file": ACT.encode(), "metadata[source]": "SEC", "metadata[date]": "2024-01-15"}, **known),
                f"multipart/form-data; boundary={BOUNDARY}",
            ),
            (
                known | {"file": base64.b64encode(ACT.encode()).decode(), "metadata": {"source": "SEC"}},
                "application/json",
            ),
            (known | {"file": ACT, "metadata": None}, "application/json"),
            ({"filePath": ACT, "jurisdiction": "US", "documentType": "regulation"}, "application/json"),
            (known | {"file_url": "https://laws.example/act"}, "application/json"),
        )
    ]
    told = [extracted(answer) for answer in answers]
    assert told == [told[0]] * 6
    assert told[0]["penalties"]
    kept = await graph.data("{ complianceDocuments { nodes { source publishedOn jurisdiction } } }")
    assert {"source": "SEC", "publishedOn": "2024-01-15", "jurisdiction": "US"} in kept["complianceDocuments"]["nodes"]


async def test_what_salesforce_sends(ask):
    sent = example("compliance_documents_process", "request")
    for unknown in (sent, sent | {"document_id": 4711}):
        refused(await ask("POST", DOCUMENTS, unknown, "/v1"), 404, "NOT_FOUND")
    first = (await ask("POST", DOCUMENTS, {"file": ACT, "jurisdiction": "EU", "document_type": "policy"})).json()
    again = await ask("POST", DOCUMENTS, sent | {"document_id": first["document_id"]}, "/v1")
    extracted(again)
    assert again.json() == first
    items = (await ask("GET", f"{MONITORING}?jurisdiction=US")).json()
    assert [each["deadline"] for each in items["compliance_items"]] == ["2024-12-31"]


async def test_what_cannot_be_read_is_said_of_its_field(ask):
    for change, field in (
        ({"file": None}, "file"),
        ({"jurisdiction": " "}, "jurisdiction"),
        ({"jurisdiction": None}, "jurisdiction"),
        ({"document_type": "law"}, "document_type"),
        ({"file_url": "https://laws.example/act"}, "file_url"),
        ({"file": None, "file_url": "https://laws.example/gone"}, "file_url"),
        ({"metadata": {"date": "yesterday"}}, "metadata.date"),
        ({"metadata": {"source": "x" * 300}}, "metadata.source"),
        ({"file": base64.b64encode(b"%PDF-broken and more of it, enough to be no word").decode()}, "file"),
    ):
        sent = {"file": ACT, "jurisdiction": "US", "document_type": "regulation"} | change
        error = refused(await ask("POST", DOCUMENTS, sent), 400, "BAD_REQUEST")
        assert list(error["details"]) == [field], change


async def test_documents_are_counted(database, key):
    give_library(database)
    app = served(CLICKUP_BRAIN, database, limits_of(database, factor=0.1))
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    sent = json.dumps({"file": "Nothing.", "jurisdiction": "US", "document_type": "policy"}).encode()
    statuses = [
        (await call(app, "POST", "/v1/compliance/documents", body=sent, headers=headers)).status for _ in range(3)
    ]
    assert statuses == [200, 200, 429]


@pytest.fixture
async def items(database, organization, clock):
    """Fifteen items of the EU in 2024: three of high risk, one overdue; and some beside."""
    at = clock.now()
    rows = [
        item_row(
            organization, at, date(2024, 6, 30), title="GDPR Data Processing", penalties=["€20M or 4% of revenue"]
        ),
        item_row(organization, at, date(2024, 1, 10), title="late", risk_level=RiskLevel.LOW),
        item_row(organization, at, date(2024, 7, 1), title="c", risk_level=RiskLevel.CRITICAL),
        item_row(organization, at, date(2024, 7, 2), title="d", status=ComplianceStatus.COMPLETED),
        *(item_row(organization, at, date(2024, 8, 1), title=f"{n}", risk_level=RiskLevel.LOW) for n in range(11)),
        item_row(organization, at, None, title="some day"),
        item_row(organization, at, date(2025, 1, 1), title="next year"),
        item_row(organization, at, date(2024, 6, 1), title="elsewhere", jurisdiction="US"),
    ]
    await store(database, *rows)


async def test_the_printed_monitoring(ask, items):
    sent = example("compliance_monitoring", "request")
    query = "?jurisdiction=eu&status=active&risk_level=high&date_range[start]=2024-01-01&end=2024-12-31"
    answers = [
        await ask("GET", MONITORING, sent, "/api/v1", label=""),
        await ask("GET", MONITORING, sent, "/v1", label=""),
        await ask("GET", f"{MONITORING}{query}"),
        await ask("GET", MONITORING, {**sent, "riskLevel": "high", "risk_level": None}),
    ]
    for answer in answers:
        assert answer.status == 200, answer.body
        fits("compliance_monitoring", answer.json())
        same_form(example("compliance_monitoring"), answer.json())
        (item,) = answer.json()["compliance_items"]
        printed = example("compliance_monitoring")["compliance_items"][0]
        same = ("title", "deadline", "status", "risk_level", "jurisdiction", "penalties")
        assert {key: item[key] for key in same} == {key: printed[key] for key in same}
        # The counts do not look at status and risk: three of fifteen are of high risk (CB-12).
        assert [answer.json()[key] for key in ("total_count", "high_risk_count", "overdue_count")] == [15, 3, 1]


async def test_monitoring_by_other_filters(ask, items):
    for query, titles in (
        ("?status=overdue", ["late"]),
        ("?status=completed&jurisdiction=EU", ["d"]),
        ("?jurisdiction=US&status=pending", ["elsewhere"]),
        ("?date_range[end]=2024-06-30", ["late", "elsewhere", "GDPR Data Processing"]),
        ("?risk_level=critical", ["c"]),
        ("?start=2024-12-31T23:00:00Z&status=", ["next year"]),
    ):
        answer = await ask("GET", MONITORING + query)
        fits("compliance_monitoring", answer.json())
        assert [each["title"] for each in answer.json()["compliance_items"]] == titles, query
    for query, field in (
        ("status=late", "status"),
        ("risk_level=severe", "risk_level"),
        ("start=soon", "date_range.start"),
    ):
        assert field in refused(await ask("GET", f"{MONITORING}?{query}"), 400, "BAD_REQUEST")["details"]


async def test_without_anything_to_do_nothing_is_listed(ask):
    for path, printed in ((MONITORING, "compliance_monitoring"), (UPDATES, "compliance_updates")):
        answer = await ask("GET", path)
        fits(printed, answer.json())
        assert set(map(str, answer.json().values())) == {"[]", "0"}


async def test_the_printed_updates(ask, database, organization, clock):
    at = clock.now()
    await store(
        database,
        update_row(organization, at, date(2024, 1, 15), title="New SEC Disclosure Requirements"),
        update_row(organization, at, date(2024, 1, 31), title="late in January", deadline=None, impact_level=Level.LOW),
        update_row(organization, at, date(2024, 2, 1), title="February"),
        update_row(organization, at, date(2024, 1, 2), title="another type", update_type="guidance"),
        update_row(organization, at, date(2024, 1, 2), title="elsewhere", jurisdiction="EU"),
    )
    answer = await ask("GET", UPDATES, example("compliance_updates", "request"), label="")
    assert answer.status == 200, answer.body
    told = answer.json()
    fits("compliance_updates", told)
    assert [each["title"] for each in told["updates"]] == ["late in January", "New SEC Disclosure Requirements"]
    assert (told["updates"][0]["deadline"], told["total_count"], told["high_impact_count"]) == (None, 2, 1)
    same_form(example("compliance_updates"), told | {"updates": told["updates"][1:]})
    by_query = await ask(
        "GET", f"{UPDATES}?jurisdiction=US&updateType=new_regulation&start=2024-01-01&end=2024-01-31", base="/v1"
    )
    assert by_query.json() == told


async def test_each_route_needs_leave(app, database, organization, jane):
    for scope, method, path, status in (
        ("write:compliance", "GET", MONITORING, 403),
        ("write:compliance", "GET", UPDATES, 403),
        ("read:compliance", "POST", DOCUMENTS, 403),
        ("read:compliance", "GET", MONITORING, 200),
    ):
        key = await make_key(database, organization, user=jane, dialect=Dialect.CLICKUP_BRAIN, scopes=(scope,))
        sent = (
            json.dumps({"file": "x", "jurisdiction": "US", "document_type": "policy"}).encode()
            if method == "POST"
            else b""
        )
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        assert (await call(app, method, f"/v1{path}", body=sent, headers=headers)).status == status, (scope, path)
