"""Forms on their way back: only those this server gave to this very browser are believed."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request

from gateway.graphql.body import read
from gateway.graphql.errors import Refused

_FORM = "application/x-www-form-urlencoded"
_MOST_FIELDS = 20
_OWN_SITES = frozenset({"same-origin", "none"})
"""What `Sec-Fetch-Site` says of a form of ours, and of one a person sent again by hand."""


class FormRefused(Exception):
    """A form that is not read, or not believed; the message is for the person in front of it."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Signer:
    """Signs what a browser has to bring back unchanged; the first key signs, every one proves."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = tuple(keys)

    def sign(self, *parts: str) -> str:
        """The signature of these parts together."""
        return _signature(self._keys[0], parts)

    def proves(self, signature: str, *parts: str) -> bool:
        """Whether a signature is ours and of exactly these parts."""
        given = signature.encode("utf-8", "replace")
        return any(hmac.compare_digest(given, _signature(key, parts).encode()) for key in self._keys)


def _signature(key: bytes, parts: Sequence[str]) -> str:
    # With their lengths, so that no two lists of parts read the same.
    said = b"".join(b"%d:%b" % (len(part), part) for part in (each.encode("utf-8", "replace") for each in parts))
    return hmac.new(key, said, hashlib.sha256).hexdigest()


async def read_form(request: Request, maximum: int, seconds: float) -> Mapping[str, str]:
    """The fields of a form, each once.

    Raises:
        FormRefused: when it is too large, too slow, or no form.
    """
    label = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if label != _FORM:
        raise FormRefused(415, "This page takes forms only.")
    try:
        body = await read(request, maximum, seconds)
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=_MOST_FIELDS,
        )
    except Refused as refused:
        raise FormRefused(refused.status, "The form is too large, or took too long to arrive.") from None
    except ValueError:
        raise FormRefused(400, "The form cannot be read.") from None
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise FormRefused(400, "The form says the same thing twice.")
    return fields


def check_site(request: Request, public_url: str) -> None:
    """Refuse a form that a page of another site sent, as far as the browser tells where it comes from.

    Raises:
        FormRefused: when it says so, whatever token the form carries.
    """
    site = request.headers.get("sec-fetch-site")
    said = [request.headers[name] for name in ("origin", "referer") if name in request.headers]
    own = (_host(public_url), request.headers.get("host"))
    if (site is not None and site not in _OWN_SITES) or any(_host(each) not in own for each in said):
        raise FormRefused(403, "This form was sent by a page of another site.")


def _host(address: str) -> str:
    try:
        # `null`, which sandboxed pages send, has none.
        return urlsplit(address).netloc or "-"
    except ValueError:
        return "-"
