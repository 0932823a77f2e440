from pathlib import Path

from hub.embedded.sockets import LIMIT, LONGEST_NAME, socket_folder


def test_sockets_live_beside_the_data() -> None:
    assert socket_folder(Path("/srv/hub/var")) == Path("/srv/hub/var/run")


def test_the_longest_path_that_a_socket_allows_is_used() -> None:
    room = LIMIT - len(f"/run/{LONGEST_NAME}")
    var = Path("/" + "a" * (room - 1))
    assert socket_folder(var) == var / "run"
    assert len(str(socket_folder(var) / LONGEST_NAME)) == LIMIT


def test_a_longer_path_falls_back_to_a_short_folder_of_its_own() -> None:
    long, other = Path("/" + "a" * 120), Path("/" + "b" * 120)
    assert len(str(socket_folder(long) / LONGEST_NAME)) <= LIMIT
    assert socket_folder(long) == socket_folder(long)
    assert socket_folder(long) != socket_folder(other)


def test_a_path_that_urls_or_postgresql_would_have_to_quote_falls_back_too() -> None:
    for name in ("my data", "données", "a,b", 'a"b', "a%20b"):
        var = Path("/srv") / name
        assert socket_folder(var).parent != var
