"""What somebody sends by a form: bounded, and without a name on the disk."""

import io
import tempfile
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest
from django.test import RequestFactory

from hub.web.uploads import BoundedUploadHandler, TooLarge


def sent(content: bytes, *more: FileUploadHandler) -> HttpRequest:
    file = io.BytesIO(content)
    file.name = "words.csv"
    request = RequestFactory().post("/", {"file": file, "label": "x"})
    request.upload_handlers = [*more, BoundedUploadHandler(request)]
    return request


class Looking(FileUploadHandler):
    """Look at the folder of temporary files while a file comes."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self.seen: list[Path] = []
        self.pieces = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.pieces += 1
        self.seen += list(self.folder.iterdir())
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Leave the file to the handler that keeps it."""


def test_a_file_being_received_has_no_name_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    looking = Looking(tmp_path)
    content = b"123456789AB\n" * 100_000
    request = sent(content, looking)

    kept: Any = request.FILES["file"]

    assert looking.pieces > 1
    assert looking.seen == list(tmp_path.iterdir()) == []
    assert (kept.name, kept.size, kept.read()) == ("words.csv", len(content), content)
    assert request.POST["label"] == "x"
    request.close()
    assert kept.file.closed


def test_a_file_above_the_limit_is_refused_and_let_go(settings: Any) -> None:
    settings.HUB_UPLOAD_LIMIT = 1000

    with pytest.raises(TooLarge):
        _read = sent(b"x" * 2000).FILES
