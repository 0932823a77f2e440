import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from hub.embedded import postgres, valkey
from hub.embedded.setting import REPOSITORY
from hub.embedded.sockets import socket_folder
from tests.integration.hub.embedded.machine import (
    ELSEWHERE,
    RunningHub,
    eventually,
    those_of,
)

pytestmark = pytest.mark.whole


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    running = RunningHub(tmp_path_factory.mktemp("hub") / "var").ready()
    yield running
    running.end()


def owner(var: Path) -> psycopg.Connection[tuple[object, ...]]:
    """Connect to the hub's database."""
    return psycopg.connect(
        host=str(socket_folder(var)), port=postgres.PORT, user="hub", dbname="hub", autocommit=True
    )


def queue(var: Path) -> "redis.Redis":
    """Connect to the hub's Valkey."""
    return redis.Redis.from_url(valkey.url(socket_folder(var)))


def test_killed_postgresql_comes_back_with_its_data(hub: RunningHub) -> None:
    with owner(hub.var) as connection:
        connection.execute("create table kept (n int)")
        connection.execute("insert into kept values (7)")
    hub.kill(r"bin/postgres -D")
    hub.await_words("postgres was ended by SIGKILL: it is started again")
    eventually(lambda: postgres.answers(socket_folder(hub.var)), what="it never came back")
    with owner(hub.var) as connection:
        assert connection.execute("select n from kept").fetchone() == (7,)
    assert hub.process.poll() is None


def test_killed_valkey_comes_back_with_its_messages(hub: RunningHub) -> None:
    with queue(hub.var) as client:
        client.rpush("owed", "one", "two")
    hub.kill("valkey-server")
    hub.await_words("valkey was ended by SIGKILL: it is started again")
    eventually(
        lambda: valkey.answers(socket_folder(hub.var) / valkey.SOCKET), what="it never came back"
    )
    with queue(hub.var) as client:
        assert client.lrange("owed", 0, -1) == [b"one", b"two"]


def test_a_killed_web_server_answers_again(hub: RunningHub) -> None:
    hub.kill("http.server")
    hub.await_words("web was ended by SIGKILL: it is started again")
    eventually(lambda: "http.server" in " ".join(those_of(hub.var).values()), what="no web server")


def test_a_second_hub_on_the_folder_gets_one_sentence(hub: RunningHub) -> None:
    second = RunningHub(hub.var)
    assert second.process.wait(30) == 1
    last = second.said.splitlines()[-1]
    assert last.startswith(f"Another hub (process {hub.process.pid}) already uses the data folder")
    assert "Traceback" not in second.said


def test_a_second_hub_on_the_port_gets_one_sentence_and_leaves_nothing(
    hub: RunningHub, tmp_path: Path
) -> None:
    second = RunningHub(tmp_path / "var", HUB_PORT=str(hub.port))
    assert second.process.wait(30) == 1
    last = second.said.splitlines()[-1]
    assert last.startswith(f"Port {hub.port} is already in use: choose another")
    assert "HUB_PORT=" in last
    assert those_of(second.var) == {}
    assert not (second.var / "postgres").exists()


def test_ctrl_c_stops_everything_cleanly(tmp_path: Path) -> None:
    hub = RunningHub(tmp_path / "var").ready()
    assert len(those_of(hub.var)) > 4
    assert hub.end(signal.SIGINT) == 0
    assert "Stopped." in hub.said
    assert those_of(hub.var) == {}
    assert "database system is shut down" in (hub.var / "log" / "postgres.log").read_text()


def test_when_the_supervisor_is_killed_everything_ends_and_the_next_start_loses_nothing(
    tmp_path: Path,
) -> None:
    first = RunningHub(tmp_path / "var").ready()
    with owner(first.var) as connection:
        connection.execute("create table kept as select 7 as n")
    first.process.kill()
    first.process.wait()
    # At once: the second waits for what the first left to finish.
    second = RunningHub(first.var).ready()
    with owner(second.var) as connection:
        assert connection.execute("select n from kept").fetchone() == (7,)
    second.process.kill()
    second.process.wait()
    eventually(lambda: those_of(first.var) == {}, what="something outlived its hub")


def test_a_first_page_in_error_stops_the_hub_with_a_sentence(tmp_path: Path) -> None:
    hub = RunningHub(tmp_path / "var", STUB_ANSWER="500")
    assert hub.process.wait(60) == 1
    assert hub.said.splitlines()[-1].startswith("The first page answers with an error: see")
    assert those_of(hub.var) == {}


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"HUB_PORT": "eighty"}, "HUB_PORT is 'eighty', which is no port: "),
        ({"HUB_VAR": "/dev/null"}, "/dev/null is not a folder: "),
    ],
)
def test_the_command_says_what_is_wrong_in_one_line(
    environment: dict[str, str], sentence: str
) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "hub.embedded", "demo"],
        cwd=REPOSITORY,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    assert ran.stderr.startswith(sentence)
    assert len(ran.stderr.splitlines()) == 1


def test_words_it_does_not_know_get_its_usage() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "hub.embedded", "dance"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr[:6]) == (2, "Usage:")


def command(var: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run one of Django's commands by the package."""
    return subprocess.run(
        [sys.executable, "-m", "hub.embedded", "manage", *words],
        cwd=REPOSITORY,
        env={k: v for k, v in os.environ.items() if k not in ELSEWHERE} | {"HUB_VAR": str(var)},
        capture_output=True,
        text=True,
        check=False,
    )


WHO = ("shell", "--no-imports", "-c")
ASK = (
    "from django.db import connection as c; k = c.cursor();"
    " k.execute('select current_user'); print(k.fetchone()[0])"
)


def test_a_command_uses_the_servers_of_the_running_hub_or_its_own_for_a_while(
    hub: RunningHub, tmp_path: Path
) -> None:
    for var in (hub.var, tmp_path / "var"):
        ran = command(var, *WHO, ASK)
        assert ran.stdout.splitlines()[-1:] == ["hub_app"], ran.stderr
    assert those_of(tmp_path / "var") == {}
    assert hub.process.poll() is None


def test_the_exit_code_of_a_command_is_passed_on(hub: RunningHub) -> None:
    assert command(hub.var, *WHO, "raise SystemExit(3)").returncode == 3
