"""Where a PostgreSQL table is, and whether the hub may go there."""

from collections.abc import Collection
from dataclasses import dataclass, field

from psycopg.conninfo import make_conninfo

from catalog.connectors.errors import ConnectorError

ENCRYPTED = "require"


@dataclass(frozen=True, slots=True)
class PostgresSettings:
    """
    One table or view of one database. The password never shows in a representation.

    ``host`` is a name, or the folder of a unix socket. The role should only be able to read.
    """

    host: str
    database: str
    user: str
    table: str
    schema: str = "public"
    port: int = 5432
    password: str = field(default="", repr=False)
    sslmode: str = ENCRYPTED
    connect_seconds: int = 10
    statement_seconds: int = 1800

    def conninfo(self) -> str:
        """
        Return the connection string: read only, one snapshot, bounded in time.

        It holds the password: it is given to the driver, never kept, logged or shown.
        """
        options = {
            "default_transaction_read_only": "on",
            "default_transaction_isolation": "repeatable\\ read",
            "statement_timeout": f"{self.statement_seconds}s",
            "idle_in_transaction_session_timeout": f"{self.statement_seconds}s",
            "lock_timeout": "10s",
            "search_path": "pg_catalog",
            "timezone": "UTC",
        }
        return make_conninfo(
            host=self.host,
            port=self.port,
            dbname=self.database,
            user=self.user,
            password=self.password,
            sslmode="disable" if self.host.startswith("/") else self.sslmode,
            connect_timeout=self.connect_seconds,
            application_name="education-data-hub",
            options=" ".join(f"-c {name}={value}" for name, value in options.items()),
        )


def refuse_elsewhere(settings: PostgresSettings, allowed_hosts: Collection[str]) -> None:
    """
    Go only where the operator of the hub said that the hub may go.

    A list of hosts, a connection string in place of a name, an empty host (which would mean the
    hub's own server) are refused with the same sentence.

    :raises ConnectorError: the host is not listed
    """
    tricks = any(sign in settings.host for sign in ",= '\\") or not settings.host
    if tricks or settings.host not in allowed_hosts:
        raise ConnectorError(
            "host_not_allowed",
            "The hub is not allowed to connect to this host.",
            remedy="Ask the operator of the hub to add the host to the allowed sources.",
        )
    if any(sign in settings.database for sign in "=:/ '\\"):
        raise ConnectorError(
            "bad_database",
            "This is not the name of a database.",
            remedy="Give the plain name of the database.",
        )
