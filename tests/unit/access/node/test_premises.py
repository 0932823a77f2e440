"""What a node keeps is whole, private, and remembered by whoever comes after a killed process."""

import multiprocessing
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from access.node.premises import InUse, Kept, Premises, identity

NOW = datetime(2026, 3, 1, tzinfo=UTC)
KEPT = Kept("r.j.1.parquet", "pupils", 3, "0" * 64, ("a", "b"), ("a",))


def _holds(folder: Path) -> bool:
    try:
        with Premises(folder).held():
            return True
    except InUse:
        return False


def test_one_process_at_a_time_holds_the_folder(tmp_path: Path) -> None:
    with Premises(tmp_path).held(), multiprocessing.get_context("fork").Pool(1) as pool:
        assert pool.apply(_holds, (tmp_path,)) is False
    assert _holds(tmp_path)


def test_an_order_is_new_once_even_for_a_process_that_starts_again(tmp_path: Path) -> None:
    end = NOW + timedelta(minutes=5)
    assert Premises(tmp_path).is_new("a", end, NOW)
    assert not Premises(tmp_path).is_new("a", end, NOW)
    assert Premises(tmp_path).is_new("b", end, NOW)


def test_what_is_out_of_its_time_is_forgotten(tmp_path: Path) -> None:
    premises = Premises(tmp_path)
    premises.is_new("a", NOW, NOW)
    premises.is_new("b", NOW + timedelta(hours=1), NOW + timedelta(minutes=1))
    assert "a" not in (tmp_path / "orders.json").read_text().replace("draft", "")


def test_rows_appear_whole_or_not_at_all_and_replace_those_of_before(tmp_path: Path) -> None:
    premises = Premises(tmp_path)
    with pytest.raises(ZeroDivisionError):
        _fail_while_keeping(premises)
    assert list((tmp_path / "vault").iterdir()) == []
    for number in (1, 2):
        with premises.keeping("r", f"j.{number}") as (path, key):
            path.write_bytes(b"rows")
        file = f"r.j.{number}.parquet"
        premises.keep("r", Kept(file, "pupils", 3, "0" * 64, ("a", "b"), ("a",)))
    found = Premises(tmp_path).kept("r")
    assert found is not None
    assert (found.file, found.columns) == ("r.j.2.parquet", ("a", "b"))
    assert premises.rows_of(found) == (tmp_path / "vault/r.j.2.parquet", key)
    assert not (tmp_path / "vault/r.j.1.parquet").exists()
    assert premises.kept("other") is None


def _fail_while_keeping(premises: Premises) -> None:
    with premises.keeping("r", "j.0") as (path, _key):
        path.write_bytes(b"half")
        raise ZeroDivisionError


def test_a_spool_counts_once_its_report_is_there(tmp_path: Path) -> None:
    premises = Premises(tmp_path)
    whole, half = premises.spool("a", 1), premises.spool("b", 1)
    (half / "data.csv").write_bytes(b"half")
    (tmp_path / "work" / "left").write_bytes(b"x")
    (tmp_path / "vault" / ".r.draft").write_bytes(b"x")
    premises.seal(whole, {"job": "a"})

    Premises(tmp_path).tidy()

    assert premises.spools() == [whole]
    assert premises.report(whole) == {"job": "a"}
    assert list((tmp_path / "work").iterdir()) == []
    assert list((tmp_path / "vault").iterdir()) == []
    premises.drop(whole)
    assert premises.spools() == []


def test_keys_are_made_once_and_are_their_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "identity.age"
    assert identity(path) == identity(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert Premises(tmp_path).content_key == Premises(tmp_path).content_key
    assert stat.S_IMODE((tmp_path / "vault.key").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "vault").stat().st_mode) == 0o700
