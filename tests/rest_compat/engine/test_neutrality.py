"""The translator serves any dialect: it names no product and none of the things they deal in."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import rest_compat.engine

FOLDER = Path(rest_compat.engine.__file__).parent
WORDS = (
    "crm",
    "ultra",
    "copycar",
    "clickup",
    "brain",
    "leads?",
    "notes?_",
    "tasks?",
    "emails?",
    "campaigns?",
    "accounts?",
    "activit(?:y|ies)",
    "webhooks?",
    "assign(?:ed|ee)",
    "insurance",
    "resource_not_found",
    "validation_error",
    "pagination",
    "x-ratelimit",
)


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.*")), ids=lambda file: file.name)
def test_no_word_of_any_product(file):
    found = re.findall(rf"\b(?:{'|'.join(WORDS)})\b", file.read_text().replace("from email.utils import", ""), re.I)
    assert found == []


def test_nothing_imports_a_dialect():
    for file in FOLDER.glob("*.py"):
        for module in re.findall(r"from (rest_compat\.\w+)", file.read_text()):
            assert module == "rest_compat.engine"
