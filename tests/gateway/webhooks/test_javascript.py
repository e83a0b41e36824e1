"""Bodies are what JavaScript prints of them: Node itself says so."""

from __future__ import annotations

import hashlib
import hmac
import json
import random
import struct
import subprocess
import time
from base64 import b64decode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.webhooks.javascript import stringify
from gateway.webhooks.signing import Signed, headers
from tests.node import NODE, needs_node

# What the documented receiver does with each body, and what is made of each JSON text.
PROGRAM = """
const crypto = require('crypto');
const lines = require('fs').readFileSync(0, 'utf8').split('\\n').filter(Boolean).map(JSON.parse);
for (const [text, secret] of lines) {
  const body = JSON.stringify(JSON.parse(text));
  const sign = secret => crypto.createHmac('sha256', secret).update(body).digest('hex');
  console.log(JSON.stringify([Buffer.from(body).toString('base64'), sign(secret)]));
}
"""

VALUES: list[Any] = [
    2.0, 28.0, 1e-7, 1e-6, 123e-9, 1e21, 1e20, 1.5e300, 5e-324, 1.7976931348623157e308, -0.0, 0, -1, 0.1, 100, 1e5,
    123456789.123, 4.35, 2**53, 2**53 + 1, -(2**53) - 1, 2**63, 10**21, 10**22 + 1, 10**400, 0.000001234, 1e16, 1e-5,
    {"2": 1, "1": 2, "b": 3, "10": 4, "a": 5, "01": 6, "-1": 7, "1.0": 8, "4294967294": 9, "4294967295": 10, "": 11},
    {"__proto__": {"x": 1}, "constructor": None, "toString": True, "0": False},
    "\u2028\u2029 \x7f\x80 / </script> \" \\ \b\f\n\r\t\x00\x1f", "\ud83d", "\ude00\ud83d", "\ud83d\ude00", "😀é漢",
    {"\ud83d\ude00": 1, "😀": 2, "\udfff": 3}, [], {}, [[], {}, [{}]], None, True, "",
    {"n": {"9": [1.0, {"8": -0.0, "7": "x"}]}},
]  # fmt: skip

numbers = st.floats(allow_nan=False, allow_infinity=False) | st.integers() | st.integers(-(2**70), 2**70)
texts = st.text(st.characters(codec=None) | st.sampled_from('\ud83d\ude00\u2028"\\/\x00'), max_size=8)
keys = texts | st.integers(0, 2**33).map(str) | st.sampled_from(["__proto__", "01", "4294967294", "4294967295"])
json_values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=6),
    max_leaves=12,
)


def drawn() -> list[Any]:
    """A fixed sample of doubles by their bits, and of what hypothesis thinks of."""
    found: list[Any] = []

    @given(json_values)
    def draw(value: Any) -> None:
        found.append(value)

    draw()
    source = random.Random(4)
    bits = (struct.unpack("<d", source.randbytes(8))[0] for _ in range(3000))
    return found + [each for each in bits if each - each == 0]


@needs_node
def test_bodies_are_what_the_documented_receiver_signs() -> None:
    values = VALUES + drawn()
    # The text a caller may have sent, with everything that JavaScript would write otherwise.
    secret = "ключ of the receiver"
    lines = [json.dumps([json.dumps(value), secret]) for value in values]
    run = subprocess.run(
        [NODE, "-e", PROGRAM], input="\n".join(lines), capture_output=True, text=True, check=True, timeout=60
    )

    printed = [json.loads(line) for line in run.stdout.splitlines()]

    assert len(printed) == len(values)
    for value, (body, signature) in zip(values, printed, strict=True):
        ours = stringify(json.loads(json.dumps(value))).encode()
        assert ours == b64decode(body), value
        assert headers(Signed("msg_1", ours, 0), [secret], "x")["x"] == signature


@given(json_values)
def test_what_is_printed_reads_as_the_same_and_prints_as_the_same(value: Any) -> None:
    text = stringify(value)

    assert stringify(json.loads(text)) == text
    # No lone surrogate is left that could not be written.
    text.encode()


def test_many_keys_take_no_longer_each_than_few() -> None:
    value = {str(number): number for number in range(20_000, 0, -1)} | {"a": 0}
    began = time.monotonic()

    text = stringify(value)

    # Where each key was compared with all the others, it took half a minute.
    assert time.monotonic() - began < 2
    assert (text[:12], text[-15:]) == ('{"1":1,"2":2', '"20000":20000,"a":0}'[-15:])


@pytest.mark.parametrize("value", [b"x", {1, 2}, object()])
def test_what_is_no_json_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="is no JSON"):
        stringify({"a": [value]})


def test_a_signature_is_by_the_text_of_the_secret() -> None:
    told = headers(Signed("msg_1", b"{}", 0), ["whsec_AAAA"], "X-CRM-Ultra-Signature")

    assert told["X-CRM-Ultra-Signature"] == hmac.new(b"whsec_AAAA", b"{}", hashlib.sha256).hexdigest()
