"""The public page of a dataset: what it is, what it holds, and what its reader would get."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from catalog.datasets import queries, wording
from catalog.datasets.keeping import Keeping
from catalog.datasets.snapshots import DatasetSnapshot, FieldSnapshot
from catalog.vault.queries import OpenCopy, downloads_of, open_copies
from catalog.vocabularies.education_data import EducationData
from catalog.vocabularies.education_levels import EducationLevel
from catalog.vocabularies.frequencies import Frequency
from catalog.vocabularies.labelled import Labelled
from catalog.vocabularies.levels import Tier
from catalog.vocabularies.licences import Licence
from catalog.vocabularies.themes import Theme
from hub.pages.reading import received_by, where_to_ask
from hub.people.acting import acting
from hub.people.gates import public


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the data dictionary."""

    field: FieldSnapshot
    level: int
    level_name: str
    received: str


@public
def dataset(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a dataset to anyone who may know of it."""
    actor = acting(request)
    found = queries.find(actor, slug)
    shown = queries.snapshot(found.pk, published=False)
    copies = open_copies(shown.release.id) if shown.tier is Tier.OPEN else ()
    received = received_by(actor, shown, at=timezone.now())
    context = {
        "dataset": found,
        "shown": shown,
        "rows": [_row(one, received) for one in shown.fields],
        "received": bool(received),
        "copies": copies,
        "downloads": downloads_of(found.pk),
        "releases": queries.releases_seen(None, found),
        "may_edit": queries.may_edit(actor, found),
        "ask_url": where_to_ask(shown),
        "base_url": settings.HUB_BASE_URL,
        "facts": facts(found),
        "tier": wording.TIERS[shown.tier],
        "tier_at_length": wording.TIERS_AT_LENGTH[shown.tier],
        "unit": wording.UNITS.get(shown.unit, "") if shown.unit else "",
        "kind": wording.KINDS[shown.producer.kind],
        "profiles": [wording.PROFILES[one] for one in shown.accepted_profiles],
        "purposes": [one.label for one in shown.accepted_purposes],
        "basis": shown.collection_basis.label if shown.collection_basis else "",
        "crossing": shown.crossing_rule.label,
        "crossing_with": queries.published_datasets(ids=shown.crossing_with),
        "structured": as_script(structured(found, shown, copies)),
    }
    return render(request, "pages/dataset.html", context)


def _row(one: FieldSnapshot, received: Mapping[str, str]) -> Row:
    return Row(
        field=one,
        level=int(one.confidentiality),
        level_name=wording.LEVELS[one.confidentiality],
        received=received.get(one.name, ""),
    )


def facts(found: Any) -> dict[str, Any]:
    """Return what the closed lists say of a dataset, as labels."""
    return {
        "data_type": _label(EducationData, found.data_type),
        "themes": [_label(Theme, one) for one in found.themes],
        "levels": [_label(EducationLevel, one) for one in found.education_levels],
        "frequency": _label(Frequency, found.frequency),
        "licence": _label(Licence, found.licence),
        "licence_url": Licence(found.licence).uri if found.licence else "",
    }


def _label(closed: type[Labelled], word: str) -> str:
    return closed(word).label if word else ""


def structured(found: Any, shown: DatasetSnapshot, copies: Sequence[OpenCopy]) -> dict[str, Any]:
    """Return the description that search engines read (schema.org)."""
    page = settings.HUB_BASE_URL + reverse("dataset", args=[found.slug])
    body: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "name": found.title,
        "description": found.summary or found.title,
        "url": page,
        "identifier": str(found.pk),
        "inLanguage": found.language,
        "isAccessibleForFree": True,
        "creator": {"@type": "Organization", "name": shown.producer.name},
        "variableMeasured": [
            {"@type": "PropertyValue", "name": one.name, "description": one.label}
            for one in shown.fields
            if one.keeping is not Keeping.NEVER
        ],
    }
    licence = Licence(found.licence).uri if found.licence else ""
    if licence:
        body["license"] = licence
    if copies:
        body["distribution"] = [
            {
                "@type": "DataDownload",
                "encodingFormat": {"csv": "text/csv"}.get(
                    copy.format, "application/vnd.apache.parquet"
                ),
                "contentUrl": settings.HUB_BASE_URL
                + reverse("dataset_download", args=[found.slug, copy.format]),
            }
            for copy in copies
        ]
    return body


def as_script(body: Mapping[str, Any]) -> SafeString:
    """Write a description so that nothing in it can end the script that holds it."""
    text = json.dumps(body, ensure_ascii=False)
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return mark_safe(text)  # noqa: S308 - no sign of markup is left
