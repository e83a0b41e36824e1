"""Every documented style of credentials opens the doors that document it, and no others; a refusal tells nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from domain.credentials import CredentialKind, hash_of, new_key
from gateway.app import create_app
from gateway.settings import load
from tests.clocks import SetClock
from tests.rest_compat.asgi import Headers
from tests.rest_compat.house import INSIDE, WHERES, WRONG, House, State, Style, Where, house_of, traceless

COPYCAR, CLICKUP_BRAIN, CRM_ULTRA, GRAPHQL = WHERES
KEY, SECRET, TOKEN = CredentialKind.KEY, CredentialKind.SECRET, CredentialKind.ACCESS_TOKEN


@asynccontextmanager
async def opened(url: str, clock: SetClock, folder: Path) -> AsyncIterator[House]:
    app = create_app(load(env_file=None, database_url=url, data_dir=folder), clock=clock)
    yield await house_of(app)
    await app.state.parts.database.engines.dispose()


@pytest.fixture
async def house(database_url: str, clock: SetClock, tmp_path: Path) -> AsyncIterator[House]:
    async with opened(database_url, clock, tmp_path) as house:
        yield house


@pytest.fixture
async def embedded_house(sqlite_database_url: str, clock: SetClock, tmp_path: Path) -> AsyncIterator[House]:
    """For what is decided before a database is asked."""
    async with opened(sqlite_database_url, clock, tmp_path) as house:
        yield house


def named(value: object) -> str:
    return value.name.lower() if isinstance(value, Where | Style) else str(value)


@pytest.mark.parametrize("where", WHERES, ids=named)
async def test_styles_and_states(house: House, where: Where) -> None:
    for style in Style:
        opens = style in where.takes
        valid = await house.knock(where, await house.headers(style, where.dialect))
        assert valid.status == (200 if opens else 401), (style, valid.body)

        refused = {} if opens else {State.VALID: valid}
        for state in WRONG:
            if state is not State.FOREIGN or where.dialect is not None:
                refused[state] = await house.knock(where, await house.headers(style, where.dialect, state))

        codes = {(style, state): (answer.status, where.code(answer)) for state, answer in refused.items()}
        assert codes == dict.fromkeys(codes, (401, where.refusal(style.is_bearer)))
        unknown = traceless(refused[State.UNKNOWN])
        answers = {(style, state): traceless(answer) for state, answer in refused.items()}
        assert answers == dict.fromkeys(answers, unknown)
        error = ', error="invalid_token"' if style.is_bearer else ""
        assert refused[State.UNKNOWN].headers["www-authenticate"] == where.challenge.format(error=error)


@pytest.mark.parametrize("where", [COPYCAR, CRM_ULTRA], ids=named)
async def test_a_token_without_the_scope_is_told_so(house: House, where: Where) -> None:
    client = await house.client(where.dialect, scopes=("ultimate:write" if where is COPYCAR else "write",))
    token = await house.knock(where, await house.headers(Style.TOKEN, where.dialect, client=client))
    key = await house.knock(where, await house.headers(Style.KEY, where.dialect, client=client))

    assert [(answer.status, where.code(answer)) for answer in (token, key)] == [(403, where.forbidden)] * 2
    # A key has no scope that another one would have (RFC 6750, section 3.1).
    assert token.headers["www-authenticate"] == where.challenge.format(error=', error="insufficient_scope"')
    assert "www-authenticate" not in key.headers


@pytest.mark.parametrize("where", WHERES, ids=named)
async def test_addresses(house: House, where: Where) -> None:
    client = await house.client(where.dialect, allowed_ips=["203.0.113.0/24"])
    for style in where.takes:
        headers = await house.headers(style, where.dialect, client=client)
        outside = await house.knock(where, headers)
        assert (outside.status, where.code(outside)) == (403, where.forbidden), style
        assert (await house.knock(where, headers, INSIDE)).status == 200, style
    # That the address is wrong is told only to who has a credential that works.
    for state in (State.REVOKED, State.EXPIRED):
        headers = {"Authorization": f"Bearer {await house.credential(client, TOKEN, where.dialect, state)}"}
        assert (await house.knock(where, headers)).status == 401


@pytest.mark.parametrize("where", [COPYCAR, CRM_ULTRA, GRAPHQL], ids=named)
@pytest.mark.parametrize(("first", "second"), [(TOKEN, KEY), (KEY, SECRET), (TOKEN, SECRET)])
async def test_a_second_credential_that_does_not_agree(
    house: House, where: Where, first: CredentialKind, second: CredentialKind
) -> None:
    dialect = where.dialect
    own, other = await house.client(dialect), await house.client(dialect)
    good = await house.credential(own, first, dialect)
    sent = {"Authorization": f"Bearer {good}"} if first is TOKEN else {"X-API-Key": good}
    beside = "X-API-Key" if second is KEY else "X-API-Secret"
    assert (await house.knock(where, sent | {beside: await house.credential(own, second, dialect)})).status == 200

    states = (State.UNKNOWN, State.REVOKED, State.EXPIRED)
    wrong = {state.value: await house.credential(own, second, dialect, state) for state in states}
    wrong["another client's"] = await house.credential(other, second, dialect)
    if dialect is not None:
        wrong["another door's"] = await house.credential(await house.client(dialect, State.FOREIGN), second, dialect)
    wrong["of the first's kind"] = good
    answers = {name: await house.knock(where, sent | {beside: value}) for name, value in wrong.items()}

    assert where.code(answers["unknown"]) == where.refusal(False)
    unknown = traceless(answers["unknown"])
    assert {name: traceless(answer) for name, answer in answers.items()} == dict.fromkeys(answers, unknown)
    assert unknown[0] == 401


@pytest.mark.parametrize("where", [COPYCAR, CLICKUP_BRAIN, CRM_ULTRA], ids=named)
async def test_a_foreign_token_is_unknown_whatever_stands_beside_it(house: House, where: Where) -> None:
    key = await house.credential(await house.client(where.dialect), KEY, where.dialect)
    foreign = await house.client(where.dialect, State.FOREIGN)
    tokens = [
        await house.credential(foreign, TOKEN, where.dialect),
        await house.credential(foreign, TOKEN, where.dialect, State.UNKNOWN),
    ]
    answers = [await house.knock(where, {"Authorization": f"Bearer {each}", "X-API-Key": key}) for each in tokens]
    assert where.code(answers[0]) == where.refusal(True)
    assert traceless(answers[0]) == traceless(answers[1])


async def test_a_client_whose_key_alone_is_not_enough(house: House) -> None:
    client = await house.client(COPYCAR.dialect, demands_secret=True)
    sent = await house.headers(Style.KEY_AND_SECRET, COPYCAR.dialect, client=client)
    assert (await house.knock(COPYCAR, sent)).status == 200
    lone = await house.knock(COPYCAR, {"X-API-Key": sent["X-API-Key"]})
    unknown = await house.knock(COPYCAR, {"X-API-Key": new_key(COPYCAR.dialect)})
    assert traceless(lone) == traceless(unknown)
    token = await house.credential(client, TOKEN, COPYCAR.dialect)
    assert (await house.knock(COPYCAR, {"Authorization": f"Bearer {token}"})).status == 200


ACCEPTED = {
    "lower case": [("authorization", "bearer {token}")],
    "capitals": [("AUTHORIZATION", "BEARER {token}")],
    "two spaces": [("Authorization", "Bearer  {token}")],
    "spaces behind": [("Authorization", "Bearer {token}  ")],
    "said twice": [("Authorization", "Bearer {token}"), ("Authorization", "Bearer {token}")],
}
REFUSED = {
    "another scheme": [("Authorization", "Basic eDp5")],
    "another scheme beside a key": [("Authorization", "Basic eDp5"), ("X-API-Key", "{key}")],
    "no scheme": [("Authorization", "{token}")],
    "an empty header": [("Authorization", "")],
    "an empty bearer": [("Authorization", "Bearer")],
    "a blank bearer": [("Authorization", "Bearer   ")],
    "a tab": [("Authorization", "Bearer\t{token}")],
    "something behind": [("Authorization", "Bearer {token} x")],
    "parameters": [("Authorization", 'Bearer token="{token}"')],
    "a NUL": [("Authorization", "Bearer {token}\0")],
    "bytes beyond ASCII": [("Authorization", b"Bearer \xff\xfe")],
    "letters beyond ASCII": [("Authorization", "Bearer {token}é")],
    "oversize": [("Authorization", "Bearer " + "x" * 5000)],
    "an oversize JWT": [("Authorization", "Bearer eyJ" + "x" * 5000 + ".e30.x")],
    "a JWT of nothing": [("Authorization", "Bearer eyJ..")],
    "a JWT that is not signed": [("Authorization", "Bearer eyJhbGciOiJub25lIn0.eyJpc3MiOiJ4In0.")],
    "two tokens": [("Authorization", "Bearer {token}"), ("Authorization", "Bearer {other}")],
    "an empty key": [("X-API-Key", "")],
    "a blank key": [("X-API-Key", " \t ")],
    "a key with a space": [("X-API-Key", "{key} {key}")],
    "a key beyond ASCII": [("X-API-Key", b"tgcu_\xc3\xa9")],
    "an oversize key": [("X-API-Key", "x" * 513)],
    "a huge key": [("X-API-Key", "x" * 100_000)],
    "two keys": [("X-API-Key", "{key}"), ("X-API-Key", "{other}")],
    "a secret alone": [("X-API-Secret", "{secret}")],
    "a secret as a key": [("X-API-Key", "{secret}")],
    "a secret as a bearer": [("Authorization", "Bearer {secret}")],
    "a token as a key": [("X-API-Key", "{token}")],
    "an empty key beside a token": [("Authorization", "Bearer {token}"), ("X-API-Key", "")],
    "an empty secret beside a key": [("X-API-Key", "{key}"), ("X-API-Secret", "")],
    "a key's hash": [("X-API-Key", "{hash}")],
}


async def working(house: House, where: Where) -> Mapping[str, str]:
    """Credentials that work, so that only the form of a header can be what is wrong with it."""
    client = await house.client(where.dialect)
    key = await house.credential(client, KEY, where.dialect)
    return {
        "key": key,
        "hash": hash_of(key),
        "other": await house.credential(client, KEY, where.dialect),
        "token": await house.credential(client, TOKEN, where.dialect),
        "secret": await house.credential(client, SECRET, where.dialect),
    }


def filled(pairs: Headers, known: Mapping[str, str]) -> Headers:
    """The headers with credentials in their places."""
    return [(name, value if isinstance(value, bytes) else value.format(**known)) for name, value in pairs]


@pytest.mark.parametrize("where", WHERES, ids=named)
async def test_spellings_that_are_accepted(embedded_house: House, where: Where) -> None:
    known = await working(embedded_house, where)
    answers = {name: await embedded_house.knock(where, filled(pairs, known)) for name, pairs in ACCEPTED.items()}
    assert {name: answer.status for name, answer in answers.items()} == dict.fromkeys(ACCEPTED, 200)
    for spelling in ("{key}", "{key}   ", "\t{key}") if Style.KEY in where.takes else ():
        headers = filled([("X-API-Key", spelling), ("X-API-Key", spelling)], known)
        assert (await embedded_house.knock(where, headers)).status == 200, spelling


@pytest.mark.parametrize("where", WHERES, ids=named)
async def test_headers_that_are_no_credentials(embedded_house: House, where: Where) -> None:
    known = await working(embedded_house, where)
    answers = {name: await embedded_house.knock(where, filled(pairs, known)) for name, pairs in REFUSED.items()}
    assert {name: answer.status for name, answer in answers.items()} == dict.fromkeys(REFUSED, 401)
    codes = {name: where.code(answer) for name, answer in answers.items()}
    assert set(codes.values()) == {where.refusal(True), where.refusal(False)}
    assert not [name for name, answer in answers.items() if "x-ratelimit-limit" in answer.headers]
    # No token was presented, so none is called invalid (RFC 6750, section 3.1).
    assert "invalid_token" not in answers["another scheme"].headers["www-authenticate"]
    assert codes["another scheme"] == where.refusal(False)


@pytest.mark.parametrize("where", WHERES, ids=named)
async def test_no_credentials_at_all(embedded_house: House, where: Where) -> None:
    answer = await embedded_house.knock(where, [])
    assert where.code(answer) == where.refusal(False)
    if where.dialect:
        assert (answer.status, answer.headers["www-authenticate"]) == (401, where.challenge.format(error=""))


@pytest.mark.parametrize(
    ("host", "sandbox", "status"),
    [
        ("api.clickup-brain.com", False, 200),
        ("api.clickup-brain.com", True, 401),
        ("sandbox-api.clickup-brain.com", True, 200),
        ("sandbox-api.clickup-brain.com", False, 401),
        ("graph.example", True, 200),
        ("graph.example", False, 200),
    ],
)
async def test_sandbox_hosts_take_sandbox_credentials_and_only_those(
    house: House, host: str, sandbox: bool, status: int
) -> None:
    if sandbox:
        await house.make_sandbox()
    where = CLICKUP_BRAIN if host == "graph.example" else CLICKUP_BRAIN.at("/api/v1/quotas")
    client = await house.client(where.dialect, sandbox=sandbox)
    for style in where.takes:
        answer = await house.knock(where, await house.headers(style, where.dialect, client=client), host=host)
        assert answer.status == status, style
        if status == 401:
            unknown = await house.knock(where, await house.headers(style, where.dialect, State.UNKNOWN), host=host)
            assert traceless(answer) == traceless(unknown)
