"""Where a request for the authorization server came in: a product's host or mount, or a neutral one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from starlette.requests import Request

from domain.viewer import Dialect
from rest_compat.engine.dialect import Dialect as Product
from rest_compat.engine.resolution import resolve, sandbox_host


@dataclass(frozen=True, slots=True)
class Place:
    """A door of the authorization server. At a product's own (`dialect`), clients of other products are unknown.

    `sandbox` says which clients the host takes: only those of sandboxes, only others, or, when None, both (CB-45).
    """

    dialect: Dialect | None = None
    sandbox: bool | None = None


NEUTRAL = Place()


class Places:
    """Tells the place of a request by its host, then by its mount. Bare paths on a neutral host belong to no product
    here: which one is meant, the client on record decides (X-02).
    """

    def __init__(self, products: Sequence[Product]) -> None:
        self._products = [replace(product, native=_nobodys) for product in products]

    def find(self, host: str, path: str) -> tuple[Place, str]:
        """The place, and the path of the request there."""
        found = resolve(self._products, host, path)
        if found is None:
            return NEUTRAL, path
        product, rest = found
        return Place(Dialect(product.name), sandbox_host(product, host)), rest


def place_of(request: Request) -> Place:
    """Where the door of the authorization server saw a request come in; elsewhere it is neutral."""
    place = request.scope.get("state", {}).get("place", NEUTRAL)
    assert isinstance(place, Place)  # noqa: S101 - the door put it there
    return place


def _nobodys(path: str) -> bool:
    return False
