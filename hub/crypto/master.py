"""Read the master key from where the operator keeps it. Never shows what it read."""

import base64
import binascii
import os
from pathlib import Path

from hub.crypto.keys import KEY_BYTES, MasterKey, master_key

FILE_PREFIX = "file:"


class MasterKeyError(Exception):
    """The master key is missing or unusable; the message says what to do and shows no value."""


def load(setting: str | Path) -> MasterKey:
    """
    Read the master key from a setting.

    :param setting: ``file:/path``, a path object, or the key itself in base64 (44 characters). A
        file holds the 32 bytes as they are, or in base64.
    :raises MasterKeyError: with a sentence for the operator, without the value
    """
    if isinstance(setting, Path):
        return _from_file(setting)
    if setting.startswith(FILE_PREFIX):
        return _from_file(Path(setting.removeprefix(FILE_PREFIX)))
    if not setting.strip():
        raise MasterKeyError("No master key: give file:/path or 32 bytes in base64.")
    return _build(_decode(setting.encode()))


def create(path: Path) -> MasterKey:
    """
    Write a new random master key that only its owner can read, unless the file is there already.

    :returns: the key that the file holds, new or not
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(base64.b64encode(os.urandom(KEY_BYTES)) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        # A link fails where the name exists: of two processes that start together one wins whole.
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return _from_file(path)


def _from_file(path: Path) -> MasterKey:
    try:
        content = path.read_bytes()
    except OSError as error:
        reason = error.strerror or "unreadable"
        raise MasterKeyError(f"The master key's file cannot be read: {reason}.") from None
    return _build(content if len(content) == KEY_BYTES else _decode(content))


def _decode(text: bytes) -> bytes:
    compact = b"".join(text.split()).translate(bytes.maketrans(b"-_", b"+/"))
    try:
        return base64.b64decode(compact, validate=True)
    except (binascii.Error, ValueError):
        raise MasterKeyError("The master key is not base64.") from None


def _build(value: bytes) -> MasterKey:
    if len(value) != KEY_BYTES:
        raise MasterKeyError(f"The master key must have {KEY_BYTES} bytes, not {len(value)}.")
    return master_key(value)
