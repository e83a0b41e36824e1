"""What CRM-Ultra takes, and what it says to the rest."""

from __future__ import annotations

import pytest

from tests.factories.leads import lead_row, make_lead
from tests.factories.organizations import make_user, store

NEW = {"source": "website", "email": "a@example.com"}


@pytest.fixture
async def lead(database, organization):
    return await make_lead(database, organization, first_name="John")


REFUSED_LEADS = [
    ({}, {"source"}),
    ({"source": "website"}, {"email"}),
    (NEW | {"source": "carrier_pigeon"}, {"source"}),
    (NEW | {"source": None}, {"source"}),
    (NEW | {"email": "nobody"}, {"email"}),
    (NEW | {"email": 5}, {"email"}),
    (NEW | {"insuranceType": "auto"}, {"insuranceType"}),
    (NEW | {"insuranceType": "BOAT", "tags": "vip", "firstName": []}, {"insuranceType", "tags", "firstName"}),
    (NEW | {"state": "ZZ"}, {"state"}),
    (NEW | {"tags": [1]}, {"tags"}),
    (NEW | {"customFields": "x"}, {"customFields"}),
    (NEW | {"customFields": {"campaignId": 5}}, {"customFields.campaignId"}),
    (NEW | {"customFields": {"a": "\0"}}, {"customFields"}),
    (NEW | {"firstName": "a\0"}, {"firstName"}),
]


async def test_create_lead_refuses(crm):
    for sent, fields in REFUSED_LEADS:
        status, code, details = await crm.refusal("POST", "/leads", sent)
        assert (status, code, set(details)) == (422, "validation_error", fields), sent
        assert all(details.values()), sent
    assert (await crm.get("/leads"))["pagination"]["total"] == 0


async def test_unknown_and_undocumented_properties_are_ignored(crm):
    answer = await crm.post("/leads", NEW | {"score": "high", "status": 7, "assignedTo": [], "anything": {}})
    assert answer["status"] == "new"


async def test_a_lower_case_state_is_raised(crm):
    assert (await crm.post("/leads", NEW | {"state": "ny"}))["state"] == "NY"


async def test_put_merges_absent_stays_and_null_clears(crm):
    made = await crm.post("/leads", NEW | {"phone": "+15551234567", "firstName": "Ann", "city": "Rome"})
    target = f"/leads/{made['id']}"
    changed = await crm.put(target, {"firstName": None, "email": None})
    assert (changed["firstName"], changed["email"], changed["city"]) == (None, None, "Rome")
    assert (await crm.refusal("PUT", target, {"phone": None}))[0] == 422
    assert (await crm.send("PUT", target)).json() == changed


@pytest.mark.parametrize(("word", "kept"), [("won", "WON"), ("QUALIFIED", "qualified"), ("On Hold", "On Hold")])
async def test_statuses_are_taken_in_any_case_and_other_words_kept(crm, lead, word, kept):
    assert (await crm.put(f"/leads/{lead}", {"status": word}))["status"] == kept
    assert [row["id"] for row in (await crm.get(f"/leads?status={kept.upper().replace(' ', '%20')}"))["data"]] == [lead]


async def test_assignee_as_id_as_object_and_as_null(crm, lead, jane):
    target = f"/leads/{lead}"
    assert (await crm.put(target, {"assignedTo": jane}))["assignedTo"]["id"] == jane
    assert (await crm.put(target, {"assignedTo": None}))["assignedTo"] is None
    person = {"id": jane, "name": "Jane Smith", "email": "jane@company.com"}
    assert (await crm.put(target, {"assignedTo": person}))["assignedTo"] == person
    for wrong in (5, [], {}, {"id": 5}, "user_nobody"):
        status, _, details = await crm.refusal("PUT", target, {"assignedTo": wrong})
        assert (status, set(details)) == (422, {"assignedTo"})


async def test_scores_are_whole_numbers_to_100(crm, lead):
    for score in (101, -1, "85", 8.5, True, None, 10**12):
        status, _, details = await crm.refusal("PUT", f"/leads/{lead}", {"score": score})
        assert (status, set(details)) == (422, {"score"}), score


REFUSED_LISTS = [
    ("page=0", "page"),
    ("page=x", "page"),
    ("limit=0", "limit"),
    ("limit=1.0", "limit"),
    ("insuranceType=BOAT", "insuranceType"),
    ("sortBy=name", "sortBy"),
    ("sortBy=CREATED_AT", "sortBy"),
    ("sortOrder=down", "sortOrder"),
    ("dateFrom=yesterday", "dateFrom"),
    ("dateTo=2024-13-01", "dateTo"),
    ("search=%00", "search"),
]


async def test_list_leads_refuses(crm):
    for query, field in REFUSED_LISTS:
        status, code, details = await crm.refusal("GET", f"/leads?{query}")
        assert (status, code, set(details)) == (422, "validation_error", {field}), query


async def test_lists_are_cut_at_100_and_end_empty(crm, database, organization):
    await store(database, *(lead_row(organization, database.clock.now(), email=f"l{i}@x.com") for i in range(103)))
    page = await crm.get("/leads?limit=1000")
    assert (len(page["data"]), page["pagination"]["limit"], page["pagination"]["totalPages"]) == (100, 100, 2)
    assert page["pagination"]["hasNext"] is True
    second = await crm.get("/leads?limit=1000&page=2")
    assert (len(second["data"]), second["pagination"]["hasNext"], second["pagination"]["hasPrev"]) == (3, False, True)
    beyond = await crm.get("/leads?page=7000")
    assert (beyond["data"], beyond["pagination"]["total"]) == ([], 103)


async def test_filters_and_order(crm, database, organization, jane):
    at = database.clock.now()
    rows = [
        lead_row(organization, at, email="b@x.com", score=10, assigned_to_id=jane, source="facebook_ads"),
        lead_row(organization, at, email="a@x.com", score=90, insurance_type="AUTO", first_name="Zoë"),
    ]
    await store(database, *rows)
    low, high = (row.id for row in rows)

    async def ids(query: str) -> list[str]:
        return [row["id"] for row in (await crm.get(f"/leads?{query}"))["data"]]

    assert await ids("sortBy=score&sortOrder=asc") == [low, high]
    assert await ids("sortBy=score") == [high, low]
    assert await ids(f"assignedTo={jane}") == [low]
    assert await ids("source=facebook_ads&status=") == [low]
    assert await ids("insuranceType=AUTO") == [high]
    assert await ids("search=zo%C3%AB") == [high]
    assert await ids("dateFrom=2024-01-15&dateTo=2024-01-15&sortBy=score") == [high, low]
    assert await ids("dateTo=2024-01-14") == []
    assert await ids("dateFrom=2024-01-16&dateTo=2024-01-15") == []


ABSENT = [
    ("GET", "/leads/lead_0", None),
    ("GET", "/leads/bulk", None),
    ("POST", "/leads/bulk", {}),
    ("GET", "/leads/lead_0/notes", None),
    ("POST", "/leads/lead_0/notes", {"content": "x"}),
    ("POST", "/leads/lead_0/tasks", {"title": "x"}),
    ("POST", "/leads/lead_0/emails", {"subject": "x", "body": "y", "to": ["a@example.com"]}),
    ("GET", "/leads/lead_0/activities", None),
    ("GET", "/leads/lead_0/activities/timeline", None),
    ("PUT", "/leads/lead_0", {"score": 5}),
    ("PUT", "/tasks/task_0", {"status": "OPEN"}),
    ("DELETE", "/leads/lead_0", None),
    ("POST", "/callbacks", {"url": "https://x.example"}),
    ("GET", "/nothing", None),
]


async def test_what_does_not_exist(crm):
    for method, target, sent in ABSENT:
        answer = await crm.send(method, target, sent)
        assert answer.status == 404, (method, target)
        assert answer.json()["error"] == {
            "code": "resource_not_found",
            "message": "Requested resource doesn't exist",
            "details": {},
            "request_id": answer.headers["x-request-id"],
        }


async def test_leads_of_other_organizations_do_not_exist(crm, stranger, database):
    foreign = await make_lead(database, stranger.organization_id)
    assert (await crm.refusal("GET", f"/leads/{foreign}"))[0] == 404
    assert (await crm.refusal("PUT", f"/leads/{foreign}", {"score": 1}))[0] == 404


REFUSED_BELOW = [
    ("notes", {}, {"content"}),
    ("notes", {"content": " "}, {"content"}),
    ("notes", {"content": "x", "visibility": "SECRET"}, {"visibility"}),
    ("tasks", {}, {"title"}),
    ("tasks", {"title": "x", "priority": "high"}, {"priority"}),
    ("tasks", {"title": "x", "type": "LUNCH"}, {"type"}),
    ("tasks", {"title": "x", "dueDate": "tomorrow"}, {"dueDate"}),
    ("tasks", {"title": "x", "assigneeId": "user_nobody"}, {"assigneeId"}),
    ("tasks", {"title": "x", "assigneeId": 5}, {"assigneeId"}),
    ("emails", {"body": "x"}, {"subject"}),
    ("emails", {"subject": "x"}, {"body"}),
    ("emails", {"subject": "x", "body": "y", "to": "a@example.com"}, {"to"}),
    ("emails", {"subject": "x", "body": "y", "to": ["nobody"]}, {"to"}),
    ("emails", {"subject": "x", "body": "y", "to": [5]}, {"to"}),
    ("emails", {"templateId": "template_none"}, {"templateId"}),
    ("emails", {"subject": "x", "body": "y", "scheduledFor": "soon"}, {"scheduledFor"}),
]


async def test_what_hangs_on_a_lead_refuses(crm, lead):
    for what, sent, fields in REFUSED_BELOW:
        status, code, details = await crm.refusal("POST", f"/leads/{lead}/{what}", sent)
        assert (status, code, set(details)) == (422, "validation_error", fields), (what, sent)


async def test_a_task_starts_as_documented(crm, lead, jane, graph):
    task = await crm.post(f"/leads/{lead}/tasks", {"title": "Call"})
    assert (task["priority"], task["status"], task["assignee"]["id"]) == ("MEDIUM", "OPEN", jane)
    data = await graph.data("query ($id: ID!) { task(id: $id) { type } }", id=task["id"])
    assert data == {"task": {"type": "OTHER"}}


async def test_update_task_needs_a_status(crm, lead):
    task = await crm.post(f"/leads/{lead}/tasks", {"title": "Call"})
    for sent in ({}, {"status": None}, {"status": "DONE"}, {"status": 1}):
        status, _, details = await crm.refusal("PUT", f"/tasks/{task['id']}", sent)
        assert (status, set(details)) == (422, {"status"}), sent


async def test_private_notes_stay_with_their_writer(crm, lead, database, organization, key_of):
    await crm.post(f"/leads/{lead}/notes", {"content": "mine", "visibility": "PRIVATE"})
    assert (await crm.get(f"/leads/{lead}/notes"))["pagination"]["total"] == 1
    crm.key = await key_of(await make_user(database, organization))
    assert (await crm.get(f"/leads/{lead}/notes"))["pagination"]["total"] == 0


async def test_what_is_written_here_is_in_the_graph(crm, graph):
    made = await crm.post("/leads", NEW | {"tags": ["vip"], "customFields": {"landingPage": "x"}})
    query = "query ($id: ID!) { lead(id: $id) { tags customFields } }"
    assert (await graph.data(query, id=made["id"]))["lead"] == {"tags": ["vip"], "customFields": {"landingPage": "x"}}
