"""Fetching: not effective, not one byte, by any path; and what is kept goes in time."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from access.extracts import actions, downloads, places, queries
from access.extracts.models import Download, Extract
from access.extracts.workflow import State
from access.grants.models import Grant, GrantMember
from access.pseudonymisation.queries import SecretGone, has_secret
from hub.audit.queries import events
from hub.kernel.periods import day_of
from hub.kernel.refusals import Invalid, Unknown
from hub.people.permissions import Scope
from tests import people
from tests.factories import requests, vault
from tests.integration.access.extracts.making import asked, content, granted, made
from tests.people import Person

pytestmark = pytest.mark.django_db


@pytest.fixture
def extract() -> Extract:
    return made(granted())


def paths(extract: Extract) -> list[str]:
    names = [file.name for file in extract.files.all()]
    return [f"extracts/{extract.pk}/files/{name}" for name in names]


def fetched(person: Person, extract: Extract, name: str = "data.csv", **headers: str) -> Any:
    path = f"extracts/{extract.pk}/files/{name}"
    return person.api(Scope.DOWNLOADS).get(path, **headers)


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def end(extract: Extract) -> None:
    yesterday = day_of(timezone.now()) - timedelta(days=1)
    Grant.objects.filter(pk=extract.granted.grant_id).update(ends_on=yesterday)


# -- fetching ---------------------------------------------------------------------------------------


def test_the_team_fetches_a_file_whole(extract: Extract) -> None:
    answer = fetched(people.ada(), extract)
    file = extract.files.get(name="data.csv")

    assert answer.status_code == 200
    assert body(answer) == content(extract, "data.csv")
    assert answer.headers["ETag"] == f'"{file.sha256}"'
    assert answer.headers["Content-Length"] == str(file.size)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    # Under its own name, so that the sums can be checked.
    assert answer.headers["Content-Disposition"] == 'attachment; filename="data.csv"'
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_a_download_resumes_where_it_stopped(extract: Extract) -> None:
    whole = content(extract, "data.csv")
    tag = fetched(people.ada(), extract).headers["ETag"]

    answer = fetched(people.ada(), extract, Range="bytes=1000-", **{"If-Range": tag})

    assert answer.status_code == 206
    assert body(answer) == whole[1000:]
    assert answer.headers["Content-Range"] == f"bytes 1000-{len(whole) - 1}/{len(whole)}"


def test_each_download_is_counted_and_in_the_trail(extract: Extract) -> None:
    body(fetched(people.ada(), extract))
    body(fetched(people.ada(), extract, Range="bytes=5-9"))

    extract.refresh_from_db()
    assert extract.state == State.DELIVERED
    assert list(Download.objects.values_list("start", "bytes").order_by("id"))[1] == (5, 5)
    assert queries.downloads_of(extract)["data.csv"] == 1
    told = events(subject=f"extract:{extract.pk}", kind="extract.download")
    assert [event.details["start"] for event in told] == [5, 0]
    assert told[0].actor == f"user:{people.ada().user.pk}"


@pytest.mark.parametrize(
    "who",
    [
        people.linus,
        people.grace,
        people.katherine,
        people.noor,
        people.barbara,
        people.hedy,
        people.margaret,
        people.alan,
    ],
)
def test_nobody_else_gets_a_byte_of_any_file_by_any_path(extract: Extract, who: Any) -> None:
    """I7: a stranger, officers of both producers, and a colleague who is not of the team."""
    person: Person = who()
    caller, browser = person.api(), person.browser()

    for path in paths(extract):
        for answer in (caller.get(path), browser.get(f"/{path}")):
            assert answer.status_code in {404, 409}
            assert not answer.streaming
    assert not Download.objects.exists()


def test_a_colleague_who_did_not_sign_gets_nothing(extract: Extract) -> None:
    alan = people.alan()
    GrantMember.objects.create(
        grant_id=extract.granted.grant_id,
        user=alan.user,
        membership_id=alan.membership.pk,
        from_at=timezone.now() - timedelta(days=1),
    )

    answer = fetched(alan, extract)

    assert answer.status_code == 409
    assert "charter" in answer.content.decode() or "charte" in answer.content.decode()


def test_a_visitor_gets_nothing(extract: Extract) -> None:
    for path in paths(extract):
        assert people.Caller().get(path).status_code == 401


def test_a_token_without_the_scope_gets_nothing(extract: Extract) -> None:
    caller = people.ada().api(Scope.READ, Scope.REQUESTS)

    assert caller.get(paths(extract)[0]).status_code == 403


def test_after_the_end_not_one_byte_leaves_even_when_no_job_ran(extract: Extract) -> None:
    """I8: the bytes and the key are still there, and nothing serves them."""
    end(extract)

    answer = fetched(people.ada(), extract)

    assert answer.status_code == 409
    assert [one["code"] for one in answer.json()["refusals"]] == ["expired"]
    assert places.bundle_of(extract.pk).exists()
    page = people.ada().browser().get(f"/extracts/{extract.pk}/files/data.csv")
    assert page.status_code == 409
    assert not page.streaming


def test_after_its_purge_date_an_extract_is_not_served(extract: Extract) -> None:
    Extract.objects.update(purge_at=timezone.now() - timedelta(seconds=1))

    assert fetched(people.ada(), extract).json()["refusals"][0]["code"] == "not-ready"


def test_a_download_under_way_stops_when_the_right_ends(
    extract: Extract, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "PIECE", 100)
    answer = fetched(people.ada(), extract)
    pieces = iter(answer.streaming_content)
    assert len(next(pieces)) == 100

    class Later:
        @staticmethod
        def now() -> datetime:
            return datetime.max.replace(tzinfo=timezone.get_current_timezone())

    monkeypatch.setattr(downloads, "timezone", Later)
    with pytest.raises(downloads.Ended):
        next(pieces)


def test_an_extract_that_is_not_ready_has_no_file() -> None:
    extract = asked(granted())

    answer = fetched(people.ada(), extract)

    assert answer.status_code == 409
    assert answer.json()["refusals"][0]["code"] == "not-ready"


def test_a_file_that_does_not_exist_is_unknown(extract: Extract) -> None:
    assert fetched(people.ada(), extract, "nothing.csv").status_code == 404
    assert fetched(people.ada(), extract, ".manifest").status_code == 404
    assert fetched(people.ada(), extract, "..%2F..%2Fkeys").status_code == 404


def test_bytes_that_are_gone_are_told_and_not_counted(extract: Extract) -> None:
    places.remove(extract.pk)

    answer = fetched(people.ada(), extract)

    assert answer.json()["refusals"][0]["code"] == "files-gone"
    assert not Download.objects.exists()


# -- starting and following over the API ------------------------------------------------------------


def test_the_api_starts_follows_and_lists(django_capture_on_commit_callbacks: Any) -> None:
    grant = granted()
    caller = people.ada().api()

    started = caller.post(f"grants/{grant}/extracts", **{"Idempotency-Key": "one"})
    again = caller.post(f"grants/{grant}/extracts", **{"Idempotency-Key": "one"})

    assert started.status_code == 202
    assert again.json() == started.json()
    assert started.json()["state"] == "queued"
    read = caller.get(f"extracts/{started.json()['id']}").json()
    assert (read["progress"]["done"], read["progress"]["total"]) == (0, 2000)
    listed = caller.get(f"grants/{grant}/extracts").json()
    assert [one["id"] for one in listed] == [read["id"]]


def test_the_api_gives_files_with_where_to_fetch_them(extract: Extract) -> None:
    caller = people.ada().api()

    read = caller.get(f"extracts/{extract.pk}").json()

    assert read["outcome"]["rows_delivered"] > 1_900
    file = next(one for one in read["files"] if one["name"] == "data.parquet")
    assert body(caller.get(file["href"].removeprefix("/api/v1/")))[:4] == b"PAR1"


def test_officers_see_how_far_it_is_and_no_file(extract: Extract) -> None:
    read = people.grace().api().get(f"extracts/{extract.pk}").json()

    assert (read["state"], read["files"], read["outcome"]) == ("ready", [], {})


def test_strangers_see_nothing_over_the_api(extract: Extract) -> None:
    caller, grant = people.linus().api(), extract.granted.grant_id

    assert caller.get(f"extracts/{extract.pk}").status_code == 404
    assert caller.get(f"grants/{grant}/extracts").status_code == 404
    assert caller.post(f"grants/{grant}/extracts").status_code == 404
    assert caller.post(f"extracts/{extract.pk}/cancel").status_code == 404


def test_the_api_cancels() -> None:
    extract = asked(granted())

    answer = people.ada().api().post(f"extracts/{extract.pk}/cancel")

    assert answer.json()["state"] == "cancelled"


def test_a_grant_of_two_datasets_asks_which() -> None:
    datasets = [vault.dataset_of_pupils(), vault.dataset_of_pupils(slug="more")]
    grant = requests.approved(people.ada(), datasets).pk
    caller = people.ada().api()

    unnamed = caller.post(f"grants/{grant}/extracts")
    named = caller.post(f"grants/{grant}/extracts", {"dataset": str(datasets[1].pk)})

    assert unnamed.json()["refusals"][0]["code"] == "which-dataset"
    assert named.json()["dataset"] == str(datasets[1].pk)


# -- the end ----------------------------------------------------------------------------------------


def test_purge_removes_the_bytes_by_their_deadline(extract: Extract) -> None:
    """I17."""
    assert actions.purge(at=timezone.now()) == 0
    assert extract.purge_at is not None

    assert actions.purge(at=extract.purge_at) == 1

    extract.refresh_from_db()
    assert extract.state == State.PURGED
    assert not places.bundle_of(extract.pk).exists()
    assert has_secret(extract.granted.grant_id)
    assert actions.purge(at=extract.purge_at) == 0


def test_purge_destroys_the_key_of_a_grant_that_is_over_with_a_proof(extract: Extract) -> None:
    grant = extract.granted.grant_id
    kept = places.bundle_of(extract.pk) / "data.csv"
    copy = kept.read_bytes()
    end(extract)

    assert actions.purge(at=timezone.now()) == 1

    assert not has_secret(grant)
    [event] = events(subject=f"grant:{grant}", kind="grant.secret_destroyed")
    assert len(event.details["proof"]) == 64
    # A copy of the sealed bytes that survives somewhere opens no more.
    kept.parent.mkdir()
    kept.write_bytes(copy)
    with pytest.raises(SecretGone):
        content(extract, "data.csv")


def test_a_legal_hold_keeps_the_bytes_and_opens_nothing(extract: Extract) -> None:
    """I17: a hold never reopens access."""
    grace, now = people.grace().actor, timezone.now()
    actions.hold(extract_id=extract.pk, reason="A court asks.", by=grace, at=now)
    end(extract)

    assert actions.purge(at=now) == 0
    assert places.bundle_of(extract.pk).exists()
    assert has_secret(extract.granted.grant_id)
    assert fetched(people.ada(), extract).status_code == 409

    actions.release_hold(extract_id=extract.pk, reason="It is over.", by=grace, at=now)
    assert actions.purge(at=now) == 1
    assert not has_secret(extract.granted.grant_id)


def test_a_hold_says_why_and_is_the_producers(extract: Extract) -> None:
    now = timezone.now()

    with pytest.raises(Invalid, match="Say why"):
        actions.hold(extract_id=extract.pk, reason=" ", by=people.grace().actor, at=now)
    for person in (people.ada(), people.katherine(), people.margaret()):
        with pytest.raises(Unknown):
            actions.hold(extract_id=extract.pk, reason="x", by=person.actor, at=now)
    with pytest.raises(Unknown):
        actions.hold(extract_id=extract.granted_id, reason="x", by=people.grace().actor, at=now)


# -- pages ------------------------------------------------------------------------------------------


def test_the_pages_start_follow_and_fetch(extract: Extract) -> None:
    browser = people.ada().browser()
    grant = extract.granted.grant_id

    listed = browser.get(f"/grants/{grant}/extracts")
    shown = browser.get(f"/extracts/{extract.pk}")
    started = browser.post(
        f"/grants/{grant}/extracts", {"dataset": str(extract.granted.dataset_id)}
    )
    file = browser.get(f"/extracts/{extract.pk}/files/data.csv")

    assert listed.status_code == 200
    assert shown.status_code == 200
    assert "data.parquet" in shown.content.decode()
    assert extract.files.get(name="data.csv").sha256 in shown.content.decode()
    assert started.headers["Location"] == f"/extracts/{extract.pk}"
    assert body(file) == content(extract, "data.csv")


def test_the_page_of_an_extract_under_way_asks_again_by_itself_and_then_is_read_anew() -> None:
    extract = asked(granted())
    browser = people.ada().browser()
    path = f"/extracts/{extract.pk}/progress"

    waiting = browser.get(path)
    browser.post(f"/extracts/{extract.pk}/cancel")
    over = browser.get(path)

    assert 'hx-trigger="every 2s"' in waiting.content.decode()
    assert "HX-Refresh" not in waiting.headers
    assert over.headers["HX-Refresh"] == "true"
    assert "hx-trigger" not in over.content.decode()
    assert browser.post(f"/extracts/{extract.pk}/cancel").status_code == 409


def test_the_page_of_a_failure_says_why_and_what_would_help() -> None:
    extract = made(granted(vault.dataset_of_pupils(40, k=20, suppression_cap=0.0)))

    page = people.ada().browser().get(f"/extracts/{extract.pk}").content.decode()

    assert 'data-code="disclosure"' in page
    assert 'data-code="coarser"' in page


def test_the_pages_say_why_a_grant_opens_nothing_any_more(extract: Extract) -> None:
    end(extract)
    browser, grant = people.ada().browser(), extract.granted.grant_id

    assert 'data-code="expired"' in browser.get(f"/extracts/{extract.pk}").content.decode()
    refused = browser.post(
        f"/grants/{grant}/extracts", {"dataset": str(extract.granted.dataset_id)}
    )
    assert refused.status_code == 409


@pytest.mark.parametrize("page", ["", "/progress", "/files/data.csv"])
def test_strangers_find_no_page(extract: Extract, page: str) -> None:
    assert people.linus().browser().get(f"/extracts/{extract.pk}{page}").status_code == 404


def test_strangers_start_and_cancel_nothing(extract: Extract) -> None:
    browser, grant = people.linus().browser(), extract.granted.grant_id
    dataset = {"dataset": str(extract.granted.dataset_id)}

    assert browser.get(f"/grants/{grant}/extracts").status_code == 404
    assert browser.post(f"/grants/{grant}/extracts", dataset).status_code == 404
    assert browser.post(f"/extracts/{extract.pk}/cancel").status_code == 404
