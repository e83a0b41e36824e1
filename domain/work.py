"""Periodic work: what has to be done again and again, and when next."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from domain.entity import Entity


class PeriodicTask(Entity):
    """A task of the process that comes again. `taken` counts how often it was taken up."""

    __tablename__ = "periodic_task"
    label = "Periodic task"

    name: Mapped[str] = mapped_column(primary_key=True)
    due_at: Mapped[datetime]
    taken: Mapped[int] = mapped_column(default=0)
    finished_at: Mapped[datetime | None]
    failure: Mapped[str | None]
