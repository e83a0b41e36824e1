"""Commands whose module is imported when they are called."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from typer.core import TyperCommand
from typer.main import get_command


@contextmanager
def uncollected() -> Iterator[None]:
    """Do not look for garbage meanwhile: what is imported stays, so looking through it again and again finds nothing.

    What is there at the end is never looked through again.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


class LazyCommand(TyperCommand):
    """Stands in lists and help for the command that `app` in a module is."""

    def __init__(self, name: str, module: str, help: str) -> None:
        super().__init__(name, help=help)
        self._module = module

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """The context of the real command, which runs and explains itself from here on."""
        with uncollected():
            module = import_module(self._module)
        command = get_command(module.app)
        return command.make_context(info_name, args, parent, **extra)
