"""The demo's keys stay what they are as long as they work."""

from __future__ import annotations

from pathlib import Path

from domain.viewer import Dialect
from gateway import keys
from gateway.credential_rules import Door
from gateway.database import Database
from gateway.seeds import demo, demo_file
from gateway.seeds.demo_keys import ensure_keys
from tests.factories.credentials import resolve


async def test_known_keys_are_kept_and_lost_ones_replaced(database: Database):
    await demo.seed(database)
    first = await ensure_keys(database, {})

    kept = await ensure_keys(database, first.keys)
    renewed = await ensure_keys(database, first.keys | {"copycar": "tgcc_somebody-elses"})

    assert (kept.keys, kept.replaced) == (first.keys, ())
    assert renewed.replaced == ("copycar",)
    assert renewed.keys["copycar"] != first.keys["copycar"]
    assert renewed.keys["crm_ultra"] == first.keys["crm_ultra"]


async def test_a_revoked_key_is_replaced_by_one_that_works(database: Database):
    await demo.seed(database)
    first = await ensure_keys(database, {})
    await keys.revoke(database, "client_demo_crm_ultra")

    second = await ensure_keys(database, first.keys)

    assert second.replaced == ("crm_ultra",)
    viewer = await resolve(database, {"x-api-key": second.keys["crm_ultra"]}, Door(Dialect.CRM_ULTRA))
    assert viewer is not None
    assert (viewer.dialect, viewer.user_id) == (Dialect.CRM_ULTRA, "user_abc123")


def test_the_file_is_read_back_and_only_for_its_owner(tmp_path: Path):
    written = demo_file.write(tmp_path / "new", {"base_url": "http://here", "keys": {"crm_ultra": "one"}})
    demo_file.write(tmp_path / "new", {"keys": {"crm_ultra": "two"}})

    assert demo_file.known_keys(tmp_path / "new") == {"crm_ultra": "two"}
    assert written.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in (tmp_path / "new").iterdir()] == ["demo.json"]


def test_a_file_that_is_not_ours_knows_no_keys(tmp_path: Path):
    assert demo_file.known_keys(tmp_path) == {}
    for content in ("", "[]", "{}", '{"keys": 1}', "\x00", '{"keys": {"crm_ultra": 1}}'):
        (tmp_path / "demo.json").write_text(content)
        assert demo_file.known_keys(tmp_path) == {}
