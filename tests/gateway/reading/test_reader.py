"""Files read by processes of their own, which are bounded and can be killed."""

from __future__ import annotations

import asyncio
import io
import os
from collections.abc import Callable, Iterator
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest

from domain.errors import DomainError, Kind
from domain.intelligence.law import analyse
from domain.intelligence.law_findings import FindingKind
from domain.outside import LawWanted, SentFile
from gateway.reading.reader import ProcessReader
from gateway.reading.taken import ReadingLimits
from tests.gateway.reading.samples import children, pdf
from tests.waiting import until

EU = LawWanted("EU", "regulation", date(2026, 11, 21))
SLOW = "The controller shall notify the authority not later than 72 hours after it has become aware.\n" * 50_000
MEGABYTE = 1024 * 1024


def told_of(process: int, what: str) -> bytes:
    return Path(f"/proc/{process}/{what}").read_bytes()


def sent(content: bytes) -> SentFile:
    return SentFile(io.BytesIO(content), len(content))


@pytest.fixture
def reader() -> Iterator[ProcessReader]:
    reader = ProcessReader(ReadingLimits(), 2)
    yield reader
    reader.close()


async def test_a_file_is_read_by_another_process(reader: ProcessReader) -> None:
    content = pdf("The report shall be sent within 30 days.", "A fine of up to 10 000 EUR shall be imposed.")
    found = await reader.read(SentFile(io.BytesIO(content), len(content), "law.pdf", "application/pdf"), EU)

    assert (found.pages, found.size, found.media_type) == (2, len(content), "application/pdf")
    assert found.digest == sha256(content).hexdigest()
    # What comes out of the process is what went into its answer.
    assert found.findings == analyse(found.text, jurisdiction="EU", document_type="regulation", today=EU.today)
    kinds = {each.kind: (each.count, each.amount) for each in found.findings.findings}
    assert (kinds[FindingKind.DEADLINE][0], kinds[FindingKind.PENALTY][1]) == (30, 10_000)
    assert list(reader.timings.by_outcome) == ["read"]


async def test_a_text_is_read_as_nothing_else(reader: ProcessReader) -> None:
    said = "%PDF-1.4 is how it begins: the report shall be sent within 30 days. Größe"
    found = await reader.analyze(said, EU)
    assert (found.text, found.media_type, found.size) == (said, "text/plain", len(said.encode()))
    assert [each.count for each in found.findings.findings if each.kind is FindingKind.DEADLINE] == [30]
    with pytest.raises(DomainError) as refused:
        await reader.analyze(" \n", EU)
    assert (refused.value.kind, refused.value.field) == (Kind.INVALID, "text")
    assert {outcome: sum(each.counts) for outcome, each in reader.timings.by_outcome.items()} == {
        "read": 1,
        "refused": 1,
    }


@pytest.mark.parametrize(
    ("file", "says"),
    [
        (lambda: sent(b"\x89PNG\r\n\x1a\n\0"), "It is an image"),
        (lambda: SentFile(io.BytesIO(b""), 10**9), "larger than 52428800 bytes"),
        # A process that takes too much memory ends, and nothing else does.
        (
            lambda: sent(pdf("x", unpacks_to=400 * MEGABYTE)),
            "takes more than 314572800 bytes of memory: the reader broke",
        ),
    ],
)
async def test_what_cannot_be_read_names_the_file(
    reader: ProcessReader, file: Callable[[], SentFile], says: str
) -> None:
    with pytest.raises(DomainError, match=says) as refused:
        await reader.read(file(), EU)
    assert (refused.value.kind, refused.value.field) == (Kind.INVALID, "file")
    assert children() == []


async def test_time_is_bounded_for_those_who_are_read_and_those_who_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = ProcessReader(ReadingLimits(seconds=0.5), 1)
    with pytest.raises(DomainError, match=r"Reading it took longer than 0\.5 seconds") as refused:
        await reader.analyze(SLOW, EU)
    assert (refused.value.kind, children()) == (Kind.INVALID, [])

    monkeypatch.setattr(reader, "_limits", ReadingLimits())
    reading = asyncio.create_task(reader.analyze(SLOW, EU))
    await until(children)
    monkeypatch.setattr(reader, "_limits", ReadingLimits(seconds=0.1))
    with pytest.raises(DomainError) as refused:
        await reader.analyze("x", EU)
    assert refused.value.kind is Kind.UNAVAILABLE
    reading.cancel()
    await asyncio.wait([reading])
    assert list(reader.timings.by_outcome) == ["too_slow", "busy", "given_up"]


async def test_whoever_goes_away_or_ends_takes_its_process_along(reader: ProcessReader) -> None:
    reading = asyncio.create_task(reader.analyze(SLOW, EU))
    await until(children)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert children() == []

    reading = asyncio.create_task(reader.analyze(SLOW, EU))
    await until(children)
    reader.close()
    with pytest.raises(DomainError) as refused:
        await reading
    assert (refused.value.kind, children()) == (Kind.UNAVAILABLE, [])


async def test_requests_are_answered_while_a_large_text_is_read(reader: ProcessReader) -> None:
    reading = asyncio.create_task(reader.analyze(SLOW[: MEGABYTE // 16], EU))
    turns = 0
    while not reading.done():
        await asyncio.sleep(0.005)
        turns += 1
    assert len((await reading).findings.findings) > 500
    # Read in the loop itself, it would have had two.
    assert turns > 20


async def test_a_process_knows_nothing_of_the_server(monkeypatch: pytest.MonkeyPatch, reader: ProcessReader) -> None:
    monkeypatch.setenv("TRIGRAPH_SECRET_KEYS", "s" * 40)
    reading = asyncio.create_task(reader.analyze(SLOW, EU))
    await until(children)
    (process,) = children()
    await until(lambda: b"gateway.reading.child" in told_of(process, "cmdline"))
    environment = told_of(process, "environ")
    assert b"TRIGRAPH_READING_QUESTION=" in environment
    assert b"SECRET" not in environment
    assert os.getpgid(process) == process
    reading.cancel()
    await asyncio.wait([reading])
