"""How likely leads and companies are to be won: points first, then a model of the organization's own outcomes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import update

from domain.accounts import Account
from domain.activities import ActivityType
from domain.channels import Channel
from domain.engagement import EngagementEvent, EngagementType
from domain.errors import Code
from domain.leads import Lead, LeadStatus
from domain.permissions import Permission
from domain.viewer import Viewer
from gateway.conversion_models import ConversionModels
from gateway.database import Database
from gateway.settings_conversion import ConversionSettings
from resolvers import conversion_facts
from tests.clocks import SetClock
from tests.conftest import CountStatements
from tests.factories.leads import account_row, activity_row, contact_row, lead_row, make_account, make_contact
from tests.factories.organizations import store
from tests.graphs import Graph

CONVERSION = """conversion { points reasons { points reason } probability low high basis
  model { subject labels converted auc pointsAuc calibrationError calibration { cases predicted seen } } }"""
ALL = f"""{{ leads(first: 100) {{ nodes {{ id {CONVERSION} }} }}
  accounts(first: 100) {{ nodes {{ name {CONVERSION} }} }} }}"""


def outcome_row(organization: str, at: datetime, won: bool | None, **values: Any) -> Any:
    """A lead that was made a month ago and decided since, or is open."""
    status = {True: LeadStatus.WON, False: LeadStatus.LOST, None: LeadStatus.NEW}[won]
    lead = lead_row(organization, at - timedelta(days=30), status=status, updated_at=at, **values)
    lead.converted_at = at if won else None
    return lead


async def make_outcomes(database: Database, organization: str, count: int, start: int = 0) -> None:
    """Leads that are won mostly when somebody telephoned them; each is of a company that is won with it."""
    random, now = Random(start), database.clock.now()
    rows: list[Any] = []
    for number in range(start, start + count):
        called = random.random() < 0.5
        won = random.random() < (0.75 if called else 0.2)
        account = account_row(organization, now, name=f"Company {number}", size="20" if called else "5000")
        contact = contact_row(organization, now, f"p{number}@example.com", account_id=account.id)
        lead = outcome_row(organization, now, won, contact_id=contact.id)
        rows += [account, contact, lead, *[activity_row(lead.id, organization, now - timedelta(days=9))] * called]
        rows.append(activity_row(lead.id, organization, now + timedelta(days=1)))
    await store(database, *rows)


async def test_points_are_no_probability_and_outcomes_make_one(
    graph: Graph, database: Database, organization: str, clock: SetClock, count_statements: CountStatements
) -> None:
    now = clock.now()
    account = await make_account(database, organization, name="Open", domain="open.example", size="20")
    contact = await make_contact(database, organization, "ann@open.example", account_id=account)
    reasons = [{"points": 15, "reason": "Reachable by e-mail."}]
    called = outcome_row(organization, now, None, contact_id=contact, score=15, score_reasons=reasons)
    other = outcome_row(organization, now, None)
    await store(database, called, other, activity_row(called.id, organization, now - timedelta(days=9)))
    query = f"""query ($a: ID!, $b: ID!, $c: ID!) {{ called: lead(id: $a) {{ {CONVERSION} }} other: lead(id: $b) {{
      {CONVERSION} }} account(id: $c) {{ {CONVERSION} }} }}"""
    asked = {"a": called.id, "b": other.id, "c": account}
    before = await graph.data(query, **asked)
    nothing = {"probability": None, "low": None, "high": None, "basis": "PRIOR", "model": None}
    assert before["called"]["conversion"] == {"points": 15, "reasons": reasons} | nothing
    assert before["account"]["conversion"]["points"] == 5 + 5 + 10 + 15
    assert before["account"]["conversion"]["probability"] is None

    models = ConversionModels(database, ConversionSettings(labels=60))
    await make_outcomes(database, organization, 59)
    await models.learn()
    few = (await graph.data("{ conversionOutcomes(subject: LEAD) { outcomes lacking } }"))["conversionOutcomes"]
    assert few == {"outcomes": 59, "lacking": None}
    assert (await graph.data("{ conversionModels { totalCount } }"))["conversionModels"]["totalCount"] == 0
    await make_outcomes(database, organization, 61, start=59)
    await models.learn()
    after = await graph.data(query, **asked)
    likely, unlikely = after["called"]["conversion"], after["other"]["conversion"]
    assert unlikely["probability"] < 0.45 < 0.55 < likely["probability"]
    assert 0 < likely["low"] < likely["probability"] < likely["high"] < 1
    assert (likely["basis"], likely["points"], likely["reasons"]) == ("HISTORY", 15, reasons)
    model = likely["model"]
    assert (model["subject"], model["labels"]) == ("LEAD", 120)
    assert model["auc"] > 0.65 > model["pointsAuc"]
    assert sum(each["cases"] for each in model["calibration"]) == 120
    seen = sum(each["cases"] * each["seen"] for each in model["calibration"])
    assert round(seen) == model["converted"]
    gaps = sum(each["cases"] * abs(each["predicted"] - each["seen"]) for each in model["calibration"]) / 120
    assert abs(gaps - model["calibrationError"]) < 1e-9
    company = after["account"]["conversion"]
    assert (company["model"]["subject"], company["basis"]) == ("ACCOUNT", "HISTORY")
    assert company["probability"] > 0.5

    await models.learn()
    told = await graph.data(
        "{ conversionModels { totalCount } events(types: [CONVERSION_MODEL_FITTED]) { totalCount } }"
    )
    assert (told["conversionModels"]["totalCount"], told["events"]["totalCount"]) == (2, 2)
    one = await graph.data("{ conversionModels(where: {subject: ACCOUNT}) { nodes { id subject } } }")
    assert [each["subject"] for each in one["conversionModels"]["nodes"]] == ["ACCOUNT"]

    with count_statements() as ran:
        await graph.data(ALL)
    # Rows, models in use, facts, and models again as rows: of leads, and of companies.
    assert len(ran) == 8


async def test_only_what_was_known_by_the_outcome_counts(database: Database, viewer: Viewer, clock: SetClock) -> None:
    organization, now = viewer.organization_id, clock.now()
    account = await make_account(database, organization, technologies=["Python"])
    contact = await make_contact(
        database, organization, "ann@acme.example", account_id=account, created_at=now - timedelta(days=40)
    )
    won = outcome_row(organization, now - timedelta(days=10), True, contact_id=contact)
    lost = outcome_row(organization, now, False, contact_id=contact)
    rows: list[Any] = [activity_row(lost.id, organization, now - timedelta(days=8), type=ActivityType.LOST)]
    for lead in (won, lost):
        for days, kind in ((29, ActivityType.LEAD_CREATED), (20, ActivityType.NOTE_ADDED), (5, ActivityType.CALL_MADE)):
            rows.append(activity_row(lead.id, organization, now - timedelta(days=days), type=kind))
    for days, seen in ((20, EngagementType.LINK_CLICK), (9, EngagementType.RESPONSE_RECEIVED)):
        at = now - timedelta(days=days)
        known = {"type": seen, "channel": Channel.EMAIL, "score": 0.5, "counted": True, "source_key": str(days)}
        rows.append(
            EngagementEvent(
                id=EngagementEvent.new_id(),
                organization_id=organization,
                created_at=at,
                occurred_at=at,
                contact_id=contact,
                account_id=account,
                **known,
            )
        )
    await store(database, won, lost, *rows)
    found = {
        row.id: conversion_facts.lead_facts(row)
        for row in await database.rows(conversion_facts.of_leads((Lead.organization_id == organization,), now))
    }
    told = {key: (each.notes, each.calls, each.clicks, each.replies) for key, each in found.items()}
    assert told == {won.id: (1, 0, 1, 0), lost.id: (1, 0, 1, 1)}
    waited = found[won.id].first_touch_minutes
    assert waited == 20 * 24 * 60
    theirs = (Account.organization_id == organization,)
    (row,) = await database.rows(conversion_facts.of_accounts(theirs, now, newest=5))
    facts = conversion_facts.account_facts(row)
    assert (row.won_at is not None, facts.leads, facts.clicks, facts.replies, facts.technologies) == (True, 2, 1, 0, 1)


async def test_outcomes_of_one_kind_teach_nothing_and_that_is_readable(
    graph: Graph, database: Database, viewer: Viewer, stranger: Viewer, clock: SetClock
) -> None:
    now = clock.now()
    won = [outcome_row(viewer.organization_id, now, True) for _ in range(300)]
    foreign = [outcome_row(stranger.organization_id, now, False) for _ in range(30)]
    await store(database, *won, *foreign, outcome_row(viewer.organization_id, now, None))
    models = ConversionModels(database, ConversionSettings())
    query = """{ conversionOutcomes(subject: LEAD) { subject outcomes converted lacking }
      conversionModels { totalCount } }"""
    await models.learn()
    told = await graph.data(query)
    assert told["conversionModels"]["totalCount"] == 0
    why = "At least 20 won and 20 lost are needed; 300 were won, 0 lost."
    assert told["conversionOutcomes"] == {"subject": "LEAD", "outcomes": 300, "converted": 300, "lacking": why}
    none = await graph.data("{ conversionOutcomes(subject: ACCOUNT) { outcomes converted lacking } }")
    assert (none["conversionOutcomes"]["outcomes"], none["conversionOutcomes"]["converted"]) == (0, 0)

    # One that is taken up again is no outcome any more; the first that is lost again counts anew.
    async def change(session: Any) -> None:
        for status, some in ((LeadStatus.QUALIFIED, won[:1]), (LeadStatus.LOST, won[1:21])):
            chosen = Lead.id.in_([each.id for each in some])
            await session.execute(update(Lead).where(chosen).values(status=status, converted_at=None))

    await database.store(change)
    told = await graph.data(query)
    assert told["conversionOutcomes"] == {"subject": "LEAD", "outcomes": 299, "converted": 279, "lacking": None}


async def test_who_may_not_read_leads_is_not_told_how_likely_a_company_is_won(
    database: Database, graph: Graph, viewer: Viewer
) -> None:
    account = await make_account(database, viewer.organization_id)
    await make_outcomes(database, viewer.organization_id, 120)
    await ConversionModels(database, ConversionSettings(labels=60)).learn()
    query = """query ($id: ID!) { account(id: $id) { name conversion { points }
      insight { conversionProbabilityEstimate { basis } } } }"""
    told = await graph(query, {"id": account})
    blind = replace(viewer, permissions=viewer.permissions - {Permission.READ_LEADS})
    answer = await graph(query, {"id": account}, viewer=blind)
    assert (answer.codes, answer.errors[0].path) == ([Code.FORBIDDEN], "account.conversion")
    assert answer.data["account"]["name"] == told.data["account"]["name"]
    assert answer.data["account"]["conversion"] is None
    basis = [each.data["account"]["insight"]["conversionProbabilityEstimate"]["basis"] for each in (told, answer)]
    assert basis == ["HISTORY", "PRIOR"]
