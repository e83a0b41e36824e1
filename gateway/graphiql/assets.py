"""The built files of the page: named by their content, so a browser may keep them for good."""

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

_FOLDER: Final = Path(__file__).parent / "static"
_CONTENT_TYPES: Final[Mapping[str, str]] = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".ttf": "font/ttf",
    ".txt": "text/plain; charset=utf-8",
}
_FOR_GOOD: Final = "public, max-age=31536000, immutable"
_ASK_EACH_TIME: Final = "no-cache"


@dataclass(frozen=True, slots=True)
class Entries:
    """Names of the files that the page itself refers to; those refer to the others."""

    boot: str
    script: str
    style: str


@cache
def entries() -> Entries:
    """The entry files of the built page.

    Raises:
        FileNotFoundError: the build is missing from this installation.
    """
    return Entries(**json.loads((_FOLDER / "manifest.json").read_text("utf-8")))


def asset(request: Request) -> Response:
    """Answer one built file; compressed for every client that takes gzip."""
    file = _files().get(request.path_params["name"])
    if file is None:
        return PlainTextResponse("No such file.", status_code=404, headers={"X-Content-Type-Options": "nosniff"})
    compressed = _takes_gzip(request)
    headers = _headers(file, compressed=compressed)
    if headers["ETag"] in _known_tags(request):
        return Response(status_code=304, headers=headers)
    body = _compressed(file) if compressed else file.read_bytes()
    if compressed:
        headers["Content-Encoding"] = "gzip"
    return Response(body, headers=headers, media_type=_CONTENT_TYPES[file.suffix])


@cache
def _files() -> Mapping[str, Path]:
    # A listing made once, rather than a path made from the URL: no name can lead out of the folder.
    return {file.name: file for file in _FOLDER.iterdir() if file.suffix in _CONTENT_TYPES}


def _headers(file: Path, *, compressed: bool) -> dict[str, str]:
    status = file.stat()
    hashed = "-" in file.stem
    version = file.stem.rpartition("-")[2] if hashed else f"{status.st_mtime_ns:x}-{status.st_size:x}"
    return {
        "Cache-Control": _FOR_GOOD if hashed else _ASK_EACH_TIME,
        "ETag": f'"{version}-gzip"' if compressed else f'"{version}"',
        "Vary": "Accept-Encoding",
        "X-Content-Type-Options": "nosniff",
    }


def _known_tags(request: Request) -> set[str]:
    given = request.headers.get("if-none-match", "").split(",")
    return {tag.strip().removeprefix("W/") for tag in given}


def _takes_gzip(request: Request) -> bool:
    for offer in request.headers.get("accept-encoding", "").lower().split(","):
        coding, _, weight = offer.partition(";")
        if coding.strip() == "gzip":
            return weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False


@cache
def _compressed(file: Path) -> bytes:
    return gzip.compress(file.read_bytes(), mtime=0)
