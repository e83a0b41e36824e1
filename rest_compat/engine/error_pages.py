"""A page for every error code a dialect explains, and one that says where help is; errors point to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from html import escape

from rest_compat.engine.dialect import Dialect
from rest_compat.engine.faults import slug
from rest_compat.engine.pages import link, page
from rest_compat.engine.responses import Response
from rest_compat.engine.services import DoorSettings


def error_pages(dialect: Dialect, settings: DoorSettings) -> Mapping[tuple[str, ...], Callable[[], Response]]:
    """What writes the pages, by their paths below the dialect; none when it explains nothing."""
    if not dialect.advice:
        return {}
    site = dialect.site(settings.public_url)
    pages: dict[tuple[str, ...], Callable[[], Response]] = {("docs", "support"): partial(_support, dialect, settings)}
    for code in dialect.advice:
        pages["docs", "errors", slug(code)] = partial(_explained, dialect, code, site)
    return pages


def error_list(dialect: Dialect, site: str) -> Iterator[str]:
    """The codes as a section of the documentation."""
    if dialect.advice:
        yield '<h2 id="errors">Errors</h2><ul>'
        for code in dialect.advice:
            yield f"<li>{link(f'{site}/docs/errors/{slug(code)}', code)}</li>"
        yield f"</ul><p>{link(f'{site}/docs/support', 'Support')}</p>"


def _explained(dialect: Dialect, code: str, site: str) -> Response:
    rows = [row for row in dialect.errors.every_row() if row.code == code]
    statuses = ", ".join(str(status) for status in sorted({row.status for row in rows}))

    def content() -> Iterator[str]:
        yield f"<header><h1>{escape(code)}</h1></header><main>"
        yield f"<p>An error of {escape(dialect.title)}, answered with HTTP status {statuses}.</p>"
        yield f"<p>{escape(dialect.advice[code])}</p>"
        yield f"<p>{link(f'{site}/docs#errors', 'All errors')}, {link(f'{site}/docs/support', 'support')}.</p></main>"

    return page(f"{code} - {dialect.title}", content())


def _support(dialect: Dialect, settings: DoorSettings) -> Response:
    contact = settings.support_contact

    def content() -> Iterator[str]:
        yield f"<header><h1>Support for {escape(dialect.title)}</h1></header><main>"
        if contact:
            target = contact if contact.startswith(("http://", "https://")) else f"mailto:{contact}"
            yield f"<p>Help is at {link(target, contact)}.</p>"
        else:
            yield "<p>Help is with whoever runs this server and gave you your credentials.</p>"
        yield "<p>Say what you did, when, and the <code>request_id</code> of the answer: it stands in every error and "
        yield "in the header <code>X-Request-Id</code>. Never send a key, a secret or a token.</p>"
        yield f"<p>{link(f'{dialect.site(settings.public_url)}/docs', 'Documentation')}</p></main>"

    return page(f"Support - {dialect.title}", content())
