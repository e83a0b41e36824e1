"""What a read yields: immutable rows of the columns that were asked for, with their relations beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from typing import Any

from domain.entity import Entity
from resolvers import cursors
from resolvers.reads import Order


class Row:
    """Values of one row. `tag` is its entity, or None for an answer that is no stored row.

    `related` holds what the relations asked for lead to, by the identity of the field node that asked.
    """

    __slots__ = ("related", "tag", "values")

    def __init__(self, tag: type[Entity] | None, values: dict[str, Any]) -> None:
        self.tag = tag
        self.values = values
        self.related: dict[int, Any] = {}


def as_row(value: Any) -> Any:
    """An answer of a use case or report as rows; lists item by item, anything else as it is."""
    if isinstance(value, Row) or value is None:
        return value
    if isinstance(value, dict):
        return Row(None, value)
    if isinstance(value, list | tuple):
        return [as_row(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return Row(None, {each.name: getattr(value, each.name) for each in fields(value)})
    return value


class Edge:
    """A row and its place in the page's order."""

    __slots__ = ("_page", "node")

    def __init__(self, page: Page, node: Row) -> None:
        self._page = page
        self.node = node

    @property
    def cursor(self) -> str:
        """The place; the column rows are sorted by is read for this alone."""
        return self._page.cursor(self.node)


class PageInfo:
    """Where a page lies in its list."""

    __slots__ = ("_page", "has_next_page", "has_previous_page")

    def __init__(self, page: Page) -> None:
        self._page = page
        self.has_next_page = page.has_next
        self.has_previous_page = page.has_previous

    @property
    def start_cursor(self) -> str | None:
        """The place of the first row."""
        return self._page.cursor(self._page.nodes[0]) if self._page.nodes else None

    @property
    def end_cursor(self) -> str | None:
        """The place of the last row."""
        return self._page.cursor(self._page.nodes[-1]) if self._page.nodes else None


class Page:
    """A piece of an ordered list; cursors are made only when they are asked for."""

    __slots__ = ("has_next", "has_previous", "nodes", "order", "total_count")

    def __init__(
        self, nodes: Sequence[Row], order: Order, has_next: bool, has_previous: bool, total_count: int | None
    ) -> None:
        self.nodes = nodes
        self.order = order
        self.has_next = has_next
        self.has_previous = has_previous
        self.total_count = total_count

    @property
    def edges(self) -> list[Edge]:
        """The rows, which know their cursors."""
        return [Edge(self, node) for node in self.nodes]

    @property
    def page_info(self) -> PageInfo:
        """Where the page lies in its list."""
        return PageInfo(self)

    def cursor(self, node: Row) -> str:
        """The place of one row."""
        value = node.values[self.order.column.key]
        if self.order.unique:
            return cursors.place(value)
        return cursors.keys(self.order.name, value, node.values["id"])
