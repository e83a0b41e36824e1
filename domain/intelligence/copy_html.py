"""Texts as HTML that mail programs show as it is meant: one column, inline styles, nothing from elsewhere.

No colour is set: a program in its dark mode then chooses a pair that can be read, which `color-scheme` invites it to.
"""

from __future__ import annotations

import re
from html import escape

_ADDRESS = re.compile(r"https?://[^\s<>\"'`]+", re.IGNORECASE)
_AFTER_AN_ADDRESS = ".,;:!?)]}*_"
_COLUMN = (
    "max-width:600px;margin:0 auto;padding:24px 20px;font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,"
    "sans-serif;font-size:16px;line-height:1.5;word-wrap:break-word;overflow-wrap:break-word"
)
_HIDDEN = "display:none;max-height:0;max-width:0;overflow:hidden;mso-hide:all;font-size:1px;line-height:1px"
_PARAGRAPH = "margin:0 0 16px"
_FRAME = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>{title}</title>
</head>
<body style="margin:0;padding:0">
<div style="{hidden}">{preview}</div>
<div style="{column}">
{body}
</div>
</body>
</html>
"""


def html_of(subject: str, preview: str, text: str) -> str:
    """A document that says the same as the text; the preview is what lists of mail show beside the subject."""
    return _FRAME.format(
        title=escape(subject),
        hidden=_HIDDEN,
        preview=escape(preview),
        column=escape(_COLUMN),
        body="\n".join(_paragraphs(text)),
    )


def page_of(text: str) -> str:
    """A part of a page that says the same as the text, whose first line is the headline."""
    headline, _, rest = text.partition("\n")
    body = "\n".join(_paragraphs(rest))
    return (
        f'<section lang="en" style="{escape(_COLUMN)}">\n'
        f'<h1 style="margin:0 0 16px;font-size:28px;line-height:1.25">{escape(headline)}</h1>\n{body}\n</section>\n'
    )


def _paragraphs(text: str) -> list[str]:
    written = []
    for paragraph in re.split(r"\n[ \t]*\n\s*", text.strip("\n")):
        lines = paragraph.split("\n")
        if all(line.startswith("- ") for line in lines):
            items = "".join(f'<li style="margin:0 0 8px">{_linked(line[2:])}</li>' for line in lines)
            written.append(f'<ul style="margin:0 0 16px;padding:0 0 0 20px">{items}</ul>')
        elif paragraph.strip():
            written.append(f'<p style="{_PARAGRAPH}">{"<br>".join(_linked(line) for line in lines)}</p>')
    return written


def _linked(line: str) -> str:
    """A line with its addresses to click on; what belongs to the sentence around one stays outside."""
    pieces, place = [], 0
    for found in _ADDRESS.finditer(line):
        address = found[0].rstrip(_AFTER_AN_ADDRESS)
        pieces += [escape(line[place : found.start()]), f'<a href="{escape(address)}">{escape(address)}</a>']
        place = found.start() + len(address)
    return "".join(pieces) + escape(line[place:])
