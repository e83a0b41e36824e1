"""The parts of the process and how they are put together, from settings."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from functools import lru_cache, partial

from starlette.requests import Request
from starlette.responses import Response

from domain.ports import Clock, SystemClock
from gateway import documents
from gateway.access import AccessWatch
from gateway.audit import AuditLog
from gateway.campaigns.queue import CampaignQueue
from gateway.compiled.opening import open_driver
from gateway.compiled.traced import TracedDriver
from gateway.connections import Connections
from gateway.credentials import Credentials
from gateway.database import Database
from gateway.doors import Contexts, GraphQLIdentity, GraphQLReplay, RestServices
from gateway.engines import open_engines
from gateway.graphiql.page import GraphiQLConfig, graphiql_page
from gateway.graphql.compiling import Compiling
from gateway.graphql.door import Door
from gateway.graphql.explained import ExplainedDriver, follow
from gateway.graphql.http import GraphQLEndpoint
from gateway.graphql.limits import DocumentTerms, GraphQLLimits
from gateway.graphql.persisted import Persisted
from gateway.graphql.pipeline import Pipeline
from gateway.graphql.points import Points
from gateway.graphql.shadow import Shadow
from gateway.graphql.websocket import GraphQLWebSocket
from gateway.guard import Guard
from gateway.jobs.bodies import BatchBodies
from gateway.jobs.opening import Jobs, batch_terms, open_jobs
from gateway.limits.limits import Limits
from gateway.limits.opening import open_limits
from gateway.mail import mailer
from gateway.mailroom import Mailroom
from gateway.oauth.opening import OAuth, open_oauth
from gateway.oauth.places import Places
from gateway.observation import Observation, observe
from gateway.operations import Operations
from gateway.outside import open_outside
from gateway.pages.door import Pages, open_pages
from gateway.reading.opening import Reading, open_reading
from gateway.replays import Replays
from gateway.research.opening import Research, open_research
from gateway.settings import Settings
from gateway.settings_sections import DialectSettings
from gateway.spans import endpoint
from gateway.sqlite import Memory
from gateway.streams.opening import Streams
from gateway.tracking.door import Tracking
from gateway.tracking.dressing import Dressing
from gateway.tracking.recorder import Recorder
from gateway.tracking.tokens import Tokens
from gateway.tracking.unsubscribing import Unsubscribing
from gateway.vault import FernetVault, kept_secret, signing_keys
from gateway.webhooks.opening import Webhooks, open_webhooks, webhook_terms
from gateway.webhooks.selections import Selections
from gateway.work.beginner import Beginner
from gateway.work.opening import Keepers, Work, open_work
from gateway.writing.opening import open_writer, writer_terms
from gateway.writing.writer import LanguageWriter, NoWriter
from rest_compat.clickup_brain.dialect import CLICKUP_BRAIN
from rest_compat.copycar.dialect import COPYCAR
from rest_compat.crm_ultra.dialect import CRM_ULTRA
from rest_compat.engine.app import DialectApp
from rest_compat.engine.dialect import Dialect
from rest_compat.engine.resolution import host_of
from rest_compat.engine.served import Handler
from rest_compat.engine.services import DoorSettings
from rest_compat.engine.ways import CompiledRoutes
from schema.compiled.operations import Compiler
from schema.compiled.steps import Driver
from schema.context import PageLimits
from schema.graph import graphql_schema, plans


@dataclass(frozen=True)
class Parts:
    """Everything that runs, by name."""

    settings: Settings
    database: Database
    watch: AccessWatch
    credentials: Credentials
    guard: Guard
    connections: Connections
    audit: AuditLog
    observation: Observation
    limits: Limits
    mailroom: Mailroom
    webhooks: Webhooks
    jobs: Jobs
    work: Work
    beginner: Beginner
    replays: Replays
    endpoint: GraphQLEndpoint
    socket: GraphQLWebSocket
    streams: Streams
    tracking: Tracking
    graphiql: GraphiQLConfig
    dialects: tuple[DialectApp, ...]
    places: Places
    oauth: OAuth
    pages: Pages
    writer: LanguageWriter | NoWriter
    reading: Reading
    research: Research
    compiling: Compiling | None
    shadow: Shadow | None


def assemble(settings: Settings, demo_key: str | None = None, clock: Clock | None = None) -> Parts:
    """Build every part; nothing is connected or started yet.

    Raises:
        RouteDrift: when a documented route does not fit the graph.
    """
    database = open_database(settings, clock or SystemClock())
    watch = AccessWatch(database, settings.access_poll_seconds)
    guard = Guard(database.clock)
    watch.on_change(guard.heard)
    limits, connections = open_limits(settings, database), Connections(database.clock)
    credentials = Credentials(database, watch, settings.remembered_credentials)
    contexts = Contexts(database, limits, Operations(database, connections), _pages(settings))
    audit = AuditLog(database, credentials.take_used, settings.audit)
    identity = GraphQLIdentity(credentials)
    replays = Replays(database, timedelta(hours=settings.idempotency_hours))
    rest = RestServices(credentials, limits, contexts, replays, database)
    bounds = graphql_limits(settings)
    points = Points(limits, database.clock, bounds.anonymous_points)
    persisted = Persisted(partial(documents.find, database), DocumentTerms(**settings.documents.model_dump()))
    watch.on_change(persisted.heard)
    compiling = open_compiling(settings, database)
    pipeline = Pipeline(graphql_schema, contexts.make, points, bounds, compiling)
    door = Door(pipeline, identity, guard, connections, bounds, persisted)
    selections = Selections(plans, contexts.make, bounds)
    writer, database.writing = open_writer(settings, database), writer_terms(settings.writer)
    reading = open_reading(settings.reading, settings.outgoing)
    database.outside = open_outside(
        writer, reading, batch_terms(settings), settings.marketing, settings.feedback, settings.research
    )
    research = open_research(settings, database)
    database.webhooks = webhook_terms(database, selections, points, settings.webhooks, settings.outgoing)
    graphiql = GraphiQLConfig(default_headers={"X-API-Key": demo_key} if demo_key else None)
    streams = Streams(database, guard, connections, settings.streams)
    tokens = Tokens(signing_keys(installation_secrets(settings), b"tracking"))
    tracking = Tracking(tokens, Recorder(database), Unsubscribing(database, tokens))
    dialects = _dialects(settings, rest, {**streams.handlers, **tracking.handlers}, compiling)
    oauth = open_oauth(settings, database, limits)
    form_keys = signing_keys(installation_secrets(settings), b"forms")
    pages = open_pages(settings, database, limits, oauth.authorizations, contexts, form_keys)
    mailroom = _mailroom(settings, database, tokens)
    webhooks = open_webhooks(database, selections, settings.webhooks, settings.outgoing)
    jobs = open_jobs(settings, database, BatchBodies(contexts))
    campaigns = CampaignQueue(database, settings.campaigns)
    queues = (mailroom, webhooks.queue, jobs.entries, jobs.callbacks, campaigns, research.queue)
    work = open_work(settings, database, queues, Keepers(replays, watch, pages.sessions, audit, research.news))
    work.follow(webhooks.dispatcher)
    webhooks.dispatcher.made = partial(work.made_due, webhooks.queue.name)
    outcomes = compiling.outcomes if compiling else None
    observation = observe(
        settings, database, audit, credentials, connections, work, webhooks.queue, reading.reader, writer, outcomes
    )
    return Parts(
        settings=settings,
        database=database,
        watch=watch,
        credentials=credentials,
        guard=guard,
        connections=connections,
        audit=audit,
        observation=observation,
        limits=limits,
        mailroom=mailroom,
        webhooks=webhooks,
        jobs=jobs,
        work=work,
        beginner=Beginner(work.sweeper, settings.work),
        replays=replays,
        endpoint=GraphQLEndpoint(door, _page(graphiql), GraphQLReplay(replays)),
        socket=GraphQLWebSocket(door, observation.operation),
        streams=streams,
        tracking=tracking,
        graphiql=graphiql,
        dialects=dialects,
        places=Places([each.dialect for each in dialects]),
        oauth=oauth,
        pages=pages,
        writer=writer,
        reading=reading,
        research=research,
        compiling=compiling,
        shadow=pipeline.shadow,
    )


def open_compiling(settings: Settings, database: Database) -> Compiling | None:
    """How operations are compiled; None where the settings say that they are not."""
    own = settings.compiled
    if not own.enabled:
        return None
    driver: Driver = open_driver(
        database.engines,
        inline_milliseconds=own.inline_milliseconds,
        kept=own.kept,
        pool_size=settings.database_pool_size,
        pool_timeout=settings.database_pool_timeout_seconds,
        busy_timeout=settings.sqlite_busy_timeout_seconds,
        memory=_sqlite_memory(settings),
    )
    if endpoint(settings):
        driver = TracedDriver(driver)
    if own.explain:
        driver = ExplainedDriver(driver)
        follow(database.engines.reading, database.engines.writing)
    compiler = Compiler(plans, driver, database.public_url, own.kept)
    return Compiling(compiler, own.shadow_share, own.explain)


def open_database(settings: Settings, clock: Clock) -> Database:
    """The database of the settings, not yet connected."""
    engines = open_engines(
        settings.database_url,
        pool_size=settings.database_pool_size,
        pool_timeout=settings.database_pool_timeout_seconds,
        busy_timeout=settings.sqlite_busy_timeout_seconds,
        memory=_sqlite_memory(settings).quarter(),
    )
    vault = FernetVault(installation_secrets(settings))
    database = Database(
        engines,
        clock,
        vault,
        bulk=settings.bulk_items,
        poll_seconds=settings.event_poll_seconds,
        public_url=settings.public_url,
    )
    database.alert_days = settings.compliance.alert_days
    database.attribution_days = settings.campaigns.attribution_days
    database.reader_days = settings.campaigns.reader_days
    return database


def _sqlite_memory(settings: Settings) -> Memory:
    """What SQLite's connection on the event loop keeps in memory."""
    return Memory(settings.sqlite_cache_mebibytes, settings.sqlite_mmap_mebibytes)


def installation_secrets(settings: Settings) -> list[str]:
    """The secrets of this installation, the one in use first."""
    return [key.get_secret_value() for key in settings.secret_keys] or [kept_secret(settings.data_dir)]


def graphql_limits(settings: Settings) -> GraphQLLimits:
    """The limits of the GraphQL door as set."""
    given = settings.graphql.model_dump()
    known = {each.name for each in fields(GraphQLLimits)}
    own = {name: value for name, value in given.items() if name in known}
    return GraphQLLimits(**own, introspection=settings.introspection, suggestions=settings.suggestions)


def _page(config: GraphiQLConfig) -> Callable[[Request], Awaitable[Response]]:
    async def page(_: Request) -> Response:
        return graphiql_page(config)

    return page


def _pages(settings: Settings) -> PageLimits:
    graphql = settings.graphql
    return PageLimits(
        default=graphql.default_page_size,
        most=graphql.page_size,
        deepest_offset=graphql.offset,
        trusted_most=settings.rest.page_rows,
    )


def _mailroom(settings: Settings, database: Database, tokens: Tokens) -> Mailroom:
    track = settings.mail.track_opens, settings.mail.track_clicks
    return Mailroom(
        database,
        Dressing(
            mailer(settings, database.clock), tokens, settings.public_url, *track, settings.campaigns.unsubscribe_text
        ),
        settings.mail.sender,
        attempts=settings.mail.attempts,
        retry_seconds=settings.mail.retry_seconds,
        wait_seconds=settings.mail.wait_seconds,
        campaigns=settings.campaigns.sender,
    )


def _dialects(
    settings: Settings, services: RestServices, handlers: Mapping[str, Handler], compiling: Compiling | None
) -> tuple[DialectApp, ...]:
    # In the order in which bare paths are tried: some of ClickUp Brain's begin as all of CRM-Ultra's do.
    brain = settings.clickup_brain
    served: tuple[tuple[Dialect, DialectSettings], ...] = (
        (_at(COPYCAR, settings.copycar.hosts), settings.copycar),
        (_at(CLICKUP_BRAIN, brain.hosts, brain.sandbox_hosts), brain),
        (_at(CRM_ULTRA, settings.crm_ultra.hosts), settings.crm_ultra),
    )
    compiled = CompiledRoutes(compiling.compiler, compiling.outcomes.note) if compiling else None
    return tuple(
        DialectApp(dialect, graphql_schema, services, _door(settings, own), handlers, compiled)
        for dialect, own in served
    )


@lru_cache(maxsize=8)
def _at(dialect: Dialect, hosts: tuple[str, ...], sandbox_hosts: tuple[str, ...] = ()) -> Dialect:
    """A dialect at the hosts the settings name; the same one for the same hosts, so that it is prepared once."""
    return replace(dialect, hosts=_hosts(hosts), sandbox_hosts=_hosts(sandbox_hosts))


def _hosts(names: Iterable[str]) -> frozenset[str]:
    return frozenset(map(host_of, names))


def _door(settings: Settings, own: DialectSettings) -> DoorSettings:
    return DoorSettings(
        settings.public_url,
        max_body_bytes=settings.rest.body_bytes,
        max_body_depth=settings.rest.body_depth,
        body_timeout_seconds=settings.rest.body_timeout_seconds,
        max_file_bytes=settings.reading.file_bytes,
        upload_timeout_seconds=settings.rest.upload_timeout_seconds,
        deprecated_at=own.deprecation,
        sunset_at=own.sunset,
        support_contact=settings.rest.support_contact,
    )
