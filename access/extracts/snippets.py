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
DICTIONARY = "dictionary.csv"
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


SPSS = """\
# SPSS
GET FILE='data.sav'.

# Python, pyreadstat
import pyreadstat
rows, told = pyreadstat.read_sav("data.sav", apply_value_formats=True)

# R, haven
library(haven)
rows <- read_sav("data.sav")"""
STATA = """\
# Stata
use "data.dta", clear

# Python, pyreadstat
import pyreadstat
rows, told = pyreadstat.read_dta("data.dta", apply_value_formats=True)

# R, haven
library(haven)
rows <- read_dta("data.dta")"""


def snippet(names: Iterable[str]) -> str:
    """
    Return the lines that read an extract with these files: its first of Parquet, or of CSV, and
    those of SPSS and Stata.
    """
    known = list(names)
    stem, ending = _first(known).rsplit(".", 1)
    found = [(PARQUET if ending == "parquet" else CSV).replace("data.", f"{stem}.")]
    found += [lines for name, lines in (("data.sav", SPSS), ("data.dta", STATA)) if name in known]
    return "\n\n".join(found)


def _first(names: list[str]) -> str:
    """Return the file of rows, or that of the first table."""
    for ending in ("parquet", "csv"):
        found = [name for name in names if name.endswith(f".{ending}") and name != DICTIONARY]
        if found:
            return found[0]
    return "data.csv"


def of_csv(names: Iterable[str]) -> str:
    """Return the name of a file that ``curl`` may fetch to begin with."""
    return _first([name for name in names if not name.endswith(".parquet")])
