"""Where the master key is read from, and what is said when it cannot be."""

import base64
import stat
from pathlib import Path

import pytest

from hub.crypto import master
from hub.crypto.keys import Secret

VALUE = bytes(range(200, 232))
TEXT = base64.b64encode(VALUE).decode()


def test_the_master_key_is_read_from_base64_or_from_a_file(tmp_path: Path) -> None:
    raw, text = tmp_path / "raw", tmp_path / "text"
    raw.write_bytes(VALUE)
    text.write_text(TEXT + "\n")
    settings = (TEXT, f" {TEXT}\n", base64.urlsafe_b64encode(VALUE).decode())
    for setting in (*settings, f"file:{raw}", f"file:{text}", raw, text):
        assert master.load(setting).secret == Secret(VALUE)


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("", "No master key"),
        ("not base64 at all!", "not base64"),
        (base64.b64encode(b"sesame").decode(), "32 bytes, not 6"),
        ("file:/nowhere/at/all", "cannot be read: No such file"),
    ],
)
def test_an_unusable_master_key_is_explained_without_being_shown(setting: str, said: str) -> None:
    with pytest.raises(master.MasterKeyError, match=said) as caught:
        master.load(setting)
    assert "sesame" not in str(caught.value)
    assert not setting or setting not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_a_created_master_key_is_its_owners_and_stays(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "master"
    first = master.create(path)
    assert master.create(path) == first == master.load(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["master"]
