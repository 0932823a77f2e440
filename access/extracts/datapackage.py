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

from access.extracts.account import Origin, Titles, Translate
from access.extracts.ports import Outcome
from access.extracts.short_names import short_names
from access.plans.crossing import Recipe
from access.plans.plan import sentence
from access.plans.terms import STATISTICAL, FieldSpec, Format
from access.plans.treatments import Treatment
from hub.crypto.prf import PSEUDONYM

MEDIA_TYPES = {
    Format.CSV: "text/csv",
    Format.PARQUET: "application/vnd.apache.parquet",
    Format.SPSS: "application/x-spss-sav",
    Format.STATA: "application/x-stata-dta",
}
Schemas = Sequence[Sequence[FieldSpec]]
"""The fields of each part of a recipe, for labels and definitions."""
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
    plan: Recipe,
    outcome: Outcome,
    fields: Schemas,
    titles: Titles,
    licence: Licence,
    files: Mapping[str, FileEntry],
) -> str:
    """Write datapackage.json."""
    written = [each for each in plan.formats if each.file_name in files]
    formats = sorted(written, key=lambda each: each is not Format.CSV)
    resources = [_resource(each, files[each.file_name]) for each in formats]
    main = {**resources[0], "schema": _schema(plan, outcome, fields, titles)}
    if formats[0] is Format.CSV:
        main["profile"] = "tabular-data-resource"
        main["dialect"] = {"delimiter": ",", "lineTerminator": "\n", "header": True}
    if resources[1:]:
        main["alternates"] = resources[1:]
    package: dict[str, Any] = {
        "profile": "data-package",
        "name": _slug(
            "-".join(f"{each.source.dataset}-{each.source.release}" for each in plan.parts)
        ),
        "id": plan.digest,
        "title": titles.datasets,
        "description": "; ".join(f"{one.producer}, {one.release}" for one in titles.origins),
        "contributors": [{"title": one, "role": "publisher"} for one in titles.producers],
        "resources": [main],
    }
    if licence.name:
        found = {"name": licence.name, "title": licence.title, "path": licence.url}
        package["licenses"] = [{key: value for key, value in found.items() if value}]
    return json.dumps(package, ensure_ascii=False, indent=2) + "\n"


def dictionary_csv(
    plan: Recipe, outcome: Outcome, fields: Schemas, titles: Titles, say: Mapping[str, Translate]
) -> str:
    """Write what each column is and what was done to it; fields that are not delivered are last."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    languages, names = list(say), _short_names(outcome)
    writer.writerow(
        [
            *("column", "dataset", "field", "label", "definition", "type"),
            *(f"treatment_{each}" for each in say),
            *(["spss_stata_name"] if names else []),
        ]
    )
    kinds = _kinds(outcome)
    known = _described(plan, fields, titles)
    for origin, treatment, field in sorted(known, key=lambda each: not each[1].output):
        said = [sentence(treatment).say(say[each]) for each in languages]
        cells = [treatment.output, origin.dataset, field.name, field.label, field.definition]
        cells += [kinds.get(treatment.output, ""), *said]
        cells += [names.get(treatment.output, "")] if names else []
        writer.writerow([_safe(each) for each in cells])
    return file.getvalue()


def dictionary_markdown(
    plan: Recipe, outcome: Outcome, fields: Schemas, titles: Titles, translate: Translate
) -> str:
    """Write the same for people, in one language."""
    kinds = _kinds(outcome)
    heads = [translate(each) for each in ("Column", "Label", "Type", "Dataset", "What was done")]
    names = _short_names(outcome)
    heads += [translate("In SPSS and Stata")] if names else []
    lines = [_line(heads), _line(["---"] * len(heads))]
    for origin, treatment, field in _described(plan, fields, titles):
        if not treatment.output:
            continue
        said = sentence(treatment).say(translate)
        cells = [f"`{treatment.output}`", field.label or field.name, kinds[treatment.output]]
        called = [f"`{names[treatment.output]}`"] if names else []
        lines.append(_line([*cells, origin.dataset, said, *called]))
    return "\n".join(lines) + "\n"


def _short_names(outcome: Outcome) -> Mapping[str, str]:
    """Return what SPSS and Stata call each column, nothing without a file of theirs."""
    if not any(each.file_name in outcome.files for each in STATISTICAL):
        return {}
    return short_names(name for name, _kind in outcome.columns)


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


def _described(
    plan: Recipe, fields: Schemas, titles: Titles
) -> list[tuple[Origin, Treatment, FieldSpec]]:
    """Return every treatment with the field that it is of and where that comes from."""
    found = []
    for part, schema, origin in zip(plan.parts, fields, titles.origins, strict=True):
        by_name = {each.name: each for each in schema}
        found += [(origin, each, by_name[each.field]) for each in part.treatments]
    return found


def _schema(plan: Recipe, outcome: Outcome, fields: Schemas, titles: Titles) -> dict[str, Any]:
    kinds = _kinds(outcome)
    described = [
        _field(treatment, field, kinds[treatment.output])
        for _origin, treatment, field in _described(plan, fields, titles)
        if treatment.output
    ]
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
