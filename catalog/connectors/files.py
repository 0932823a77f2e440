"""
Which file is what, by its bytes and never by its name, and what reads it.

One table: a kind of file and its connector.
"""

import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from pathlib import Path

from catalog.connectors.compressed.unpacking import unpacked
from catalog.connectors.csv_file.reader import CsvFile
from catalog.connectors.errors import ConnectorError
from catalog.connectors.excel.package import OLD_OFFICE, is_workbook, refuse_old_office
from catalog.connectors.excel.reader import ExcelFile
from catalog.connectors.json_file.objects import objects
from catalog.connectors.json_file.reader import JsonFile
from catalog.connectors.parquet_file.reader import ParquetFile
from catalog.connectors.port import Connector
from catalog.connectors.streams import Bytes, as_bytes
from catalog.connectors.xapi.reader import XapiFile
from catalog.connectors.xapi.statements import is_statement

_HEAD = 8_192
_ZIP = b"PK\x03\x04"
_PARQUET = b"PAR1"


class FileKind(StrEnum):
    """What a file is."""

    CSV = "csv"
    PARQUET = "parquet"
    EXCEL = "excel"
    JSON = "json"
    XAPI = "xapi"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a person says of a file that its bytes do not."""

    sheet: str = ""


Opens = Callable[[Bytes, Reading], Connector]

READERS: Mapping[FileKind, Opens] = {
    FileKind.CSV: lambda source, reading: CsvFile(source),
    FileKind.PARQUET: lambda source, reading: ParquetFile(source),
    FileKind.EXCEL: lambda source, reading: ExcelFile(source, sheet=reading.sheet),
    FileKind.JSON: lambda source, reading: JsonFile(source),
    FileKind.XAPI: lambda source, reading: XapiFile(source),
}


def open_file(source: Path | Bytes, reading: Reading | None = None) -> tuple[FileKind, Connector]:
    """
    Recognise a file, and return its kind with the connector that reads it.

    :raises ConnectorError: what no connector reads, or cannot be unpacked
    """
    kind, content = recognised(as_bytes(source))
    return kind, READERS[kind](content, reading or Reading())


def recognised(source: Bytes) -> tuple[FileKind, Bytes]:
    """
    Tell what a file is, and return its content, unpacked when it is compressed.

    :raises ConnectorError: another document, or an archive that cannot be unpacked
    """
    head = _head(source)
    if head.startswith(_PARQUET):
        return FileKind.PARQUET, source
    if head.startswith(OLD_OFFICE):
        raise refuse_old_office(source)
    if head.startswith(_ZIP) and is_workbook(_names(source)):
        return FileKind.EXCEL, source
    content = unpacked(source)
    if content is not source:
        head = _head(content)
        _refuse_packed(head)
    return _kind_of_text(head, content), content


def _head(source: Bytes) -> bytes:
    with source.open() as stream:
        return stream.read(_HEAD)


def _names(source: Bytes) -> list[str]:
    """Return the names in an archive; nothing when it is damaged: unpacking it will say so."""
    with source.open() as stream:
        try:
            with zipfile.ZipFile(stream) as archive:
                return archive.namelist()
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
            return []


def _refuse_packed(head: bytes) -> None:
    """Compressed twice, or compressed though it must be read from its end."""
    if head.startswith((_PARQUET, OLD_OFFICE, _ZIP)):
        raise ConnectorError(
            "packed_document",
            "The compressed file holds a Parquet file, an office document or an archive.",
            remedy="Give it as it is, without compressing it.",
        )


def _kind_of_text(head: bytes, content: Bytes) -> FileKind:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")
    if not start.startswith((b"{", b"[")):
        return FileKind.CSV
    first = next(islice(objects(content), 1), None)
    return FileKind.XAPI if first and is_statement(first.value) else FileKind.JSON
