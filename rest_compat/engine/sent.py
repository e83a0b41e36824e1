"""What a client has sent as a body: JSON read whole, or a body with files that are kept aside."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, BinaryIO, Final, cast

from rest_compat.engine.binding import Binder
from rest_compat.engine.bodies import Receive, chunks, in_time, is_blank, is_json, is_object, understand
from rest_compat.engine.faults import Fault, Refusal
from rest_compat.engine.long_texts import Body, Utf8Text
from rest_compat.engine.multipart import GATHERED, Form, boundary_of, broken, is_form, values
from rest_compat.engine.services import DoorSettings, Services
from rest_compat.engine.uploads import UploadedFile, close_all, told, with_files

_JSON: Final = "application/json"


@dataclass(frozen=True)
class Sent:
    """A body: `content` makes it the same as another; `values` are there when it was understood on arrival.

    `textual` when its values are texts that may stand for numbers.
    """

    content: bytes
    values: Mapping[str, Any] | None = None
    textual: bool = False


class WithFiles:
    """Reads bodies with files; of no file more than a piece is in memory."""

    def __init__(self, services: Services, settings: DoorSettings) -> None:
        self._services = services
        self._settings = settings

    @asynccontextmanager
    async def sent(self, receive: Receive, headers: Mapping[str, str], binder: Binder) -> AsyncIterator[Sent]:
        """A body as multipart/form-data or JSON, its files open as long as this lasts.

        A multipart label over bare JSON is taken for a slip (CB-02).

        Raises:
            Fault: TOO_LARGE, TOO_SLOW, MEDIA_TYPE, UNREADABLE.
            ClientGone: the connection ended.
        """
        label = headers.get("content-type", "")
        if is_form(label) and boundary_of(label):
            async with self._form(receive, headers, label, binder) as sent:
                yield sent
        else:
            async with self._json(receive, headers, label, binder) as sent:
                yield sent

    @asynccontextmanager
    async def _form(
        self, receive: Receive, headers: Mapping[str, str], label: str, binder: Binder
    ) -> AsyncIterator[Sent]:
        settings = self._settings
        form = Form(binder.files, binder.fields, settings.max_file_bytes, settings.max_body_bytes)
        opened: dict[str, Any] = {}
        try:
            limit = settings.max_file_bytes + settings.max_body_bytes
            async with in_time(settings.upload_timeout_seconds):
                await form.read(label, chunks(receive, headers, limit, settings.body_timeout_seconds))
            opened = values(form, binder.structured, self._services.loads)
            for name, each in opened.items():
                # A part without a file name says what a text in JSON would.
                if isinstance(each, UploadedFile) and each.filename is None and each.content_type is None:
                    opened[name] = await asyncio.to_thread(_retold, name, each, settings.max_file_bytes)
            yield Sent(form.digest(), opened, textual=True)
        finally:
            form.close()
            close_all(opened)

    @asynccontextmanager
    async def _json(
        self, receive: Receive, headers: Mapping[str, str], label: str, binder: Binder
    ) -> AsyncIterator[Sent]:
        settings = self._settings
        # Base64 with its line breaks is longer than the file by 37 in a hundred.
        limit = settings.max_file_bytes * 137 // 100 + settings.max_body_bytes
        body = Body(settings.max_body_bytes, partial(UploadedFile, limit, field="body"), self._services.loads)
        opened: dict[str, Any] = {}
        try:
            async with in_time(settings.upload_timeout_seconds):
                await self._keep(body, chunks(receive, headers, limit, settings.body_timeout_seconds))
            opened = await asyncio.to_thread(self._understood, body, label, binder)
            yield Sent(body.digest, opened)
        finally:
            body.close()
            close_all(opened)

    async def _keep(self, body: Body, arriving: AsyncIterator[bytes]) -> None:
        waiting, gathered = [], 0
        async for chunk in arriving:
            waiting.append(chunk)
            gathered += len(chunk)
            if gathered > GATHERED:
                await asyncio.to_thread(body.feed, b"".join(waiting))
                waiting, gathered = [], 0
        body.feed(b"".join(waiting))

    def _understood(self, body: Body, label: str, binder: Binder) -> dict[str, Any]:
        data = body.left
        if is_form(label):
            if not is_object(data) and not is_blank(data):
                raise broken("its label names no boundary; HTTP libraries do, if the header is left to them")
            label = _JSON
        if not is_json(label) and not is_blank(data):
            raise Fault(Refusal.MEDIA_TYPE, f"the body must be multipart/form-data or {_JSON}, not {label[:80]}")
        values = understand(data, label, False, self._services.loads, self._settings)
        found = with_files(values, binder.files, self._settings.max_file_bytes, body.long)
        try:
            return {name: each if name in binder.files else body.whole(each) for name, each in found.items()}
        except Fault:
            close_all(found)
            raise


def _retold(name: str, file: UploadedFile, most: int) -> object:
    try:
        return told(name, Utf8Text(cast(BinaryIO, file.file)), most)
    except Fault as fault:
        if fault.reason is not Refusal.UNREADABLE or fault.fields:
            raise
        # It is no text after all, so it is what it is.
        file.file.seek(0)
        return file
