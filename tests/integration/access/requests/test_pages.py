"""The pages of requests, walked by named people."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from access.requests.actions import Said, take
from access.requests.models import AccessRequest
from access.requests.states import Adviser, State, Step
from tests import people
from tests.factories import requests
from tests.factories.catalogue import dataset
from tests.factories.charters import signed_by

pytestmark = pytest.mark.django_db


def text(response: Any) -> str:
    return str(response.content.decode())


def test_ada_walks_the_guided_path_to_a_submitted_request() -> None:
    ada, base = people.ada(), dataset()
    signed_by(ada)
    browser = ada.browser()

    begun = browser.post(reverse("new_request"), {"dataset": base.slug, "title": "Marks"})
    request = AccessRequest.objects.get()
    assert begun.url == reverse("request_project", args=[request.pk])

    page = browser.get(begun.url)
    assert page.status_code == 200
    saved = browser.post(
        begun.url,
        {"title": "Marks", "context": "c", "question": "q", "outputs": "o", "version": 1},
    )
    assert saved.url == reverse("request_data", args=[request.pk])
    assert base.title in text(browser.get(saved.url))

    fields = reverse("request_fields", args=[request.pk, base.pk])
    positions = {"date_naissance": 2, "session": 5, "note": 6}
    chosen = {f"ask-{position}": "1" for position in positions.values()}
    browser.post(fields, {**chosen, "why-2": "Age.", "why-6": "Marks.", "detail-2": "year"})
    page = text(browser.get(fields))
    assert "date_naissance" in page
    assert "hub-received" in page

    conditions = reverse("request_conditions", args=[request.pk])
    ends_on = timezone.now().date() + timedelta(days=100)
    request.refresh_from_db()
    browser.post(
        conditions,
        {
            "purpose": "research",
            "legal_basis": "public_task",
            "hosting": "h",
            "security": "s",
            "ends_on": ends_on.isoformat(),
            "version": request.version,
        },
    )
    assert browser.get(reverse("request_team", args=[request.pk])).status_code == 200
    review = text(browser.get(reverse("request_review", args=[request.pk])))
    assert 'id="missing"' not in review

    submitted = browser.post(reverse("request_step", args=[request.pk, "submit"]))
    assert submitted.url == reverse("request", args=[request.pk])
    request.refresh_from_db()
    assert request.state == State.SUBMITTED
    assert browser.get(submitted.url).status_code == 200


def test_an_unfinished_request_says_all_that_is_missing_and_keeps_what_was_written() -> None:
    ada = people.ada()
    request = requests.draft(ada, [], context="")
    browser = ada.browser()

    review = text(browser.get(reverse("request_review", args=[request.pk])))
    refused = browser.post(reverse("request_step", args=[request.pk, "submit"]))

    assert 'data-code="missing-context"' in review
    assert refused.status_code == 409
    assert 'data-code="no-dataset"' in text(refused)
    assert "What explains the marks" in text(refused)


def test_a_stale_form_is_refused_with_the_input_kept() -> None:
    ada = people.ada()
    request = requests.draft(ada, [dataset()])
    url = reverse("request_project", args=[request.pk])

    refused = ada.browser().post(url, {"title": "Something new", "version": 1})

    assert refused.status_code == 409
    assert "Something new" in text(refused)
    request.refresh_from_db()
    assert request.title == "What explains the marks"


def test_an_invitation_reads_the_same_whether_the_address_is_known_or_not() -> None:
    ada = people.ada()
    request = requests.draft(ada, [dataset()])
    browser, url = ada.browser(), reverse("request_team", args=[request.pk])
    people.alan()

    def invite(email: str) -> str:
        request.refresh_from_db()
        browser.post(url, {"email": email, "affiliation": "", "version": request.version})
        page = text(browser.get(url))
        row = page[page.index(email) : page.index("</tr>", page.index(email))]
        member = request.team.get(email=email)
        return row.replace(email, "").replace(str(member.pk), "")

    assert invite("alan@example.org") == invite("nobody@example.org")


@pytest.mark.parametrize(
    "name",
    [
        "request",
        "request_project",
        "request_data",
        "request_conditions",
        "request_team",
        "request_review",
        "examine_request",
    ],
)
def test_strangers_get_nothing_of_a_request(name: str) -> None:
    request = requests.submitted()
    url = reverse(name, args=[request.pk])

    for nobody in (people.linus(), people.alan(), people.katherine(), people.margaret()):
        assert nobody.browser().get(url).status_code in {403, 404}


def test_grace_examines_and_approves_from_the_examination_page() -> None:
    request = requests.submitted()
    browser = people.grace().browser()
    base = request.datasets.get().dataset

    queue = text(browser.get(reverse("examine_requests")))
    assert request.title in queue
    page = browser.get(reverse("examine_request", args=[request.pk]))
    assert page.status_code == 200
    assert "Adviser" not in text(page)

    browser.post(reverse("examine_step", args=[request.pk, "start_review"]))
    page = text(browser.get(reverse("examine_request", args=[request.pk])))
    assert f"step-approve-{base.pk}" in page
    request.refresh_from_db()
    approved = browser.post(
        reverse("examine_step", args=[request.pk, "approve"]),
        {"dataset_id": base.pk, "reason": "Sound.", "version": request.version},
    )
    assert approved.status_code == 302
    request.refresh_from_db()
    assert request.state == State.APPROVED
    assert people.ada().browser().get(reverse("grant", args=[request.pk])).status_code == 200


def test_a_refused_step_of_the_examination_keeps_the_input() -> None:
    request = requests.in_review()
    base = request.datasets.get().dataset
    take(
        request_id=request.pk,
        step=Step.GIVE_OPINION,
        by=people.noor().actor,
        at=timezone.now(),
        said=Said(reason="Too much.", adviser=Adviser.DPO, favourable=False),
    )
    request.refresh_from_db()

    refused = (
        people.grace()
        .browser()
        .post(
            reverse("examine_step", args=[request.pk, "approve"]),
            {"dataset_id": base.pk, "reason": "My long reason", "version": request.version},
        )
    )

    assert refused.status_code == 409
    assert "My long reason" in text(refused)
    assert 'data-code="opinion-unfavourable"' in text(refused)


def test_noor_gives_an_opinion_and_barbara_and_hedy_read() -> None:
    request = requests.in_review()
    url = reverse("examine_step", args=[request.pk, "give_opinion"])

    given = (
        people.noor()
        .browser()
        .post(
            url,
            {"adviser": "dpo", "favourable": "yes", "reason": "Fine.", "version": request.version},
        )
    )

    assert given.status_code == 302
    assert request.opinions.get().favourable
    for reader in (people.barbara(), people.hedy()):
        page = reader.browser().get(reverse("examine_request", args=[request.pk]))
        assert "Fine." in text(page)


def test_the_examination_shows_what_changed_since_the_last_revision() -> None:
    request = requests.submitted()
    take(
        request_id=request.pk,
        step=Step.REQUEST_CHANGES,
        by=people.grace().actor,
        at=timezone.now(),
        said=Said(reason="Say more of the context."),
    )
    ada = people.ada()
    browser, url = ada.browser(), reverse("request_project", args=[request.pk])
    assert "Say more of the context." in text(browser.get(url))
    request.refresh_from_db()
    browser.post(
        url,
        {
            "title": request.title,
            "context": "A thesis on twins.",
            "question": request.question,
            "outputs": request.outputs,
            "version": request.version,
        },
    )
    browser.post(reverse("request_step", args=[request.pk, "submit"]))

    page = text(people.grace().browser().get(reverse("examine_request", args=[request.pk])))

    assert "<ins>A thesis on twins.</ins>" in page
    assert "<del>A thesis.</del>" in page


def test_ada_withdraws_and_sees_her_requests() -> None:
    request = requests.submitted()
    browser = people.ada().browser()

    browser.post(reverse("request_step", args=[request.pk, "withdraw"]))

    request.refresh_from_db()
    assert request.state == State.WITHDRAWN
    assert request.title in text(browser.get(reverse("my_requests")))


def test_a_person_without_an_organisation_is_told_what_to_do() -> None:
    ada = people.ada()
    ada.membership.delete()

    refused = ada.browser().post(reverse("new_request"), {"title": "x"})

    assert refused.status_code == 409
    assert 'data-code="no-membership"' in text(refused)


def test_the_administration_opens_on_what_waits_by_age() -> None:
    request = requests.submitted()

    assert request.title in text(people.grace().browser().get("/admin/"))
    assert request.title in text(people.hedy().browser().get("/admin/"))
    assert request.title not in text(people.margaret().browser().get("/admin/"))
    assert request.title not in text(people.katherine().browser().get("/admin/"))
    assert people.ada().browser().get("/admin/").status_code == 403


def test_datasets_are_added_and_taken_out_of_a_draft() -> None:
    ada, base, other = people.ada(), dataset(), dataset("absences")
    opened = dataset("open-one", unit="school", tier="open")  # type: ignore[arg-type]
    request = requests.draft(ada, [base])
    browser, url = ada.browser(), reverse("request_data", args=[request.pk])

    assert other.title in text(browser.get(url))
    assert opened.title not in text(browser.get(url))
    assert browser.post(url, {"dataset": other.slug}).status_code == 302
    refused = browser.post(url, {"dataset": opened.slug})
    assert refused.status_code == 409
    assert 'data-code="needs-no-request"' in text(refused)
    assert 'data-code="asked-already"' in text(browser.post(url, {"dataset": base.slug}))
    assert browser.post(url, {"drop": str(base.pk)}).status_code == 302
    assert [row.dataset for row in request.datasets.all()] == [other]
    assert browser.post(url, {"drop": str(base.pk)}).status_code == 404
    assert browser.post(url, {"drop": "x"}).status_code == 404
    assert browser.post(url, {"dataset": "nothing-there"}).status_code == 404


def test_somebody_is_taken_out_of_the_team() -> None:
    ada = people.ada()
    request = requests.draft(ada, [dataset()], team=["alan@example.org"])
    browser, url = ada.browser(), reverse("request_team", args=[request.pk])

    assert browser.post(url, {"remove": str(request.team.get().pk)}).status_code == 302

    assert not request.team.exists()
    wrong = browser.post(url, {"email": "nobody", "version": 1})
    assert "nobody" in text(wrong)


def test_a_request_begins_with_or_without_a_dataset() -> None:
    ada, base = people.ada(), dataset()
    browser, url = ada.browser(), reverse("new_request")

    assert base.title in text(browser.get(url, {"dataset": base.slug}))
    assert browser.get(url, {"dataset": "nothing-there"}).status_code == 200
    assert browser.post(url, {"dataset": "nothing-there"}).status_code == 404
    later = browser.post(url, {"title": "x"})
    project = {"title": "x", "version": AccessRequest.objects.get().version, "later": "1"}
    assert browser.post(later.url, project).url == reverse(
        "request", args=[AccessRequest.objects.get().pk]
    )


def test_row_filters_are_written_in_words_and_wrong_ones_refused_with_the_input_kept() -> None:
    ada, base = people.ada(), dataset()
    request = requests.draft(ada, [base])
    browser, url = ada.browser(), reverse("request_fields", args=[request.pk, base.pk])
    chosen = {"ask-5": "1", "filter-field": "session", "filter-values": "2024; 2025"}

    saved = browser.post(url, {**chosen, "filter-operator": "in", "on": "1"})
    assert saved.url == reverse("request_data", args=[request.pk])
    assert request.datasets.get().row_filters == [
        {"field": "session", "operator": "in", "values": ["2024", "2025"]}
    ]
    assert "2024; 2025" in text(browser.get(reverse("request", args=[request.pk])))
    wrong = browser.post(url, {**chosen, "filter-operator": "resembles"})
    assert wrong.status_code == 409
    assert "2024; 2025" in text(wrong)
    other = reverse("request_fields", args=[request.pk, request.pk])
    assert browser.get(other).status_code == 404


def test_a_dataset_that_is_withdrawn_is_named_in_what_is_missing() -> None:
    ada, base = people.ada(), dataset()
    signed_by(ada)
    request = requests.draft(ada, [base])
    base.state = "withdrawn"
    base.withdrawn_at = timezone.now()
    base.save(update_fields=["state", "withdrawn_at"])

    page = text(ada.browser().get(reverse("request_review", args=[request.pk])))

    assert 'data-code="dataset-not-published"' in page


def test_what_is_not_a_step_of_the_applicant_is_not_found_and_a_late_one_is_explained() -> None:
    request = requests.approved()
    browser = people.ada().browser()

    assert browser.post(reverse("request_step", args=[request.pk, "approve"])).status_code == 404
    late = browser.post(reverse("request_step", args=[request.pk, "withdraw"]))
    assert late.status_code == 409
    assert 'data-code="not-from-here"' in text(late)
    examiner = people.grace().browser()
    assert examiner.post(reverse("examine_step", args=[request.pk, "lapse"])).status_code == 404


def test_the_officer_of_the_hubs_operator_gives_opinions_too(settings: Any) -> None:
    from hub.people.permissions import Profile, Role  # noqa: PLC0415

    request = requests.in_review()
    officer = people.person("Niels", people.hedy().organisation, Profile.AUTHORITY, [Role.DPO])
    url = reverse("examine_request", args=[request.pk])

    settings.HUB_OPERATOR = "Somebody else"
    assert officer.browser().get(url).status_code == 404
    settings.HUB_OPERATOR = officer.organisation.name
    assert officer.browser().get(url).status_code == 200
