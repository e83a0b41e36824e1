"""A product's REST interface as one object."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rest_compat.engine.faults import ErrorTable
from rest_compat.engine.rate_headers import RateHeaders
from rest_compat.engine.routes import Removed, Route
from rest_compat.engine.served import Served
from rest_compat.engine.spelling import Spelling
from rest_compat.engine.telling import Telling


def nothing(_: object) -> bool:
    """What a dialect says of paths and bodies when it shares none with another."""
    return False


@dataclass(frozen=True, eq=False)
class Dialect:
    """Everything that makes a dialect, as data; each is itself alone, so that what is made from it can be remembered.

    `hosts` and `mount` and `native` (does a bare path on a neutral host belong here?) decide who answers. Of another's
    native paths `contests` names those that are its own too: there the credential decides, and without one `knows`,
    whether a body speaks this dialect. Of the `sandbox_hosts` only test data is to be had. `bases` are the prefixes of
    all routes. `folder` holds the `.graphql` documents and `examples/`. `rate_headers` tell of the limits.
    `json_anyway` names the methods on which a body beginning with `{` is JSON whatever its label. `security` are
    OpenAPI security schemes, each of which suffices unless `together` lists the combinations that do; `{site}` in an
    address is where the dialect is mounted. `advice` is, by error code, what a caller can do about it.
    `telling` is how events are written for its receivers. `served` are the calls that the process answers itself,
    `beside` those that it answers before a dialect is asked: they only stand in the documents.
    """

    name: str
    title: str
    version: str
    hosts: frozenset[str]
    mount: str
    bases: tuple[str, ...]
    native: Callable[[str], bool]
    folder: Path
    routes: Sequence[Route]
    errors: ErrorTable
    removed: Sequence[Removed] = ()
    spelling: Spelling = field(default_factory=Spelling)
    rate_headers: RateHeaders = field(default_factory=RateHeaders)
    json_anyway: frozenset[str] = frozenset()
    security: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    together: Sequence[Sequence[str]] = ()
    sandbox_hosts: frozenset[str] = frozenset()
    credential_header: tuple[str, str] = ("Authorization", "Bearer YOUR_TOKEN")
    description: str = ""
    advice: Mapping[str, str] = field(default_factory=dict)
    telling: Telling | None = None
    served: Sequence[Served] = ()
    beside: Sequence[Served] = ()
    contests: Callable[[str], bool] = nothing
    knows: Callable[[Mapping[str, object]], bool] = nothing

    @property
    def described(self) -> Sequence[Served]:
        """All calls in its documents that no operation of the graph answers."""
        return (*self.served, *self.beside)

    def site(self, public_url: str) -> str:
        """Where the dialect's own pages are, whichever host a client came by."""
        return f"{public_url}{self.mount}"
