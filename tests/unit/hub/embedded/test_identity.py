import os
from pathlib import Path

import pytest

from hub.embedded.identity import Identity, reachable, server_identity
from hub.embedded.refusals import CannotRun

STRANGER = 54321


def test_a_folder_closed_to_others_cannot_be_reached_by_them(tmp_path: Path) -> None:
    inside = tmp_path / "closed" / "var"
    inside.mkdir(parents=True)
    (tmp_path / "closed").chmod(0o700)
    assert not reachable(inside, uid=STRANGER)


def test_an_owner_reaches_what_is_closed_to_others(tmp_path: Path) -> None:
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o700)
    closed_above = [p for p in folder.parents if p.stat().st_uid != os.geteuid()]
    assert all(p.stat().st_mode & 0o001 for p in closed_above)
    assert reachable(folder / "var", uid=os.geteuid())


def test_an_ordinary_user_stays_who_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1234)
    monkeypatch.setattr(os, "getegid", lambda: 1235)
    assert server_identity(binary=Path("/bin/true"), var=tmp_path) == Identity(1234, 1235)


@pytest.mark.parametrize("unshare", [None, "/nonexistent/unshare"])
def test_root_without_any_way_down_is_told_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unshare: str | None
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr("shutil.which", lambda name: unshare)
    with pytest.raises(CannotRun, match=r"does not run as root.*ordinary user"):
        server_identity(binary=tmp_path / "absent", var=tmp_path)
