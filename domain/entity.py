"""What every stored thing shares: mapping, identifiers, the organization it is confined to."""

import enum
from datetime import UTC, datetime
from functools import cache
from typing import Any, ClassVar

from sqlalchemy import DateTime, Dialect, Enum, ForeignKey, Integer, LargeBinary, String, Text, TypeDecorator
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import JSON, TypeEngine

from domain.values import iso, new_id


class Instant(TypeDecorator[datetime]):
    """A moment in UTC, whole seconds: `timestamptz` on PostgreSQL, sortable text where there is no such type."""

    impl = String(20)
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        """What a value is in Python."""
        return datetime

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The database's own type for a moment."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(DateTime(timezone=True))
        return dialect.type_descriptor(String(20))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Write the moment the database's way."""
        if value is None or dialect.name == "postgresql":
            return value
        return iso(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Read the moment back, always in UTC."""
        if value is None:
            return None
        if isinstance(value, datetime):
            return value.astimezone(UTC)
        return datetime.fromisoformat(value)


Json = dict[str, Any]
"""A JSON object."""

JSON_TYPE = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


class Entity(DeclarativeBase):
    """A mapped row. `prefix` begins its identifiers; `label` is what a person calls it."""

    prefix: ClassVar[str] = ""
    label: ClassVar[str] = ""

    type_annotation_map = {
        str: Text,
        int: Integer,
        bytes: LargeBinary,
        datetime: Instant,
        dict[str, Any]: JSON_TYPE,
        list[str]: JSON_TYPE,
        list[dict[str, Any]]: JSON_TYPE,
        enum.Enum: Enum(enum.Enum, native_enum=False, length=32, values_callable=lambda e: [m.value for m in e]),
    }

    def __init__(self, **values: Any) -> None:
        """A new row. Nothing of it is followed before it is stored, so its values are put where they are kept."""
        if not values.keys() <= self._columns():
            unknown = [name for name in values if name not in self._columns()]
            raise TypeError(f"{type(self).__name__} has no column for {', '.join(unknown)}.")
        self.__dict__.update(values)

    @classmethod
    @cache
    def _columns(cls) -> frozenset[str]:
        return frozenset(cls.__mapper__.column_attrs.keys())

    @classmethod
    def new_id(cls) -> str:
        """A fresh identifier of this kind."""
        return new_id(cls.prefix)


class Owned:
    """A row with an identifier that belongs to exactly one organization."""

    id: Mapped[str] = mapped_column(primary_key=True)
    organization_id: Mapped[str] = mapped_column(ForeignKey("organization.id", ondelete="CASCADE"))
    created_at: Mapped[datetime]
