"""
The extract described for programs and for people: Data Package, dictionary. Pure.

Source: Data Package and Table Schema, version 1 (https://specs.frictionlessdata.io/).
"""

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from access.extracts.account import Titles, Translate
from access.extracts.ports import Outcome
from access.plans.plan import Plan, sentence
from access.plans.terms import FieldSpec, Format
from access.plans.treatments import Treatment
from hub.crypto.prf import PSEUDONYM

MEDIA_TYPES = {Format.CSV: "text/csv", Format.PARQUET: "application/vnd.apache.parquet"}
_TYPES = (
    (re.compile(r"u?int\d+"), "integer"),
    (re.compile(r"double|float|halffloat|decimal.*"), "number"),
    (re.compile(r"bool"), "boolean"),
    (re.compile(r"date\d+.*"), "date"),
    (re.compile(r"timestamp.*"), "datetime"),
)


@dataclass(frozen=True, slots=True)
class FileEntry:
    """
    One file of a bundle, as its reader gets it.

    :param size: clear bytes
    :param sha256: of the clear bytes, in hexadecimal
    """

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Licence:
    """Under which terms: name (SPDX where there is one), title, address and full text."""

    name: str
    title: str
    url: str
    text: str


def descriptor(  # the parts of one document, all by name
    *,
    plan: Plan,
    outcome: Outcome,
    fields: Sequence[FieldSpec],
    titles: Titles,
    licence: Licence,
    files: Mapping[str, FileEntry],
) -> str:
    """Write datapackage.json."""
    formats = sorted(plan.formats, key=lambda each: each is not Format.CSV)
    resources = [_resource(each, files[f"data.{each}"]) for each in formats]
    main = {**resources[0], "schema": _schema(plan, outcome, fields)}
    if formats[0] is Format.CSV:
        main["profile"] = "tabular-data-resource"
        main["dialect"] = {"delimiter": ",", "lineTerminator": "\n", "header": True}
    if resources[1:]:
        main["alternates"] = resources[1:]
    package: dict[str, Any] = {
        "profile": "data-package",
        "name": _slug(f"{plan.source.dataset}-{plan.source.release}"),
        "id": plan.digest,
        "title": titles.dataset,
        "description": f"{titles.producer}, {titles.release}",
        "contributors": [{"title": titles.producer, "role": "publisher"}],
        "resources": [main],
    }
    if licence.name:
        found = {"name": licence.name, "title": licence.title, "path": licence.url}
        package["licenses"] = [{key: value for key, value in found.items() if value}]
    return json.dumps(package, ensure_ascii=False, indent=2) + "\n"


def dictionary_csv(
    plan: Plan, outcome: Outcome, fields: Sequence[FieldSpec], say: Mapping[str, Translate]
) -> str:
    """Write what each column is and what was done to it; fields that are not delivered are last."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    languages = list(say)
    writer.writerow(
        ["column", "field", "label", "definition", "type", *(f"treatment_{each}" for each in say)]
    )
    by_name, kinds = {each.name: each for each in fields}, _kinds(outcome)
    for treatment in sorted(plan.treatments, key=lambda each: not each.output):
        field = by_name[treatment.field]
        said = [sentence(treatment).say(say[each]) for each in languages]
        cells = [treatment.output, field.name, field.label, field.definition]
        writer.writerow([_safe(each) for each in [*cells, kinds.get(treatment.output, ""), *said]])
    return file.getvalue()


def dictionary_markdown(
    plan: Plan, outcome: Outcome, fields: Sequence[FieldSpec], translate: Translate
) -> str:
    """Write the same for people, in one language."""
    by_name, kinds = {each.name: each for each in fields}, _kinds(outcome)
    heads = [translate(each) for each in ("Column", "Label", "Type", "What was done")]
    lines = [_line(heads), _line(["---"] * len(heads))]
    for treatment in plan.delivered:
        label = by_name[treatment.field].label or treatment.field
        said = sentence(treatment).say(translate)
        lines.append(_line([f"`{treatment.output}`", label, kinds[treatment.output], said]))
    return "\n".join(lines) + "\n"


def _resource(kind: Format, entry: FileEntry) -> dict[str, Any]:
    return {
        "name": "data",
        "path": entry.name,
        "format": kind.value,
        "mediatype": MEDIA_TYPES[kind],
        "encoding": "utf-8",
        "bytes": entry.size,
        "hash": f"sha256:{entry.sha256}",
    }


def _schema(plan: Plan, outcome: Outcome, fields: Sequence[FieldSpec]) -> dict[str, Any]:
    by_name, kinds = {each.name: each for each in fields}, _kinds(outcome)
    described = [_field(each, by_name[each.field], kinds[each.output]) for each in plan.delivered]
    return {"fields": described, "missingValues": [""]}


def _field(treatment: Treatment, spec: FieldSpec, kind: str) -> dict[str, Any]:
    found: dict[str, Any] = {"name": treatment.output, "type": kind}
    if treatment.attribute:
        found["format"] = "uuid"
    described = {"title": spec.label, "description": spec.definition}
    return found | {key: value for key, value in described.items() if value}


def _kinds(outcome: Outcome) -> dict[str, str]:
    """Return the Table Schema type of each delivered column."""
    return {name: _kind(arrow) for name, arrow in outcome.columns}


def _kind(arrow: str) -> str:
    if arrow == str(PSEUDONYM):
        return "string"
    return next((kind for pattern, kind in _TYPES if pattern.fullmatch(arrow)), "string")


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9._-]+", "-", text.lower()).strip("-") or "extract"


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(tuple("=+-@\t\r\n")) else text


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"
