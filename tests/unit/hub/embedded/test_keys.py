import base64
import stat
from pathlib import Path

from hub.embedded.keys import local_keys


def test_secrets_are_made_once_for_their_owner_alone(tmp_path: Path) -> None:
    first = local_keys(tmp_path)
    assert local_keys(tmp_path) == first
    files = sorted((tmp_path / "secrets").iterdir())
    assert [path.name for path in files] == ["master.key", "secret.key"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700


def test_the_master_key_is_32_bytes_and_named_by_its_file_only(tmp_path: Path) -> None:
    named = local_keys(tmp_path)["HUB_MASTER_KEY"]
    text = Path(named.removeprefix("file:")).read_text(encoding="ascii")
    assert len(base64.b64decode(text, validate=True)) == 32
    assert text not in named


def test_two_hubs_have_different_secrets(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one, other = local_keys(tmp_path / "a"), local_keys(tmp_path / "b")
    assert one["HUB_SECRET_KEY"] != other["HUB_SECRET_KEY"]


def test_a_secret_whose_writing_was_cut_short_is_made_again(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "secret.draft").write_text("half")
    assert len(local_keys(tmp_path)["HUB_SECRET_KEY"]) == 44
