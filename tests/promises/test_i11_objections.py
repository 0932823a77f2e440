"""
I11: an objection or withdrawal recorded before an extract starts ⇒ the person is not in the file.

Recorded after, the holder gets a list to erase them by, and the next extract leaves the person out.
"""

import random

import pytest
from django.utils import timezone

from access.consents.rules import Decision
from access.extracts import running
from catalog.vocabularies.legal_bases import LegalBasis
from tests.factories import vault
from tests.integration.access.extracts.making import PUPILS, asked, granted, made, names_in, say

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_place")]


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
