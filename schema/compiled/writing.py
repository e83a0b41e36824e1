"""Generated functions that write rows: one expression for all values of a row, which is taken apart into names."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

Rows = Sequence[Sequence[Any]]
Written = Callable[..., Any]
"""Writes rows, given these and what their relations have found."""

_VALUE = re.compile(r"\br\[(\d+)\]")
_LISTED = "[{code} for {row} in rows]"
_USUAL = {"grouped": groupby, "parent": itemgetter(-1)}
"""Rows of many parents name theirs last."""


class RowWriter:
    """How a selection writes rows: an expression of a row `r`, and of what relations have found: `x0`, `x1`."""

    def __init__(self, code: str, relations: int, names: dict[str, Any]) -> None:
        self._code = code
        self._found = "".join(f"    x{number} = x[{number}]\n" for number in range(relations))
        self._names = names | _USUAL

    def listed(self) -> Written:
        """Writes rows one after another."""
        return self._function("rows, x", f"    return {_LISTED}\n")

    def by(self, place: int) -> Written:
        """Writes rows by a value of theirs."""
        return self._function("rows, x", f"    return {{{{r[{place}]: {{code}} for {{row}} in rows}}}}\n")

    def paged(self, page: Callable[[str], str]) -> Written:
        """Writes rows that come parent by parent: a page for each of the parents `ids`, which may have no rows.

        Code of a page is made by `page` of that of its rows; there `p` is the parent, and `t` the totals of all.
        """
        some, none = (page(rows).replace("{", "{{").replace("}", "}}") for rows in ("\0", "[]"))
        return self._function(
            "rows, x, t, ids",
            f"    found = {{{{p: {some} for p, rows in grouped(rows, parent)}}}}\n".replace("\0", _LISTED)
            + "    if len(found) < len(ids):\n"
            + f"        found.update({{{{p: {none} for p in ids if p not in found}}}})\n"
            + "    return found\n",
        )

    def _function(self, arguments: str, body: str) -> Written:
        """A function, made for each number of values in a row: to take rows apart is quickest."""
        by_width: dict[int, Written] = {}

        def made(width: int) -> Written:
            # What tells rows apart by themselves needs them whole.
            row = "r" if "(r)" in self._code or not width else "".join(f"r{number}, " for number in range(width))
            code = body.format(code=self._code, row=row)
            code = code if row == "r" else _VALUE.sub(r"r\1", code)
            names = dict(self._names)
            exec(f"def write({arguments}):\n{self._found}{code}", names)  # noqa: S102 - made of response keys, quoted, and our own names alone
            by_width[width] = names["write"]
            return by_width[width]

        def write(rows: Rows, *others: Any) -> Any:
            width = len(rows[0]) if rows else 0
            return (by_width.get(width) or made(width))(rows, *others)

        return write
