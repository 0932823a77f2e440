"""Refuse an upload that is too large before a byte of it is kept."""

import io
from tempfile import TemporaryFile
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import InMemoryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest

from hub.kernel.refusals import Invalid, Refusal

ROOM_FOR_FIELDS = 64 * 1024


class BoundedUploadHandler(FileUploadHandler):
    """
    Keep a file in a temporary one; look at the announced length first, and count what comes.

    The temporary file has no name: however the process ends, nothing of what somebody sent (a
    list of identifiers, say) stays on the disk.

    :raises TooLarge: above ``HUB_UPLOAD_LIMIT``
    """

    received = 0
    file: "UploadedFile[Any] | None" = None

    def handle_raw_input(
        self,
        input_data: Any,
        META: dict[str, str],  # noqa: N803 - Django's name
        content_length: Any,
        boundary: str,
        encoding: str | None = None,
    ) -> None:
        if content_length > settings.HUB_UPLOAD_LIMIT + ROOM_FOR_FIELDS:
            raise too_large()

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.file = UploadedFile(
            TemporaryFile(),  # noqa: SIM115 - Django closes it with the request
            self.file_name,
            self.content_type,
            0,
            self.charset,
            self.content_type_extra,
        )

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.received += len(raw_data)
        if self.received > settings.HUB_UPLOAD_LIMIT:
            self.upload_interrupted()
            raise too_large()
        if self.file is not None:
            self.file.write(raw_data)

    def file_complete(self, file_size: int) -> "UploadedFile[Any] | None":
        if self.file is not None:
            self.file.seek(0)
            self.file.size = file_size
        return self.file

    def upload_interrupted(self) -> None:
        if self.file is not None:
            self.file.close()


class InMemoryUploadHandler(FileUploadHandler):
    """
    Keep a small file in memory: not a byte of it touches a disk, not even without a name.

    :param refusal: what is said of a larger one
    :raises TooLarge: above ``FILE_UPLOAD_MAX_MEMORY_SIZE``, from which a server would write a body
    """

    def __init__(self, request: HttpRequest, *, refusal: Refusal) -> None:
        super().__init__(request)
        self._refusal = refusal

    def handle_raw_input(
        self,
        input_data: Any,
        META: dict[str, str],  # noqa: N803 - Django's name
        content_length: Any,
        boundary: str,
        encoding: str | None = None,
    ) -> None:
        if content_length > settings.FILE_UPLOAD_MAX_MEMORY_SIZE:
            raise TooLarge([self._refusal])

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.content = io.BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.content.write(raw_data)

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        self.content.seek(0)
        return InMemoryUploadedFile(
            file=self.content,
            field_name=self.field_name,
            name=self.file_name,
            content_type=self.content_type,
            size=file_size,
            charset=self.charset,
            content_type_extra=self.content_type_extra,
        )


class TooLarge(Invalid, RequestDataTooBig):
    """
    More was sent than the hub takes.

    Also one of Django's own errors: a form may be read before any view runs, to look for its
    token, and what is raised there is answered by Django.
    """


def too_large() -> TooLarge:
    """Return the sentence for a file above the limit."""
    return TooLarge(
        [
            Refusal(
                "file-too-large",
                "The file is larger than %(limit)s MB, the limit of this hub.",
                "Send a Parquet file, cut the file in parts, or point to a database table.",
                values={"limit": settings.HUB_UPLOAD_LIMIT // 1024**2},
                about="file",
            )
        ]
    )
