"""The monthly quota of generated tokens (CC-15)."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from domain.entity import Entity


class TokenUsage(Entity):
    """How many tokens a client has generated in one month of the clock."""

    __tablename__ = "token_usage"
    prefix, label = "usage", "TokenUsage"

    client_id: Mapped[str] = mapped_column(ForeignKey("api_client.id", ondelete="CASCADE"), primary_key=True)
    month: Mapped[str] = mapped_column(primary_key=True)
    used: Mapped[int] = mapped_column(BigInteger, default=0)


def month_of(moment: datetime) -> str:
    """The month a moment in UTC belongs to, such as `2024-01`."""
    return f"{moment.year:04}-{moment.month:02}"
