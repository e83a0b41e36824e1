"""Settings: what they default to, how they are read, and how a mistake is told."""

from __future__ import annotations

import os
import re
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.graphql.limits import GraphQLLimits
from gateway.settings import Environment, InvalidSettings, LogFormat, load, unknown_variables, variables
from gateway.settings_page import page
from gateway.settings_sections import GraphQLSettings

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of the machine reaches these tests."""
    for name in [name for name in os.environ if name.startswith("TRIGRAPH_")]:
        monkeypatch.delenv(name)


def refused(**environment: str) -> tuple[str, ...]:
    """The problems that these variables make."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        with pytest.raises(InvalidSettings) as caught:
            load(None)
    return caught.value.problems


def test_defaults_serve_one_machine_in_development():
    settings = load(None)
    assert settings.database_url == "sqlite+aiosqlite:///var/trigraph.db"
    assert settings.public_url == "http://127.0.0.1:8000"
    assert settings.mail_folder == Path("var/mail")
    assert settings.introspection
    assert settings.suggestions
    assert settings.log_format is LogFormat.CONSOLE
    assert not settings.https_required
    assert settings.trusted_proxies == ()


def test_production_closes_what_development_leaves_open(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TRIGRAPH_ENVIRONMENT", "production")
    settings = load(None)
    assert (settings.introspection, settings.suggestions, settings.log_format) == (False, False, LogFormat.JSON)
    monkeypatch.setenv("TRIGRAPH_INTROSPECTION", "true")
    assert load(None).introspection


def test_sections_are_read_by_their_prefix(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TRIGRAPH_GRAPHQL_OPERATION_TIMEOUT_SECONDS", "2.5")
    monkeypatch.setenv("TRIGRAPH_CRM_ULTRA_HOSTS", "crm.example.com, crm.example.org")
    settings = load(None)
    assert settings.graphql.operation_timeout_seconds == 2.5
    assert settings.crm_ultra.hosts == ("crm.example.com", "crm.example.org")


def test_what_is_given_wins_over_the_environment_and_defaults_follow_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TRIGRAPH_PORT", "9000")
    assert load(None, host="0.0.0.0", port=9100).public_url == "http://localhost:9100"
    assert load(None, host="::1").public_url == "http://[::1]:9000"


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    file = tmp_path / ".env"
    file.write_text("TRIGRAPH_PORT=9000\nTRIGRAPH_HOST=\nTRIGRAPH_ENVIRONMENT=production\nOTHER=1\n")
    monkeypatch.setenv("TRIGRAPH_PORT", "9001")
    settings = load(file)
    assert (settings.port, settings.host, settings.environment) == (9001, "127.0.0.1", Environment.PRODUCTION)


def test_a_file_that_is_no_text_is_refused_by_name(tmp_path: Path):
    file = tmp_path / ".env"
    file.write_bytes(b"TRIGRAPH_HOST=\xff\xfe")
    with pytest.raises(InvalidSettings, match=re.escape(f"{file} cannot be read")):
        load(file)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("sqlite:///one.db", "sqlite+aiosqlite:///one.db"),
        ("postgres://u:p@db/one", "postgresql+asyncpg://u:p@db/one"),
        ("postgresql+asyncpg://u@db/one", "postgresql+asyncpg://u@db/one"),
    ],
)
def test_a_database_url_gets_its_driver(written: str, read: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TRIGRAPH_DATABASE_URL", written)
    assert load(None).database_url == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2027-01-31", datetime(2027, 1, 31, tzinfo=UTC)),
        ("2027-01-31T12:00:00", datetime(2027, 1, 31, 12, tzinfo=UTC)),
        ("2027-01-31T12:00:00+02:00", datetime(2027, 1, 31, 10, tzinfo=UTC)),
    ],
)
def test_a_dialect_ends_at_a_moment_in_utc(written: str, read: datetime, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TRIGRAPH_CRM_ULTRA_SUNSET", written)
    assert load(None).crm_ultra.sunset == read


def test_every_mistake_is_told_at_once_by_its_variable():
    problems = refused(
        TRIGRAPH_PORT="99999",
        TRIGRAPH_ENVIRONMENT="staging",
        TRIGRAPH_GRAPHQL_COST="much",
        TRIGRAPH_TRUSTED_PROXIES="10.0.0.0/8,nonsense",
        TRIGRAPH_PUBLIC_URL="trigraph.example.com",
    )
    assert problems == (
        "TRIGRAPH_ENVIRONMENT: should be 'development' or 'production'.",
        "TRIGRAPH_PORT: should be less than or equal to 65535.",
        "TRIGRAPH_PUBLIC_URL: should be an address such as https://trigraph.example.com.",
        "TRIGRAPH_TRUSTED_PROXIES: 'nonsense' does not appear to be an IPv4 or IPv6 network.",
        "TRIGRAPH_GRAPHQL_COST: should be a valid integer, unable to parse string as an integer.",
    )


@pytest.mark.parametrize(
    ("environment", "problem"),
    [
        ({"TRIGRAPH_SMTP_USERNAME": "trigraph"}, "TRIGRAPH_SMTP_*: a user name and a password are set together"),
        ({"TRIGRAPH_SMTP_PROT": "25"}, "TRIGRAPH_SMTP_PROT is not a setting."),
        ({"TRIGRAPH_GRAPHQL_PAGE_SIZE": "10"}, "TRIGRAPH_GRAPHQL_*: the default page size must not exceed"),
        (
            {"TRIGRAPH_CRM_ULTRA_DEPRECATION": "2027-01-02", "TRIGRAPH_CRM_ULTRA_SUNSET": "2027-01-01"},
            "TRIGRAPH_CRM_ULTRA_*: the sunset must not be earlier",
        ),
        ({"TRIGRAPH_CRM_ULTRA_SUNSET": "2027-13-01"}, "TRIGRAPH_CRM_ULTRA_SUNSET: month must be in 1..12"),
        ({"TRIGRAPH_MAIL_SENDER": "nobody"}, "TRIGRAPH_MAIL_SENDER: should be an address such as"),
        ({"TRIGRAPH_MAIL_SENDER": "a@example.com\nBcc: b@example.com"}, "TRIGRAPH_MAIL_SENDER: should be an address"),
        ({"TRIGRAPH_IDEMPOTENCY_HOURS": "nan"}, "TRIGRAPH_IDEMPOTENCY_HOURS: should be greater than 0"),
    ],
)
def test_a_mistake_says_what_was_expected(environment: dict[str, str], problem: str):
    (told,) = refused(**environment)
    assert told.startswith(problem)


def test_a_refusal_and_a_listing_keep_secrets_to_themselves(monkeypatch: pytest.MonkeyPatch):
    (told,) = refused(TRIGRAPH_DATABASE_URL="mysql://trigraph:hunter2@db/one")
    assert "hunter2" not in told
    monkeypatch.setenv("TRIGRAPH_DATABASE_URL", "postgresql://trigraph:hunter2@db/one")
    monkeypatch.setenv("TRIGRAPH_SMTP_USERNAME", "trigraph")
    monkeypatch.setenv("TRIGRAPH_SMTP_PASSWORD", "hunter2")
    assert "hunter2" not in repr(load(None))


def test_a_misspelt_variable_is_noticed():
    environment = {"TRIGRAPH_PROT": "1", "TRIGRAPH_PORT": "1", "TRIGRAPH_TEST_POSTGRES_URL": "x", "PATH": "/bin"}
    assert unknown_variables(environment) == ("TRIGRAPH_PROT",)


def test_every_limit_of_the_graphql_door_is_a_setting_with_the_door_s_default():
    door = asdict(GraphQLLimits())
    del door["introspection"], door["suggestions"]  # they follow the environment
    assert GraphQLSettings().model_dump() == door


def test_every_setting_is_described():
    assert [name for name, info in variables().items() if not info.description] == []


def test_the_page_of_settings_is_the_code_s():
    assert (ROOT / "docs" / "settings.md").read_text(encoding="utf-8") == page(), "run: make docs"


def test_the_example_file_names_settings_that_exist():
    named = re.findall(r"^# (TRIGRAPH_\w+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE)
    assert named
    assert set(named) <= set(variables())
