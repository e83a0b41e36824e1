"""Leads from a CSV file."""

from __future__ import annotations

import csv
import io
from typing import Any

from domain.errors import invalid
from domain.leads import InsuranceType
from domain.texts import LONGEST_CELL
from resolvers.lead_fields import LeadDraft
from resolvers.lead_writes import LeadBatch

_COLUMNS = {
    "source": "source",
    "email": "email",
    "phone": "phone",
    "firstname": "first_name",
    "lastname": "last_name",
    "city": "city",
    "state": "state",
    "insurancetype": "insurance_type",
    "status": "status_text",
    "priority": "priority",
    "score": "score",
    "assignedto": "assigned_to",
    "tags": "tags",
}


def batch_of(content: bytes) -> LeadBatch:
    """The leads of a CSV file in UTF-8, whose first line names the columns; tags are separated by semicolons.

    Columns are CreateLeadInput's, in any case and order; a column of another name becomes a custom field.

    Raises:
        DomainError: INVALID naming the line, or the column, that cannot be read.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise invalid("file", "file must be CSV in UTF-8.") from None
    csv.field_size_limit(LONGEST_CELL)
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        names = [name.strip() for name in next(lines, [])]
        rows = [(lines.line_num, row) for row in lines if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise invalid("file", f"file is not CSV: line {lines.line_num}: {error}.") from None
    if not {"email", "phone"} & {_plain(name) for name in names}:
        raise invalid("file", "file must begin with a line of column names, email or phone among them.")
    return LeadBatch([_draft(names, row, number) for number, row in rows])


def _draft(names: list[str], row: list[str], number: int) -> LeadDraft:
    if len(row) > len(names):
        raise invalid("file", f"file, line {number}: more cells than there are columns.")
    values: dict[str, Any] = {}
    custom: dict[str, Any] = {}
    for name, cell in zip(names, row, strict=False):
        attribute = _COLUMNS.get(_plain(name))
        if not cell.strip():
            continue
        if attribute is None:
            custom[name] = cell
        else:
            values[attribute] = _cell(attribute, cell.strip(), number)
    return LeadDraft(**values, custom_fields=custom)


def _cell(attribute: str, cell: str, number: int) -> Any:
    if attribute == "tags":
        return cell.split(";")
    if attribute == "score":
        if not (cell.isascii() and cell.isdigit() and len(cell) < 5):
            raise invalid("file", f"file, line {number}: score must be a whole number from 0 to 100.")
        return int(cell)
    if attribute == "insurance_type":
        if cell.upper() not in InsuranceType.__members__:
            known = ", ".join(InsuranceType.__members__)
            raise invalid("file", f"file, line {number}: insuranceType must be one of {known}.")
        return InsuranceType(cell.upper())
    return cell


def _plain(name: str) -> str:
    return name.strip().lower().replace("_", "").replace(" ", "")
