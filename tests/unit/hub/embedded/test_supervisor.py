import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hub.embedded.processes import Process, Programme, stop_together
from hub.embedded.refusals import CannotRun
from hub.embedded.supervisor import (
    MOST_DEATHS,
    WINDOW,
    Supervisor,
    end_in_words,
    pause_before_restart,
)

Started = Callable[[str], Process]
WAITS = "import time; print('up', flush=True); time.sleep(60)"
DEAF = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {WAITS}"
PARENT = (
    f"import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', {WAITS!r}]); {WAITS}"
)


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Started]:
    processes: list[Process] = []

    def start(code: str) -> Process:
        process = Process(
            Programme(
                name="it",
                command=(sys.executable, "-c", code),
                folder=tmp_path,
                log=tmp_path / f"{len(processes)}.log",
                endings=((signal.SIGTERM, 0.3),),
            )
        )
        processes.append(process)
        process.start()
        return process

    yield start
    for process in processes:
        process.sweep()


def said(process: Process, words: str, *, times: int = 1) -> None:
    """Wait until the log of a process holds these words."""
    log = process.programme.log
    assert log is not None
    until = time.monotonic() + 20
    while log.read_text().count(words) < times:
        assert time.monotonic() < until, "the process stayed silent"
        time.sleep(0.01)


def test_a_process_that_was_killed_is_started_again_with_a_line(started: Started) -> None:
    lines: list[str] = []
    supervisor = Supervisor(say=lines.append)
    process = started(WAITS)
    supervisor.watch(process)
    said(process, "up")
    first = process.pid
    process.send(signal.SIGKILL)
    process.wait()
    supervisor.tend()
    assert process.pid != first
    assert process.alive()
    assert lines == ["it was ended by SIGKILL: it is started again."]


def test_what_a_dead_process_left_behind_is_killed_before_the_next_start(started: Started) -> None:
    process = started(PARENT)
    said(process, "up", times=2)
    supervisor = Supervisor(say=lambda line: None)
    supervisor.watch(process)
    group = process.pid
    process.send(signal.SIGKILL)
    process.wait()
    supervisor.tend()
    assert members(group) == []


def test_a_process_that_dies_again_and_again_ends_the_hub_with_its_last_words(
    started: Started,
) -> None:
    now = [0.0]
    supervisor = Supervisor(say=lambda line: None, clock=lambda: now[0])
    process = started("raise SystemExit('an error of mine')")
    supervisor.watch(process)

    def live_on() -> None:
        for _ in range(100):
            process.wait()
            supervisor.tend()
            now[0] += 0.5

    with pytest.raises(
        CannotRun, match=r"it ended with code 1, 6 times within two minutes: .*error of mine"
    ):
        live_on()


def test_deaths_that_are_far_apart_are_forgotten(started: Started) -> None:
    now = [0.0]
    supervisor = Supervisor(say=lambda line: None, clock=lambda: now[0])
    process = started("pass")
    supervisor.watch(process)
    for _ in range(MOST_DEATHS + 2):
        process.wait()
        supervisor.tend()
        now[0] += WINDOW + 1


def test_pauses_grow_up_to_eight_seconds() -> None:
    assert [pause_before_restart(n) for n in range(1, 8)] == [0.0, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0]


def test_a_process_that_does_not_listen_is_killed(started: Started) -> None:
    process = started(DEAF)
    said(process, "up")
    stop_together([process])
    assert process.ended() == -signal.SIGKILL


def test_in_a_hurry_nobody_is_waited_for(started: Started) -> None:
    process = started(WAITS)
    said(process, "up")
    stop_together([process], hurry=lambda: True)
    assert process.ended() == -signal.SIGKILL


def test_processes_that_were_stopped_are_watched_no_more(started: Started) -> None:
    lines: list[str] = []
    supervisor = Supervisor(say=lines.append)
    process = started(WAITS)
    supervisor.watch(process)
    supervisor.stop([process], hurry=lambda: False)
    supervisor.tend()
    assert not process.alive()
    assert lines == []


@pytest.mark.parametrize(
    ("code", "words"),
    [(0, "ended with code 0"), (-9, "was ended by SIGKILL"), (-250, "was ended by signal 250")],
)
def test_an_end_is_said_in_words(code: int, words: str) -> None:
    assert end_in_words(code) == words


def members(group: int) -> list[int]:
    """Return the living processes of a group."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found
