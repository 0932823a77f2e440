"""
The extract described for programs and for people: Data Package, dictionary. Pure.

Source: Data Package and Table Schema, version 1 (https://specs.frictionlessdata.io/).
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from access.extracts.account import Origin, Titles, Translate
from access.extracts.outcomes import Outcome
from access.extracts.short_names import short_names
from access.plans.crossing import Recipe
from access.plans.plan import Plan
from access.plans.tables_told import explain_table
from access.plans.telling import Sentence, sentence
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
    columns = _columns(plan, outcome, fields, titles)
    package: dict[str, Any] = {
        "profile": "data-package",
        "name": _slug(
            "-".join(f"{each.source.dataset}-{each.source.release}" for each in plan.parts)
        ),
        "id": plan.digest,
        "title": titles.datasets,
        "description": "; ".join(f"{one.producer}, {one.release}" for one in titles.origins),
        "contributors": [{"title": one, "role": "publisher"} for one in titles.producers],
        "resources": [
            _tabular(name, [each for each in columns if each.table == name], plan.formats, files)
            for name in dict.fromkeys(each.table for each in columns)
        ],
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
    names = _short_names(outcome)
    writer.writerow(
        [
            *("column", "dataset", "field", "label", "definition", "type"),
            *(f"treatment_{each}" for each in say),
            *(["spss_stata_name"] if names else []),
        ]
    )
    for each in _columns(plan, outcome, fields, titles):
        named = f"{each.table}.{each.name}" if plan.tables else each.name
        about = [named, each.dataset, *_about(each.field), each.kind]
        short = [names.get(each.name, "")] if names else []
        writer.writerow(_cells(about, each.sentence, say, short))
    for origin, treatment, field in _described(plan, fields, titles):
        if not treatment.output:
            about = ["", origin.dataset, *_about(field), ""]
            writer.writerow(_cells(about, sentence(treatment), say, [""] if names else []))
    return file.getvalue()


def dictionary_markdown(
    plan: Recipe, outcome: Outcome, fields: Schemas, titles: Titles, translate: Translate
) -> str:
    """Write the same for people, in one language."""
    heads = [translate(each) for each in ("Column", "Label", "Type", "Dataset", "What was done")]
    names = _short_names(outcome)
    heads += [translate("In SPSS and Stata")] if names else []
    lines = [_line(heads), _line(["---"] * len(heads))]
    for each in _columns(plan, outcome, fields, titles):
        label = (each.field.label or each.field.name) if each.field else ""
        named = f"{each.table}.{each.name}" if plan.tables else each.name
        said = each.sentence.say(translate)
        called = [f"`{names[each.name]}`"] if names else []
        lines.append(_line([f"`{named}`", label, each.kind, each.dataset, said, *called]))
    return "\n".join(lines) + "\n"


def _short_names(outcome: Outcome) -> Mapping[str, str]:
    """Return what SPSS and Stata call each column, nothing without a file of theirs."""
    if not any(each.file_name in outcome.files for each in STATISTICAL):
        return {}
    return short_names(name for name, _kind in outcome.columns)


@dataclass(frozen=True, slots=True)
class _Column:
    """
    One column of a file.

    :param table: the name of its files, without ending
    :param dataset: the title of the one that it comes from
    :param kind: of Table Schema
    :param field: that it is made of; None when it is made of none
    """

    table: str
    dataset: str
    name: str
    kind: str
    field: FieldSpec | None
    sentence: Sentence
    uuid: bool = False


def _columns(plan: Recipe, outcome: Outcome, fields: Schemas, titles: Titles) -> list[_Column]:
    if isinstance(plan, Plan) and plan.tables:
        return _columns_of_tables(plan, outcome, fields[0], titles.origins[0])
    kinds = _kinds(outcome.columns)
    return [
        _Column(
            "data",
            origin.dataset,
            each.output,
            kinds[each.output],
            field,
            sentence(each),
            bool(each.attribute),
        )
        for origin, each, field in _described(plan, fields, titles)
        if each.output
    ]


def _columns_of_tables(
    plan: Plan, outcome: Outcome, fields: Sequence[FieldSpec], origin: Origin
) -> list[_Column]:
    by_name = {each.name: each for each in fields}
    treatments = {each.field: each for each in plan.delivered}
    found = []
    for number, (spec, told) in enumerate(zip(plan.tables, outcome.tables, strict=True), 1):
        kinds = _kinds(told.columns)
        value, hidden = spec.columns[-2:]
        said = {name: sentence(treatments[name], in_a_table=True) for name in spec.dimensions}
        said |= {value: explain_table(number, spec, plan), hidden: Sentence("", HIDDEN_COLUMN)}
        made_of = {name: by_name[name] for name in spec.dimensions}
        if spec.sum_of:
            made_of[value] = by_name[spec.sum_of]
        found += [
            _Column(spec.name, origin.dataset, name, kinds[name], made_of.get(name), said[name])
            for name in spec.columns
        ]
    return found


HIDDEN_COLUMN = "True where the value is hidden; the value is then missing."


def _about(field: FieldSpec | None) -> list[str]:
    return [field.name, field.label, field.definition] if field else ["", "", ""]


def _cells(
    about: Sequence[str], said: Sentence, say: Mapping[str, Translate], more: Sequence[str]
) -> list[str]:
    return [_safe(each) for each in [*about, *map(said.say, say.values()), *more]]


def _tabular(
    name: str,
    columns: Sequence[_Column],
    formats: Sequence[Format],
    files: Mapping[str, FileEntry],
) -> dict[str, Any]:
    """Describe the files of one table, those in other formats as alternates of the first."""
    named = {each: f"{name}.{each.ending}" for each in formats}
    written = [each for each in formats if named[each] in files]
    ordered = sorted(written, key=lambda each: each is not Format.CSV)
    resources = [_resource(name, each, files[named[each]]) for each in ordered]
    schema = {"fields": [_field(each) for each in columns], "missingValues": [""]}
    main = {**resources[0], "schema": schema}
    if ordered[0] is Format.CSV:
        main["profile"] = "tabular-data-resource"
        main["dialect"] = {"delimiter": ",", "lineTerminator": "\n", "header": True}
    if resources[1:]:
        main["alternates"] = resources[1:]
    return main


def _resource(name: str, kind: Format, entry: FileEntry) -> dict[str, Any]:
    return {
        "name": name,
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


def _field(column: _Column) -> dict[str, Any]:
    found: dict[str, Any] = {"name": column.name, "type": column.kind}
    if column.uuid:
        found["format"] = "uuid"
    if column.field:
        described = {"title": column.field.label, "description": column.field.definition}
        found |= {key: value for key, value in described.items() if value}
    return found


def _kinds(columns: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the Table Schema type of each column, from its Arrow type."""
    return {name: _kind(arrow) for name, arrow in columns}


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
