"""As whom the servers run: PostgreSQL refuses the superuser, so root steps down."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from hub.embedded.refusals import CannotRun


@dataclass(frozen=True, slots=True)
class Identity:
    """
    The user of the servers and how they become it.

    ``uid``, ``gid`` own their folders. ``switch`` says whether the process changes to them;
    ``prefix`` is a command that goes before theirs.
    """

    uid: int
    gid: int
    switch: bool = False
    prefix: tuple[str, ...] = ()


def reachable(path: Path, *, uid: int) -> bool:
    """Say whether user ``uid``, member of no useful group, may enter every folder above ``path``."""
    for folder in path.parents:
        found = folder.stat()
        enter = 0o100 if found.st_uid == uid else 0o001
        if not found.st_mode & enter:
            return False
    return True


def server_identity(*, binary: Path, var: Path) -> Identity:
    """
    Choose as whom the servers run.

    An ordinary user stays who they are. Root becomes ``nobody`` (or whoever already owns the data)
    where that user can reach the binary and the data; else (a clone under a folder closed to
    others, such as root's home) root enters a user namespace, where it is an ordinary user.

    :raises CannotRun: when neither is possible
    """
    if os.geteuid() != 0:
        return Identity(os.geteuid(), os.getegid())
    chosen = _owner(var / "postgres") or _nobody()
    within_reach = reachable(binary, uid=chosen.uid) and reachable(var, uid=chosen.uid)
    if within_reach and _runs(binary, chosen):
        return chosen
    unshare = shutil.which("unshare")
    prefix = (unshare or "unshare", "--user", "--map-user=1000", "--map-group=1000", "--")
    if unshare and _answers([*prefix, str(binary), "--version"]):
        return Identity(0, 0, prefix=prefix)
    raise CannotRun(
        f"PostgreSQL does not run as root, and no other user can reach {binary} and {var}:"
        " run the hub as an ordinary user, or move it out of folders closed to others."
    )


def _nobody() -> Identity:
    found = pwd.getpwnam("nobody")
    return Identity(found.pw_uid, found.pw_gid, switch=True)


def _owner(folder: Path) -> Identity | None:
    try:
        found = folder.stat()
    except FileNotFoundError:
        return None
    return Identity(found.st_uid, found.st_gid, switch=True) if found.st_uid else None


def _runs(binary: Path, identity: Identity) -> bool:
    return _answers([str(binary), "--version"], user=identity.uid, group=identity.gid)


def _answers(command: list[str], *, user: int | None = None, group: int | None = None) -> bool:
    try:
        answer = subprocess.run(
            command,
            user=user,
            group=group,
            extra_groups=None if user is None else [],
            cwd="/",
            capture_output=True,
            timeout=20,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return answer.returncode == 0
