"""The first whole lines of a text, for those who only look."""

from pathlib import Path

import pytest

from catalog.connectors.csv_file.reader import CsvFile
from catalog.connectors.streams import Head, OnDisk, whole_lines


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be"])
def test_the_head_of_a_table_is_a_table(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(("uai;nom\n" + "0530030V;Évron\n" * 5000).encode(encoding))
    with CsvFile(Head(OnDisk(path), 10_001)) as rows:
        seen = rows.inspect()
    assert 100 < seen.sample.num_rows < 1000
    assert set(seen.sample["nom"].to_pylist()) == {"Évron"}


def test_a_line_end_in_a_cell_is_no_end() -> None:
    text = b'a;b\n1;"x\ny\nz"\n'
    assert whole_lines(text, len(text) - 2) == b"a;b\n"
    assert whole_lines(text, len(text)) == text


def test_a_line_without_end_is_given_cut() -> None:
    assert whole_lines(b"x" * 50, 10) == b"x" * 10


def test_a_head_that_is_the_whole_knows_its_length(tmp_path: Path) -> None:
    (tmp_path / "t").write_bytes(b"a\n1\n")
    assert Head(OnDisk(tmp_path / "t"), 100).size() == 4
