import sys
from pathlib import Path

import pytest

from hub.embedded import processes
from hub.embedded.processes import Process, Programme


def programme(folder: Path, code: str, *, log: Path | None) -> Programme:
    return Programme(name="it", command=(sys.executable, "-c", code), folder=folder, log=log)


def test_before_its_start_a_process_neither_lives_nor_has_ended(tmp_path: Path) -> None:
    process = Process(programme(tmp_path, "", log=None))
    assert (process.alive(), process.ended(), process.pid) == (False, None, 0)
    assert process.last_words() == "it left no word."


def test_a_log_is_private_and_its_telling_line_is_found(tmp_path: Path) -> None:
    log = tmp_path / "it.log"
    code = "print('starting'); print('FATAL:  no room'); print('bye')"
    process = Process(programme(tmp_path, code, log=log))
    process.start()
    assert process.wait() == 0
    assert log.stat().st_mode & 0o077 == 0
    assert process.last_words() == f"FATAL:  no room (see {log})"


def test_a_log_that_grew_too_large_is_put_aside_at_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "LARGEST_LOG", 3)
    log = tmp_path / "it.log"
    process = Process(programme(tmp_path, "print('hello')", log=log))
    for _ in range(2):
        process.start()
        process.wait()
    assert log.read_text() == "hello\n"
    assert (tmp_path / "it.log.1").read_text() == "hello\n"


def test_without_a_log_a_process_writes_where_its_parent_does(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    process = Process(programme(tmp_path, "print('in clear')", log=None))
    process.start()
    process.wait()
    assert capfd.readouterr().out == "in clear\n"
