"""The language model put together from the settings."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from domain.writing import Prices, WriterTerms, micros
from gateway.database import Database
from gateway.settings import InvalidSettings, Settings, variable
from gateway.settings_writing import ASSUMED_PRICES, WriterSettings
from gateway.writing.writer import LanguageWriter, NoWriter, Tools

_LIBRARIES = ("openai", "httpx2", "jsonschema")


def writer_terms(settings: WriterSettings) -> WriterTerms | None:
    """What language models may cost; None when there is none."""
    if settings.base_url is None or settings.model is None:
        return None
    given = (settings.prompt_price, settings.completion_price)
    prices = Prices(
        *(assumed if price is None else price for price, assumed in zip(given, ASSUMED_PRICES, strict=True))
    )
    budgets = micros(settings.monthly_budget), micros(settings.largest_budget)
    return WriterTerms(settings.model, prices, None in given, *budgets)


def missing(settings: Settings) -> str | None:
    """What has to be installed for the settings to work, in words."""
    if settings.writer.base_url is None or all(find_spec(name) for name in _LIBRARIES):
        return None
    named = variable("writer", "base_url")
    return f"{named} is set, and language models need the extra `writer`: pip install -e '.[writer]'"


def open_writer(settings: Settings, database: Database) -> LanguageWriter | NoWriter:
    """What writes as the settings say; nothing is loaded or connected yet.

    Raises:
        InvalidSettings: when it is not installed.
    """
    terms = writer_terms(settings.writer)
    if terms is None:
        return NoWriter()
    if words := missing(settings):
        raise InvalidSettings((words,))
    return LanguageWriter(
        database, settings.writer, terms, lambda: open_tools(settings.writer, settings.outgoing.ca_file)
    )


def open_tools(settings: WriterSettings, ca_file: Path | None) -> Tools:
    """The client and the validator: they take 45 MiB and most of a second to load, which only those pay who write."""
    client = import_module("gateway.writing.client").OpenAIClient(settings, ca_file)
    return Tools(client, import_module("gateway.writing.answers").Shape)
