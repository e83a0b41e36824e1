"""A client of CRM-Ultra that checks every answer against the OpenAPI document on the way."""

from __future__ import annotations

import json
import re
from typing import Any

from jsonschema import Draft202012Validator

from rest_compat.engine.app import DialectApp
from tests.rest_compat import openapi_rules
from tests.rest_compat.asgi import Answer, call


class Client:
    """Calls below /v1 with a key."""

    def __init__(self, app: DialectApp, document: dict[str, Any], key: str) -> None:
        self.app = app
        self.document = document
        self.key = key

    async def send(self, method: str, target: str, value: object = None, **headers: str) -> Answer:
        """One call; its answer fits the document."""
        body = b"" if value is None else json.dumps(value).encode()
        # The documented clients label every request, empty or not, as JSON.
        head = {"x-api-key": self.key, "content-type": "application/json"}
        head |= {name.replace("_", "-"): text for name, text in headers.items()}
        answer = await call(self.app, method, f"/v1{target}", body=body, headers=head)
        self._check(method, target, answer)
        return answer

    async def get(self, target: str) -> Any:
        """A successful GET's body."""
        answer = await self.send("GET", target)
        assert answer.status == 200, answer.body
        return answer.json()

    async def post(self, target: str, value: object) -> Any:
        """A successful POST's body."""
        answer = await self.send("POST", target, value)
        assert answer.status == 201, answer.body
        return answer.json()

    async def put(self, target: str, value: object) -> Any:
        """A successful PUT's body."""
        answer = await self.send("PUT", target, value)
        assert answer.status == 200, answer.body
        return answer.json()

    async def refusal(self, method: str, target: str, value: object = None) -> tuple[int, str, dict[str, str]]:
        """Status, code and details of a refused call."""
        answer = await self.send(method, target, value)
        error = answer.json()["error"]
        return answer.status, error["code"], error["details"]

    def _check(self, method: str, target: str, answer: Answer) -> None:
        path = target.partition("?")[0]
        for pattern, item in self.document["paths"].items():
            if method.lower() in item and re.fullmatch(re.sub(r"{\w+}", "[^/]+", pattern), path):
                schema = openapi_rules.answer_schema(self.document, pattern, method.lower(), answer.status)
                Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(answer.json())
                return
