"""The shape of an operation before it is validated: what execution would visit, fragments expanded, within limits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from graphql import (
    DocumentNode,
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

    def below(self) -> _Sets:
        """The selections below the field, each with the fragments around it."""
        return [(node.selection_set, self.fragments) for node in self.nodes if node.selection_set]


_Sets = list[tuple[SelectionSetNode, frozenset[str]]]
_Grouped = dict[tuple[str, str | None], _Occurrences]  # by response key and type condition


def outlines(document: DocumentNode, limits: GraphQLLimits) -> dict[int, list[Outline]]:
    """The root fields, with everything below them, of each operation, by its place among the definitions.

    Fragments that spread each other many times, or in a circle, end at a limit: each step taken is counted. Fragments
    that no operation spreads are measured too, since validation will look at them.

    Raises:
        Refused: with the code of the limit that is exceeded.
    """
    fragments = {
        definition.name.value: definition
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }
    operations = {
        index: definition
        for index, definition in enumerate(document.definitions)
        if isinstance(definition, OperationDefinitionNode)
    }
    if len(operations) > limits.operations:
        raise over_limit(
            Code.DOCUMENT_LIMIT_EXCEEDED,
            f"The document has {len(operations)} operations; at most {limits.operations} are allowed.",
            maximum=limits.operations,
        )
    reached: set[str] = set()
    measured = {index: _operation(found, fragments, limits, reached) for index, found in operations.items()}
    for name, fragment in fragments.items():
        if name not in reached:
            walk = _Walk(fragments, limits, reached)
            walk.count_directives(fragment.directives)
            walk.fields([(fragment.selection_set, frozenset({name}))], depth=1)
    return measured


def _operation(
    operation: OperationDefinitionNode,
    fragments: Mapping[str, FragmentDefinitionNode],
    limits: GraphQLLimits,
    reached: set[str],
) -> list[Outline]:
    walk = _Walk(fragments, limits, reached)
    walk.count_directives(operation.directives)
    for variable in operation.variable_definitions or ():
        walk.count_directives(variable.directives)
    roots = walk.fields([(operation.selection_set, frozenset())], depth=1)
    if len(roots) > limits.root_fields:
        raise over_limit(
            Code.ROOT_FIELD_LIMIT_EXCEEDED,
            f"The operation has {len(roots)} root fields; at most {limits.root_fields} are allowed.",
            maximum=limits.root_fields,
        )
    return roots


class _Walk:
    def __init__(
        self, fragments: Mapping[str, FragmentDefinitionNode], limits: GraphQLLimits, reached: set[str]
    ) -> None:
        self._fragments = fragments
        self._limits = limits
        self._reached = reached
        self._steps = 0
        self._aliases = 0
        self._directives = 0

    def fields(self, sets: _Sets, depth: int) -> list[Outline]:
        """The outlines of one level of the response, each with all levels below."""
        return [self._outlined(key, condition, found, depth) for (key, condition), found in self._level(sets).items()]

    def _level(self, sets: _Sets) -> _Grouped:
        grouped: _Grouped = {}
        visited: set[tuple[str, str | None]] = set()
        for selections, around in sets:
            self._collect(selections, None, around, grouped, visited)
        self._refuse_repetition(grouped)
        return grouped

    def _outlined(self, key: str, condition: str | None, found: _Occurrences, depth: int) -> Outline:
        first = found.nodes[0]
        introspected = first.name.value in _INTROSPECTION
        self._check_depth(depth, introspected)
        made = Outline(first.name.value, key, condition, first)
        if introspected:
            # The introspection tree has a depth of its own, counted from its root.
            self._introspect(found.below(), 1)
        else:
            made.children = self.fields(found.below(), depth + 1)
        return made

    def _introspect(self, sets: _Sets, depth: int) -> None:
        self._check_depth(depth, introspected=True)
        for found in self._level(sets).values():
            self._introspect(found.below(), depth + 1)

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
        grouped: _Grouped,
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
                self._reached.add(name)
                on = fragment.type_condition.name.value
                self._collect(fragment.selection_set, on, around | {name}, grouped, visited)
            elif isinstance(selection, InlineFragmentNode):
                typed = selection.type_condition
                on_type = typed.name.value if typed else condition
                self._collect(selection.selection_set, on_type, around, grouped, visited)

    def _add(self, node: FieldNode, condition: str | None, around: frozenset[str], grouped: _Grouped) -> None:
        key = node.alias.value if node.alias else node.name.value
        if node.alias and node.alias.value != node.name.value:
            self._aliases += 1
            self._within(self._aliases, self._limits.aliases, Code.ALIAS_LIMIT_EXCEEDED, "aliases")
        found = grouped.setdefault((key, condition), _Occurrences())
        found.nodes.append(node)
        found.fragments |= around

    def _refuse_repetition(self, grouped: _Grouped) -> None:
        # Validation compares all fields of one response key in pairs, whatever their type conditions are.
        maximum = self._limits.repeated_fields
        times: Counter[str] = Counter()
        for (key, _), found in grouped.items():
            times[key] += len(found.nodes)
            if times[key] > maximum:
                message = f"The field {key[:80]!r} is selected more than {maximum} times in one place."
                raise over_limit(Code.FIELD_LIMIT_EXCEEDED, message, maximum=maximum)

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
