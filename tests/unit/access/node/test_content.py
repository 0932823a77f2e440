"""The digest of a source is the same for the same rows, in any order, and for no others."""

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
from hypothesis import given, settings, strategies as st

from access.node.content import Digesting
from catalog.connectors.port import Column, Inspection
from hub.crypto.keys import Secret

KEY = Secret(b"k" * 32)
Rows = list[tuple[str | None, int]]


class Table:
    """A source in memory."""

    def __init__(self, rows: Rows) -> None:
        names, numbers = zip(*rows, strict=True) if rows else ((), ())
        self.table = pa.table(
            {"a": pa.array(names, pa.string()), "b": pa.array(numbers, pa.int64())}
        )
        self.closed = False

    def inspect(self) -> Inspection:
        return Inspection((Column("a", 1), Column("b", 2)), self.table, self.table.num_rows)

    def batches(self, columns: Sequence[str], size: int) -> Iterator[pa.RecordBatch]:
        yield from self.table.select(list(columns)).to_batches(size)

    def close(self) -> None:
        self.closed = True

    def __enter__(self) -> "Table":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def digest(rows: Rows, *, size: int = 100, columns: Any = ("a", "b"), key: Secret = KEY) -> str:
    with Digesting(Table(rows), key) as summed:
        for _batch in summed.batches(list(columns), size):
            pass
    return summed.digest


cells = st.one_of(st.none(), st.sampled_from(["", "0", "x", "\x1f", "1\x1fa", "a\x1f1"]))
tables = st.lists(st.tuples(cells, st.integers(-3, 3)), max_size=8)


@given(tables, st.randoms(use_true_random=False), st.integers(1, 4))
@settings(max_examples=60)
def test_the_order_and_the_batches_do_not_count(rows: Rows, chance: Any, size: int) -> None:
    shuffled = list(rows)
    chance.shuffle(shuffled)
    assert digest(rows) == digest(shuffled, size=size)


@given(tables, tables)
@settings(max_examples=100)
def test_other_rows_have_another_digest(one: Rows, other: Rows) -> None:
    def seen(rows: Rows) -> list[Any]:
        return sorted((a is None, a or "", b) for a, b in rows)

    assert (digest(one) == digest(other)) == (seen(one) == seen(other))


def test_columns_key_and_repetitions_count() -> None:
    rows: Rows = [("x", 1), ("y", 2)]
    assert digest(rows) != digest(rows, columns=("b", "a"))
    assert digest(rows) != digest(rows, key=Secret(b"o" * 32))
    assert digest(rows) != digest([*rows, rows[0]])
    assert digest([("", 1)]) != digest([(None, 1)])
    assert len(digest(rows)) == 64


def test_what_is_read_is_what_the_source_gives() -> None:
    source = Table([("x", 1)])
    with Digesting(source, KEY) as summed:
        [batch] = summed.batches(["a"], 10)
        assert batch.column(0).to_pylist() == ["x"]
        assert summed.rows == 1
        assert summed.inspect().row_count == 1
    assert source.closed
