"""
The folder of a node: its keys, the rows it took in, what it has seen, what waits to be sent.

One process holds it at a time. Whatever kills that process, what is found again is whole: a file
appears by a rename, and a spool counts only once its report is there.
"""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from hub.crypto.keys import Secret, derive, new_secret
from hub.crypto.letters import new_identity

LOCK = "node.lock"
REPORT = "report.json"


class InUse(Exception):
    """Another process of a node holds the folder."""


@dataclass(frozen=True, slots=True)
class Kept:
    """
    A release that the node took in.

    :param columns: every column of the source, as it was
    :param read: those that were kept, in order
    :param digest: of the content of those
    """

    file: str
    source: str
    rows: int
    digest: str
    columns: tuple[str, ...]
    read: tuple[str, ...]


class Premises:
    """The folder of a node."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("vault", "spool", "work"):
            (folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
        self._secret = Secret(bytes.fromhex(_made(folder / "vault.key", _hexadecimal)))

    @contextmanager
    def held(self) -> Iterator[None]:
        """
        Hold the folder until the end, or until this process dies.

        :raises InUse: when another process does
        """
        descriptor = os.open(self.folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        except BlockingIOError:
            raise InUse from None
        finally:
            os.close(descriptor)

    @property
    def work(self) -> Path:
        """Return the folder of the engine's temporary files."""
        return self.folder / "work"

    @property
    def content_key(self) -> Secret:
        """Return the key of the digests of content."""
        return derive(self._secret, "content")

    # -- the rows -------------------------------------------------------------------------------

    @contextmanager
    def keeping(self, release: str, job: str) -> Iterator[tuple[Path, Secret]]:
        """Give a place for the rows of a release, and their key; nothing stays of a failure."""
        name = f"{release}.{job}.parquet"
        draft = self.folder / "vault" / f".{name}"
        try:
            yield draft, derive(self._secret, "vault", name)
            with draft.open("rb+") as file:
                os.fsync(file.fileno())
            draft.rename(self.folder / "vault" / name)
        finally:
            draft.unlink(missing_ok=True)

    def keep(self, release: str, kept: Kept) -> None:
        """Note that the rows of a release are there; those of before go."""
        _write(self.folder / "vault" / f"{release}.json", asdict(kept))
        for path in (self.folder / "vault").glob(f"{release}.*.parquet"):
            if path.name != kept.file:
                path.unlink()

    def kept(self, release: str) -> Kept | None:
        """Return what the node holds of a release."""
        told = _read(self.folder / "vault" / f"{release}.json")
        if told is None:
            return None
        lists = {name: tuple(told[name]) for name in ("columns", "read")}
        return Kept(**{**told, **lists})

    def rows_of(self, kept: Kept) -> tuple[Path, Secret]:
        """Return where the rows of a release are, and their key."""
        return self.folder / "vault" / kept.file, derive(self._secret, "vault", kept.file)

    # -- what was seen ----------------------------------------------------------------------------

    def is_new(self, nonce: str, expires_at: datetime, at: datetime) -> bool:
        """
        Tell whether an order is met for the first time, and remember it as long as it counts.

        It is on the disk before this returns: a process that was killed remembers too.
        """
        path = self.folder / "orders.json"
        seen = _read(path) or {}
        if nonce in seen:
            return False
        still = {one: end for one, end in seen.items() if datetime.fromisoformat(end) > at}
        _write(path, {**still, nonce: expires_at.isoformat()})
        return True

    # -- what waits to be sent ----------------------------------------------------------------------

    def spool(self, job: str, attempt: int) -> Path:
        """Return an empty folder for the sealed files of an attempt."""
        path = self.folder / "spool" / f"{job}.{attempt}"
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(mode=0o700)
        return path

    def seal(self, spool: Path, report: Mapping[str, Any]) -> None:
        """Complete a spool: from now on it is only sent."""
        _write(spool / REPORT, report)

    def report(self, spool: Path) -> dict[str, Any] | None:
        """Return what is to be said once a spool is sent, None while it is not complete."""
        return _read(spool / REPORT)

    def spools(self) -> list[Path]:
        """Return what waits to be sent."""
        return sorted((self.folder / "spool").iterdir())

    def drop(self, spool: Path) -> None:
        """Remove what was sent, or is not wanted any more."""
        shutil.rmtree(spool, ignore_errors=True)

    def tidy(self) -> None:
        """Remove what a process that was killed left unfinished."""
        shutil.rmtree(self.work, ignore_errors=True)
        self.work.mkdir(mode=0o700)
        for path in (self.folder / "vault").glob(".*"):
            path.unlink()
        for spool in self.spools():
            if self.report(spool) is None:
                self.drop(spool)


def identity(path: Path) -> Secret:
    """Return the private key of a node, made at its first start; only its owner can read it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Secret(_made(path, _new_identity).encode())


def _new_identity() -> str:
    return new_identity().reveal().decode()


def _hexadecimal() -> str:
    return new_secret().reveal().hex()


def _made(path: Path, make: Any) -> str:
    if not path.exists():
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        _flushed(draft, str(make()) + "\n")
        draft.rename(path)
    return path.read_text(encoding="utf-8").strip()


def _write(path: Path, told: Mapping[str, Any]) -> None:
    draft = path.with_name(f".{path.name}.draft")
    _flushed(draft, json.dumps(told))
    draft.rename(path)


def _flushed(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _read(path: Path) -> dict[str, Any] | None:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return dict(told)
