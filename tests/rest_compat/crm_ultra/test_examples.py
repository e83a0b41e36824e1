"""Every printed example, sent as printed: the answers have the printed keys and types, recursively."""

from __future__ import annotations

import pytest

from tests.factories.leads import lead_row, template_row
from tests.factories.organizations import make_user, store
from tests.rest_compat.crm_ultra.printed import example, fits, same_form


@pytest.fixture
async def lead(crm):
    """The printed lead."""
    return (await crm.post("/leads", example("leads_create", "request")))["id"]


@pytest.fixture
async def template(database, organization):
    row = template_row(organization, database.clock.now(), name="Quote Follow-up")
    await store(database, row)
    return row.id


async def test_create_lead(crm):
    answer = await crm.post("/leads", example("leads_create", "request"))
    fits("leads_create", answer)
    same_form(example("leads_create"), answer)
    printed = example("leads_create")
    assert {key: answer[key] for key in printed if key not in ("id", "score")} == {
        key: printed[key] for key in printed if key not in ("id", "score")
    }


async def test_create_lead_as_the_documented_clients_do(crm):
    sent = {
        "source": "website",
        "email": "customer@example.com",
        "firstName": "John",
        "lastName": "Doe",
        "insuranceType": "AUTO",
    }
    answer = await crm.post("/leads", sent)
    fits("leads_create", answer)
    assert answer["city"] is None


async def test_get_lead(crm, lead, jane, clock):
    await crm.put(f"/leads/{lead}", {"assignedTo": jane, "status": "Qualified"})
    clock.advance(minutes=5)
    await crm.post(f"/leads/{lead}/notes", {"content": "Called"})
    answer = await crm.get(f"/leads/{lead}")
    fits("leads_get", answer)
    same_form(example("leads_get"), answer)
    assert answer["status"] == "qualified"
    assert answer["assignedTo"] == {"id": jane, "name": "Jane Smith", "email": "jane@company.com"}
    assert answer["notesCount"] == 1
    assert answer["lastActivity"] == "2024-01-15T14:35:00Z"


async def test_list_leads(crm, lead):
    answer = await crm.get("/leads?status=new&page=1&limit=50")
    fits("leads_list", answer)
    same_form(example("leads_list"), answer)
    assert answer["pagination"] == {
        "page": 1,
        "limit": 50,
        "total": 1,
        "totalPages": 1,
        "hasNext": False,
        "hasPrev": False,
    }


async def test_update_lead(crm, lead, jane):
    answer = await crm.put(f"/leads/{lead}", example("leads_update", "request") | {"assignedTo": jane})
    fits("leads_update", answer)
    same_form(example("leads_get"), answer)
    assert (answer["status"], answer["score"], answer["assignedTo"]["id"]) == ("qualified", 85, jane)


async def test_delete_lead(crm, lead):
    answer = await crm.send("DELETE", f"/leads/{lead}")
    assert answer.status == 200
    fits("leads_delete", answer.json())
    assert answer.json() == {"id": lead, "deleted": True, "deletedAt": "2024-01-15T14:30:00Z"}
    assert (await crm.refusal("DELETE", f"/leads/{lead}"))[:2] == (404, "resource_not_found")
    assert (await crm.refusal("GET", f"/leads/{lead}"))[:2] == (404, "resource_not_found")


async def test_create_note(crm, lead, jane):
    answer = await crm.post(f"/leads/{lead}/notes", example("notes_create", "request"))
    fits("notes_create", answer)
    same_form(example("notes_create"), answer)
    assert answer["leadId"] == lead
    assert answer["createdBy"]["id"] == jane


async def test_list_notes(crm, lead):
    note = await crm.post(f"/leads/{lead}/notes", example("notes_create", "request"))
    answer = await crm.get(f"/leads/{lead}/notes?visibility=TEAM&dateFrom=2024-01-15")
    fits("notes_list", answer)
    assert answer["data"] == [note]
    assert answer["pagination"]["limit"] == 20


async def test_create_task(crm, lead, jane):
    sent = example("tasks_create", "request") | {"assigneeId": jane}
    answer = await crm.post(f"/leads/{lead}/tasks", sent)
    fits("tasks_create", answer)
    same_form(example("tasks_create"), answer)
    assert answer["assignee"] == {"id": jane, "name": "Jane Smith"}


async def test_update_task(crm, lead):
    task = await crm.post(f"/leads/{lead}/tasks", {"title": "Call"})
    answer = await crm.put(f"/tasks/{task['id']}", example("tasks_update", "request"))
    fits("tasks_update", answer)
    assert answer == task | {"status": "COMPLETED"}
    status, code, _ = await crm.refusal("PUT", f"/tasks/{task['id']}", {"status": "OPEN"})
    assert (status, code) == (409, "conflict")


async def test_send_email(crm, lead, template, clock, postbox):
    clock.advance(days=30)
    sent = example("emails_send", "request") | {"templateId": template}
    answer = await crm.post(f"/leads/{lead}/emails", sent)
    fits("emails_send", answer)
    same_form(example("emails_send"), answer)
    assert (answer["status"], answer["subject"]) == ("SENT", "Your Auto Insurance Quote")
    assert [message.to for message in postbox.sent] == [("john.doe@example.com",)]


async def test_schedule_email(crm, lead, postbox):
    sent = {"subject": "Later", "body": "Hello", "scheduledFor": "2024-01-17T09:00:00Z"}
    answer = await crm.post(f"/leads/{lead}/emails", sent)
    fits("emails_send", answer)
    assert (answer["status"], answer["sentAt"], postbox.sent) == ("SCHEDULED", None, [])


async def test_email_templates(crm, template):
    answer = await crm.get("/emails/templates")
    fits("email_templates_list", answer)
    same_form(example("email_templates_list"), answer)


async def test_email_templates_have_no_pages(crm, database, organization):
    await store(database, *(template_row(organization, database.clock.now(), name=f"T{each}") for each in range(130)))
    assert len((await crm.get("/emails/templates"))["templates"]) == 130


@pytest.mark.parametrize(
    "timeline", ["/leads/{lead}/activities", "/leads/{lead}/activities/timeline", "/activities/timeline"]
)
async def test_activities(crm, lead, template, timeline, jane):
    await crm.post(f"/leads/{lead}/emails", {"templateId": template})
    target = timeline.format(lead=lead)
    answer = await crm.get(f"{target}?activityType=EMAIL_SENT")
    fits("activities_list", answer)
    same_form(example("activities_list"), answer)
    assert answer["activities"][0]["createdBy"] == {"id": jane, "name": "Jane Smith"}
    assert answer["activities"][0]["metadata"]["template"] == template.removeprefix("template_")
    everything = await crm.get(target)
    fits("activities_list", everything)
    assert everything["pagination"] == {"page": 1, "limit": 50, "total": len(everything["activities"])}
    assert {"LEAD_CREATED", "EMAIL_SENT"} <= {each["type"] for each in everything["activities"]}


async def test_conversion_report(crm, database, organization, jane):
    at = database.clock.now()
    rows = [lead_row(organization, at, source="facebook_ads", status="new", assigned_to_id=jane) for _ in range(7)]
    rows += [lead_row(organization, at, source="facebook_ads", status="WON", insurance_type="AUTO") for _ in range(2)]
    await store(database, *rows)
    answer = await crm.get("/reports/conversion?dateFrom=2024-01-15&dateTo=2024-01-15&groupBy=source")
    fits("reports_conversion", answer)
    assert answer["summary"]["conversionRate"] == 22.22
    assert answer["bySource"] == [{"source": "facebook_ads", "total": 9, "converted": 2, "rate": 22.22}]
    by_user = await crm.get("/reports/conversion?groupBy=assignedTo")
    fits("reports_conversion", by_user)
    assert {group["assignedTo"]: group["total"] for group in by_user["byAssignedTo"]} == {jane: 7, None: 2}
    by_type = await crm.get("/reports/conversion?groupBy=insuranceType")
    fits("reports_conversion", by_type)
    assert {group["insuranceType"]: group["rate"] for group in by_type["byInsuranceType"]} == {None: 0, "AUTO": 100}


async def test_conversion_report_of_nothing(crm):
    answer = await crm.get("/reports/conversion?dateFrom=2025-01-01&dateTo=2024-01-01")
    summary = {"totalLeads": 0, "convertedLeads": 0, "conversionRate": 0, "avgTimeToConversion": None}
    assert answer == {"summary": summary, "bySource": []}


async def test_current_user(crm, jane):
    answer = await crm.get("/users/me")
    fits("users_me", answer)
    printed = example("users_me")
    same_form(printed, answer)
    assert answer == printed | {"id": jane, "createdAt": "2024-01-15T14:30:00Z"}


async def test_another_user_is_not_jane(crm, database, organization, key_of, app, document):
    other = await make_user(database, organization, name="Max Roe", email="max@company.com")
    crm.key = await key_of(other)
    assert (await crm.get("/users/me"))["permissions"] == ["read:leads", "write:leads"]
