"""What a portal says of a dataset before it gives its rows."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from catalog.connectors.errors import ConnectorError

PLAIN = frozenset(["text", "int", "double", "boolean", "date", "datetime"])
"""Types that Parquet holds as plain columns; places, shapes and files come as text in CSV."""


@dataclass(frozen=True, slots=True)
class Description:
    """Names of the fields with their types, and how many records there are."""

    fields: Mapping[str, str]
    records: int | None
    has_lists: bool = False

    @property
    def is_plain(self) -> bool:
        """Tell whether every field is a plain column in Parquet."""
        return PLAIN.issuperset(self.fields.values()) and not self.has_lists


def read_description(body: bytes) -> Description:
    """
    Read the answer of ``/catalog/datasets/{id}``.

    :raises ConnectorError: when it is not one
    """
    try:
        said = json.loads(body)
        fields = {str(one["name"]): str(one["type"]) for one in said["fields"]}
        has_lists = any(_is_list(one) for one in said["fields"])
        has_records = said.get("has_records", True)
        records = said.get("metas", {}).get("default", {}).get("records_count")
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise ConnectorError(
            "not_explore",
            "The server does not answer as an Explore v2.1 portal does.",
            remedy="Check the address: the hub reads portals made with Opendatasoft.",
        ) from None
    if not fields or not has_records:
        raise ConnectorError(
            "no_records",
            "This dataset of the portal has no records: it only gives files to download.",
            remedy="Download the file and upload it here.",
        )
    return Description(fields, records if isinstance(records, int) else None, has_lists)


def _is_list(field: Mapping[str, Any]) -> bool:
    return "multivalued" in (field.get("annotations") or {})
