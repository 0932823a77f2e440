"""The two secrets of a hub on this machine, made once and kept in its data folder."""

import base64
import os
import secrets
from pathlib import Path

BYTES = 32


def local_keys(var: Path) -> dict[str, str]:
    """
    Return the variables of the secrets of the hub on ``var``, made at the first call.

    Losing ``master.key`` loses everything it wraps: it is never made twice.

    :raises OSError: when the folder cannot be written
    """
    folder = var / "secrets"
    folder.mkdir(mode=0o700, exist_ok=True)
    secret_key = _kept(folder / "secret.key")
    _kept(folder / "master.key")
    return {
        "HUB_SECRET_KEY": secret_key,
        "HUB_MASTER_KEY": f"file:{folder / 'master.key'}",
    }


def _kept(path: Path) -> str:
    if not path.exists():
        draft = path.with_suffix(".draft")
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(base64.b64encode(secrets.token_bytes(BYTES)))
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
    return path.read_text(encoding="ascii").strip()
