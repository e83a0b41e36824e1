"""Requests with files, as the GraphQL multipart request specification lays them out."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import aclosing
from typing import Any

from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from gateway.graphql import body
from gateway.graphql.errors import malformed
from gateway.graphql.limits import GraphQLLimits
from gateway.graphql.request import GraphQLRequest, from_object, parsed

_TEXT_PARTS = ("operations", "map")


class _Parts(MultiPartParser):
    """Starlette's parser, without its silent fall-back to Latin-1 for text that is not UTF-8."""

    def on_part_end(self) -> None:
        part = self._current_part
        if part.file is None:
            try:
                part.data.decode("utf-8")
            except UnicodeDecodeError:
                raise MultiPartException(f"The part {part.field_name[:80]!r} must be UTF-8.") from None
        super().on_part_end()


async def read(request: Request, limits: GraphQLLimits) -> tuple[FormData, GraphQLRequest]:
    """The request of a multipart body, its files put into the variables; closing the form closes the files.

    Raises:
        Refused: 400 naming the part or path at fault, 413 when the body is too large.
    """
    try:
        async with (
            body.in_time(limits.upload_timeout_seconds),
            aclosing(body.within(request, limits.upload_bytes, limits.body_timeout_seconds)) as sent,
        ):
            form = await _Parts(
                request.headers,
                sent,
                max_files=limits.upload_files,
                max_fields=len(_TEXT_PARTS),
                max_part_size=limits.body_bytes,
            ).parse()
    except MultiPartException as error:
        raise malformed(f"The multipart body cannot be read: {error.message}") from None
    try:
        return form, _assembled(form, limits)
    except BaseException:
        await form.close()
        raise


def _assembled(form: FormData, limits: GraphQLLimits) -> GraphQLRequest:
    operations = _text(form, "operations")
    if not isinstance(operations, dict):
        raise malformed("The part `operations` must be one JSON object with `query`.")
    placed = _map(_text(form, "map"), limits)
    files = _files(form)
    for name, paths in placed.items():
        upload = files.pop(name, None)
        if upload is None:
            raise malformed(f"The part `map` names the file {name[:80]!r}, which the body does not have.")
        for path in paths:
            _place(operations, path, upload)
    if files:
        raise malformed(f"The file {next(iter(files))[:80]!r} is not named in the part `map`.")
    return from_object(operations, "The part `operations`")


def _text(form: FormData, name: str) -> Any:
    values = form.getlist(name)
    if len(values) != 1 or not isinstance(values[0], str):
        raise malformed(f"The multipart body needs exactly one text part `{name}`.")
    return parsed(values[0], f"The part `{name}`")


def _files(form: FormData) -> dict[str, UploadFile]:
    files: dict[str, UploadFile] = {}
    for name, value in form.multi_items():
        if name in _TEXT_PARTS:
            continue
        if not isinstance(value, UploadFile):
            raise malformed(f"The part {name[:80]!r} must be a file; give it a filename.")
        if name in files:
            raise malformed(f"The file {name[:80]!r} is given more than once.")
        files[name] = value
    return files


def _map(value: Any, limits: GraphQLLimits) -> Mapping[str, list[str]]:
    if not isinstance(value, dict):
        raise malformed("The part `map` must be a JSON object of file name to a list of paths.")
    for name, paths in value.items():
        if not isinstance(paths, list) or not paths or not all(isinstance(path, str) for path in paths):
            raise malformed(f"In the part `map`, {name[:80]!r} must be a list of paths such as `variables.file`.")
    if sum(len(paths) for paths in value.values()) > limits.upload_files:
        raise malformed(f"The part `map` has more than {limits.upload_files} paths.")
    return value


def _place(operations: dict[str, Any], path: str, upload: UploadFile) -> None:
    *parents, last = path.split(".")
    if not parents or parents[0] != "variables":
        raise malformed(f"The path {path[:80]!r} of the part `map` must begin with `variables.`.")
    holder: Any = operations
    for segment in parents:
        holder = _at(holder, segment, path)
    if _at(holder, last, path) is not None:
        raise malformed(f"The path {path[:80]!r} of the part `map` must lead to a null in `operations`.")
    if isinstance(holder, list):
        holder[int(last)] = upload
    else:
        holder[last] = upload


def _at(holder: Any, segment: str, path: str) -> Any:
    if isinstance(holder, dict) and segment in holder:
        return holder[segment]
    # A list has at most as many items as the body has bytes, so a longer number is no index.
    if isinstance(holder, list) and segment.isascii() and segment.isdigit() and len(segment) < 9:
        index = int(segment)
        if index < len(holder):
            return holder[index]
    raise malformed(f"The path {path[:80]!r} of the part `map` leads nowhere in `operations`.")
