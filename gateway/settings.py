"""Every setting of the process, read from the environment and from `.env`; the names carry the prefix TRIGRAPH_."""

from __future__ import annotations

import os
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from gateway.settings_campaigns import CampaignSettings
from gateway.settings_compiled import CompiledSettings
from gateway.settings_compliance import ComplianceSettings
from gateway.settings_conversion import ConversionSettings
from gateway.settings_documents import DocumentSettings
from gateway.settings_feedback import FeedbackSettings
from gateway.settings_jobs import JobSettings
from gateway.settings_marketing import MarketingSettings
from gateway.settings_operations import MetricsSettings, TelemetrySettings
from gateway.settings_reading import ReadingSettings
from gateway.settings_research import ResearchSettings
from gateway.settings_sections import (
    AuditSettings,
    DialectSettings,
    GraphQLSettings,
    LimitSettings,
    LoginSettings,
    MailSettings,
    Names,
    Networks,
    OAuthSettings,
    RedisSettings,
    RestSettings,
    SandboxedSettings,
    Section,
    SmtpSettings,
)
from gateway.settings_streams import StreamSettings
from gateway.settings_webhooks import OutgoingSettings, WebhookSettings
from gateway.settings_work import EventSettings, WorkSettings
from gateway.settings_writing import WriterSettings

PREFIX = "TRIGRAPH_"
ANY_ORIGIN = "*"
# Variables of the test suite carry the prefix too, but configure no process.
TEST_PREFIX = "TRIGRAPH_TEST_"

_SHORTEST_SECRET = 32
_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}


class Environment(StrEnum):
    """What the process is used for; safe defaults follow from it."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class LogFormat(StrEnum):
    """How log lines are written."""

    CONSOLE = "console"
    JSON = "json"


class LogLevel(StrEnum):
    """From which weight on something is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


def _database_url(url: str) -> str:
    """The URL with the one driver that serves its database."""
    scheme, separator, rest = url.partition("://")
    if not separator or scheme not in _DRIVERS:
        raise ValueError("should be sqlite:///file or postgresql://user:password@host:port/database")
    return f"{_DRIVERS[scheme]}://{rest}"


def _public_url(url: str) -> str:
    """The URL without a slash at its end."""
    scheme, separator, rest = url.partition("://")
    if scheme not in {"http", "https"} or not separator or not rest.strip("/"):
        raise ValueError("should be an address such as https://trigraph.example.com")
    return url.rstrip("/")


def _origins(values: tuple[str, ...]) -> tuple[str, ...]:
    """The values, each an origin as browsers send it, or `*`."""
    for value in values:
        scheme, separator, rest = value.partition("://")
        written = scheme in {"http", "https"} and separator and rest and not set(rest) & set("/?#@*")
        if value != ANY_ORIGIN and (not written or value != value.lower()):
            raise ValueError(
                "should be origins such as https://app.example.com, in small letters, without a path, or `*`"
            )
    return values


def _secrets(value: object) -> object:
    """A comma-separated text as its parts, each long enough to be one."""
    parts = [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value
    if isinstance(parts, list) and any(len(part) < _SHORTEST_SECRET for part in parts):
        raise ValueError(f"should be texts of at least {_SHORTEST_SECRET} characters, separated by commas")
    return parts


def _in_development(known: dict[str, Any]) -> bool:
    return known["environment"] is Environment.DEVELOPMENT


def _log_format(known: dict[str, Any]) -> LogFormat:
    return LogFormat.CONSOLE if _in_development(known) else LogFormat.JSON


def _in_production(known: dict[str, Any]) -> bool:
    return known["environment"] is Environment.PRODUCTION


def _embedded_database(known: dict[str, Any]) -> str:
    return f"sqlite+aiosqlite:///{known['data_dir']}/trigraph.db"


def _own_address(known: dict[str, Any]) -> str:
    host = known["host"] if known["host"] not in {"0.0.0.0", "::"} else "localhost"  # noqa: S104 - compared, not bound
    return f"http://{f'[{host}]' if ':' in host else host}:{known['port']}"


class Settings(BaseSettings):
    """All settings; wrong values are refused together, each by its variable's name."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        env_file_encoding="utf-8",
        env_nested_delimiter="_",
        env_nested_max_split=1,
        env_ignore_empty=True,
        enable_decoding=False,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    environment: Environment = Field(
        Environment.DEVELOPMENT, description="`development` or `production`; other defaults follow from it"
    )
    host: str = Field("127.0.0.1", min_length=1, description="Address to listen on; 0.0.0.0 for every interface")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on; 0 takes a free one")
    public_url: Annotated[str, AfterValidator(_public_url)] = Field(
        default_factory=_own_address,
        description="Address under which clients reach this server; it stands in links inside answers",
        json_schema_extra={"default": "`http://` with host and port"},
    )
    https_required: bool = Field(False, description="Refuse requests that did not reach the outermost proxy by HTTPS")
    hsts_seconds: int = Field(
        365 * 24 * 3600,
        ge=0,
        description="How long browsers that came by HTTPS are told to come by HTTPS alone "
        "(`Strict-Transport-Security`); 0 does not say it",
    )
    websocket_compression: bool = Field(
        False,
        description="Compress websocket messages for clients that ask; each is then packed for every socket alone, "
        "which costs more than all else",
    )
    trusted_proxies: Networks = Field(
        (), description="Addresses or networks whose `X-Forwarded-*` headers are believed, separated by commas"
    )
    cors_origins: Annotated[Names, AfterValidator(_origins)] = Field(
        (), description="Origins whose browser pages may use this server, separated by commas; `*` for every origin"
    )
    data_dir: Path = Field(Path("var"), description="Folder of everything the process keeps: database, mail, demo.json")
    database_url: Annotated[str, AfterValidator(_database_url)] = Field(
        default_factory=_embedded_database,
        repr=False,
        description="`sqlite:///file` or `postgresql://user:password@host:port/database`",
        json_schema_extra={"default": "SQLite, `trigraph.db` in the data directory"},
    )
    secret_keys: Annotated[tuple[SecretStr, ...], BeforeValidator(_secrets)] = Field(
        (),
        repr=False,
        description="Secrets of this installation, at least 32 characters each, separated by commas: the first seals "
        "what is kept, all of them open it. Processes on several machines need the same",
        json_schema_extra={"default": "`secret.key` in the data directory, made at the first start"},
    )
    remembered_credentials: int = Field(
        10_000, ge=0, description="Resolved credentials kept in memory; a change of access is heard at once"
    )
    access_poll_seconds: float = Field(
        0.25, gt=0, le=0.8, description="How often a process looks for changes of access made by another one"
    )
    sqlite_busy_timeout_seconds: float = Field(
        5, ge=0, description="How long a SQLite writer waits for another process"
    )
    sqlite_cache_mebibytes: float = Field(
        16,
        ge=0.25,
        le=4096,
        description="Memory in which SQLite keeps pages it has read, filled as they are: so much for the connection on "
        "the event loop, a quarter for each of the others",
    )
    sqlite_mmap_mebibytes: int = Field(
        0,
        ge=0,
        le=2047,
        description="How much of the SQLite file is mapped into memory, which makes large files quicker to read; with "
        "it an error of the disk, or a file cut off by somebody else, ends the process instead of failing a request",
    )
    database_pool_size: int = Field(
        10,
        ge=1,
        description="Database connections per process, and as many again that compiled operations read by, opened as "
        "needed; besides two that only hear of changes",
    )
    database_pool_timeout_seconds: float = Field(10, gt=0, description="How long a request waits for a connection")
    log_level: LogLevel = Field(LogLevel.INFO, description="`debug`, `info`, `warning` or `error`")
    log_format: LogFormat = Field(
        default_factory=_log_format,
        description="`console` for people, `json` for machines",
        json_schema_extra={"default": "`console` in development, `json` in production"},
    )
    log_calls: bool = Field(
        default_factory=_in_production,
        description="Whether every call is a line of the log; calls of nobody known always are",
        json_schema_extra={"default": "on in production, off in development"},
    )
    introspection: bool = Field(
        default_factory=_in_development,
        description="Whether clients may ask the graph for its schema",
        json_schema_extra={"default": "on in development, off in production"},
    )
    suggestions: bool = Field(
        default_factory=_in_development,
        description='Whether errors may say "Did you mean ..."',
        json_schema_extra={"default": "on in development, off in production"},
    )
    bulk_items: int = Field(500, ge=1, description="Most items in one bulk write")
    idempotency_hours: float = Field(24, gt=0, description="How long an `Idempotency-Key` is remembered")
    event_poll_seconds: float = Field(
        5, gt=0, description="How often a process on PostgreSQL looks for events even when nothing woke it"
    )
    graphql: GraphQLSettings = Field(GraphQLSettings(), description="Limits of the GraphQL door")
    compiled: CompiledSettings = Field(CompiledSettings(), description="Compiled operations")
    documents: DocumentSettings = Field(
        DocumentSettings(), description="Documents that clients name instead of sending them"
    )
    rest: RestSettings = Field(RestSettings(), description="Limits of the REST doors")
    streams: StreamSettings = Field(StreamSettings(), description="ClickUp Brain's streams, and pings of websockets")
    limits: LimitSettings = Field(LimitSettings(), description="How much clients may ask for in a time")
    redis: RedisSettings = Field(RedisSettings(), description="Redis, where several processes share one count")
    copycar: DialectSettings = Field(DialectSettings(hosts=("api.copycarai.com",)), description="The CopyCar dialect")
    clickup_brain: SandboxedSettings = Field(
        SandboxedSettings(hosts=("api.clickup-brain.com",), sandbox_hosts=("sandbox-api.clickup-brain.com",)),
        description="The ClickUp Brain dialect",
    )
    crm_ultra: DialectSettings = Field(
        DialectSettings(hosts=("api.crm-ultra.com",)), description="The CRM-Ultra dialect"
    )
    oauth: OAuthSettings = Field(OAuthSettings(), description="The OAuth 2.0 authorization server")
    login: LoginSettings = Field(LoginSettings(), description="People who sign in with a browser")
    audit: AuditSettings = Field(AuditSettings(), description="The log of calls")
    metrics: MetricsSettings = Field(MetricsSettings(), description="Metrics for Prometheus")
    telemetry: TelemetrySettings = Field(TelemetrySettings(), description="Traces for OpenTelemetry")
    mail: MailSettings = Field(MailSettings(), description="Outgoing mail")
    smtp: SmtpSettings = Field(SmtpSettings(), description="The mail server")
    outgoing: OutgoingSettings = Field(OutgoingSettings(), description="Requests to addresses that clients have chosen")
    webhooks: WebhookSettings = Field(WebhookSettings(), description="Deliveries of webhooks")
    jobs: JobSettings = Field(JobSettings(), description="Batches")
    reading: ReadingSettings = Field(ReadingSettings(), description="Files that are read")
    compliance: ComplianceSettings = Field(ComplianceSettings(), description="What is told of deadlines")
    work: WorkSettings = Field(WorkSettings(), description="What is worked on beside the doors")
    events: EventSettings = Field(EventSettings(), description="How long events are kept, and what was told of them")
    feedback: FeedbackSettings = Field(FeedbackSettings(), description="Feedback, and who is likely to leave")
    conversion: ConversionSettings = Field(ConversionSettings(), description="Who is likely to be won")
    marketing: MarketingSettings = Field(MarketingSettings(), description="Campaigns, budgets and localized texts")
    campaigns: CampaignSettings = Field(CampaignSettings(), description="Campaigns for one company, as they run")
    research: ResearchSettings = Field(ResearchSettings(), description="Research of companies")
    writer: WriterSettings = Field(WriterSettings(), description="The language model, which everything works without")

    @property
    def embedded(self) -> bool:
        """Whether the database is a file of this machine, which one process serves and works on."""
        return self.database_url.startswith("sqlite")

    @property
    def mail_folder(self) -> Path:
        """Where messages are written while no mail server is set."""
        return self.mail.folder or self.data_dir / "mail"


class InvalidSettings(Exception):
    """Settings that cannot be used; `problems` says each in one line, by its variable."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def load(env_file: Path | None = Path(".env"), **given: Any) -> Settings:
    """Settings as given, below them the environment, below it the file.

    Raises:
        InvalidSettings: something is set to what it cannot be.
    """
    try:
        return Settings(_env_file=env_file, **given)
    except ValidationError as error:
        details = error.errors(include_url=False, include_context=False, include_input=False)
        raise InvalidSettings(tuple(_say(each) for each in details if each["type"] != _NOT_CALLED)) from None
    except (SettingsError, UnicodeDecodeError, OSError) as error:
        raise InvalidSettings((f"{env_file} cannot be read: {error}",)) from error


# A default that is computed from a wrong value is no second mistake.
_NOT_CALLED = "default_factory_not_called"


def _say(details: ErrorDetails) -> str:
    """One problem, by the name of its variable and what was expected."""
    path = [part for part in details["loc"] if isinstance(part, str)]
    name = variable(*path) + ("_*" if len(path) == 1 and section_of(path[0]) else "")
    if details["type"] == "extra_forbidden":
        return f"{name} is not a setting."
    message = details["msg"].removeprefix("Value error, ").removeprefix("Input ")
    return f"{name}: {message}."


def variable(*path: str) -> str:
    """Name of the environment variable of a setting."""
    return PREFIX + "_".join(path).upper()


def section_of(name: str) -> type[Section] | None:
    """The group of settings behind a top-level name, if it is one."""
    annotation = Settings.model_fields[name].annotation
    return annotation if isinstance(annotation, type) and issubclass(annotation, Section) else None


def variables() -> dict[str, FieldInfo]:
    """Every variable that is read, with what is known of it, in the order of the code."""
    found: dict[str, FieldInfo] = {}
    for name, info in Settings.model_fields.items():
        section = section_of(name)
        if section is None:
            found[variable(name)] = info
        else:
            found |= {variable(name, field): each for field, each in section.model_fields.items()}
    return found


def unknown_variables(environment: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """Variables with our prefix that nothing reads: most often a misspelt name."""
    known = variables()
    ours = (name for name in environment if name.upper().startswith(PREFIX) and not name.startswith(TEST_PREFIX))
    return tuple(sorted(name for name in ours if name.upper() not in known))
