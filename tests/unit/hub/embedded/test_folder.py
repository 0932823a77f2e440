import errno
import re
import subprocess
import sys
from pathlib import Path

import pytest

from hub.embedded.folder import DataFolder, explain
from hub.embedded.refusals import CannotRun

HOLD = """
import pathlib, sys
from hub.embedded.folder import DataFolder
DataFolder(pathlib.Path(sys.argv[1]), room=0).take()
print("held", flush=True)
sys.stdin.read()
"""


def test_a_folder_is_made_private_and_held_until_released(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "deep" / "var", room=0)
    assert not folder.in_use()
    folder.take()
    assert folder.in_use()
    assert folder.path.stat().st_mode & 0o077 == 0
    folder.release()
    assert not folder.in_use()


def test_a_second_hub_is_told_which_process_holds_the_folder(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    with pytest.raises(CannotRun, match=rf"Another hub \(process {holder.pid}\) .*HUB_VAR"):
        DataFolder(tmp_path, room=0).take()
    holder.communicate()
    after = DataFolder(tmp_path, room=0)
    after.take()
    after.release()


def test_a_folder_is_not_taken_while_something_a_killed_hub_started_still_lives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.embedded.folder.PATIENCE", 0.2)
    first = DataFolder(tmp_path, room=0)
    first.take()
    orphan = subprocess.Popen(
        [sys.executable, "-c", "import sys; sys.stdin.read()"],
        stdin=subprocess.PIPE,
        pass_fds=first.inherited,
    )
    first.release()
    with pytest.raises(CannotRun, match="Processes of a former hub still write"):
        DataFolder(tmp_path, room=0).take()
    orphan.communicate()
    second = DataFolder(tmp_path, room=0)
    second.take()
    second.release()


def test_a_full_disk_is_said_with_what_is_free_and_what_is_needed(tmp_path: Path) -> None:
    with pytest.raises(CannotRun, match=r"Only \d+ MB are free .* needs \d+: .*HUB_VAR"):
        DataFolder(tmp_path, room=2**70).take()
    assert not DataFolder(tmp_path).in_use()


def test_a_file_in_the_place_of_the_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("")
    with pytest.raises(CannotRun, match=r"var is not a folder: .*HUB_VAR"):
        DataFolder(tmp_path / "var", room=0).take()


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (errno.ENOSPC, "No space is left for /srv/var"),
        (errno.EACCES, r"/srv/var cannot be written by this user \(permission denied\)"),
        (errno.EROFS, r"/srv/var cannot be written by this user \(read-only file system\)"),
    ],
)
def test_each_reason_not_to_write_has_its_sentence(number: int, sentence: str) -> None:
    told = explain(OSError(number, "no"), Path("/srv/var"))
    assert re.search(sentence, told)
    assert "HUB_VAR" in told
