"""What is shown once is kept nowhere, also not under an idempotency key (decision 0004)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from domain.idempotency import IdempotencyAnswer, IdempotencyClaim
from domain.permissions import Role
from domain.ports import Letter
from domain.values import ShownOnce
from gateway import keys
from gateway.app import create_app
from gateway.database import Database
from gateway.keys import Wanted
from gateway.settings import load
from resolvers.unit import Claim, remembered
from tests.factories.organizations import make_user
from tests.graphs import Graph

MUTATIONS: dict[str, tuple[str, str, str]] = {
    "createClient": ('(input: {name: "App"})', "client { id }", "apiKey clientSecret"),
    "inviteUser": ('(input: {email: "ada@example.com", role: ANALYST})', "user { id }", "invitationUrl"),
    "createWebhook": (
        '(input: {url: "https://example.com/hook", events: [LEAD_CREATED]})',
        "webhook { id }",
        "secret",
    ),
    "createTeam": ('(input: {name: "Field"})', "team { id }", ""),
}


@pytest.fixture
async def door(database: Database, organization: str, database_url: str, tmp_path: Path) -> AsyncIterator[Any]:
    """The GraphQL door of a process, asked with an administrator's key."""
    user = await make_user(database, organization, role=Role.ADMIN, email="admin@example.com")
    wanted = Wanted("Admin", None, organization, user, scopes=("read", "write", "admin"))
    key = (await keys.create(database, wanted)).key
    app = create_app(load(env_file=None, data_dir=tmp_path, database_url=database_url))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://here", headers={"X-API-Key": key}) as client:
        yield client
    await app.state.parts.database.engines.dispose()


async def ask(door: httpx.AsyncClient, query: str, key: str) -> httpx.Response:
    answer = await door.post("/graphql", json={"query": query}, headers={"Idempotency-Key": key})
    assert "errors" not in answer.json(), answer.text
    return answer


async def kept(database: Database, key: str) -> tuple[str, int]:
    """Everything that is remembered under a key as one text, and how many answers are."""
    claims = await database.rows(select(IdempotencyClaim.result).where(IdempotencyClaim.key == key))
    answers = await database.rows(select(IdempotencyAnswer.body).where(IdempotencyAnswer.key == key))
    return str([*claims, *answers]), len(answers)


@pytest.mark.parametrize("name", MUTATIONS)
async def test_a_repeat_gets_the_same_thing_without_its_secret(
    door: httpx.AsyncClient, database: Database, organization: str, name: str
) -> None:
    given, made, shown = MUTATIONS[name]
    query, key = f"mutation {{ done: {name}{given} {{ {made} {shown} }} }}", f"{organization}-{name}"

    first = (await ask(door, query, key)).json()["data"]["done"]
    # An answer without a secret is remembered as it is.
    assert (await kept(database, key))[1] == (0 if shown else 1)
    repeats = [(await ask(door, query, key)).json()["data"]["done"] for _ in range(2)]

    secrets = {field: first.pop(field) for field in shown.split()}
    assert all(secrets.values())
    assert repeats == 2 * [first | dict.fromkeys(secrets)]
    text, _ = await kept(database, key)
    assert not [value for value in secrets.values() if value.rstrip("=").rpartition("=")[2] in text]


async def test_an_answer_that_shows_no_secret_is_kept(
    door: httpx.AsyncClient, database: Database, organization: str
) -> None:
    query = 'mutation { createClient(input: {name: "App"}) { client { id } } }'
    first, second = await ask(door, query, organization), await ask(door, query, organization)
    assert first.content == second.content
    assert second.headers["idempotency-replayed"] == "true"
    assert (await kept(database, organization))[1] == 1


async def test_the_claim_alone_answers_a_repeat_and_nothing_is_mailed_twice(database: Database, graph: Graph) -> None:
    posted: list[Letter] = []

    async def post(letter: Letter) -> None:
        posted.append(letter)

    database.post = post
    query = """mutation { inviteUser(input: {email: "ada@example.com", role: ANALYST}) {
      user { id email } invitationUrl errors { code } } }"""
    claim = Claim("key", "fingerprint")
    first = (await graph(query, claim=claim)).data["inviteUser"]
    second = (await graph(query, claim=claim)).data["inviteUser"]
    assert second == first | {"invitationUrl": None}
    (letter,) = posted
    assert letter.to == "ada@example.com"
    assert first["invitationUrl"] in letter.body
    assert letter.subject == "Your invitation to Here"
    assert "2024-01-22 14:30 UTC" in letter.body


def test_what_is_shown_once_is_not_shown_by_accident() -> None:
    secret = ShownOnce("tgcu_secret")
    assert "secret" not in repr({"apiKey": secret})
    assert (str(secret), f"{secret}", secret == "tgcu_secret") == ("tgcu_secret", "tgcu_secret", True)
    assert remembered({"client": "client_1", "api_key": secret}) == {"client": "client_1", "api_key": None}
