import pytest
from django.utils import timezone

from catalog.vault import actions, tasks
from tests.integration.catalog.files import OPEN, SCHOOLS, finish_fields, give, register
from tests.people import grace

pytestmark = pytest.mark.django_db


def test_the_tasks_take_in_once_and_have_nothing_more_to_do() -> None:
    dataset = register(grace(), **OPEN)
    give(grace(), dataset.pk, SCHOOLS)
    finish_fields(grace().actor, dataset.pk)
    job = actions.start_ingestion(dataset_id=dataset.pk, by=grace().actor, at=timezone.now())

    tasks.resume_ingestions()
    tasks.ingest(str(job.pk))
    tasks.ingest(str(job.pk))
    tasks.sweep_uploads()

    job.refresh_from_db()
    assert (job.state, job.attempt) == ("done", 1)
