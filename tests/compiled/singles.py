"""An operation for every single field of what can be listed: what goes wrong with one field is met, drawn or not."""

from __future__ import annotations

from typing import Any

from graphql import get_named_type, is_leaf_type, is_required_argument

from schema.graph import graphql_schema


def singles() -> dict[str, list[str]]:
    """By listing, an operation for every single field of its rows, with all values below it."""
    query: Any = graphql_schema.query_type
    found: dict[str, list[str]] = {}
    for root, field in query.fields.items():
        if "after" in field.args:
            node: Any = get_named_type(get_named_type(field.type).fields["nodes"].type)
            found[root] = [
                f"{{ {root}(first: 100) {{ nodes {{ {name}{_below(each, 2)} }} }} }}"
                for name, each in node.fields.items()
                if not any(map(is_required_argument, each.args.values()))
            ]
    return found


def _below(field: Any, depth: int) -> str:
    type_ = get_named_type(field.type)
    if is_leaf_type(type_):
        return ""
    parts = [
        f"{name}{_below(each, depth - 1)}"
        for name, each in type_.fields.items()
        if not any(map(is_required_argument, each.args.values()))
        and (is_leaf_type(get_named_type(each.type)) or (depth > 0 and name in ("nodes", "total")))
    ]
    return f" {{ {' '.join(parts) or '__typename'} }}"
