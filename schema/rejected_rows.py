"""Rows of files and lists that could not be taken in."""

import strawberry


@strawberry.type(description="A row that was left out, and why.")
class RejectedRow:
    """A row that was left out, and why."""

    line: int = strawberry.field(description="Its line in the file, or its place in the list from 1.")
    column: str | None
    reason: str
