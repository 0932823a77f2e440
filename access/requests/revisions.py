"""What changed from one revision of a request to the next, field by field. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that changed; ``before`` is empty when it is new, ``after`` when it is gone."""

    what: str
    before: str
    after: str


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """
    Compare two revisions as ``queries.content_of`` writes them.

    Things are named by path: ``title``, ``<dataset>/fields/<name>``, ``<dataset>/row_filters``,
    ``<dataset>/tables``.
    """
    old, new = dict(_flat(before)), dict(_flat(after))
    return [
        Difference(what, old.get(what, ""), new.get(what, ""))
        for what in dict.fromkeys([*old, *new])
        if old.get(what, "") != new.get(what, "")
    ]


def _flat(content: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in content.items():
        if name != "datasets":
            yield name, _text(value)
    for dataset, asked in content.get("datasets", {}).items():
        yield f"{dataset}/release", _text(asked.get("release"))
        yield f"{dataset}/row_filters", _text(asked.get("row_filters") or "")
        yield f"{dataset}/tables", _text(asked.get("tables") or "")
        for name, (detail, why) in asked.get("fields", {}).items():
            yield f"{dataset}/fields/{name}", " — ".join(part for part in (detail, why) if part)


def _text(value: Any) -> str:
    return "" if value is None else str(value)
