"""Register, describe, take in and publish the datasets of the demo world, as a producer would."""

import io
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.csv
from django.utils import timezone

from catalog.datasets.actions import describe, register
from catalog.datasets.dictionary import change_fields, confirm_all
from catalog.datasets.sources import attach_upload
from catalog.datasets.uploads import seal
from catalog.vault.actions import publish, start_ingestion
from catalog.vault.ingesting import run
from hub.demo.population import Population, canteen, results, traces
from hub.demo.settling import HERE, read
from hub.people.permissions import Actor

DATA = HERE / "data"
EDITORS = {"depp": "producteur", "loire-atlantique": "departement", "lecturia": "editeur"}
GENERATED = {"results": results, "canteen": canteen, "traces": traces}
NOT_DESCRIPTION = frozenset(
    {"slug", "producer", "file", "generated", "title", "release", "fields", "levels"}
)


def fill(*, everyone: Mapping[str, Actor], pupils: Population, at: datetime) -> dict[str, UUID]:
    """Publish every dataset; return their identifiers by slug."""
    return {
        one["slug"]: publish_one(one, by=everyone[EDITORS[one["producer"]]], pupils=pupils, at=at)
        for one in read("datasets.toml")["dataset"]
    }


def publish_one(one: Mapping[str, Any], *, by: Actor, pupils: Population, at: datetime) -> UUID:
    """Walk one dataset through the steps of its registration."""
    description = {name: value for name, value in one.items() if name not in NOT_DESCRIPTION}
    unit = description.pop("unit")
    dataset = register(
        by=by,
        at=at,
        title=one["title"],
        slug=one["slug"],
        release_label=one["release"],
        unit=unit,
    )
    contact = f"donnees-{one['producer']}@demo.example"
    describe(
        dataset_id=dataset.pk,
        changes={**description, "contact_email": contact, "controller_contact": contact},
        by=by,
        at=at,
    )
    upload = seal(_pieces(_file(one, pupils)))
    attach_upload(
        dataset_id=dataset.pk, upload=upload, file_name=f"{one['slug']}.csv", by=by, at=at
    )
    levels = one.get("levels", {})
    changes = {
        name: {"label": label, "definition": definition}
        | ({"level": levels[name]} if name in levels else {})
        for name, (label, definition) in one["fields"].items()
    }
    change_fields(dataset_id=dataset.pk, changes=changes, by=by, at=at)
    confirm_all(dataset_id=dataset.pk, by=by, at=at)
    job = start_ingestion(dataset_id=dataset.pk, by=by, at=at)
    run(ingestion_id=job.pk, clock=timezone.now)
    publish(dataset_id=dataset.pk, by=by, at=at)
    return dataset.pk


def _file(one: Mapping[str, Any], pupils: Population) -> io.IOBase:
    if "file" in one:
        return Path(DATA / one["file"]).open("rb")
    return as_csv(GENERATED[one["generated"]](pupils))


def as_csv(table: pa.Table) -> io.BytesIO:
    """Write a table as the exports of the State's services are written: with semicolons."""
    buffer = io.BytesIO()
    options = pa.csv.WriteOptions(delimiter=";", quoting_style="needed")
    pa.csv.write_csv(table, buffer, options)
    buffer.seek(0)
    return buffer


def _pieces(file: io.IOBase) -> Iterator[bytes]:
    with file:
        while piece := file.read(1 << 20):
            yield piece
