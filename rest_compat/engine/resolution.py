"""Whose request is it: Host header, then mount prefix, then the bare path on a neutral host (X-01)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar


class Reached(Protocol):
    """Whatever has hosts, a mount and native paths: a dialect, or what stands beside one at the same addresses."""

    @property
    def hosts(self) -> frozenset[str]:
        """Host names that are its own."""

    @property
    def sandbox_hosts(self) -> frozenset[str]:
        """Host names of its sandbox."""

    @property
    def mount(self) -> str:
        """The prefix that stands for its host."""

    def native(self, path: str, /) -> bool:
        """Whether a bare path on a neutral host belongs here."""


R = TypeVar("R", bound=Reached)


def host_of(header: str) -> str:
    """A Host header without port, trailing dot and capitals."""
    name = header.strip().lower()
    name = name.partition("]")[0] + "]" if name.startswith("[") else name.partition(":")[0]
    return name.removesuffix(".")


def resolve(dialects: Sequence[R], host: str, path: str) -> tuple[R, str] | None:
    """The dialect of a request and the rest of its path as on that product's own host; None when it is nobody's.

    The order of `dialects` decides between native paths that overlap.
    """
    name = host_of(host)
    for dialect in dialects:
        if name in dialect.hosts or name in dialect.sandbox_hosts:
            return dialect, path
    for dialect in dialects:
        if path == dialect.mount or path.startswith(f"{dialect.mount}/"):
            return dialect, path[len(dialect.mount) :] or "/"
    for dialect in dialects:
        if dialect.native(path):
            return dialect, path
    return None


def sandbox_host(dialect: Reached, host: str) -> bool | None:
    """Whether a host takes only sandbox credentials, only others, or (a neutral one, or a mount) both: None."""
    name = host_of(host)
    if name in dialect.sandbox_hosts:
        return True
    return False if name in dialect.hosts and dialect.sandbox_hosts else None
