"""What the page says to type is typed, on real files."""

import os
from pathlib import Path

import duckdb
import pytest

from access.extracts import snippets
from tests.unit.access.extracts.test_bundle import produced, unpacked


@pytest.mark.parametrize("name", ["data.parquet", "data.csv"])
def test_the_sql_of_the_page_reads_the_files(tmp_path: Path, name: str) -> None:
    folder = unpacked(tmp_path, produced(tmp_path))
    lines = snippets.snippet([name]).splitlines()
    [query] = [line for line in lines if line.startswith("SELECT")]
    before = Path.cwd()
    os.chdir(folder)
    try:
        rows = duckdb.execute(query).fetchall()
    finally:
        os.chdir(before)

    assert len(rows) == 10
    assert len(lines) < 20


def test_what_reads_the_files_of_spss_and_stata_is_shown_when_they_are_there() -> None:
    both = snippets.snippet(["data.parquet", "data.csv", "data.sav", "data.dta"])
    assert both == "\n\n".join([snippets.PARQUET, snippets.SPSS, snippets.STATA])
    assert "pyreadstat" in snippets.snippet(["data.csv", "data.dta"])
    assert "haven" in snippets.SPSS


def test_the_parquet_file_is_preferred() -> None:
    assert snippets.snippet(["data.csv", "data.parquet"]) == snippets.PARQUET


def test_tables_are_read_by_the_name_of_the_first() -> None:
    names = ["table_1.csv", "table_1.parquet", "table_2.csv", "plan.json", "dictionary.csv"]
    assert "table_1.parquet" in snippets.snippet(names)
    assert "data." not in snippets.snippet(names)
    assert 'read_csv("table_1.csv"' in snippets.snippet(["dictionary.csv", "table_1.csv"])
    assert snippets.of_csv(names) == "table_1.csv"
    assert snippets.of_csv(["data.parquet"]) == "data.csv"
