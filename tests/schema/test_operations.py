"""Every way of writing the same question: fragments, aliases, directives, variables, both names of a page's rows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from graphql import GraphQLObjectType, get_named_type, is_input_object_type, is_required_argument

from domain.errors import Code
from domain.viewer import Viewer
from gateway.database import Database
from schema.graph import graphql_schema
from tests.factories.crm import Crm, make_crm
from tests.factories.leads import make_lead, note_row
from tests.factories.organizations import store
from tests.graphs import Graph


@pytest.fixture
async def crm(database: Database, viewer: Viewer) -> Crm:
    return await make_crm(database, viewer.organization_id)


@pytest.fixture
async def lead(database: Database, organization: str) -> str:
    """A lead with three notes, of which the first is the oldest."""
    made = await make_lead(database, organization, first_name="Ann")
    now = database.clock.now()
    for number in range(3):
        at = now.replace(minute=number)
        await store(database, note_row(made, organization, at, content=f"note {number}"))
    return made


async def test_one_relation_under_several_names_has_answers_of_its_own(graph: Graph, lead: str) -> None:
    data = await graph.data(
        """query ($id: ID!) { lead(id: $id) {
          newest: notes(first: 1) { nodes { content } }
          oldest: notes(last: 1) { nodes { text: content } }
          none: notes(where: {visibility: PRIVATE}) { totalCount nodes { id } }
          notes { totalCount }
        } }""",
        id=lead,
    )
    assert data["lead"] == {
        "newest": {"nodes": [{"content": "note 2"}]},
        "oldest": {"nodes": [{"text": "note 0"}]},
        "none": {"totalCount": 0, "nodes": []},
        "notes": {"totalCount": 3},
    }


async def test_aliases_of_plain_and_computed_fields(graph: Graph, lead: str) -> None:
    data = await graph.data(
        "query ($i: ID!) {a: lead(id: $i) { x: id y: firstName n: notesCount m: notesCount } b: lead(id: $i) {city} }",
        i=lead,
    )
    assert data == {"a": {"x": lead, "y": "Ann", "n": 3, "m": 3}, "b": {"city": None}}


async def test_rows_under_both_names_have_the_fields_each_asked(graph: Graph, lead: str) -> None:
    data = await graph.data(
        """{ leads { nodes { firstName notes(first: 1) { nodes { content } } }
             edges { node { id notes(first: 2) { edges { node { content lead { firstName } } } } } } } }"""
    )
    node, edge = data["leads"]["nodes"][0], data["leads"]["edges"][0]["node"]
    assert node == {"firstName": "Ann", "notes": {"nodes": [{"content": "note 2"}]}}
    assert edge["id"] == lead
    assert [each["node"]["content"] for each in edge["notes"]["edges"]] == ["note 2", "note 1"]
    assert edge["notes"]["edges"][0]["node"]["lead"] == {"firstName": "Ann"}


async def test_cursors_of_edges_continue_a_relation(graph: Graph, lead: str) -> None:
    query = """query ($id: ID!, $c: Cursor) {
      lead(id: $id) { notes(first: 1, after: $c) { edges { cursor node { content } } } } }"""
    seen, cursor = [], None
    while edges := (await graph.data(query, id=lead, c=cursor))["lead"]["notes"]["edges"]:
        seen.append(edges[0]["node"]["content"])
        cursor = edges[0]["cursor"]
    assert seen == ["note 2", "note 1", "note 0"]


async def test_fragments_and_fields_are_merged(graph: Graph, lead: str) -> None:
    data = await graph.data(
        """query ($id: ID!) { lead(id: $id) {
          ...Names ...Names ... on Lead { notes { nodes { id } } } ...Noted ... { city } } }
        fragment Names on Lead { firstName ...More }
        fragment More on Node { id __typename }
        fragment Noted on Lead { notes { nodes { content createdBy { name } } totalCount } }""",
        id=lead,
    )
    found = data["lead"]
    assert (found["firstName"], found["id"], found["__typename"], found["city"]) == ("Ann", lead, "Lead", None)
    assert found["notes"]["totalCount"] == 3
    assert all(set(note) == {"id", "content", "createdBy"} for note in found["notes"]["nodes"])


@pytest.mark.parametrize("wanted", [True, False])
async def test_skip_and_include(graph: Graph, lead: str, wanted: bool) -> None:
    data = await graph.data(
        """query ($id: ID!, $w: Boolean!) { lead(id: $id) {
          id
          notes @include(if: $w) { nodes { content } }
          firstName @skip(if: $w)
          ...Computed @include(if: $w)
          ... @skip(if: $w) { email }
        } }
        fragment Computed on Lead { notesCount }""",
        id=lead,
        w=wanted,
    )
    assert set(data["lead"]) == ({"id", "notes", "notesCount"} if wanted else {"id", "firstName", "email"})


async def test_one_field_asked_in_two_places_is_one_answer(graph: Graph, lead: str) -> None:
    data = await graph.data(
        """query ($id: ID!, $n: Boolean!) { lead(id: $id) {
          notes @skip(if: $n) { nodes { id } }
          notes { nodes { content } }
          notes { totalCount }
        } }""",
        id=lead,
        n=True,
    )
    assert data["lead"]["notes"]["totalCount"] == 3
    assert [set(note) for note in data["lead"]["notes"]["nodes"]] == [{"content"}] * 3


async def test_defaults_of_variables(graph: Graph, lead: str) -> None:
    query = """query ($first: Int = 2, $after: Cursor) {
      leads { nodes { notes(first: $first, after: $after) { nodes { id } } } } }"""
    for variables, expected in (({}, 2), ({"first": 1}, 1), ({"first": None}, 3), ({"first": 0}, 0)):
        data = (await graph(query, variables)).data
        assert len(data["leads"]["nodes"][0]["notes"]["nodes"]) == expected


async def test_every_type_answers_its_plain_fields(graph: Graph, crm: Crm) -> None:
    """One query with an inline fragment of every type, asked of every kind of node."""
    query = """query ($id: ID!) { node(id: $id) { __typename id
      ... on Organization { name approvedLeadSources createdAt }
      ... on Team { name createdAt }
      ... on User { name email role permissions createdAt team { name }
        assignedLeads { totalCount } tasks { totalCount } }
      ... on Account { title: name domain industry size location contacts { totalCount } leads { totalCount } }
      ... on Contact { address: email fullName: name linkedin account { name } leads { totalCount } }
      ... on Lead { status statusText score scoreReasons { points reason } tags customFields campaignId
        contact { id } account { id } assignedTo { id } notesCount tasksCount emailsCount lastActivityAt convertedAt }
      ... on Note { content visibility createdBy { id } lead { id } }
      ... on Task { title priority state: status kind: type dueDate completedAt
        assignee { id } createdBy { id } for: lead { id } }
      ... on Email { state2: status to subject body opened openedAt scheduledFor sentAt failure
        template { id } for: lead { id } }
      ... on EmailTemplate { label: name subject body variables updatedAt }
      ... on Activity { what: type description metadata createdBy { id } lead { id } }
    } }"""
    answers = {name: (await graph.data(query, id=made))["node"] for name, made in crm.ids.items()}
    assert {name: answer["__typename"] for name, answer in answers.items()} == {name: name for name in crm.ids}
    for name in ("Note", "Activity"):
        assert answers[name]["lead"] == {"id": crm.ids["Lead"]}
    # What a campaign sends and asks for may have no lead.
    for name in ("Task", "Email"):
        assert answers[name]["for"] == {"id": crm.ids["Lead"]}
    lead = answers["Lead"]
    assert lead["contact"] == {"id": crm.ids["Contact"]}
    assert lead["account"] == {"id": crm.ids["Account"]}
    assert lead["assignedTo"] == {"id": crm.ids["User"]}
    assert (lead["notesCount"], lead["tasksCount"], lead["emailsCount"]) == (1, 1, 1)
    assert lead["scoreReasons"] == [{"points": 15, "reason": "Reachable by e-mail."}]
    assert (lead["customFields"], lead["campaignId"]) == ({"campaignId": "camp_1"}, "camp_1")
    assert answers["User"]["team"] == {"name": "Field"}
    assert answers["Email"]["opened"] is False
    assert answers["Account"]["leads"] == answers["Account"]["contacts"] == {"totalCount": 1}


async def test_the_subject_of_an_event_is_any_node(graph: Graph) -> None:
    create = 'mutation { createLead(input: {source: "website", email: "a@b.example.com"}) { lead { id } } }'
    lead = (await graph.data(create))["createLead"]["lead"]["id"]
    note = 'mutation ($l: ID!) { createNote(input: {leadId: $l, content: "x"}) { note { id } } }'
    await graph.data(note, l=lead)
    query = (
        "{ events { nodes { subject { __typename ... on Lead { email } ... on Note { content lead { email } } } } } }"
    )
    assert [node["subject"] for node in (await graph.data(query))["events"]["nodes"]] == [
        {"__typename": "Lead", "email": "a@b.example.com"},
        {"__typename": "Note", "content": "x", "lead": {"email": "a@b.example.com"}},
    ]
    await graph.data("mutation ($l: ID!) { deleteLead(id: $l) { deleted } }", l=lead)
    told = (await graph.data("{ events { nodes { type lead { id } subject { id } } } }"))["events"]["nodes"]
    assert told[-1] == {"type": "LEAD_DELETED", "lead": None, "subject": None}
    assert told[1] == {"type": "NOTE_CREATED", "lead": None, "subject": None}


@pytest.mark.parametrize("id", ["", "lead", "lead_", "_", "nothing_1", "LEAD_1", "lead_" + "x" * 500, "a\x00", "🙂_1"])
async def test_an_id_of_nothing_finds_nothing(graph: Graph, id: str) -> None:
    assert await graph.data("query ($id: ID!) { node(id: $id) { id } lead(id: $id) { id } }", id=id) == {
        "node": None,
        "lead": None,
    }


async def test_several_roots_share_one_snapshot_one_after_another(graph: Graph, crm: Crm) -> None:
    """Fields that graphql-core runs at once must not meet on one connection."""
    fields = " ".join(
        f"a{n}: leads {{ nodes {{ id notes {{ nodes {{ id }} }} contact {{ id }} }} }}" for n in range(12)
    )
    data = await graph.data(f"{{ {fields} viewer {{ user {{ name }} organization {{ name }} }} }}")
    assert len({str(data[f"a{n}"]) for n in range(12)}) == 1


async def test_mutations_of_one_operation_run_in_order(graph: Graph) -> None:
    made = " ".join(
        f'm{n}: createLead(input: {{source: "website", email: "l{n}@example.com"}}) {{ lead {{ email }} }}'
        for n in range(4)
    )
    await graph.data(f"mutation {{ {made} }}")
    told = (await graph.data("{ events { nodes { sequence lead { email } } } }"))["events"]["nodes"]
    assert told == [{"sequence": n + 1, "lead": {"email": f"l{n}@example.com"}} for n in range(4)]


def texts_of(type_: object, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The places of an argument that take text, each as the names that lead there."""
    named = get_named_type(type_)  # type: ignore[call-overload]
    if is_input_object_type(named):
        for name, each in named.fields.items():
            yield from texts_of(each.type, (*path, name))
    elif named.name in ("String", "ID"):
        yield path


def sent(path: tuple[str, ...], value: str) -> object:
    return {path[0]: sent(path[1:], value)} if path else value


async def test_no_text_of_a_filter_is_a_fault_of_the_server(graph: Graph, crm: Crm) -> None:
    root = graphql_schema.type_map["Query"]
    assert isinstance(root, GraphQLObjectType)
    told: dict[str, list[str | None]] = {}
    for name, field in root.fields.items():
        if "where" not in field.args or any(is_required_argument(each) for each in field.args.values()):
            continue
        type_ = field.args["where"].type
        query = f"query ($v: {type_}) {{ {name}(where: $v) {{ __typename }} }}"
        for path in texts_of(type_, ()):
            answer = await graph(query, {"v": sent(path, "a\x00b")})
            told[f"{name} where.{'.'.join(path)}"] = [error.field for error in answer.errors]
            for odd in ("%_\\", "x" * 999):
                answer = await graph(query, {"v": sent(path, odd)})
                assert {error.code for error in answer.errors} <= {Code.INVALID}, (name, path)
    assert len(told) > 50
    assert told == {name: [name.partition(" ")[2]] for name in told}
