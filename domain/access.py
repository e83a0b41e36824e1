"""The log of changes to access: what every process has to hear of within a second."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from domain.entity import Entity


class AccessChange(Entity):
    """Something about who may do what has changed: the client, user, credential, grant or organization named, or
    the trusted documents (`domain.documents.CHANGED`).

    Written in the transaction of the change itself. Processes that remember resolved credentials, or hold streams
    open for them, look here for what they have to forget and close (decision 0012).
    """

    __tablename__ = "access_change"
    __table_args__ = (Index("ix_access_change_recent", "changed_at"),)
    prefix, label = "change", "AccessChange"

    id: Mapped[str] = mapped_column(primary_key=True)
    subject_id: Mapped[str]
    changed_at: Mapped[datetime]
