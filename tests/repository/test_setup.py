"""The two commands of a newcomer: what they say where something is missing."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ("sh", "cat", "cut", "dirname", "rm", "sha256sum", "mkdir")
SCRIPTS = (
    ".ci/run",
    "docker/entrypoint.sh",
    "docker/postgres-roles.sh",
    "requirements/install.sh",
)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Return a folder with the installing script, an empty lock, and few tools on its PATH."""
    (tmp_path / "requirements").mkdir()
    (tmp_path / "bin").mkdir()
    shutil.copy(ROOT / "requirements/install.sh", tmp_path / "requirements")
    (tmp_path / "requirements/base.txt").write_text("# nothing\n")
    for tool in TOOLS:
        (tmp_path / "bin" / tool).symlink_to(shutil.which(tool) or "/nonexistent")
    return tmp_path


def install(clone: Path, *, python: str) -> "subprocess.CompletedProcess[str]":
    """Run the script of a clone."""
    return subprocess.run(
        [clone / "requirements/install.sh", "base"],
        env={"PATH": str(clone / "bin"), "PYTHON": python},
        capture_output=True,
        text=True,
        check=False,
    )


def write_python(clone: Path, body: str) -> str:
    """Put a pretended interpreter in the clone."""
    path = clone / "bin" / "python3"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return str(path)


def test_an_old_python_is_named_with_what_to_do(clone: Path) -> None:
    old = write_python(clone, '[ "$1" = --version ] && echo "Python 3.8.1" && exit 0; exit 1')
    ran = install(clone, python=old)
    assert ran.returncode == 1
    assert "needs Python 3.11 or newer" in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


def test_a_missing_python_is_said(clone: Path) -> None:
    ran = install(clone, python="python3")
    assert (ran.returncode, len(ran.stderr.splitlines())) == (1, 1)
    assert "found no python3" in ran.stderr


def test_a_python_without_venv_is_told_which_package_brings_it(clone: Path) -> None:
    body = 'case "$*" in *version_info*) exit 0;; *) exit 1;; esac'
    ran = install(clone, python=write_python(clone, body))
    assert (ran.returncode, len(ran.stderr.splitlines())) == (1, 1)
    assert "apt-get install python3-venv" in ran.stderr


def test_packages_are_installed_once_until_the_lock_changes(clone: Path) -> None:
    # A file to be run stands for the one of pip: what is tried is the script, not the network.
    log = clone / "installed"
    body = f"""
case "$*" in
    *"-m venv"*) mkdir -p .venv/bin; cat "$0" >.venv/bin/python; /bin/chmod +x .venv/bin/python;;
    *"pip install"*) echo "$*" >>{log};;
    *"pip --version"*) [ -e .venv/bin/python ];;
esac"""
    python = write_python(clone, body)
    for _ in range(2):
        ran = install(clone, python=python)
        assert ran.returncode == 0, ran.stderr
    assert len(log.read_text().splitlines()) == 1
    assert "--require-hashes -r requirements/base.txt" in log.read_text()
    (clone / "requirements/base.txt").write_text("# something else\n")
    assert "Installing" in install(clone, python=python).stdout
    assert len(log.read_text().splitlines()) == 2


@pytest.mark.parametrize("script", SCRIPTS)
def test_scripts_are_executable_and_read_by_their_shell(script: str) -> None:
    path = ROOT / script
    assert os.access(path, os.X_OK)
    shell = path.read_text(encoding="utf-8").splitlines()[0].split("/")[-1].split()[-1]
    assert subprocess.run([shell, "-n", path], check=False).returncode == 0


def test_every_word_of_the_makefile_is_explained_and_can_be_made() -> None:
    help_ = subprocess.run(
        ["make", "-C", str(ROOT), "help"], capture_output=True, text=True, check=True
    )
    words = set(re.findall(r"make ([a-z]+) ", help_.stdout))
    assert words == {
        "bench", "check", "demo", "docs", "env", "fix", "help", "manage", "messages", "test",
    }  # fmt: skip
    for word in words:
        ran = subprocess.run(
            ["make", "-C", str(ROOT), "-n", word], capture_output=True, check=False
        )
        assert ran.returncode == 0, word


def test_no_file_of_the_set_up_names_an_address_of_a_package_index() -> None:
    files = [ROOT / script for script in SCRIPTS] + [ROOT / "Makefile", ROOT / "docker/Dockerfile"]
    files += sorted((ROOT / "requirements").glob("*.txt"))
    named = [
        path.name
        for path in files
        if re.search(r"--(extra-)?index-url|https?://", path.read_text())
    ]
    assert named == []


def test_every_package_of_the_lock_has_its_hashes() -> None:
    for lock in sorted((ROOT / "requirements").glob("*.txt")):
        pinned = re.split(r"(?m)^(?=[a-z0-9].*==)", lock.read_text(encoding="utf-8"))[1:]
        assert pinned
        assert [p.splitlines()[0] for p in pinned if "--hash=sha256:" not in p] == []


def test_the_lock_for_development_holds_the_other_pin_by_pin() -> None:
    base, dev = (
        set(
            re.findall(
                r"(?m)^([a-z0-9][\w.\[\],-]*==\S+)", (ROOT / f"requirements/{n}.txt").read_text()
            )
        )
        for n in ("base", "dev")
    )
    assert base - dev == set()
