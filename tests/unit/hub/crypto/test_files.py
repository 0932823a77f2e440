"""Files that say nothing at rest."""

import base64
import io
import os
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from hub.crypto import files
from hub.crypto.keys import new_secret

KEY = new_secret()
CLEAR_FIRST = files.SEGMENT - files.TAG - files.HEADER
CLEAR_NEXT = files.SEGMENT - files.TAG
SIZES = [0, 1, CLEAR_FIRST - 1, CLEAR_FIRST, CLEAR_FIRST + 1, CLEAR_FIRST + CLEAR_NEXT, 3_500_001]


def seal(path: Path, content: bytes, context: bytes = b"") -> None:
    with path.open("wb") as file, files.SealedWriter(file, KEY, context) as writer:
        for start in range(0, len(content), 300_007):
            writer.write(content[start : start + 300_007])
        assert writer.tell() == len(content)
        assert writer.writable()


@pytest.mark.parametrize("size", SIZES)
def test_a_sealed_file_gives_back_what_was_written(tmp_path: Path, size: int) -> None:
    content, path = os.urandom(size), tmp_path / "sealed"
    seal(path, content)
    with files.SealedReader(path, KEY) as reader:
        assert reader.size == size
        assert reader.readall() == content
    assert b"".join(files.ranged(path, KEY)) == content


def test_any_range_of_a_sealed_file_can_be_read(tmp_path: Path) -> None:
    content, path = os.urandom(2_500_000), tmp_path / "sealed"
    seal(path, content)
    edges = [0, 1, CLEAR_FIRST - 1, CLEAR_FIRST, CLEAR_FIRST + 1, 2_400_000, 2_499_999]
    for start in edges:
        for stop in (start, start + 1, start + CLEAR_NEXT, None, 9_999_999):
            assert b"".join(files.ranged(path, KEY, start=start, stop=stop)) == content[start:stop]
    with files.SealedReader(path, KEY) as reader:
        assert reader.seekable()
        assert reader.readable()
        assert reader.seek(-5, io.SEEK_END) == len(content) - 5 == reader.tell()
        assert reader.read() == content[-5:]
        reader.seek(10)
        reader.seek(-20, io.SEEK_CUR)
        assert reader.read(0) == b""
        assert reader.read(3) == content[:3]


def test_nothing_of_the_content_is_readable_on_disk(tmp_path: Path) -> None:
    path = tmp_path / "sealed"
    seal(path, b"0123456789A;DUPONT\n" * 1000)
    assert b"DUPONT" not in path.read_bytes()


def test_an_altered_or_cut_sealed_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sealed"
    seal(path, os.urandom(2_500_000))
    whole = path.read_bytes()
    for bad in (
        whole[:-1],
        whole[: files.SEGMENT],
        whole[: files.HEADER],
        whole[: files.HEADER - 1],
        b"",
        b"PAR1" + whole[4:],
        whole[:100] + bytes([whole[100] ^ 1]) + whole[101:],
        whole[: files.SEGMENT] + whole[2 * files.SEGMENT :],
    ):
        path.write_bytes(bad)
        with pytest.raises(files.Unreadable):
            b"".join(files.ranged(path, KEY))


def test_another_key_or_context_opens_nothing(tmp_path: Path) -> None:
    path = tmp_path / "sealed"
    seal(path, b"content", b"extract 1")
    with pytest.raises(files.Unreadable):
        b"".join(files.ranged(path, new_secret(), context=b"extract 1"))
    with pytest.raises(files.Unreadable):
        b"".join(files.ranged(path, KEY, context=b"extract 2"))


@pytest.mark.parametrize("collected", [False, True])
def test_a_sealed_file_given_up_never_opens(tmp_path: Path, *, collected: bool) -> None:
    path = tmp_path / "sealed"
    with path.open("wb") as file:
        writer = files.SealedWriter(file, KEY)
        writer.write(b"half")
        if collected:
            del writer
        else:
            writer.abandon()
            writer.close()
    with pytest.raises(files.Unreadable):
        b"".join(files.ranged(path, KEY))


def test_an_encrypted_parquet_file_opens_with_its_key_only(tmp_path: Path) -> None:
    path, table = tmp_path / "part.parquet", pa.table({"nom": ["DUPONT"], "note": [12.5]})
    with files.parquet_writer(path, table.schema, KEY) as writer:
        writer.write_table(table)
    assert b"DUPONT" not in path.read_bytes()
    assert b"nom" not in path.read_bytes()
    assert files.open_parquet(path, KEY).read().equals(table)
    for key in (None, new_secret()):
        with pytest.raises(files.Unreadable):
            files.open_parquet(path, key)


def test_a_clear_parquet_file_is_not_taken_for_an_encrypted_one(tmp_path: Path) -> None:
    path, table = tmp_path / "part.parquet", pa.table({"uai": ["0530030V"]})
    with files.parquet_writer(path, table.schema, None) as writer:
        writer.write_table(table)
    assert files.open_parquet(path, None).read().equals(table)
    with pytest.raises(files.Unreadable):
        files.open_parquet(path, KEY)
    with pytest.raises(FileNotFoundError):
        files.open_parquet(tmp_path / "none", KEY)


def test_duckdb_reads_the_encrypted_parquet_that_the_vault_keeps(tmp_path: Path) -> None:
    path, table = tmp_path / "part.parquet", pa.table({"note": [12.5, 13.5]})
    with files.parquet_writer(path, table.schema, KEY) as writer:
        writer.write_table(table)
    key = base64.b64encode(KEY.reveal()).decode()
    with duckdb.connect() as db:
        db.execute(f"PRAGMA add_parquet_key('k', '{key}')")
        read = f"read_parquet('{path}', encryption_config={{footer_key: 'k'}})"
        assert db.execute(f"SELECT sum(note) FROM {read}").fetchone() == (26.0,)
