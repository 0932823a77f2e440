"""How the files of an extract are read, in the languages of those who read them. Pure."""

from collections.abc import Iterable

PARQUET = """\
# Python, pandas
import pandas as pd
rows = pd.read_parquet("data.parquet", dtype_backend="pyarrow")

# Python, Polars
import polars as pl
rows = pl.read_parquet("data.parquet")

# SQL, DuckDB
SELECT * FROM 'data.parquet' LIMIT 10;

# R, arrow
library(arrow)
rows <- read_parquet("data.parquet")"""
CSV = """\
# Python, pandas
import pandas as pd
rows = pd.read_csv("data.csv", dtype_backend="pyarrow")

# Python, Polars
import polars as pl
rows = pl.read_csv("data.csv")

# SQL, DuckDB
SELECT * FROM 'data.csv' LIMIT 10;

# R, readr
library(readr)
rows <- read_csv("data.csv")"""


def snippet(names: Iterable[str]) -> str:
    """Return the lines that read an extract with these files: the Parquet one when there is one."""
    return PARQUET if "data.parquet" in set(names) else CSV
