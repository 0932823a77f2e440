"""A node that starts says what it lacks, and prints the key with which it is opened."""

import json
import re
import signal
from pathlib import Path
from threading import Event

import pytest
from structlog.testing import capture_logs

from access.node.__main__ import NOT_ENROLLED, main
from access.node.premises import Premises
from access.node.stopping import Interrupted, Stopping
from hub.crypto.keys import Secret
from hub.crypto.letters import is_recipient
from hub.crypto.signatures import signer_of

KEY = signer_of(Secret(b"house")).public


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "node.toml"
    path.write_text(f'hub = "http://127.0.0.1:9"\nhub_key = "{KEY}"\nstate = "state"\n')
    return path


def enrolled(config: Path) -> None:
    path = config.parent / "state" / "credentials.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"client_id": "a", "secret": "b"}))
    path.chmod(0o600)


def test_the_first_start_prints_the_public_key_and_each_start_the_same(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(config)]) == NOT_ENROLLED
    first = capsys.readouterr().out
    assert main([str(config)]) == NOT_ENROLLED
    assert capsys.readouterr().out == first
    [key] = re.findall(r"age1\w+", first)
    assert is_recipient(key)
    assert "AGE-SECRET-KEY" not in first


def test_what_is_wrong_is_one_sentence(
    tmp_path: Path, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path / "nothing.toml")]) == 2
    assert "cannot be read" in capsys.readouterr().err
    assert main([str(config), "--hub", "http://hub.example"]) == 2
    assert "https://" in capsys.readouterr().err


def test_two_nodes_do_not_work_in_one_folder(
    config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Stopping, "listen", lambda _self: None)
    enrolled(config)
    with Premises(config.parent / "state").held():
        assert main([str(config)]) == 1
    assert "Another node" in capsys.readouterr().err


def test_a_node_that_cannot_reach_the_hub_waits_until_it_is_stopped(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Stopping, "listen", lambda _self: None)

    def stop_after_a_while(self: Stopping, timeout: float | None = None) -> bool:
        if timeout is not None and timeout >= 1.0:
            self.set()
        return self.is_set()

    monkeypatch.setattr(Stopping, "wait", stop_after_a_while)
    enrolled(config)
    with capture_logs() as lines:
        assert main([str(config)]) == 0
    said = [line["event"] for line in lines]
    assert said == ["node.started", "node.waits", "node.stopped"]


def test_a_request_to_stop_is_obeyed_at_once_at_leisure_and_in_order_at_work() -> None:
    stopping = Stopping()
    assert isinstance(stopping, Event)
    stopping._ask(signal.SIGTERM, None)
    assert stopping.is_set()
    with pytest.raises(Interrupted), stopping.at_leisure():
        stopping._ask(signal.SIGTERM, None)
    stopping._ask(signal.SIGTERM, None)
