"""The processes of a hub beside its servers, and the commands that prepare it."""

import hashlib
import signal
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from hub.embedded.processes import Programme
from hub.embedded.setting import HOST, REPOSITORY, Setting, python

SLICES = ("hub", "catalog", "access")
OF_ANY_PROCESS = frozenset({"PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "COVERAGE_PROCESS_START"})
"""What a node is told of this machine: no secret, no address of a server."""
OF_EXTRACTS = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "MALLOC_MMAP_THRESHOLD_": str(1 << 30),
    "MALLOC_TRIM_THRESHOLD_": str(1 << 30),
}
"""Where extracts are made, memory that was used once is used again, not given back at each batch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparation:
    """
    A command run before the hub opens, and again only when ``digest`` changes.

    ``line`` says what it does while it runs; ``as_owner`` gives it the tables' owner.
    """

    name: str
    words: tuple[str, ...] = ()
    line: str
    as_owner: bool = False
    digest: Callable[[], str]


class LongRunning(Protocol):
    """Makes the programmes that live as long as the hub."""

    def __call__(
        self,
        setting: Setting,
        *,
        environment: Mapping[str, str],
        log: Path,
        inherited: tuple[int, ...],
    ) -> list[Programme]:
        """Return how to run them, in the order of their start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a hub is made of beside its servers; the tests bring lighter ones."""

    preparations: tuple[Preparation, ...]
    long_running: LongRunning
    welcome: str


def long_running(
    setting: Setting, *, environment: Mapping[str, str], log: Path, inherited: tuple[int, ...]
) -> list[Programme]:
    """Return the web server, the worker, the scheduler, and the node of the demo's publisher."""
    beat = setting.var / "beat"
    beat.mkdir(mode=0o700, exist_ok=True)
    web = python(
        "-m", "uvicorn", "hub.asgi:application", "--host", HOST, "--port", str(setting.port)
    )
    web += ("--timeout-graceful-shutdown", "2", "--log-level", "warning")
    # The hub logs its requests itself, without addresses; nothing stands before it to be believed.
    web += ("--no-access-log", "--no-proxy-headers", "--no-server-header")
    celery = python("-m", "celery", "--quiet", "-A", "hub.celery")
    worker = (*celery, "worker", "-c", "2", "-Q", "hub,extracts", "--loglevel", "INFO")
    worker += ("--without-gossip", "--without-mingle")
    schedule = (*celery, "beat", "--schedule", str(beat / "schedule"), "--pidfile", "")
    schedule += ("--loglevel", "INFO")
    # After SIGTERM a worker waits for its task; SIGQUIT hands the task back to the queue.
    patient = ((signal.SIGTERM, 3.0), (signal.SIGQUIT, 8.0))
    ours = [
        Programme(
            name=name,
            command=command,
            folder=REPOSITORY,
            log=log / f"{name}.log",
            environment={**environment, **OF_EXTRACTS} if name == "worker" else environment,
            endings=endings,
            inherited=inherited,
        )
        for name, command, endings in (
            ("web", web, ((signal.SIGTERM, 6.0),)),
            ("worker", worker, patient),
            ("beat", schedule, ((signal.SIGTERM, 4.0),)),
        )
    ]
    return [*ours, *_node(setting, log=log, inherited=inherited)]


def _node(setting: Setting, *, log: Path, inherited: tuple[int, ...]) -> list[Programme]:
    """Return the node of a producer of the demo world, if it has one: it knows nothing of the hub."""
    folder = setting.var / "node"
    config = folder / "node.toml"
    if not config.is_file():
        return []
    known = {name: text for name, text in setting.given.items() if name in OF_ANY_PROCESS}
    return [
        Programme(
            name="node",
            command=python("-m", "access.node", str(config), "--hub", setting.address),
            folder=REPOSITORY,
            log=log / "node.log",
            environment={**known, **OF_EXTRACTS, "PYTHONUNBUFFERED": "1"},
            endings=((signal.SIGTERM, 6.0),),
            inherited=inherited,
        )
    ]


def command(
    name: str, *words: str, environment: Mapping[str, str], inherited: tuple[int, ...]
) -> Programme:
    """Return one of Django's commands, which writes where this process does."""
    return Programme(
        name=name,
        command=python("manage.py", name, *words),
        folder=REPOSITORY,
        environment=environment,
        inherited=inherited,
    )


def exists(name: str) -> bool:
    """Say whether the hub or Django has a command of this name."""
    if name == "migrate":
        return True
    pattern = f"management/commands/{name}.py"
    return any(next((REPOSITORY / slice_).rglob(pattern), None) for slice_ in SLICES)


def digest_of_migrations() -> str:
    """Return a digest that changes when there may be something to migrate."""
    files = [path for slice_ in SLICES for path in (REPOSITORY / slice_).rglob("migrations/*.py")]
    return _digest([*files, REPOSITORY / "requirements" / "base.txt"])


def digest_of_demo() -> str:
    """Return a digest that changes when the demo world may have changed."""
    files = [path for path in (REPOSITORY / "hub" / "demo").rglob("*") if path.is_file()]
    return _digest(path for path in files if path.suffix != ".pyc") + digest_of_migrations()


def _digest(files: Iterable[Path]) -> str:
    total = hashlib.sha256()
    for path in sorted(files):
        total.update(str(path.relative_to(REPOSITORY)).encode() + b"\0")
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


DEMO = Parts(
    preparations=(
        Preparation(
            name="migrate",
            words=("--verbosity", "0"),
            line="Tables: bringing the database up to date…",
            as_owner=True,
            digest=digest_of_migrations,
        ),
        Preparation(
            name="load_demo",
            line="Demo world: loading…",
            digest=digest_of_demo,
        ),
    ),
    long_running=long_running,
    welcome="demo_welcome",
)
