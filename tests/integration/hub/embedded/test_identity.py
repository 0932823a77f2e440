"""As whom the servers run: another user than root, and nobody else's folder."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.embedded import postgres
from hub.embedded.folder import DataFolder
from hub.embedded.identity import reachable
from hub.embedded.servers import Servers
from tests.integration.hub.embedded.machine import connected

pytestmark = pytest.mark.whole

TRY = """
import pathlib, sys
from hub.embedded.folder import DataFolder
from hub.embedded.identity import reachable
from hub.embedded.refusals import CannotRun
from hub.embedded.servers import Servers
folder = DataFolder(pathlib.Path(sys.argv[1]), room=0)
try:
    folder.take()
    servers = Servers(folder, durable=False)
    servers.start()
    owners = {(servers.folder.path / name / "data").stat().st_uid for name in ("postgres", "valkey")}
    servers.stop()
    print("owners", *owners)
except CannotRun as reason:
    print(reason)
"""
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root steps down to another user")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Return a folder that every user may enter, which pytest's own are not."""
    path = Path(tempfile.mkdtemp())
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@as_root
def test_as_root_the_servers_run_as_another_user(open_folder: Path) -> None:
    folder = DataFolder(open_folder / "var", room=0)
    folder.take()
    servers = Servers(folder, durable=False)
    if not reachable(postgres.binary(), uid=pwd.getpwnam("nobody").pw_uid):
        pytest.skip("another user cannot reach the installed binaries")
    servers.start()
    owners = {Path(f"/proc/{process.pid}").stat().st_uid for process in servers.processes}
    assert owners == {pwd.getpwnam("nobody").pw_uid}
    servers.stop()
    folder.release()


@as_root
def test_under_a_folder_closed_to_others_root_runs_them_in_a_user_namespace(
    tmp_path: Path,
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    folder = DataFolder(closed / "var", room=0)
    folder.take()
    servers = Servers(folder, durable=False)
    servers.start()
    pid = servers.processes[0].pid
    assert Path(f"/proc/{pid}/uid_map").read_text().split() == ["1000", "0", "1"]
    assert "CapEff:\t0000000000000000" in Path(f"/proc/{pid}/status").read_text()
    servers.stop()
    folder.release()


@as_root
def test_data_that_root_left_to_another_user_follow_it_into_a_closed_folder(
    open_folder: Path,
) -> None:
    opened = open_folder / "open"
    opened.mkdir()
    owners = []
    for mode in (0o755, 0o700):
        opened.chmod(mode)
        folder = DataFolder(opened / "var", room=0)
        folder.take()
        servers = Servers(folder, durable=False)
        servers.start()
        owners.append(servers.sockets.stat().st_uid)
        with connected(servers, "DATABASE_OWNER_URL") as connection:
            connection.execute("create table if not exists kept (n int)")
        servers.stop()
        folder.release()
    assert owners in ([pwd.getpwnam("nobody").pw_uid, 0], [0, 0])


def ordinary(tmp_path: Path, *, user: str = "nobody") -> "subprocess.CompletedProcess[str]":
    """Start the servers as an ordinary user, with an interpreter that this user can reach."""
    interpreter = Path("/usr/bin/python3")
    packages = Path(pytest.__file__).resolve().parents[1]
    wanted = f"{sys.version_info.major}.{sys.version_info.minor}"
    asked = [str(interpreter), "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    found = (
        subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
        if interpreter.exists()
        else ""
    )
    within_reach = all(p.stat().st_mode & 0o001 for p in (*packages.parents, packages))
    if found != wanted or not within_reach:
        pytest.skip(f"another user can reach no Python {wanted} or not these packages")
    entry = pwd.getpwnam(user)
    repository = Path(__file__).parents[4]
    return subprocess.run(
        [str(interpreter), "-c", TRY, str(tmp_path)],
        user=entry.pw_uid,
        group=entry.pw_gid,
        extra_groups=[],
        cwd="/",
        env={"PYTHONPATH": f"{repository}:{packages}", "PATH": os.defpath},
        capture_output=True,
        text=True,
        check=False,
    )


@as_root
def test_as_an_ordinary_user_the_servers_run_as_that_user(open_folder: Path) -> None:
    entry = pwd.getpwnam("nobody")
    os.chown(open_folder, entry.pw_uid, entry.pw_gid)
    ran = ordinary(open_folder / "var")
    assert ran.stdout == f"owners {entry.pw_uid}\n", ran.stderr


@as_root
def test_a_folder_that_an_ordinary_user_cannot_write_is_said(tmp_path: Path) -> None:
    ran = ordinary(Path("/usr/hub-var"))
    assert ran.stdout.startswith("/usr/hub-var cannot be written by this user")
