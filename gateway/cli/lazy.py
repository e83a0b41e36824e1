"""Commands whose module is imported when they are called."""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand
from typer.main import get_command

from gateway.loading import load


class LazyCommand(TyperCommand):
    """Stands in lists and help for the command that `app` in a module is."""

    def __init__(self, name: str, module: str, help: str) -> None:
        super().__init__(name, help=help)
        self._module = module

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """The context of the real command, which runs and explains itself from here on."""
        command = get_command(load(self._module).app)
        return command.make_context(info_name, args, parent, **extra)
