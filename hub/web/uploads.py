"""Refuse an upload that is too large before a byte of it is kept."""

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import TemporaryFileUploadHandler

from hub.kernel.refusals import Invalid, Refusal

ROOM_FOR_FIELDS = 64 * 1024


class BoundedUploadHandler(TemporaryFileUploadHandler):
    """
    Keep a file in a temporary one; look at the announced length first, and count what comes.

    :raises TooLarge: above ``HUB_UPLOAD_LIMIT``
    """

    received = 0

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

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.received += len(raw_data)
        if self.received > settings.HUB_UPLOAD_LIMIT:
            self.upload_interrupted()
            raise too_large()
        super().receive_data_chunk(raw_data, start)


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
