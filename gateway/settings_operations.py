"""Settings of what operators look at: metrics and traces."""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator

from gateway.settings_sections import Networks, Section

_SHORTEST_TOKEN = 16


class MetricsSettings(Section):
    """Who reads `/metrics`."""

    networks: Networks = Field(
        ("127.0.0.0/8", "::1/128"),
        description="Addresses or networks that may read `/metrics`, separated by commas. A request that a proxy has "
        "passed on is let in by the token alone",
    )
    token: SecretStr | None = Field(
        None, description="Who sends it as `Authorization: Bearer ...` may read `/metrics` from anywhere"
    )
    cached_seconds: float = Field(
        5, gt=0, description="How long what is counted in the database is remembered, however often it is asked for"
    )

    @field_validator("token")
    @classmethod
    def _long(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < _SHORTEST_TOKEN:
            raise ValueError(f"should be a text of at least {_SHORTEST_TOKEN} characters")
        return value


class TelemetrySettings(Section):
    """Traces for OpenTelemetry."""

    endpoint: str | None = Field(
        None,
        description="Collector that takes traces by OTLP over HTTP, such as http://127.0.0.1:4318; needs the extra "
        "`telemetry` (`pip install -e '.[telemetry]'`)",
        json_schema_extra={"default": "as the standard variable `OTEL_EXPORTER_OTLP_ENDPOINT` says, else no traces"},
    )
    service: str = Field("trigraph", min_length=1, description="`service.name` of the traces")
    sampled: float = Field(1, ge=0, le=1, description="Which part of the traces is kept; 1 keeps all")
    tell_receivers: bool = Field(
        False, description="Whether webhook deliveries carry `traceparent`, so that receivers continue the trace"
    )

    @field_validator("endpoint")
    @classmethod
    def _web(cls, value: str | None) -> str | None:
        if value is not None:
            parts = urlsplit(value)
            if parts.scheme not in {"http", "https"} or not parts.hostname or parts.port == 0:
                raise ValueError("should be an address such as http://127.0.0.1:4318")
        return value
