import socket
from pathlib import Path

import pytest

from hub.embedded.refusals import CannotRun
from hub.embedded.setting import HOST, REPOSITORY, Setting, check_port, read_setting


def test_by_default_the_data_are_in_the_repository_and_the_port_is_8000() -> None:
    setting = read_setting({})
    assert (setting.var, setting.port) == (REPOSITORY / "var", 8000)
    assert setting.address == "http://127.0.0.1:8000/"


def test_a_relative_folder_starts_at_the_repository_and_an_absolute_one_stands() -> None:
    assert read_setting({"HUB_VAR": "other"}).var == REPOSITORY / "other"
    assert read_setting({"HUB_VAR": "/srv/hub"}).var == Path("/srv/hub")


@pytest.mark.parametrize("text", ["eight", "0", "65536", "-1", "80.5", "٨٠"])
def test_a_port_that_is_no_port_is_named(text: str) -> None:
    with pytest.raises(CannotRun, match="HUB_PORT"):
        read_setting({"HUB_PORT": text})


def test_a_port_in_use_is_named_with_the_variable_that_chooses_another() -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CannotRun, match=f"Port {port} is already in use: .*HUB_PORT="):
            check_port(port)


def test_a_free_port_is_accepted() -> None:
    with socket.socket() as found:
        found.bind((HOST, 0))
        port = found.getsockname()[1]
    check_port(port)


def test_the_environment_keeps_what_the_person_set_and_adds_secrets_by_reference(
    tmp_path: Path,
) -> None:
    setting = Setting(tmp_path, 8123, {"HUB_NAME": "Ours", "HUB_BASE_URL": "https://hub.example"})
    environment = setting.environment({"REDIS_URL": "unix:///run/valkey.sock"})
    assert environment["HUB_NAME"] == "Ours"
    assert environment["HUB_BASE_URL"] == "https://hub.example"
    assert environment["REDIS_URL"] == "unix:///run/valkey.sock"
    assert environment["HUB_PORT"] == "8123"
    assert environment["HUB_MASTER_KEY"] == f"file:{tmp_path / 'secrets' / 'master.key'}"
    assert environment["HUB_MAIL_URL"] == f"file:{tmp_path / 'mail'}"


def test_the_environment_takes_the_secrets_that_the_person_set(tmp_path: Path) -> None:
    given = {"HUB_MASTER_KEY": "file:/etc/hub/key", "HUB_SECRET_KEY": "theirs"}
    assert given.items() <= Setting(tmp_path, 8123, given).environment({}).items()
