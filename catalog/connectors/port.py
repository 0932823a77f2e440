"""What every connector offers: what the source looks like, and its rows in batches."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Protocol, Self

import pyarrow as pa

from catalog.vocabularies.plain_types import PlainType

SAMPLE_ROWS = 5_000


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a source. ``native`` is None when the source only knows text (CSV)."""

    name: str
    position: int
    native: PlainType | None = None


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a text file is written, as recognised."""

    encoding: str
    separator: str
    header_lines: int = 1


@dataclass(frozen=True, slots=True)
class Inspection:
    """What a source looks like. ``sample`` holds cells: it is never shown, logged or kept."""

    columns: tuple[Column, ...]
    sample: pa.Table = field(repr=False)
    """First rows, at most SAMPLE_ROWS, with the source's own types (text for CSV)."""
    row_count: int | None = None
    """Number of rows when it is known without reading everything."""
    dialect: Dialect | None = None


class Connector(Protocol):
    """
    Rows of one table or file.

    Every method raises ``ConnectorError`` with a sentence when the source cannot be read.
    """

    def inspect(self) -> Inspection: ...

    def batches(self, columns: Sequence[str], size: int) -> Iterator[pa.RecordBatch]:
        """
        Read these columns, in this order, in batches of at most ``size`` rows.

        Memory does not grow with the source. CSV cells come as text, untouched: an empty cell is
        the empty text; ``catalog.connectors.typing`` gives them their declared types.
        """
        ...

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class Closing:
    """What is closed at the end of a ``with``. By default nothing stays open between readings."""

    def close(self) -> None:
        """Close what is open."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def native_type(kind: pa.DataType) -> PlainType | None:
    """Return the plain type of an Arrow type, None for text."""
    for recognises, plain in _NATIVE:
        if recognises(kind):
            return plain
    return None


_NATIVE = (
    (pa.types.is_boolean, PlainType.BOOLEAN),
    (pa.types.is_integer, PlainType.INTEGER),
    (pa.types.is_floating, PlainType.NUMBER),
    (pa.types.is_decimal, PlainType.NUMBER),
    (pa.types.is_date, PlainType.DATE),
    (pa.types.is_timestamp, PlainType.DATETIME),
)
