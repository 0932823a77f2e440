"""An Explore v2.1 portal, as far as a program that reads one dataset sees it."""

import io
import json
from typing import Any

import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq

from catalog.connectors.port import SAMPLE_ROWS
from tests.factories.web_server import Page, WebServer

_TYPES = {"int64": "int", "double": "double", "string": "text", "bool": "boolean"}


def publish(
    server: WebServer, dataset: str, table: pa.Table, *, records: int | None = None, **types: str
) -> str:
    """Serve a table as a dataset; ``types`` are those of Explore that Arrow does not tell."""
    base = f"/api/explore/v2.1/catalog/datasets/{dataset}"
    fields: list[dict[str, Any]] = [
        {"name": one.name, "type": types.get(one.name) or _TYPES[str(one.type)], "annotations": {}}
        for one in table.schema
    ]
    said = {
        "dataset_id": dataset,
        "has_records": True,
        "fields": fields,
        "metas": {"default": {"records_count": table.num_rows if records is None else records}},
    }
    server.pages[base] = Page(json.dumps(said).encode())
    for limit, rows in ((SAMPLE_ROWS, table.slice(0, SAMPLE_ROWS)), (-1, table)):
        for form, written in (("parquet", _parquet), ("csv", _csv), ("jsonl", _jsonl)):
            server.pages[f"{base}/exports/{form}?limit={limit}"] = Page(written(rows))
    return f"{server.url}/explore/dataset/{dataset}/information/"


def _parquet(table: pa.Table) -> bytes:
    held = io.BytesIO()
    pq.write_table(table, held)
    return held.getvalue()


def _csv(table: pa.Table) -> bytes:
    held = io.BytesIO()
    arrow_csv.write_csv(table, held, arrow_csv.WriteOptions(delimiter=";"))
    return b"\xef\xbb\xbf" + held.getvalue()


def _jsonl(table: pa.Table) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in table.to_pylist()).encode()
