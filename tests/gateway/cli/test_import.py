"""Imports by the command line: streamed, reported row by row, and the same when they are repeated."""

from __future__ import annotations

import csv
import itertools
import json
import sqlite3
from collections.abc import Mapping
from pathlib import Path

import pytest

from domain.errors import conflict
from domain.marketing import AdCampaign
from gateway.imports import running
from resolvers import ad_performance, job_imports
from resolvers.campaign_totals import add_up
from resolvers.unit import Unit
from tests.gateway.cli.conftest import Trigraph

_DAYS = "Report\nCampaign ID,Campaign,Day,Region,Impressions,Clicks,Conversions,Cost\n"


@pytest.fixture
def acme(trigraph: Trigraph, migrated: Path) -> Trigraph:
    """A command line that knows an organization."""
    assert trigraph("users", "create", "ann@acme.example", "--create", "--organization", "Acme").code == 0
    return trigraph


def rows(folder: Path, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(folder / "trigraph.db") as connection:
        return list(connection.execute(query))


def job(folder: Path) -> tuple[object, ...]:
    return rows(folder, "SELECT kind, status, total, done, failed FROM job ORDER BY id DESC LIMIT 1")[0]


def test_performance_is_added_up_wherever_it_stands_and_replaced_when_repeated(
    acme: Trigraph, folder: Path, tmp_path: Path
) -> None:
    file, rejected = tmp_path / "days.csv", tmp_path / "rejected.csv"
    lines = [f"c{n % 3},Spring,2024-01-{1 + n % 28:02},US,1000,10,1,5.50" for n in range(84 * 2)]
    lines[5], lines[90] = "c1,Spring,yesterday,US,1,1,1,1", ",,2024-01-01,US,1,1,1,1"
    file.write_text(_DAYS + "\n".join(lines) + "\n", "utf-8")

    dry = acme("import", "performance", str(file), "--dry-run")
    assert (dry.code, rows(folder, "SELECT count(*) FROM ad_performance")) == (0, [(0,)])
    assert "166 rows can be taken in" in dry.err
    for _ in range(2):
        ran = acme("import", "performance", str(file), "--rejected", str(rejected), "--rows", "7")
        assert ran.code == 0, ran.err
        assert "2 of 168 rows cannot be taken in" in ran.err
        assert job(folder) == ("IMPORT", "COMPLETED", 168, 166, 2)
        total = rows(folder, "SELECT count(*), sum(clicks), sum(impressions) FROM ad_performance")
        assert total == [(84, 1660, 166_000)]
    with rejected.open(encoding="utf-8", newline="") as listed:
        found = list(csv.DictReader(listed))
    assert [(row["line"], row["column"]) for row in found] == [("8", "Day"), ("93", "Campaign ID")]
    assert "yesterday" in ran.out


def test_a_long_history_is_added_up_once_and_one_that_breaks_off_as_far_as_it_came(
    acme: Trigraph, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "days.csv"
    # A piece of seven ends amid the second campaign and with the last day of the third.
    lines = [f"c{place // 10},Spring,2024-01-{1 + place % 10:02},US,1000,10,1,5.50" for place in range(21)]
    file.write_text(_DAYS + "\n".join(lines) + "\n", "utf-8")
    totals = "SELECT external_id, clicks FROM ad_campaign ORDER BY external_id"
    added: list[str] = []

    async def counted(unit: Unit, campaigns: Mapping[str, AdCampaign]) -> None:
        added.extend(campaign.external_id for campaign in campaigns.values())
        await add_up(unit, campaigns)

    monkeypatch.setattr(ad_performance, "add_up", counted)
    with monkeypatch.context() as broken:
        stored, advance = itertools.count(1), job_imports.advance

        async def breaking(unit: Unit, job_id: str, done: int, failed: int) -> None:
            if next(stored) == 3:
                raise conflict("Too late.")
            await advance(unit, job_id, done, failed)

        broken.setattr(job_imports, "advance", breaking)
        assert acme("import", "performance", str(file), "--rows", "7").code == 1
    assert rows(folder, totals) == [("c0", 100), ("c1", 40)]

    added.clear()
    assert acme("import", "performance", str(file), "--rows", "7").code == 0
    assert rows(folder, totals) == [("c0", 100), ("c1", 100), ("c2", 10)]
    assert added == ["c0", "c1", "c2"]


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_feedback_is_analysed_and_taken_in_once(acme: Trigraph, folder: Path, tmp_path: Path, form: str) -> None:
    file = tmp_path / f"reviews.{form}"
    known = [
        {"Review": f"I love it ({n})!", "User ID": f"u{n % 5}", "Stars": "5", "Date": "2024-01-02", "store": "eu"}
        for n in range(30)
    ]
    bad = [{"Review": " ", "Date": "2024-01-02"}, {"Review": "Fine.", "Stars": "9"}, {"Review": "x", "Date": "soon"}]
    every = [*known[:10], *bad, *known[10:]]
    if form == "jsonl":
        file.write_text("".join(json.dumps(each) + "\n" for each in every) + "{broken\n", "utf-8")
    else:
        with file.open("w", encoding="utf-8", newline="") as opened:
            lines = csv.DictWriter(opened, list(known[0]))
            lines.writeheader()
            lines.writerows(every)

    ran = acme("import", "feedback", str(file), "--source", "app_store", "--rows", "8")
    assert ran.code == 0, ran.err
    assert "30 rows were taken in, 0 were known already" in ran.err
    wrong = 4 if form == "jsonl" else 3
    assert job(folder) == ("IMPORT", "COMPLETED", 30 + wrong, 30, wrong)
    first = 11 if form == "jsonl" else 12
    places = [line.split()[:2] for line in ran.out.splitlines()[1:] if line.strip()]
    assert places[:3] == [[str(first), "Review"], [str(first + 1), "Stars"], [str(first + 2), "Date"]]
    again = acme("import", "feedback", str(file), "--source", "app_store")
    assert "0 rows were taken in, 30 were known already" in again.err
    assert rows(folder, "SELECT count(*), count(DISTINCT end_user_id) FROM feedback") == [(30, 5)]
    stored = rows(folder, "SELECT sentiment, created_at, details FROM feedback LIMIT 1")[0]
    assert stored[:2] == ("POSITIVE", "2024-01-02T00:00:00Z")
    assert json.loads(str(stored[2])) == {"store": "eu"}


def test_news_about_rules_is_kept_up_to_date(acme: Trigraph, folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "news.json"
    news = [
        {"id": f"n{n}", "title": f"Rule {n}", "date": "2024-01-15", "summary": "New.", "source": "SEC.gov"}
        for n in range(5)
    ]
    file.write_text(json.dumps([*news, {"title": "No date"}, {"id": "x", "title": "y", "date": "soon"}]), "utf-8")
    options = ("--jurisdiction", "US", "--update-type", "new_regulation", "--rows", "2")
    ran = acme("import", "updates", str(file), *options)
    assert ran.code == 0, ran.err
    assert "5 rows were taken in, 0 were known already" in ran.err
    assert job(folder) == ("IMPORT", "COMPLETED", 7, 5, 2)
    news[0]["title"] = "Rule 0, changed"
    file.write_text(json.dumps(news), "utf-8")
    assert "1 rows were taken in, 4 were known already" in acme("import", "updates", str(file), *options).err
    assert rows(folder, "SELECT count(*) FROM regulatory_update") == [(5,)]


def test_translations_are_replaced_when_they_are_imported_again(acme: Trigraph, folder: Path, tmp_path: Path) -> None:
    file, unit = tmp_path / "memory.tmx", '<tu><tuv xml:lang="en">{}</tuv><tuv xml:lang="de"><seg>{}</seg></tuv></tu>'
    for number, word in enumerate(("Eins", "Zwei")):
        units = "".join(unit.format(f"<seg>Text {'abcde'[n]}</seg>", f"{word} {'abcde'[n]}") for n in range(5))
        file.write_text(f'<tmx><header srclang="en"/><body>{units}{unit.format("<seg/>", "x")}</body></tmx>', "utf-8")
        ran = acme("import", "translations", str(file), "--rows", "2")
        assert "1 of 6 rows cannot be taken in" in ran.err, number
        assert job(folder) == ("IMPORT", "COMPLETED", 6, 5, 1)
    assert rows(folder, "SELECT count(*), min(target), max(target) FROM translation_unit") == [(5, "Zwei a", "Zwei e")]


def test_a_file_of_another_kind_is_refused(
    acme: Trigraph, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "MOST_REJECTED", 1_000)
    file = tmp_path / "file"
    for kind, content, why in (
        ("performance", b"a,b\n1,2\n", "line of column names"),
        ("performance", b"\xff\x00\xff" * 9, "file must"),
        ("feedback", b"a,b\n1,2\n", "content (or text, review, body)"),
        ("feedback", b"text\n\xff\xfe\xff\n", "UTF-8"),
        ("feedback", b"source,text\nfax,hello\n", "No row could be taken in"),
        ("updates", b"<!DOCTYPE a><a/>", "document type"),
        ("translations", b"<!DOCTYPE a [<!ENTITY b 'c'>]><tmx/>", "without entities"),
        ("feedback", b"source,text\n" + b"fax,hello\n" * 1_001, "More than 1,000 rows cannot be taken in"),
    ):
        file.write_bytes(content)
        ran = acme("import", kind, str(file))
        assert ran.code == 1, content
        assert why in ran.err
    assert rows(folder, "SELECT count(*) FROM job") == [(0,)]
