"""The shape of an operation before it is validated: what execution would visit, fragments expanded, within limits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

from gateway.graphql.errors import Code, over_limit
from gateway.graphql.limits import GraphQLLimits

_INTROSPECTION = ("__schema", "__type")


@dataclass(slots=True)
class Outline:
    """One response key and what is selected below it; several writings of a field are one outline."""

    name: str
    key: str
    condition: str | None  # the type condition the field stands under, if any
    node: FieldNode
    children: list[Outline] = field(default_factory=list)


@dataclass(slots=True)
class _Occurrences:
    nodes: list[FieldNode] = field(default_factory=list)
    fragments: frozenset[str] = frozenset()  # the fragments around the field, from the root on


Grouped = dict[tuple[str, str | None], _Occurrences]


def outline(
    operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode], limits: GraphQLLimits
) -> list[Outline]:
    """The root fields of an operation with everything below them.

    Fragments that spread each other many times, or in a circle, end at a limit: each step taken is counted.

    Raises:
        Refused: with the code of the limit that is exceeded.
    """
    walk = _Walk(fragments, limits)
    walk.count_directives(operation.directives)
    for variable in operation.variable_definitions or ():
        walk.count_directives(variable.directives)
    roots = walk.level([(operation.selection_set, frozenset())])
    if len(roots) > limits.root_fields:
        raise over_limit(
            Code.ROOT_FIELD_LIMIT_EXCEEDED,
            f"The operation has {len(roots)} root fields; at most {limits.root_fields} are allowed.",
            maximum=limits.root_fields,
        )
    return [walk.outlined(key, condition, found, depth=1) for (key, condition), found in roots.items()]


class _Walk:
    def __init__(self, fragments: Mapping[str, FragmentDefinitionNode], limits: GraphQLLimits) -> None:
        self._fragments = fragments
        self._limits = limits
        self._steps = 0
        self._aliases = 0
        self._directives = 0

    def level(self, sets: Iterable[tuple[SelectionSetNode, frozenset[str]]]) -> Grouped:
        """The fields of one level of the response, grouped by response key and type condition."""
        grouped: Grouped = {}
        visited: set[tuple[str, str | None]] = set()
        for selections, around in sets:
            self._collect(selections, None, around, grouped, visited)
        return grouped

    def outlined(self, key: str, condition: str | None, found: _Occurrences, depth: int) -> Outline:
        """The outline of one group of fields with all levels below."""
        first = found.nodes[0]
        introspected = first.name.value in _INTROSPECTION
        self._check_depth(depth, introspected)
        made = Outline(first.name.value, key, condition, first)
        sets = [(node.selection_set, found.fragments) for node in found.nodes if node.selection_set]
        if introspected:
            # The introspection tree has a depth of its own, counted from its root.
            self._introspect(sets, 1)
            return made
        below = self.level(sets)
        made.children = [self.outlined(name, on, group, depth + 1) for (name, on), group in below.items()]
        return made

    def _introspect(self, sets: list[tuple[SelectionSetNode, frozenset[str]]], depth: int) -> None:
        self._check_depth(depth, introspected=True)
        for group in self.level(sets).values():
            self._introspect([(n.selection_set, group.fragments) for n in group.nodes if n.selection_set], depth + 1)

    def _check_depth(self, depth: int, introspected: bool) -> None:
        maximum = self._limits.introspection_depth if introspected else self._limits.depth
        if depth > maximum:
            what = "The introspection" if introspected else "The operation"
            raise over_limit(
                Code.DEPTH_LIMIT_EXCEEDED, f"{what} is nested more than {maximum} fields deep.", maximum=maximum
            )

    def _collect(
        self,
        selections: SelectionSetNode,
        condition: str | None,
        around: frozenset[str],
        grouped: Grouped,
        visited: set[tuple[str, str | None]],
    ) -> None:
        for selection in selections.selections:
            self._step()
            self.count_directives(selection.directives)
            if isinstance(selection, FieldNode):
                self._add(selection, condition, around, grouped)
            elif isinstance(selection, FragmentSpreadNode):
                name = selection.name.value
                fragment = self._fragments.get(name)
                # A fragment is executed once per level; one inside itself is for validation to report.
                if fragment is None or name in around or (name, condition) in visited:
                    continue
                visited.add((name, condition))
                on = fragment.type_condition.name.value
                self._collect(fragment.selection_set, on, around | {name}, grouped, visited)
            elif isinstance(selection, InlineFragmentNode):
                typed = selection.type_condition
                on_type = typed.name.value if typed else condition
                self._collect(selection.selection_set, on_type, around, grouped, visited)

    def _add(self, node: FieldNode, condition: str | None, around: frozenset[str], grouped: Grouped) -> None:
        key = node.alias.value if node.alias else node.name.value
        if node.alias and node.alias.value != node.name.value:
            self._aliases += 1
            self._within(self._aliases, self._limits.aliases, Code.ALIAS_LIMIT_EXCEEDED, "aliases")
        found = grouped.setdefault((key, condition), _Occurrences())
        found.nodes.append(node)
        found.fragments |= around
        if len(found.nodes) > self._limits.repeated_fields:
            raise over_limit(
                Code.FIELD_LIMIT_EXCEEDED,
                f"The field {key!r} is selected more than {self._limits.repeated_fields} times in one place.",
                maximum=self._limits.repeated_fields,
            )

    def count_directives(self, directives: Iterable[object] | None) -> None:
        """Add the directives of one place to those of the operation."""
        self._directives += sum(1 for _ in directives or ())
        self._within(self._directives, self._limits.directives, Code.DIRECTIVE_LIMIT_EXCEEDED, "directives")

    def _step(self) -> None:
        self._steps += 1
        self._within(self._steps, self._limits.fields, Code.FIELD_LIMIT_EXCEEDED, "fields, fragments expanded,")

    @staticmethod
    def _within(count: int, maximum: int, code: Code, what: str) -> None:
        if count > maximum:
            raise over_limit(code, f"The operation has more than {maximum} {what} in it.", maximum=maximum)
