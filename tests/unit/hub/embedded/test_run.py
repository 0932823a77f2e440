import signal
from pathlib import Path

from hub.embedded.folder import DataFolder
from hub.embedded.run import Stamp, Stop, as_owner, servers_of


def test_the_first_request_to_stop_is_obeyed_in_order_and_the_second_in_a_hurry() -> None:
    with Stop() as stop:
        assert (stop.times, stop.hurry()) == (0, False)
        signal.raise_signal(signal.SIGINT)
        assert (stop.times, stop.hurry()) == (1, False)
        signal.raise_signal(signal.SIGTERM)
        assert (stop.times, stop.hurry()) == (2, True)


def test_the_end_of_the_terminal_is_a_request_to_stop_unless_it_was_to_be_ignored() -> None:
    former = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    try:
        with Stop() as stop:
            signal.raise_signal(signal.SIGHUP)
            assert stop.times == 1
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        with Stop() as stop:
            signal.raise_signal(signal.SIGHUP)
            assert stop.times == 0
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, former)


def test_what_was_done_is_done_again_when_its_digest_changes(tmp_path: Path) -> None:
    path = tmp_path / "migrated"
    assert not Stamp(path, "one").current()
    Stamp(path, "one").set()
    assert Stamp(path, "one").current()
    assert not Stamp(path, "two").current()


def test_what_was_done_elsewhere_is_never_known_to_be_done() -> None:
    stamp = Stamp(None, "one")
    stamp.set()
    assert not stamp.current()


def test_servers_named_by_the_environment_are_not_embedded(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    both = {"DATABASE_URL": "postgresql://there/hub", "REDIS_URL": "redis://there"}
    assert servers_of(folder, both).environment() == {}
    assert servers_of(folder, {"REDIS_URL": "redis://there"}).environment().keys() == {
        "DATABASE_URL",
        "DATABASE_OWNER_URL",
    }
    assert servers_of(folder, {"DATABASE_URL": ""}).environment().keys() == {
        "DATABASE_URL",
        "DATABASE_OWNER_URL",
        "REDIS_URL",
    }


def test_the_owner_migrates_and_without_an_owner_the_one_role_does() -> None:
    two = {"DATABASE_URL": "app", "DATABASE_OWNER_URL": "owner"}
    assert as_owner(two)["DATABASE_URL"] == "owner"
    assert as_owner({"DATABASE_URL": "app", "DATABASE_OWNER_URL": ""})["DATABASE_URL"] == "app"
