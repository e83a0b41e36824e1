"""An invented REST dialect in snake_case with a success/data envelope, to show that the translator knows no product."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from domain.errors import Code, Kind
from domain.limits import LimitGroup
from rest_compat.engine.answers import Answer, closed_object, keyed, page, take
from rest_compat.engine.arguments import Given, Paging, bodies, body, either, file, file_name, path, query
from rest_compat.engine.dialect import Dialect
from rest_compat.engine.faults import ErrorFacts, ErrorRow, ErrorTable, Refusal
from rest_compat.engine.routes import Removed, Route
from rest_compat.engine.shapes import Record
from rest_compat.engine.spelling import JsonSchema, Spelling

PAGING = Paging(number="page_number", size="per_page")


class Success:
    """`{"success": true, "data": …}` around another answer."""

    def __init__(self, inner: Answer) -> None:
        self.inner = inner

    def write(self, data: Mapping[str, Any], given: Given) -> object:
        return {"success": True, "data": self.inner.write(data, given)}

    def schema(self, result: Record) -> JsonSchema:
        return closed_object({"success": {"const": True}, "data": self.inner.schema(result)})


def envelope(facts: ErrorFacts) -> object:
    data = {name: str(value) for name, value in facts.data.items()}
    return {
        "success": False,
        "error": {"code": facts.code, "message": facts.message, "fields": dict(facts.fields), "data": data},
        "request_id": facts.request_id,
        "timestamp": f"{facts.at:%Y-%m-%dT%H:%M:%SZ}",
    }


def schema(_: int) -> JsonSchema:
    return {"type": "object"}


def upper(reason: Kind | Refusal, status: int) -> ErrorRow:
    return ErrorRow(status, reason.value, "{message}")


ERRORS = ErrorTable(
    {
        Kind.INVALID: ErrorRow(400, "INVALID_FIELD", "Some fields are wrong"),
        Kind.NOT_FOUND: ErrorRow(404, "NO_SUCH_BOOK", "No such book"),
        Kind.FORBIDDEN: upper(Kind.FORBIDDEN, 403),
        Kind.UNAUTHENTICATED: upper(Kind.UNAUTHENTICATED, 401),
        Kind.CONFLICT: upper(Kind.CONFLICT, 409),
        Kind.RATE_LIMITED: ErrorRow(429, "SLOW_DOWN", "Wait {retry_after} s"),
        Kind.QUOTA_EXCEEDED: upper(Kind.QUOTA_EXCEEDED, 429),
        Kind.UNAVAILABLE: upper(Kind.UNAVAILABLE, 503),
        Kind.TIMEOUT: upper(Kind.TIMEOUT, 504),
        Refusal.UNREADABLE: upper(Refusal.UNREADABLE, 400),
        Refusal.UNKNOWN_PATH: upper(Refusal.UNKNOWN_PATH, 404),
        Refusal.METHOD: upper(Refusal.METHOD, 405),
        Refusal.TOO_SLOW: upper(Refusal.TOO_SLOW, 408),
        Refusal.TOO_LARGE: upper(Refusal.TOO_LARGE, 413),
        Refusal.MEDIA_TYPE: upper(Refusal.MEDIA_TYPE, 415),
        Refusal.INTERNAL: ErrorRow(500, "BROKEN", "Something broke"),
    },
    envelope,
    schema,
    {Code.REQUIRED: ErrorRow(400, "MISSING_FIELD", "A field is missing")},
)

READ = Route("GET", "/books/{book_id}", "ReadBook", Success(take("book")), (path("book_id", "id"),))
FIND = Route(
    "GET",
    "/books",
    "FindBooks",
    Success(
        page(
            "books",
            PAGING,
            container="books",
            beside="paging",
            facts=(("page_number", "number"), ("of", "pages"), ("total", "total"), ("more", "has_next")),
        )
    ),
    (
        *PAGING.arguments(default=10, cut=20, to=("first", "skip")),
        query("kind", "genre"),
        query("min_weight", "minimum", minimum=0),
        query("is_lent", "lent"),
        query("tags", "tags"),
    ),
    sample="/books?kind=crime&tags=old,rare",
)
ADD = Route(
    "POST",
    "/books",
    "AddBook",
    Success(take("addBook.book")),
    (
        body("full_title", "input.title"),
        body("kind", "input.genre", default="sci-fi"),
        body("kinds", "input.shelves"),
        body("owner.member_id", "input.ownerId", numeric=True),
        body("writers[].full_name", "input.authors[].name"),
        body("writers[].year", "input.authors[].born"),
        body("house.title", "input.publisher.name"),
        body("house.town", "input.publisher.city"),
        body("printed_at", "input.printedAt"),
        *bodies("input", "extra"),
    ),
    status=201,
    example="add_book",
)
BURN = Route("DELETE", "/books/{book_id}", "BurnBook", Success(take("burnBook")), (path("book_id", "id"),))
SCAN = Route(
    "POST",
    "/scans",
    "Scan",
    Success(take("scan")),
    (
        file("paper", "input.file"),
        file_name("paper", "input.title"),
        body("sheets", "input.pages"),
        body("tags", "input.tags"),
        body("about.source", "input.details.source"),
        body("about.year", "input.details.year"),
        *bodies("input", "extra"),
    ),
)
STOCK = Route(
    "GET",
    "/stock",
    "Stock",
    Success(keyed("stock", by="kind")),
    (
        either("kind", "genre"),
        either("date_range.start", "printed.start", aliases=("dateRange.start",)),
        either("date_range.end", "printed.end", aliases=("dateRange.end",)),
        either("tags", "tags"),
        either("least", "least"),
    ),
)
SHELVE = Route(
    "POST",
    "/books/batch",
    "ShelveBooks",
    Success(take("shelveBooks")),
    (
        body("books[].full_title", "books[].title", aliases=("books[].fullTitle",)),
        body("books[].number", "books[].number", numeric=True),
    ),
    limits=(LimitGroup.DOCUMENT_PROCESSING,),
    items="books",
    example="shelve_books",
)

LIBRARY = Dialect(
    name="library",
    title="Library",
    version="9",
    hosts=frozenset({"api.library.example"}),
    mount="/library",
    bases=("/api/v9", "/v9"),
    native=lambda path: path.startswith("/api/v9/"),
    folder=Path(__file__).parent,
    routes=(READ, FIND, ADD, BURN, SCAN, STOCK, SHELVE),
    removed=(Removed("POST", "/books/many"),),
    errors=ERRORS,
    spelling=Spelling(
        words={"Genre": {"CRIME": "crime", "SCIENCE_FICTION": "sci-fi"}},
        closed=frozenset({"Genre"}),
        decimals=4,
    ),
)
