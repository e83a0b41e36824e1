"""Inputs as plain dataclasses: what a client sent becomes the draft or filter a use case or read takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from typing import Any, TypeVar, dataclass_transform

import strawberry
from strawberry import UNSET
from strawberry.scalars import is_scalar
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.base import StrawberryList, StrawberryMaybe, StrawberryOptional
from strawberry.types.enum import StrawberryEnumDefinition, has_enum_definition
from strawberry.types.field import StrawberryField
from strawberry.types.lazy_type import LazyType

from domain.texts import text

LONGEST = 1_000
"""Most characters of a text that a list is asked by."""

C = TypeVar("C", bound=type)
_MIRRORED = "mirrored"


@dataclass_transform(kw_only_default=True)
def mirrors(plain: type[Any], description: str | None = None) -> Callable[[C], C]:
    """Declare an input type whose fields are those of a plain dataclass, and which becomes one."""

    def declare(cls: C) -> C:
        made = strawberry.input(cls, description=description or (plain.__doc__ or "").strip().splitlines()[0])
        unknown = {each.name for each in fields(made)} - {each.name for each in fields(plain)}
        if unknown:
            raise TypeError(f"{cls.__name__} has fields that {plain.__name__} lacks: {sorted(unknown)}")
        setattr(made, _MIRRORED, plain)
        return made

    return declare


def refuse_unstorable(values: Mapping[str, Any]) -> None:
    """Let arguments of a read pass whose texts a database can compare.

    Raises:
        DomainError: INVALID naming the argument, such as where.search.
    """
    waiting = list(values.items())
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, str):
            text(path, value, LONGEST)
        elif isinstance(value, Mapping):
            waiting.extend((f"{path}.{name}", item) for name, item in value.items())
        elif isinstance(value, list):
            waiting.extend((path, item) for item in value)


Take = Callable[[Any], Any]
"""From a coerced value to what resolvers take."""


class Taking:
    """How arguments become what resolvers take, worked out once for each field.

    Strawberry's own conversion looks up every name and type again for every value, and makes an input that is copied
    into its dataclass only.
    """

    def __init__(self, source: strawberry.Schema) -> None:
        """For the fields of one schema."""
        self._config = source.config
        self._scalars = source.schema_converter.scalar_registry
        self._inputs: dict[type, Take] = {}
        self._fields: dict[int, list[tuple[str, str, Take]]] = {}

    def taken(self, declared: StrawberryField, values: Mapping[str, Any]) -> dict[str, Any]:
        """Coerced arguments of a field by the names of parameters; what is null or was not sent is left out."""
        # Fields live as long as their schema.
        known = self._fields.get(id(declared))
        if known is None:
            known = self._fields[id(declared)] = [self._argument(each) for each in declared.arguments]
        found = {}
        for name, target, take in known:
            value = values.get(name)
            if value is not None:
                found[target] = take(value)
        return found

    def _argument(self, argument: StrawberryArgument) -> tuple[str, str, Take]:
        return self._config.name_converter.from_argument(argument), argument.python_name, self._of(argument.type)

    def _of(self, type_: Any) -> Take:
        if isinstance(type_, StrawberryMaybe):
            raise TypeError(f"{type_} is none of the kinds of inputs that are declared here.")
        if isinstance(type_, StrawberryOptional):
            return self._of(type_.of_type)
        if isinstance(type_, StrawberryList):
            inner = self._of(type_.of_type)
            if inner is _as_it_is:
                # A default would be the same list in every request.
                return list
            return lambda value: [None if item is None else inner(item) for item in value]
        if isinstance(type_, LazyType):
            return self._of(type_.resolve_type())
        if is_scalar(type_, self._scalars) or isinstance(type_, StrawberryEnumDefinition) or has_enum_definition(type_):
            return _as_it_is
        if type_ not in self._inputs:
            # Inputs may hold themselves: the way back is found by type.
            self._inputs[type_] = lambda value: self._inputs[type_](value)  # noqa: PLW0108 - it will be another
            self._inputs[type_] = self._object(type_)
        return self._inputs[type_]

    def _object(self, type_: Any) -> Take:
        definition, mirrored = type_.__strawberry_definition__, getattr(type_, _MIRRORED)
        fields_ = [
            (self._config.name_converter.from_field(each), each.python_name, _unsent(each))
            for each in definition.fields
        ]
        takes = [self._of(each.resolve_type(type_definition=definition)) for each in definition.fields]
        known = [(*each, take) for each, take in zip(fields_, takes, strict=True)]

        def of(value: Mapping[str, Any]) -> Any:
            sent = {}
            for name, target, unsent, take in known:
                item = value.get(name, _NOT_SENT)
                if item is _NOT_SENT:
                    if unsent is not None:
                        sent[target] = unsent()
                else:
                    sent[target] = None if item is None else take(item)
            return mirrored(**sent)

        return of


_NOT_SENT = object()


def _as_it_is(value: Any) -> Any:
    return value


def _unsent(field: StrawberryField) -> Callable[[], Any] | None:
    """What makes up for a field that was not sent, if anything does."""
    if field.default_factory is not MISSING:
        return field.default_factory
    default = None if field.default_value is MISSING else field.default_value
    return None if default is UNSET else lambda: default
