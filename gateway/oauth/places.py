"""Where a request for the authorization server came in: a product's host or mount, or a neutral one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain.viewer import Dialect
from rest_compat.engine.resolution import resolve, sandbox_host


@dataclass(frozen=True, slots=True)
class Place:
    """A door of the authorization server. At a product's own (`dialect`), clients of other products are unknown.

    `sandbox` says which clients the host takes: only those of sandboxes, only others, or, when None, both (CB-45).
    `mount` is the prefix that links to this place need.
    """

    dialect: Dialect | None = None
    sandbox: bool | None = None
    mount: str = ""


@dataclass(frozen=True, slots=True)
class Product:
    """How a product is reached, as far as the authorization server has to know."""

    dialect: Dialect
    mount: str
    hosts: frozenset[str]
    sandbox_hosts: frozenset[str] = frozenset()

    def native(self, path: str) -> bool:
        """Bare paths on a neutral host belong to no product here: the client on record decides (X-02)."""
        return False


def place_of(products: Sequence[Product], host: str, path: str) -> tuple[Place, str]:
    """Where a request came in, and its path there."""
    found = resolve(products, host, path)
    if found is None:
        return Place(), path
    product, rest = found
    mounted = rest != path
    return Place(product.dialect, sandbox_host(product, host), product.mount if mounted else ""), rest
