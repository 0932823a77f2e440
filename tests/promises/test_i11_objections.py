"""
I11: an objection or withdrawal recorded before an extract starts ⇒ the person is not in the file.

Recorded after, it changes no file that was delivered, and the next extract leaves the person out.
"""

import io
import random

import pyarrow as pa
import pytest
from django.utils import timezone

from access.consents.actions import load_file
from access.consents.queries import loadable
from access.consents.reading import Defaults
from access.consents.rules import Decision
from access.extracts import running
from access.extracts.models import Extract
from access.grants.models import GrantDataset
from access.plans.plan import Plan
from access.pseudonymisation.queries import open_secret
from catalog.datasets.house_keys import identifier_key
from catalog.datasets.models import Dataset
from catalog.vocabularies.legal_bases import LegalBasis
from hub.crypto.keys import stage_two_key
from hub.crypto.prf import matrix_of, prf, pseudonyms
from hub.crypto.subjects import subject_keys
from tests import people
from tests.factories import vault
from tests.integration.access.extracts.making import asked, granted, made, rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_place")]

PUPILS = vault.ines(2_000)


def say(dataset: Dataset, decision: Decision, identifiers: list[str]) -> None:
    """Record a word of many persons."""
    grace = people.grace().actor
    load_file(
        dataset=loadable(grace, dataset.slug),
        stream=io.BytesIO("\n".join(["ine", *identifiers]).encode()),
        defaults=Defaults(timezone.now(), decision=decision),
        by=grace,
        at=timezone.now(),
    )


def names_in(extract: Extract, identifiers: list[str]) -> set[str]:
    """Return who among some persons is in a file: only one who holds both keys can tell."""
    plan = Plan.from_json(GrantDataset.objects.get(pk=extract.granted_id).plan)
    [domain] = [one for one in plan.domains if one.attribute == "pupil"]
    key = stage_two_key(open_secret(extract.granted.grant_id), *domain.labels)
    p0 = subject_keys(pa.array(identifiers, pa.string()), identifier_key("pupil"))
    pids = [bytes(row) for row in matrix_of(pseudonyms(p0, prf(key)))]
    delivered = {one.bytes for one in rows(extract).column("pid").to_pylist()}
    return {ine for ine, pid in zip(identifiers, pids, strict=True) if pid in delivered}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("word", [Decision.OBJECTED, Decision.WITHDRAWN, Decision.REFUSED])
def test_who_objected_before_the_start_is_not_in_the_file(word: Decision, seed: int) -> None:
    chance = random.Random(seed)
    before, between = chance.sample(PUPILS, 40), chance.sample(PUPILS, 40)
    dataset = vault.dataset_of_pupils()
    grant = granted(dataset)

    say(dataset, word, before)
    extract = asked(grant)
    say(dataset, word, between)
    running.run(extract_id=extract.pk, clock=timezone.now)

    extract.refresh_from_db()
    assert names_in(extract, before + between) == set()
    assert len(names_in(extract, PUPILS)) > 1_800


def test_an_identifier_written_otherwise_is_the_same_person() -> None:
    dataset = vault.dataset_of_pupils()
    say(
        dataset,
        Decision.OBJECTED,
        [f" {PUPILS[0].lower()} ", f"{PUPILS[1][:4]}\u00a0{PUPILS[1][4:]}"],
    )

    assert names_in(made(granted(dataset)), PUPILS[:3]) <= {PUPILS[2]}


def test_who_objects_afterwards_is_left_out_of_the_next_extract_of_the_same_grant() -> None:
    dataset = vault.dataset_of_pupils()
    grant = granted(dataset)
    first = made(grant)
    present = sorted(names_in(first, PUPILS))[:30]

    say(dataset, Decision.OBJECTED, present)
    second = made(grant)

    assert second != first
    assert names_in(first, present) == set(present)
    assert names_in(second, present) == set()


def test_where_data_are_collected_on_consent_only_who_consented_is_in_the_file() -> None:
    dataset = vault.dataset_of_pupils(collection_basis=LegalBasis.CONSENT)
    say(dataset, Decision.GIVEN, PUPILS[:1_500])
    say(dataset, Decision.WITHDRAWN, PUPILS[:200])

    present = names_in(made(granted(dataset)), PUPILS)

    assert present <= set(PUPILS[200:1_500])
    assert len(present) > 1_000


def test_where_the_law_obliges_no_word_changes_the_file() -> None:
    dataset = vault.dataset_of_pupils(collection_basis=LegalBasis.LEGAL_OBLIGATION)
    say(dataset, Decision.OBJECTED, PUPILS)

    assert len(names_in(made(granted(dataset)), PUPILS)) > 1_800
