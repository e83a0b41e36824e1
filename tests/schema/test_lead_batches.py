"""Many leads at once: as a list, or as a file."""

from __future__ import annotations

from typing import Any

import pytest

from domain.viewer import Viewer
from tests.conftest import CountStatements
from tests.factories.lead_calls import Leads
from tests.graphs import Graph


@pytest.fixture
def leads(graph: Graph) -> Leads:
    return Leads(graph)


BATCH = """mutation ($l: [CreateLeadInput!]!) { createLeads(input: {leads: $l}) {
  results { index lead { email contact { id } } errors { code field } } created failed errors { code field } } }"""


async def test_a_batch_reports_each_lead_by_its_place(leads: Leads, viewer: Viewer) -> None:
    batch = [
        {"source": "website", "email": "ann@example.com"},
        {"source": "nowhere", "email": "nonsense"},
        {"source": "website", "email": "ann@example.com", "assignedTo": viewer.user_id},
        {"source": "website", "email": "new@example.com", "assignedTo": "user_nobody"},
    ]
    done = (await leads.graph.data(BATCH, l=batch))["createLeads"]
    assert (done["created"], done["failed"], done["errors"]) == (2, 2, [])
    assert [result["index"] for result in done["results"]] == [0, 1, 2, 3]
    assert done["results"][0]["lead"] == done["results"][2]["lead"]
    assert done["results"][1] == {
        "index": 1,
        "lead": None,
        "errors": [{"code": "UNKNOWN_SOURCE", "field": "source"}, {"code": "INVALID", "field": "email"}],
    }
    assert done["results"][3]["errors"] == [{"code": "UNKNOWN_REFERENCE", "field": "assignedTo"}]
    assert await leads.told() == ["LEAD_CREATED", "LEAD_CREATED", "LEAD_ASSIGNED"]
    assert (await leads.graph.data("{ contacts { totalCount } }"))["contacts"] == {"totalCount": 1}


async def test_who_is_given_leads_is_looked_up_once_for_each(
    leads: Leads, viewer: Viewer, count_statements: CountStatements
) -> None:
    given = {"source": "website", "assignedTo": viewer.user_id}
    batch = [given | {"email": f"{name}@example.com"} for name in ("ann", "bob", "cyd")]
    with count_statements() as ran:
        await leads.graph.data(BATCH, l=batch)
    assert sum("FROM user" in each.replace('"', "") for each in ran) == len(batch)


async def test_a_batch_has_bounds(leads: Leads) -> None:
    one = {"source": "website", "email": "ann@example.com"}
    for batch, code in (([], "REQUIRED"), ([one] * 501, "INVALID")):
        done = (await leads.graph.data(BATCH, l=batch))["createLeads"]
        assert done == {"results": [], "created": 0, "failed": 0, "errors": [{"code": code, "field": "leads"}]}
    assert await leads.told() == []


class File:
    """An uploaded file as the doors hand it over."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    async def read(self) -> bytes:
        return self.content


IMPORT = """mutation ($f: Upload!) { importLeads(file: $f) {
  results { index lead { source email firstName state insuranceType tags score customFields statusText }
    errors { code field message } } created failed errors { code message field } } }"""


async def imported(leads: Leads, content: str | bytes) -> Any:
    file = File(content.encode() if isinstance(content, str) else content)
    return (await leads.graph.data(IMPORT, f=file))["importLeads"]


async def test_a_csv_file_is_a_batch(leads: Leads) -> None:
    content = (
        "\ufeffSource,E-Mail,email,First Name,STATE,insurance_type,Tags,score,Status,Budget\r\n"
        'website,x,ann@example.com,"Lee, Ann",ny,auto,a; b,50,Nurturing,100\r\n'
        "\r\n"
        "nowhere,,bob@example.com,,,,,,,\r\n"
    )
    done = await imported(leads, content)
    assert (done["created"], done["failed"], done["errors"]) == (1, 1, [])
    assert done["results"][0]["lead"] == {
        "source": "website",
        "email": "ann@example.com",
        "firstName": "Lee, Ann",
        "state": "NY",
        "insuranceType": "AUTO",
        "tags": ["a", "b"],
        "score": 50,
        "customFields": {"E-Mail": "x", "Budget": "100"},
        "statusText": "Nurturing",
    }
    assert [error["code"] for error in done["results"][1]["errors"]] == ["UNKNOWN_SOURCE"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "column names"),
        (b"name,city\nx,y\n", "column names"),
        (b"email\n\xff\xfe\n", "UTF-8"),
        (b"source,email\nwebsite,a@example.com,more\n", "line 2"),
        (b'source,email\nwebsite,"a@example.com\n', "not CSV"),
        (b"source,email,score\nwebsite,a@example.com,many\n", "line 2: score"),
        (b"source,email,insuranceType\nwebsite,a@example.com,boat\n", "line 2: insuranceType"),
        (b"source,email\nwebsite," + b"x" * 210_000 + b"\n", "not CSV"),
        (b"source,email\n", "at least one"),
    ],
)
async def test_what_is_no_csv_of_leads_is_refused_by_its_line(leads: Leads, content: bytes, message: str) -> None:
    done = await imported(leads, content)
    assert [error["code"] in ("INVALID", "REQUIRED") for error in done["errors"]] == [True]
    assert message in done["errors"][0]["message"]
    assert await leads.told() == []


async def test_a_row_is_named_by_its_line_in_the_file(leads: Leads) -> None:
    done = await imported(leads, "source,email,score\n\n\nwebsite,a@example.com,many\n")
    assert "line 4" in done["errors"][0]["message"]
