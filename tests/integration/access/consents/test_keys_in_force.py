"""The database and the rule say the same, for everyone at once; and words only grow."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, given, settings, strategies as st
from hypothesis.extra.django import TestCase

from access.consents.models import BatchState, ConsentBatch, ConsentRecord
from access.consents.queries import KeysInForce, keys_in_force, watermark
from access.consents.rules import DecidedBy, Decision, Meaning, Rule, Word, is_listed
from catalog.datasets.models import Dataset
from hub.kernel.identifiers import new_id
from tests.factories import catalogue

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
TODAY = date(2026, 6, 1)
PROJECT, OTHER = UUID(int=1), UUID(int=2)

words = st.builds(
    Word,
    number=st.just(0),
    decision=st.sampled_from(Decision),
    decided_at=st.integers(0, 3).map(lambda days: NOW - timedelta(days=days)),
    holder=st.sampled_from([b"", b"m" * 16]),
    by=st.sampled_from(DecidedBy),
    project=st.sampled_from([None, PROJECT, OTHER]),
    purpose=st.sampled_from(["", "research", "steering"]),
    until=st.sampled_from([None, TODAY, TODAY - timedelta(days=1)]),
)


def batch_of(dataset: Dataset) -> ConsentBatch:
    return ConsentBatch.objects.create(
        id=new_id(),
        dataset=dataset,
        state=BatchState.LOADED,
        by="hub",
        loaded_at=NOW,
        attribute="pupil",
        lines=0,
        loaded=0,
        digest=b"",
        watermark=0,
    )


def key(person: int) -> bytes:
    return person.to_bytes(16, "big")


def say(dataset: Dataset, person: int, word: Word) -> ConsentRecord:
    batch = ConsentBatch.objects.filter(dataset=dataset).first() or batch_of(dataset)
    return ConsentRecord.objects.create(
        batch=batch,
        dataset=dataset,
        subject_key=key(person),
        project=word.project,
        purpose=word.purpose,
        decision=word.decision,
        decided_by=word.by,
        holder=word.holder,
        decided_at=word.decided_at,
        until=word.until,
    )


def listed(dataset: Dataset, rule: Rule = Rule.OPT_OUT, up_to: int | None = None) -> KeysInForce:
    return keys_in_force(
        dataset_id=dataset.pk,
        project_id=PROJECT,
        basis=rule,
        purpose="research",
        as_of=NOW,
        up_to=up_to,
    )


class TheDatabaseDecidesAsTheRule(TestCase):
    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(st.lists(words, max_size=5), max_size=6))
    def test_for_every_person_and_every_rule(self, people: list[list[Word]]) -> None:
        dataset = catalogue.dataset()
        for person, said in enumerate(people):
            for number, word in enumerate(said):
                say(dataset, person, word)
                people[person][number] = Word(
                    number, word.decision, word.decided_at, word.holder, word.by,
                    word.project, word.purpose, word.until,
                )  # fmt: skip

        for rule in Rule:
            found = listed(dataset, rule)
            expected = [
                key(person)
                for person, said in enumerate(people)
                if is_listed(said, rule=rule, project=PROJECT, purpose="research", day=TODAY)
            ]
            assert [bytes(row) for row in found.keys] == expected


@pytest.mark.django_db
def test_a_list_names_its_meaning_its_watermark_and_its_digest() -> None:
    dataset = catalogue.dataset()
    nothing = listed(dataset)
    last = say(dataset, 1, Word(0, Decision.OBJECTED, NOW))
    something = listed(dataset)

    assert (nothing.keys.shape, nothing.watermark) == ((0, 16), 0)
    assert something.meaning is Meaning.EXCLUDED
    assert something.watermark == last.pk == watermark(dataset.pk)
    assert something.digest != nothing.digest
    assert listed(dataset, up_to=0).digest == nothing.digest
    assert listed(dataset, Rule.OPT_IN).meaning is Meaning.INCLUDED


@pytest.mark.django_db
def test_words_about_another_dataset_do_not_count() -> None:
    dataset, other = catalogue.dataset(), catalogue.dataset("other")
    say(other, 1, Word(0, Decision.OBJECTED, NOW))

    assert len(listed(dataset).keys) == 0
    assert watermark(dataset.pk) == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE access_consentrecord SET decision = 'given'",
        "DELETE FROM access_consentrecord",
    ],
)
def test_the_database_refuses_even_its_owner_to_change_a_word(statement: str) -> None:
    say(catalogue.dataset(), 1, Word(0, Decision.OBJECTED, NOW))

    with (
        pytest.raises(DatabaseError, match="only grow"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


@pytest.mark.django_db
@pytest.mark.parametrize("privilege", ["UPDATE", "DELETE", "TRUNCATE"])
def test_the_role_that_runs_the_hub_may_only_add_words(privilege: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT has_table_privilege('hub_app', 'access_consentrecord', %s)", [privilege]
        )
        assert cursor.fetchone() == (False,)
