"""From the name of a document to its text: trusted documents, and those that clients register by their hash."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Set
from dataclasses import replace

from graphql import GraphQLError

from domain.documents import CHANGED, is_hash, sha256_of
from domain.errors import DomainError
from domain.viewer import Viewer
from gateway.graphql.errors import Code, Refused, malformed, refused_by_domain
from gateway.graphql.limits import DocumentTerms
from gateway.graphql.remembered import SharedTexts, Texts
from gateway.graphql.request import GraphQLRequest, Naming

Find = Callable[[str], Awaitable[str | None]]
"""The text of the trusted document with this identifier or hash, from where all processes keep them."""


class Persisted:
    """Looks up what requests name, and remembers it; `heard` tells it what other processes have changed."""

    def __init__(self, find: Find, terms: DocumentTerms) -> None:
        self._find = find
        self._trusted_only = terms.trusted_only
        self._automatic = terms.automatic and not terms.trusted_only
        self._trusted = Texts(terms.trusted_bytes)
        self._registered = SharedTexts(terms.automatic_kept, terms.automatic_bytes)
        self._changes = 0

    def known(self, id: str) -> str | None:
        """The text of an identifier (`domain.documents.identifier`) if it is in memory, without waiting."""
        return self._trusted.get(id) or self._registered.get(id)

    async def resolved(self, request: GraphQLRequest) -> GraphQLRequest:
        """The request with the text of its document; it names one only where the text is one to be registered.

        Raises:
            Refused: nothing is known under the name, the name belongs to another text, or the text is not trusted.
        """
        named = request.named
        if named is None and not self._trusted_only:
            return request
        try:
            if request.query:
                return await self._checked(request)
            if named is None:
                return request
            text = self.known(named.id) or await self._looked_up(named.id)
        except DomainError as error:
            raise refused_by_domain(error) from error
        if text is None:
            raise self._unknown(named)
        return replace(request, query=text, named=None)

    def resolved_at_once(self, request: GraphQLRequest) -> GraphQLRequest | None:
        """The same without waiting; None for what has to be looked up or looked at."""
        named = request.named
        if named is None:
            return None if self._trusted_only else request
        text = None if request.query else self.known(named.id)
        return replace(request, query=text, named=None) if text else None

    def keep(self, request: GraphQLRequest, viewer: Viewer | None) -> None:
        """Remember the text of a resolved request that came with its hash; its document has been found valid."""
        if request.named is not None and self._automatic:
            holder = viewer.organization_id if viewer else ""
            self._registered.put(request.named.id, request.query, holder)

    def heard(self, changed: Set[str] | None) -> None:
        """Trusted documents may have changed: forget them, and what is being looked up meanwhile too."""
        if changed is None or CHANGED in changed:
            self._changes += 1
            self._trusted.clear()

    async def _checked(self, request: GraphQLRequest) -> GraphQLRequest:
        """A request with a text, which is the one it names, and a trusted one where no other is run."""
        named, own = request.named, sha256_of(request.query)
        if named is not None and named.id != own:
            if is_hash(named.id) or await self._trusted_text(named.id) != request.query:
                raise _mismatch(named)
            # Who may say what such a name stands for has said so.
            return replace(request, named=None)
        if self._trusted_only and await self._trusted_text(own) is None:
            raise _untrusted("this one is not among them")
        return request

    async def _trusted_text(self, id: str) -> str | None:
        return self._trusted.get(id) or await self._looked_up(id)

    async def _looked_up(self, id: str) -> str | None:
        before = self._changes
        text = await self._find(id)
        # What was dropped while it was looked up must not stay in memory.
        if text is not None and before == self._changes:
            self._trusted.put(id, text)
        return text

    def _unknown(self, named: Naming) -> Refused:
        if self._trusted_only:
            return _untrusted(f"none called {named.id!r} is among them")
        if not named.automatic:
            message = f"There is no document {named.id!r}; send its text, or register it with the server."
            return Refused([GraphQLError(message)], Code.PERSISTED_QUERY_NOT_FOUND, status=404)
        # Clients know these two answers by their words too, and some of them read nothing but 200.
        if self._automatic:
            return Refused([GraphQLError("PersistedQueryNotFound")], Code.PERSISTED_QUERY_NOT_FOUND, status=200)
        return Refused([GraphQLError("PersistedQueryNotSupported")], Code.PERSISTED_QUERY_NOT_SUPPORTED, status=200)


def _untrusted(why: str) -> Refused:
    message = f"This server runs only documents that were registered with it (`trigraph documents push`); {why}."
    return Refused([GraphQLError(message)], Code.DOCUMENT_NOT_TRUSTED, status=403)


def _mismatch(named: Naming) -> Refused:
    where = "extensions.persistedQuery.sha256Hash" if named.automatic else "documentId"
    return malformed(f"`{where}` does not belong to `query`: send one of them, or the SHA-256 of that very text.")
