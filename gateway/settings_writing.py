"""Settings of the language model, which everything works without."""

from __future__ import annotations

from decimal import Decimal
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from gateway.settings_sections import Section

ASSUMED_PRICES = (Decimal(10), Decimal(30))
"""US dollars for a million tokens read and written that count until prices are set: rather too much than too little."""


class WriterSettings(Section):
    """A language model that speaks the OpenAI protocol."""

    base_url: str | None = Field(
        None,
        description="Where a language model is asked by the OpenAI protocol, such as https://api.openai.com/v1 or "
        "http://127.0.0.1:11434/v1; needs the extra `writer` (`pip install -e '.[writer]'`). Without it none is asked",
    )
    api_key: SecretStr | None = Field(None, description="Key for that address; a server of your own may need none")
    model: str | None = Field(None, min_length=1, max_length=200, description="Name of the model; needed")
    timeout_seconds: float = Field(
        20, gt=0, le=600, description="Time one task may take in all: waiting, connecting, every retry and correction"
    )
    connect_seconds: float = Field(5, gt=0, description="Time a connection may take")
    retries: int = Field(
        2, ge=0, le=10, description="How often a request is repeated after 429, a failure of the server, or none at all"
    )
    retry_seconds: float = Field(
        0.5,
        gt=0,
        description="Pause before the first repetition; each further one is twice as long, all are up to half longer",
    )
    retry_after_seconds: float = Field(
        10, ge=0, description="Longest pause by `Retry-After`; a server that asks for a longer one is not asked again"
    )
    max_tokens: int = Field(8000, ge=1, le=1_000_000, description="Most tokens of one answer, whatever a task asks for")
    task_bytes: int = Field(64 * 1024, ge=1024, description="Largest task that is sent, in bytes of its texts")
    response_bytes: int = Field(1024 * 1024, ge=1024, description="Largest answer that is read, in bytes")
    at_once: int = Field(8, ge=1, description="Tasks one process has under way at the same time; others wait")
    breaker_failures: int = Field(
        5, ge=1, description="Tasks in a row without an answer after which the model is left alone for a while"
    )
    breaker_seconds: float = Field(30, ge=0, description="How long it is left alone")
    prompt_price: Decimal | None = Field(
        None,
        ge=0,
        le=10_000,
        description="US dollars for a million tokens that are read; 0 for a model that costs nothing",
        json_schema_extra={"default": f"{ASSUMED_PRICES[0]}, assumed"},
    )
    completion_price: Decimal | None = Field(
        None,
        ge=0,
        le=10_000,
        description="US dollars for a million tokens that are written",
        json_schema_extra={"default": f"{ASSUMED_PRICES[1]}, assumed"},
    )
    monthly_budget: Decimal = Field(
        Decimal(10),
        ge=0,
        le=1_000_000,
        description="US dollars an organization may spend in a month of the clock (UTC) unless it has a budget of its "
        "own",
    )
    largest_budget: Decimal = Field(
        Decimal(100),
        ge=0,
        le=1_000_000,
        description="US dollars a month that no organization's own budget exceeds",
    )
    days: int = Field(400, ge=0, description="How many days the log of uses is kept; 0 keeps it for ever")

    @field_validator("base_url")
    @classmethod
    def _web(cls, value: str | None) -> str | None:
        if value is not None:
            parts = urlsplit(value)
            written = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
            if not written or parts.query or parts.fragment or parts.username or parts.password:
                raise ValueError("should be an address such as https://api.openai.com/v1, without key or query")
        return value.rstrip("/") if value else value

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.base_url and not self.model:
            raise ValueError("TRIGRAPH_WRITER_MODEL should name the model that is asked there")
        return self
