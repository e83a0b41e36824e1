"""What can be done with leads, and what is told about it (CU-13 … CU-58)."""

from __future__ import annotations

from typing import Any

import pytest

from domain.viewer import Viewer
from gateway.database import Database
from tests.clocks import SetClock
from tests.conftest import MakeViewer
from tests.factories.lead_calls import CREATE, UPDATE, Leads
from tests.factories.leads import make_account, make_contact
from tests.factories.organizations import make_organization, make_user
from tests.graphs import Graph

PRINTED_REQUEST = {
    "source": "facebook_ads",
    "email": "lead@example.com",
    "phone": "+15551234567",
    "firstName": "John",
    "lastName": "Smith",
    "city": "New York",
    "state": "NY",
    "insuranceType": "AUTO",
    "tags": ["high-value", "referral"],
    "customFields": {"campaignId": "camp_123", "adSetId": "adset_456"},
}


@pytest.fixture
def leads(graph: Graph) -> Leads:
    return Leads(graph)


async def test_the_printed_request_makes_the_printed_lead(leads: Leads) -> None:
    lead = await leads.create(**PRINTED_REQUEST)
    sent = {name: lead[name] for name in PRINTED_REQUEST}
    assert sent == PRINTED_REQUEST
    assert (lead["status"], lead["statusText"], lead["score"]) == ("NEW", "new", 65)
    assert (lead["createdAt"], lead["updatedAt"]) == ("2024-01-15T14:30:00Z", "2024-01-15T14:30:00Z")
    assert (lead["campaignId"], lead["assignedTo"], lead["convertedAt"]) == ("camp_123", None, None)
    assert lead["contact"]["email"] == "lead@example.com"
    assert lead["contact"]["name"] == "John Smith"
    assert await leads.told() == ["LEAD_CREATED"]
    assert await leads.timeline(lead["id"]) == ["LEAD_CREATED"]


@pytest.mark.parametrize(
    ("fields", "problems"),
    [
        ({"source": "website"}, [("REQUIRED", "email")]),
        ({"source": "website", "email": " ", "phone": ""}, [("REQUIRED", "email")]),
        ({"source": " ", "email": "a@example.com"}, [("REQUIRED", "source")]),
        ({"source": "nowhere", "email": "a@example.com"}, [("UNKNOWN_SOURCE", "source")]),
        ({"source": "website", "email": "nonsense"}, [("INVALID", "email")]),
        ({"source": "website", "phone": "12"}, [("INVALID", "phone")]),
        ({"source": "website", "email": "a@example.com", "state": "ZZ"}, [("INVALID", "state")]),
        ({"source": "website", "email": "a@example.com", "score": 101}, [("INVALID", "score")]),
        ({"source": "website", "email": "a@example.com", "score": -1}, [("INVALID", "score")]),
        ({"source": "website", "email": "a@example.com", "tags": ["x"] * 51}, [("INVALID", "tags")]),
        ({"source": "website", "email": "a@example.com", "tags": ["x" * 101]}, [("INVALID", "tags")]),
        ({"source": "website", "email": "a@example.com", "firstName": "x" * 201}, [("INVALID", "firstName")]),
        ({"source": "website", "email": "a@example.com", "city": "a\x00"}, [("INVALID", "city")]),
        ({"source": "website", "email": "a@example.com", "status": "OTHER"}, [("INVALID", "status")]),
        (
            {"source": "website", "email": "a@example.com", "customFields": {"campaignId": 5}},
            [("INVALID", "customFields.campaignId")],
        ),
        (
            {"source": "website", "email": "a@example.com", "assignedTo": "user_nobody"},
            [("UNKNOWN_REFERENCE", "assignedTo")],
        ),
        (
            {"source": "nowhere", "email": "nonsense", "state": "ZZ"},
            [("UNKNOWN_SOURCE", "source"), ("INVALID", "email"), ("INVALID", "state")],
        ),
    ],
)
async def test_every_problem_of_a_new_lead_is_told_at_once(
    leads: Leads, fields: dict[str, Any], problems: list[tuple[str, str]]
) -> None:
    assert await leads.refused(CREATE, fields) == problems
    assert await leads.told() == []


async def test_an_organization_without_a_list_takes_every_source(
    database: Database, graph: Graph, viewer_of: MakeViewer
) -> None:
    open_minded = await viewer_of(await make_organization(database, sources=()))
    leads = Leads(Graph(database, open_minded))
    assert (await leads.create(source="anything at all"))["source"] == "anything at all"


async def test_texts_are_kept_as_given_and_blanks_are_nothing(leads: Leads) -> None:
    lead = await leads.create(
        email=" Ann.Lee@Example.com ",
        phone="(555) 123-4567",
        state="ny",
        firstName=" Ann ",
        lastName=" ",
        tags=[" a ", "a", ""],
    )
    assert (lead["email"], lead["phone"], lead["state"]) == ("Ann.Lee@Example.com", "(555) 123-4567", "NY")
    assert (lead["firstName"], lead["lastName"], lead["tags"]) == ("Ann", None, ["a"])
    assert lead["contact"]["email"] == "ann.lee@example.com"


async def test_one_address_is_one_contact_found_by_its_company(
    leads: Leads, database: Database, organization: str
) -> None:
    acme = await make_account(database, organization, domain="acme.example.com")
    first = await leads.create(email="ann@acme.example.com", firstName="Ann")
    second = await leads.create(email="ANN@acme.example.com", firstName="Other")
    assert first["account"] == {"id": acme}
    assert first["contact"] == second["contact"]
    assert first["contact"]["name"] == "Ann"
    assert first["id"] != second["id"]
    assert (await leads.create(email="bob@mail.example.com"))["account"] is None
    assert (await leads.create(email=None, phone="5551234567"))["contact"] is None


async def test_a_nameless_contact_gets_the_first_name_that_is_known(
    leads: Leads, database: Database, organization: str
) -> None:
    await make_contact(database, organization, "ann@example.com")
    assert (await leads.create(firstName="Ann"))["contact"]["name"] == "Ann"


async def test_a_lead_can_be_born_won_and_assigned(leads: Leads, viewer: Viewer) -> None:
    lead = await leads.create(statusText="Won", assignedTo=viewer.user_id, score=80)
    assert (lead["status"], lead["statusText"], lead["convertedAt"]) == ("WON", "WON", "2024-01-15T14:30:00Z")
    assert (lead["assignedTo"], lead["score"]) == ({"id": viewer.user_id}, 80)
    assert lead["scoreReasons"] == [{"points": 80, "reason": "Written by a client."}]
    assert await leads.told() == ["LEAD_CREATED", "LEAD_ASSIGNED", "LEAD_CONVERTED"]
    assert await leads.timeline(lead["id"]) == ["LEAD_CREATED", "WON"]


async def test_an_update_merges(leads: Leads, clock: SetClock) -> None:
    lead = await leads.create(**PRINTED_REQUEST)
    clock.advance(hours=1)
    changed = await leads.update(lead["id"], status="QUALIFIED", priority="high", city=None)
    expected = lead | {"status": "QUALIFIED", "statusText": "qualified", "priority": "high", "city": None}
    assert changed == expected | {"updatedAt": "2024-01-15T15:30:00Z"}
    assert await leads.told() == ["LEAD_CREATED", "LEAD_UPDATED"]
    assert await leads.timeline(lead["id"]) == ["LEAD_CREATED", "STATUS_CHANGED"]


async def test_nothing_is_told_when_nothing_changes(leads: Leads, clock: SetClock, viewer: Viewer) -> None:
    lead = await leads.create(**PRINTED_REQUEST, assignedTo=viewer.user_id)
    told = await leads.told()
    clock.advance(hours=1)
    same = PRINTED_REQUEST | {"status": "NEW", "assignedTo": viewer.user_id, "state": "ny"}
    assert await leads.update(lead["id"], **same) == lead
    assert await leads.update(lead["id"]) == lead
    assert await leads.update(lead["id"], statusText="NEW") == lead
    assert await leads.told() == told
    assert await leads.timeline(lead["id"]) == ["LEAD_CREATED"]


async def test_a_lead_stays_reachable(leads: Leads) -> None:
    lead = await leads.create(email="ann@example.com")
    assert await leads.refused(UPDATE, {"id": lead["id"], "email": None}) == [("REQUIRED", "email")]
    changed = await leads.update(lead["id"], email=None, phone="5551234567")
    assert (changed["email"], changed["phone"], changed["contact"]) == (None, "5551234567", None)
    assert await leads.refused(UPDATE, {"id": lead["id"], "phone": ""}) == [("REQUIRED", "email")]


async def test_a_changed_address_is_another_contact(leads: Leads) -> None:
    lead = await leads.create(email="ann@example.com")
    changed = await leads.update(lead["id"], email="bob@example.com")
    assert changed["contact"]["id"] != lead["contact"]["id"]
    found = await leads.graph.data('{ leads(where: {search: "bob@"}) { nodes { id } } }')
    assert found["leads"]["nodes"] == [{"id": lead["id"]}]


async def test_the_score_follows_facts_until_a_client_writes_one(leads: Leads) -> None:
    lead = await leads.create(email="ann@example.com")
    assert lead["score"] == 15
    assert (await leads.update(lead["id"], phone="5551234567"))["score"] == 30
    written = await leads.update(lead["id"], score=77)
    assert (written["score"], written["scoreReasons"]) == (77, [{"points": 77, "reason": "Written by a client."}])
    assert (await leads.update(lead["id"], tags=["referral"]))["score"] == 77


async def test_a_score_written_as_it_was_says_who_wrote_it(leads: Leads) -> None:
    lead = await leads.create(email="ann@example.com")
    written = await leads.update(lead["id"], score=15)
    assert written["scoreReasons"] == [{"points": 15, "reason": "Written by a client."}]


async def test_conversion_and_its_taking_back(leads: Leads, clock: SetClock) -> None:
    lead = await leads.create()
    clock.advance(days=2)
    won = await leads.update(lead["id"], status="WON")
    assert won["convertedAt"] == "2024-01-17T14:30:00Z"
    assert await leads.told() == ["LEAD_CREATED", "LEAD_UPDATED", "LEAD_CONVERTED"]
    clock.advance(days=1)
    assert (await leads.update(lead["id"], statusText="won"))["convertedAt"] == "2024-01-17T14:30:00Z"
    lost = await leads.update(lead["id"], status="LOST")
    assert (lost["status"], lost["convertedAt"]) == ("LOST", None)
    assert await leads.told() == ["LEAD_CREATED", "LEAD_UPDATED", "LEAD_CONVERTED", "LEAD_UPDATED"]
    expected = ["LEAD_CREATED", "STATUS_CHANGED", "WON", "STATUS_CHANGED", "LOST"]
    assert sorted(await leads.timeline(lead["id"])) == sorted(expected)


async def test_the_change_of_status_says_from_what_to_what(leads: Leads) -> None:
    lead = await leads.create()
    changed = await leads.update(lead["id"], statusText="Nurturing")
    assert (changed["status"], changed["statusText"]) == ("OTHER", "Nurturing")
    query = """query ($id: ID!) {
      lead(id: $id) { activities(where: {type: STATUS_CHANGED}) { nodes { description metadata } } } }"""
    nodes = (await leads.graph.data(query, id=lead["id"]))["lead"]["activities"]["nodes"]
    assert nodes == [
        {"description": "Status changed from new to Nurturing", "metadata": {"from": "new", "to": "Nurturing"}}
    ]


ASSIGN = """mutation ($l: ID!, $u: ID) { assignLead(input: {leadId: $l, userId: $u}) {
  lead { assignedTo { id } } errors { code field } } }"""


async def test_assigning(leads: Leads, database: Database, organization: str, viewer: Viewer) -> None:
    lead = (await leads.create())["id"]
    bob = await make_user(database, organization, name="Bob")

    async def assign(user: str | None) -> Any:
        return (await leads.graph.data(ASSIGN, l=lead, u=user))["assignLead"]

    assert (await assign(bob))["lead"] == {"assignedTo": {"id": bob}}
    assert (await assign(bob))["lead"] == {"assignedTo": {"id": bob}}
    assert (await assign(viewer.user_id))["lead"] == {"assignedTo": {"id": viewer.user_id}}
    assert (await assign(None))["lead"] == {"assignedTo": None}
    assigned = ["LEAD_UPDATED", "LEAD_ASSIGNED"]
    assert await leads.told() == ["LEAD_CREATED", *assigned, *assigned, "LEAD_UPDATED"]


STATUS = """mutation ($i: ChangeLeadStatusInput!) { changeLeadStatus(input: $i) {
  lead { statusText } errors { code field } } }"""


async def test_changing_the_status(leads: Leads) -> None:
    lead = (await leads.create())["id"]

    async def change(**wanted: str) -> Any:
        return (await leads.graph.data(STATUS, i={"leadId": lead} | wanted))["changeLeadStatus"]

    assert (await change(status="WON"))["lead"] == {"statusText": "WON"}
    assert (await change(statusText="on hold"))["lead"] == {"statusText": "on hold"}
    assert (await change(status="OTHER", statusText="later"))["lead"] == {"statusText": "later"}
    assert (await change())["errors"] == [{"code": "REQUIRED", "field": "status"}]
    assert (await change(status="OTHER"))["errors"] == [{"code": "REQUIRED", "field": "statusText"}]


async def test_a_deleted_lead_is_gone_with_all_that_hung_on_it(leads: Leads, clock: SetClock) -> None:
    lead = (await leads.create())["id"]
    made = await leads.graph.data(
        """mutation ($l: ID!) {
          createNote(input: {leadId: $l, content: "x"}) { note { id } }
          createTask(input: {leadId: $l, title: "x"}) { task { id } }
          sendEmail(input: {leadId: $l, subject: "x", body: "y", scheduledFor: "2030-01-01"}) { email { id } } }""",
        l=lead,
    )
    hanging = [made["createNote"]["note"]["id"], made["createTask"]["task"]["id"], made["sendEmail"]["email"]["id"]]
    query = "mutation ($id: ID!) { deleteLead(id: $id) { deletedId deleted deletedAt errors { code field } } }"
    clock.advance(minutes=1)
    assert (await leads.graph.data(query, id=lead))["deleteLead"] == {
        "deletedId": lead,
        "deleted": True,
        "deletedAt": "2024-01-15T14:31:00Z",
        "errors": [],
    }
    assert (await leads.told())[-1] == "LEAD_DELETED"
    for gone in (lead, *hanging):
        assert await leads.graph.data("query ($id: ID!) { node(id: $id) { id } }", id=gone) == {"node": None}
    counts = await leads.graph.data("{ leads { totalCount } tasks { totalCount } activities { totalCount } }")
    assert {each["totalCount"] for each in counts.values()} == {0}
    missing = {"deletedId": None, "deleted": False, "deletedAt": None, "errors": [{"code": "NOT_FOUND", "field": "id"}]}
    assert (await leads.graph.data(query, id=lead))["deleteLead"] == missing
    assert await leads.refused(UPDATE, {"id": hanging[1]}) == [("NOT_FOUND", "id")]
