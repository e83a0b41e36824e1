"""An administrator says where leads may come from."""

from __future__ import annotations

import pytest

from domain.permissions import Role
from tests.conftest import MakeViewer
from tests.graphs import Graph

UPDATE = """mutation ($input: UpdateOrganizationInput!) {
  updateOrganization(input: $input) { organization { name approvedLeadSources } errors { code field } }
}"""
CREATE = """mutation ($source: String!) {
  createLead(input: {source: $source, phone: "5551234567"}) { lead { source } errors { code } }
}"""


async def test_leads_may_come_from_a_source_once_it_is_approved(graph: Graph, viewer_of: MakeViewer) -> None:
    admin = await viewer_of(role=Role.ADMIN, scopes=("read", "write", "admin"))
    refused = await graph.data(CREATE, source="trade_fair")

    changed = await graph.data(UPDATE, input={"approvedLeadSources": ["trade_fair", "trade_fair"]}, viewer=admin)

    assert refused["createLead"]["errors"] == [{"code": "UNKNOWN_SOURCE"}]
    assert changed["updateOrganization"]["organization"]["approvedLeadSources"] == ["trade_fair"]
    assert (await graph.data(CREATE, source="trade_fair"))["createLead"]["lead"] == {"source": "trade_fair"}


async def test_an_empty_list_approves_every_source(graph: Graph, viewer_of: MakeViewer) -> None:
    admin = await viewer_of(role=Role.ADMIN, scopes=("read", "write", "admin"))
    await graph.data(UPDATE, input={"approvedLeadSources": []}, viewer=admin)

    assert (await graph.data(CREATE, source="anything"))["createLead"]["errors"] == []


@pytest.mark.parametrize("patch", [{"name": " "}, {"name": None}, {"approvedLeadSources": [""]}])
async def test_nameless_things_are_refused(graph: Graph, viewer_of: MakeViewer, patch: dict[str, object]) -> None:
    admin = await viewer_of(role=Role.ADMIN, scopes=("read", "write", "admin"))

    answer = await graph.data(UPDATE, input=patch, viewer=admin)

    assert answer["updateOrganization"]["errors"] == [{"code": "REQUIRED", "field": next(iter(patch))}]


async def test_only_an_administrator_may(graph: Graph, viewer_of: MakeViewer) -> None:
    manager = await viewer_of(role=Role.SALES_MANAGER)

    answer = await graph(UPDATE, {"input": {"name": "Mine"}}, viewer=manager)

    assert answer.codes == ["FORBIDDEN"]
