"""Compressed files are read as what they hold, and bombs are refused while they unfold."""

import bz2
import gzip
import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from catalog.connectors.compressed.limits import UnpackLimits
from catalog.connectors.compressed.unpacking import unpacked
from catalog.connectors.csv_file.reader import CsvFile
from catalog.connectors.errors import ConnectorError
from catalog.connectors.files import FileKind
from catalog.connectors.streams import Bytes, OnDisk
from tests.unit.catalog.connectors.reading import error_of, looked_at, read_whole

CSV = "uai;élèves\n0530030V;012\n0530031W;\n".encode()
ROWS = [{"uai": "0530030V", "élèves": "012"}, {"uai": "0530031W", "élèves": ""}]


def zipped(**files: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__dot__", ".").replace("__in__", "/"), content)
    return held.getvalue()


def zstd(content: bytes) -> bytes:
    return bytes(pa.compress(content, codec="zstd", asbytes=True))


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "zstd": zstd,
    "zip": lambda content: zipped(data__dot__csv=content),
    "zip with furniture": lambda content: zipped(
        d__in__data__dot__csv=content, __MACOSX__in___data=b"x", __dot__DS_Store=b"x"
    ),
    "gzip in two members": lambda content: gzip.compress(content[:9]) + gzip.compress(content[9:]),
}


def lengths(content: Bytes) -> Iterator[int]:
    with content.open() as stream:
        while piece := stream.read(100_000):
            yield len(piece)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "named.pdf"


@pytest.mark.parametrize("packing", PACKED)
def test_a_compressed_csv_is_read_whatever_its_name_says(path: Path, packing: str) -> None:
    path.write_bytes(PACKED[packing](CSV))
    kind, seen = looked_at(path)
    assert kind is FileKind.CSV
    assert seen.row_count == 2
    assert read_whole(path) == ROWS


@pytest.mark.parametrize("packing", ["gzip", "bzip2", "zstd", "zip"])
@pytest.mark.parametrize("keep", [0.5, 0.9])
def test_a_compressed_file_cut_short_says_so(path: Path, packing: str, keep: float) -> None:
    whole = PACKED[packing](CSV * 1000)
    path.write_bytes(whole[: int(len(whole) * keep)])
    assert error_of(path).code == "damaged_archive"


def test_a_gzip_whose_content_was_altered_is_refused(path: Path) -> None:
    whole = bytearray(gzip.compress(CSV * 1000))
    whole[-6] ^= 0xFF
    path.write_bytes(whole)
    assert error_of(path).code == "damaged_archive"


@pytest.mark.parametrize("packing", ["gzip", "bzip2", "zstd", "zip"])
def test_a_bomb_is_refused_by_its_ratio_long_before_it_has_unfolded(
    path: Path, packing: str
) -> None:
    path.write_bytes(PACKED[packing](b"a;b\n" + b"0;0\n" * 3_000_000))
    limits = UnpackLimits(ratio_after=1_000_000)
    content = unpacked(OnDisk(path), limits)
    given: list[int] = []
    with pytest.raises(ConnectorError) as caught:
        given.extend(lengths(content))
    assert caught.value.code == "unpacks_too_much"
    assert sum(given) < 9_000_000


def test_what_unpacks_to_more_than_the_limit_is_refused(path: Path) -> None:
    path.write_bytes(gzip.compress(CSV * 10_000))
    content = unpacked(OnDisk(path), UnpackLimits(unpacked_bytes=100_000))
    with pytest.raises(ConnectorError) as caught, CsvFile(content) as rows:
        rows.inspect()
    assert caught.value.code == "unpacks_too_large"


def test_an_archive_of_several_tables_is_not_guessed(path: Path) -> None:
    path.write_bytes(zipped(a__dot__csv=CSV, b__dot__csv=CSV))
    error = error_of(path)
    assert (error.code, error.values["count"]) == ("not_one_file", 2)
    path.write_bytes(zipped())
    assert error_of(path).code in {"not_one_file", "not_csv"}


def test_an_encrypted_archive_is_refused_by_name(path: Path) -> None:
    content = bytearray(zipped(a__dot__csv=CSV))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + offset] |= 1
    path.write_bytes(content)
    assert error_of(path).code == "encrypted_archive"


def test_an_archive_whose_method_could_eat_memory_is_refused(path: Path) -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a.csv", CSV)
    path.write_bytes(held.getvalue())
    assert error_of(path).code == "damaged_archive"


def test_an_archive_that_lies_about_a_size_gives_no_more_than_it_says(path: Path) -> None:
    content = bytearray(zipped(a__dot__csv=CSV * 100))
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = content.index(mark) + offset
        content[at : at + 4] = (len(CSV) * 10).to_bytes(4, "little")
    path.write_bytes(content)
    assert error_of(path).code == "damaged_archive"


@pytest.mark.parametrize(
    "inner",
    [b"PAR1....", b"\xd0\xcf\x11\xe0....", gzip.compress(CSV), zipped(a=CSV)],
    ids=["Parquet", "Excel 97", "gzip", "ZIP"],
)
def test_what_is_compressed_twice_or_needs_its_end_is_refused(path: Path, inner: bytes) -> None:
    path.write_bytes(gzip.compress(inner))
    assert error_of(path).code in {"packed_document", "not_csv"}


def test_a_file_that_is_not_compressed_is_itself(path: Path) -> None:
    path.write_bytes(CSV)
    source = OnDisk(path)
    assert unpacked(source) is source
