"""What a file really is, by its first bytes, whatever its name ends with."""

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"PAR1", "This is not a CSV file but a Parquet file."),
    (b"%PDF", "This is not a CSV file but a PDF document."),
    (b"\x89PNG", "This is not a CSV file but a PNG image."),
    (b"\xff\xd8\xff", "This is not a CSV file but a JPEG image."),
    (b"GIF8", "This is not a CSV file but a GIF image."),
    (b"\x1f\x8b", "This is not a CSV file but a gzip archive."),
    (b"BZh", "This is not a CSV file but a bzip2 archive."),
    (b"7z\xbc\xaf\x27\x1c", "This is not a CSV file but a 7-Zip archive."),
    (b"\xfd7zXZ", "This is not a CSV file but an xz archive."),
    (b"\x28\xb5\x2f\xfd", "This is not a CSV file but a Zstandard archive."),
    (b"Rar!", "This is not a CSV file but a RAR archive."),
    (b"\xd0\xcf\x11\xe0", "This is not a CSV file but an old Excel or Word document."),
    (b"SQLite format 3\x00", "This is not a CSV file but an SQLite database."),
    (b"ARROW1", "This is not a CSV file but an Arrow file."),
    (b"\x7fELF", "This is not a CSV file but a program."),
    (b"{\\rtf", "This is not a CSV file but a text processor document."),
)
_PAGES = (b"<!doctype html", b"<html", b"<?xml")


def signature_of(head: bytes) -> str | None:
    """Return what the first bytes betray ("This is not a CSV file but a ZIP archive."), None when they may be plain text."""
    if head.startswith(b"PK\x03\x04"):
        return _zipped(head)
    for signature, kind in _SIGNATURES:
        if head.startswith(signature):
            return kind
    if head.lstrip(b"\xef\xbb\xbf \r\n\t").lower().startswith(_PAGES):
        return "This is not a CSV file but a web page or an XML document."
    return None


def _zipped(head: bytes) -> str:
    if b"mimetypeapplication/vnd.oasis" in head:
        return "This is not a CSV file but a LibreOffice document."
    if b"[Content_Types].xml" in head or b"xl/" in head or b"_rels/" in head:
        return "This is not a CSV file but an Excel or Word document."
    return "This is not a CSV file but a ZIP archive."
