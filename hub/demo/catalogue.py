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

from access.node.working import Worker
from catalog.datasets.actions import describe, register
from catalog.datasets.at_node import leave
from catalog.datasets.dictionary import change_fields, confirm_all
from catalog.datasets.queries import held_by, prepared_release
from catalog.datasets.sources import attach_upload
from catalog.datasets.states import OPEN_TO_CHANGE
from catalog.datasets.uploads import seal
from catalog.nodes.queries import offered_to
from catalog.vault.actions import publish, start_ingestion
from catalog.vault.ingesting import run
from catalog.vault.queries import ingestion_of, is_unfinished
from hub.demo import at_home
from hub.demo.population import Population, canteen, results, traces
from hub.demo.settling import DOMAIN, HERE
from hub.people.permissions import Actor, Permission

DATA = HERE / "data"
SCHOOLS = "fr-en-dnb-par-etablissement.csv"
EDITORS = {"depp": "producteur", "loire-atlantique": "departement", "lecturia": "editeur"}
GENERATED = {"results": results, "canteen": canteen, "traces": traces}
NOT_DESCRIPTION = frozenset(
    {
        "slug",
        "producer",
        "file",
        "generated",
        "node",
        "title",
        "release",
        "unit",
        "fields",
        "levels",
        "meanings",
    }
)


def publish_one(one: Mapping[str, Any], *, by: Actor, pupils: Population, at: datetime) -> UUID:
    """Walk one dataset through the steps of its registration, from where it stands."""
    dataset = held_by(by, Permission.EDIT_DATASET).filter(slug=one["slug"]).first()
    if dataset is None:
        dataset = register(
            by=by,
            at=at,
            title=one["title"],
            slug=one["slug"],
            release_label=one["release"],
            unit=one["unit"],
        )
    release = prepared_release(dataset)
    if release is None:
        return dataset.pk
    if release.state in OPEN_TO_CHANGE:
        _describe(dataset.pk, one, by=by, pupils=pupils, at=at)
        start_ingestion(dataset_id=dataset.pk, by=by, at=at)
    job = ingestion_of(release.pk)
    if job is not None and is_unfinished(job):
        if "node" in one:
            _at_home(one, by=by, pupils=pupils, at=at).step(0)
        else:
            run(ingestion_id=job.pk, clock=timezone.now)
    publish(dataset_id=dataset.pk, by=by, at=at)
    return dataset.pk


def _describe(
    dataset_id: UUID, one: Mapping[str, Any], *, by: Actor, pupils: Population, at: datetime
) -> None:
    contact = f"donnees-{one['producer']}@{DOMAIN}"
    description = {name: value for name, value in one.items() if name not in NOT_DESCRIPTION}
    describe(
        dataset_id=dataset_id,
        changes={**description, "contact_email": contact, "controller_contact": contact},
        by=by,
        at=at,
    )
    if "node" in one:
        _at_home(one, by=by, pupils=pupils, at=at)
        [offer] = offered_to(by)
        leave(dataset_id=dataset_id, node_id=offer.node_id, name=offer.name, by=by, at=at)
    else:
        upload = seal(_pieces(_file(one, pupils)))
        attach_upload(
            dataset_id=dataset_id, upload=upload, file_name=f"{one['slug']}.csv", by=by, at=at
        )
    levels, meanings = one.get("levels", {}), one.get("meanings", {})
    changes = {
        name: {"label": label, "definition": definition}
        | ({"level": levels[name]} if name in levels else {})
        | ({"semantic_type": meanings[name]} if name in meanings else {})
        for name, (label, definition) in one["fields"].items()
    }
    change_fields(dataset_id=dataset_id, changes=changes, by=by, at=at)
    confirm_all(dataset_id=dataset_id, by=by, at=at)


def _at_home(one: Mapping[str, Any], *, by: Actor, pupils: Population, at: datetime) -> Worker:
    return at_home.settle(one["node"], GENERATED[one["generated"]](pupils), by=by, at=at)


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
