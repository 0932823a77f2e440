"""The sources of a node, by the names of its configuration: opened, looked at, compared."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import structlog

from access.errands.orders import OrderRefused
from access.node.config import ConfigWrong
from access.node.content import Digesting
from access.node.premises import Kept
from catalog.connectors.csv_file.reader import CsvFile
from catalog.connectors.errors import ConnectorError
from catalog.connectors.parquet_file.reader import ParquetFile
from catalog.connectors.port import Connector
from catalog.connectors.postgresql.reader import PostgresTable
from catalog.connectors.postgresql.settings import PostgresSettings
from catalog.datasets.profiles import counts_of, profile_sample
from hub.crypto.keys import Secret

logger = structlog.get_logger(__name__)
BATCH = 1 << 17


def _csv(told: Mapping[str, Any]) -> Connector:
    return CsvFile(Path(told["path"]))


def _parquet(told: Mapping[str, Any]) -> Connector:
    return ParquetFile(Path(told["path"]))


def _postgresql(told: Mapping[str, Any]) -> Connector:
    values = {name: value for name, value in told.items() if name not in {"kind", "password_file"}}
    if "password_file" in told:
        values["password"] = Path(told["password_file"]).read_text(encoding="utf-8").strip()
    # The configuration is the producer's own: what it names is what it allows.
    return PostgresTable(PostgresSettings(**values), allowed_hosts=[str(told["host"])])


OPENERS: Mapping[str, Callable[[Mapping[str, Any]], Connector]] = {
    "csv": _csv,
    "parquet": _parquet,
    "postgresql": _postgresql,
}


class Sources:
    """What a node may read."""

    def __init__(self, told: Mapping[str, Mapping[str, Any]]) -> None:
        """
        Take what the configuration says.

        :raises ConfigWrong: for a kind of source that nobody knows
        """
        unknown = [name for name, one in told.items() if one.get("kind") not in OPENERS]
        if unknown:
            known = ", ".join(OPENERS)
            raise ConfigWrong(f"`kind` of {', '.join(unknown)} is one of: {known}.")
        self._told = told

    def opened(self, name: str) -> Connector:
        """
        Open a source.

        :raises OrderRefused: when the configuration names it no more
        :raises ConnectorError: when it cannot be read
        """
        told = self._told.get(name)
        if told is None:
            raise OrderRefused("source-unknown")
        try:
            return OPENERS[str(told["kind"])](told)
        except (OSError, KeyError, TypeError):
            raise unreadable() from None

    def offered(self) -> list[dict[str, Any]]:
        """Return counts about the columns of every source that can be read; not one cell."""
        found = []
        for name in sorted(self._told):
            try:
                found.append(self._counts(name))
            except (ConnectorError, OSError) as error:
                code = error.code if isinstance(error, ConnectorError) else "unreadable"
                logger.warning("node.source_unreadable", source=name, code=code)
        return found

    def _counts(self, name: str) -> dict[str, Any]:
        with self.opened(name) as rows:
            seen = rows.inspect()
        profiles = profile_sample(seen.sample)
        columns = [{"name": one.name, **counts_of(one)} for one in profiles]
        return {"name": name, "rows": seen.row_count, "columns": columns}

    def require_same(self, kept: Kept, key: Secret, go_on: Callable[[], None]) -> None:
        """
        Go on only while the source is what it was when its rows were taken in.

        :param go_on: asked between batches; what it raises stops the reading
        :raises OrderRefused: with the difference named, or when it cannot be read
        """
        try:
            summed = self._summed(kept, key, go_on)
        except (ConnectorError, OSError):
            raise OrderRefused("source-unreadable") from None
        if summed.rows != kept.rows:
            raise OrderRefused("source-rows", found=summed.rows, approved=kept.rows)
        if summed.digest != kept.digest:
            raise OrderRefused("source-content")

    def _summed(self, kept: Kept, key: Secret, go_on: Callable[[], None]) -> Digesting:
        with self.opened(kept.source) as rows:
            names = {column.name for column in rows.inspect().columns}
            different = sorted(names ^ set(kept.columns))
            if different:
                raise OrderRefused("source-columns", fields=", ".join(different))
            summed = Digesting(rows, key)
            for _batch in summed.batches(kept.read, BATCH):
                go_on()
        return summed


def unreadable() -> ConnectorError:
    """Return the error of a source that the system does not open."""
    return ConnectorError(
        "unreadable",
        "The node cannot open the source.",
        remedy="Check where the configuration of the node says that it is.",
    )
