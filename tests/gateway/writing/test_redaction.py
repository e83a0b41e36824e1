"""What a language model is not told."""

from __future__ import annotations

import re
import time

import pytest

from gateway.writing.redaction import Redaction
from gateway.writing.telephones import telephones

TELEPHONES = [
    "+1 (555) 123-4567",
    "+15551234567",
    "+1-555-123-4567",
    "+1.555.123.4567",
    "+44 20 7946 0958",
    "+44 (0)20 7946 0958",
    "+49 30 1234567",
    "+49 (0) 171 / 123 45 67",
    "+49-30-1234567",
    "+33 1 23 45 67 89",
    "+33\u00a06\u00a012\u00a034\u00a056\u00a078",
    "+351 912 345 678",
    "+34 612 345 678",
    "+39 06 1234 5678",
    "+683 4002",
    "\uff0b81 3 1234 5678",
    "+\u0669\u0666\u0666 \u0665\u0660 \u0661\u0662\u0663 \u0664\u0665\u0666\u0667",
    "0049 30 1234567",
    "0049301234567",
    "00 33 1 23 45 67 89",
    "(555) 123-4567",
    "(555)123-4567",
    "(030) 1234567",
    "(06) 12 34 56 78",
    "555-123-4567",
    "555.123.4567",
    "555 123 4567",
    "1-800-555-0199",
    "030 1234567",
    "030/1234567",
    "0171-1234567",
    "0171 / 123 45 67",
    "01 23 45 67 89",
    "01.23.45.67.89",
    "0612345678",
    "07700900123",
    "020 7946 0958",
    "0800 123 456",
    "91 123 45 67",
    "22 123 4567",
]

SAID_TO_BE = [
    ("Call ", "5551234567"),
    ("phone: ", "555-0199"),
    ("Tel. ", "1234567"),
    ("Tel.-Nr.: ", "12 34 56 78"),
    ("mobile no. ", "5551234567"),
    ("Rufen Sie uns an unter ", "1234567"),
    ("Téléphone ", "612 345 678"),
    ("llámenos al ", "612 345 678"),
    ("WhatsApp ", "15551234567"),
]

NONE = [
    "2024-01-15",
    "15.01.2024",
    "01/15/2024",
    "15/01/2024 14:30:00",
    "2024-01-15 14:30:00",
    "2024-01-15T14:30:00Z",
    "20240115",
    "20240115143000",
    "2023-2024",
    "from 2019 2020 2021 2022",
    "1,234,567.89",
    "1.234.567,89 €",
    "€1234567.89",
    "$1 234 567",
    "1 234 567 EUR",
    "612 345 678 users",
    "1234567.89",
    "0.12345678",
    "3.14159265358979",
    "10.15.7.1234",
    "v1.2.3456789",
    "version 2024.1.15.1234",
    "192.168.100.200",
    "2001:0db8:85a3:0000:0000:8a2e:0370:7334",
    "550e8400-e29b-41d4-a716-446655440000",
    "lead_01234567890123",
    "ORD-2024-0012345",
    "#1234567890",
    "order 0612345678",
    "Order no. 555-123-4567",
    "No. 0612345678",
    "Rechnung Nr. 0301234567",
    "commande 01 23 45 67 89",
    "5551234567",
    "1700000000",
    "1705329000000",
    "4111 1111 1111 1111",
    "978-3-16-148410-0",
    "ISBN 0-306-40615-2",
    "DE89 3704 0044 0532 0130 00",
    "sizes 36 38 40 42 44",
    "1000000px",
    "+15 %",
    "+1,200,000",
    "10-20 30-40",
    "52.5200066, 13.4049540",
    "Article 12345678",
    "https://example.com/items/5551234567?page=2",
    "12345",
]


@pytest.mark.parametrize("around", ["{}", "Well, {}, or later.", "Ada ({})", "on 2024-01-15 {} 3 times", "x\n{}\ny"])
def test_a_telephone_number_is_recognised_by_how_it_is_written(around: str) -> None:
    for number in TELEPHONES:
        hidden = Redaction().hide(around.format(number))
        assert "[phone 1]" in hidden, number
        # What is beside it may go along, but no digit of it may stay.
        assert sum(each.isdigit() for each in hidden) <= sum(each.isdigit() for each in around) + 1, number


def test_or_by_the_word_before_it() -> None:
    for before, number in SAID_TO_BE:
        assert Redaction().hide(f"{before}{number}, please").endswith("[phone 1], please"), before


@pytest.mark.parametrize("around", ["{}", "it was {} then", "({})"])
def test_other_numbers_are_left_as_they_are(around: str) -> None:
    written = [around.format(text) for text in NONE]
    assert [Redaction().hide(text) for text in written] == written


def test_two_numbers_side_by_side_are_two() -> None:
    assert list(telephones("030 1234567 / 030 7654321 or +1 555 123 4567")) == [(0, 11), (14, 25), (29, 44)]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Write to ada@example.com.", "Write to [email 1]."),
        ("<ada.lovelace+news@mail.example.co.uk>", "<[email 1]>"),
        ("'ada@example.com', \"bob@example.org\"", "'[email 1]', \"[email 2]\""),
        ("mailto:ada@example.com?subject=hi", "mailto:[email 1]?subject=hi"),
        ("ada@example.com ada@example.com", "[email 1] [email 1]"),
        ("jürgen@müller.example, ada@xn--mller-kva.xn--p1ai", "[email 1], [email 2]"),
        ("ada\uff20example.com and ada@[192.0.2.1]", "[email 1] and [email 2]"),
        ("o'hara@example.com", "[email 1]"),
        ("@ada wrote at 5 @ noon: a@b, @example.com", "@ada wrote at 5 @ noon: a@b, @example.com"),
    ],
)
def test_addresses_are_hidden(text: str, left: str) -> None:
    redaction = Redaction(text)
    assert redaction.hide(text) == left
    assert redaction.show(left) == text


def test_everything_nested_is_hidden_and_comes_back() -> None:
    data = {
        "ada@example.com": [{"text": "Ask bob@example.com or +49 30 1234567."}, 5551234567, None, True, 1.5],
        "phone": "5551234567",
        "orderId": "5551234567",
        "contact": {"mobile": {"number": "555 0199"}},
    }
    redaction = Redaction(data)
    hidden = redaction.hide(data)

    assert hidden == {
        "[email 1]": [{"text": "Ask [email 2] or [phone 1]."}, 5551234567, None, True, 1.5],
        "phone": "[phone 2]",
        "orderId": "5551234567",
        "contact": {"mobile": {"number": "[phone 3]"}},
    }
    assert redaction.show(hidden) == data
    assert redaction.show({"to": ["[Email 2] [ phone  1 ]"]}) == {"to": ["bob@example.com +49 30 1234567"]}


def test_placeholders_that_were_there_before_are_nobodys() -> None:
    data = ["[email 1] is not ada@example.com", "[phone 2]"]
    redaction = Redaction(data)
    hidden = redaction.hide(data)

    assert hidden == ["[email 1] is not [email 2]", "[phone 2]"]
    assert redaction.show(hidden) == data
    assert redaction.invented(hidden) is None
    assert redaction.invented({"a": ["[email 2] [email 3]"]}) == "[email 3]"


@pytest.mark.parametrize(
    "text",
    ["a" * 60_000, "1 " * 30_000, "a@" * 30_000, "@" + "a." * 30_000, "+" * 60_000, "(" * 60_000, "0 1 . 2 " * 8_000,
     "12-" * 20_000, "'" * 60_000 + "@", "a.b" * 20_000 + "@"],
)  # fmt: skip
def test_no_text_takes_long(text: str) -> None:
    began = time.perf_counter()
    Redaction(text).hide(text)
    assert time.perf_counter() - began < 3


def test_placeholders_hold_no_digit_of_what_they_stand_for() -> None:
    hidden = Redaction().hide([f"+1 555 123 {number}" for number in range(1000, 1100)])
    assert all(re.fullmatch(r"\[phone \d+\]", each) for each in hidden)
