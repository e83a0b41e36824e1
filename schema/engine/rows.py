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

    __slots__ = ("cursor", "node")

    def __init__(self, node: Row, cursor: str) -> None:
        self.node = node
        self.cursor = cursor


class PageInfo:
    """Where a page lies in its list."""

    __slots__ = ("end_cursor", "has_next_page", "has_previous_page", "start_cursor")

    def __init__(self, page: Page) -> None:
        self.has_next_page = page.has_next
        self.has_previous_page = page.has_previous
        self.start_cursor = page.cursor(page.nodes[0]) if page.nodes else None
        self.end_cursor = page.cursor(page.nodes[-1]) if page.nodes else None


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
        """The rows with their cursors."""
        return [Edge(node, self.cursor(node)) for node in self.nodes]

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
