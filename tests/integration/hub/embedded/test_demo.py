"""The whole demo, as `make demo` starts it. One start serves all these tests."""

import http.client
import re
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from hub.embedded import postgres
from hub.embedded.setting import HOST
from hub.embedded.sockets import socket_folder
from tests.integration.hub.embedded.machine import DEMO, RunningHub, eventually, those_of

pytestmark = pytest.mark.whole


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    running = RunningHub(
        tmp_path_factory.mktemp("hub") / "var", command=DEMO, HUB_DEMO_PUPILS="3000"
    ).ready()
    yield running
    running.end()


def page(hub: RunningHub, path: str) -> tuple[int, str]:
    """Return the status and the text of a page."""
    connection = http.client.HTTPConnection(HOST, hub.port, timeout=30)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def test_the_first_page_is_one_of_the_hub(demo: RunningHub) -> None:
    status, text = page(demo, "/")
    assert status == 200
    assert "<html" in text


def test_progress_is_told_with_seconds_before_the_hub_is_ready(demo: RunningHub) -> None:
    before = demo.said.split("Ready:")[0].splitlines()
    assert len(before) > 3
    assert all(re.match(r"\[ *\d+\.\d s\] ", line) for line in before if line.startswith("["))


def test_the_tables_belong_to_the_owner_and_the_hub_runs_as_the_other_role(
    demo: RunningHub,
) -> None:
    with psycopg.connect(
        host=str(socket_folder(demo.var)),
        port=postgres.PORT,
        user="postgres",
        dbname="hub",
        autocommit=True,
    ) as connection:
        owners = connection.execute(
            "select distinct tableowner from pg_tables where schemaname = 'public'"
        )
        assert owners.fetchall() == [("hub",)]
        eventually(
            lambda: connection.execute(
                "select 1 from pg_stat_activity where usename = 'hub_app' and datname = 'hub'"
            ).fetchone(),
            what="nobody is connected as hub_app",
        )
        connected = connection.execute(
            "select distinct usename from pg_stat_activity where datname = 'hub'"
        )
        assert {row[0] for row in connected} == {"hub_app", "postgres"}


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("web", "uvicorn"),
        ("worker", "celery .*worker"),
        ("beat", "celery .*beat"),
        ("node", "access.node"),
        ("postgres", "bin/postgres -D"),
        ("valkey", "valkey-server"),
    ],
)
def test_a_killed_part_comes_back_and_pages_answer_again(
    demo: RunningHub, name: str, part: str
) -> None:
    [pid] = oldest(demo.var, part)
    demo.kill_process(pid)
    demo.await_words(f"{name} was ended by SIGKILL: it is started again")
    eventually(lambda: oldest(demo.var, part) not in ([], [pid]), what=f"no new {name}")
    eventually(lambda: answers(demo), what="the hub is not ready again")
    assert page(demo, "/")[0] == 200


def oldest(var: Path, part: str) -> list[int]:
    """Return the process of a part, without its own children."""
    return sorted(pid for pid, words in those_of(var).items() if re.search(part, words))[:1]


def answers(hub: RunningHub) -> bool:
    """Say whether the hub is ready."""
    try:
        return page(hub, "/-/ready")[0] == 200
    except OSError:
        return False


def test_killed_with_make_the_hub_ends_and_its_second_start_repeats_nothing(
    demo: RunningHub,
) -> None:
    # `make` in front, played by a shell that waits for the hub as make does.
    assert demo.end() == 0
    assert those_of(demo.var) == {}
    shell = ("sh", "-c", '"$@"; true', "make", sys.executable, "-m", "hub.embedded", "demo")
    again = RunningHub(demo.var, command=(*shell, "--with-parent")).ready()
    assert "Tables:" not in again.said
    assert "loading" not in again.said
    again.process.send_signal(signal.SIGKILL)
    again.process.wait()
    eventually(lambda: those_of(demo.var) == {}, what="the hub outlived make")
    assert "database system is shut down" in (demo.var / "log" / "postgres.log").read_text()
