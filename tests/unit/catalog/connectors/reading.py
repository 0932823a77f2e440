"""What the tests of connectors do over and over: read everything, or see the error it ends with."""

from pathlib import Path
from typing import Any

import pytest

from catalog.connectors.errors import ConnectorError
from catalog.connectors.files import FileKind, Reading, open_file
from catalog.connectors.port import Inspection


def looked_at(path: Path, sheet: str = "") -> tuple[FileKind, Inspection]:
    """Recognise and inspect a file."""
    kind, connector = open_file(path, Reading(sheet))
    with connector as rows:
        return kind, rows.inspect()


def read_whole(path: Path, sheet: str = "", size: int = 1000) -> list[dict[str, Any]]:
    """Return every row."""
    _kind, connector = open_file(path, Reading(sheet))
    with connector as rows:
        names = [column.name for column in rows.inspect().columns]
        return [row for batch in rows.batches(names, size) for row in batch.to_pylist()]


def error_of(path: Path, sheet: str = "") -> ConnectorError:
    """Read everything, and return the error that it ends with."""
    with pytest.raises(ConnectorError) as caught:
        read_whole(path, sheet)
    assert caught.value.permanent
    return caught.value
