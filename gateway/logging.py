"""Log lines, as text for people or JSON for machines; the one module that knows structlog."""

from __future__ import annotations

import logging
import logging.config
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from gateway import json
from gateway.calls import current_call
from gateway.loading import without
from gateway.settings import LogFormat, LogLevel

# It is for tracebacks in colours, which neither form has, and takes 4 MiB with all that it loads.
with without("rich"):
    import structlog
    from structlog.tracebacks import ExceptionDictTransformer
    from structlog.typing import EventDict, FilteringBoundLogger, Processor, WrappedLogger

# Fields that could open something when read by the wrong person.
_SECRET = ("password", "secret", "token", "authorization", "cookie", "api_key", "apikey", "credential")
# Counted, not secret.
_PLAIN = frozenset({"tokens"})
_MASK = "[hidden]"
_PACKAGES = ("gateway", "rest_compat", "schema", "resolvers", "domain")
_CALLERS = ("httpx", "httpcore", "httpx2", "httpcore2", "openai", "urllib3")
_CALLS = "gateway.call_log"
_STANDARD = frozenset(logging.makeLogRecord({}).__dict__)
_TIME = "%Y-%m-%dT%H:%M:%SZ"
_calls = logging.getLogger(_CALLS)


def logger(name: str) -> FilteringBoundLogger:
    """A logger whose keyword arguments become fields: `log.info("mail written", id=...)`."""
    bound: FilteringBoundLogger = structlog.get_logger(name)
    return bound


@contextmanager
def bound(**fields: str) -> Iterator[None]:
    """Every line logged inside carries these fields, most of all `request_id`."""
    with structlog.contextvars.bound_contextvars(**fields):
        yield


def tell_call(level: int, message: str, facts: Callable[[], Mapping[str, Any]]) -> None:
    """Log a call with its facts, none of which may be a secret: in JSON they are written as they are.

    As there is such a line for every request, it takes a shorter way than others: 6 µs instead of 67.
    """
    if _calls.isEnabledFor(level):
        record = logging.LogRecord(_CALLS, level, "", 0, message, None, None)
        record.__dict__.update(facts())
        _calls.handle(record)


class _CallAsJson(logging.Formatter):
    """Writes the line of a call as the other lines are written."""

    def __init__(self) -> None:
        super().__init__()
        self._second = (0, "")

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line = {name: value for name, value in record.__dict__.items() if name not in _STANDARD}
        line["logger"], line["level"] = record.name, record.levelname.lower()
        line["timestamp"], line["message"] = self._moment(int(record.created)), record.msg
        return json.dumps(line).decode()

    def _moment(self, second: int) -> str:
        # Many lines share a second, and writing it takes longer than the rest of them.
        if second != self._second[0]:
            self._second = (second, time.strftime(_TIME, time.gmtime(second)))
        return self._second[1]


def _of_call(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Name the request that a line was written for."""
    call = current_call()
    if call is not None:
        event.setdefault("request_id", call.request_id)
    return event


def _without_twin(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Drop the copy of its message that uvicorn adds for coloured terminals."""
    event.pop("color_message", None)
    return event


def hide_secrets(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Mask every field that is named like a secret, at any depth."""
    return {name: _hidden(name, value) for name, value in event.items()}


def _hidden(name: object, value: Any) -> Any:
    if isinstance(name, str) and name not in _PLAIN and any(word in name.lower().replace("-", "_") for word in _SECRET):
        return _MASK
    if isinstance(value, dict):
        return {key: _hidden(key, each) for key, each in value.items()}
    return value


class _NoPaths(logging.Filter):
    """Keeps the web server from telling the path of every websocket, with the query string a client put there."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let everything else pass."""
        return '"WebSocket %s"' not in str(record.msg)


def configure(level: LogLevel, form: LogFormat) -> None:
    """Send everything that this process and its libraries log to standard error, in one form."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        _of_call,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt=_TIME, utc=True),
        structlog.stdlib.ExtraAdder(),
        _without_twin,
        hide_secrets,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    standard = _standard(level, shared, _rendering(form))
    if form is LogFormat.JSON:
        standard["formatters"]["calls"] = {"()": _CallAsJson}
        standard["handlers"]["calls"] = standard["handlers"]["stderr"] | {"formatter": "calls"}
    direct = {"handlers": ["calls"], "propagate": False} if form is LogFormat.JSON else {"propagate": True}
    standard["loggers"][_CALLS] = {"handlers": [], "level": level.upper()} | direct
    logging.config.dictConfig(standard)


def _rendering(form: LogFormat) -> list[Processor]:
    if form is LogFormat.JSON:
        return [
            structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
            structlog.processors.EventRenamer("message"),
            structlog.processors.JSONRenderer(sort_keys=False),
        ]
    # Neither form shows the values of variables: they may be secrets.
    plain = structlog.dev.plain_traceback
    return [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)]


def _standard(level: LogLevel, shared: list[Processor], rendering: list[Processor]) -> dict[str, Any]:
    """The standard library's side: one handler, through which the web server's own lines go as well."""
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": shared,
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendering],
    }
    own = {"handlers": [], "level": level.upper(), "propagate": True}
    # What libraries tell while somebody debugs them is what passes through them: headers, frames, tokens.
    foreign = LogLevel.INFO if level is LogLevel.DEBUG else level
    passing = own | {"level": foreign.upper()}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": formatter},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "stream": "ext://sys.stderr", "formatter": "lines"}},
        "root": {"handlers": ["stderr"], "level": foreign.upper()},
        "filters": {"no_paths": {"()": _NoPaths}},
        "loggers": {
            **dict.fromkeys(_PACKAGES, own),
            "uvicorn": passing,
            "uvicorn.error": passing | {"filters": ["no_paths"]},
            # Requests are not logged; what the web server set up before this must not bring them back.
            "uvicorn.access": {"handlers": [], "level": "CRITICAL", "propagate": False},
            "aiosqlite": passing | {"level": "WARNING"},
            # They tell the whole address of every request they make, and a receiver's may hold a secret.
            **dict.fromkeys(_CALLERS, passing | {"level": "WARNING"}),
            # It tells of its own settings at every start; migrations that run are told by whoever runs them.
            "alembic": passing | {"level": "WARNING"},
        },
    }
