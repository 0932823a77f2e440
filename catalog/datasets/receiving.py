"""Receive files over HTTP: sealed while they arrive, refused as soon as they are too large."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest

from catalog.datasets.uploads import Sealing, Upload
from hub.web.uploads import ROOM_FOR_FIELDS, too_large

PIECE = 1 << 18


class SealedFile(UploadedFile[bytes]):
    """An uploaded file of a form, already sealed on disk."""

    def __init__(self, upload: Upload, name: str) -> None:
        super().__init__(name=name, size=upload.size)
        self.upload = upload


class SealingHandler(FileUploadHandler):
    """Seal the file of a form while it arrives: nothing clear is written anywhere."""

    sealing: Sealing | None = None

    def handle_raw_input(
        self,
        input_data: Any,
        META: dict[str, str],  # noqa: N803 - Django's name
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> None:
        """Refuse what announces itself as too large."""
        refuse_too_large(content_length)

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file."""
        super().new_file(*args, **kwargs)
        self.sealing = Sealing()

    def receive_data_chunk(self, raw_data: bytes, _start: int) -> None:
        """Seal a piece, and keep it from any other handler."""
        if self.sealing is not None:
            self.sealing.write(raw_data)

    def file_complete(self, _file_size: int) -> SealedFile | None:
        """Return the sealed file."""
        if self.sealing is None:
            return None
        upload, self.sealing = self.sealing.finish(), None
        return SealedFile(upload, self.file_name or "")

    def upload_interrupted(self) -> None:
        """Leave nothing of a file whose end never came."""
        if self.sealing is not None:
            self.sealing.abandon()


def announced_length(request: HttpRequest) -> int:
    """Return how many bytes a request says that it has."""
    text = request.META.get("CONTENT_LENGTH") or "0"
    return int(text) if str(text).isdigit() else 0


def refuse_too_large(length: int) -> None:
    """
    Refuse before a byte is read.

    :raises Invalid: above ``HUB_UPLOAD_LIMIT``
    """
    if length > settings.HUB_UPLOAD_LIMIT + ROOM_FOR_FIELDS:
        raise too_large()


def pieces(stream: Any) -> Iterator[bytes]:
    """Yield what a stream holds."""
    while piece := stream.read(PIECE):
        yield piece
