"""Published examples, as Arrow tables."""

import csv
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

FOLDER = Path(__file__).parents[5] / "shared" / "data" / "disclosure"
PYCANON = tuple(f"StudentsMath_Score{suffix}" for suffix in ("", "_k2", "_k5", "_k7"))


def folder() -> Path:
    """Return where the published results are, or skip."""
    if not FOLDER.is_dir():
        pytest.skip("the published results are not on this machine")
    return FOLDER


def arx() -> dict[str, Any]:
    """Return ARX's small example."""
    found: dict[str, Any] = json.loads((folder() / "arx_small.json").read_text())
    return found


def rows(names: list[str], values: list[list[str]]) -> pa.Table:
    """Make a table of texts."""
    return pa.table({name: [row[place] for row in values] for place, name in enumerate(names)})


def pycanon(name: str) -> tuple[pa.Table, list[str], dict[str, Any]]:
    """Return a table of pycanon's, its quasi-identifiers and what pycanon finds."""
    expected = json.loads((folder() / "pycanon-expected.json").read_text())["values"][name]
    with (folder() / f"{name}.csv").open() as file:
        lines = list(csv.DictReader(file))
    columns: dict[str, list[Any]] = {each: [line[each] for line in lines] for each in lines[0]}
    columns["Score"] = [float(score) for score in columns["Score"]]
    return pa.table(columns), expected["qi"], expected


FRANCDAT = pa.table(
    {
        "key1": [1, 1, 1, 3, 4, 4, 6, 1],
        "key2": [2, 2, 2, 3, 3, 3, 2, 2],
        "key3": [5, 1, 1, 1, 1, 1, 1, 5],
        "key4": [1, 1, 1, 5, 4, 1, 5, 1],
        "w": [18.0, 45.5, 39.0, 17.0, 541.0, 8.0, 5.0, 92.0],
    }
)
"""Eight records after Capobianchi, Polettini and Lucarelli: sdcMicro's ``francdat``."""
HOLED = pa.table(
    {
        "key1": [1, 1, 1, None, 4, None, 6, 1],
        "key2": [2, 2, 2, None, 3, 3, 2, 2],
        "key3": [5, 1, None, 1, 1, 1, 1, 5],
        "key4": [1, 1, 1, 5, None, 1, 5, 1],
        "w": FRANCDAT["w"],
    }
)
"""The same with the holes of sdcMicro's own example."""
KEYS = ["key1", "key2", "key3", "key4"]
