"""Words come in by the file and one by one; identifiers do not stay."""

import io
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection, transaction

from access.consents import actions, queries
from access.consents.models import BatchState, ConsentBatch, ConsentRecord
from access.consents.queries import Loadable, keys_in_force, loadable
from access.consents.reading import Defaults
from access.consents.rules import Decision, Rule
from catalog.datasets.house_keys import identifier_key
from catalog.datasets.models import Dataset
from hub.audit.queries import events
from hub.crypto.subjects import subject_key
from hub.kernel.refusals import Invalid, Unknown
from hub.outbox.models import Message
from hub.people.permissions import Scope
from tests.factories import catalogue
from tests.people import Person, ada, grace, hedy, katherine, margaret, noor

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
INES = ["1234567890A", "0987654321B", "1112223334C"]


def opposition(*ines: str) -> bytes:
    return "\n".join(
        ["identifiant;decision;date", *(f"{i};opposition;2026-03-01" for i in ines)]
    ).encode()


def load(dataset: Loadable, content: bytes, **more: Any) -> ConsentBatch:
    return actions.load_file(
        dataset=dataset,
        stream=io.BytesIO(content),
        **{"defaults": Defaults(decided_at=NOW), "by": grace().actor, "at": NOW, **more},
    )


def of_grace(dataset: Dataset) -> Loadable:
    return loadable(grace().actor, dataset.slug)


def excluded(dataset: Loadable) -> set[bytes]:
    found = keys_in_force(
        dataset_id=dataset.id, project_id=None, basis=Rule.OPT_OUT, purpose="", as_of=NOW
    )
    return {bytes(row) for row in found.keys}


def test_load_file_keys_each_person_as_the_vault_does() -> None:
    dataset = of_grace(catalogue.dataset())

    batch = load(dataset, opposition(INES[0], " 0987654321b "))

    key = identifier_key("pupil")
    assert excluded(dataset) == {subject_key(ine, key) for ine in INES[:2]}
    assert (batch.lines, batch.loaded, batch.counts) == (2, 2, {"objected": 2})
    assert queries.counts(dataset.id) == {Decision.OBJECTED: 2}


def test_load_file_is_in_the_trail_and_owes_what_follows_once() -> None:
    dataset = of_grace(catalogue.dataset())

    batch = load(dataset, opposition(*INES))

    [event] = events(kind="consents.loaded")
    assert event.subject == f"dataset:{dataset.id}"
    assert event.details["loaded"] == 3
    owed = Message.objects.get(event="consent.recorded")
    assert owed.payload["watermark"] == batch.watermark
    assert owed.payload["against"] == 3


def test_no_identifier_is_kept_anywhere_in_the_database() -> None:
    dataset = of_grace(catalogue.dataset())
    load(dataset, opposition(*INES))
    with pytest.raises(Invalid):
        load(dataset, opposition(INES[0]) + b"\n" + INES[1].encode() + b";peut-etre;2026-01-01")

    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(
                f'SELECT count(*) FROM "{table}" t WHERE t::text ~ %s', ["|".join(INES)]
            )
            assert cursor.fetchone() == (0,), table


def test_a_wrong_line_loads_nothing_and_the_attempt_is_told() -> None:
    dataset = of_grace(catalogue.dataset())

    with pytest.raises(Invalid) as refused:
        load(dataset, opposition(*INES) + b"\nX;peut-etre;2026-03-01")

    assert str(refused.value) == "Lines 5 have a decision that the hub does not know."
    assert not ConsentRecord.objects.exists()
    [batch] = queries.batches(dataset.id)
    assert (batch.state, batch.lines, batch.loaded) == (BatchState.REFUSED, 4, 0)
    assert [event.details["lines"] for event in events(kind="consents.refused")] == [4]


def test_the_good_lines_are_loaded_when_asked() -> None:
    dataset = of_grace(catalogue.dataset())

    batch = load(dataset, opposition(*INES) + b"\nX;peut-etre;2026-03-01", keep_good=True)

    assert (batch.lines, batch.loaded) == (4, 3)
    assert batch.refusals[0]["values"]["lines"] == "5"


def test_good_lines_alone_need_at_least_one() -> None:
    dataset = of_grace(catalogue.dataset())

    with pytest.raises(Invalid, match="Lines 2 have a decision"):
        load(dataset, b"ine;decision\n1;x\n", keep_good=True)


def test_the_same_file_twice_in_a_row_is_one_load() -> None:
    dataset = of_grace(catalogue.dataset())

    first = load(dataset, opposition(*INES))
    again = load(dataset, opposition(*INES))
    meant_otherwise = load(dataset, opposition(*INES), defaults=Defaults(NOW, notice="v2"))

    assert again == first != meant_otherwise
    assert ConsentRecord.objects.count() == 6


def test_a_file_without_lines_is_refused() -> None:
    with pytest.raises(Invalid, match="no line"):
        load(of_grace(catalogue.dataset()), b"ine;decision\n")


def test_a_dataset_without_persons_takes_no_words() -> None:
    dataset = catalogue.dataset(columns=catalogue.PUPILS[4:5])

    with pytest.raises(Invalid, match="no field that names persons"):
        load(of_grace(dataset), opposition(*INES))


def test_the_digest_of_a_file_tells_nothing_without_a_key_of_the_hub() -> None:
    one, other = catalogue.dataset(), catalogue.dataset("other")

    assert (
        load(of_grace(one), opposition(INES[0])).digest
        != load(of_grace(other), opposition(INES[0])).digest
    )


def test_more_than_the_limit_is_refused(settings: Any) -> None:
    settings.HUB_UPLOAD_LIMIT = 100

    with pytest.raises(Invalid, match="larger than"):
        load(of_grace(catalogue.dataset()), opposition(*INES * 10))


def test_many_lines_are_copied_with_their_holders_and_ends() -> None:
    dataset = of_grace(catalogue.dataset())
    rows = "".join(
        f"{number:010d}A;given;2026-01-0{number % 9 + 1};2027-01-01;guardian;h{number % 2}\n"
        for number in range(120_000)
    )

    batch = load(dataset, f"ine;decision;date;until;par;holder\n{rows}".encode())

    assert batch.loaded == ConsentRecord.objects.count() == 120_000
    assert ConsentRecord.objects.values("holder").distinct().count() == 2
    found = keys_in_force(
        dataset_id=dataset.id, project_id=None, basis=Rule.OPT_IN, purpose="", as_of=NOW
    )
    assert found.keys.shape == (120_000, 16)
    assert sorted(map(bytes, found.keys)) == [bytes(row) for row in found.keys]


def test_record_one_records_one_word() -> None:
    dataset = of_grace(catalogue.dataset())
    word = {"identifier": INES[0], "decision": "objected"}

    actions.record_one(
        dataset=dataset, word=word, defaults=Defaults(NOW), by=grace().actor, at=NOW
    )

    assert excluded(dataset) == {subject_key(INES[0], identifier_key("pupil"))}


@pytest.mark.parametrize("who", [grace, noor])
def test_the_producers_people_and_its_dpo_may_load(who: Any) -> None:
    dataset = catalogue.dataset()

    assert loadable(who().actor, dataset.slug).attribute == "pupil"


@pytest.mark.parametrize("who", [ada, katherine, hedy, margaret])
def test_nobody_else_may_even_look(who: Any) -> None:
    grace()
    dataset = catalogue.dataset()
    person: Person = who()

    with pytest.raises(Unknown):
        loadable(person.actor, dataset.slug)
    assert person.api().get(f"datasets/{dataset.pk}/consents").status_code in {403, 404}
    assert person.browser().get(f"/datasets/{dataset.slug}/consents").status_code in {403, 404}


def test_two_loads_at_once_number_their_words_in_the_order_of_their_commits() -> None:
    """The second waits for the first, so that no number below a watermark appears after it."""
    dataset = of_grace(catalogue.dataset())
    lock = f"consents:{dataset.id}"
    with transaction.atomic():
        load(dataset, opposition(INES[0]))
        other = connection.copy()
        try:
            with other.cursor() as cursor:
                cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [lock])
                assert cursor.fetchone() == (False,)
        finally:
            other.close()


# -- over the API and the page ----------------------------------------------------------------------


def post_csv(person: Person, path: str, content: bytes, *scopes: Scope) -> Any:
    caller = person.api(*scopes)
    return caller._client.post(
        f"/api/v1/{path}", data=content, content_type="text/csv", headers=caller._headers
    )


def test_the_api_takes_a_csv_as_the_body() -> None:
    dataset = catalogue.dataset()

    answer = post_csv(grace(), f"datasets/{dataset.pk}/consents", opposition(*INES))

    assert answer.status_code == 201
    assert answer.json()["counts"] == {"objected": 3}
    assert len(excluded(of_grace(dataset))) == 3
    listed = grace().api().get(f"datasets/{dataset.pk}/consents").json()
    assert [one["loaded"] for one in listed["results"]] == [3]


def test_the_api_takes_defaults_in_the_address() -> None:
    dataset = catalogue.dataset()
    path = f"datasets/{dataset.pk}/consents?decision=objected&by=guardian&purpose=research"

    answer = post_csv(grace(), path, b"ine\n" + INES[0].encode() + b"\n")

    assert answer.status_code == 201
    kept = ConsentRecord.objects.get()
    assert (kept.decision, kept.decided_by, kept.purpose) == ("objected", "guardian", "research")


def test_the_api_takes_one_word() -> None:
    dataset = catalogue.dataset()
    word = {"identifier": INES[0], "decision": "withdrawn", "until": "2027-01-01"}

    answer = grace().api().post(f"datasets/{dataset.pk}/consents", word)

    assert answer.status_code == 201
    assert INES[0] not in answer.content.decode()
    assert ConsentRecord.objects.get().decision == "withdrawn"


def test_the_api_names_the_wrong_lines() -> None:
    dataset = catalogue.dataset()

    answer = post_csv(grace(), f"datasets/{dataset.pk}/consents", b"ine;decision\n1;maybe\n")

    assert answer.status_code == 422
    assert answer.json()["refusals"][0]["code"] == "line-decision"
    assert "maybe" not in answer.content.decode()


def test_a_token_without_the_scope_loads_nothing() -> None:
    dataset = catalogue.dataset()

    answer = post_csv(
        grace(), f"datasets/{dataset.pk}/consents", opposition(*INES), Scope.CATALOGUE
    )

    assert answer.status_code == 403


def test_the_page_loads_a_file_and_shows_numbers_only() -> None:
    dataset = catalogue.dataset()
    browser = grace().browser()
    path = f"/datasets/{dataset.slug}/consents"
    upload = io.BytesIO(opposition(*INES))
    upload.name = "oppositions.csv"

    assert browser.get(path).status_code == 200
    answer = browser.post(path, {"file": upload, "by": "self"}, follow=True)

    page = answer.content.decode()
    assert answer.status_code == 200
    assert not any(ine in page for ine in INES)
    assert queries.counts(dataset.pk) == {Decision.OBJECTED: 3}


def test_the_page_says_which_lines_are_wrong() -> None:
    dataset = catalogue.dataset()
    upload = io.BytesIO(b"ine;decision\nX1;maybe\n")
    upload.name = "x.csv"

    answer = (
        grace()
        .browser()
        .post(f"/datasets/{dataset.slug}/consents", {"file": upload, "by": "self"})
    )

    assert answer.status_code == 422
    assert "maybe" not in answer.content.decode()
    assert 'data-code="line-decision"' in answer.content.decode()
