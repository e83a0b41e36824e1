"""What a log line holds, and what it never holds."""

from __future__ import annotations

import json
import logging

import pytest

from gateway.logging import bound, configure, hide_secrets, logger
from gateway.settings import LogFormat, LogLevel

pytestmark = pytest.mark.usefixtures("logging_restored")


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    """The lines written so far, read back."""
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_line_carries_what_is_bound_around_it(capsys: pytest.CaptureFixture[str]):
    configure(LogLevel.INFO, LogFormat.JSON)
    with bound(request_id="req_1"):
        logger("gateway.door").info("answered", status=200)
    logger("gateway.door").info("idle")
    inside, outside = lines(capsys)
    assert (inside["message"], inside["request_id"], inside["status"]) == ("answered", "req_1", 200)
    assert (inside["level"], inside["logger"]) == ("info", "gateway.door")
    assert str(inside["timestamp"]).endswith("Z")
    assert "request_id" not in outside


def test_libraries_write_the_same_lines(capsys: pytest.CaptureFixture[str]):
    configure(LogLevel.INFO, LogFormat.JSON)
    with bound(request_id="req_2"):
        logging.getLogger("uvicorn.error").info("listening on %s", "a port", extra={"color_message": "\x1b[1m%s"})
    logging.getLogger("alembic.runtime.migration").info("Context impl")
    (line,) = lines(capsys)
    assert "color_message" not in line
    assert (line["message"], line["request_id"], line["logger"]) == ("listening on a port", "req_2", "uvicorn.error")


def test_requests_stay_unlogged_whatever_the_web_server_set_up_before(capsys: pytest.CaptureFixture[str]):
    access = logging.getLogger("uvicorn.access")
    access.handlers, access.propagate = [logging.StreamHandler()], True
    configure(LogLevel.DEBUG, LogFormat.JSON)
    access.info("GET / 200")
    assert lines(capsys) == []


def test_lines_below_the_level_are_dropped(capsys: pytest.CaptureFixture[str]):
    configure(LogLevel.WARNING, LogFormat.JSON)
    logger("gateway").info("small")
    logging.getLogger("uvicorn.error").info("small")
    logger("gateway").warning("large")
    assert [line["message"] for line in lines(capsys)] == ["large"]


def test_secrets_are_masked_at_any_depth():
    event = {"event": "x", "api_key": "k", "headers": {"Authorization": "Bearer k", "Accept": "*/*"}, "tokens": 3}
    masked = hide_secrets(None, "info", dict(event))
    assert masked["api_key"] == "[hidden]"
    assert masked["headers"] == {"Authorization": "[hidden]", "Accept": "*/*"}
    assert masked["tokens"] == 3


@pytest.mark.parametrize("form", list(LogFormat))
def test_a_traceback_shows_no_values(form: LogFormat, capsys: pytest.CaptureFixture[str]):
    configure(LogLevel.INFO, form)
    hidden = "hunter2"
    try:
        raise ValueError(len(hidden))
    except ValueError:
        logger("gateway").exception("failed")
    written = capsys.readouterr().err
    assert "ValueError" in written
    assert "test_logging.py" in written
    assert "hunter2" not in written.replace('hidden = "hunter2"', "")


def test_the_console_form_is_for_people(capsys: pytest.CaptureFixture[str]):
    configure(LogLevel.INFO, LogFormat.CONSOLE)
    logger("gateway").info("mail written", id="email_1")
    written = capsys.readouterr().err
    assert "mail written" in written
    assert "id=email_1" in written
