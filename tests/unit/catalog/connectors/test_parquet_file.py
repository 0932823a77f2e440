"""Parquet files, good and bad."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from catalog.connectors.errors import ConnectorError
from catalog.connectors.parquet_file.reader import ParquetFile
from catalog.vocabularies.plain_types import PlainType


def written(folder: Path, table: pa.Table, rows: int | None = None) -> Path:
    path = folder / "file.parquet"
    pq.write_table(table, path, row_group_size=rows)
    return path


def refused(path: Path) -> ConnectorError:
    with ParquetFile(path) as source, pytest.raises(ConnectorError) as caught:
        source.inspect()
    return caught.value


def test_parquet_file_keeps_types_and_unfolds_dictionaries(tmp_path: Path) -> None:
    table = pa.table(
        {
            "code": pa.array(["053", None]).dictionary_encode(),
            "long": pa.array(["x", "y"], pa.large_string()),
            "nul": pa.nulls(2),
            "prix": pa.array([Decimal("1.50"), None], pa.decimal128(5, 2)),
            "jour": [date(2024, 2, 29), None],
            "n": [1, 2],
            "oui": [True, False],
        }
    )
    with ParquetFile(written(tmp_path, table)) as source:
        inspection = source.inspect()
    assert [column.native for column in inspection.columns] == [
        None, None, None, PlainType.NUMBER, PlainType.DATE, PlainType.INTEGER, PlainType.BOOLEAN,
    ]  # fmt: skip
    assert inspection.row_count == 2
    assert inspection.sample.to_pylist()[0] == {
        "code": "053", "long": "x", "nul": None, "prix": 1.5, "jour": date(2024, 2, 29), "n": 1,
        "oui": True,
    }  # fmt: skip


def test_parquet_file_gives_the_asked_columns_order_and_size(tmp_path: Path) -> None:
    table = pa.table({"a": range(10_000), "b": range(10_000)})
    with ParquetFile(written(tmp_path, table, rows=3_000)) as source:
        batches = list(source.batches(["b", "a"], 4_000))
    assert [batch.num_rows for batch in batches] == [4_000, 4_000, 2_000]
    assert batches[0].schema.names == ["b", "a"]


def test_parquet_file_says_when_a_described_column_is_gone(tmp_path: Path) -> None:
    with (
        ParquetFile(written(tmp_path, pa.table({"a": [1]}))) as source,
        pytest.raises(ConnectorError) as caught,
    ):
        next(source.batches(["z"], 10))
    assert caught.value.code == "missing_columns"


@pytest.mark.parametrize(
    ("table", "code"),
    [
        (pa.table({"a": pa.array([], pa.int64())}), "no_rows"),
        (pa.table({"liste": [[1]]}), "nested_column"),
        (pa.table({"octets": [b"x"]}), "nested_column"),
        (pa.table({"d": pa.array([b"x"]).dictionary_encode()}), "nested_column"),
        (pa.table([[1], [2]], names=["a", "a"]), "duplicate_columns"),
        (pa.table({f"c{n}": [1] for n in range(300)}), "too_many_columns"),
    ],
)
def test_parquet_file_refuses_what_is_not_a_plain_table(
    tmp_path: Path, table: pa.Table, code: str
) -> None:
    assert refused(written(tmp_path, table)).code == code


@pytest.mark.parametrize("content", [b"uai;nom\n1;2\n", b"PAR1xxxxPAR1"])
def test_parquet_file_refuses_something_else(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file.parquet"
    path.write_bytes(content)
    assert refused(path).code == "unreadable_parquet"


def test_parquet_file_says_that_an_empty_file_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "file.parquet"
    path.touch()
    assert refused(path).code == "empty_file"


def test_parquet_file_refuses_damaged_pages(tmp_path: Path) -> None:
    path = written(tmp_path, pa.table({"a": [f"valeur {n}" for n in range(50_000)]}))
    content = bytearray(path.read_bytes())
    content[100:5000] = b"\xff" * 4900
    path.write_bytes(content)
    error = refused(path)
    assert error.code == "unreadable_parquet"
    assert error.__cause__ is None


def test_a_connector_error_is_also_a_refusal() -> None:
    error = ConnectorError("x", "Line %(line)s.", values={"line": 3}, remedy="Look.")
    refusal = error.as_refusal(about="file")
    assert (str(error), str(refusal)) == ("Line 3.", "Line 3.")
    assert (refusal.code, refusal.remedy, refusal.about) == ("x", "Look.", "file")
