"""The settings as one page of documentation, written from the code (`make docs`)."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from gateway.settings import Settings, section_of, variable

_HEAD = """# Settings

Every setting is an environment variable; a file `.env` in the working directory may hold them too, and the environment
wins over it. An empty value counts as not set. `trigraph doctor` says what is wrong, and which names nothing reads.
This page is written from the code by `make docs`.
"""


def page() -> str:
    """The whole page."""
    rows = [_row(variable(name), info) for name, info in Settings.model_fields.items() if section_of(name) is None]
    parts = [_HEAD, _table("The process", rows)]
    for name, info in Settings.model_fields.items():
        section = section_of(name)
        if section is not None:
            defaults = info.get_default(call_default_factory=True)
            rows = [
                _row(variable(name, field), each, getattr(defaults, field))
                for field, each in section.model_fields.items()
            ]
            parts.append(_table(info.description or name, rows))
    return "\n".join(parts)


def _table(title: str, rows: list[str]) -> str:
    return "\n".join((f"## {title}\n", "| Variable | Default | Meaning |", "| --- | --- | --- |", *rows, ""))


def _row(name: str, info: FieldInfo, default: object = None) -> str:
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    written = extra.get("default")
    if not isinstance(written, str):
        written = _written(default if default is not None or info.default is None else info.default)
    return f"| `{name}` | {written} | {info.description} |"


def _written(value: object) -> str:
    """A default as a person would set it."""
    if value is None or value == () or isinstance(value, SecretStr):
        return "not set"
    if isinstance(value, bool):
        return "`true`" if value else "`false`"
    if isinstance(value, tuple):
        return f"`{','.join(map(str, value))}`"
    return f"`{value.value if isinstance(value, StrEnum) else value}`"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
