"""Deliveries are signed as Standard Webhooks says, with every secret in force."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from domain.receivers import new_secret
from gateway.webhooks.signing import Signed, headers

BODY = '{"event":"lead.created","data":{"name":"Ädä"}}'.encode()


def signed(*secrets: str) -> Mapping[str, str]:
    return headers(Signed("msg_1", BODY, int(datetime.now(UTC).timestamp())), secrets, "X-Trigraph-Signature")


def standard(secret: str) -> Webhook:
    return Webhook(secret if secret.startswith("whsec_") else b64encode(secret.encode()).decode())


@pytest.mark.parametrize("secret", ["whsec_" + "A7/+" * 8, "the receiver's own"])
def test_the_reference_verifier_accepts_them(secret: str) -> None:
    assert standard(secret).verify(BODY, dict(signed(secret)))["event"] == "lead.created"


def test_during_a_rotation_both_secrets_verify_and_no_other() -> None:
    new, old = new_secret(), new_secret()
    told = dict(signed(new, old))

    for secret in (new, old):
        standard(secret).verify(BODY, told)
    with pytest.raises(WebhookVerificationError):
        standard(new_secret()).verify(BODY, told)
    assert told["X-Trigraph-Signature"] == signed(new)["X-Trigraph-Signature"]


def test_without_a_secret_nothing_is_signed() -> None:
    assert set(signed()) == {"webhook-id", "webhook-timestamp"}
