"""The plugin, in runs of their own."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.embedded.pytest_plugin import needs_servers, remove_abandoned
from hub.embedded.setting import REPOSITORY
from tests.integration.hub.embedded.machine import eventually, those_of

pytestmark = pytest.mark.whole

LOOK = """
import os, pathlib, socket, urllib.parse
VAR = pathlib.Path(os.environ["HUB_VAR"])
def test_look():
    pathlib.Path({out!r}).open("a").write(f"{{VAR}} {{(VAR / 'postgres').exists()}}\\n")
"""
WAIT = "\ndef test_wait():\n    import time; time.sleep(120)\n"


@pytest.fixture
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp())
    yield path
    shutil.rmtree(path)


def start(folder: Path, *words: str, **environment: str) -> "subprocess.Popen[bytes]":
    """Start pytest with the plugin alone, its throw-away folders in ``folder``."""
    clean = {
        k: v
        for k, v in os.environ.items()
        if k not in ("DATABASE_URL", "REDIS_URL", "HUB_VAR", "HUB_TEST_SERVERS", "HUB_MASTER_KEY")
    }
    command = [sys.executable, "-m", "pytest", "-q", "-c", os.devnull, "--rootdir", str(folder)]
    command += ["-p", "hub.embedded.pytest_plugin", "-p", "no:cacheprovider"]
    with (folder / "said").open("wb") as said:
        return subprocess.Popen(
            [*command, *words],
            cwd=REPOSITORY,
            env=clean
            | {"TMPDIR": str(folder), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
            | environment,
            stdout=said,
            stderr=said,
        )


def write_test(folder: Path, kind: str, code: str) -> Path:
    """Write a test module of a kind and return it."""
    path = folder / "tests" / kind / "test_it.py"
    path.parent.mkdir(parents=True)
    path.write_text(code)
    return path


def test_unit_tests_start_no_server_and_others_do(folder: Path) -> None:
    out = folder / "out"
    for kind in ("unit", "integration"):
        run = start(folder, str(write_test(folder, kind, LOOK.format(out=str(out)))))
        assert run.wait(60) == 0
    seen = [line.split() for line in out.read_text().splitlines()]
    assert [started for _, started in seen] == ["False", "True"]
    assert [Path(var).exists() for var, _ in seen] == [False, False]


def test_workers_of_one_run_share_its_servers(folder: Path) -> None:
    out = folder / "out"
    code = LOOK.format(out=str(out)) + LOOK.format(out=str(out)).replace("test_look", "test_again")
    run = start(
        folder, "-p", "xdist.plugin", "-n", "2", str(write_test(folder, "integration", code))
    )
    assert run.wait(60) == 0
    assert len(out.read_text().splitlines()) == 2
    assert len(set(out.read_text().splitlines())) == 1


def test_servers_that_the_environment_names_are_used_instead(folder: Path) -> None:
    out = folder / "out"
    path = write_test(folder, "integration", LOOK.format(out=str(out)))
    elsewhere = {"DATABASE_URL": "postgresql://there/hub", "REDIS_URL": "redis://there:6379/0"}
    assert start(folder, str(path), **elsewhere).wait(60) == 0
    assert out.read_text().split()[1] == "False"


def test_a_killed_run_leaves_no_server_and_the_next_removes_its_folder(folder: Path) -> None:
    out = folder / "out"
    code = LOOK.format(out=str(out)) + WAIT
    run = start(folder, str(write_test(folder, "integration", code)))
    eventually(lambda: out.exists() and out.read_text().split(), what="the run never began")
    var = Path(out.read_text().split()[0])
    assert len(those_of(var)) >= 2
    run.send_signal(signal.SIGKILL)
    run.wait()
    eventually(lambda: those_of(var) == {}, what="a server outlived its run")
    assert var.exists()
    remove_abandoned(folder)
    assert not var.exists()


@pytest.mark.parametrize(
    ("path", "needed"),
    [("tests/unit/hub/test_a.py", False), ("tests/promises/test_a.py", True)],
)
def test_only_unit_tests_are_known_to_need_no_server(path: str, needed: bool) -> None:
    assert needs_servers(Path(path)) is needed
