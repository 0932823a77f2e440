"""What an office file is, and whether it is small enough to be unpacked: looked at before it is read."""

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from catalog.connectors.compressed.limits import LIMITS, UnpackLimits
from catalog.connectors.errors import ConnectorError
from catalog.connectors.streams import Bytes

OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_SEALED = "EncryptedPackage".encode("utf-16-le")
_PIECE = 1 << 20
_SHEETS = "xl/worksheets/"


@dataclass(frozen=True, slots=True)
class ExcelLimits:
    """Bounds on one workbook."""

    unpack: UnpackLimits = LIMITS
    whole_part_bytes: int = 150_000_000
    """Parts that are read at once: texts shared by the cells, styles."""


EXCEL_LIMITS = ExcelLimits()


def is_workbook(names: Sequence[str]) -> bool:
    """
    Tell whether an archive is a workbook of Excel.

    :raises ConnectorError: when it is another document of an office
    """
    for start, explanation in _OTHERS:
        if any(name.startswith(start) for name in names):
            raise _not_a_table(explanation)
    return any(name.startswith("xl/workbook") for name in names)


_OTHERS = (
    ("xl/workbook.bin", "This is a binary Excel workbook (.xlsb)."),
    ("word/", "This is a Word document."),
    ("ppt/", "This is a PowerPoint document."),
    ("content.xml", "This is a LibreOffice document."),
)


def refuse_old_office(source: Bytes) -> ConnectorError:
    """Say what is wrong with a file of the old office format, which also wraps passwords."""
    with source.open() as stream:
        sealed = _holds(stream, _SEALED)
    if sealed:
        return ConnectorError(
            "encrypted_workbook",
            "The workbook is protected by a password.",
            remedy="Save it without: the hub encrypts what it receives.",
        )
    return _not_a_table("This is an old Excel or Word document (.xls, .doc).")


def _not_a_table(explanation: str) -> ConnectorError:
    return ConnectorError(
        "other_document",
        explanation,
        remedy="Save the table as .xlsx or as CSV.",
    )


def _holds(stream: BinaryIO, words: bytes) -> bool:
    kept = b""
    while piece := stream.read(_PIECE):
        if words in kept + piece:
            return True
        kept = piece[-len(words) :]
    return False


def require_small(archive: zipfile.ZipFile, limits: ExcelLimits = EXCEL_LIMITS) -> None:
    """
    Accept a workbook that unpacks to a reasonable size; the archive cannot give more than it says.

    :raises ConnectorError: too large, or a bomb
    """
    entries = archive.infolist()
    sizes = {entry.filename: entry.file_size for entry in entries}
    whole = max((size for name, size in sizes.items() if _is_read_whole(name)), default=0)
    if sum(sizes.values()) > limits.unpack.unpacked_bytes or whole > limits.whole_part_bytes:
        raise ConnectorError(
            "unpacks_too_large",
            "Unpacked, the workbook is larger than the hub reads.",
            remedy="Split the table, or give it as CSV or Parquet.",
        )
    if any(_is_bomb(entry, limits.unpack) for entry in entries):
        raise ConnectorError(
            "unpacks_too_much",
            "Each byte of the compressed file gives more than %(limit)s bytes: no table"
            " does, and the hub stops there.",
            values={"limit": limits.unpack.ratio},
            remedy="Give the table as CSV or Parquet.",
        )


def _is_read_whole(name: str) -> bool:
    return name.endswith((".xml", ".rels")) and not name.startswith(_SHEETS)


def _is_bomb(entry: zipfile.ZipInfo, limits: UnpackLimits) -> bool:
    is_large = entry.file_size > limits.ratio_after
    return is_large and entry.file_size > limits.ratio * max(entry.compress_size, 1)
