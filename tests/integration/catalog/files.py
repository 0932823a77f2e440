"""Small files as producers send them, and a dataset brought as far as a test needs."""

from typing import Any
from uuid import UUID

from django.utils import timezone

from catalog.datasets import actions, dictionary, sources, uploads
from catalog.datasets.models import Dataset
from catalog.vault import actions as vault
from catalog.vault.ingesting import run
from catalog.vault.models import Ingestion
from hub.people.permissions import Actor
from tests.people import Person

SCHOOLS = (
    "uai;nom_etablissement;commune;taux_reussite;effectif\n"
    "0750001E;COLLEGE JEAN MOULIN;75101;81,7%;120\n"
    "0750002F;COLLEGE SAINT JOSEPH;75102;90,0%;80\n"
    "0750003G;COLLEGE VICTOR HUGO;75103;NS;15\n"
)
PUPILS = "ine;nom;courriel;date_naissance;uai;note\n" + "".join(
    f"{number:09}AA;MARTIN;enfant{number}@example.org;2012-03-{1 + number % 28:02};0750001E;{number % 21}\n"
    for number in range(60)
)
OPEN: dict[str, Any] = {
    "summary": "Results by school",
    "description": "Results of every lower secondary school.",
    "contact_email": "data@example.org",
    "unit": "school",
    "licence": "etalab-2.0",
}
PERSONAL: dict[str, Any] = {
    "summary": "Marks of pupils",
    "description": "One row a pupil.",
    "contact_email": "data@example.org",
    "unit": "pupil",
    "collection_basis": "public_task",
    "retention_months": 24,
}


def register(person: Person, title: str = "Results", **description: Any) -> Dataset:
    """Register a draft."""
    return actions.register(by=person.actor, at=timezone.now(), title=title, **description)


def give(person: Person, dataset_id: UUID, content: str | bytes, name: str = "file.csv") -> None:
    """Upload a file."""
    data = content.encode() if isinstance(content, str) else content
    sources.attach_upload(
        dataset_id=dataset_id,
        upload=uploads.seal([data]),
        file_name=name,
        by=person.actor,
        at=timezone.now(),
    )


def finish_fields(actor: Actor, dataset_id: UUID) -> None:
    """Confirm what is proposed, and write the dictionary."""
    at = timezone.now()
    fields = dictionary.change_fields(
        dataset_id=dataset_id, changes={}, confirm_all=True, by=actor, at=at
    )
    words = {one.name: {"label": one.name, "definition": "As named."} for one in fields}
    dictionary.change_fields(dataset_id=dataset_id, changes=words, by=actor, at=at)


def take_in(actor: Actor, dataset_id: UUID) -> Ingestion:
    """Run the job of the prepared release, as a worker does."""
    job = vault.start_ingestion(dataset_id=dataset_id, by=actor, at=timezone.now())
    run(ingestion_id=job.pk, clock=timezone.now)
    job.refresh_from_db()
    return job


def published(
    person: Person, content: str = SCHOOLS, title: str = "Results", **says: Any
) -> Dataset:
    """Bring a dataset to its publication."""
    dataset = register(person, title, **(says or OPEN))
    give(person, dataset.pk, content)
    finish_fields(person.actor, dataset.pk)
    take_in(person.actor, dataset.pk)
    vault.publish(dataset_id=dataset.pk, by=person.actor, at=timezone.now())
    dataset.refresh_from_db()
    return dataset
