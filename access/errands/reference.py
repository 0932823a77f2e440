"""The messages of the protocol of nodes, one JSON Schema a page, from what the hub checks. Pure."""

import json
from collections.abc import Callable, Mapping
from functools import partial

from access.errands.schemas import SCHEMAS, document


def page(name: str) -> str:
    """Return the schema of a message, ready to be written."""
    return json.dumps(document(name), indent=2, ensure_ascii=False) + "\n"


PAGES: Mapping[str, Callable[[], str]] = {
    f"node-protocol/{name}.json": partial(page, name) for name in SCHEMAS
}
