"""
I13: fields delivered ⊆ granted ⊆ requested ⊆ published. A level-5 value never leaves, in any
file, log, message or error.
"""

import logging

import pyarrow as pa
import pytest
from django.db import connection

from access.grants.models import GrantDataset
from access.plans.plan import Plan
from access.requests.drafting import Wish
from access.requests.models import RequestedField
from catalog.datasets.house_keys import identifier_key
from catalog.datasets.models import Field
from catalog.vocabularies.levels import Level
from hub.crypto.subjects import subject_keys
from tests import people
from tests.factories import vault
from tests.integration.access.extracts.making import content, granted, made, object_to, rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_place")]

PUPILS = vault.ines(2_000)
WISHES = [
    [Wish("session"), Wish("sexe", justification="It is the question.")],
    [Wish("ine", justification="To count persons."), Wish("session")],
    [Wish("note", justification="It is what we explain."), Wish("session")],
    [Wish("ine", justification="To count persons."), Wish("note", justification="The outcome.")],
]


@pytest.mark.parametrize("wishes", WISHES)
def test_what_is_delivered_was_granted_requested_and_published(wishes: list[Wish]) -> None:
    extract = made(granted(fields=wishes))

    plan = Plan.from_json(GrantDataset.objects.get().plan)
    delivered = {each.field: each.output for each in plan.delivered}
    assert set(rows(extract).column_names) == set(delivered.values())
    grantable = {one["name"] for one in GrantDataset.objects.get().fields}
    requested = set(RequestedField.objects.values_list("name", flat=True))
    published = set(Field.objects.values_list("name", flat=True))
    assert set(delivered) <= grantable <= requested <= published
    assert requested == {wish.name for wish in wishes}


def test_no_identifier_leaves_in_any_file_nor_its_stage_one_key() -> None:
    extract = made(granted())

    keys = subject_keys(pa.array(PUPILS, pa.string()), identifier_key("pupil"))
    forbidden = {one.encode() for one in PUPILS}
    forbidden |= {form for key in keys.to_pylist() for form in (key, key.hex().encode())}
    for file in extract.files.all():
        found = content(extract, file.name)
        assert not [one for one in forbidden if one in found], file.name
    named = {field.name for field in Field.objects.filter(level=Level.IDENTIFIER)}
    assert not named & set(rows(extract).column_names)


def test_no_identifier_is_in_any_table_or_log_of_a_whole_path(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    dataset = vault.dataset_of_pupils()
    object_to(dataset, *PUPILS[:50])
    extract = made(granted(dataset))
    people.ada().api().get(f"extracts/{extract.pk}/files/data.csv")
    too_small = vault.dataset_of_pupils(30, slug="small", k=20, suppression_cap=0.0)
    failed = made(granted(too_small))

    said = caplog.text + "".join(capfd.readouterr()) + str(failed.failure)
    assert not [ine for ine in PUPILS if ine in said]
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(
                f'SELECT count(*) FROM "{table}" t WHERE t::text ~ %s', ["100000[0-9]{4}A"]
            )
            assert cursor.fetchone() == (0,), table
